"""What does a family ask for? The search form reads it, and says at the field what it did not understand."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.everyday import Meant, topics_meant
from appointments.foreign_topics import topic_named_abroad
from appointments.models import Topic, with_translated_topics
from locations.active_wording import active_wording
from locations.places import Answer, Place, find_places
from locations.public_state import once_a_version

MORE = ("sprache", "zugang", "stufenlos")


class SearchForm(forms.Form):
    """The base of the form whose fields `filters.SlotFilter` declares.

    A field that was not understood is missing from `cleaned_data`, so that the search goes on with the rest.
    """

    def __init__(self, *args: Any, day: date, **given: Any) -> None:
        super().__init__(*args, **given)
        self.day = day
        self.answer = Answer()
        self.meant = Meant()
        if self.is_bound:
            self._leave_out_hints()

    @property
    def understood(self) -> dict[str, Any]:
        """Return the fields that were understood; nothing before anybody asked."""
        return self.cleaned_data if self.is_bound and self.errors is not None else {}

    @cached_property
    def helper(self) -> FormHelper:
        """Return how crispy draws the form. An order that was not understood is not sent on: nobody could correct it."""
        helper = FormHelper()
        helper.form_method = "get"
        helper.form_action = reverse_lazy("home")
        helper.form_class = "bl-form" if self.is_bound else "bl-form bl-form--2"
        order = ["sortierung"] if self.understood.get("sortierung") else []
        helper.layout = Layout("ort", "thema", "tag", "ab", *order, self._more)
        helper.add_input(Submit("", _("Termine zeigen")))
        return helper

    @cached_property
    def topics(self) -> list[Topic]:
        """Return all topics: to understand what was typed, and to offer them. At most one query."""
        language = get_language() or "de"
        return once_a_version(("topics", language), lambda: list(with_translated_topics(Topic.objects.all(), language)))

    def clean_ort(self) -> Place | None:
        text = self.cleaned_data["ort"]
        if not text:
            return None
        self.answer = find_places(text, self.day)
        if not self.answer.places:
            raise forms.ValidationError(_("„%(text)s“ kennen wir nicht.") % {"text": text}, code="unknown")
        if self.answer.place is None:
            raise forms.ValidationError(
                _("„%(text)s“ gibt es mehrmals. Bitte eine Gemeinde wählen.") % {"text": text}, code="ambiguous"
            )
        return self.answer.place

    def clean_thema(self) -> Topic | None:
        text = self.cleaned_data["thema"]
        self.meant = self._meant(text)
        if text and not self.meant.best:
            raise forms.ValidationError(
                _("„%(text)s“ kennen wir nicht als Thema. Gezeigt werden alle Themen.") % {"text": text}, code="unknown"
            )
        return self.meant.best

    def _meant(self, text: str) -> Meant:
        """Return what was meant, in the language of the page before any other: "rent" is no misspelt "Rente"."""
        is_german = get_language() in (None, "de")
        by_name = None if is_german else topic_named_abroad(text, self.topics)
        meant = Meant(by_name) if by_name else topics_meant(text, self.topics)
        return Meant(topic_named_abroad(text, self.topics)) if is_german and text and not meant.best else meant

    @property
    def place_is_open(self) -> bool:
        """Return whether a place was typed that nobody knows, or that exists more than once."""
        return self.has_error("ort", "unknown") or self.has_error("ort", "ambiguous")

    @property
    def searched_for(self) -> str:
        """Return place and topic that were understood, as typed."""
        return active_wording().comma.join(self.data[name] for name in ("ort", "thema") if self.understood.get(name))

    @property
    def _more(self) -> Fieldset:
        """Return the fields few need: folded, but open where one of them is used or was not understood."""
        is_used = any(self.understood.get(name) or self.has_error(name) for name in MORE) if self.is_bound else False
        legend = _("Mehr angeben: Sprache, stufenlos, Telefon")
        return Fieldset(legend, *MORE, template="kern/layout/details.html", **({"open": "open"} if is_used else {}))

    def _leave_out_hints(self) -> None:
        """Beside the results there is no room for examples, and whoever got there needs none."""
        for field in self.fields.values():
            field.help_text = ""
