"""What was found out about whole districts already, at this version of the data?

Tasks are reckoned from thousands of rows. The start page and the lists it leads to ask the same; as long as the database
has not counted a write, the answer is the same too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

from django.core.cache import caches

from locations.models import PublicVersion

Found = TypeVar("Found")
KEPT_FOR = 24 * 60 * 60  # seconds; by then the day is another


def kept(request: Any, question: str, districts: Iterable[int], today: date, find: Callable[[], Found]) -> Found:
    """Return what `find` returns, reckoned once for a version, a day and these districts. One query a request."""
    if not hasattr(request, "version_found_at"):
        # Read before anything is reckoned: what is written meanwhile belongs to a later version.
        request.version_found_at = PublicVersion.objects.current()
    version = request.version_found_at
    if version is None:
        return find()
    key = f"found:{question}:{version.number}:{today}:{hash(tuple(sorted(districts)))}"
    found = caches["pages"].get(key)
    if found is None:
        found = find()
        caches["pages"].set(key, found, KEPT_FOR)
    return found
