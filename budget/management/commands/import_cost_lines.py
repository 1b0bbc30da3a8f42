"""Load cost lines from a file, in whole or not at all: `manage.py import_cost_lines FILE [--dry-run]`."""

from __future__ import annotations

from budget.imports.cost_lines import CostLineImport
from locations.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Kostenpositionen aus CSV oder XLSX: alle Zeilen oder keine."
    kind = CostLineImport()
