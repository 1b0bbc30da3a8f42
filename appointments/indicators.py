"""How much counselling took place: dates, hours, topics, and how many conversations were counted?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from appointments.occurrences import Calendar, Occurrence, Series, State, is_as_the_rule, minutes_held, occurrences


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """What was counted on one day of one slot: conversations, and the minutes of the dates held that day."""

    day: date
    conversations: int
    minutes: int
    dates: int = 1


@dataclass(frozen=True, slots=True)
class Activity:
    """What became of the dates of one or more slots in a period.

    `closed` are dates of the rule that nobody could expect: public and school holidays, closures. `counts` has the days
    with a count in order; a held date without one is unknown, not zero. `astray` are counts of days without a held date.
    """

    held: int = 0
    cancelled: int = 0
    closed: int = 0
    minutes: int = 0
    topics: frozenset[int] = frozenset()
    counts: tuple[Count, ...] = ()
    astray: int = 0

    @property
    def expected(self) -> int:
        """Return how many dates families could expect: held, or cancelled by staff."""
        return self.held + self.cancelled

    @property
    def counted(self) -> int:
        """Return on how many of the held dates somebody counted."""
        return sum(count.dates for count in self.counts)

    @property
    def conversations(self) -> int | None:
        """Return the conversations of the counted dates, for internal use; None where dates were held and none counted."""
        if self.held and not self.counts:
            return None
        return sum(count.conversations for count in self.counts)

    def __add__(self, other: Activity) -> Activity:
        return together((self, other))


def together(parts: Iterable[Activity]) -> Activity:
    """Return what became of the dates of all of them."""
    parts = list(parts)
    return Activity(
        held=sum(one.held for one in parts),
        cancelled=sum(one.cancelled for one in parts),
        closed=sum(one.closed for one in parts),
        minutes=sum(one.minutes for one in parts),
        topics=frozenset().union(*{one.topics for one in parts}),
        counts=tuple(sorted(count for one in parts for count in one.counts)),
        astray=sum(one.astray for one in parts),
    )


def activity_within(
    series: Series,
    calendar: Calendar,
    first: date,
    last: date,
    attendance: Mapping[date, int],
    topics: frozenset[int] = frozenset(),
) -> Activity:
    """Return what became of the dates from first to last (inclusive); counted, not listed, where nothing was entered."""
    if attendance or not is_as_the_rule(series, first, last):
        return activity(occurrences(series, calendar, first, last), attendance, topics)
    dates, closed = calendar.rhythm(series).count(*series.window(first, last))
    minutes = minutes_held(series, calendar, first, last)
    return Activity(held=dates, closed=closed, minutes=minutes, topics=topics if dates else frozenset())


def activity(dates: Iterable[Occurrence], attendance: Mapping[date, int], topics: Iterable[int] = ()) -> Activity:
    """Return what became of the dates of one slot.

    `dates` are all of a period from `occurrences()`; a moved date counts on the day it moved to. `attendance` has the
    conversations by day. A topic is reached where at least one date was held.
    """
    dates = list(dates)
    held: dict[date, list[Occurrence]] = {}
    for one in dates:
        if one.takes_place:
            held.setdefault(one.day, []).append(one)
    return Activity(
        held=sum(map(len, held.values())),
        cancelled=sum(one.state is State.CANCELLED for one in dates),
        closed=sum(one.state is State.DROPPED for one in dates),
        minutes=sum(map(_minutes, held.values())),
        topics=frozenset(topics) if held else frozenset(),
        counts=tuple(
            Count(day, attendance[day], _minutes(held[day]), len(held[day]))
            for day in sorted(held)
            if day in attendance
        ),
        astray=sum(day not in held for day in attendance),
    )


def _minutes(dates: Iterable[Occurrence]) -> int:
    return sum((one.end.hour - one.start.hour) * 60 + one.end.minute - one.start.minute for one in dates)
