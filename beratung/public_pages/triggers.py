"""How does the database count every write, bulk updates and hand-written SQL included? By triggers, made after `migrate`.

The step stands in the same transaction as the write: who sees the new rows sees the new version, on every process.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from beratung.public_pages.tables import public_tables
from locations.models import PublicVersion

PREFIX = "public_version_"
# Far apart, so that a restored or emptied database never counts through numbers that pages were kept under.
LARGEST_START = 2**40

SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
  UPDATE {version} SET number = number + 1, changed_at = strftime('%Y-%m-%d %H:%M:%f', 'now');
END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION public_version_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {version} (number, changed_at) VALUES (1, clock_timestamp());
  RETURN NULL;
END $$
"""
POSTGRES = """
CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION public_version_step()
"""


def ensure(using: str = "default", **kwargs: Any) -> None:
    """Make what is missing: the first version, and a trigger for every public table. Called after each `migrate`."""
    connection = connections[using]
    if PublicVersion._meta.db_table not in connection.introspection.table_names():
        return
    with transaction.atomic(using=using):
        if not PublicVersion.objects.using(using).exists():
            start = secrets.randbelow(LARGEST_START)
            PublicVersion.objects.using(using).create(number=start, changed_at=timezone.now())
        _make_missing(connection)


def compact(using: str = "default") -> None:
    """Put the steps of the past into one row, so that adding them up stays quick. The version stays the same."""
    with transaction.atomic(using=using):
        rows = list(PublicVersion.objects.using(using).select_for_update().order_by("pk"))
        if len(rows) < 2:
            return
        latest = max(row.changed_at for row in rows)
        PublicVersion.objects.using(using).create(number=sum(row.number for row in rows), changed_at=latest)
        PublicVersion.objects.using(using).filter(pk__in=[row.pk for row in rows]).delete()


def _make_missing(connection: BaseDatabaseWrapper) -> None:
    present = set(connection.introspection.table_names())
    tables = [table for table in public_tables() if table in present]
    statements = _sqlite(tables) if connection.vendor == "sqlite" else _postgres(tables)
    version = connection.ops.quote_name(PublicVersion._meta.db_table)
    with connection.cursor() as cursor:
        there = _names(cursor, connection.vendor)
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION.format(version=version))
        for name, statement in statements:
            if name not in there:
                cursor.execute(statement.replace("{version}", version))


def _sqlite(tables: list[str]) -> list[tuple[str, str]]:
    return [
        (name, SQLITE.format(name=name, event=event, table=f'"{table}"', version="{version}"))
        for table in tables
        for event in ("INSERT", "UPDATE", "DELETE")
        for name in [f"{PREFIX}{event.lower()}_{table}"]
    ]


def _postgres(tables: list[str]) -> list[tuple[str, str]]:
    # PostgreSQL cuts names at 63 letters; they belong to their table and need not differ between tables.
    names = {table: f"{PREFIX}{table}"[:63] for table in tables}
    return [(name, POSTGRES.format(name=f'"{name}"', table=f'"{table}"')) for table, name in names.items()]


def _names(cursor: Any, vendor: str) -> set[str]:
    if vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    return {name for (name,) in cursor.fetchall()}
