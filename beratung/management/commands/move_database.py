"""Move everything into another, empty database: `manage.py move_database ADDRESS`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from beratung.backups.files import BackupError
from beratung.backups.making import make_backup
from beratung.backups.moving import fill, prepare, target_at
from beratung.backups.progress import Teller
from beratung.backups.wording import rows, seconds


class Command(BaseCommand):
    help = (
        "Bringt alles in eine andere, leere Datenbank, etwa von SQLite nach PostgreSQL: sichern, dort wiederherstellen, "
        "vergleichen. Vorher die Dienste anhalten."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "url",
            metavar="ADRESSE",
            help="wie DATABASE_URL; „-“ liest sie von der Eingabe, damit das Passwort nicht in der Liste der Vorgänge steht",
        )

    def handle(self, *, url: str, **options: Any) -> None:
        teller = Teller(sys.stderr)
        try:
            with target_at(sys.stdin.readline().strip() if url == "-" else url) as target:
                prepare(target)
                made = make_backup(settings.BACKUP_DIR, timezone.now(), progress=teller)
                manifest = fill(target, made.path, progress=teller)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Sicherung des alten Stands: {made.path}")
        self.stdout.write(
            f"{rows(manifest.rows)} in {len(manifest.parts)} Tabellen umgezogen, {seconds(teller.seconds)}."
        )
        self.stdout.write(f"Alter und neuer Stand sind gleich. Prüfsumme: {manifest.content}")
        self.stdout.write("Jetzt DATABASE_URL auf die neue Datenbank setzen und die Dienste starten.")
