"""Who are you, and which code does the app show? The forms of the password and of the second factor."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.models import AbstractBaseUser
from django.utils.timezone import now
from django_otp import devices_for_user
from django_otp.models import Device, VerifyNotAllowed

from beratung.login.devices import device_for


class PasswordForm(AuthenticationForm):
    """Django's form; but a name longer than any account's is refused before it is looked for, and counted in a short column."""

    username = UsernameField(
        max_length=150,
        widget=forms.TextInput(attrs={"autofocus": True}),
        error_messages={"max_length": "So lang ist kein Kontoname."},
    )


class CodeForm(forms.Form):
    """A code of the app, or one from paper; `device` is the one that took it."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Sechs Ziffern aus der App, oder einer Ihrer Codes auf Papier.",
        error_messages={"required": "Bitte geben Sie den Code ein."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, user: AbstractBaseUser, waiting: Device | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.waiting, self.device = user, waiting, None

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_class = "bl-form bl-login"
        helper.layout = Layout("code")
        helper.add_input(Submit("", "Weiter"))
        return helper

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split()).lower()
        self.device = device_for(self.user, code, waiting=self.waiting)
        if self.device is None:
            raise forms.ValidationError(self._why_not())
        return code

    def _why_not(self) -> str:
        devices = [self.waiting] if self.waiting else list(devices_for_user(self.user))
        for device in devices:
            device.refresh_from_db()
            allowed, reason = device.verify_is_allowed()
            if not allowed and reason["reason"] == VerifyNotAllowed.N_FAILED_ATTEMPTS:
                seconds = max(1, round((reason["locked_until"] - now()).total_seconds()))
                wait = "einer Sekunde" if seconds == 1 else f"{seconds} Sekunden"
                return f"Dieser Code stimmt nicht. Der nächste Versuch geht in {wait}."
        return "Dieser Code stimmt nicht. Bitte geben Sie den ein, den die App gerade zeigt."
