"""Which counselling do families look for in vain? Bare numbers per municipality, topic and week."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from appointments.models import MissingDemand
from appointments.search import Outcome, Wish

LONGEST_WAIT_MS = 100  # for another writer; a family does not wait for our numbers

logger = logging.getLogger(__name__)


def note_missing(outcome: Outcome | None, day: date) -> None:
    """Count the search if place or topic was understood and nothing was found. Never fails, hardly ever waits."""
    if outcome is None or outcome.entries or not _is_about_something(outcome.wish):
        return
    try:
        with _short_patience():
            count_missing(municipality=_municipality(outcome.wish), topic=_topic(outcome.wish), day=day)
    except DatabaseError as error:
        # Its text could name rows; the kind of error is enough to see that numbers are missing.
        logger.warning("Suche ohne Ergebnis nicht gezählt: %s", type(error).__name__)


def count_missing(*, municipality: int | None, topic: int | None, day: date) -> None:
    """Add one search to the week of the day; primary keys, None for unknown. Exact with any number of writers."""
    key = {"municipality_id": municipality, "topic_id": topic, "week_first_day": first_day_of_week(day)}
    week = MissingDemand.objects.filter(**key)
    with transaction.atomic():
        if not week.update(count=F("count") + 1):
            # Another process may have made the row meanwhile: then the insert does nothing, and both are counted.
            MissingDemand.objects.bulk_create([MissingDemand(**key)], ignore_conflicts=True)
            week.update(count=F("count") + 1)


def first_day_of_week(day: date) -> date:
    """Return the Monday of the ISO week."""
    return day - timedelta(days=day.weekday())


def _is_about_something(wish: Wish) -> bool:
    return _municipality(wish) is not None or _topic(wish) is not None


def _municipality(wish: Wish) -> int | None:
    return wish.place.municipality if wish.place else None


def _topic(wish: Wish) -> int | None:
    """Return the topic where there is one; several say nothing about any of them."""
    return wish.topics[0].pk if len(wish.topics) == 1 else None


@contextmanager
def _short_patience() -> Iterator[None]:
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
