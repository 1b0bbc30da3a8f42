"""Where do processes to be killed come from? From one that has loaded everything and forks a child for each.

Run as `python -m tests.resilience.nursery`: a line of JSON on its input is one child, which tells on the output how far it is.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

WRITES = ("INSERT", "UPDATE", "DELETE")


class Teller:
    """Counts the statements of a child and tells when the one to be killed at has come, and how far the work is.

    It kills itself right before the statement, or goes on until the test does, somewhere in it or the next ones.
    """

    def __init__(self, stop_at: int | None, by_itself: bool) -> None:
        self.stop_at, self.by_itself, self.count, self.phase = stop_at, by_itself, 0, "before"

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.count += 1
        self._look(context["connection"], sql)
        if self.count == self.stop_at:
            tell(at=self.phase, by_itself=self.by_itself)
            if self.by_itself:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    def _look(self, connection: Any, sql: str) -> None:
        if connection.in_atomic_block and sql.startswith(WRITES) and self.phase != "middle":
            self.phase = "middle"
            connection.on_commit(self._committed)

    def _committed(self) -> None:
        self.phase = "after"


def tell(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def child(asked: dict[str, Any]) -> None:
    """Do one operation on one database; never returns."""
    from django.db import connection

    from tests.resilience import operations
    from tests.resilience.truths import refuse_an_untrue_history

    connection.settings_dict["NAME"] = asked["database"]
    teller = Teller(asked.get("stop_at"), asked.get("by_itself", False))
    connection.ensure_connection()
    connection.execute_wrappers.append(teller)
    try:
        if asked["name"] == "history":
            refuse_an_untrue_history()
        elif asked["name"] == "prepare":
            operations.prepare()
        else:
            operations.OPERATIONS[asked["name"]][0]()
        connection.close()
        tell(done=teller.count)
    except BaseException:
        tell(failed=traceback.format_exc()[-3000:])
    os._exit(0)


def where_it_is_noon() -> str:
    """Return a time zone in which no day ends while the test runs: a second attempt would say another day."""
    east = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.utils import timezone

    settings.TIME_ZONE = where_it_is_noon()
    timezone.get_default_timezone.cache_clear()
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    from django.urls import get_resolver

    from tests.resilience import operations  # noqa: F401 - loaded once for all children

    get_resolver().reverse_dict  # noqa: B018 - all addresses, for the same reason

    tell(ready=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
        tell(pid=pid)
        os.waitpid(pid, 0)
        tell(gone=pid)


if __name__ == "__main__":
    main()
