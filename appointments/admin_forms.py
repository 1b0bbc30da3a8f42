"""How do staff enter a slot? Its rhythm in fields, never as RFC 5545 text, and its single days that are different."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from appointments.conflict_check import Check, check_conflicts, lock_those_involved
from appointments.conflicts import ConflictKind
from appointments.describe import describe, describe_rule
from appointments.models import Slot, SlotException
from appointments.occurrences import Occurrence, State, held, horizon
from appointments.preview import Preview, nearest_as_words
from appointments.reader import Reading, ReadItem, read_phrase
from appointments.recurrence import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_INTERVAL,
    MAX_TEXT,
    Monthly,
    Rule,
    RuleError,
    SingleDates,
    Weekly,
)
from appointments.schedule import Timetable, effective_last_day
from appointments.status import STAGE_DAYS, becomes_public, publishing_refusal
from appointments.wall_time import dst_problem
from locations.admin import SENSIBLE_YEARS
from locations.wording import date_digits, date_full, time_text

RHYTHMS = [("weekly", "jede … Woche"), ("monthly", "im Monat"), ("single", "einzelne Tage")]
ORDINALS = [("1", "1."), ("2", "2."), ("3", "3."), ("4", "4."), ("-1", "letzte")]
WEEKDAYS = [("0", "Mo"), ("1", "Di"), ("2", "Mi"), ("3", "Do"), ("4", "Fr"), ("5", "Sa"), ("6", "So")]

# Which fields a rhythm consists of, what is said when one is missing, and where its own complaints appear.
PARTS = {
    "weekly": {"weekdays", "interval", "anchor_day"},
    "monthly": {"weekdays", "ordinals"},
    "single": {"single_dates"},
}
MISSING = {
    "weekdays": "Bitte mindestens einen Wochentag ankreuzen.",
    "ordinals": "Bitte ankreuzen, der wievielte Wochentag im Monat es ist.",
    "single_dates": "Bitte mindestens einen Tag angeben.",
}
MISSING_ANCHOR = "Bitte einen Tag in einer Woche angeben, in der der Termin stattfindet."
STRAY = {
    "weekdays": "Bei einzelnen Tagen gibt es keinen Wochentag. Bitte die Häkchen entfernen oder den Rhythmus ändern.",
    "ordinals": "„Der wievielte“ gehört zu „im Monat“. Bitte dort den Rhythmus ändern oder die Häkchen entfernen.",
    "interval": "Ein Abstand gehört zu „jede … Woche“. Bitte 1 eintragen oder den Rhythmus ändern.",
    "single_dates": "Einzelne Tage gehören zu „einzelne Tage“. Bitte den Rhythmus ändern oder das Feld leeren.",
}
NOT_AGREED = "Ein Termin kann erst veröffentlicht sein, wenn er vereinbart ist."
# Constraints of the model again, because only a form knows at which field a sentence belongs.
ORDER = [
    ("start_time", "end_time", "Das Ende liegt nicht nach dem Beginn. Ein Termin geht nicht über Mitternacht."),
    ("first_day", "last_day", "Der letzte Tag liegt vor dem ersten Tag."),
    ("proposed_on", "agreed_on", "Ein Termin kann nicht vereinbart sein, bevor er vorgeschlagen ist."),
    ("agreed_on", "published_on", NOT_AGREED),
    ("proposed_on", "withdrawn_on", "Ein Termin kann nicht zurückgezogen sein, bevor er vorgeschlagen ist."),
]
HOME = {"weekly": "interval", "monthly": "ordinals", "single": "single_dates"}
INTERVAL_LIMITS = f"Der Abstand muss zwischen 1 und {MAX_INTERVAL} Wochen liegen."
YEARS = f"Das Jahr muss zwischen {FIRST_YEAR} und {LAST_YEAR} liegen."
RULE_YEARS = [MinValueValidator(date(FIRST_YEAR, 1, 1), YEARS), MaxValueValidator(date(LAST_YEAR, 12, 31), YEARS)]
# What a phrase says in place of, and how these fields stand when they say nothing.
WORDED = {
    "rhythm": None,
    "ordinals": None,
    "weekdays": None,
    "interval": 1,
    "anchor_day": None,
    "single_dates": None,
}
TIMES = ("start_time", "end_time")
# Lets the other checks of the model run when the typed rhythm is no rule; such a form is never saved.
STAND_IN_RULE = "FREQ=WEEKLY;BYDAY=MO"
DATE_FORMATS = ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d")


class DatesField(forms.CharField):
    """German dates, one a line or separated by commas; its value is a tuple of dates, ascending."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(date_digits, value)) if isinstance(value, tuple) else value

    def to_python(self, value: Any) -> tuple[date, ...]:
        words = re.split(r"[\s,;]+", super().to_python(value) or "")
        return tuple(sorted(_typed_date(word) for word in words if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return tuple(initial or ()) != self.to_python(data)
        except forms.ValidationError:
            return True


def _typed_date(word: str) -> date:
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(word, pattern).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    shown = word if len(word) <= 20 else f"{word[:19]}…"
    raise forms.ValidationError(f"„{shown}“ ist kein Tag. Bitte jeden Tag wie 24.09.2026 schreiben.")


class ChoiceBoxes(forms.MultipleChoiceField):
    """Checkboxes in a row; its value is a tuple of numbers."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "bl-inline-choices"})
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> tuple[int, ...]:
        return tuple(int(number) for number in super().clean(value))

    def prepare_value(self, value: Any) -> Any:
        return [str(number) for number in value] if value else value


class AsShown(forms.CharField):
    """How phrase and fields stood on the page that was filled in: tells which of the two was changed since."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


def _print(values: Iterable[Any]) -> str:
    return f"{zlib.crc32(' '.join(' '.join(str(value).split()) for value in values).encode()):08x}"


def fields_of(rule: Rule) -> dict[str, Any]:
    """Return the values of the rhythm's fields for a rule."""
    match rule:
        case Weekly():
            return {
                "rhythm": "weekly",
                "interval": rule.interval,
                "weekdays": rule.weekdays,
                "anchor_day": rule.anchor,
            }
        case Monthly():
            return {"rhythm": "monthly", "ordinals": rule.ordinals, "weekdays": rule.weekdays}
        case SingleDates():
            return {"rhythm": "single", "single_dates": rule.dates}


def rule_of(values: dict[str, Any]) -> Rule:
    """Return the rule for the values of the rhythm's fields, the inverse of `fields_of`. RuleError: they make none."""
    match values["rhythm"]:
        case "weekly":
            return Weekly(values["weekdays"], values.get("interval") or 1, values.get("anchor_day"))
        case "monthly":
            return Monthly(values["weekdays"], values["ordinals"])
    return SingleDates(values["single_dates"])


def _keep_to_rule_years(field: forms.Field) -> None:
    """Refuse years for which no rule can be written; the wider bounds of other dates would only say it twice."""
    field.validators = [known for known in field.validators if known not in SENSIBLE_YEARS] + RULE_YEARS


def _as_text(value: Any) -> list[str]:
    """Return a field's value as a browser would send it."""
    if isinstance(value, tuple) and value and isinstance(value[0], date):
        return ["\n".join(map(date_digits, value))]
    if isinstance(value, tuple):
        return [str(number) for number in value]
    if isinstance(value, date):
        return [date_digits(value)]
    return [f"{value:%H:%M}" if isinstance(value, time) else str(value)]


class SlotForm(forms.ModelForm):
    """A slot as staff think of it. `rule` is the typed rhythm, None where it is not complete."""

    phrase = forms.CharField(
        label="In Worten",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Etwa „jeden 2. Dienstag im Monat 14–16 Uhr“. „Termine neu berechnen“ füllt die Felder darunter aus.",
    )
    rhythm = forms.ChoiceField(
        label="Rhythmus",
        choices=RHYTHMS,
        initial="monthly",
        widget=forms.RadioSelect(attrs={"class": "bl-inline-choices"}),
        error_messages={"required": "Bitte einen Rhythmus wählen."},
    )
    interval = forms.IntegerField(
        label="Abstand in Wochen",
        required=False,
        initial=1,
        help_text="Bei „jede … Woche“: 1 heißt jede Woche, 2 alle zwei Wochen.",
        validators=[MinValueValidator(1, INTERVAL_LIMITS), MaxValueValidator(MAX_INTERVAL, INTERVAL_LIMITS)],
    )
    ordinals = ChoiceBoxes(
        label="Der wievielte",
        choices=ORDINALS,
        help_text="Bei „im Monat“. Einen fünften gibt es nicht in jedem Monat; gemeint ist meist der letzte.",
        error_messages={
            "invalid_choice": "Möglich sind der 1. bis 4. und der letzte; einen fünften hat nicht jeder Monat."
        },
    )
    weekdays = ChoiceBoxes(
        label="Wochentag",
        choices=WEEKDAYS,
        error_messages={"invalid_choice": "„%(value)s“ ist kein Wochentag."},
    )
    single_dates = DatesField(
        label="Einzelne Tage",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 24}),
        help_text="Nur bei „einzelne Tage“: einer je Zeile oder mit Komma, etwa 24.09.2026.",
    )

    as_shown = AsShown(required=False, max_length=40)

    # Whoever fills it in; the administration says who. Nobody may publish.
    user: Any = AnonymousUser()
    rule: Rule | None = None
    reading: Reading | None = None
    check: Check | None = None

    class Meta:
        model = Slot
        fields = [
            "offer",
            "institution",
            "room",
            "counsellors",
            "anchor_day",
            "start_time",
            "end_time",
            "first_day",
            "last_day",
            "school_holiday_policy",
            "proposed_on",
            "agreed_on",
            "published_on",
            "withdrawn_on",
            "note",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.rule:
            self._show_the_stored_rule()
        if self.is_bound:
            self._drop_words_overtaken_by_the_fields()
            if words := self.data.get(self.add_prefix("phrase"), "").strip():
                self._read(words)
            self._fill({"as_shown": self._as_it_stands()})
        else:
            self.initial["as_shown"] = self._as_it_stands()
        for name in ("anchor_day", "first_day", "last_day"):
            if name in self.fields:
                _keep_to_rule_years(self.fields[name])
        if "room" in self.fields:
            self._offer_the_rooms_of_the_institution()
        if "institution" in self.fields:
            houses = self.fields["institution"]
            houses.queryset = houses.queryset.select_related("municipality__district")

    def _show_the_stored_rule(self) -> None:
        try:
            stored = fields_of(self.instance.recurrence)
        except RuleError:
            return
        for name, value in stored.items():
            self.initial.setdefault(name, value)

    def _read(self, words: str) -> None:
        """Read the phrase, and fill the fields of the rhythm from it while they are empty or older than the phrase."""
        self.reading = read_phrase(words, anchor=self._typed_anchor())
        is_newest = self._is_newer_than_the_fields
        if len(self.reading.items) != 1 or (self._has_any("ordinals", "weekdays", "single_dates") and not is_newest):
            return
        item = self.reading.items[0]
        self._fill(WORDED | fields_of(item.rule))
        if item.school_holidays:
            self._fill({"school_holiday_policy": item.school_holidays})
        if item.start and item.end and (is_newest or not self._has_any(*TIMES)):
            self._fill({"start_time": item.start, "end_time": item.end})
        self.fields["phrase"].help_text = "Verstanden. Die Felder darunter sind ausgefüllt."

    def _as_it_stands(self) -> str:
        """Return the fields and the phrase as the page shows them, each as a few letters."""
        return f"{_print(self._value(name) for name in (*WORDED, *TIMES))}-{_print([self._value('phrase')])}"

    def _value(self, name: str) -> str:
        if self.is_bound:
            key = self.add_prefix(name)
            return " ".join(self.data.getlist(key) if hasattr(self.data, "getlist") else [str(self.data.get(key, ""))])
        value = self.get_initial_for_field(self.fields[name], name) if name in self.fields else None
        return "" if value is None else " ".join(_as_text(value))

    def _changed_since_shown(self) -> tuple[bool, bool]:
        """Return whether the fields and whether the phrase are others than on the page as it was shown."""
        before = self.data.get(self.add_prefix("as_shown"), "").partition("-")
        now = self._as_it_stands().partition("-")
        return (before[0] != now[0], before[2] != now[2]) if before[2] else (True, True)

    @property
    def _is_newer_than_the_fields(self) -> bool:
        """Return whether the phrase was changed last: the script says so, or the fields are as they were shown."""
        return "_from_words" in self.data or self._changed_since_shown() == (False, True)

    def _drop_words_overtaken_by_the_fields(self) -> None:
        if self._changed_since_shown() == (True, False):
            self._fill({"phrase": ""})

    def _typed_anchor(self) -> date | None:
        try:
            return self.fields["anchor_day"].to_python(self.data.get(self.add_prefix("anchor_day")))
        except forms.ValidationError:
            return None

    def _has_any(self, *names: str) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in names)

    def _fill(self, values: dict[str, Any]) -> None:
        data = self.data.copy()
        for name, value in values.items():
            data.setlist(self.add_prefix(name), [] if value is None else _as_text(value))
        self.data = data

    def _offer_the_rooms_of_the_institution(self) -> None:
        field = self.fields["room"]
        chosen = str(self.data.get(self.add_prefix("institution")) or self.initial.get("institution") or "")
        # The administration leaves only what the account may see.
        field.queryset = field.queryset.filter(institution_id=int(chosen) if chosen.isdecimal() else None)
        field.error_messages["invalid_choice"] = "Dieser Raum gehört zu einer anderen Einrichtung."
        field.help_text = "Die Räume der Einrichtung erscheinen, sobald sie gewählt und neu berechnet ist."

    @property
    def is_preview(self) -> bool:
        """Return whether the dates shall be computed and nothing saved."""
        return "_preview" in self.data

    def is_valid(self) -> bool:
        """Return whether the slot may be saved; a preview never is."""
        return super().is_valid() and not self.is_preview

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_order()
        self._check_that_it_is_agreed_before_it_is_published()
        self.rule = self._typed_rule()
        self.instance.rule = self.rule.text if self.rule else STAND_IN_RULE
        cleaned["anchor_day"] = getattr(self.rule, "anchor", None)
        if self.reading:
            self._check_the_words(self.reading)
        if self.rule:
            self._check_that_it_occurs(self.rule)
        return cleaned

    def _check_the_words(self, reading: Reading) -> None:
        if reading.unclear:
            self.add_error("phrase", f"Nicht verstanden. {reading.unclear}")
        elif len(reading.items) > 1:
            several = "; ".join(_said(item.rule, item.start, item.end) for item in reading.items)
            self.add_error("phrase", f"Das sind mehrere Termine, bitte jeden einzeln anlegen: {several}.")
        elif reading.items[0].season:
            self.add_error(
                "phrase",
                "Eine Jahreszeit gehört nicht zum Rhythmus. Bitte ohne sie schreiben und die Gültigkeit eintragen.",
            )
        else:
            self._refuse_what_the_fields_contradict(reading.items[0])

    def _refuse_what_the_fields_contradict(self, item: ReadItem) -> None:
        given = self.cleaned_data
        start, end = given.get("start_time"), given.get("end_time")
        policy = given.get("school_holiday_policy")
        if self.rule is None or not start or not end:
            return
        agrees = (
            item.rule == self.rule
            and item.start in (None, start)
            and item.end in (None, end)
            and item.school_holidays in ("", policy)
        )
        if not agrees:
            self.add_error(
                "phrase",
                f"Die Worte sagen „{_said(item.rule, item.start, item.end)}“, die Felder "
                f"„{describe(self.rule, start, end)}“. Bitte eines davon ändern; „In Worten“ darf leer bleiben.",
            )

    def _check_order(self) -> None:
        given = self.cleaned_data
        for early, late, message in ORDER:
            first, second = given.get(early), given.get(late)
            if first and second and (second < first or early == "start_time" and second == first):
                self.add_error(late, message)

    def _check_that_it_is_agreed_before_it_is_published(self) -> None:
        given = self.cleaned_data
        if given.get("published_on") and not given.get("agreed_on") and "agreed_on" not in self.errors:
            self.add_error("published_on", NOT_AGREED)

    def _typed_rule(self) -> Rule | None:
        rhythm = self.cleaned_data.get("rhythm")
        if rhythm is None:
            return None
        self._refuse_missing_parts(rhythm)
        self._refuse_stray_parts(rhythm)
        if self.errors.keys() & {"interval", "ordinals", "weekdays", "single_dates", "anchor_day"}:
            return None
        try:
            return rule_of(self.cleaned_data)
        except RuleError as error:
            self.add_error(HOME[rhythm], str(error))
            return None

    def _refuse_missing_parts(self, rhythm: str) -> None:
        given = self.cleaned_data
        needed = MISSING.keys() & PARTS[rhythm]
        if (given.get("interval") or 1) > 1 and rhythm == "weekly":
            needed |= {"anchor_day"}
        for name in needed - self.errors.keys():
            if not given.get(name):
                self.add_error(name, MISSING.get(name, MISSING_ANCHOR))

    def _refuse_stray_parts(self, rhythm: str) -> None:
        given = self.cleaned_data
        for name in STRAY.keys() - PARTS[rhythm]:
            if given.get(name) and (name, given[name]) != ("interval", 1):
                self.add_error(name, STRAY[name])

    def _check_that_it_occurs(self, rule: Rule) -> None:
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and "last_day" not in self.errors and not rule.days(first, last or date(LAST_YEAR, 12, 31)):
            self.add_error("rhythm", "Dieser Rhythmus hat in der Gültigkeit keinen einzigen Termin.")

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.rule is None:
            self.instance.rule = ""
        self.rows = self._typed_exceptions()
        self._check_publishing()
        if self.is_computable:
            self._check_the_clock()
            self._check_that_it_takes_place()
            self._check_conflicts()

    def _check_publishing(self) -> None:
        """Refuse to publish, by whatever field, what this account may not publish."""
        slot = self.instance
        if slot.institution_id is None or slot.proposed_on is None or "published_on" in self.errors:
            return
        before = Slot.objects.filter(pk=slot.pk).first() if slot.pk else None
        edited = set(self.changed_data) - STAGE_DAYS - {"phrase"} or self._has_changed_days
        if becomes_public(before, slot, timezone.localdate()):
            reason = publishing_refusal(slot=slot, user=self.user, edited_now=bool(edited))
            if reason:
                self.add_error("published_on" if "published_on" in self.fields else None, reason)

    @property
    def _has_changed_days(self) -> bool:
        return (
            "exceptions-TOTAL_FORMS" in self.data
            and ExceptionFormSet(self.data, instance=self.instance, prefix="exceptions").has_changed()
        )

    def _typed_exceptions(self) -> list[SlotException]:
        """Return the single days as typed; those stored where the page has no rows for them."""
        if "exceptions-TOTAL_FORMS" in self.data:
            return ExceptionFormSet(self.data, instance=self.instance, prefix="exceptions").rows
        return list(self.instance.exceptions.all()) if self.instance.pk else []

    @property
    def is_computable(self) -> bool:
        """Return whether enough is known to compute dates."""
        needed = {"institution", "start_time", "end_time", "first_day", "last_day"}
        return self.rule is not None and needed <= self.cleaned_data.keys() and "rhythm" not in self.errors

    @property
    def draft_is_known(self) -> bool:
        """Return whether enough is known to tell what the slot would bring about, conflicts and all."""
        return hasattr(self, "rows") and self.is_computable

    def _check_the_clock(self) -> None:
        first = max(timezone.localdate(), self.instance.first_day)
        # Single days may lie beyond the horizon.
        named = [*getattr(self.rule, "dates", ()), *(day for row in self.rows for day in (row.day, row.new_day) if day)]
        last = max([horizon(first), *named])
        timetable = Timetable.of_slots([self.instance], first, last)
        series = timetable.series(self.instance, self.rows)
        self._refuse_double_dates(held(series, timetable.calendar(self.instance), first, last))
        if problem := dst_problem(series, ZoneInfo(settings.TIME_ZONE), first, last):
            self.add_error("start_time", problem)

    def _check_that_it_takes_place(self) -> None:
        """Refuse a validity in which every date of the rule drops out: a slot that never takes place is no slot."""
        slot = self.instance
        if slot.withdrawn_on is not None or "rhythm" in self.errors:
            return
        end = effective_last_day(slot) or horizon(slot.first_day)
        timetable = Timetable.of_slots([slot], slot.first_day, min(end, horizon(slot.first_day)))
        found = timetable.dates(slot, self.rows).all
        if found and all(one.state is State.DROPPED for one in found):
            reasons = ", ".join(dict.fromkeys(one.reason for one in found))
            self.add_error("rhythm", f"In der Gültigkeit findet kein einziger Termin statt: {reasons}.")

    def _refuse_double_dates(self, dates: list[Occurrence]) -> None:
        """Refuse a date moved or added to a day and time at which the slot takes place already."""
        for one, other in pairwise(dates):
            if one.day == other.day and other.start < one.end:
                self.add_error(
                    None,
                    f"Am {date_full(one.day)} fände der Termin doppelt statt, ab {time_text(one.start)} und ab "
                    f"{time_text(other.start)}. Bitte die einzelnen Tage prüfen.",
                )
                return

    def _check_conflicts(self) -> None:
        """Refuse what would clash; the locks last until the request's transaction ends, so that of two writers one wins."""
        counsellors = list(self.cleaned_data.get("counsellors") or [])
        if not self.is_preview:
            keys = [counsellor.pk for counsellor in counsellors]
            lock_those_involved(counsellors=keys, rooms=[self.instance.room_id])
        self.check = check_conflicts(self.instance, rows=self.rows, counsellors=counsellors, today=timezone.localdate())
        for conflict, sentence in self.check.messages:
            self.add_error("room" if conflict.kind is ConflictKind.ROOM else "counsellors", sentence)

    def preview(self, today: date) -> Preview | None:
        """Return what would come of the slot; None while too little is known."""
        if self.is_bound:
            return Preview.of(self.instance, today, self.rows) if self.is_computable else None
        if not (self.instance.pk and self.initial.get("rhythm")):
            return None
        return Preview.of(self.instance, today)


def _said(rule: Rule, start: time | None, end: time | None) -> str:
    return describe(rule, start, end) if start else describe_rule(rule)


class SlotExceptionForm(forms.ModelForm):
    """One date that is not as the rule says."""

    class Meta:
        model = SlotException
        fields = ["day", "kind", "new_day", "new_start_time", "new_end_time", "new_institution", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("day", "new_day"):
            _keep_to_rule_years(self.fields[name])


class SlotExceptionFormSet(forms.BaseInlineFormSet):
    """The single days of a slot, checked against its rhythm and validity as typed on the same page."""

    @property
    def rows(self) -> list[SlotException]:
        """Return the rows that would be there after saving, as far as they are understood."""
        self.is_valid()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.instance for form in kept if form.is_valid() and (form.has_changed() or form.instance.pk)]

    def clean(self) -> None:
        super().clean()
        slot = self.instance
        if not (slot.rule and slot.first_day and slot.institution_id):
            return
        for form in self.forms:
            if form in self.deleted_forms or not form.is_valid():
                continue
            # Rows nobody touched stay as they are: a slot that was ended keeps what was entered for later days.
            problems = _day_problems(slot, form.instance) if form.has_changed() else _overtaken(slot, form.instance)
            for field, message in problems:
                form.add_error(field, message)


def _overtaken(slot: Slot, row: SlotException) -> Iterable[tuple[str, str]]:
    """Yield what the rhythm as typed makes of an extra date entered before: it must not turn into something else silently."""
    if row.pk is None or row.kind != SlotException.Kind.EXTRA or row.day < timezone.localdate():
        return
    if not _outside(slot, row.day) and slot.recurrence.days(row.day, row.day):
        yield (
            "day",
            f"Am {date_full(row.day)} ist nach dem neuen Rhythmus ohnehin ein Termin. Bitte den zusätzlichen löschen "
            "oder, wenn an diesem Tag geschlossen ist, „findet trotzdem statt“ wählen.",
        )


def _day_problems(slot: Slot, row: SlotException) -> Iterable[tuple[str, str]]:
    """Yield field and message for what does not fit the slot's rhythm or validity."""
    if outside := _outside(slot, row.day):
        yield "day", outside
        return
    is_date = bool(slot.recurrence.days(row.day, row.day))
    if row.kind == SlotException.Kind.EXTRA and is_date:
        yield "day", f"Am {date_full(row.day)} ist nach dem Rhythmus schon ein Termin, „zusätzlich“ passt dort nicht."
    if row.kind != SlotException.Kind.EXTRA and not is_date:
        yield "day", f"Am {date_full(row.day)} ist kein Termin. {nearest_as_words(slot, row.day)}"
    if row.new_day and (outside := _outside(slot, row.new_day)):
        yield "new_day", outside


def _outside(slot: Slot, day: date) -> str:
    """Return why the day is not within the validity, "" when it is."""
    ends = effective_last_day(slot)
    if day < slot.first_day:
        return f"Der Termin gilt erst ab {date_full(slot.first_day)}."
    if ends and day > ends:
        return f"Der Termin gilt nur bis {date_full(ends)}."
    return ""


ExceptionFormSet = forms.inlineformset_factory(
    Slot, SlotException, form=SlotExceptionForm, formset=SlotExceptionFormSet, extra=0
)
