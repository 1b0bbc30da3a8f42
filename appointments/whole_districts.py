"""Which slots of whole districts are not over, and which of them clash? Loaded fast, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.db.models import Q

from appointments.conflict_check import travel_time
from appointments.conflicts import Booking, Conflict, ConflictKind, Diary, Names, message
from appointments.coverage import DAYS_LOOKED_AHEAD
from appointments.evidence import Evidence
from appointments.models import Counsellor, Slot, SlotException
from appointments.occurrences import horizon
from appointments.schedule import Timetable
from locations.models import District, DriveTime, Institution, Municipality, Room

DAYS_AHEAD = 90  # how far staff looks ahead for municipalities that lose their coverage


@dataclass(frozen=True)
class Clash:
    """Two stored slots that cannot both take place; `conflict` is told from the first of them."""

    slot: int
    conflict: Conflict

    @property
    def pair(self) -> frozenset[int | None]:
        """Return the keys of the two slots."""
        return frozenset({self.slot, self.conflict.slot})


@dataclass(frozen=True)
class WholeDistricts:
    """The slots of the districts that run or are to come on the day, each with its house, exceptions and counsellors.

    Rows are joined here and not by the database: ten thousand slots have a few hundred houses between them.
    """

    districts: tuple[District, ...]
    today: date
    timetable: Timetable
    municipalities: dict[int, Municipality]
    houses: dict[int, Institution]
    slots: dict[int, Slot]
    counsellors: dict[int, frozenset[int]]

    @classmethod
    def load(cls, districts: Iterable[District], today: date) -> WholeDistricts:
        """Return the slots. Six queries; one more where a date moved to a house of another district."""
        by_key = {district.pk: district for district in districts}
        municipalities = {row.pk: row for row in Municipality.objects.filter(district__in=by_key)}
        for row in municipalities.values():
            row.district = by_key[row.district_id]
        houses = {row.pk: row for row in Institution.objects.filter(municipality__in=municipalities)}
        for house in houses.values():
            house.municipality = municipalities[house.municipality_id]
        slots = _slots(by_key, houses, today)
        # From the beginning of the year, for which its money is counted.
        first, last = (
            date(today.year, 1, 1),
            max(horizon(today), today + timedelta(days=DAYS_AHEAD + DAYS_LOOKED_AHEAD)),
        )
        return cls(
            districts=tuple(by_key.values()),
            today=today,
            timetable=Timetable.of_districts(by_key.values(), first, last),
            municipalities=municipalities,
            houses=houses,
            slots=slots,
            counsellors=_counsellors(by_key),
        )

    @cached_property
    def evidence(self) -> dict[int, Evidence]:
        """Return what proves the coverage from the day on, by district."""
        rows: dict[int, dict[int, Slot]] = {district.pk: {} for district in self.districts}
        for key, slot in self.slots.items():
            rows[slot.institution.municipality.district_id][key] = slot
        return {
            district.pk: Evidence(
                district=district,
                timetable=self.timetable,
                municipalities={key: row for key, row in self.municipalities.items() if row.district_id == district.pk},
                slots=rows[district.pk],
            )
            for district in self.districts
        }

    @cached_property
    def clashes(self) -> tuple[Clash, ...]:
        """Return what clashes from the day to the horizon, by day. One query, one more with houses of other districts."""
        drives = DriveTime.objects.filter(first__municipality__district__in=self.districts)
        travel = travel_time(self.houses | self._houses_elsewhere, drives)
        diary = Diary(self._bookings(), travel, self.today, horizon(self.today))
        return tuple(Clash(slot, conflict) for slot, conflict in diary.clashes() if slot is not None)

    @property
    def clashing(self) -> set[int]:
        """Return the keys of the slots that clash."""
        return {key for clash in self.clashes for key in clash.pair if key is not None}

    def sentences(self) -> dict[int, str]:
        """Return for each slot that clashes what staff is told of it. Three queries."""
        names = self._names()
        found: dict[int, list[str]] = defaultdict(list)
        for clash in self.clashes:
            found[clash.slot].append(message(clash.conflict, names))
            found[clash.conflict.slot].append(f"Siehe „{names.slots[clash.slot]}“.")
        return {key: " ".join(dict.fromkeys(sentences)) for key, sentences in found.items()}

    def _bookings(self) -> Iterable[Booking]:
        for evidence in self.evidence.values():
            for fact in evidence.facts:
                slot, counsellors = self.slots[fact.key], self.counsellors.get(fact.key, frozenset())
                if counsellors or slot.room_id is not None:
                    yield Booking(
                        slot=fact.key,
                        series=fact.series,
                        calendar=evidence.calendar,
                        place=slot.institution_id,
                        counsellors=counsellors,
                        room=slot.room_id,
                    )

    @cached_property
    def _houses_elsewhere(self) -> dict[int, Institution]:
        places = {row.new_institution_id for slot in self.slots.values() for row in slot.exceptions.all()}
        missing = places - self.houses.keys() - {None}
        return Institution.objects.in_bulk(missing) if missing else {}

    def _names(self) -> Names:
        conflicts = [clash.conflict for clash in self.clashes]
        rooms = {one.resource for one in conflicts if one.kind is ConflictKind.ROOM}
        people = {one.resource for one in conflicts if one.kind is not ConflictKind.ROOM}
        slots = Slot.objects.filter(pk__in=self.clashing).select_related("offer", "institution")
        return Names(
            slots={slot.pk: str(slot) for slot in slots},
            counsellors=dict(Counsellor.objects.filter(pk__in=people).values_list("pk", "label")),
            rooms=dict(Room.objects.filter(pk__in=rooms).values_list("pk", "name")),
            places={key: house.name for key, house in (self.houses | self._houses_elsewhere).items()},
        )


def _slots(districts: Iterable[int], houses: dict[int, Institution], today: date) -> dict[int, Slot]:
    standing = Slot.objects.filter(institution__municipality__district__in=districts)
    slots = {slot.pk: slot for slot in standing.not_withdrawn(today).running_or_to_come(today).order_by("pk")}
    exceptions: dict[int, list[SlotException]] = defaultdict(list)
    to_come = Q(day__gte=today) | Q(new_day__gte=today)
    for row in SlotException.objects.filter(to_come, slot__institution__municipality__district__in=districts):
        exceptions[row.slot_id].append(row)
    for key, slot in slots.items():
        slot.institution = houses[slot.institution_id]
        slot._prefetched_objects_cache = {"exceptions": exceptions.get(key, [])}
    return slots


def _counsellors(districts: Iterable[int]) -> dict[int, frozenset[int]]:
    booked = Slot.counsellors.through.objects.filter(slot__institution__municipality__district__in=districts)
    found: dict[int, set[int]] = defaultdict(set)
    for slot, counsellor in booked.values_list("slot", "counsellor"):
        found[slot].add(counsellor)
    return {slot: frozenset(counsellors) for slot, counsellors in found.items()}
