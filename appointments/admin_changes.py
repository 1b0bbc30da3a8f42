"""How do staff end, move or carry over slots, seeing first what will happen?

The preview runs the change and rolls it back. Choosing and looking are GET requests, so that an address can be shared and
nothing needs script; only the confirmation is a POST.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from appointments.admin_forms import RULE_YEARS
from appointments.conflict_check import ConflictError, lock_those_involved
from appointments.models import Slot
from appointments.slot_changes import Outcome, SlotChangeError, carry_over, end_slot, move_slot
from locations.models import Institution, Room

MOST_AT_ONCE = 100


def _day_field(label: str, help_text: str) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=AdminDateWidget, validators=RULE_YEARS)


class EndForm(forms.Form):
    last_day = _day_field("Letzter Tag", "An diesem Tag findet der Termin noch statt.")


class MoveForm(forms.Form):
    institution = forms.ModelChoiceField(
        label="Neue Einrichtung",
        queryset=Institution.objects.select_related("municipality"),
        widget=AutocompleteSelect(Slot._meta.get_field("institution"), admin.site),
    )
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
            self.fields["room"].queryset = Room.objects.filter(institution_id=int(chosen))


class CarryOverForm(forms.Form):
    """Nothing to choose: the end of the next school year follows from the slot."""


@dataclass(frozen=True)
class Change:
    """One of the changes staff can make to several slots: its address, its words, its form and its function."""

    name: str
    path: str
    link: str
    title: str
    button: str
    done: str
    form: type[forms.Form]
    make: Callable[..., Outcome]


CHANGES = [
    Change("end", "beenden", "Beenden", "Beenden an einem Tag", "Jetzt beenden", "beendet", EndForm, end_slot),
    Change(
        "move",
        "verlegen",
        "Verlegen",
        "Ab einem Tag in andere Einrichtung verlegen",
        "Jetzt verlegen",
        "verlegt",
        MoveForm,
        move_slot,
    ),
    Change(
        "carry_over",
        "uebernehmen",
        "Ins nächste Schuljahr",
        "Ins nächste Schuljahr übernehmen",
        "Jetzt übernehmen",
        "übernommen",
        CarryOverForm,
        carry_over,
    ),
]


@dataclass(frozen=True)
class Result:
    """What came of a change for one slot: an outcome, or the reason why it is not possible."""

    slot: Slot
    outcome: Outcome | None = None
    problem: str = ""


def address(change: Change, slots: list[int]) -> str:
    """Return where the change of these slots is chosen and looked at."""
    return f"{reverse(f'admin:appointments_slot_{change.name}')}?{urlencode({'termine': ','.join(map(str, slots))})}"


def change_view(request: HttpRequest, change: Change, slot_admin: admin.ModelAdmin) -> HttpResponse:
    """Show what the change would do to the chosen slots, or do it."""
    if not slot_admin.has_change_permission(request):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    slots = _chosen(given.get("termine", ""), slot_admin.get_queryset(request))
    if not slots:
        messages.error(request, f"Bitte 1 bis {MOST_AT_ONCE} vorhandene Termine auswählen.")
        return HttpResponseRedirect(reverse("admin:appointments_slot_changelist"))
    form = change.form(given if request.method == "POST" or _is_filled(change.form, given) else None)
    results = []
    if form.is_valid():
        results = _run(change, slots, form.cleaned_data, timezone.localdate(), for_good=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        _report(request, change, results, slot_admin)
        return HttpResponseRedirect(reverse("admin:appointments_slot_changelist"))
    return _page(request, change, slots, form, results, slot_admin)


def _chosen(text: str, queryset: Any) -> list[Slot]:
    """Return the slots named by their keys, none where the text is not a list of keys or names too many."""
    keys = text.split(",")
    if len(keys) > MOST_AT_ONCE or not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
        return []
    return list(queryset.filter(pk__in=keys).order_by("pk"))


def _is_filled(form: type[forms.Form], given: Any) -> bool:
    return not form.base_fields or any(given.get(name) for name in form.base_fields)


def _run(change: Change, slots: list[Slot], choices: dict, today: date, *, for_good: bool) -> list[Result]:
    with transaction.atomic():
        counsellors = Slot.counsellors.through.objects.filter(slot__in=slots).values_list("counsellor", flat=True)
        rooms = [slot.room_id for slot in slots] + [getattr(choices.get("room"), "pk", None)]
        lock_those_involved(counsellors=counsellors, rooms=rooms)
        results = [_result(change, slot, choices, today) for slot in slots]
        if not for_good:
            transaction.set_rollback(True)
    return results


def _result(change: Change, slot: Slot, choices: dict, today: date) -> Result:
    try:
        return Result(slot, change.make(slot=slot, today=today, **choices))
    except (SlotChangeError, ConflictError) as problem:
        return Result(slot, problem=str(problem))


def _report(request: HttpRequest, change: Change, results: list[Result], slot_admin: admin.ModelAdmin) -> None:
    done = [result for result in results if result.outcome]
    for result in done:
        slot_admin.log_change(request, result.slot, f"{change.done}: {result.outcome.sentence}")
    if done:
        messages.success(request, f"{len(done)} {'Termin' if len(done) == 1 else 'Termine'} {change.done}.")
    for result in results:
        if result.problem:
            messages.warning(request, f"Unverändert: {result.slot}. {result.problem}")


def _page(
    request: HttpRequest,
    change: Change,
    slots: list[Slot],
    form: forms.Form,
    results: list[Result],
    slot_admin: admin.ModelAdmin,
) -> HttpResponse:
    context = slot_admin.admin_site.each_context(request) | {
        "opts": slot_admin.opts,
        "title": change.title,
        "change": change,
        "slots": slots,
        "form": form,
        "results": results,
        "possible": any(result.outcome for result in results),
        "media": slot_admin.media + form.media,
    }
    return TemplateResponse(request, "admin/appointments/slot/change.html", context)
