"""Load fixed appointments from a file, in whole or not at all: `manage.py import_slots FILE [--dry-run]`."""

from __future__ import annotations

from appointments.imports.slots import SlotImport
from locations.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Feste Termine aus CSV oder XLSX: alle Zeilen oder keine."
    kind = SlotImport()
