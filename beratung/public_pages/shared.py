"""How do several web servers share the pages they keep, and what if the shared cache is gone?

Off unless CACHE_URL names a Redis. Pages are kept as text, never pickled: who can write there may change a page, but runs
nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE = 10.0  # seconds in which a cache that did not answer is not asked again
KINDS = {".py", ".html", ".txt", ".mo", ".toml", ".csv", ".json"}
ROOMS = ("appointments", "beratung", "budget", "locale", "locations", "staticfiles", "templates")
logger = logging.getLogger(__name__)


class AsText:
    """Turns a kept page (body, headers, policy) into JSON and back."""

    def dumps(self, kept: tuple[bytes, dict[str, str], dict[str, Any]]) -> bytes:
        body, headers, policy = kept
        return json.dumps([b64encode(body).decode(), headers, policy]).encode()

    def loads(self, data: bytes) -> tuple[bytes, dict[str, str], dict[str, Any]]:
        body, headers, policy = json.loads(data)
        return b64decode(body), headers, policy


class SharedPages(RedisCache):
    """A Redis that may be gone: pages are then made anew, a little slower, and nobody sees an error."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # Pages of another version of the program, or with other settings, are other pages.
        super().__init__(server, params | {"KEY_PREFIX": _fingerprint_of_this_process()})
        self._pause_until = 0.0

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._or_else(default, super().get, key, default, version)

    def set(self, key: str, value: Any, timeout: Any = None, version: int | None = None) -> None:
        self._or_else(None, super().set, key, value, timeout, version)

    def _or_else(self, otherwise: Any, ask: Any, *args: Any) -> Any:
        if time.monotonic() < self._pause_until:
            return otherwise
        try:
            return ask(*args)
        except (RedisError, ValueError, TypeError) as error:
            # Without the message: it may hold the address with its password.
            logger.warning("Der gemeinsame Zwischenspeicher antwortet nicht (%s).", type(error).__name__)
            self._pause_until = time.monotonic() + PAUSE
            return otherwise


@cache
def _fingerprint_of_this_process() -> str:
    """Read everything once, not in every thread."""
    return fingerprint()


def fingerprint() -> str:
    """Return what tells this version of the program with these settings from every other."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        digest.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode() + path.read_bytes())
    for name in sorted(name for name in dir(settings) if name.isupper()):
        if isinstance(value := getattr(settings, name), (str, int, float, bool)):
            digest.update(f"{name}={value}\0".encode())
    return digest.hexdigest()[:32]


def _files() -> list[Path]:
    roots = [Path(settings.BASE_DIR) / room for room in ROOMS]
    return [path for root in roots for path in root.rglob("*") if path.suffix in KINDS and path.is_file()]
