"""Fill an empty database from an archive: `manage.py import_archive FILE`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from beratung.archive import ArchiveError, import_archive


class Command(BaseCommand):
    help = "Füllt eine leere Datenbank (nach migrate) aus einem Archiv: ganz oder gar nicht."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Archiv aus export_archive")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with file.open("rb") as source:
                parts = import_archive(source)
        except OSError as error:
            raise CommandError(f"{file} lässt sich nicht lesen: {error.strerror}.") from error
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        if not parts:
            self.stdout.write("Die Datenbank hat diesen Stand schon. Nichts geändert.")
        else:
            self.stdout.write(f"{sum(part.rows for part in parts)} Zeilen eingelesen.")
