"""Has somebody asked too often? Counted for all processes together, and without knowing who it was afterwards.

The common count lies in the database under a keyed hash of limit, window and sender: nobody reads an address from it, and two
windows or two forms of the same sender have nothing in common. A row is deleted once its window is over.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from locations.models import RequestCount
from locations.short_writes import alone, short_patience

logger = logging.getLogger(__name__)
IPV6_NETWORK: Final = 64  # bits: what a household or an office is given as a whole
MOST_REMEMBERED: Final = 10_000  # keys a process holds in its memory


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within a window of so many seconds.

    `share`: a process tells the common count only every so many times. Those who ask now and then leave no row at all; in
    return each process may let through `share` - 1 too many.
    """

    name: str
    most: int
    seconds: int
    share: int = 1


def sender_of(request: HttpRequest) -> str | None:
    """Return the network a request comes from, None where that is not known: then nobody is locked out for others.

    Behind a proxy it is the last address of X-Forwarded-For, the one the proxy itself has written.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        text = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), IPV6_NETWORK), strict=False))
    return str(address)


def wait_after_counting(limit: Limit, sender: str | None, now: datetime) -> int:
    """Count one more, and return in how many seconds it may go on; 0: now, also where the sender or the count is unknown."""
    if sender is None:
        return 0
    window = _window(limit, sender, now)
    if _memory.is_over(window.key):
        return window.seconds_left(now)
    share = _memory.share_to_tell(window.key, limit.share)
    if not share or _count_together(window, share, now) <= limit.most:
        return 0
    _memory.remember_over(window.key)
    return window.seconds_left(now)


def wait(limit: Limit, sender: str | None, now: datetime) -> int:
    """Return what `wait_after_counting` would, and count nothing: for what counts only when it has failed."""
    if sender is None:
        return 0
    window = _window(limit, sender, now)
    try:
        with alone():
            row = RequestCount.objects.filter(pk=window.key).first()
    except DatabaseError as error:
        return _unknown(error)
    return window.seconds_left(now) if row and row.count >= limit.most else 0


def forget_over(now: datetime) -> int:
    """Delete the windows that are over, and return how many."""
    return RequestCount.objects.filter(ends_at__lte=now).delete()[0]


def forget_memory() -> None:
    """Begin anew in this process."""
    _memory.clear()


@dataclass(frozen=True, slots=True)
class _Window:
    key: str
    ends_at: datetime

    def seconds_left(self, now: datetime) -> int:
        return max(1, -int((now - self.ends_at) // timedelta(seconds=1)))


def _window(limit: Limit, sender: str, now: datetime) -> _Window:
    began = int(now.timestamp()) // limit.seconds * limit.seconds
    key = salted_hmac(__name__, f"{limit.name}|{began}|{sender}", algorithm="sha256").hexdigest()
    return _Window(key, datetime.fromtimestamp(began + limit.seconds, UTC))


def _count_together(window: _Window, share: int, now: datetime) -> int:
    """Add the share to the common count, in one statement that is exact with any number of writers, and return it."""
    table = connection.ops.quote_name(RequestCount._meta.db_table)
    statement = f"""
        INSERT INTO {table} (key, count, ends_at) VALUES (%s, %s, %s)
        ON CONFLICT (key) DO UPDATE SET count = {table}.count + excluded.count
        RETURNING count
    """  # noqa: S608 - nothing in it comes from outside  # nosec B608
    ends_at = connection.ops.adapt_datetimefield_value(window.ends_at)
    try:
        with short_patience(), alone(), connection.cursor() as cursor:
            cursor.execute(statement, [window.key, share, ends_at])
            count = cursor.fetchone()[0]
            if count == share:  # a new row: a good moment to sweep
                forget_over(now)
    except DatabaseError as error:
        return _unknown(error)
    return count


def _unknown(error: DatabaseError) -> int:
    """Let the visitor pass: what cannot be counted is no reason to turn anybody away."""
    logger.warning("Anfragen nicht gezählt: %s", type(error).__name__)
    return 0


class _Memory:
    """What this process has counted and not told yet, and whom it need not count any more."""

    def __init__(self) -> None:
        self._lock, self._untold, self._over = Lock(), dict[str, int](), set[str]()

    def is_over(self, key: str) -> bool:
        return key in self._over

    def remember_over(self, key: str) -> None:
        with self._lock:
            if len(self._over) >= MOST_REMEMBERED:
                self._over.clear()
            self._over.add(key)

    def share_to_tell(self, key: str, share: int) -> int:
        """Count one more; return how many are to be told now, 0 while they are fewer than the share."""
        if share == 1:
            return 1
        with self._lock:
            if len(self._untold) >= MOST_REMEMBERED:
                self._untold.clear()
            untold = self._untold.pop(key, 0) + 1
            if untold >= share:
                return untold
            self._untold[key] = untold
        return 0

    def clear(self) -> None:
        with self._lock:
            self._untold.clear()
            self._over.clear()


_memory = _Memory()
