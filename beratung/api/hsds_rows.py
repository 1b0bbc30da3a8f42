"""Which rows does an HSDS answer need, and how many queries does it take?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from appointments.entries import public_point
from appointments.ical import feed_window
from appointments.models import Offer, Provider, Slot, SlotException, SlotQuerySet, Topic
from appointments.schedule import Timetable
from appointments.search import houses_within, of_municipality
from beratung.api.changes import slot_changed_since
from beratung.api.hsds_names import TAXONOMY_ID
from beratung.api.parameters import ServiceAtLocationFilters, ServiceFilters
from locations.geo import Point, bounding_box, distance_km
from locations.models import District, Institution
from locations.places import find_places

CHUNK = 500  # rows of a stream that are in memory at once
NO_BOUNDARY = tuple(f"{step}boundary" for step in ("", "successor__", "successor__successor__"))
HOUSES = Institution.objects.select_related(
    "municipality__district", "municipality__successor__successor", "locality"
).defer(*(f"municipality__{field}" for field in NO_BOUNDARY))


def slots_shown(day: date) -> SlotQuerySet:
    """Return what HSDS shows on the day: what families can look up, in an order that does not change."""
    return Slot.objects.public(day).order_by("pk")


def with_places(slots: SlotQuerySet) -> SlotQuerySet:
    """Return the slots with offer and house, each read once however many slots share it: two queries."""
    return slots.prefetch_related(
        Prefetch("offer", Offer.objects.select_related("provider")), Prefetch("institution", HOUSES)
    )


def with_everything(slots: SlotQuerySet, day: date) -> SlotQuerySet:
    """Return the slots with what the nested answer says of them: six queries."""
    exceptions = SlotException.objects.select_related("new_institution__municipality").order_by("day")
    offers = Offer.objects.select_related("provider__district").prefetch_related("topics", "languages")
    return (
        slots.select_related("room")
        .with_last_confirmation(day)
        .prefetch_related(
            Prefetch("offer", offers), Prefetch("institution", HOUSES), Prefetch("exceptions", exceptions)
        )
    )


def offers_shown(day: date) -> QuerySet[Offer]:
    """Return the offers with a slot that is shown."""
    slots = Slot.objects.public(day).filter(offer=OuterRef("pk"))
    return Offer.objects.filter(Exists(slots)).select_related("provider").order_by("pk")


def offers_with_everything(offers: QuerySet[Offer], day: date) -> QuerySet[Offer]:
    """Return the offers with their slots and what the nested answer says of them."""
    slots = with_everything(slots_shown(day), day)
    return offers.select_related("provider__district").prefetch_related(
        "topics", "languages", Prefetch("slots", slots, to_attr="shown_slots")
    )


def providers_shown(day: date) -> QuerySet[Provider]:
    """Return the providers with a slot that is shown."""
    slots = Slot.objects.public(day).filter(offer__provider=OuterRef("pk"))
    return Provider.objects.filter(Exists(slots)).select_related("district").order_by("pk")


# Filters


def narrowed_offers(offers: QuerySet[Offer], asked: ServiceFilters, day: date) -> QuerySet[Offer]:
    """Return the offers that meet every filter."""
    if asked.modified_after:
        slots = Slot.objects.public(day).filter(offer=OuterRef("pk"))
        changed = slots.filter(slot_changed_since(asked.modified_after, day))
        offers = offers.filter(Exists(changed))
    return offers.filter(_about_offers("", asked))


def narrowed_slots(slots: SlotQuerySet, asked: ServiceAtLocationFilters, day: date) -> SlotQuerySet:
    """Return the slots that meet every filter; those near a postal code are measured one by one."""
    if asked.modified_after:
        slots = slots.filter(slot_changed_since(asked.modified_after, day))
    slots = slots.filter(_about_offers("offer__", asked))
    return near(slots, asked.postcode, asked.proximity, day) if asked.postcode else slots


def _about_offers(prefix: str, asked: ServiceFilters) -> Q:
    wanted = Q()
    if asked.search:
        wanted &= any_of((f"{prefix}title", f"{prefix}summary", f"{prefix}provider__name"), asked.search)
    if asked.organization_id:
        wanted &= Q(**{f"{prefix}provider__uuid": asked.organization_id})
    if asked.taxonomy_term_id:
        topics = Offer.topics.through.objects.filter(topic__uuid=asked.taxonomy_term_id)
        wanted &= Q(Exists(topics.filter(offer=OuterRef(f"{prefix}pk"))))
    if asked.taxonomy_id:
        # There is one taxonomy, and every offer has a topic of it or none at all.
        topics = Offer.topics.through.objects.filter(offer=OuterRef(f"{prefix}pk"))
        wanted &= Q(Exists(topics)) if asked.taxonomy_id == TAXONOMY_ID else Q(pk__in=[])
    return wanted


def any_of(fields: Iterable[str], text: str) -> Q:
    """Return the condition that one of the fields holds the text."""
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": text})
    return found


def near(slots: SlotQuerySet, postcode: str, proximity: str | None, day: date) -> SlotQuerySet:
    """Return the slots in the municipalities of the postal code, or within so many metres of its middle."""
    places = find_places(postcode, day).places
    if proximity is None:
        wanted = Q(pk__in=[])
        for key in {place.municipality for place in places}:
            wanted |= of_municipality(key)
        return slots.filter(wanted)
    centre = middle([place.point for place in places if place.point])
    return slots.filter(pk__in=_within(slots, centre, int(proximity) / 1000, day)) if centre else slots.none()


def middle(points: list[Point]) -> Point | None:
    """Return the middle of the points; None where there is none."""
    if not points:
        return None
    count = len(points)
    return Point(sum(p.latitude for p in points) / count, sum(p.longitude for p in points) / count)


def _within(slots: SlotQuerySet, centre: Point, km: float, day: date) -> list[int]:
    """Return the keys of the slots whose public point lies within the distance.

    A confidential house is where its municipality is, so that no distance gives it away.
    """
    houses = HOUSES.filter(pk__in=houses_within(bounding_box(centre, min(km, 20_000))))
    points = {house.pk: public_point(house, day)[0] for house in houses}
    close = [key for key, point in points.items() if point and distance_km(centre, point) <= km]
    return list(slots.filter(institution__in=close).values_list("pk", flat=True))


# When did it change?


@dataclass(frozen=True)
class ServiceTimes:
    """When each offer, or anything that its dates hang on, last changed."""

    of: dict[int, datetime]

    @classmethod
    def load(cls, offers: Iterable[Offer], timetable: Timetable, moments_of_slots: Iterable[tuple]) -> ServiceTimes:
        """Return the moments for these offers, loaded with their provider. No query."""
        moments = defaultdict(list)
        for offer in offers:
            moments[offer.pk] += [offer.changed_at, offer.provider.changed_at]
        for row in moments_of_slots:
            offer, house, district, state, *changed = row
            keys = (("institution", house), ("district", district), ("state", state))
            moments[offer] += [one for one in (*changed, *map(timetable.changed_at.get, keys)) if one]
        return cls({key: max(found) for key, found in moments.items()})


def slot_moments(offers: Iterable[Offer], day: date) -> list[tuple]:
    """Return offer, house, district, state and the last changes for the slots of these offers. One query."""
    district = "institution__municipality__district"
    return list(
        Slot.objects.public(day)
        .filter(offer__in=[offer.pk for offer in offers])
        .order_by()
        .values_list("offer", "institution", district, f"{district}__federal_state")
        .annotate(slot=Max("changed_at"), house=Max("institution__changed_at"), exception=Max("exceptions__changed_at"))
    )


def timetable_of(moments_of_slots: Iterable[tuple], day: date) -> Timetable:
    """Return the timetable of the districts in which the slots lie, for the window of the calendars: ids stay the same for
    a school year. One query."""
    places = {(row[2], row[3]) for row in moments_of_slots}
    return Timetable.of_districts((District(pk=key, federal_state=state) for key, state in places), *feed_window(day))


def topics_shown() -> QuerySet[Topic]:
    return Topic.objects.order_by("position", "pk")
