"""At which version of the public data is this page being made, and what was read at it already?"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar

# Set by the web server, unknown elsewhere.
seen: ContextVar[int | None] = ContextVar("public_version", default=None)

Read = TypeVar("Read")
_kept: dict[Hashable, tuple[int | None, Any]] = {}


def once_a_version(key: Hashable, read: Callable[[], Read]) -> Read:
    """Return what `read` returns, asked once for each version of the public data; every time where none is known.

    For small tables that most pages need whole. What is returned is shared: nobody may change it.
    """
    version = seen.get()
    if version is None:
        return read()
    stamp, found = _kept.get(key, (None, None))
    if stamp != version:
        found = read()
        _kept[key] = (version, found)
    return found


def forget() -> None:
    """Read everything anew."""
    _kept.clear()
