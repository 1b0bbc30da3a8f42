"""What may no longer be kept? `manage.py delete_expired [--dry-run]`, once a day."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from appointments.reports import forget_texts
from locations.history_retention import forget_history
from locations.imports.runs import forget_old_files
from locations.models.imports import FILE_IS_KEPT


class Command(BaseCommand):
    help = (
        "Löscht, was nicht länger aufbewahrt wird: Texte in Hinweisen auf Fehler (MISTAKE_TEXT_DAYS) und die Geschichte "
        "der Verwaltung (HISTORY_DAYS)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was gelöscht würde")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        today = timezone.localdate()
        days = settings.MISTAKE_TEXT_DAYS
        texts = forget_texts(day=today, kept_days=days, dry_run=dry_run)
        self._tell("Hinweise auf Fehler", f"{texts} {'Text' if texts == 1 else 'Texte'}", texts, days, dry_run)
        days = settings.HISTORY_DAYS
        rows = forget_history(day=today, kept_days=days, dry_run=dry_run)
        self._tell("Geschichte", f"{rows} {'Eintrag' if rows == 1 else 'Einträge'}", rows, days, dry_run)
        if files := forget_old_files(dry_run=dry_run):
            kept = FILE_IS_KEPT.days
            self._tell(
                "Hochgeladen und nie übernommen",
                f"{files} {'Datei' if files == 1 else 'Dateien'}",
                files,
                kept,
                dry_run,
            )
        if dry_run:
            self.stdout.write("Probelauf: nichts gelöscht.")

    def _tell(self, what: str, counted: str, number: int, days: int, dry_run: bool) -> None:
        age = "1 Tag alt oder älter" if days == 1 else f"{days} Tage alt oder älter"
        if dry_run:
            self.stdout.write(f"{what}: {counted} {'ist' if number == 1 else 'sind'} {age}.")
        else:
            self.stdout.write(f"{what}: {counted} gelöscht ({age}).")
