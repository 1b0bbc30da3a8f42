"""When is the next moment at which a page would say something else though nobody changed anything?

Pages read the clock for two things: the day, and whether a date has begun or is over. So a page made at one moment is right
until midnight or until the next time of day at which any date begins or ends, whichever comes first.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache

from appointments.models import Slot, SlotException
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


@lru_cache(maxsize=2)
def times_of_day(version: Version) -> tuple[time, ...]:
    """Return every time of day at which any date begins or ends, midnight first. One query a version."""
    usual = Slot.objects.order_by().values_list("start_time", "end_time")
    changed = SlotException.objects.filter(new_start_time__isnull=False).order_by()
    pairs = usual.union(changed.values_list("new_start_time", "new_end_time"))
    return tuple(sorted({time(0)}.union(*pairs)))
