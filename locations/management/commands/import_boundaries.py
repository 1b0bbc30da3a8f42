"""Load boundaries from a file, in whole or not at all: `manage.py import_boundaries FILE [--dry-run]`."""

from __future__ import annotations

from locations.imports.boundaries import BoundaryImport
from locations.imports.command import ImportCommand


class Command(ImportCommand):
    help = "Grenzen der Gemeinden aus GeoJSON: alle Zeilen oder keine."
    kind = BoundaryImport()
