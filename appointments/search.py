"""Which counselling hours are near, and when is the next one? A wish goes in, entries in order come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils.translation import get_language

from appointments.entries import Entry, Fits, public_point, upcoming
from appointments.models import Offer, Slot, SlotException, SlotQuerySet, Topic, with_translated_offers
from appointments.occurrences import Occurrence, horizon
from appointments.schedule import Dates, dates_from
from locations.geo import Box, bounding_box, distance_km
from locations.models import District, Institution, Municipality
from locations.places import Place

RADIUS_KM = 10
FURTHER_KM = 40  # how far "drive further" looks; a district is rarely wider
MOST_ALTERNATIVES = 3
# The same as `Offer.needs_no_way`, for rows.
NO_WAY = Q(offer__drop_in=False, offer__by_appointment=False) & (Q(offer__by_phone=True) | Q(offer__online=True))


class WayIn(StrEnum):
    """How somebody wants to come or call, by the word in addresses."""

    DROP_IN = "offen"
    BY_APPOINTMENT = "anmeldung"
    FROM_HOME = "fern"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; an empty part means "any". `related` are topics to offer where nothing is found."""

    place: Place | None = None
    topics: tuple[Topic, ...] = ()
    related: tuple[Topic, ...] = ()
    weekday: int | None = None
    from_hour: int | None = None
    language: str = ""
    way_in: WayIn | None = None
    step_free: bool = False
    by_distance: bool = False

    @property
    def narrows_access(self) -> bool:
        return bool(self.language or self.way_in or self.step_free)

    @property
    def narrows_dates(self) -> bool:
        return self.weekday is not None or self.from_hour is not None

    @property
    def reach_km(self) -> float:
        """Return how far slots are loaded.

        Whoever can come on certain days only will often need to look further: loading that at once costs no second query.
        """
        return FURTHER_KM if self.narrows_dates else RADIUS_KM

    def fits(self, occurrence: Occurrence) -> bool:
        """Return whether somebody can come on this date. Real dates decide, not the rule: one may be moved."""
        return self.weekday in (None, occurrence.day.weekday()) and (
            self.from_hour is None or occurrence.start.hour >= self.from_hour
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found. The alternatives are filled only where nothing was."""

    wish: Wish
    last_day: date
    entries: list[Entry]
    further: list[Entry] = field(default_factory=list)
    other_days: list[Entry] = field(default_factory=list)
    other_topics: list[Entry] = field(default_factory=list)

    @property
    def district(self) -> District | None:
        """Return the district of the place, where any slot loaded lies in it."""
        found = (*self.entries, *self.further, *self.other_days, *self.other_topics)
        districts = (entry.slot.institution.municipality.district for entry in found)
        wanted = self.wish.place.district if self.wish.place else None
        return next((district for district in districts if wanted in (None, district.pk)), None)


class Near(NamedTuple):
    """A slot and how far it is; `km` None: not asked for, or nobody has to go anywhere."""

    slot: Slot
    km: float | None
    is_exact: bool
    within: bool


def slots_for_families(day: date) -> SlotQuerySet:
    """Return what families can look up on the day; its exceptions are loaded once it is clear which slots are near."""
    slots = (
        Slot.objects.public(day)
        .with_dates()
        .prefetch_related(None)
        .select_related("institution__municipality__successor__successor")
        .defer(
            *(f"institution__municipality{step}__boundary" for step in ("", "__successor", "__successor__successor"))
        )
        .with_last_confirmation(day)
    )
    return with_translated_offers(slots, get_language() or "de")


def of_municipality(municipality: int) -> Q:
    """Return the condition that a slot's house lies in the municipality today, up to two mergers back."""
    houses = Institution.objects.order_by().filter(municipality__in=_united(*_steps(Q(pk=municipality))))
    return Q(pk__among=Slot.objects.order_by().filter(institution__in=houses.values("pk")).values("pk"))


def around(place: Place, reach_km: float) -> Q:
    """Return the condition that a slot may be within reach, is in the place's own municipality, or needs no way.

    Each part is looked up by an index of its own and they are united: joined by "or", they would have a database read every
    slot of the country.
    """
    slots = Slot.objects.order_by()
    home = {"institution__municipality__district": place.district}
    parts = [slots.filter(of_municipality(place.municipality)), slots.filter(NO_WAY, **home)]
    if place.point is not None:
        parts.append(slots.filter(institution__in=houses_within(bounding_box(place.point, reach_km))))
    return Q(pk__among=_united(*parts))


def houses_within(box: Box) -> QuerySet:
    """Return the keys of the houses in the box, or whose municipality is, where nobody is to know or knows of the house."""
    houses = Institution.objects.order_by()
    unknown = Q(address_is_public=False) | Q(latitude__isnull=True)
    parishes = _united(*_steps(_inside(box)))
    return _united(
        houses.filter(_inside(box), address_is_public=True), houses.filter(unknown, municipality__in=parishes)
    )


def _inside(box: Box) -> Q:
    return Q(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))


def _steps(condition: Q) -> list[QuerySet[Municipality]]:
    """Return the municipalities for which it holds, and those that were merged into them in up to two steps."""
    today = Municipality.objects.order_by().filter(condition).values("pk")
    once = Municipality.objects.order_by().filter(successor__in=today)
    return [today, once, Municipality.objects.order_by().filter(successor__in=once.values("pk"))]


def _united(first: QuerySet, *others: QuerySet) -> QuerySet:
    """Return the keys of all these rows."""
    return first.values("pk").union(*(other.values("pk") for other in others))


def about(topics: Iterable[Topic]) -> Q:
    """Return the condition that a slot's offer is about one of the topics, without doubling it."""
    links = Offer.topics.through.objects.filter(offer=OuterRef("offer"), topic__in=list(topics))
    return Q(Exists(links))


def spoken_in(code: str) -> Q:
    """Return the condition that the language is spoken, without doubling the slot."""
    return Q(Exists(Offer.languages.through.objects.filter(offer=OuterRef("offer"), language__code=code)))


def open_to(way_in: WayIn) -> Q:
    """Return the condition that one may come or call in this way."""
    return {
        WayIn.DROP_IN: Q(offer__drop_in=True),
        WayIn.BY_APPOINTMENT: Q(offer__by_appointment=True),
        WayIn.FROM_HOME: Q(offer__by_phone=True) | Q(offer__online=True),
    }[way_in]


def step_free() -> Q:
    """Return the condition that no step is in the way: known to be so, or nobody has to go anywhere."""
    return Q(institution__step_free=True) | NO_WAY


def accessible(wish: Wish) -> Q:
    """Return the condition that language, way in and door are as wished. Whoever needs a ramp is not sent to stairs elsewhere."""
    conditions = Q()
    if wish.language:
        conditions &= spoken_in(wish.language)
    if wish.way_in:
        conditions &= open_to(wish.way_in)
    return conditions & step_free() if wish.step_free else conditions


def search(slots: SlotQuerySet, everything: SlotQuerySet, wish: Wish, now: datetime) -> Outcome:
    """Return what is near and fits; `slots` are narrowed to all that is wished, `everything` only to how it is accessible.

    At most five queries: slots, slots further away where none is near, exceptions, holidays, closures.
    """
    found, others = _measure(slots, wish, now.date()), []
    if wish.place and not any(one.within for one in found):
        found, others = _further(everything, wish, now.date())
    return _sift(found, others, wish, now)


def _sift(found: list[Near], others: list[Near], wish: Wish, now: datetime) -> Outcome:
    """Return what fits, else the ways on: further away, on another day, about something else."""
    dates = {one.slot.pk: one for one in dates_of([near.slot for near in (*found, *others)], now.date())}

    def entries(chosen: Iterable[Near], fits: Fits | None) -> list[Entry]:
        return [_entry(one, dates[one.slot.pk], now, fits) for one in chosen]

    fits = wish.fits if wish.narrows_dates else None
    near = [one for one in found if one.within]
    fitting = entries(near, fits)
    fitting = _with_dates(fitting) if fits else fitting
    outcome = Outcome(wish, horizon(now.date()), in_order(fitting, wish.by_distance))
    if fitting:
        return outcome
    beyond = entries((one for one in found if not one.within), fits)
    return replace(
        outcome,
        further=in_order(_with_dates(beyond), by_distance=True)[:MOST_ALTERNATIVES],
        other_days=in_order(_with_dates(entries(near, None)))[:MOST_ALTERNATIVES],
        other_topics=in_order(_with_dates(entries(others, fits)))[:MOST_ALTERNATIVES],
    )


def _entry(one: Near, dates: Dates, now: datetime, fits: Fits | None) -> Entry:
    soon = tuple(upcoming(dates, now, fits))
    return Entry(one.slot, soon, now, dates.last, distance_km=one.km, is_exact=one.is_exact)


def _further(everything: SlotQuerySet, wish: Wish, day: date) -> tuple[list[Near], list[Near]]:
    """Return what is about the topics further away, and what is near about related ones. One query for both."""
    matches = around(wish.place, FURTHER_KM)
    if wish.topics:
        matches = matches & about(wish.topics) | around(wish.place, RADIUS_KM) & about(wish.related)
        everything = everything.annotate(is_about=about(wish.topics))
    found = _measure(everything.filter(matches), wish, day)
    is_about = [one for one in found if getattr(one.slot, "is_about", True)]
    return is_about, [one for one in found if one.within and one not in is_about]


def _measure(slots: Iterable[Slot], wish: Wish, day: date) -> list[Near]:
    return [_near(slot, wish.place, day) for slot in slots]


def _near(slot: Slot, place: Place | None, day: date) -> Near:
    """Return how far the slot is. Without a place everything is near; the place's own municipality always is."""
    if place is None or slot.offer.needs_no_way:
        return Near(slot, None, True, True)
    point, is_exact = public_point(slot.institution, day)
    km = distance_km(place.point, point) if place.point and point else None
    at_home = place.municipality in _municipalities(slot)
    return Near(slot, km, is_exact and not is_rough(place), at_home or (km is not None and km <= RADIUS_KM))


def is_rough(place: Place) -> bool:
    """Return whether distances start in the middle of the municipality: a postal code is no point either."""
    return place.point_is_of_municipality or place.name.isdigit()


def _municipalities(slot: Slot) -> set[int]:
    """Return the municipality the house was entered under, and its heirs."""
    municipality = slot.institution.municipality
    heir = municipality.successor
    return {key for key in (municipality.pk, municipality.successor_id, heir and heir.successor_id) if key}


def _with_dates(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.next is not None]


def entries_of(slots: Iterable[Slot], now: datetime) -> list[Entry]:
    """Return the entry of each slot, in order. Three queries."""
    return in_order(
        Entry(dates.slot, tuple(upcoming(dates, now)), now, dates.last) for dates in dates_of(slots, now.date())
    )


def dates_of(slots: Iterable[Slot], day: date) -> list[Dates]:
    """Return the dates of each slot, computed when asked for. Three queries: exceptions, holidays, closures."""
    slots = list(slots)
    _add_exceptions({slot.pk: slot for slot in slots if "exceptions" not in _prefetched(slot)})
    return dates_from(slots, day)


def _add_exceptions(slots: dict[int, Slot]) -> None:
    """Load what is different on single days, as `prefetch_related` would, but without a manager for every slot."""
    changed: dict[int, list[SlotException]] = {key: [] for key in slots}
    rows = SlotException.objects.filter(slot__in=slots).select_related("new_institution").order_by("day")
    for row in rows if slots else ():
        row.slot = slots[row.slot_id]
        changed[row.slot_id].append(row)
    for key, slot in slots.items():
        slot._prefetched_objects_cache = _prefetched(slot) | {"exceptions": changed[key]}


def _prefetched(slot: Slot) -> dict[str, Any]:
    return getattr(slot, "_prefetched_objects_cache", {})


def in_order(entries: Iterable[Entry], by_distance: bool = False) -> list[Entry]:
    """Return the entries by next date, then distance, then title; or by distance first.

    A published slot without any date up to the horizon comes last and says so: leaving it out would look as if it had
    ended, and the phone number still helps.
    """

    def key(entry: Entry) -> tuple[object, ...]:
        when = (entry.next.day, entry.next.start) if entry.next else (date.max,)
        far = entry.distance_km or 0.0
        title = (entry.slot.offer.title, entry.slot.pk)
        return (entry.next is None, far, *when, *title) if by_distance else (entry.next is None, *when, far, *title)

    return sorted(entries, key=key)


def add_languages(entries: Iterable[Entry]) -> None:
    """Load the languages of the entries that are shown. One query."""
    # A page without entries asks nothing, and two entries may share an offer.
    prefetch_related_objects([entry.slot for entry in entries], "offer__languages")
