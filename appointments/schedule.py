"""What does the database say about the dates of slots?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import BigIntegerField, Value

from appointments.models import Slot, SlotException
from appointments.occurrences import (
    Calendar,
    Change,
    ChangeKind,
    Occurrence,
    Series,
    horizon,
    occurrences,
    up_to_the_nth_held,
)
from locations.calendars import DayOff, public_holidays, years_without
from locations.models import Closure, District, SchoolHoliday


@dataclass(frozen=True)
class Timetable:
    """The calendars and closures that a set of slots needs from first to last (inclusive). One query, however many slots."""

    first: date
    last: date
    calendars: dict[str, Calendar]
    closures: dict[tuple[str, int], tuple[DayOff, ...]]
    changed_at: dict[tuple[str, Any], datetime]

    @classmethod
    def of_districts(cls, districts: Iterable[District], first: date, last: date) -> Timetable:
        """Return the timetable for the slots of these districts."""
        districts = list(districts)
        states = {district.federal_state for district in districts}
        days_off, changed_at = _days_off(states, [district.pk for district in districts], first, last)
        return cls(
            first=first,
            last=last,
            calendars={
                state: Calendar(public_holidays(state, first, last), tuple(days_off.pop(("state", state), ())))
                for state in states
            },
            closures={whose: tuple(stretches) for whose, stretches in days_off.items()},
            changed_at=changed_at,
        )

    @classmethod
    def of_slots(cls, slots: Iterable[Slot], first: date, last: date) -> Timetable:
        """Return the timetable for these slots, loaded with their institution's district."""
        districts = {
            slot.institution.municipality.district_id: slot.institution.municipality.district for slot in slots
        }
        return cls.of_districts(districts.values(), first, last)

    def calendar(self, slot: Slot) -> Calendar:
        """Return what closes houses in the slot's federal state."""
        return self.calendars[slot.institution.municipality.district.federal_state]

    def series(self, slot: Slot, rows: Iterable[SlotException] | None = None) -> Series:
        """Return the slot as dates see it: it ends with its validity, its house or its withdrawal, whichever is first.

        `rows` are exceptions as typed into a form; None takes the stored ones.
        """
        house = slot.institution
        return Series(
            rule=slot.recurrence,
            start=slot.start_time,
            end=slot.end_time,
            first_day=max(slot.first_day, house.first_day),
            last_day=effective_last_day(slot),
            pauses_in_school_holidays=slot.pauses_in_school_holidays,
            closures=self.closures.get(("district", house.municipality.district_id), ())
            + self.closures.get(("institution", house.pk), ()),
            changes=tuple(changes(slot.exceptions.all() if rows is None else rows)),
        )

    def last_changed(self, slot: Slot) -> datetime:
        """Return when anything that shapes the slot's dates, place or offer last changed; a deletion leaves no trace here."""
        district = slot.institution.municipality.district
        keys = (("district", district.pk), ("institution", slot.institution_id), ("state", district.federal_state))
        days_off = (self.changed_at[key] for key in keys if key in self.changed_at)
        rows = (slot, slot.offer, slot.offer.provider, slot.institution, *slot.exceptions.all())
        return max(*(row.changed_at for row in rows), *days_off)

    def dates(self, slot: Slot, rows: Iterable[SlotException] | None = None) -> Dates:
        """Return the slot's dates, computed when asked for."""
        return Dates(slot, self.series(slot, rows), self.calendar(slot), self.first, self.last)


@dataclass(frozen=True)
class Dates:
    """The dates of one slot as a page shows them, from `first` to `last` (inclusive)."""

    slot: Slot
    series: Series
    calendar: Calendar
    first: date
    last: date

    @cached_property
    def all(self) -> list[Occurrence]:
        """Return every date, dropped ones with their reason."""
        return occurrences(self.series, self.calendar, self.first, self.last)

    @cached_property
    def held(self) -> list[Occurrence]:
        """Return the dates that take place."""
        return [occurrence for occurrence in self.all if occurrence.takes_place]

    @cached_property
    def soon(self) -> list[Occurrence]:
        """Return the dates up to the fourth that takes place: the next one, and three to follow."""
        return up_to_the_nth_held(self.series, self.calendar, self.first, self.last, 4)

    @cached_property
    def next(self) -> Occurrence | None:
        """Return the first date that takes place; None where there is none up to the horizon."""
        return next((occurrence for occurrence in self.soon if occurrence.takes_place), None)

    @property
    def then(self) -> list[Occurrence]:
        """Return the three dates after the next one."""
        return [occurrence for occurrence in self.soon if occurrence.takes_place][1:4]

    @cached_property
    def years_of_unknown_holidays(self) -> tuple[int, ...]:
        """Return the calendar years of the window whose school holidays nobody entered, where they would matter."""
        if not self.series.pauses_in_school_holidays:
            return ()
        last = min(self.last, self.series.last_day or self.last)
        return years_without(self.calendar.school_holidays, self.first, last) if self.first <= last else ()


def dates_from(slots: Iterable[Slot], day: date) -> list[Dates]:
    """Return the dates of each slot from the day to the horizon. One query."""
    slots = list(slots)
    timetable = Timetable.of_slots(slots, day, horizon(day))
    return [timetable.dates(slot) for slot in slots]


def effective_last_day(slot: Slot) -> date | None:
    """Return the last day on which the slot can have a date; None where nothing ends it."""
    withdrawn = slot.withdrawn_on - timedelta(days=1) if slot.withdrawn_on else None
    ends = [end for end in (slot.last_day, slot.institution.last_day, withdrawn) if end is not None]
    return min(ends) if ends else None


def changes(rows: Iterable[SlotException]) -> Iterable[Change]:
    """Yield what staff entered for single days."""
    for row in rows:
        yield Change(
            day=row.day,
            kind=ChangeKind(row.kind),
            reason=row.reason,
            new_day=row.new_day,
            new_start=row.new_start_time,
            new_end=row.new_end_time,
            new_place=row.new_institution_id,
        )


def _days_off(
    states: set[str], districts: list[int], first: date, last: date
) -> tuple[dict[tuple[str, Any], list[DayOff]], dict[tuple[str, Any], datetime]]:
    """Return what is closed, by whose it is, in order, and when that last changed.

    One query for closures and school holidays together.
    """
    closures = (
        Closure.objects.filter(district__in=districts, first_day__lte=last, last_day__gte=first)
        .order_by()
        .annotate(state=Value(""))
        .values_list("state", "district", "institution", "first_day", "last_day", "reason", "pk", "changed_at")
    )
    # The whole first and last year, so that a year without holidays can be told from a window without any.
    holidays = (
        SchoolHoliday.objects.filter(
            federal_state__in=states, first_day__lte=date(last.year, 12, 31), last_day__gte=date(first.year, 1, 1)
        )
        .order_by()
        .annotate(district=Value(None, BigIntegerField()), institution=Value(None, BigIntegerField()))
        .values_list("federal_state", "district", "institution", "first_day", "last_day", "name", "pk", "changed_at")
    )
    stretches: dict[tuple[str, Any], list[DayOff]] = defaultdict(list)
    changed: dict[tuple[str, Any], datetime] = {}
    rows = sorted(closures.union(holidays, all=True), key=lambda row: (row[3], row[6]))
    for state, district, institution, first_day, last_day, reason, _, changed_at in rows:
        whose = ("institution", institution) if institution else ("state", state) if state else ("district", district)
        stretches[whose].append(DayOff(first_day, last_day, reason))
        changed[whose] = max(changed_at, changed.get(whose, changed_at))
    return stretches, changed
