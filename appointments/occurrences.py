"""On which days does it really take place, and if not, why not?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from appointments.recurrence import Rule
from locations.calendars import DayOff

CLOSED = "geschlossen"  # where nobody gave a reason
DAYS_A_PEEK = 126  # enough for three dates of a monthly slot around the summer holidays


class ChangeKind(StrEnum):
    """What staff can say about one date."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    EXTRA = "extra"
    HELD_ANYWAY = "held_anyway"


class State(StrEnum):
    """What became of one date."""

    HELD = "held"
    HELD_ANYWAY = "held_anyway"
    MOVED = "moved"
    EXTRA = "extra"
    DROPPED = "dropped"
    CANCELLED = "cancelled"
    MOVED_AWAY = "moved_away"


TAKES_PLACE = frozenset({State.HELD, State.HELD_ANYWAY, State.MOVED, State.EXTRA})


@dataclass(frozen=True, slots=True)
class Change:
    """What staff entered for one date: `day` is the day of the rule, or the new day of an extra one."""

    day: date
    kind: ChangeKind
    reason: str = ""
    new_day: date | None = None
    new_start: time | None = None
    new_end: time | None = None
    new_place: int | None = None


class Occurrence(NamedTuple):
    """One date with its times. A tuple, for a feed makes tens of thousands of them.

    `rule_day` is the day of the rule it stands for (None for an extra one), `place` the key of another house (None: the
    usual one), `closed_for` the holiday or closure of that day even where a change wins over it, `moved_to` the new day on
    the mark a moved date leaves behind.
    """

    day: date
    start: time
    end: time
    state: State
    reason: str = ""
    rule_day: date | None = None
    place: int | None = None
    closed_for: str = ""
    moved_to: date | None = None

    @property
    def takes_place(self) -> bool:
        """Return whether the door is open."""
        return self.state in TAKES_PLACE

    @property
    def key_day(self) -> date:
        """Return the day that names this date for good: that of the rule, wherever it moved."""
        return self.rule_day or self.day


@dataclass(frozen=True, slots=True)
class Calendar:
    """What closes houses from outside: public holidays by day, school holidays as stretches in order."""

    public_holidays: Mapping[date, str] = field(default_factory=dict)
    school_holidays: tuple[DayOff, ...] = ()
    rhythms: dict[object, Rhythm] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rhythm(self, series: Series) -> Rhythm:
        """Return the held days of all series that fall and pause alike, whatever their validity and changes."""
        key = (series.rule, series.pauses_in_school_holidays, series.closures)
        found = self.rhythms.get(key)
        if found is None:
            found = self.rhythms[key] = Rhythm(self, replace(series, first_day=date.min, last_day=None, changes=()))
        return found


@dataclass(frozen=True, slots=True)
class Series:
    """A slot as dates see it. Validity and operation include both ends; None is open."""

    rule: Rule
    start: time
    end: time
    first_day: date
    last_day: date | None = None
    pauses_in_school_holidays: bool = False
    closures: tuple[DayOff, ...] = ()
    changes: tuple[Change, ...] = ()

    def window(self, first: date, last: date) -> tuple[date, date]:
        """Return the part of the window in which the series is valid (empty when it runs backwards)."""
        return max(first, self.first_day), last if self.last_day is None else min(last, self.last_day)


@dataclass(slots=True)
class Rhythm:
    """The days on which a rule without changes is held: expanded once a year, asked thousands of times."""

    calendar: Calendar
    series: Series
    years: dict[int, list[date]] = field(default_factory=dict)
    dropped: dict[int, list[date]] = field(default_factory=dict)
    counts: dict[tuple[date, date], tuple[int, int]] = field(default_factory=dict)
    pauses: dict[tuple[date, date, int], list[tuple[date, date]]] = field(default_factory=dict)

    def first(self, first: date, last: date) -> date | None:
        """Return the first held day from first to last (inclusive); None where there is none."""
        if first > last:
            return None
        for year in range(first.year, last.year + 1):
            days = self._of(year)
            at = bisect_left(days, first)
            if at < len(days):
                return days[at] if days[at] <= last else None
        return None

    def last(self, first: date, last: date) -> date | None:
        """Return the last held day from first to last (inclusive); None where there is none."""
        if first > last:
            return None
        for year in range(last.year, first.year - 1, -1):
            days = self._of(year)
            at = bisect_right(days, last)
            if at:
                return days[at - 1] if days[at - 1] >= first else None
        return None

    def breaks(self, first: date, last: date, longest: int) -> list[tuple[date, date]]:
        """Return the neighbouring held days from first to last (inclusive) that lie more than so many days apart."""
        key = (first, last, longest)
        if key not in self.pauses:
            days = [day for year in range(first.year, last.year + 1) for day in self._of(year) if first <= day <= last]
            self.pauses[key] = [(one, other) for one, other in pairwise(days) if (other - one).days > longest]
        return self.pauses[key]

    def count(self, first: date, last: date) -> tuple[int, int]:
        """Return how many days of the rule from first to last (inclusive) are held, and on how many the house is closed."""
        key = (first, last)
        if key not in self.counts:
            years = range(first.year, last.year + 1) if first <= last else ()
            self.counts[key] = (
                sum(_between(self._of(year), first, last) for year in years),
                sum(_between(self.dropped[year], first, last) for year in years),
            )
        return self.counts[key]

    def _of(self, year: int) -> list[date]:
        if year not in self.years:
            days = self.series.rule.days(date(year, 1, 1), date(year, 12, 31))
            closed = _closed(self.series, self.calendar, days)
            self.dropped[year] = sorted(closed)
            self.years[year] = [day for day in days if day not in closed]
        return self.years[year]


def _between(days: list[date], first: date, last: date) -> int:
    return bisect_right(days, last) - bisect_left(days, first)


def why_closed(series: Series, calendar: Calendar, day: date) -> str:
    """Return the reason the house is closed on the day, "" when it is open.

    A public holiday is named before school holidays, and both before a closure.
    """
    return _closed(series, calendar, [day]).get(day, "")


def _closed(series: Series, calendar: Calendar, days: list[date]) -> dict[date, str]:
    """Return those of the ascending days on which the house is closed, with the reason."""
    closed: dict[date, str] = {}
    # What is named before the others is written after them.
    stretches = [*series.closures[::-1], *(calendar.school_holidays[::-1] if series.pauses_in_school_holidays else ())]
    for off in stretches:
        start = bisect_left(days, off.first_day)
        if start < len(days) and days[start] <= off.last_day:
            reason = off.reason or CLOSED
            closed.update(dict.fromkeys(days[start : bisect_right(days, off.last_day)], reason))
    closed.update((day, calendar.public_holidays[day]) for day in days if day in calendar.public_holidays)
    return closed


def horizon(day: date) -> date:
    """Return how far dates are computed from the day: the first 31 July at least twelve months away (a school year's end)."""
    years_on = 1 if (day.month, day.day) <= (7, 31) else 2
    return date(day.year + years_on, 7, 31)


def occurrences(series: Series, calendar: Calendar, first: date, last: date) -> list[Occurrence]:
    """Return every date from first to last (inclusive) by day and time: held, moved, extra, and dropped with the reason.

    A date moved to another day appears there as MOVED and on the day of the rule as MOVED_AWAY. Changes win over holidays
    and closures, never over the validity.
    """
    days = series.rule.days(*series.window(first, last))
    closed = _closed(series, calendar, days)
    start, end, held, dropped = series.start, series.end, State.HELD, State.DROPPED
    # One call a date and none beside it: a feed makes tens of thousands of them.
    found = [
        Occurrence(day, start, end, dropped, closed[day], day, None, closed[day])
        if day in closed
        else Occurrence(day, start, end, held, "", day)
        for day in days
    ]
    for change in series.changes:
        place = bisect_left(days, change.day)
        if place < len(days) and days[place] == change.day:
            found[place] = _changed(series, change, closed.get(change.day, ""))
    if arrivals := list(_arrivals(series, calendar, first, last)):
        found = sorted(found + arrivals, key=lambda occurrence: (occurrence.day, occurrence.start, occurrence.state))
    return found


def held(series: Series, calendar: Calendar, first: date, last: date) -> list[Occurrence]:
    """Return the dates from first to last (inclusive) that take place."""
    return [occurrence for occurrence in occurrences(series, calendar, first, last) if occurrence.takes_place]


def is_as_the_rule(series: Series, first: date, last: date) -> bool:
    """Return whether nobody changed a date from first to last (inclusive), nor moved one there."""
    return not any(
        first <= change.day <= last or (change.new_day is not None and first <= change.new_day <= last)
        for change in series.changes
    )


def is_held_within(series: Series, calendar: Calendar, first: date, last: date) -> bool:
    """Return whether at least one date from first to last (inclusive) takes place."""
    if is_as_the_rule(series, first, last):
        return calendar.rhythm(series).first(*series.window(first, last)) is not None
    return any(occurrence.takes_place for occurrence in occurrences(series, calendar, first, last))


def minutes_held(series: Series, calendar: Calendar, first: date, last: date) -> int:
    """Return how many minutes the dates from first to last (inclusive) that take place last together."""
    if not is_as_the_rule(series, first, last):
        return sum(_minutes(one.start, one.end) for one in held(series, calendar, first, last))
    return calendar.rhythm(series).count(*series.window(first, last))[0] * _minutes(series.start, series.end)


def _minutes(start: time, end: time) -> int:
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def up_to_the_nth_held(series: Series, calendar: Calendar, first: date, last: date, count: int) -> list[Occurrence]:
    """Return the dates from first on, dropped ones included, until `count` take place or `last` is reached."""
    found: list[Occurrence] = []
    while first <= last:
        peek = min(last, first + timedelta(days=DAYS_A_PEEK))
        for occurrence in occurrences(series, calendar, first, peek):
            found.append(occurrence)
            count -= occurrence.takes_place
            if count == 0:
                return found
        first = peek + timedelta(days=1)
    return found


def unused_changes(series: Series, first: date, last: date) -> list[Change]:
    """Return the changes that say something about a day on which the rule has no date (extra ones aside)."""
    days = set(series.rule.days(*series.window(first, last)))
    return [
        change
        for change in series.changes
        if change.kind is not ChangeKind.EXTRA and first <= change.day <= last and change.day not in days
    ]


def _changed(series: Series, change: Change, closed_for: str) -> Occurrence:
    """Return what stands on the day of the rule: a date moved to another day leaves a mark here."""
    match change.kind:
        case ChangeKind.MOVED if change.new_day in (None, change.day):
            return _moved(series, change, closed_for)
        case ChangeKind.MOVED:
            state = State.MOVED_AWAY
        case ChangeKind.CANCELLED:
            state = State.CANCELLED
        case _:
            state = State.HELD_ANYWAY
    return Occurrence(
        day=change.day,
        start=series.start,
        end=series.end,
        state=state,
        reason=change.reason,
        rule_day=change.day,
        closed_for=closed_for,
        moved_to=change.new_day,
    )


def _moved(series: Series, change: Change, closed_for: str = "") -> Occurrence:
    return Occurrence(
        day=change.new_day or change.day,
        start=change.new_start or series.start,
        end=change.new_end or series.end,
        state=State.MOVED,
        reason=change.reason,
        rule_day=change.day,
        place=change.new_place,
        closed_for=closed_for,
    )


def _arrivals(series: Series, calendar: Calendar, first: date, last: date) -> Iterable[Occurrence]:
    """Yield what comes to a day of the window from elsewhere: extra dates, and dates moved to another day."""
    start, end = series.window(first, last)
    for change in series.changes:
        if change.kind is ChangeKind.EXTRA and start <= change.day <= end:
            if not series.rule.days(change.day, change.day):
                yield _extra(series, calendar, change)
        elif change.new_day is not None and start <= change.new_day <= end and _is_moved_date(series, change):
            yield _moved(series, change, why_closed(series, calendar, change.new_day))


def _extra(series: Series, calendar: Calendar, change: Change) -> Occurrence:
    return Occurrence(
        day=change.day,
        start=change.new_start or series.start,
        end=change.new_end or series.end,
        state=State.EXTRA,
        reason=change.reason,
        rule_day=None,
        place=change.new_place,
        closed_for=why_closed(series, calendar, change.day),
    )


def _is_moved_date(series: Series, change: Change) -> bool:
    """Return whether the change takes a date of the rule to another day."""
    return change.kind is ChangeKind.MOVED and change.new_day != change.day and _is_a_date(series, change.day)


def _is_a_date(series: Series, day: date) -> bool:
    """Return whether the rule has a date on the day within the validity."""
    start, end = series.window(day, day)
    return start <= end and bool(series.rule.days(start, end))
