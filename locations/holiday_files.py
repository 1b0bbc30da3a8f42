"""Which school holidays stand in a calendar file (ICS), and which stretches of days can be holidays at all?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import icalendar
from icalendar.cal import Component

from locations.cells import VALUE_SHOWN, Problem
from locations.text_files import UnreadableFileError

MOST_BYTES: Final = 1_000_000
MOST_ROWS: Final = 2_000
LONGEST_DAYS: Final = 100  # the longest summer holidays of any state last 45 days
LONGEST_NAME: Final = 80
YEARS: Final = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A stretch of school holidays as it stands in the file, both days inclusive."""

    number: int
    first_day: date
    last_day: date
    name: str


class _RefusedError(ValueError):
    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, str(value)[:VALUE_SHOWN], reason


def implausible(row: HolidayRow) -> Problem | None:
    """Return why these days cannot be school holidays, None where they can."""
    if not row.name:
        return Problem(row.number, "Name", "", "Der Name fehlt.")
    if row.first_day.year not in YEARS or row.last_day.year not in YEARS:
        return _problem(row, "erster Tag", f"Das Jahr liegt nicht zwischen {YEARS[0]} und {YEARS[-1]}.")
    if row.last_day < row.first_day:
        return _problem(row, "letzter Tag", "Der letzte Tag liegt vor dem ersten.")
    if (row.last_day - row.first_day).days >= LONGEST_DAYS:
        return _problem(row, "letzter Tag", f"Ferien dauern nicht länger als {LONGEST_DAYS} Tage.")
    return None


def _problem(row: HolidayRow, column: str, reason: str) -> Problem:
    day = row.first_day if column == "erster Tag" else row.last_day
    return Problem(row.number, column, day.isoformat(), reason)


def is_calendar(head: bytes) -> bool:
    """Return whether a file that begins like this is a calendar."""
    return head.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR"


def events(content: bytes) -> Iterator[HolidayRow | Problem]:
    """Yield each event as holidays, or why it is none; numbers count events. UnreadableFileError: it is no calendar."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(f"Die Datei ist größer als {MOST_BYTES // 1_000_000} MB.")
    if content.upper().count(b"BEGIN:VEVENT") > MOST_ROWS:
        raise UnreadableFileError(f"Mehr als {MOST_ROWS} Ereignisse sind nicht möglich.")
    try:
        calendar = icalendar.Calendar.from_ical(content)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # as its parser stumbles
        raise UnreadableFileError("Die ICS-Datei ist beschädigt.") from error
    for number, event in enumerate(calendar.walk("VEVENT"), start=1):
        try:
            yield _event(number, event)
        except _RefusedError as refusal:
            yield Problem(number, refusal.column, refusal.value, refusal.reason)


def _event(number: int, event: Component) -> HolidayRow:
    if "RRULE" in event:
        raise _RefusedError("RRULE", _written(event, "RRULE"), "Ferien wiederholen sich nicht nach einer Regel.")
    if "DURATION" in event:
        raise _RefusedError("DURATION", _written(event, "DURATION"), "Bitte das Ende angeben (DTEND), nicht die Dauer.")
    first_day = _whole_day(event, "DTSTART")
    last_day = first_day
    if "DTEND" in event:
        # The first day after the holidays (RFC 5545, 3.6.1); without it they last one day.
        after = _whole_day(event, "DTEND")
        last_day = after - timedelta(days=1) if after > first_day else after
    return HolidayRow(number, first_day, last_day, " ".join(str(event.get("SUMMARY", "")).split())[:LONGEST_NAME])


def _whole_day(event: Component, name: str) -> date:
    try:
        value = getattr(event.get(name), "dt", None)
    except ValueError:  # what stands there is no day
        value = None
    if isinstance(value, datetime):
        if value.time() == time(0) and "TZID" not in event[name].params:
            return value.date()
        raise _RefusedError(name, _written(event, name), "Ferien werden in ganzen Tagen angegeben, ohne Uhrzeit.")
    if not isinstance(value, date):
        raise _RefusedError(name, event.get(name, ""), "Der Tag fehlt oder ist nicht lesbar.")
    return value


def _written(event: Component, name: str) -> str:
    value = event[name]
    written = value.to_ical() if hasattr(value, "to_ical") else value  # a list where it stands twice
    return written.decode() if isinstance(written, bytes) else str(written)
