"""Keep everything in one file: `manage.py backup [--to FOLDER]`, or look whether a file is whole: `--check FILE`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from beratung.backups.files import BackupError, opened
from beratung.backups.folder import existing_file
from beratung.backups.making import make_backup
from beratung.backups.progress import Teller
from beratung.backups.wording import moment, rows, seconds, size
from locations.wording import number

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Command(BaseCommand):
    help = (
        "Sichert die ganze Datenbank in eine Datei, auch während andere schreiben. Sie enthält die Konten: so sicher "
        "aufbewahren wie die Datenbank. Zurück geht es mit „manage.py restore“."
    )
    # Whatever else is wrong with the installation, what it knows has to be saved.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, metavar="ORDNER", help="anderer Ordner als BACKUP_DIR")
        parser.add_argument(
            "--check", type=Path, metavar="DATEI", help="nur prüfen, ob diese Sicherung vollständig ist"
        )

    def handle(self, *, to: Path | None, check: Path | None, **options: Any) -> None:
        try:
            self._check(check) if check else self._make(to or settings.BACKUP_DIR)
        except BackupError as error:
            raise CommandError(str(error)) from error

    def _make(self, folder: Path) -> None:
        teller = Teller(sys.stderr)
        made = make_backup(folder, timezone.now(), progress=teller)
        manifest = made.manifest
        self.stdout.write(
            f"Sicherung {made.path}: {size(made.size)}, {rows(manifest.rows)} in {len(manifest.parts)} Tabellen, "
            f"{seconds(teller.seconds)}."
        )
        self.stdout.write(f"Prüfsumme des Inhalts: {manifest.content}")
        if made.removed:
            self.stdout.write(f"Ältere gelöscht: {made.removed}; behalten werden die neuesten {settings.BACKUP_KEEP}.")

    def _check(self, path: Path) -> None:
        with existing_file(path) as source, opened(source) as backup:
            backup.check()
            manifest = backup.manifest
        self.stdout.write(
            f"{path} ist vollständig: {rows(manifest.rows)} in {number(len(manifest.parts))} Tabellen, "
            f"gesichert {moment(manifest.made_at)}, aus {DATABASES.get(manifest.database, manifest.database)}."
        )
        self.stdout.write(f"Prüfsumme des Inhalts: {manifest.content}")
