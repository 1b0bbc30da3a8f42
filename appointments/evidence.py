"""Which rows of a district prove its coverage on a day?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import attrgetter

from appointments.coverage import (
    DAYS_LOOKED_AHEAD,
    Coverage,
    CoverageState,
    House,
    Placed,
    SlotFact,
    TargetRule,
    counted,
    placed,
)
from appointments.models import Offer, Slot, SlotException, SlotQuerySet
from appointments.occurrences import Series, minutes_held
from appointments.schedule import Timetable
from locations.models import District, Institution, Municipality
from locations.succession import Term

_institution_of = attrgetter("institution")
# As a prefetch sets it: what was loaded by its key needs no check for each of thousands.
_give_institution = Slot._meta.get_field("institution").set_cached_value
_give_offer = Slot._meta.get_field("offer").set_cached_value

JOINED_UP_TO = 60  # municipalities; beyond them it is cheaper to load each house and offer once


@dataclass(frozen=True)
class Evidence:
    """Everything coverage needs of a district, loaded once and good for every day of the window."""

    district: District
    timetable: Timetable
    municipalities: dict[int, Municipality]
    slots: dict[int, Slot]

    @classmethod
    def load(
        cls,
        district: District,
        first: date,
        last: date,
        *,
        slots: SlotQuerySet | None = None,
        municipalities: Iterable[Municipality] | None = None,
    ) -> Evidence:
        """Return the evidence for any day from first to last (inclusive). Six queries, however many slots.

        `slots` is where to look for them, with what the caller wants to know besides; `municipalities`, all of the
        district in the order wanted, saves a query.
        """
        wanted = Slot.objects.all() if slots is None else slots
        towns = {row.pk: row for row in (district.municipalities.all() if municipalities is None else municipalities)}
        for town in towns.values():
            town.district = district
        return cls(
            district=district,
            timetable=Timetable.of_districts([district], first, last + timedelta(days=DAYS_LOOKED_AHEAD)),
            municipalities=towns,
            slots={slot.pk: slot for slot in _slots(district, wanted, last, towns)},
        )

    def coverage(self, day: date, target: TargetRule) -> Coverage:
        """Return the coverage on the day, municipalities in order of their names."""
        return counted(day, target, self.terms, self.placed(day))

    def placed(self, day: date) -> list[Placed]:
        """Return the slots that add something on the day, whatever the target."""
        if day not in self._placed:
            self._placed[day] = placed(day, self.terms, self.houses, self.facts, self.calendar)
        return self._placed[day]

    @cached_property
    def _placed(self) -> dict[date, list[Placed]]:
        return {}

    def minutes_of(self, first: date, last: date) -> dict[int, int]:
        """Return the minutes held from the first to the last day by municipality, of the slots that run on the first."""
        found: dict[int, int] = defaultdict(int)
        for fact, _, municipality, state in self.placed(first):
            if state is CoverageState.COVERED:
                found[municipality] += minutes_held(fact.series, self.calendar, first, last)
        return found

    @property
    def calendar(self):
        """Return what closes houses in the district."""
        return self.timetable.calendars[self.district.federal_state]

    @cached_property
    def terms(self) -> dict[int, Term]:
        """Return how long each municipality existed."""
        return {row.pk: Term(row.first_day, row.last_day, row.successor_id) for row in self.municipalities.values()}

    @cached_property
    def series(self) -> dict[int, Series]:
        """Return the dates of each slot."""
        return {fact.key: fact.series for fact in self.facts}

    @cached_property
    def houses(self) -> dict[int, House]:
        """Return the institutions that have a slot."""
        institutions = {slot.institution_id: slot.institution for slot in self.slots.values()}
        return {key: _house(institution) for key, institution in institutions.items()}

    @cached_property
    def facts(self) -> list[SlotFact]:
        """Return the slots as coverage sees them."""
        return [
            SlotFact(
                key=slot.pk,
                house=slot.institution_id,
                series=self.timetable.series(slot, _changes_of(slot)),
                proposed_on=slot.proposed_on,
                agreed_on=slot.agreed_on,
                published_on=slot.published_on,
                withdrawn_on=slot.withdrawn_on,
            )
            for slot in self.slots.values()
        ]


def _slots(district: District, wanted: SlotQuerySet, last: date, towns: Mapping[int, Municipality]) -> list[Slot]:
    """Return the slots proposed by the last day with house, offer and changes: two queries, four in a large district."""
    rows = wanted.filter(institution__municipality__district=district, proposed_on__lte=last).defer("changed_at")
    if len(towns) <= JOINED_UP_TO:
        slots = list(rows.select_related("offer__provider", "institution__locality"))
    else:
        slots = _sharing(list(rows), towns)
    for house in {id(house): house for house in map(_institution_of, slots)}.values():
        house.municipality = towns[house.municipality_id]
    _give_changes(slots, district)
    return slots


def _sharing(slots: list[Slot], towns: Mapping[int, Municipality]) -> list[Slot]:
    """Return the slots with one object for all that share a house or an offer; a join would make thousands of them."""
    houses = Institution.objects.filter(municipality__in=towns).select_related("locality").in_bulk()
    is_known = Slot.offer.is_cached  # a caller that wants more of the offers has loaded them
    offers = Offer.objects.select_related("provider").in_bulk({one.offer_id for one in slots if not is_known(one)})
    for slot in slots:
        _give_institution(slot, houses[slot.institution_id])
        if slot.offer_id in offers:
            _give_offer(slot, offers[slot.offer_id])
    return slots


def _give_changes(slots: Iterable[Slot], district: District) -> None:
    """Give each slot its changed dates as if prefetched; most have none and share the same empty answer."""
    rows = SlotException.objects.filter(slot__institution__municipality__district=district)
    of: dict[int, list[SlotException]] = defaultdict(list)
    for row in rows.select_related("new_institution__municipality").order_by("day"):
        of[row.slot_id].append(row)
    none = SlotException.objects.none()
    none._fetch_all()
    for slot in slots:
        slot._prefetched_objects_cache = {"exceptions": of.get(slot.pk, none)}


def _changes_of(slot: Slot) -> Iterable[SlotException]:
    """Return the changed dates; those loaded with the slot without a manager made for each of thousands."""
    loaded = getattr(slot, "_prefetched_objects_cache", {}).get("exceptions")
    return slot.exceptions.all() if loaded is None else loaded


def _house(institution: Institution) -> House:
    return House(
        key=institution.pk,
        municipality=institution.municipality_id,
        kind=institution.kind,
        first_day=institution.first_day,
        last_day=institution.last_day,
    )
