"""Is this session more than half-way in? Without its second factor an account gets nowhere."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

# Set at the login of an account that has a second factor, even where nobody is obliged to have one.
OWES_CODE = "owes_code"


class SecondFactorMiddleware:
    """Sends an account that owes its second factor to the page that asks for it, from whatever page it wanted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not owes_code(request) or request.path in _open_paths():
            return self.get_response(request)
        response = redirect(f"{reverse('second_factor')}?{urlencode({'next': request.get_full_path()})}")
        response.headers["Cache-Control"] = "private, no-store"
        return response


def owes_code(request: HttpRequest) -> bool:
    # Without the cookie there is no session; asking for the user would make every public answer vary by cookie.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return False
    if request.user.is_verified() or request.session.get("second_factor_elsewhere"):
        return False
    return bool(request.session.get(OWES_CODE)) or (settings.SECOND_FACTOR and request.user.is_staff)


def _open_paths() -> set[str]:
    return {reverse(name) for name in ("second_factor", "logout", "admin:logout", "healthz")}
