"""Is everything well that an operator has to keep an eye on?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max, Min
from django_tasks_db.models import DBTaskResult

from beratung.watch.backups import newest_backup_at
from beratung.watch.disk import LITTLE, MEGABYTE, NOTHING, least_free
from beratung.watch.models import last_beat
from locations.models import District, SchoolHoliday

# A task that waits longer than this has nobody who takes it.
PATIENCE_WITH_THE_WORKER = timedelta(minutes=5)
# It beats every 15 seconds.
WORKER_LIVES_FOR = timedelta(seconds=90)
HOLIDAYS_KNOWN_FOR = timedelta(days=365)
BACKUP_EVERY = timedelta(hours=26)


class State(IntEnum):
    """How bad is it? Only a broken site answers 503; what is merely due does not take it from the balancer."""

    OK = 0
    DUE = 1
    BROKEN = 2

    @property
    def word(self) -> str:
        return ("ok", "fällig", "gestört")[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `text` is a German sentence without personal data or secrets."""

    name: str
    label: str
    state: State
    text: str


def findings(now: datetime) -> list[Finding]:
    """Return what every check found; without a database, or before its migrations, the rest cannot be known."""
    try:
        # Not inside a transaction that a failing query would leave broken.
        with transaction.atomic():
            found = [Finding("database", "Datenbank", State.OK, "antwortet"), _migrations(now)]
            return found if found[-1].state is State.BROKEN else found + [check(now) for check in CHECKS]
    except DatabaseError:
        return [Finding("database", "Datenbank", State.BROKEN, "antwortet nicht")]


def _migrations(now: datetime) -> Finding:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return Finding("migrations", "Migrationen", State.BROKEN, f"{waiting} fehlen: manage.py migrate")
    return Finding("migrations", "Migrationen", State.OK, "vollständig")


def _holidays(now: datetime) -> Finding:
    """The state whose school holidays are known for the shortest time decides."""
    name, label = "school_holidays", "Schulferien"
    states = set(District.objects.values_list("federal_state", flat=True))
    if not states:
        return Finding(name, label, State.OK, "kein Landkreis angelegt")
    known = (
        SchoolHoliday.objects.filter(federal_state__in=states).values_list("federal_state").annotate(Max("last_day"))
    )
    last_days = dict(known)
    missing = sorted(states - set(last_days))
    if missing:
        return Finding(name, label, State.DUE, f"unbekannt: {', '.join(missing)}")
    until = min(last_days.values())
    state = State.OK if until >= now.date() + HOLIDAYS_KNOWN_FOR else State.DUE
    return Finding(name, label, state, f"bekannt bis {until:%d.%m.%Y}")


def _backup(now: datetime) -> Finding:
    name, label = "backup", "Sicherung"
    made_at = newest_backup_at()
    if made_at is None:
        return Finding(name, label, State.DUE if settings.IS_PRODUCTION else State.OK, "noch keine")
    hours = int((now - made_at).total_seconds() // 3600)
    return Finding(name, label, State.OK if now - made_at <= BACKUP_EVERY else State.DUE, f"vor {hours} Stunden")


def _worker(now: datetime) -> Finding:
    beaten_at = last_beat()
    if beaten_at is None and settings.IS_PRODUCTION:
        return _silent("hat sich noch nie gemeldet")
    if beaten_at is not None and now - beaten_at > WORKER_LIVES_FOR:
        return _silent(f"meldet sich nicht mehr, zuletzt vor {int((now - beaten_at).total_seconds() // 60)} Minuten")
    return _queue(now)


def _silent(text: str) -> Finding:
    return Finding("worker", "Dienst für lange Aufgaben", State.DUE, f"{text}: läuft manage.py db_worker?")


def _queue(now: datetime) -> Finding:
    name, label = "worker", "Dienst für lange Aufgaben"
    oldest = DBTaskResult.objects.ready().aggregate(since=Min("enqueued_at"))["since"]
    if oldest is None or now - oldest <= PATIENCE_WITH_THE_WORKER:
        return Finding(name, label, State.OK, "nichts wartet" if oldest is None else "arbeitet")
    minutes = int((now - oldest).total_seconds() // 60)
    return Finding(name, label, State.DUE, f"eine Aufgabe wartet seit {minutes} Minuten; der Dienst kommt nicht nach")


def _disk(now: datetime) -> Finding:
    """Pages can be read while there is no room, but a database in a file cannot even be opened."""
    name, label = "disk", "Speicherplatz"
    free = least_free()
    if free >= LITTLE:
        return Finding(name, label, State.OK, "ausreichend")
    state = State.BROKEN if free < NOTHING else State.DUE
    return Finding(name, label, state, f"nur noch {free // MEGABYTE} MB frei")


CHECKS: tuple[Callable[[datetime], Finding], ...] = (_holidays, _backup, _worker, _disk)
