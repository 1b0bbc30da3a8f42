"""What is wrong with a slot? The form in which a family says so, without a word about itself."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, Submit
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.cookieless import FormToken, Verdict
from appointments.models import MistakeReport, Slot

LONGEST_TEXT = 500

WHY_NOT = {
    Verdict.TOO_FAST: gettext_lazy(
        "Das ging sehr schnell. Bitte prüfen Sie Ihre Angaben und senden Sie sie noch einmal."
    ),
    Verdict.EXPIRED: gettext_lazy(
        "Die Seite war länger als vier Stunden offen. Bitte senden Sie den Hinweis noch einmal."
    ),
    Verdict.FORGED: gettext_lazy("Dieses Formular galt nicht mehr. Bitte senden Sie den Hinweis noch einmal."),
}


class PlainTextField(forms.CharField):
    """A text whose line ends count once, as the browser counts them, and that holds no sign without a face."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")
        return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


class ReportForm(forms.Form):
    """A report about one slot; `token` proves where it comes from, and `homepage` must stay empty (robots fill it)."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Was stimmt nicht?"),
        choices=MistakeReport.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Bitte wählen Sie aus, was nicht stimmt."),
            "invalid_choice": gettext_lazy("Bitte wählen Sie aus dieser Liste aus."),
        },
    )
    text = PlainTextField(
        label=gettext_lazy("Was haben Sie bemerkt?"),
        help_text=gettext_lazy("Höchstens 500 Zeichen. Bitte nennen Sie keine Namen und nichts über sich oder andere."),
        required=False,
        # No maxlength for the browser: it would cut a pasted text without a word.
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
    )
    homepage = PlainTextField(
        label=gettext_lazy("Bitte leer lassen"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    token = PlainTextField(widget=forms.HiddenInput, required=False)

    use_required_attribute = False  # the browser's own words would come in its language, and vanish at once

    def __init__(self, data: QueryDict | None = None, *, slot: Slot, now: datetime) -> None:
        self.tokens, self.now = FormToken("mistake-report", str(slot.uuid)), now
        super().__init__(None if data is None else without_nul(data), initial={"token": self.tokens.issue(now)})
        self.fields["text"].show_optional = True

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_class = "bl-form"
        helper.form_action = ""
        helper.disable_csrf = True  # its token would set a cookie
        helper.layout = Layout("kind", "text", Div("homepage", hidden=True), "token")
        helper.add_input(Submit("", _("Hinweis senden")))
        return helper

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if len(text) > LONGEST_TEXT:
            raise forms.ValidationError(
                _("Das sind %(length)s Zeichen. Bitte kürzen Sie auf höchstens 500.") % {"length": len(text)},
                code="max_length",
            )
        if not text and self.cleaned_data.get("kind") == MistakeReport.Kind.OTHER:
            raise forms.ValidationError(_("Bitte schreiben Sie kurz, was nicht stimmt."), code="required")
        return text

    def clean_homepage(self) -> None:
        if self.cleaned_data["homepage"]:
            self._renew(homepage="")
            raise forms.ValidationError(
                _("Ein Feld, das leer bleiben muss, war ausgefüllt. Jetzt ist es leer. Bitte senden Sie noch einmal.")
            )

    def clean_token(self) -> str:
        token = self.cleaned_data["token"]
        verdict = self.tokens.judge(token, self.now)
        if verdict is Verdict.GOOD:
            return token
        if verdict is not Verdict.TOO_FAST:
            self._renew(token=self.tokens.issue(self.now))
        raise forms.ValidationError(WHY_NOT[verdict], code=verdict.name.lower())

    def _renew(self, **values: str) -> None:
        """Put other values than those sent into the form that is shown again."""
        for name, value in values.items():
            self.data[name] = value


def without_nul(data: QueryDict) -> QueryDict:
    """Return a copy that may be changed, without the sign that neither a page nor PostgreSQL can hold."""
    copy = data.copy()
    for name, values in data.lists():
        copy.setlist(name, [value.replace("\0", "") for value in values])
    return copy
