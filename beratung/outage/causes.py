"""Is an error no mistake of the program, but want of a database or of room on the disk?"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import Enum

from django.db import DatabaseError, InterfaceError


class Outage(Enum):
    """What is wanting; the value is what the log and a monitor say, without addresses, names or rows."""

    DATABASE = "Die Datenbank antwortet nicht"
    DISK = "Auf dem Datenträger ist kein Platz, oder er nimmt nichts an"
    BUSY = "Die Datenbank ist überlastet"


# SQLite's primary result codes, https://www.sqlite.org/rescode.html
SQLITE = {
    5: Outage.BUSY,  # SQLITE_BUSY: another writer, for longer than the timeout
    6: Outage.BUSY,  # SQLITE_LOCKED
    8: Outage.DISK,  # SQLITE_READONLY
    10: Outage.DISK,  # SQLITE_IOERR
    11: Outage.DATABASE,  # SQLITE_CORRUPT
    13: Outage.DISK,  # SQLITE_FULL
    14: Outage.DATABASE,  # SQLITE_CANTOPEN
    15: Outage.BUSY,  # SQLITE_PROTOCOL: the lock of the log was fought for too long
    26: Outage.DATABASE,  # SQLITE_NOTADB
}
# PostgreSQL's classes of SQLSTATE and single states, https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL = {
    "53100": Outage.DISK,  # disk_full
    "53200": Outage.BUSY,  # out_of_memory
    "53300": Outage.BUSY,  # too_many_connections
    "55P03": Outage.BUSY,  # lock_not_available
    "25006": Outage.DISK,  # read_only_sql_transaction: a standby, or a disk that became read-only
    "42P01": Outage.DATABASE,  # undefined_table: not the database that was migrated
    "08": Outage.DATABASE,  # connection exceptions
    "40": Outage.BUSY,  # rolled back: deadlock, serialization
    "57": Outage.DATABASE,  # shut down, starting up, cancelled
    "58": Outage.DISK,  # errors of the system below: input and output
}
ERRNO = dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO), Outage.DISK)
NO_TABLE = "no such table"  # SQLite makes a lost file anew, without a table in it


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what is wanting, None where the error is another one."""
    for one in _chain(error):
        if (found := _of_driver(one) or _of_system(one)) is not None:
            return found
    return None


def code_of(error: BaseException | None) -> str:
    """Return the kind of error in a word or two: its text may name addresses and rows, this does not."""
    codes = (getattr(one, "pgcode", None) or getattr(one, "sqlite_errorname", None) for one in _chain(error))
    return " ".join(filter(None, [type(error).__name__, next(filter(None, codes), None)]))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what it was raised from; Django wraps the driver's errors, others wrap Django's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _of_driver(error: BaseException) -> Outage | None:
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    cause = error.__cause__
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return Outage.DATABASE if NO_TABLE in str(cause) else SQLITE.get(code & 0xFF)
    if (state := getattr(cause, "pgcode", None)) is not None:
        return POSTGRESQL.get(state) or POSTGRESQL.get(state[:2])
    return Outage.DATABASE if _says_nothing_of_a_row(cause) else None


def _says_nothing_of_a_row(cause: BaseException | None) -> bool:
    """Return whether the driver failed before the server could say a word: no connection, or one that is closed."""
    return type(cause).__name__ in {"OperationalError", "InterfaceError"}


def _of_system(error: BaseException) -> Outage | None:
    return ERRNO.get(error.errno or 0) if isinstance(error, OSError) else None
