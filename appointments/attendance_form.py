"""On which days can conversations be counted? On those on which the slot really took place."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from appointments.models import Attendance, Slot
from appointments.preview import nearest_as_words
from appointments.schedule import Timetable
from locations.wording import date_full


class AttendanceForm(forms.ModelForm):
    class Meta:
        model = Attendance
        fields = ["slot", "day", "conversations"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        slot, day = cleaned.get("slot"), cleaned.get("day")
        # A day that was right when it was entered stays right, whatever the rhythm is by now.
        if slot and day and {"slot", "day"} & set(self.changed_data) and (problem := why_not(slot, day)):
            self.add_error("day", problem)
        return cleaned


def why_not(slot: Slot, day: date) -> str:
    """Return why no conversation can be counted on the day, "" where one can. Four queries."""
    if day > timezone.localdate():
        return f"Der {date_full(day)} kommt erst noch."
    slot = Slot.objects.with_dates().get(pk=slot.pk)
    found = Timetable.of_slots([slot], day, day).dates(slot).all
    if any(one.takes_place for one in found):
        return ""
    how = "Fand er doch statt, bitte zuerst beim Termin unter „einzelne Tage“ eintragen."
    if found:
        reason = f": {found[0].reason}" if found[0].reason else ""
        return f"Am {date_full(day)} fand der Termin nicht statt{reason}. {how}"
    return f"Am {date_full(day)} war kein Termin. {nearest_as_words(slot, day)} {how}"
