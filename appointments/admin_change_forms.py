"""Which changes can staff make to several slots at once, and what has to be said for each?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect

from appointments.admin_forms import RULE_YEARS
from appointments.models import Slot
from appointments.slot_changes import Outcome, carry_over, end_slot, move_slot
from appointments.status_changes import (
    agree_slot,
    confirm_slot,
    copy_slot,
    publish_slot,
    remove_slot,
    withdraw_slot,
)
from locations.models import Institution, Room
from locations.scope import districts_of


def _day_field(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=AdminDateWidget, validators=RULE_YEARS)


def _institution_field(label: str) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=label,
        queryset=Institution.objects.select_related("municipality"),
        widget=AutocompleteSelect(Slot._meta.get_field("institution"), admin.site),
    )


class ChangeForm(forms.Form):
    """What has to be said for a change; houses only from the districts of whoever asks."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "institution" in self.fields:
            houses = self.fields["institution"]
            houses.queryset = houses.queryset.filter(municipality__district__in=districts_of(user))


class NothingToSay(ChangeForm):
    """What happens follows from the slot and the day."""


class EndForm(ChangeForm):
    last_day = _day_field("Letzter Tag", "An diesem Tag findet der Termin noch statt.")


class CopyForm(ChangeForm):
    institution = _institution_field("Andere Einrichtung")
    first_day = _day_field("Gilt dort ab", "Der Termin am alten Ort bleibt, wie er ist.")


class MoveForm(ChangeForm):
    institution = _institution_field("Neue Einrichtung")
    first_day = _day_field("Erster Tag dort", "Bis zum Tag davor findet der Termin am alten Ort statt.")
    room = forms.ModelChoiceField(
        label="Raum",
        queryset=Room.objects.none(),
        required=False,
        help_text="Die Räume erscheinen mit der Vorschau, sobald die Einrichtung gewählt ist.",
        error_messages={"invalid_choice": "Dieser Raum gehört zu einer anderen Einrichtung."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.data.get("institution", "")
        if chosen.isdecimal():
            houses = self.fields["institution"].queryset.filter(pk=int(chosen))
            self.fields["room"].queryset = Room.objects.filter(institution__in=houses)


@dataclass(frozen=True)
class Change:
    """One of the changes staff can make to several slots: its address, its words, its form and its function."""

    name: str
    path: str
    link: str
    title: str
    button: str
    done: str
    form: type[ChangeForm]
    make: Callable[..., Outcome]
    # Stages at which a slot's own page offers it; every one of them where it is empty.
    stages: frozenset[Slot.Status] = frozenset()
    permission: str = "appointments.change_slot"
    asks_who: bool = False

    def suits(self, slot: Slot, today: date) -> bool:
        """Return whether the slot's own page offers it."""
        return not self.stages or slot.status_on(today) in self.stages


STAGE = Slot.Status
NOT_ENDED = frozenset({STAGE.PROPOSED, STAGE.AGREED, STAGE.PUBLISHED})

CHANGES = [
    Change(
        "agree",
        "vereinbaren",
        "Vereinbaren",
        "Als vereinbart eintragen",
        "Jetzt vereinbaren",
        "vereinbart",
        NothingToSay,
        agree_slot,
        stages=frozenset({STAGE.PROPOSED}),
    ),
    Change(
        "publish",
        "veroeffentlichen",
        "Veröffentlichen",
        "Veröffentlichen",
        "Jetzt veröffentlichen",
        "veröffentlicht",
        NothingToSay,
        publish_slot,
        stages=frozenset({STAGE.AGREED}),
        permission="appointments.publish_slot",
        asks_who=True,
    ),
    Change(
        "confirm",
        "bestaetigen",
        "Bestätigen",
        "Heute bestätigen",
        "Jetzt bestätigen",
        "bestätigt",
        NothingToSay,
        confirm_slot,
        stages=frozenset({STAGE.PUBLISHED}),
    ),
    Change(
        "end",
        "beenden",
        "Beenden",
        "Beenden an einem Tag",
        "Jetzt beenden",
        "beendet",
        EndForm,
        end_slot,
        stages=frozenset({STAGE.AGREED, STAGE.PUBLISHED}),
    ),
    Change(
        "withdraw",
        "zurueckziehen",
        "Zurückziehen",
        "Ab heute zurückziehen",
        "Jetzt zurückziehen",
        "zurückgezogen",
        NothingToSay,
        withdraw_slot,
        stages=NOT_ENDED,
    ),
    Change(
        "move",
        "verlegen",
        "Verlegen",
        "Ab einem Tag in andere Einrichtung verlegen",
        "Jetzt verlegen",
        "verlegt",
        MoveForm,
        move_slot,
        stages=NOT_ENDED,
    ),
    Change(
        "carry_over",
        "uebernehmen",
        "Ins nächste Schuljahr",
        "Ins nächste Schuljahr übernehmen",
        "Jetzt übernehmen",
        "übernommen",
        NothingToSay,
        carry_over,
    ),
    Change(
        "copy",
        "kopieren",
        "Kopieren",
        "In andere Einrichtung kopieren",
        "Jetzt kopieren",
        "kopiert",
        CopyForm,
        copy_slot,
        permission="appointments.add_slot",
    ),
    Change(
        "remove",
        "entfernen",
        "Entfernen",
        "Löschen, was nur ein Entwurf ist; beenden, was eine Geschichte hat",
        "Jetzt entfernen",
        "entfernt",
        NothingToSay,
        remove_slot,
        asks_who=True,
    ),
]
