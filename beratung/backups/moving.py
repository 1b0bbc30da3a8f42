"""How does everything move into another database, SQLite to PostgreSQL or back?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction

from beratung.backups.files import BackupError, Digest, Manifest
from beratung.backups.folder import existing_file
from beratung.backups.restoring import refuse_a_full_database, restore_backup
from beratung.backups.tables import tables_kept
from beratung.backups.wording import reason
from beratung.backups.writing import Progress, lines_of, no_progress
from beratung.settings import database

TARGET: Final = "target"


@contextmanager
def target_at(url: str, alias: str = TARGET) -> Iterator[str]:
    """Connect to the database at the address under a name of its own. BackupError: it cannot be had."""
    try:
        connections.settings[alias] = connections.configure_settings({"default": database(url)})["default"]
    except ImproperlyConfigured as error:
        raise BackupError(str(error)) from error
    try:
        yield alias
    except DatabaseError as error:
        raise BackupError(f"Die Zieldatenbank ist nicht zu haben: {reason(error)}.") from error
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def prepare(target: str) -> None:
    """Make the tables in an empty database. BackupError: it holds something already."""
    there = set(connections[target].introspection.table_names())
    if there and "django_migrations" not in there:
        raise BackupError("In der Zieldatenbank stehen fremde Tabellen. Gebraucht wird eine leere Datenbank.")
    call_command("migrate", database=target, verbosity=0)
    refuse_a_full_database(target)


def fill(target: str, path: Path, *, progress: Progress = no_progress) -> Manifest:
    """Fill the target from the backup just made. BackupError: nothing was written, also where the source has changed since."""
    with existing_file(path) as source, transaction.atomic(using=target):
        manifest = restore_backup(source, using=target, progress=progress)
        refuse_a_source_that_went_on(manifest)
    with connections[target].cursor() as cursor:
        cursor.execute("ANALYZE")
    return manifest


def refuse_a_source_that_went_on(manifest: Manifest) -> None:
    parts = {part.table: part for part in manifest.parts}
    for table in tables_kept():
        if not Digest().take(lines_of(table, "default")).fits(parts[table.name]):
            raise BackupError(
                f"Während des Umzugs hat jemand geschrieben ({table.label}); die Zieldatenbank ist leer geblieben. "
                "Bitte die Dienste anhalten und noch einmal aufrufen."
            )
