"""Who brought a slot how far, and who may show it to the public?

`publishing_refusal` is the one rule of publishing; form, list action, restore, import and interface ask it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from appointments.models import Slot, SlotException
from locations.history_text import name_of

PUBLISH = "appointments.publish_slot"
NO_RIGHT = (
    "Veröffentlichen darf nur, wer das Recht dazu hat. Der Termin kann vereinbart bleiben; "
    "die Leitung veröffentlicht ihn."
)
# What says how far a slot has come; everything else is what a second person has to look at.
STAGE_DAYS = frozenset({"proposed_on", "agreed_on", "published_on", "withdrawn_on"})
NOT_CONTENT = STAGE_DAYS | {"id", "uuid", "changed_at"}


class PublishingError(PermissionError):
    """Somebody may not publish; the message is a German sentence."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the four steps of a slot: its name, the day it was reached and who entered that."""

    name: str
    day: date | None
    who: str
    is_current: bool
    is_to_come: bool
    hint: str = ""


def becomes_public(before: Slot | None, after: Slot, today: date) -> bool:
    """Return whether saving shows the public something it would not see otherwise."""
    if after.published_on is None or after.status_on(max(today, after.published_on)) is Slot.Status.ENDED:
        return False
    if before is None or before.published_on != after.published_on:
        return True
    return before.status_on(max(today, after.published_on)) is Slot.Status.ENDED


def publishing_refusal(*, slot: Slot, user: Any, edited_now: bool = False) -> str:
    """Return why this account may not publish the slot, "" where it may.

    `edited_now`: the same person changes what it says in the same go, or nobody has stored it yet.
    """
    if not user.has_perm(PUBLISH):
        return NO_RIGHT
    if not slot.institution.municipality.district.needs_second_person:
        return ""
    if edited_now or slot.pk is None:
        return _second_person("Sie haben ihn gerade selbst bearbeitet.")
    if last_editor(slot) == user.pk:
        return _second_person("Zuletzt haben Sie ihn selbst bearbeitet.")
    return ""


def refuse_publishing(*, before: Slot | None, after: Slot, user: Any, today: date, edited_now: bool = False) -> None:
    """Raise PublishingError if going from one state to the other publishes and this account may not."""
    if not becomes_public(before, after, today):
        return
    if reason := publishing_refusal(slot=after, user=user, edited_now=edited_now):
        raise PublishingError(reason)


def last_editor(slot: Slot) -> int | None:
    """Return the account that last changed what the slot says; None where nobody signed it or it is not known."""
    entries = [_last_content_entry(slot), SlotException.history.filter(slot_id=slot.pk).order_by("history_id").last()]
    known = [entry for entry in entries if entry is not None]
    return max(known, key=lambda entry: entry.history_date).history_user_id if known else None


def _last_content_entry(slot: Slot) -> Any:
    """Return the newest entry that differs from the one before in more than the days of its stages."""
    entries = list(slot.history.order_by("-history_id"))
    links = _counsellors_by_entry(entries)
    for entry, older in zip(entries, entries[1:], strict=False):
        if _content(entry, links) != _content(older, links):
            return entry
    return entries[-1] if entries else None


def _content(entry: Any, links: dict[int, frozenset[int]]) -> tuple[Any, ...]:
    names = [field.attname for field in entry.tracked_fields if field.attname not in NOT_CONTENT]
    return *(getattr(entry, name) for name in names), links.get(entry.pk, frozenset())


def _counsellors_by_entry(entries: list[Any]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    rows = Slot.history.model.counsellors.model.objects.filter(history__in=[entry.pk for entry in entries])
    for history, counsellor in rows.values_list("history_id", "counsellor_id"):
        found.setdefault(history, set()).add(counsellor)
    return {history: frozenset(counsellors) for history, counsellors in found.items()}


def _second_person(why: str) -> str:
    return f"Veröffentlichen muss eine zweite Person (so will es der Landkreis). {why}"


def stages(slot: Slot, today: date) -> list[Stage]:
    """Return the four steps of a slot with the day each was reached and who entered it. One query, none for a new slot."""
    end = slot.withdrawn_on or slot.last_day
    fields = ["proposed_on", "agreed_on", "published_on", "withdrawn_on" if slot.withdrawn_on else "last_day"]
    days = [slot.proposed_on, slot.agreed_on, slot.published_on, end]
    current = slot.status_on(today) if slot.pk else Slot.Status.PROPOSED
    who = _who_entered(slot, dict(zip(fields, days, strict=True))) if slot.pk else {}
    return [
        Stage(
            name=status.label.capitalize(),
            day=day,
            who=who.get(field, ""),
            is_current=status == current,
            is_to_come=bool(day and day > today),
            hint=_hint(status, slot, day),
        )
        for status, field, day in zip(Slot.Status, fields, days, strict=True)
    ]


def _hint(status: Slot.Status, slot: Slot, day: date | None) -> str:
    """Return what the step is still waiting for, where that is known."""
    if day is not None or status is not Slot.Status.PUBLISHED or slot.institution_id is None:
        return ""
    return "braucht eine zweite Person" if slot.institution.municipality.district.needs_second_person else ""


def _who_entered(slot: Slot, days: dict[str, date | None]) -> dict[str, str]:
    """Return, by field, who first entered the day that stands there now."""
    entries = list(slot.history.select_related("history_user").order_by("-history_id"))
    found: dict[str, str] = {}
    for field, day in days.items():
        if day is None:
            continue
        for entry in entries:
            if getattr(entry, field) != day:
                break
            found[field] = name_of(entry.history_user)
    return found
