"""How does a slot's history read, and what keeps staff from saving or restoring a state that may not be?"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from appointments.conflict_check import lock_those_involved
from appointments.describe import describe_rule
from appointments.models import Slot
from appointments.recurrence import RuleError, parse_rule
from appointments.slot_changes import SlotChangeError, end_slot
from appointments.status import PublishingError, refuse_publishing
from appointments.status_changes import past_of, withdraw_slot


def _rhythm(entry: Any) -> str:
    try:
        return describe_rule(parse_rule(entry.rule, entry.anchor_day))
    except RuleError:
        return entry.rule


class SlotStatus:
    """What the list of slots adds to every list of the desk: locks in order, and the rule of publishing."""

    history_words = {"rule": _rhythm}

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        form.user = request.user
        return form

    def lock_for_saving(self, request: HttpRequest, row: Slot) -> None:
        """Lock counsellors, rooms and then the slot, the order every writer of slots keeps."""
        stored = Slot.objects.filter(pk=row.pk).values_list("room", flat=True)
        counsellors = Slot.counsellors.through.objects.filter(slot=row.pk).values_list("counsellor", flat=True)
        typed = [_number(key) for key in request.POST.getlist("counsellors")]
        lock_those_involved(counsellors=[*counsellors, *typed], rooms=[*stored, _number(request.POST.get("room", ""))])
        super().lock_for_saving(request, row)

    def lock_shared(self, keys: list[int]) -> None:
        """Lock the counsellors and rooms of all these slots, as the bulk changes do."""
        rooms = Slot.objects.filter(pk__in=keys).values_list("room", flat=True)
        counsellors = Slot.counsellors.through.objects.filter(slot__in=keys).values_list("counsellor", flat=True)
        lock_those_involved(counsellors=counsellors, rooms=rooms)

    def past_of(self, row: Slot, today: date) -> list[str]:
        return past_of(row)

    def refused_state(self, request: HttpRequest, before: Slot | None, row: Slot) -> list[str]:
        stored = Slot.objects.with_dates().get(pk=row.pk)
        try:
            refuse_publishing(before=before, after=stored, user=request.user, today=timezone.localdate())
        except PublishingError as refusal:
            return [f"{stored}: {refusal}"]
        return super().refused_state(request, before, stored)


class EndsItsSlots:
    """A list of rows without a last day of their own: they end with their last slot."""

    can_end = True
    slots_by = ""

    def running(self, row: Any, last_day: date) -> list[Slot]:
        """Return the row's slots that would go on after the day."""
        slots = Slot.objects.filter(**{self.slots_by: row.pk}).not_withdrawn(last_day).running_or_to_come(last_day)
        return list(slots.exclude(last_day=last_day).with_dates())

    def what_ending_does(self, request: HttpRequest, row: Any, last_day: date) -> list[str]:
        names = [f"{slot} ({slot.sentence}) endet." for slot in self.running(row, last_day)]
        return [*names, f"„{row}“ selbst bleibt: Was gewesen ist, hängt daran."]

    def end(self, request: HttpRequest, row: Any, last_day: date) -> None:
        today = timezone.localdate()
        for slot in self.running(row, last_day):
            try:
                if slot.first_day > last_day:
                    withdraw_slot(slot=slot, today=today)
                else:
                    end_slot(slot=slot, last_day=last_day, today=today)
            except SlotChangeError as problem:
                raise ValidationError(f"{slot}: {problem}") from problem


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
