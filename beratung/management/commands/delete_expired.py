"""What may no longer be kept? `manage.py delete_expired [--dry-run]`, once a day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from beratung.public_pages.triggers import compact
from beratung.retention import KINDS, forget_attempts, forget_sessions
from locations.rate_limits import forget_over


class Command(BaseCommand):
    help = "Löscht, was nicht länger aufbewahrt wird; wie lange, sagen die Einstellungen (docs/retention.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was gelöscht würde")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        today = timezone.localdate()
        for kind in KINDS:
            number = kind.forget(day=today, kept_days=kind.days, dry_run=dry_run)
            age = "1 Tag alt oder älter" if kind.days == 1 else f"{kind.days} Tage alt oder älter"
            self._tell(kind.name, kind.counted(number), number, age, dry_run)
        sessions, attempts = forget_sessions(dry_run=dry_run), forget_attempts(dry_run=dry_run)
        self._tell("Anmeldungen", str(sessions), sessions, "abgelaufen", dry_run)
        self._tell("Falsche Passwörter", str(attempts), attempts, "abgelaufen", dry_run)
        if dry_run:
            self.stdout.write("Probelauf: nichts gelöscht.")
            return
        # Nothing anybody would miss: counts of requests, and the steps by which the version of the public pages rose.
        forget_over(timezone.now())
        compact()

    def _tell(self, what: str, counted: str, number: int, why: str, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(f"{what}: {counted} {'ist' if number == 1 else 'sind'} {why}.")
        else:
            self.stdout.write(f"{what}: {counted} gelöscht ({why}).")
