"""Load municipalities from a file, in whole or not at all: `manage.py import_municipalities FILE [--dry-run]`."""

from __future__ import annotations

from locations.imports.command import ImportCommand
from locations.imports.municipalities import MunicipalityImport


class Command(ImportCommand):
    help = "Gemeinden aus dem amtlichen Verzeichnis: alle Zeilen oder keine."
    kind = MunicipalityImport()
