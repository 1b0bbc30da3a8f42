"""Load school holidays from a file, in whole or not at all: `manage.py import_school_holidays FILE [--dry-run]`."""

from __future__ import annotations

from locations.imports.command import ImportCommand
from locations.imports.school_holidays import SchoolHolidayImport


class Command(ImportCommand):
    help = "Schulferien aus CSV, XLSX oder ICS: alle Zeilen oder keine."
    kind = SchoolHolidayImport()
