"""Which slots does the query string ask for? Place and topic narrow the rows; days are compared with real dates later."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from appointments.everyday import related
from appointments.forms import SearchForm
from appointments.models import Language, Offer, Slot, SlotQuerySet, Topic
from appointments.search import WayIn, Wish, about, around
from locations.active_wording import active_wording
from locations.places import Place
from locations.public_state import once_a_version
from locations.wording import WEEKDAYS

LONGEST_TEXT = 80
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but blanks, as HTML counts them
DAY_CODES = tuple(day[:2].lower() for day in WEEKDAYS)  # mo, di, mi …
A_MONDAY = date(2024, 1, 1)
HOURS = range(8, 21)
ANY = ("", _("Egal"))

TEXT_ERRORS = {
    "max_length": _("Das sind mehr als 80 Zeichen. Gesucht wird ohne diese Angabe."),
}


def languages_spoken() -> list[tuple[str, str]]:
    """Return code and name of the languages of any offer, each also by its own name. At most one query."""
    spoken = once_a_version("languages spoken", _languages_spoken)
    return [(code, _named(active_wording().language_name(code, name), own)) for code, name, own in spoken]


def _languages_spoken() -> list[tuple[str, str, str]]:
    links = Offer.languages.through.objects.filter(language=OuterRef("pk"))
    return list(Language.objects.filter(Exists(links)).values_list("code", "name", "native_name"))


def _named(name: str, own: str) -> str:
    return name if name == own else f"{name} ({own})"


class TickBox(forms.CheckboxInput):
    """A box whose value is read as it was sent, so that nonsense can be told from a tick."""

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> str:
        return data.get(name, "")


class Tick(forms.BooleanField):
    widget = TickBox
    default_error_messages = {"invalid": _("Das haben wir nicht verstanden. Gezeigt werden alle Häuser.")}

    def to_python(self, value: str) -> bool:
        if value not in {"", "1", "on"}:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return bool(value)


class Ticked(django_filters.Filter):
    field_class = Tick


def _say_weekday(number: int) -> str:
    return str(active_wording().sentence_case(active_wording().weekday(A_MONDAY + timedelta(days=number))))


def _say_hour(hour: int) -> str:
    return str(active_wording().time_text(time(hour)))


# The form is declared once and shown in many languages.
_weekday, _hour = lazy(_say_weekday, str), lazy(_say_hour, str)


def _index_of_day(code: str) -> int:
    return DAY_CODES.index(code)


class SlotFilter(django_filters.FilterSet):
    """The search of a family.

    Parameters: ort, thema, tag (mo to so), ab (hour), sprache (ISO 639), zugang (offen, anmeldung, fern), stufenlos (1),
    sortierung.
    """

    ort = django_filters.CharFilter(
        method="near",
        label=_("Ort oder Postleitzahl"),
        help_text=_("Zum Beispiel Bortfeld oder 31226"),
        max_length=LONGEST_TEXT,
        error_messages=TEXT_ERRORS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "search"}),
    )
    thema = django_filters.CharFilter(
        method="on_topic",
        label=_("Thema"),
        help_text=_("Zum Beispiel Schulden, Trennung"),
        max_length=LONGEST_TEXT,
        error_messages=TEXT_ERRORS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "themen", "enterkeyhint": "search"}),
    )
    tag = django_filters.TypedChoiceFilter(
        method="compared_later",
        label=_("Wochentag"),
        choices=(ANY, *((code, _weekday(number)) for number, code in enumerate(DAY_CODES))),
        coerce=_index_of_day,
        error_messages={"invalid_choice": _("Diesen Wochentag kennen wir nicht. Gezeigt werden alle Tage.")},
    )
    ab = django_filters.TypedChoiceFilter(
        method="compared_later",
        label=_("Beginn frühestens"),
        choices=(ANY, *((str(hour), _hour(hour)) for hour in HOURS)),
        coerce=int,
        error_messages={"invalid_choice": _("Bitte eine Uhrzeit von 8 bis 20 Uhr wählen. Gezeigt werden alle Zeiten.")},
    )
    sprache = django_filters.ChoiceFilter(
        method="compared_at_once",
        label=_("Sprache der Beratung"),
        empty_label=ANY[1],
        error_messages={"invalid_choice": _("Diese Sprache kennen wir nicht. Gezeigt werden alle Sprachen.")},
    )
    zugang = django_filters.TypedChoiceFilter(
        method="compared_at_once",
        label=_("So möchten Sie sprechen"),
        choices=(
            ANY,
            (WayIn.DROP_IN.value, _("Ohne Anmeldung")),
            (WayIn.BY_APPOINTMENT.value, _("Mit Anmeldung")),
            (WayIn.FROM_HOME.value, _("Telefon, online")),
        ),
        coerce=WayIn,
        error_messages={"invalid_choice": _("Das kennen wir nicht. Gezeigt werden alle Wege zur Beratung.")},
    )
    stufenlos = Ticked(method="compared_at_once", label=_("Nur Häuser ohne Stufen"))
    sortierung = django_filters.ChoiceFilter(
        method="compared_later",
        label=_("Sortierung"),
        choices=(("datum", _("nach Datum")), ("entfernung", _("nach Entfernung"))),
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("Diese Sortierung kennen wir nicht. Sortiert wird nach Datum.")},
    )

    class Meta:
        model = Slot
        fields: tuple[str, ...] = ()
        form = SearchForm

    def __init__(self, data: QueryDict | None, queryset: SlotQuerySet, *, day: date) -> None:
        super().__init__(None if data is None else _readable(data), queryset)
        self.day = day
        self.filters["thema"].field.show_optional = True
        self.filters["sprache"].field.choices = [ANY, *languages_spoken()]

    def get_form_class(self) -> Callable[..., SearchForm]:
        return partial(super().get_form_class(), day=self.day)

    @property
    def wish(self) -> Wish:
        """Return what was understood."""
        read = self.form.understood
        return Wish(
            place=read.get("ort") or None,
            topics=(read["thema"],) if read.get("thema") else (),
            related=tuple(related(read["thema"], self.form.topics)) if read.get("thema") else (),
            weekday=_number(read.get("tag")),
            from_hour=_number(read.get("ab")),
            language=read.get("sprache") or "",
            way_in=read.get("zugang") or None,
            step_free=bool(read.get("stufenlos")),
            by_distance=read.get("sortierung") == "entfernung" and bool(read.get("ort")),
        )

    def near(self, slots: SlotQuerySet, _name: str, place: Place) -> SlotQuerySet:
        return slots.filter(around(place, self.wish.reach_km))

    def on_topic(self, slots: SlotQuerySet, _name: str, topic: Topic) -> SlotQuerySet:
        return slots.filter(about([topic]))

    def compared_at_once(self, slots: SlotQuerySet, _name: str, _value: object) -> SlotQuerySet:
        """Return the slots unchanged: `pages.results` narrows them, and those further away, by `accessible`."""
        return slots

    def compared_later(self, slots: SlotQuerySet, _name: str, _value: object) -> SlotQuerySet:
        return slots


def asks_for_something(query: Mapping[str, Any]) -> bool:
    """Return whether the query string holds a question, even an empty or a wrong one."""
    return any(name in query for name in (*SlotFilter.base_filters, "seite"))


def _readable(query: QueryDict) -> QueryDict:
    """Return the query without control characters, which no page may hold; a sign stands where each was.

    PostgreSQL refuses NUL besides.
    """
    readable = query.copy()
    for name, values in query.lists():
        readable.setlist(name, [CONTROL.sub("\N{REPLACEMENT CHARACTER}", value) for value in values])
    return readable


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
