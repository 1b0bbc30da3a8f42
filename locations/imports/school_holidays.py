"""Which school holidays of a state does a file name, as a table or as a calendar?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from locations.calendars import UnknownStateError, public_holidays
from locations.cells import Fields, Problem
from locations.headings import Column
from locations.holiday_files import LONGEST_NAME, MOST_BYTES, HolidayRow, events, implausible, is_calendar
from locations.imports.reports import Entry, Report
from locations.imports.running import ImportKind, Options, UnreadableFileError
from locations.imports.writing import Batch, assign, changed_names
from locations.models import SchoolHoliday
from locations.wording import date_digits

TITLES = ("erster Tag", "letzter Tag", "Name")
Taken = tuple[HolidayRow, tuple[str, ...]]


class SchoolHolidayImport(ImportKind):
    """Adds and corrects the holidays of one state; one with the first day of a stored one replaces it."""

    key = "schulferien"
    label = "Schulferien"
    hint = "CSV oder XLSX mit den Spalten von, bis und Name, oder ein Kalender (ICS)."
    model = SchoolHoliday
    asks_for = ("federal_state",)
    columns = (
        Column("first_day", "erster Tag", ("von", "Beginn", "start", "vom"), required=True),
        Column("last_day", "letzter Tag", ("bis", "Ende", "end", "zum"), required=True),
        Column("name", "Name", ("Ferien", "Bezeichnung", "Art"), required=True),
    )

    def compare(self, rows: list[Taken], options: Options, report: Report) -> Batch:
        _refuse_an_unknown_state(options)
        batch = Batch(SchoolHoliday)
        stored = list(SchoolHoliday.objects.select_for_update().filter(federal_state=options.federal_state))
        others = _others(stored, rows)
        by_first_day = {row.first_day: row for row in stored}
        for row, written in _without_overlaps(rows, report):
            if clash := _overlapping(row, others):
                reason = f"Überschneidet sich mit {clash}. Bitte diese zuerst löschen oder ändern."
                report.reject_written(row.number, written, [_at_first_day(row, reason)])
            else:
                _compare(row, by_first_day.get(row.first_day), options, report, batch)
        return batch

    def read(self, file: BinaryIO, report: Report) -> Iterator[Taken]:
        head = file.read(60)
        file.seek(0)
        rows = self._calendar(file, report) if is_calendar(head) else self._table(file, report)
        for row, written in rows:
            problem = implausible(row)
            if problem is None:
                yield row, written
            else:
                report.reject_written(row.number, written, [problem])

    def _calendar(self, file: BinaryIO, report: Report) -> Iterator[Taken]:
        report.titles = TITLES
        for found in events(file.read(MOST_BYTES + 1)):
            if isinstance(found, Problem):
                report.reject_written(found.number, ("", "", ""), [found])
            else:
                yield found, (date_digits(found.first_day), date_digits(found.last_day), found.name)

    def _table(self, file: BinaryIO, report: Report) -> Iterator[Taken]:
        for fields in self.fields(file, report):
            row = _row(fields)
            if row is None:
                report.reject(fields.row, fields.problems)
            else:
                yield row, fields.row.written


def _refuse_an_unknown_state(options: Options) -> None:
    try:
        public_holidays(options.federal_state, options.today, options.today)
    except UnknownStateError as error:
        raise UnreadableFileError(str(error)) from error


def _row(fields: Fields) -> HolidayRow | None:
    days = []
    for key in ("first_day", "last_day"):
        days.append(fields.day(key))
        if not fields.has(key):
            fields.refuse(key, "Das ist kein Tag. Erwartet wird etwa 12.10.2026.")
    name = fields.text("name", LONGEST_NAME)
    if fields.problems or days[0] is None or days[1] is None:
        return None
    return HolidayRow(fields.row.number, days[0], days[1], name)


def _without_overlaps(taken: list[Taken], report: Report) -> Iterator[Taken]:
    last: HolidayRow | None = None
    for row, written in sorted(taken, key=lambda one: (one[0].first_day, one[0].number)):
        if last is not None and row.first_day <= last.last_day:
            reason = f"Überschneidet sich mit Zeile {last.number} ({last.name})."
            report.reject_written(row.number, written, [_at_first_day(row, reason)])
        else:
            last = row
            yield row, written


def _others(stored: list[SchoolHoliday], taken: Iterable[Taken]) -> list[SchoolHoliday]:
    """Return the stored holidays that the file does not replace."""
    replaced = {row.first_day for row, _ in taken}
    return [holiday for holiday in stored if holiday.first_day not in replaced]


def _overlapping(row: HolidayRow, stored: Iterable[SchoolHoliday]) -> SchoolHoliday | None:
    return next((one for one in stored if one.first_day <= row.last_day and row.first_day <= one.last_day), None)


def _at_first_day(row: HolidayRow, reason: str) -> Problem:
    return Problem(row.number, "erster Tag", row.first_day.isoformat(), reason)


def _compare(row: HolidayRow, same: SchoolHoliday | None, options: Options, report: Report, batch: Batch) -> None:
    is_new = same is None
    holiday = same or SchoolHoliday(
        federal_state=options.federal_state, first_day=row.first_day, last_day=row.last_day, name=row.name
    )
    differences = assign(holiday, {"last_day": row.last_day, "name": row.name})
    label = f"{row.name}, {date_digits(row.first_day)} bis {date_digits(row.last_day)}"
    if not report.take(Entry(row.number, label, differences), is_new=is_new):
        return
    holiday.source = options.source
    if is_new:
        batch.add(holiday)
    else:
        batch.change(holiday, [*changed_names(holiday, differences), "source"])
