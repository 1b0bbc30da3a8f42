"""Which slots of a file clash with stored ones or with each other? The same check as in the form, for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from appointments.conflict_check import lock_those_involved, travel_time
from appointments.conflicts import Booking, Names, TravelTime, conflicts, message
from appointments.models import Counsellor, Slot
from appointments.occurrences import horizon
from appointments.schedule import Timetable
from locations.models import Institution

Resource = tuple[str, int]


@dataclass(frozen=True)
class Draft:
    """A slot as it would be, with its counsellors; either may be new and without a key."""

    slot: Slot
    counsellors: tuple[Counsellor, ...]


def clashes(drafts: list[Draft], today: date) -> dict[int, str]:
    """Return, by its place in the list, why a draft clashes with a stored slot or with one before it. Eight queries."""
    booked = [draft for draft in drafts if draft.counsellors or draft.slot.room]
    if not booked:
        return {}
    people = [person.pk for draft in booked for person in draft.counsellors if person.pk]
    rooms = [draft.slot.room.pk for draft in booked if draft.slot.room and draft.slot.room.pk]
    lock_those_involved(counsellors=people, rooms=rooms)
    others = _others(people, rooms, {draft.slot.pk for draft in drafts if draft.slot.pk}, today)
    return _Calendar(drafts, others, today).clashes()


def _others(people: list[int], rooms: list[int], changed: set[int], today: date) -> list[Slot]:
    shares = Q(pk__in=Slot.counsellors.through.objects.filter(counsellor__in=people).values("slot")) | Q(room__in=rooms)
    others = Slot.objects.not_withdrawn(today).running_or_to_come(today).filter(shares).exclude(pk__in=changed)
    return list(others.with_dates().prefetch_related("counsellors"))


class _Calendar:
    """Who and what is booked when; rows without a key get one below zero."""

    def __init__(self, drafts: list[Draft], others: list[Slot], today: date) -> None:
        self.drafts, self.today = drafts, today
        slots = [draft.slot for draft in drafts] + others
        last = horizon(max([today, *(draft.slot.first_day for draft in drafts)]))
        self.timetable = Timetable.of_slots(slots, today, last)
        self.names = _names(drafts, others)
        self.travel = _travel(slots)
        self.booked: dict[Resource, list[Booking]] = defaultdict(list)
        for other in others:
            self._add(self._booking(other.pk, other, other.counsellors.all(), other.exceptions.all()))

    def clashes(self) -> dict[int, str]:
        found = {}
        for place, draft in enumerate(self.drafts):
            rows = draft.slot.exceptions.all() if draft.slot.pk else ()
            booking = self._booking(_key(draft.slot), draft.slot, draft.counsellors, rows)
            if sentence := self._clash(booking, draft.slot):
                found[place] = sentence
            else:
                self._add(booking)
        return found

    def _clash(self, booking: Booking, slot: Slot) -> str:
        first = max(self.today, slot.first_day)
        others = {other.slot: other for key in _resources(booking) for other in self.booked[key]}
        found = conflicts(booking, others.values(), self.travel, first, horizon(first))
        return " ".join(message(conflict, self.names) for conflict in found.conflicts)

    def _add(self, booking: Booking) -> None:
        for key in _resources(booking):
            self.booked[key].append(booking)

    def _booking(self, key: int, slot: Slot, counsellors: Iterable[Counsellor], rows: Iterable[Any]) -> Booking:
        return Booking(
            slot=key,
            series=self.timetable.series(slot, rows),
            calendar=self.timetable.calendar(slot),
            place=slot.institution_id,
            counsellors=frozenset(_key(person) for person in counsellors),
            room=_key(slot.room) if slot.room else None,
        )


def _key(row: Any) -> int:
    return row.pk or -id(row)


def _resources(booking: Booking) -> list[Resource]:
    keys = [("counsellor", key) for key in booking.counsellors]
    return keys if booking.room is None else [*keys, ("room", booking.room)]


def _names(drafts: list[Draft], others: list[Slot]) -> Names:
    slots = [draft.slot for draft in drafts] + others
    people = [person for draft in drafts for person in draft.counsellors]
    return Names(
        slots={_key(slot): str(slot) for slot in slots},
        counsellors={_key(person): person.label for person in people},
        rooms={_key(slot.room): slot.room.name for slot in slots if slot.room},
        places={house.pk: house.name for house in _houses(slots)},
    )


def _houses(slots: Iterable[Slot]) -> list[Institution]:
    moved = [row.new_institution for slot in slots if slot.pk for row in slot.exceptions.all() if row.new_institution]
    return [slot.institution for slot in slots] + moved


def _travel(slots: list[Slot]) -> TravelTime:
    return travel_time({house.pk: house for house in _houses(slots)})
