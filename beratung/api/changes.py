"""When did what the interfaces say last change?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone

from appointments.ical import feed_window
from appointments.models import SlotException
from locations.models import Closure, PublicVersion, SchoolHoliday

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def state() -> tuple[datetime, int]:
    """Return when anything public was last written, and the number of that state, which no other has. One query.

    Where nobody counts, every moment is another state.
    """
    version = PublicVersion.objects.current()
    if version is None:
        now = timezone.now()
        return now, int(now.timestamp() * 1_000_000)
    return version.changed_at, version.number


def state_of(request: HttpRequest) -> tuple[datetime, int]:
    """Return the state before anything was read for the answer. One query a request."""
    if not hasattr(request, "public_state"):
        request.public_state = state()
    found: tuple[datetime, int] = request.public_state
    return found


def last_change() -> datetime:
    """Return when any row that the interfaces read was last written. One query."""
    return state()[0]


def said_today(changed_at: datetime) -> datetime:
    """Return when the answer last could change: with its rows, or with the day it speaks of."""
    midnight = datetime.combine(timezone.localdate(), time(), timezone.get_default_timezone())
    return max(changed_at, midnight)


def slot_changed_since(since: datetime, day: date, prefix: str = "") -> Q:
    """Return the condition that the slot, or what shapes its dates, place and offer, changed at the moment or later.

    The same rows as `Timetable.last_changed` looks at. `prefix` leads from the rows selected to the slot's.
    """
    first, last = feed_window(day)
    overlapping = Q(first_day__lte=last, last_day__gte=first, changed_at__gte=since)
    house = f"{prefix}institution"
    own = Closure.objects.filter(overlapping, institution=OuterRef(house))
    whole = Closure.objects.filter(overlapping, institution=None, district=OuterRef(f"{house}__municipality__district"))
    years = Q(first_day__lte=date(last.year, 12, 31), last_day__gte=date(first.year, 1, 1), changed_at__gte=since)
    holidays = SchoolHoliday.objects.filter(
        years, federal_state=OuterRef(f"{house}__municipality__district__federal_state")
    )
    exceptions = SlotException.objects.filter(slot=OuterRef(f"{prefix}pk"), changed_at__gte=since)
    rows = ("", "offer__", "offer__provider__", "institution__")
    changed = Q()
    for row in rows:
        changed |= Q(**{f"{prefix}{row}changed_at__gte": since})
    return changed | Q(Exists(own)) | Q(Exists(whole)) | Q(Exists(holidays)) | Q(Exists(exceptions))
