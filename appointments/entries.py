"""How does one slot read for a family at this moment? The next date, those after it, and what is different."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils.html import format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.describe import describe_briefly, describe_times
from appointments.known_texts import told_in_words, told_plainly
from appointments.models import Slot, is_stale
from appointments.occurrences import Occurrence, State, occurrences, up_to_the_nth_held
from appointments.schedule import Dates, effective_last_day
from locations.active_wording import active_wording, isolated
from locations.geo import Point
from locations.models import Institution, Municipality

MOST_DATES = 4  # the next one, and three after it
ANNOUNCED = frozenset({State.CANCELLED, State.MOVED_AWAY})  # somebody called it off, not the calendar

Fits = Callable[[Occurrence], bool]


@dataclass(frozen=True, slots=True)
class Difference:
    """Dates in a row of which the same is to be said."""

    days: tuple[date, ...]
    text: str
    takes_place: bool

    @property
    def is_dropped(self) -> bool:
        return not self.takes_place


@dataclass(frozen=True)
class Entry:
    """One slot: its dates up to the third after the next one, and how far it is (None: not asked, or no way needed)."""

    slot: Slot
    soon: tuple[Occurrence, ...]
    now: datetime
    horizon: date
    distance_km: float | None = None
    is_exact: bool = True

    @property
    def next(self) -> Occurrence | None:
        """Return the first date that takes place and is not over."""
        return next((occurrence for occurrence in self.soon if occurrence.takes_place), None)

    @property
    def then(self) -> list[Occurrence]:
        """Return the dates after the next one."""
        return [occurrence for occurrence in self.soon if occurrence.takes_place][1:]

    @property
    def announced(self) -> list[Difference]:
        """Return what was called off before the next date: a family may have it in its calendar."""
        return differences(self.slot, (one for one in self._dropped if self._is_announced(one)))

    @property
    def dropped(self) -> list[Difference]:
        """Return what else drops out up to the last date shown."""
        return differences(self.slot, (one for one in self._dropped if not self._is_announced(one)))

    @property
    def next_differs(self) -> str:
        """Return what is different about the next date, "" where it is as always."""
        if self.next is None or self.next.state is State.HELD:
            return ""
        return difference(self.slot, self.next)

    @property
    def is_confidential(self) -> bool:
        return not self.slot.institution.address_is_public

    @property
    def municipality(self) -> Municipality:
        return municipality_today(self.slot.institution, self.now.date())

    @property
    def where(self) -> str:
        """Return the house, with its village where the name does not say it; never a confidential one."""
        if self.is_confidential:
            return _("Ort auf Anfrage, %(municipality)s") % {"municipality": isolated(self.municipality)}
        house = self.slot.institution
        village = house.locality.name if house.locality else self.municipality.name
        return house.name if village.partition(" (")[0] in house.name else f"{house.name}, {village}"

    @property
    def rule_in_words(self) -> str:
        """Return rhythm and times; from which week an interval counts does not matter where dates are shown."""
        slot = self.slot
        sentence = describe_briefly(slot.recurrence, slot.start_time, slot.end_time, get_language() or "de")
        return str(active_wording().sentence_case(sentence))

    @property
    def village(self) -> str:
        """Return the place name for a headline."""
        locality = None if self.is_confidential else self.slot.institution.locality
        return locality.name if locality else self.municipality.name

    @property
    def phone(self) -> str:
        """Return whom to call: the offer, the provider, or else the district."""
        return self.slot.offer.contact_phone or self.municipality.district.phone

    @property
    def confirmed_on(self) -> date | None:
        """Return when somebody last vouched for the slot. Needs `with_last_confirmation`."""
        return self.slot.vouched_for([self.slot.confirmed_by_day], self.now.date())

    @property
    def is_unconfirmed(self) -> bool:
        """Return whether that was more than half a year ago."""
        return is_stale(self.confirmed_on, self.now.date())

    @property
    def is_over(self) -> bool:
        """Return whether the slot has ended for good."""
        last = effective_last_day(self.slot)
        return last is not None and last < self.now.date()

    @property
    def _dropped(self) -> Iterable[Occurrence]:
        return (occurrence for occurrence in self.soon if not occurrence.takes_place)

    def _is_announced(self, occurrence: Occurrence) -> bool:
        return self.next is not None and occurrence.day <= self.next.day and occurrence.state in ANNOUNCED


def upcoming(dates: Dates, now: datetime, fits: Fits | None = None) -> list[Occurrence]:
    """Return what fits and is not over yet, until four dates take place; dropped ones included."""
    if fits is None:
        today = occurrences(dates.series, dates.calendar, now.date(), now.date())
        over = sum(is_over(occurrence, now) for occurrence in today)
        found = up_to_the_nth_held(dates.series, dates.calendar, dates.first, dates.last, MOST_DATES + over)
    else:
        found = [occurrence for occurrence in dates.all if fits(occurrence)]
    return _cut([occurrence for occurrence in found if not is_over(occurrence, now)])


def is_over(occurrence: Occurrence, now: datetime) -> bool:
    """Return whether the date has passed; it lasts until its end."""
    return occurrence.day < now.date() or (occurrence.day == now.date() and occurrence.end <= now.time())


def _cut(found: list[Occurrence]) -> list[Occurrence]:
    """Return the dates up to the last one shown; what drops out after it does not matter yet."""
    held = [index for index, occurrence in enumerate(found) if occurrence.takes_place][:MOST_DATES]
    return found[: held[-1] + 1] if held else found


def differences(slot: Slot, found: Iterable[Occurrence]) -> list[Difference]:
    """Return the dates with what is different about them, those in a row with the same words as one."""
    told = ((occurrence, difference(slot, occurrence)) for occurrence in found)
    return [
        Difference(tuple(occurrence.day for occurrence, _text in group), text, takes_place)
        for (text, takes_place), group in groupby(told, key=lambda pair: (pair[1], pair[0].takes_place))
    ]


def difference(slot: Slot, occurrence: Occurrence) -> str:
    """Return in words what is different about a date; the reason alone where it drops out, "" where nobody gave one."""
    parts = {
        State.DROPPED: lambda: [],
        State.CANCELLED: lambda: [],
        State.HELD: lambda: [],
        State.HELD_ANYWAY: lambda: [_held_anyway(occurrence)],
        State.EXTRA: lambda: [_("Zusätzlicher Termin."), *_elsewhere(slot, occurrence)],
        State.MOVED: lambda: [*_moved(slot, occurrence), *_elsewhere(slot, occurrence)],
        State.MOVED_AWAY: lambda: [_("Verlegt auf %(day)s.") % {"day": _day(occurrence.moved_to)}],
    }[occurrence.state]()
    told = (*parts, told_in_words(occurrence.reason))
    # The reason may be marked as German; in German nothing is, and the text stays plain.
    return (
        format_html_join(" ", "{}", ((part,) for part in told if part))
        if _is_foreign()
        else " ".join(filter(None, told))
    )


def _held_anyway(occurrence: Occurrence) -> str:
    if not occurrence.closed_for:
        return _("Findet statt.")
    return _("Findet trotzdem statt (%(reason)s).") % {"reason": told_plainly(occurrence.closed_for)}


def _moved(slot: Slot, occurrence: Occurrence) -> Iterable[str]:
    if occurrence.rule_day != occurrence.day:
        yield _("Verlegt von %(day)s.") % {"day": _day(occurrence.rule_day)}
    if (occurrence.start, occurrence.end) != (slot.start_time, slot.end_time):
        language = get_language() or "de"
        new = describe_times(occurrence.start, occurrence.end, language)
        usual = describe_times(slot.start_time, slot.end_time, language)
        yield _("%(new)s statt %(usual)s.") % {"new": new, "usual": usual}


def _elsewhere(slot: Slot, occurrence: Occurrence) -> Iterable[str]:
    """Yield where it is this time; a confidential house is not named here either."""
    if occurrence.place is None or occurrence.place == slot.institution_id:
        return
    house = next(row.new_institution for row in slot.exceptions.all() if row.new_institution_id == occurrence.place)
    yield (
        _("Diesmal hier: %(house)s.") % {"house": isolated(house.name)}
        if house.address_is_public
        else _("Diesmal an einem anderen Ort, bitte anrufen.")
    )


def _day(day: date | None) -> str:
    return str(active_wording().date_long(day)) if day else _("einen anderen Tag")


def _is_foreign() -> bool:
    return get_language() not in (None, "de")


def municipality_today(house: Institution, day: date) -> Municipality:
    """Return the municipality the house lies in on the day: the heir of the one it was entered under."""
    municipality, seen = house.municipality, set()
    while municipality.last_day and municipality.last_day < day and municipality.successor_id:
        if municipality.pk in seen:
            return municipality
        seen.add(municipality.pk)
        municipality = municipality.successor
    return municipality


def town_line(house: Institution, day: date) -> str:
    """Return the town as an address has it: "Wendeburg-Bortfeld", but "Peine (Kernstadt)"."""
    town = municipality_today(house, day).name
    village = house.locality.name if house.locality else town
    return village if village.startswith(town) else f"{town}-{village}"


def public_point(house: Institution, day: date) -> tuple[Point | None, bool]:
    """Return the point distances may be computed from, and whether it is the house's own.

    A confidential house is where its municipality is, so that no distance gives it away.
    """
    if house.address_is_public and house.point is not None:
        return house.point, True
    return municipality_today(house, day).point, False
