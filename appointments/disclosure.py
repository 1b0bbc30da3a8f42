"""Which count may be published without telling of single people?

A count of 1 to 4 is "unter 5", everywhere; zero tells of nobody and stays zero, unknown stays unknown. Two ways around it are
closed here:

- By subtraction from a total: a total is a sum of what is published, never of what is known. So no published figure
  changes when a hidden count does.
- By asking for the same figure a day later: pages answer for any day. So a running count grows by steps of five at least
  (see `settled`), and the figures of any two days differ by nothing or by five and more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from appointments.indicators import Activity, Count
from locations.wording import UNKNOWN, number

FEWEST: Final = 5  # counts below are not published


@dataclass(frozen=True, slots=True)
class Published:
    """A count as everybody may know it: from `low` to `high`, both inclusive; `high` is None where nobody knows."""

    low: int
    high: int | None

    @classmethod
    def of(cls, count: int | None) -> Published:
        """Return what may be known of the count; None is unknown."""
        if count is None:
            return cls(0, None)
        return cls(1, FEWEST - 1) if 0 < count < FEWEST else cls(count, count)

    @property
    def exact(self) -> int | None:
        """Return the count where it is known exactly."""
        return self.low if self.low == self.high else None

    def __add__(self, other: Published) -> Published:
        open_ended = self.high is None or other.high is None
        return Published(self.low + other.low, None if open_ended else (self.high or 0) + (other.high or 0))

    @property
    def text(self) -> str:
        """Return "118", "unter 5", "307 bis 310", "mindestens 306" or "nicht bekannt"."""
        if self.high is None:
            return f"mindestens {number(self.low)}" if self.low else UNKNOWN
        if self == Published(1, FEWEST - 1):
            return f"unter {FEWEST}"
        return number(self.low) if self.low == self.high else f"{number(self.low)} bis {number(self.high)}"


@dataclass(frozen=True, slots=True)
class Settled:
    """A running count as published: of the days up to `until`. The days after it wait for the next step.

    `dates` and `minutes` are those of the counted dates in it. `until` is None before the first step.
    """

    conversations: Published
    until: date | None = None
    dates: int = 0
    minutes: int = 0


def settled(activity: Activity) -> Settled:
    """Return the conversations as they may be published of a period that begins on a fixed day and ends on any.

    The published count takes a step only when at least five conversations have come together since the last one.
    """
    if activity.conversations is None:
        return Settled(Published.of(None))
    published = waiting = Settled(Published.of(0))
    for day in _days(activity.counts):
        waiting = _plus(waiting, day)
        if waiting.conversations.low - published.conversations.low >= FEWEST:
            published = waiting
    if published.until is None:
        # Not five yet: zero, or "unter 5".
        return Settled(Published.of(waiting.conversations.low), None, waiting.dates, waiting.minutes)
    return published


def _days(counts: Iterable[Count]) -> list[Count]:
    """Return one count a day: steps within a day would depend on the order of the slots."""
    days: dict[date, Count] = {}
    for count in counts:
        so_far = days.get(count.day, Count(count.day, 0, 0, 0))
        days[count.day] = Count(
            day=count.day,
            conversations=so_far.conversations + count.conversations,
            minutes=so_far.minutes + count.minutes,
            dates=so_far.dates + count.dates,
        )
    return [days[day] for day in sorted(days)]


def _plus(so_far: Settled, count: Count) -> Settled:
    total = so_far.conversations.low + count.conversations
    return Settled(Published(total, total), count.day, so_far.dates + count.dates, so_far.minutes + count.minutes)
