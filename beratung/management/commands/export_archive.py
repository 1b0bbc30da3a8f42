"""Write the whole database into one file: `manage.py export_archive FILE`."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from beratung.archive import export_archive


class Command(BaseCommand):
    help = "Schreibt die ganze Datenbank in ein Archiv. Es enthält auch die Konten: so sicher aufbewahren wie die Datenbank."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="neue Datei, etwa beratung.zip")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                parts = export_archive(target)
        except OSError as error:
            raise CommandError(f"{file} lässt sich nicht schreiben: {error.strerror}.") from error
        for part in parts:
            if part.rows:
                self.stdout.write(f"{part.rows:>8} {part.model}")
        self.stdout.write(f"{sum(part.rows for part in parts)} Zeilen in {file}.")
