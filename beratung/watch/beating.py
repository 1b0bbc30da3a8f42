"""How does a worker say that it lives, even in the middle of a task that takes an hour?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import DatabaseError, connection

from beratung.watch.models import beat

SECONDS_BETWEEN_BEATS = 15


@contextmanager
def beating(seconds: float = SECONDS_BETWEEN_BEATS) -> Iterator[None]:
    """Beat at once and then every so many seconds, until the block ends."""
    over = Event()
    thread = Thread(target=_beat_until, args=(over, seconds), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def _beat_until(over: Event, seconds: float) -> None:
    while True:
        try:
            beat()
        except DatabaseError:
            # Locked or away: the worker itself says so, and the next beat tries again.
            connection.close()
        if over.wait(seconds):
            connection.close()
            return
