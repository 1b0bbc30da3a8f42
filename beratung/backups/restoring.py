"""How does a backup become the same database again, all of it or nothing?"""

from __future__ import annotations

from typing import BinaryIO, Final

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connections, transaction

from beratung.backups.counters import go_on_counting
from beratung.backups.files import Backup, BackupError, Digest, Manifest, Part, opened
from beratung.backups.tables import READY_MADE, Table, migrations, tables_kept, tables_left_out, tables_ready_made
from beratung.backups.values import batches, values_of
from beratung.backups.wording import reason
from beratung.backups.writing import Progress, Steps, lines_of, no_progress
from beratung.public_pages.triggers import ensure

ROWS_A_STATEMENT: Final = 500
# Full from the first moment on: written by `migrate` or by the database itself.
NEVER_EMPTY: Final = frozenset({*READY_MADE, "locations.publicversion", "watch.workerbeat"})


def restore_backup(source: BinaryIO, *, using: str = "default", progress: Progress = no_progress) -> Manifest:
    """Fill the empty database and return what was written, compared row by row with the backup before it counts.

    BackupError: nothing was written.
    """
    try:
        with opened(source) as backup:
            refuse_other_tables(backup.manifest, using)
            refuse_a_full_database(using)
            backup.check()
            with transaction.atomic(using=using):
                _fill(backup, using, progress)
            _tidy(using)
            return backup.manifest
    except BackupError:
        raise
    except (DatabaseError, ValueError, OverflowError) as error:
        raise BackupError(f"Die Datenbank nimmt die Sicherung nicht an: {reason(error)}.") from error


def refuse_other_tables(manifest: Manifest, using: str) -> None:
    """Raise BackupError unless the database is at the same migrations as the backup."""
    if not connections[using].introspection.table_names():
        raise BackupError("Die Datenbank hat noch keine Tabellen; „manage.py migrate“ legt sie an.")
    here, there = migrations(using), manifest.migrations
    if other := sorted(app for app in here.keys() | there.keys() if here.get(app) != there.get(app)):
        wanted = ", ".join(f"{app} {there.get(app, '(keine)')}" for app in other)
        found = ", ".join(f"{app} {here.get(app, '(keine)')}" for app in other)
        raise BackupError(
            f"Die Sicherung braucht die Fassung des Programms mit den Migrationen {wanted}; diese Datenbank hat {found}. "
            "Erst jene Fassung einspielen und „manage.py migrate“ aufrufen, dann wiederherstellen, dann aktualisieren."
        )
    if {part.table: part.columns for part in manifest.parts} != {table.name: table.columns for table in tables_kept()}:
        raise BackupError("In der Sicherung stehen andere Tabellen oder Spalten als in dieser Fassung des Programms.")


def refuse_a_full_database(using: str) -> None:
    """Raise BackupError if the database has any row that `migrate` did not put there."""
    tables = [table for table in [*tables_kept(), *tables_left_out()] if table.key not in NEVER_EMPTY]
    if full := [table.label for table in tables if table.rows(using).exists()]:
        raise BackupError(
            f"Die Datenbank ist nicht leer ({', '.join(full[:4])}{' …' if len(full) > 4 else ''}). "
            "Eine Sicherung kommt nur in eine leere Datenbank; „manage.py migrate“ legt sie an."
        )


def _fill(backup: Backup, using: str, progress: Progress) -> None:
    # Again, now that nobody can come between (SQLite) or what comes between is found by the comparison (PostgreSQL).
    refuse_a_full_database(using)
    ensure(using=using)
    for table in tables_ready_made():
        table.rows(using)._raw_delete(using)
    parts = {part.table: part for part in backup.manifest.parts}
    pairs = [(table, parts[table.name]) for table in tables_kept()]
    steps = Steps(progress, 2 * backup.manifest.rows)
    for table, part in pairs:
        _insert(table, backup, part, using, steps)
    connections[using].check_constraints()
    go_on_counting(pairs, using)
    compare(pairs, using, steps)


def _insert(table: Table, backup: Backup, part: Part, using: str, steps: Steps) -> None:
    connection, fields = connections[using], table.fields
    lines = steps.see(table.label, backup.lines(part))
    with connection.cursor() as cursor:
        for group in batches(lines, _rows_a_statement(table, using)):
            values = [value for line in group for value in values_of(line, fields, connection)]
            cursor.execute(_statement(table, len(group), using), values)


def _rows_a_statement(table: Table, using: str) -> int:
    parameters = connections[using].features.max_query_params
    return min(ROWS_A_STATEMENT, parameters // len(table.columns)) if parameters else ROWS_A_STATEMENT


def _statement(table: Table, rows: int, using: str) -> str:
    quoted = connections[using].ops.quote_name
    columns = ", ".join(map(quoted, table.columns))
    row = f"({', '.join(['%s'] * len(table.columns))})"
    # Names of our own tables, values as parameters.
    return f"INSERT INTO {quoted(table.name)} ({columns}) VALUES {', '.join([row] * rows)}"  # noqa: S608  # nosec B608 # quoted names of ours


def compare(pairs: list[tuple[Table, Part]], using: str, steps: Steps) -> None:
    """Raise BackupError unless every row in the database is as the backup says."""
    for table, part in pairs:
        if not Digest().take(steps.see(table.label, lines_of(table, using))).fits(part):
            raise BackupError(f"Nach dem Wiederherstellen sind {table.label} anders als in der Sicherung.")


def _tidy(using: str) -> None:
    ContentType.objects.clear_cache()
    if connections[using].vendor == "postgresql" and not connections[using].in_atomic_block:
        # Until it has counted, PostgreSQL plans as if the tables were empty.
        with connections[using].cursor() as cursor:
            cursor.execute("ANALYZE")
