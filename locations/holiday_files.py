"""Which school holidays stand in a CSV or ICS file, and which rows make no sense?"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

import icalendar
from icalendar.cal import Component

MOST_BYTES = 1_000_000
MOST_ROWS = 2_000
LONGEST_DAYS = 100  # the longest summer holidays of any state last 45 days
YEARS = range(1990, 2101)
COLUMNS = {
    "first_day": ("first_day", "start", "beginn", "von", "erster tag"),
    "last_day": ("last_day", "end", "ende", "bis", "letzter tag"),
    "name": ("name", "ferien", "bezeichnung"),
}
SHORTEST_HEADING = {"first_day": "von", "last_day": "bis", "name": "Name"}
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y")


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read; the message is a German sentence."""


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A stretch of school holidays as it stands in the file, both days inclusive."""

    number: int
    first_day: date
    last_day: date
    name: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """What cannot be taken, and why. `number` counts lines of a CSV file, the heading included, or events of an ICS file."""

    number: int
    column: str
    value: str
    reason: str


Found = tuple[list[HolidayRow], list[RejectedRow]]


class _RefusedError(ValueError):
    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, str(value)[:80], reason


def read_holidays(content: bytes) -> Found:
    """Return the rows of the file and those to reject. UnreadableFileError: it is too large, or neither CSV nor ICS."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(f"Die Datei ist größer als {MOST_BYTES // 1_000_000} MB.")
    is_calendar = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper() == b"BEGIN:VCALENDAR"
    rows, rejected = _collected(_events(content) if is_calendar else _lines(content))
    if not rows and not rejected:
        raise UnreadableFileError("In der Datei stehen keine Ferien.")
    return _without_overlaps(rows, rejected)


def _collected(sources: Iterable[tuple[int, Callable[[], HolidayRow]]]) -> Found:
    rows: list[HolidayRow] = []
    rejected: list[RejectedRow] = []
    for number, read in sources:
        if number > MOST_ROWS + 1:
            raise UnreadableFileError(f"Mehr als {MOST_ROWS} Zeilen sind nicht möglich.")
        try:
            rows.append(_checked(read()))
        except _RefusedError as refusal:
            rejected.append(RejectedRow(number, refusal.column, refusal.value, refusal.reason))
    return rows, rejected


def _checked(row: HolidayRow) -> HolidayRow:
    if not row.name:
        raise _RefusedError("Name", "", "Der Name fehlt.")
    if row.first_day.year not in YEARS or row.last_day.year not in YEARS:
        raise _RefusedError("erster Tag", row.first_day, f"Das Jahr liegt nicht zwischen {YEARS[0]} und {YEARS[-1]}.")
    if row.last_day < row.first_day:
        raise _RefusedError("letzter Tag", row.last_day, "Der letzte Tag liegt vor dem ersten.")
    if (row.last_day - row.first_day).days >= LONGEST_DAYS:
        raise _RefusedError("letzter Tag", row.last_day, f"Ferien dauern nicht länger als {LONGEST_DAYS} Tage.")
    return row


def _without_overlaps(rows: list[HolidayRow], rejected: list[RejectedRow]) -> Found:
    kept: list[HolidayRow] = []
    for row in sorted(rows, key=lambda row: (row.first_day, row.number)):
        if kept and row.first_day <= kept[-1].last_day:
            other = kept[-1]
            reason = f"Überschneidet sich mit Zeile {other.number} ({other.name})."
            rejected.append(RejectedRow(row.number, "erster Tag", row.first_day.isoformat(), reason))
        else:
            kept.append(row)
    return kept, sorted(rejected, key=lambda row: row.number)


def _lines(content: bytes) -> Iterator[tuple[int, Callable[[], HolidayRow]]]:
    text = _decoded(content)
    heading = text.partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        places = _places(next(reader, []))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, partial(_line, reader.line_num, cells, places)
    except csv.Error as error:
        raise UnreadableFileError(f"Die Datei ist keine lesbare CSV-Datei (Zeile {reader.line_num}).") from error


def _decoded(content: bytes) -> str:
    if b"\x00" in content:
        raise UnreadableFileError("Die Datei ist weder eine CSV- noch eine ICS-Datei.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what Excel writes in Germany


def _places(heading: list[str]) -> dict[str, int]:
    """Return at which place each column stands."""
    names = [cell.strip().lower() for cell in heading]
    places = {key: names.index(name) for key, known in COLUMNS.items() for name in known if name in names}
    if missing := [heading for key, heading in SHORTEST_HEADING.items() if key not in places]:
        raise UnreadableFileError(
            f"In der Kopfzeile fehlt: {', '.join(missing)}. Erwartet werden die Spalten von, bis und Name."
        )
    return places


def _line(number: int, cells: list[str], places: dict[str, int]) -> HolidayRow:
    values = {key: cells[place].strip() if place < len(cells) else "" for key, place in places.items()}
    return HolidayRow(
        number=number,
        first_day=_date("erster Tag", values["first_day"]),
        last_day=_date("letzter Tag", values["last_day"]),
        name=values["name"][:80],
    )


def _date(column: str, value: str) -> date:
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(value, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _RefusedError(column, value, "Das ist kein Tag. Erwartet wird etwa 12.10.2026.")


def _events(content: bytes) -> Iterator[tuple[int, Callable[[], HolidayRow]]]:
    if content.upper().count(b"BEGIN:VEVENT") > MOST_ROWS:
        raise UnreadableFileError(f"Mehr als {MOST_ROWS} Ereignisse sind nicht möglich.")
    try:
        calendar = icalendar.Calendar.from_ical(content)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # as its parser stumbles
        raise UnreadableFileError("Die ICS-Datei ist beschädigt.") from error
    for number, event in enumerate(calendar.walk("VEVENT"), start=1):
        yield number, partial(_event, number, event)


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
    return HolidayRow(number, first_day, last_day, " ".join(str(event.get("SUMMARY", "")).split())[:80])


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
