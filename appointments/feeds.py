"""Which calendar does somebody subscribe to, and has it changed?"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from appointments.ical import CalendarEntry, feed, feed_window
from appointments.models import Offer, Slot, SlotQuerySet, Topic
from appointments.schedule import Timetable
from appointments.search import of_municipality
from locations.models import District, Institution, Municipality

# SEQUENCE counts the minutes from here to the last change: it rises with every edit and fits 32 bits beyond the year 6000.
FIRST_MINUTE = datetime(2014, 1, 1, tzinfo=UTC)
MOST_SLOTS = 3_000  # in one calendar; it has two megabytes then
SHARED = (
    Prefetch("offer", Offer.objects.select_related("provider")),
    Prefetch("institution", Institution.objects.select_related("municipality__district")),
    "room",
)


@require_safe
def slot_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    day = timezone.localdate()
    slot = get_object_or_404(Slot.objects.filter(published_on__lte=day).with_dates(), uuid=uuid)
    return _answer(request, [slot], slot.offer.title, f"termin-{uuid}", day)


@require_safe
def district_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    district = get_object_or_404(District, slug=slug)
    slots = Slot.objects.filter(institution__municipality__district=district)
    return _feed(request, slots, f"Beratung vor Ort: {district.name}", slug)


@require_safe
def municipality_calendar(request: HttpRequest, ags: str) -> HttpResponse:
    municipality = get_object_or_404(Municipality.objects.select_related("successor"), ags=ags)
    heir = municipality.successor or municipality
    return _feed(request, Slot.objects.filter(of_municipality(heir.pk)), f"Beratung vor Ort: {heir.name}", heir.ags)


@require_safe
def institution_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    institution = get_object_or_404(Institution, slug=slug, address_is_public=True)
    return _feed(request, institution.slots.all(), f"Beratung vor Ort: {institution.name}", slug)


@require_safe
def topic_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the dates of a topic, of one district where `kreis` names it; a whole country's fit into no calendar."""
    topic = get_object_or_404(Topic, slug=slug)
    about = Offer.topics.through.objects.filter(offer=OuterRef("offer"), topic=topic)
    slots = Slot.objects.filter(Exists(about))
    if "kreis" in request.GET:
        district = get_object_or_404(District, slug=request.GET["kreis"])
        slots = slots.filter(institution__municipality__district=district)
    if len(slots.order_by().values_list("pk")[: MOST_SLOTS + 1]) > MOST_SLOTS:
        raise Http404
    return _feed(request, slots, f"Beratung vor Ort: {topic.name}", slug)


def _feed(request: HttpRequest, slots: SlotQuerySet, name: str, filename: str) -> HttpResponse:
    day = timezone.localdate()
    seen = slots.seen_since(feed_window(day)[0], day).with_dates()
    # Many slots share few offers and houses: each of them is read and made once, not once a slot.
    rows = seen.select_related(None).prefetch_related(*SHARED)
    return _answer(request, rows, name, filename, day)


def _answer(
    request: HttpRequest, slots: SlotQuerySet | list[Slot], name: str, filename: str, day: date
) -> HttpResponse:
    """Return the calendar, or 304 where the reader has these very bytes: a removed closure leaves no later date behind."""
    first, last = feed_window(day)
    rows = list(slots)
    timetable = Timetable.of_slots(rows, first, last)
    entries = [_entry(slot, timetable, request) for slot in rows]
    body = feed(entries, name=name, zone=timezone.get_default_timezone(), first=first, last=last)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{filename}.ics"'
    response["ETag"] = etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    patch_cache_control(response, public=True, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response


def _entry(slot: Slot, timetable: Timetable, request: HttpRequest) -> CalendarEntry:
    changed_at = timetable.last_changed(slot)
    rows = list(slot.exceptions.all())
    return CalendarEntry(
        uid=str(slot.uuid),
        summary=slot.offer.title,
        location=slot.place_text,
        series=timetable.series(slot, rows),
        calendar=timetable.calendar(slot),
        last_modified=changed_at,
        sequence=max(0, int((changed_at - FIRST_MINUTE).total_seconds() // 60)),
        description="\n\n".join(filter(None, (slot.note, slot.offer.summary))),
        url=request.build_absolute_uri(reverse("slot", args=[slot.uuid])),
        contact=slot.offer.contact_phone,
        places={row.new_institution_id: row.new_institution.public_address for row in rows if row.new_institution},
    )
