"""What becomes of a slot that ends, moves to another house, or goes on into the next school year?

Each function makes its change in one transaction and returns what it did. A preview runs the same function and rolls it
back, so it cannot promise anything else. SlotChangeError and ConflictError leave everything as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from appointments.conflict_check import lock_those_involved, refuse_conflicts
from appointments.models import Slot, SlotException
from appointments.occurrences import Occurrence, horizon
from appointments.schedule import Timetable
from locations.models import Institution, Room
from locations.wording import date_full

ONE_DAY = timedelta(days=1)


class SlotChangeError(ValueError):
    """A change that is not possible; the message is a German sentence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did, in a sentence.

    `gone` are the dates that no longer take place; `dropped` those that drop out of the `total` dates won. `moved_along`
    are the single days that now belong to the follower, `without_effect` those that say nothing any more.
    """

    slot: Slot
    sentence: str
    follower: Slot | None = None
    gone: tuple[Occurrence, ...] = ()
    dropped: tuple[Occurrence, ...] = ()
    total: int = 0
    moved_along: tuple[SlotException, ...] = ()
    without_effect: tuple[SlotException, ...] = ()


@transaction.atomic
def end_slot(*, slot: Slot, last_day: date, today: date) -> Outcome:
    """Let the slot end with the day, which still counts."""
    slot = locked(slot, today)
    _refuse_the_end(slot, last_day)
    gone = tuple(date_ for date_ in dates_from_day(slot, last_day + ONE_DAY, today) if date_.takes_place)
    slot.last_day = last_day
    slot.save()
    return Outcome(
        slot=slot,
        sentence=f"Letzter Tag ist der {date_full(last_day)}.",
        gone=gone,
        without_effect=tuple(row for row in slot.exceptions.all() if _lies_after(row, last_day)),
    )


@transaction.atomic
def move_slot(
    *, slot: Slot, institution: Institution, first_day: date, today: date, room: Room | None = None
) -> Outcome:
    """Let the slot take place at another house from the day on: it ends the day before, and a new one begins.

    What is entered for single days from that day on moves along; everything before stays with the old slot.
    """
    old = locked(slot, today)
    _refuse_the_move(old, institution, first_day, room, today)
    rows = list(old.exceptions.all())
    follower = follower_of(old, first_day=first_day, last_day=old.last_day, institution=institution, room=room)
    _bring_to_the_stage_of(old, follower, today)
    old.last_day = first_day - ONE_DAY
    old.save()
    moved_along = [row for row in rows if row.day >= first_day]
    for row in moved_along:
        row.slot = follower
        row.save()
    refuse_conflicts(follower, today)
    dates = dates_from_day(loaded(follower), first_day, today)
    return Outcome(
        slot=old,
        follower=follower,
        sentence=f"Bis {date_full(first_day - ONE_DAY)} in {old.institution}, ab {date_full(first_day)} in {institution}.",
        dropped=dropped_of(dates),
        total=len(dates),
        moved_along=tuple(moved_along),
        without_effect=tuple(row for row in rows if _crosses(row, first_day)),
    )


@transaction.atomic
def carry_over(*, slot: Slot, today: date) -> Outcome:
    """Let the slot go on to the end of the next school year.

    One that still runs gets a later last day. One that is over gets a follower from today, as a proposal only, so that the
    time in between stays without dates.
    """
    slot = locked(slot, today)
    _refuse_the_carrying(slot)
    last_day = max(school_year_end(school_year_end(slot.last_day) + ONE_DAY), school_year_end(today))
    return _extended(slot, last_day, today) if slot.last_day >= today else _restarted(slot, last_day, today)


def school_year_end(day: date) -> date:
    """Return the 31 July that ends the school year of the day."""
    return date(day.year if (day.month, day.day) <= (7, 31) else day.year + 1, 7, 31)


def _extended(slot: Slot, last_day: date, today: date) -> Outcome:
    first_won = slot.last_day + ONE_DAY
    slot.last_day = last_day
    slot.save()
    refuse_conflicts(slot, today)
    dates = dates_from_day(slot, first_won, today)
    sentence = f"Er gilt weiter bis {date_full(last_day)}."
    return Outcome(slot=slot, sentence=sentence, dropped=dropped_of(dates), total=len(dates))


def _restarted(slot: Slot, last_day: date, today: date) -> Outcome:
    follower = follower_of(
        slot, first_day=today, last_day=last_day, institution=slot.institution, room=slot.room, proposed_on=today
    )
    refuse_conflicts(follower, today)
    dates = dates_from_day(loaded(follower), today, today)
    sentence = (
        f"Er war am {date_full(slot.last_day)} zu Ende. Ein neuer gilt von {date_full(today)} bis {date_full(last_day)}, "
        "zunächst als Vorschlag."
    )
    return Outcome(slot=slot, follower=follower, sentence=sentence, dropped=dropped_of(dates), total=len(dates))


def locked(slot: Slot, today: date) -> Slot:
    """Return the slot as it is now, with its counsellors, room and itself locked in the order every writer keeps."""
    counsellors = slot.counsellors.values_list("pk", flat=True)
    lock_those_involved(counsellors=counsellors, rooms=[slot.room_id])
    Slot.objects.select_for_update().get(pk=slot.pk)
    slot = loaded(slot)
    if slot.withdrawn_on and slot.withdrawn_on <= today:
        raise SlotChangeError(f"Der Termin ist seit {date_full(slot.withdrawn_on)} zurückgezogen.")
    return slot


def loaded(slot: Slot) -> Slot:
    return Slot.objects.with_dates().get(pk=slot.pk)


def _refuse_the_end(slot: Slot, last_day: date) -> None:
    if last_day < slot.first_day:
        raise SlotChangeError(f"Der Termin beginnt erst am {date_full(slot.first_day)}; bitte zurückziehen.")
    if slot.last_day and slot.last_day <= last_day:
        raise SlotChangeError(f"Der Termin endet schon am {date_full(slot.last_day)}.")
    refuse_what_was_held(slot, last_day)


def refuse_what_was_held(slot: Slot, last_day: date) -> None:
    if counted := slot.attendances.filter(day__gt=last_day).order_by("day").last():
        raise SlotChangeError(f"Am {date_full(counted.day)} fand er noch statt: Dort sind Gespräche gezählt.")


def _refuse_the_move(slot: Slot, institution: Institution, first_day: date, room: Room | None, today: date) -> None:
    if first_day < today:
        raise SlotChangeError("Was schon war, bleibt, wie es war: Ein Umzug beginnt frühestens heute.")
    if first_day <= slot.first_day:
        raise SlotChangeError(
            f"Der Termin beginnt erst am {date_full(slot.first_day)}; bitte die Einrichtung im Termin selbst ändern."
        )
    if slot.last_day and first_day > slot.last_day:
        raise SlotChangeError(f"Der Termin endet schon am {date_full(slot.last_day)}.")
    if institution == slot.institution:
        raise SlotChangeError(f"Der Termin findet schon in {institution} statt.")
    if institution.first_day > first_day or (institution.last_day and institution.last_day < first_day):
        raise SlotChangeError(f"{institution} ist am {date_full(first_day)} nicht in Betrieb.")
    if room and room.institution_id != institution.pk:
        raise SlotChangeError(f"{room} gehört zu einer anderen Einrichtung.")
    refuse_what_was_held(slot, first_day - ONE_DAY)


def _refuse_the_carrying(slot: Slot) -> None:
    if not slot.recurrence.is_recurring:
        raise SlotChangeError("Einzelne Tage wiederholen sich nicht; bitte die neuen Tage eintragen.")
    if slot.last_day is None:
        raise SlotChangeError("Der Termin läuft ohne Ende weiter; es ist nichts zu tun.")


def follower_of(slot: Slot, **changes: object) -> Slot:
    """Return a new slot like the old one but for the changes, saved, with the same counsellors."""
    kept = ["offer", "rule", "anchor_day", "start_time", "end_time", "school_holiday_policy", "proposed_on", "note"]
    follower = Slot.objects.create(**{name: getattr(slot, name) for name in kept} | changes)
    follower.counsellors.set(slot.counsellors.all())
    return follower


def _bring_to_the_stage_of(old: Slot, follower: Slot, today: date) -> None:
    """Agree and publish the follower as of today where the old slot was: what families can see has to stay visible."""
    follower.proposed_on, follower.agreed_on, follower.published_on = (
        day and max(day, today) for day in (old.proposed_on, old.agreed_on, old.published_on)
    )
    follower.withdrawn_on = old.withdrawn_on
    follower.save()


def dates_from_day(slot: Slot, first: date, today: date) -> list[Occurrence]:
    """Return every date from the day to the horizon of today or, for a later day, of that day."""
    last = horizon(max(first, today))
    return Timetable.of_slots([slot], first, last).dates(slot).all


def dropped_of(dates: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    return tuple(date_ for date_ in dates if not date_.takes_place and not date_.moved_to)


def _lies_after(row: SlotException, day: date) -> bool:
    """Return whether the row says something about a day after this one."""
    return row.day > day or (row.new_day is not None and row.new_day > day)


def _crosses(row: SlotException, first_day: date) -> bool:
    """Return whether the row moves a date over the day on which one slot gives way to the other."""
    return row.new_day is not None and (row.day < first_day) != (row.new_day < first_day)
