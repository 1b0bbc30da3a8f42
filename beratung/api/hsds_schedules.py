"""How are the dates of a slot said in HSDS, which knows neither exceptions nor time zones?

A rule is cut wherever one of its dates does not take place as usual, and wherever the clocks change, for `opens_at` carries
an offset. Each piece is a whole RFC 5545 rule: expanded by anybody, the pieces give the dates of the page and no other.
Moved, extra and single dates are schedules with one date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appointments.occurrences import Calendar, Occurrence, Series, State, occurrences
from appointments.recurrence import WEEKDAY_CODES, Monthly, Rule, SingleDates, Weekly
from locations.wording import date_digits

AS_USUAL: Final = frozenset({State.HELD, State.HELD_ANYWAY})
FALLS_OUT: Final = frozenset({State.DROPPED, State.CANCELLED, State.MOVED_AWAY})


@dataclass(frozen=True, slots=True)
class Schedule:
    """One piece: its first and last date, and what RFC 5545 says between them.

    `is_single`: it has one date, whatever the rule. `place` is the key of another house than usual. `opens_at` and
    `closes_at` carry the offset that holds on its dates.
    """

    first_day: date
    last_day: date
    freq: str
    interval: int
    byday: str
    opens_at: str
    closes_at: str
    is_single: bool
    place: int | None = None
    notes: str = ""

    @property
    def name(self) -> str:
        """Return what tells it from the others of the slot, the same tomorrow."""
        return f"{self.first_day}/{self.opens_at}/{'one' if self.is_single else self.byday}/{self.place or ''}"


def schedules(series: Series, calendar: Calendar, zone: ZoneInfo, first: date, last: date) -> list[Schedule]:
    """Return what the slot's dates from first to last (inclusive) are made of, by first day."""
    found = occurrences(series, calendar, first, last)
    if isinstance(series.rule, SingleDates):
        return [_single(one, series, zone) for one in found if one.takes_place]
    of_rule = [one for one in found if one.rule_day == one.day]
    pieces = [_piece(run, series, zone) for run in _runs(of_rule, zone)]
    alone = [_single(one, series, zone) for one in found if one.takes_place and not _is_usual(one, series)]
    return sorted(pieces + alone, key=lambda piece: (piece.first_day, piece.opens_at, piece.is_single))


def _is_usual(one: Occurrence, series: Series) -> bool:
    return one.state in AS_USUAL and one.rule_day == one.day


@dataclass(slots=True)
class _Run:
    """Dates of the rule in a row that take place as usual, and those around them that do not."""

    held: list[Occurrence]
    before: list[Occurrence]
    after: list[Occurrence]


def _runs(of_rule: Iterable[Occurrence], zone: ZoneInfo) -> list[_Run]:
    """Return the rule's dates cut where one does not take place as usual, and where the offset changes."""
    runs: list[_Run] = []
    missing: list[Occurrence] = []
    offsets = None
    for one in of_rule:
        if one.state not in AS_USUAL:
            (runs[-1].after if runs else missing).append(one)
            offsets = None
            continue
        now = (_offset(one.day, one.start, zone), _offset(one.day, one.end, zone))
        if offsets == now:
            runs[-1].held.append(one)
        else:
            runs.append(_Run([one], missing if not runs else [], []))
        offsets = now
    return runs


def _piece(run: _Run, series: Series, zone: ZoneInfo) -> Schedule:
    first, last = run.held[0], run.held[-1]
    freq, interval, byday = _recurrence(series.rule)
    notes = _notes([*run.before, *run.held, *run.after])
    return Schedule(
        first_day=first.day,
        last_day=last.day,
        freq=freq,
        interval=interval,
        byday=byday,
        opens_at=_clock(first.day, first.start, zone),
        closes_at=_clock(first.day, first.end, zone),
        is_single=False,
        notes=notes,
    )


def _recurrence(rule: Rule) -> tuple[str, int, str]:
    """Return frequency, interval and weekdays of a rule that recurs."""
    if isinstance(rule, Weekly):
        return "WEEKLY", rule.interval, ",".join(WEEKDAY_CODES[day] for day in rule.weekdays)
    if isinstance(rule, Monthly):
        days = (f"{nth}{WEEKDAY_CODES[day]}" for nth in rule.ordinals for day in rule.weekdays)
        return "MONTHLY", 1, ",".join(days)
    raise TypeError(f"{rule} does not recur")


def _single(one: Occurrence, series: Series, zone: ZoneInfo) -> Schedule:
    return Schedule(
        first_day=one.day,
        last_day=one.day,
        freq="WEEKLY",
        interval=1,
        byday=WEEKDAY_CODES[one.day.weekday()],
        opens_at=_clock(one.day, one.start, zone),
        closes_at=_clock(one.day, one.end, zone),
        is_single=True,
        place=one.place,
        notes=_about_one(one, series),
    )


def _about_one(one: Occurrence, series: Series) -> str:
    """Return what is different about a date that stands alone."""
    reason = f" {one.reason}" if one.reason else ""
    if one.state is State.EXTRA:
        return f"Zusätzlicher Termin.{reason}"
    if one.state is State.MOVED and one.rule_day not in (None, one.day):
        return f"Verlegt von {date_digits(one.key_day)}.{reason}"
    if one.state is State.MOVED:
        return f"Anders als sonst.{reason}"
    return _notes([one])


def _notes(dates: Iterable[Occurrence]) -> str:
    """Return which dates drop out or are held all the same, each with its reason."""
    dates = list(dates)
    lines = [
        ("Fällt aus: ", [_dropped(one) for one in dates if one.state in FALLS_OUT]),
        ("Findet trotzdem statt: ", [_anyway(one) for one in dates if one.state is State.HELD_ANYWAY]),
    ]
    return " ".join(f"{label}{'; '.join(texts)}." for label, texts in lines if texts)


def _dropped(one: Occurrence) -> str:
    if one.state is State.MOVED_AWAY and one.moved_to:
        return f"{date_digits(one.day)} (verlegt auf {date_digits(one.moved_to)})"
    return f"{date_digits(one.day)} ({one.reason})" if one.reason else date_digits(one.day)


def _anyway(one: Occurrence) -> str:
    return f"{date_digits(one.day)} ({one.closed_for})" if one.closed_for else date_digits(one.day)


def _offset(day: date, clock: time, zone: ZoneInfo) -> timedelta:
    return datetime.combine(day, clock, zone).utcoffset() or timedelta()


def _clock(day: date, clock: time, zone: ZoneInfo) -> str:
    """Return "14:00+02:00"."""
    return datetime.combine(day, clock, zone).isoformat(timespec="minutes").partition("T")[2]


def still_to_come(pieces: Iterable[Schedule], day: date) -> Iterator[Schedule]:
    """Yield the pieces with a date on the day or later."""
    return (piece for piece in pieces if piece.last_day >= day)
