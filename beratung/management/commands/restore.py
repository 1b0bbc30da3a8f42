"""Fill an empty database from a backup: `manage.py restore FILE`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from beratung.backups.files import BackupError
from beratung.backups.folder import existing_file
from beratung.backups.progress import Teller
from beratung.backups.restoring import restore_backup
from beratung.backups.wording import rows, seconds


class Command(BaseCommand):
    help = "Füllt eine leere Datenbank (nach „manage.py migrate“) aus einer Sicherung: ganz oder gar nicht."
    # What is wrong elsewhere must not keep anybody from getting everything back.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="DATEI", help="Sicherung aus „manage.py backup“")

    def handle(self, *, file: Path, **options: Any) -> None:
        teller = Teller(sys.stderr)
        try:
            with existing_file(file) as source:
                manifest = restore_backup(source, progress=teller)
        except BackupError as error:
            raise CommandError(f"{error} Nichts wurde geändert.") from error
        for part in manifest.parts:
            if part.rows:
                self.stdout.write(f"{part.rows:>9}  {part.table}")
        self.stdout.write(f"{rows(manifest.rows)} wiederhergestellt, {seconds(teller.seconds)}.")
        self.stdout.write(f"Alle {len(manifest.parts)} Tabellen verglichen: gleich. Prüfsumme: {manifest.content}")
