"""Is the SQLite file we hold open still the one that lies there? A restored or replaced file is taken up at the next request.

Opening the file anew for every request takes ten times as long as answering a page that is kept, so the connection stays.
"""

from __future__ import annotations

import os
from typing import Any

from django.core.signals import request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

Identity = tuple[int, int]


def watch() -> None:
    """Remember which file each connection opened, and compare at the beginning of each request."""
    connection_created.connect(_remember, dispatch_uid="database_file")
    request_started.connect(let_go_of_replaced_files, dispatch_uid="database_file")


def _remember(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    if _is_file(connection):
        connection.opened_file = _identity(connection)


def let_go_of_replaced_files(**_signal: Any) -> None:
    """Close what holds a file open that is no longer the one of that name: what is written there would be lost."""
    for connection in connections.all(initialized_only=True):
        if connection.connection is None or connection.in_atomic_block or not _is_file(connection):
            continue
        if getattr(connection, "opened_file", None) != _identity(connection):
            connection.close()


def _is_file(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite" and not connection.is_in_memory_db()


def _identity(connection: BaseDatabaseWrapper) -> Identity | None:
    try:
        found = os.stat(connection.settings_dict["NAME"])
    except OSError:
        return None
    return found.st_dev, found.st_ino
