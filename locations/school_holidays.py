"""What would a file of school holidays change, and how is it taken in whole or not at all?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from locations.calendars import public_holidays
from locations.holiday_files import HolidayRow, RejectedRow, read_holidays
from locations.models import SchoolHoliday


@dataclass(frozen=True)
class Difference:
    """What the file adds, changes, leaves as it is, and what cannot be taken. Nothing is written if a row is rejected."""

    added: list[HolidayRow] = field(default_factory=list)
    changed: list[HolidayRow] = field(default_factory=list)
    unchanged: list[HolidayRow] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def changes_something(self) -> bool:
        """Return whether taking the file in would write a row."""
        return bool((self.added or self.changed) and not self.rejected)


def import_holidays(*, content: bytes, federal_state: str, source: str, dry_run: bool) -> Difference:
    """Return the difference the file makes to the state's holidays, and write it unless it is a dry run or a row is rejected.

    A row with the first day of a stored one replaces it. UnreadableFileError, UnknownStateError: nothing was read.
    """
    rows, rejected = read_holidays(content)
    if rows:
        public_holidays(federal_state, rows[0].first_day, rows[0].first_day)  # raises for a state that does not exist
    with transaction.atomic():
        stored = list(SchoolHoliday.objects.select_for_update().filter(federal_state=federal_state))
        found = _difference(rows, rejected, stored)
        if found.changes_something and not dry_run:
            _write(found, federal_state, source)
    return found


def _difference(rows: list[HolidayRow], rejected: list[RejectedRow], stored: list[SchoolHoliday]) -> Difference:
    by_first_day = {holiday.first_day: holiday for holiday in stored}
    found = Difference(rejected=list(rejected))
    replaced = {row.first_day for row in rows}
    for row in rows:
        same = by_first_day.get(row.first_day)
        if other := _overlapping(row, (holiday for holiday in stored if holiday.first_day not in replaced)):
            reason = f"Überschneidet sich mit {other}. Bitte diese zuerst löschen oder ändern."
            found.rejected.append(RejectedRow(row.number, "erster Tag", row.first_day.isoformat(), reason))
        elif same is None:
            found.added.append(row)
        elif (same.last_day, same.name) == (row.last_day, row.name):
            found.unchanged.append(row)
        else:
            found.changed.append(row)
    return found


def _overlapping(row: HolidayRow, stored: Iterable[SchoolHoliday]) -> SchoolHoliday | None:
    return next((one for one in stored if one.first_day <= row.last_day and row.first_day <= one.last_day), None)


def _write(found: Difference, federal_state: str, source: str) -> None:
    for row in found.added + found.changed:
        SchoolHoliday.objects.update_or_create(
            federal_state=federal_state,
            first_day=row.first_day,
            defaults={"last_day": row.last_day, "name": row.name, "source": source},
        )
