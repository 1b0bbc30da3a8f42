"""What is kept, how long at most, and who deletes it? docs/retention.md says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from appointments.reports import forget_texts
from appointments.retention import forget_demand, forget_reports, forget_rounds
from budget.plan_retention import forget_plans
from locations.history_retention import forget_history, start_of
from locations.imports.runs import forget_files, forget_runs


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is kept for as many days as the setting says; `forget` returns how many went, or would go."""

    name: str
    one: str
    many: str
    setting: str
    forget: Callable[..., int]

    @property
    def days(self) -> int:
        return getattr(settings, self.setting)

    def counted(self, number: int) -> str:
        return f"{number} {self.one if number == 1 else self.many}"


def _gone(rows: QuerySet, dry_run: bool) -> int:
    number = rows.count()
    if not dry_run:
        rows.delete()
    return number


def forget_tasks(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete the notes of long tasks that ended this many days ago or earlier; what they found is kept with the plan."""
    return _gone(DBTaskResult.objects.finished().filter(finished_at__lt=start_of(day, kept_days)), dry_run)


def forget_log(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete the entries of Django's own list of what was done at the desk."""
    return _gone(LogEntry.objects.filter(action_time__lt=start_of(day, kept_days)), dry_run)


KINDS: Final = (
    Kind("Hinweise auf Fehler", "Text", "Texte", "MISTAKE_TEXT_DAYS", forget_texts),
    Kind("Erledigte Hinweise", "Hinweis", "Hinweise", "MISTAKE_REPORT_DAYS", forget_reports),
    Kind("Suchen ohne Ergebnis", "Zahl", "Zahlen", "MISSING_DEMAND_DAYS", forget_demand),
    Kind("Bestätigungsrunden", "Runde", "Runden", "CONFIRMATION_ROUND_DAYS", forget_rounds),
    Kind("Geschichte", "Eintrag", "Einträge", "HISTORY_DAYS", forget_history),
    Kind("Protokoll der Verwaltung", "Eintrag", "Einträge", "HISTORY_DAYS", forget_log),
    Kind("Hochgeladen und nie übernommen", "Datei", "Dateien", "IMPORT_FILE_DAYS", forget_files),
    Kind("Beendete Importe", "Import", "Importe", "IMPORT_RUN_DAYS", forget_runs),
    Kind("Pläne, die niemand übernahm", "Plan", "Pläne", "PLAN_DAYS", forget_plans),
    Kind("Lange Aufgaben", "Vermerk", "Vermerke", "TASK_DAYS", forget_tasks),
)


def forget_sessions(*, dry_run: bool = False) -> int:
    """Delete the logins that are over, and return how many."""
    return _gone(Session.objects.filter(expire_date__lt=timezone.now()), dry_run)


def forget_attempts(*, dry_run: bool = False) -> int:
    """Delete the counts of wrong passwords that lock nobody out any more, and return how many."""
    return _gone(AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME), dry_run)
