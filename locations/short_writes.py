"""How is a number counted on the side, so that no visitor waits for it and no failure spoils the page?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.db import connection, transaction

LONGEST_WAIT_MS = 100  # for another writer; a family does not wait for our numbers


def alone() -> AbstractContextManager[object]:
    """Return a savepoint where a transaction is open, so that a failure does not spoil it; one statement needs no other."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


@contextmanager
def short_patience() -> Iterator[None]:
    """Let SQLite wait for another writer only shortly; PostgreSQL locks the one row that is counted, for a moment."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {LONGEST_WAIT_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience:d}")
