"""Is this slot still right? The form a provider answers, one part for each slot."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models
from django.http import QueryDict

from appointments.confirmation_rounds import Answer
from appointments.cookieless import FormToken, Verdict
from appointments.models import ProviderLetter, Slot
from appointments.report_form import PlainTextField, without_nul

LONGEST_TEXT = 1000


class Choice(models.TextChoices):
    RIGHT = "stimmt", "Stimmt so"
    DIFFERENT = "anders", "Etwas ist anders"
    ENDS = "endet", "Der Termin endet"


class SlotAnswer(forms.Form):
    """One slot: right, different or ending; nothing chosen is no answer."""

    answer = forms.ChoiceField(
        label="Ihre Antwort",
        choices=Choice.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Bitte wählen Sie aus dieser Liste aus."},
    )
    text = PlainTextField(
        label="Was ist anders?",
        help_text="Zum Beispiel: „ab Januar jeden 2. Dienstag, 15–17 Uhr“. Bitte keine Namen von Ratsuchenden.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    last_day = forms.DateField(
        label="Letzter Tag",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Bitte geben Sie den Tag so ein: 31.12.2026."},
    )

    use_required_attribute = False

    def __init__(self, *args: Any, slot: Slot, today: date, **kwargs: Any) -> None:
        super().__init__(*args, prefix=slot.uuid.hex, **kwargs)
        self.slot, self.today = slot, today

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        chosen, text, last_day = (given.get(name) for name in ("answer", "text", "last_day"))
        if text and len(text) > LONGEST_TEXT:
            self.add_error("text", f"Das sind {len(text)} Zeichen. Bitte kürzen Sie auf höchstens {LONGEST_TEXT}.")
        if chosen == Choice.DIFFERENT and not text and "text" not in self.errors:
            self.add_error("text", "Bitte schreiben Sie kurz, was anders ist.")
        if chosen == Choice.ENDS and not last_day and "last_day" not in self.errors:
            self.add_error("last_day", "Bitte nennen Sie den letzten Tag.")
        if last_day and not self.slot.first_day <= last_day <= date(2199, 12, 31):
            self.add_error("last_day", f"Der Termin gilt ab {self.slot.first_day:%d.%m.%Y}; er kann nicht davor enden.")
        if (text or last_day) and not chosen:
            self.add_error("answer", "Bitte wählen Sie auch eine Antwort aus.")
        return given

    @property
    def said(self) -> Answer | None:
        """Return the answer, None where nothing was chosen."""
        match self.cleaned_data["answer"]:
            case Choice.RIGHT:
                return Answer(self.slot, is_right=True)
            case Choice.DIFFERENT:
                return Answer(self.slot, text=self.cleaned_data["text"])
            case Choice.ENDS:
                return Answer(self.slot, text=self.cleaned_data["text"], last_day=self.cleaned_data["last_day"])
        return None


class RoundForm:
    """All slots of a letter at once, with the signed token that stands in for a cookie."""

    def __init__(self, letter: ProviderLetter, slots: list[Slot], now: datetime, data: QueryDict | None = None) -> None:
        self.tokens, self.now = FormToken("confirmation-round", letter.uuid.hex), now
        self.data = without_nul(data) if data is not None else None
        self.parts = [SlotAnswer(self.data, slot=slot, today=now.date()) for slot in slots]

    @property
    def token(self) -> str:
        return self.tokens.issue(self.now)

    @property
    def is_stale(self) -> bool:
        """Return whether the form was open too long, or is not ours; one sent at once is no matter here."""
        sent = (self.data or {}).get("token", "")
        return self.tokens.judge(sent, self.now) in {Verdict.EXPIRED, Verdict.FORGED}

    def is_valid(self) -> bool:
        # Not all(): every part is read, so that all mistakes are told at once.
        return not sum(not part.is_valid() for part in self.parts)

    @property
    def answers(self) -> list[Answer]:
        return [said for part in self.parts if (said := part.said) is not None]
