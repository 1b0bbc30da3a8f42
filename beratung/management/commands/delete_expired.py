"""What may no longer be kept? `manage.py delete_expired [--dry-run]`, once a day."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from appointments.reports import forget_texts


class Command(BaseCommand):
    help = "Löscht, was nicht länger aufbewahrt wird: Texte in Hinweisen auf Fehler (MISTAKE_TEXT_DAYS)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was gelöscht würde")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        days = settings.MISTAKE_TEXT_DAYS
        number = forget_texts(day=timezone.localdate(), kept_days=days, dry_run=dry_run)
        texts = "1 Text" if number == 1 else f"{number} Texte"
        age = "1 Tag alt oder älter" if days == 1 else f"{days} Tage alt oder älter"
        if dry_run:
            self.stdout.write(f"Hinweise auf Fehler: {texts} {'ist' if number == 1 else 'sind'} {age}.")
            self.stdout.write("Probelauf: nichts gelöscht.")
        else:
            self.stdout.write(f"Hinweise auf Fehler: {texts} gelöscht ({age}).")
