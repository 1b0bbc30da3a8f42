"""How are all tables read as they were at one moment, while others go on writing?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction


@contextmanager
def one_moment(using: str) -> Iterator[None]:
    """See the state of one moment until the end; nobody who writes has to wait. Within a transaction: its own state."""
    connection = connections[using]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _reading_only(connection), transaction.atomic(using=using):
            yield
    else:
        with transaction.atomic(using=using):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _reading_only(connection: Any) -> Iterator[None]:
    """Let the next transaction begin without the lock for writing: in WAL mode it then sees one state and holds up nobody."""
    connection.ensure_connection()
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        connection.transaction_mode = usual
