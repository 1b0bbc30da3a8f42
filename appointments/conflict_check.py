"""Which slots in the database clash with one that is about to be saved, and how do two writers not both win?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet

from appointments.conflicts import Booking, Conflict, Findings, Names, TravelTime, conflicts, message, unchecked_message
from appointments.models import Counsellor, Slot, SlotException
from appointments.occurrences import horizon
from appointments.schedule import Timetable
from locations.models import DriveTime, Institution, Room


class ConflictError(ValueError):
    """A slot that would clash with another; the message is made of German sentences."""


@dataclass(frozen=True)
class Check:
    """What a check found, with the names to say it."""

    findings: Findings
    names: Names

    @property
    def messages(self) -> list[tuple[Conflict, str]]:
        """Return each clash with its sentence."""
        return [(conflict, message(conflict, self.names)) for conflict in self.findings.conflicts]

    @property
    def hints(self) -> list[str]:
        """Return a sentence for each way that could not be checked."""
        return [unchecked_message(way, self.names) for way in self.findings.unchecked]


def lock_those_involved(*, counsellors: Iterable[int], rooms: Iterable[int | None]) -> None:
    """Let nobody else book these counsellors and rooms until the transaction ends.

    Always in the same order, so that two writers wait for each other in turn instead of in a circle. SQLite has no row
    locks; there every transaction begins with the right to write (BEGIN IMMEDIATE).
    """
    for model, keys in ((Counsellor, counsellors), (Room, rooms)):
        wanted = {key for key in keys if key is not None}
        list(model.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))


def check_conflicts(
    slot: Slot,
    *,
    rows: Iterable[SlotException],
    counsellors: Iterable[Counsellor],
    today: date,
    others: list[Slot] | None = None,
    known: Timetable | None = None,
) -> Check:
    """Return how the slot, with these exceptions and counsellors, clashes with others from today to the horizon.

    The slot may be unsaved. Seven queries, however many others there are; two where the caller has loaded the others, all
    that share a counsellor or the room; one where it has a timetable that reaches as far, too.
    """
    rows, counsellors = list(rows), list(counsellors)
    first = max(today, slot.first_day)
    last = horizon(first)
    others = _others(slot, counsellors, first) if others is None else others
    timetable = known or Timetable.of_slots([slot, *others], first, last)
    found = conflicts(
        _booking(timetable, slot, rows, counsellors),
        [_booking(timetable, other, other.exceptions.all(), other.counsellors.all()) for other in others],
        travel_time(_houses(slot, rows, others)),
        first,
        last,
    )
    return Check(found, _names(slot, rows, others, counsellors))


def refuse_conflicts(slot: Slot, today: date) -> None:
    """Lock what the stored slot occupies and raise ConflictError if it clashes with another one."""
    counsellors = list(slot.counsellors.all())
    lock_those_involved(counsellors=[counsellor.pk for counsellor in counsellors], rooms=[slot.room_id])
    stored = Slot.objects.with_dates().get(pk=slot.pk)
    found = check_conflicts(stored, rows=stored.exceptions.all(), counsellors=counsellors, today=today)
    if found.messages:
        raise ConflictError(" ".join(sentence for _, sentence in found.messages))


def _others(slot: Slot, counsellors: list[Counsellor], day: date) -> list[Slot]:
    """Return the slots that share a counsellor or the room and are not over, perhaps itself among them."""
    booked = Slot.counsellors.through.objects.filter(counsellor__in=counsellors).values("slot")
    shares = Q(pk__in=booked)
    if slot.room_id is not None:
        shares |= Q(room=slot.room_id)
    others = Slot.objects.not_withdrawn(day).running_or_to_come(day).filter(shares)
    return list(others.with_dates().prefetch_related("counsellors"))


def _booking(
    timetable: Timetable, slot: Slot, rows: Iterable[SlotException], counsellors: Iterable[Counsellor]
) -> Booking:
    return Booking(
        slot=slot.pk,
        series=timetable.series(slot, rows),
        calendar=timetable.calendar(slot),
        place=slot.institution_id,
        counsellors=frozenset(counsellor.pk for counsellor in counsellors),
        room=slot.room_id,
    )


def _houses(slot: Slot, rows: list[SlotException], others: list[Slot]) -> dict[int, Institution]:
    """Return every house that occurs, by its key."""
    visits = [slot, *others]
    elsewhere = [*rows, *(row for other in others for row in other.exceptions.all())]
    houses = [visit.institution for visit in visits] + [row.new_institution for row in elsewhere if row.new_institution]
    return {house.pk: house for house in houses}


def travel_time(houses: dict[int, Institution], known: QuerySet[DriveTime] | None = None) -> TravelTime:
    """Return the ways between the houses. Only staff see what follows, so a confidential address counts where it is.

    `known` is where to look for what staff entered; None: by the keys of the houses, which must be few.
    """
    if known is None:
        known = DriveTime.objects.filter(first__in=houses, second__in=houses)
    return TravelTime(
        points={key: house.point for key, house in houses.items() if house.point},
        detour_factor=settings.ROAD_DETOUR_FACTOR,
        speed_kmh=settings.ROAD_SPEED_KMH,
        overrides={
            frozenset((first, second)): minutes
            for first, second, minutes in known.values_list("first", "second", "minutes")
        },
    )


def _names(slot: Slot, rows: list[SlotException], others: list[Slot], counsellors: list[Counsellor]) -> Names:
    return Names(
        slots={other.pk: str(other) for other in others},
        counsellors={counsellor.pk: counsellor.label for counsellor in counsellors},
        rooms={slot.room_id: slot.room.name} if slot.room_id is not None else {},
        places={key: house.name for key, house in _houses(slot, rows, others).items()},
    )
