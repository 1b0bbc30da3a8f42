"""When do the clocks change, and is a slot's local time one that exists exactly once?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from appointments.occurrences import Calendar, Occurrence, Series, held
from locations.wording import clock, date_full, time_text


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The moment at which the clocks change, and how far they are ahead of UTC before and after it."""

    moment: datetime
    before: timedelta
    after: timedelta

    @property
    def skips_time(self) -> bool:
        """Return whether the clocks go forward: a stretch of local time is missing. Otherwise one comes twice."""
        return self.after > self.before

    @property
    def begins(self) -> datetime:
        """Return the first local time (without a zone) that is missing or comes twice."""
        return (self.moment + min(self.before, self.after)).replace(tzinfo=None)

    @property
    def ends(self) -> datetime:
        """Return the first local time (without a zone) after that."""
        return (self.moment + max(self.before, self.after)).replace(tzinfo=None)


@lru_cache(maxsize=256)
def clock_changes(zone: ZoneInfo, year: int) -> tuple[ClockChange, ...]:
    """Return the clock changes of a year (UTC) in order, to the minute."""
    midnight = datetime(year, 1, 1, tzinfo=UTC)
    days = [midnight + timedelta(days=n) for n in range((date(year, 12, 31) - date(year, 1, 1)).days + 1)]
    changes = (_change_between(zone, day, day + timedelta(days=1)) for day in days)
    return tuple(change for change in changes if change)


def dst_problem(series: Series, zone: ZoneInfo, first: date, last: date) -> str | None:
    """Return a German sentence about the first date from first to last (inclusive) whose local time is missing or comes twice.

    None: every date has its time exactly once. Dates on holidays and in closures are looked at like any other, for these
    can be lifted; what staff cancelled or moved away is not.
    """
    for year in range(first.year, last.year + 1):
        for change in clock_changes(zone, year):
            for occurrence in _dates_near(series, change, first, last):
                if _meets(occurrence, change):
                    return _sentence(occurrence, change)
    return None


def _change_between(zone: ZoneInfo, start: datetime, end: datetime) -> ClockChange | None:
    before, after = _offset(zone, start), _offset(zone, end)
    if before == after:
        return None
    while end - start > timedelta(minutes=1):
        middle = start + (end - start) // timedelta(minutes=2) * timedelta(minutes=1)
        if _offset(zone, middle) == before:
            start = middle
        else:
            end = middle
    return ClockChange(end, before, after)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _dates_near(series: Series, change: ClockChange, first: date, last: date) -> list[Occurrence]:
    return held(series, Calendar(), max(first, change.begins.date()), min(last, change.ends.date()))


def _meets(occurrence: Occurrence, change: ClockChange) -> bool:
    """Return whether a moment of the date, its end included, is missing or comes twice."""
    start = datetime.combine(occurrence.day, occurrence.start)
    end = datetime.combine(occurrence.day, occurrence.end)
    return start < change.ends and end >= change.begins


def _sentence(occurrence: Occurrence, change: ClockChange) -> str:
    turned, how_often = ("vorgestellt", "nicht") if change.skips_time else ("zurückgestellt", "zweimal")
    return (
        f"Am {date_full(occurrence.day)} werden die Uhren {turned}: Die Zeit von {clock(change.begins.time())} bis "
        f"{time_text(change.ends.time())} gibt es {how_often}. Ein Termin von {clock(occurrence.start)} bis "
        f"{time_text(occurrence.end)} ist an diesem Tag nicht möglich."
    )
