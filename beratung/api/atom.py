"""What has changed? Published, cancelled, moved and ended dates as an Atom feed, by municipality and topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from ninja import Query

from appointments.ical import feed_window
from appointments.models import Offer, Slot, SlotException, SlotQuerySet, Topic
from appointments.search import of_municipality
from beratung.api.answers import answer
from beratung.api.changes import NEVER
from beratung.api.links import page, site_of
from beratung.api.parameters import FeedFilters
from beratung.api.problems import Problem, shown, wrong
from beratung.api.publishing import published
from beratung.api.schemas import TEXT
from locations.models import Municipality
from locations.wording import date_long, time_range

ATOM: Final = "application/atom+xml"
MOST_ENTRIES: Final = 200
SINCE: Final = "2026"  # the year in which the ids were given (RFC 4151); it never changes
KINDS: Final = {
    SlotException.Kind.CANCELLED: "Fällt aus",
    SlotException.Kind.MOVED: "Verlegt",
    SlotException.Kind.EXTRA: "Zusätzlicher Termin",
    SlotException.Kind.HELD_ANYWAY: "Findet trotzdem statt",
}


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened; `key` is the same for good."""

    key: str
    title: str
    text: str
    updated: datetime
    published_on: date
    slot: Slot


@published(
    "/atom/aenderungen",
    summary="Was sich an Terminen geändert hat",
    tag="Atom",
    name="atom",
    asked=FeedFilters,
    media_type=ATOM,
    more=("application/xml", "text/xml"),
    schema=TEXT,
)
def changes(request: HttpRequest, asked: Query[FeedFilters]) -> HttpResponse:
    day = timezone.localdate()
    slots, about = _slots(asked, day)
    found = sorted(news(slots, day), key=lambda one: (one.updated, one.key), reverse=True)[:MOST_ENTRIES]
    updated = max((one.updated for one in found), default=NEVER)
    body = _written(request, found, about, updated)
    return answer(request, body, media_type=ATOM, changed_at=updated)


def _slots(asked: FeedFilters, day: date) -> tuple[SlotQuerySet, str]:
    """Return the slots asked about, and about what that is."""
    slots = Slot.objects.seen_since(feed_window(day)[0], day)
    names = []
    if asked.gemeinde:
        town = Municipality.objects.select_related("successor").filter(ags=asked.gemeinde).first()
        if town is None:
            raise _unknown("gemeinde", asked.gemeinde, "Eine Gemeinde mit diesem Schlüssel gibt es hier nicht.")
        heir = town.successor or town
        slots = slots.filter(of_municipality(heir.pk))
        names.append(heir.name)
    if asked.thema:
        topic = Topic.objects.filter(slug=asked.thema).first()
        if topic is None:
            raise _unknown("thema", asked.thema, "Dieses Beratungsfeld gibt es hier nicht.")
        slots = slots.filter(Exists(Offer.topics.through.objects.filter(offer=OuterRef("offer"), topic=topic)))
        names.append(topic.name)
    return newest(slots).with_dates(), ", ".join(names)


def newest(slots: SlotQuerySet) -> SlotQuerySet:
    """Return those of the slots that can have made the newest entries: few, however many there are. Two queries."""
    own = slots.order_by("-changed_at", "-uuid").values_list("pk", flat=True)[:MOST_ENTRIES]
    among = slots.order_by().filter(pk=OuterRef("slot"))
    changed = SlotException.objects.filter(Exists(among)).order_by("-changed_at", "-slot__uuid", "-uuid")
    return Slot.objects.filter(pk__in={*own, *changed.values_list("slot", flat=True)[:MOST_ENTRIES]})


def _unknown(name: str, value: str, detail: str) -> Problem:
    return Problem(404, f"„{shown(value)}“: {detail}", [wrong(name, detail)])


def news(slots: Iterable[Slot], day: date) -> Iterator[News]:
    """Yield what happened to the slots; what lies in the future was not announced yet."""
    for slot in slots:
        yield _of_slot(slot, "veroeffentlicht", "Neuer Termin", slot.published_on)
        if slot.withdrawn_on and slot.withdrawn_on <= day:
            yield _of_slot(slot, "beendet", "Kein Termin mehr", slot.withdrawn_on)
        for row in slot.exceptions.all():
            yield _of_exception(slot, row)


def _of_slot(slot: Slot, key: str, title: str, on: date) -> News:
    text = f"{slot.sentence[:1].upper()}{slot.sentence[1:]}. {slot.place_text}."
    return News(f"{slot.uuid}/{key}", f"{title}: {slot.offer.title}", text, slot.changed_at, on, slot)


def _of_exception(slot: Slot, row: SlotException) -> News:
    title = f"{KINDS[SlotException.Kind(row.kind)]}: {slot.offer.title}, {date_long(row.day)} {row.day.year}"
    text = " ".join(filter(None, (_instead(slot, row), row.reason, f"{slot.place_text}.")))
    return News(f"{slot.uuid}/{row.uuid}", title, text, row.changed_at, row.changed_at.date(), slot)


def _instead(slot: Slot, row: SlotException) -> str:
    """Return when and where it takes place instead."""
    parts = []
    if row.new_day:
        parts.append(f"am {date_long(row.new_day)} {row.new_day.year}")
    if row.new_start_time and row.new_end_time:
        parts.append(time_range(row.new_start_time, row.new_end_time))
    if row.new_institution:
        parts.append(row.new_institution.public_address)
    return f"Neu: {', '.join(parts)}." if parts else ""


class _Feed(Atom1Feed):
    """An empty feed says when its data changed, not when somebody asked."""

    def latest_post_date(self) -> Any:
        return self.feed["updated"]


def _written(request: HttpRequest, found: Iterable[News], about: str, updated: datetime) -> bytes:
    site = site_of(request)
    here = request.build_absolute_uri()
    host = request.get_host().partition(":")[0]
    feed = _Feed(
        title=f"Beratung vor Ort: Änderungen{f' ({about})' if about else ''}",
        link=f"{site}/",
        description="",
        feed_url=here,
        feed_guid=f"tag:{host},{SINCE}:{request.get_full_path()}",
        language="de",
        author_name="Beratung vor Ort",
        updated=updated,
    )
    for one in found:
        feed.add_item(
            title=one.title,
            link=page(site, "slot", one.slot.uuid),
            description=one.text,
            unique_id=f"tag:{host},{SINCE}:{one.key}",
            updateddate=one.updated,
            pubdate=datetime.combine(one.published_on, time(), timezone.get_default_timezone()),
            author_name=one.slot.offer.provider.name,
        )
    return feed.writeString("utf-8").encode()
