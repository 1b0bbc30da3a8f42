"""Which tables does a backup hold, which does it leave out and why, and in which columns?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Field, Model

# Everything else is in the backup; tests/beratung/backups/test_tables.py knows no third kind.
LEFT_OUT: Final = {
    "sessions.session": "Anmeldungen: nach dem Wiederherstellen meldet sich jede Person neu an",
    "axes.accessattempt": "Sperren nach falschen Passwörtern: sie gelten eine Viertelstunde",
    "axes.accessattemptexpiration": "Sperren nach falschen Passwörtern: sie gelten eine Viertelstunde",
    "axes.accessfailurelog": "Tagebuch falscher Passwörter: wird nicht geführt",
    "axes.accesslog": "Tagebuch der Anmeldungen: wird nicht geführt",
    "locations.requestcount": "Zähler gegen zu viele Anfragen: sie gelten Minuten",
    "locations.publicversion": "Stand der öffentlichen Seiten: jede Datenbank zählt selbst, damit keine alte Seite bleibt",
    "watch.workerbeat": "Lebenszeichen des Dienstes für lange Aufgaben: gilt nur für den, der gerade läuft",
}
# `migrate` makes rows of its own there; in a database that has nothing else those of the backup take their place.
READY_MADE: Final = ("auth.group_permissions", "auth.permission", "contenttypes.contenttype", "auth.group")


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns that are stored in it; the database computes the others itself."""

    model: type[Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        return self.model._meta.label_lower

    @property
    def label(self) -> str:
        """Return what the rows are called in German."""
        return str(self.model._meta.verbose_name_plural)

    @property
    def fields(self) -> list[Field[Any, Any]]:
        return [field for field in self.model._meta.concrete_fields if not field.generated]

    @property
    def columns(self) -> list[str]:
        return [field.column for field in self.fields]

    def rows(self, using: str) -> Any:
        """Return all rows, by key."""
        return self.model._base_manager.using(using).order_by("pk")


def tables_kept() -> list[Table]:
    """Return the tables of the backup by name, those between two others (many to many) included."""
    return sorted((table for table in _stored() if table.key not in LEFT_OUT), key=lambda table: table.name)


def tables_left_out() -> list[Table]:
    return [table for table in _stored() if table.key in LEFT_OUT]


def tables_ready_made() -> list[Table]:
    """Return what `migrate` fills, those that refer to others first."""
    by_key = {table.key: table for table in _stored()}
    return [by_key[key] for key in READY_MADE]


def _stored() -> Iterable[Table]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield Table(model)


def migrations(using: str) -> dict[str, str]:
    """Return the last migration of each app that was applied: they say which tables and columns there are."""
    latest: dict[str, str] = {}
    for app, name in sorted(MigrationRecorder(connections[using]).applied_migrations()):
        latest[app] = name
    return latest
