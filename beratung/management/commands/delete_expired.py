"""What may no longer be kept? `manage.py delete_expired [--dry-run]`, once a day."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from appointments.reports import forget_texts
from beratung.public_pages.triggers import compact
from locations.history_retention import forget_history
from locations.imports.runs import forget_old_files
from locations.models.imports import FILE_IS_KEPT
from locations.rate_limits import forget_over

TASK_DAYS = 14


class Command(BaseCommand):
    help = (
        "Löscht, was nicht länger aufbewahrt wird: Texte in Hinweisen auf Fehler (MISTAKE_TEXT_DAYS), die Geschichte "
        "der Verwaltung (HISTORY_DAYS) und Vermerke über erledigte lange Aufgaben (14 Tage)."
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
        # Notes of computations that are over; what they found is kept with the plan.
        finished = DBTaskResult.objects.finished().filter(finished_at__lte=timezone.now() - timedelta(days=TASK_DAYS))
        if tasks := finished.count():
            if not dry_run:
                call_command("prune_db_task_results", min_age_days=TASK_DAYS, queue_name="*", verbosity=0)
            self._tell(
                "Lange Aufgaben", f"{tasks} {'Vermerk' if tasks == 1 else 'Vermerke'}", tasks, TASK_DAYS, dry_run
            )
        if dry_run:
            self.stdout.write("Probelauf: nichts gelöscht.")
            return
        # Nothing anybody would miss: logins that are over, and the steps by which the version of the public pages rose.
        call_command("clearsessions")
        compact()
        forget_over(timezone.now())
        AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()

    def _tell(self, what: str, counted: str, number: int, days: int, dry_run: bool) -> None:
        age = "1 Tag alt oder älter" if days == 1 else f"{days} Tage alt oder älter"
        if dry_run:
            self.stdout.write(f"{what}: {counted} {'ist' if number == 1 else 'sind'} {age}.")
        else:
            self.stdout.write(f"{what}: {counted} gelöscht ({age}).")
