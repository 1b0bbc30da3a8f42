"""Which key did a table give last? Keys of deleted rows must not come back: history and letters still speak of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models import AutoField

from beratung.backups.files import Part
from beratung.backups.tables import Table


def counts(table: Table) -> bool:
    """Return whether the database gives the keys of this table."""
    return isinstance(table.model._meta.pk, AutoField) or table.model._meta.pk.get_internal_type() == "BigAutoField"


def last_given(table: Table, using: str) -> int | None:
    """Return the highest key the database gave, 0 for none yet, None where it gives no keys."""
    if not counts(table):
        return None
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            found = cursor.fetchone()
            return found[0] if found else 0
        cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_sequence(cursor, table)}")  # noqa: S608  # nosec B608 # a quoted name of ours
        return cursor.fetchone()[0]


def go_on_counting(tables: Iterable[tuple[Table, Part]], using: str) -> None:
    """Let new keys begin behind those of the backup."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, part in tables:
            if part.counter is not None:
                (_set_sqlite if connection.vendor == "sqlite" else _set_postgres)(cursor, table, part.counter)


def _set_sqlite(cursor: Any, table: Table, last: int) -> None:
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
    if last:
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last])


def _set_postgres(cursor: Any, table: Table, last: int) -> None:
    cursor.execute("SELECT setval(%s::regclass, %s, %s)", [_sequence(cursor, table), last or 1, bool(last)])


def _sequence(cursor: Any, table: Table) -> str:
    """Return the quoted name of the sequence that gives a table's keys."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.model._meta.pk.column])
    return cursor.fetchone()[0]
