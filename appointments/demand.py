"""Which counselling do families look for in vain? Bare numbers per municipality, topic and week."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta

from django.db import DatabaseError, connection

from appointments.models import MissingDemand
from appointments.search import Outcome, Wish
from locations.short_writes import alone, short_patience

logger = logging.getLogger(__name__)


def note_missing(outcome: Outcome | None, day: date, *, too_often: Callable[[], object] = bool) -> bool:
    """Count the search if place or topic was understood and nothing was found; return whether it is one to be counted.

    Never fails, hardly ever waits. `too_often`: has this sender sent so many that they say nothing about families?
    """
    if outcome is None or outcome.entries or not _is_about_something(outcome.wish):
        return False
    if too_often():
        return True
    try:
        with short_patience():
            count_missing(municipality=_municipality(outcome.wish), topic=_topic(outcome.wish), day=day)
    except DatabaseError as error:
        # Its text could name rows; the kind of error is enough to see that numbers are missing.
        logger.warning("Suche ohne Ergebnis nicht gezählt: %s", type(error).__name__)
    return True


def count_missing(*, municipality: int | None, topic: int | None, day: date) -> None:
    """Add one search to the week of the day; primary keys, None for unknown. Exact with any number of writers."""
    # One statement, as SQLite and PostgreSQL both know it; Django's own upsert can set a value, but not add to it.
    table = connection.ops.quote_name(MissingDemand._meta.db_table)
    statement = f"""
        INSERT INTO {table} (municipality_id, topic_id, week_first_day, count) VALUES (%s, %s, %s, 1)
        ON CONFLICT {_taken(municipality, topic)} DO UPDATE SET count = {table}.count + 1
    """  # noqa: S608 - nothing in it comes from outside  # nosec B608
    with alone(), connection.cursor() as cursor:
        cursor.execute(statement, [municipality, topic, first_day_of_week(day)])


def _taken(municipality: int | None, topic: int | None) -> str:
    """Return which unique constraint of `MissingDemand` the row may meet: NULL differs from NULL, hence one for each case."""
    if topic is None:
        return "(municipality_id, week_first_day) WHERE topic_id IS NULL"
    if municipality is None:
        return "(topic_id, week_first_day) WHERE municipality_id IS NULL"
    return "(municipality_id, topic_id, week_first_day)"


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
