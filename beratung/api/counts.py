"""How many rows does a list have in all? Counted once for each state of the public data: a country has 250,000."""

from __future__ import annotations

import hashlib

from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.http import HttpRequest

from beratung.api.changes import state_of

KEPT_FOR = 24 * 60 * 60  # seconds; by then the day is another, and so is the question


def counted(request: HttpRequest, rows: QuerySet) -> int:
    """Return how many rows there are. One query, none where somebody asked before."""
    _changed_at, number = state_of(request)
    try:
        question = str(rows.query)
    except EmptyResultSet:
        return 0
    key = f"count:{number}:{hashlib.sha256(question.encode('utf-8', 'replace')).hexdigest()}"
    found = caches["pages"].get(key)
    if found is None:
        found = rows.count()
        caches["pages"].set(key, found, KEPT_FOR)
    return int(found)
