"""How does somebody log in? One page for the password, one for the second factor, one for setting it up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as remember_device

from beratung.login.devices import confirm, has_second_factor, key_of, new_paper_codes, picture_of, waiting_app
from beratung.login.forms import CodeForm, PasswordForm
from beratung.login.lockout import OF_A_NAME, OF_A_NETWORK, normal
from beratung.login.middleware import OWES_CODE
from beratung.rate_limits import too_many
from locations.rate_limits import Limit, sender_of, wait, wait_after_counting


class Login(LoginView):
    """The password; staff go on to the desk, members of a committee to the decision's page."""

    template_name = "login/login.html"
    authentication_form = PasswordForm
    extra_context = {"nav": "login"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        oidc = {"oidc": bool(settings.OIDC_RP_CLIENT_ID), "oidc_failed": "fehlgeschlagen" in self.request.GET}
        return super().get_context_data(**kwargs) | oidc

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seconds = max(wait(limit, sender, timezone.now()) for limit, sender in self._counts())
        return too_many(request, seconds) if seconds else super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        if not getattr(self.request, "axes_locked_out", False):
            for limit, sender in self._counts():
                wait_after_counting(limit, sender, timezone.now())
        return super().form_invalid(form)

    def _counts(self) -> list[tuple[Limit, str | None]]:
        name = self.request.POST.get("username", "")
        return [(OF_A_NETWORK, sender_of(self.request)), (OF_A_NAME, normal(name))]

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        self.request.session[OWES_CODE] = has_second_factor(self.request.user)
        return response

    def get_default_redirect_url(self) -> str:
        return start_page(self.request)


def start_page(request: HttpRequest) -> str:
    return resolve_url("admin:index" if request.user.is_staff else "districts")


def _after(request: HttpRequest) -> str:
    """Return where the account wanted to go; an address of another site is not followed."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else start_page(request)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a code; or, where there is no app yet, show its key and ask for the first one."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if request.user.is_verified():
        return redirect(_after(request))
    device = None if has_second_factor(request.user) else waiting_app(request.user)
    form = CodeForm(request.POST or None, user=request.user, waiting=device)
    if not form.is_valid():
        key = {} if device is None else {"key": key_of(device), "picture": picture_of(device)}
        return render(request, "login/second_factor.html", {"form": form, "device": device, **key})
    codes = confirm(form.device) if device else []
    remember_device(request, form.device)
    request.session[OWES_CODE] = False
    if codes:
        return render(request, "login/paper_codes.html", {"codes": codes, "onwards": _after(request)})
    return redirect(_after(request))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD"])
def account(request: HttpRequest) -> HttpResponse:
    """Who am I here, and which second factor do I have?"""
    left = sum(device.token_set.count() for device in request.user.staticdevice_set.all())
    return render(
        request, "login/account.html", {"has_second_factor": has_second_factor(request.user), "codes_left": left}
    )


@never_cache
@login_required
@require_POST
def paper_codes(request: HttpRequest) -> HttpResponse:
    """Show new codes in place of the old ones; only to a session that has given its second factor."""
    if not request.user.is_verified():
        messages.error(request, "Neue Codes gibt es erst, wenn Sie einen zweiten Faktor eingegeben haben.")
        return redirect("second_factor")
    codes = new_paper_codes(request.user)
    return render(request, "login/paper_codes.html", {"codes": codes, "onwards": resolve_url("account")})
