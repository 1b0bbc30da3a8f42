"""When is the next moment at which a page would say something else though nobody changed anything?

Pages read the clock for two things: the day, and whether a date has begun or is over. So a page made at one moment is right
until midnight or until the next time of day at which any date begins or ends, whichever comes first.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache

from django.db import connection

from locations.models import Version


@dataclass(frozen=True, slots=True)
class Moment:
    """The stretch of time in which pages stay as they are; `began_at` is when it began."""

    began_at: datetime

    @classmethod
    def at(cls, now: datetime, times: tuple[time, ...]) -> Moment:
        """Return the stretch around now (local time, aware); `times` is sorted and begins with midnight."""
        began = times[bisect_right(times, now.time()) - 1]
        # fold: in the hour that comes twice the second one is another stretch than the first.
        return cls(now.replace(hour=began.hour, minute=began.minute, second=began.second, microsecond=0))


COLUMNS = (
    ("appointments_slot", "start_time"),
    ("appointments_slot", "end_time"),
    ("appointments_slotexception", "new_start_time"),
    ("appointments_slotexception", "new_end_time"),
)
# From one value to the next larger one by its index: a country has 250,000 slots and some fifty times of day.
VALUES = """
  {name}(moment) AS (
    SELECT MIN({column}) FROM {table}
    UNION ALL
    SELECT (SELECT MIN({column}) FROM {table} WHERE {column} > {name}.moment) FROM {name} WHERE {name}.moment IS NOT NULL
  )
"""


@lru_cache(maxsize=2)
def times_of_day(version: Version) -> tuple[time, ...]:
    """Return every time of day at which any date begins or ends, midnight first. One query a version."""
    parts = [
        VALUES.format(name=f"part{number}", table=table, column=column)
        for number, (table, column) in enumerate(COLUMNS)
    ]
    every = " UNION ".join(f"SELECT moment FROM part{number}" for number in range(len(COLUMNS)))  # noqa: S608  # nosec B608 # numbers
    with connection.cursor() as cursor:
        cursor.execute(f"WITH RECURSIVE {','.join(parts)} {every}")
        found = [moment for (moment,) in cursor.fetchall() if moment is not None]
    # SQLite keeps a time as a text.
    return tuple(sorted({time(0), *(one if isinstance(one, time) else time.fromisoformat(one) for one in found)}))
