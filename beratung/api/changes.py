"""When did what the interfaces say last change?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone

from appointments.ical import feed_window
from appointments.models import Offer, Provider, Slot, SlotException, Topic
from locations.models import Closure, Institution, Municipality, SchoolHoliday

RECORDED = (Slot, SlotException, Offer, Provider, Topic, Institution, Municipality, Closure, SchoolHoliday)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def state() -> tuple[datetime, int]:
    """Return when any row that the interfaces read was last written, and how many there are. One query.

    A deletion leaves no later moment behind, but one row less.
    """
    latest = [model.objects.order_by().values_list(Max("changed_at"), Count("pk")) for model in RECORDED]
    rows = list(latest[0].union(*latest[1:], all=True))
    return max((row[0] for row in rows if row[0] is not None), default=NEVER), sum(row[1] for row in rows)


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
