"""Load institutions from a file, in whole or not at all: `manage.py import_institutions FILE [--dry-run]`."""

from __future__ import annotations

from locations.imports.command import ImportCommand
from locations.imports.institutions import InstitutionImport


class Command(ImportCommand):
    help = "Einrichtungen aus CSV oder XLSX: alle Zeilen oder keine."
    kind = InstitutionImport()
