"""What becomes of a slot that is agreed, published, confirmed, withdrawn, copied or removed?

Like `slot_changes`: one transaction each, the outcome in a sentence, and everything as it was where it is refused.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from appointments.conflict_check import refuse_conflicts
from appointments.models import Confirmation, Slot, SlotException
from appointments.slot_changes import (
    ONE_DAY,
    Outcome,
    SlotChangeError,
    dates_from_day,
    dropped_of,
    end_slot,
    follower_of,
    loaded,
    locked,
    refuse_what_was_held,
)
from appointments.status import publishing_refusal
from locations.models import Institution
from locations.uses import uses
from locations.wording import date_full


@transaction.atomic
def agree_slot(*, slot: Slot, today: date) -> Outcome:
    """Note that house and provider have agreed on the slot today."""
    slot = locked(slot, today)
    _refuse_what_is_over(slot, today)
    if slot.agreed_on and slot.agreed_on <= today:
        raise SlotChangeError(f"Der Termin ist seit {date_full(slot.agreed_on)} vereinbart.")
    if slot.proposed_on > today:
        raise SlotChangeError(f"Der Termin wird erst am {date_full(slot.proposed_on)} vorgeschlagen.")
    slot.agreed_on = today
    slot.save()
    return Outcome(slot=slot, sentence=f"Vereinbart am {date_full(today)}.")


@transaction.atomic
def publish_slot(*, slot: Slot, user: Any, today: date) -> Outcome:
    """Show the slot to families from today on."""
    slot = locked(slot, today)
    _refuse_what_is_over(slot, today)
    if slot.published_on and slot.published_on <= today:
        raise SlotChangeError(f"Der Termin ist seit {date_full(slot.published_on)} veröffentlicht.")
    if slot.agreed_on is None or slot.agreed_on > today:
        raise SlotChangeError("Der Termin ist noch nicht vereinbart; bitte zuerst vereinbaren.")
    if reason := publishing_refusal(slot=slot, user=user):
        raise SlotChangeError(reason)
    refuse_conflicts(slot, today)
    slot.published_on = today
    slot.save()
    dates = dates_from_day(slot, max(today, slot.first_day), today)
    sentence = f"Familien sehen den Termin ab {date_full(today)}."
    return Outcome(slot=slot, sentence=sentence, dropped=dropped_of(dates), total=len(dates))


@transaction.atomic
def confirm_slot(*, slot: Slot, today: date) -> Outcome:
    """Note that somebody vouched today that the slot is as published."""
    slot = locked(slot, today)
    if slot.status_on(today) is not Slot.Status.PUBLISHED:
        raise SlotChangeError("Bestätigt wird nur, was veröffentlicht ist und noch gilt.")
    if slot.confirmations.filter(confirmed_on=today).exists():
        raise SlotChangeError("Der Termin ist heute schon bestätigt.")
    Confirmation.objects.create(slot=slot, confirmed_on=today)
    return Outcome(slot=slot, sentence=f"Bestätigt am {date_full(today)}.")


@transaction.atomic
def withdraw_slot(*, slot: Slot, today: date) -> Outcome:
    """Let the slot hold no longer, from today on; what was before stays."""
    slot = locked(slot, today)
    _refuse_what_is_over(slot, today)
    refuse_what_was_held(slot, today - ONE_DAY)
    gone = tuple(date_ for date_ in dates_from_day(slot, today, today) if date_.takes_place)
    slot.withdrawn_on = today
    slot.save()
    return Outcome(slot=slot, sentence=f"Er gilt ab {date_full(today)} nicht mehr.", gone=gone)


@transaction.atomic
def copy_slot(*, slot: Slot, institution: Institution, first_day: date, today: date) -> Outcome:
    """Propose the same offer at the same times at another house as well; whoever counsels there is still to be found."""
    slot = locked(slot, today)
    _refuse_the_copy(slot, institution, first_day)
    last_day = slot.last_day if slot.last_day and slot.last_day >= first_day else None
    copy = follower_of(
        slot, first_day=first_day, last_day=last_day, institution=institution, room=None, proposed_on=today
    )
    copy.counsellors.clear()
    refuse_conflicts(copy, today)
    dates = dates_from_day(loaded(copy), first_day, today)
    if not any(date_.takes_place for date_ in dates):
        raise SlotChangeError(f"In {institution} fände kein einziger Termin statt.")
    sentence = f"Neuer Vorschlag in {institution} ab {date_full(first_day)}, noch ohne Fachkraft und Raum."
    return Outcome(slot=slot, follower=copy, sentence=sentence, dropped=dropped_of(dates), total=len(dates))


@transaction.atomic
def remove_slot(*, slot: Slot, user: Any, today: date) -> Outcome:
    """Delete a mere draft; end today, or withdraw, what has a past: that stays."""
    slot = locked(slot, today)
    if not past_of(slot):
        if not user.has_perm("appointments.delete_slot"):
            raise SlotChangeError("Zum Löschen fehlt Ihnen das Recht.")
        name = str(slot)
        slot.delete()
        return Outcome(slot=slot, sentence=f"Der Entwurf „{name}“ wird gelöscht; er war nie vereinbart.")
    _refuse_what_is_over(slot, today)
    if slot.first_day > today or slot.last_day == today:
        outcome = withdraw_slot(slot=slot, today=today)
    else:
        outcome = end_slot(slot=slot, last_day=today, today=today)
    why = f"Er hat eine Geschichte ({past_of(slot)[0]}) und wird nicht gelöscht, sondern beendet. "
    return Outcome(slot=outcome.slot, sentence=why + outcome.sentence, gone=outcome.gone)


def past_of(slot: Slot) -> list[str]:
    """Return in words what has come of the slot already, nothing for a mere draft."""
    stages = [("vereinbart", slot.agreed_on), ("veröffentlicht", slot.published_on)]
    reached = [f"{name} seit {date_full(day)}" for name, day in stages if day]
    return [*reached, *uses(slot, parts=[SlotException])]


def _refuse_what_is_over(slot: Slot, today: date) -> None:
    if slot.last_day and slot.last_day < today:
        raise SlotChangeError(f"Der Termin ist seit {date_full(slot.last_day)} beendet.")


def _refuse_the_copy(slot: Slot, institution: Institution, first_day: date) -> None:
    if institution == slot.institution:
        raise SlotChangeError(f"Der Termin findet schon in {institution} statt.")
    if not slot.recurrence.is_recurring:
        raise SlotChangeError("Einzelne Tage werden nicht kopiert; bitte die neuen Tage eintragen.")
    if institution.first_day > first_day or (institution.last_day and institution.last_day < first_day):
        raise SlotChangeError(f"{institution} ist am {date_full(first_day)} nicht in Betrieb.")
