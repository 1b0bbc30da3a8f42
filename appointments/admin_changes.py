"""How do staff change one or many slots, seeing first what will happen, and how do they take it back?

The preview runs the change and rolls it back. Choosing and looking are GET requests, so that an address can be shared and
nothing needs script; only the confirmation is a POST. All or nothing, unless "only what is possible" was chosen; what was
done is one operation of the history and is undone there.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from appointments.admin_change_forms import CHANGES, Change, ChangeForm
from appointments.conflict_check import ConflictError, lock_those_involved
from appointments.models import Slot, only_proposes
from appointments.slot_changes import Outcome, SlotChangeError
from locations.models.history import operation

__all__ = ["CHANGES", "MOST_AT_ONCE", "Change", "address", "change_view", "may"]

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Result:
    """What came of a change for one slot: an outcome, or the reason why it is not possible."""

    slot: Slot
    outcome: Outcome | None = None
    problem: str = ""


@dataclass(frozen=True)
class Run:
    """A change of several slots, done or only tried."""

    results: list[Result]
    operation: uuid.UUID
    is_done: bool

    @property
    def possible(self) -> list[Result]:
        return [result for result in self.results if result.outcome]

    @property
    def refused(self) -> list[Result]:
        return [result for result in self.results if result.problem]


def address(change: Change, slots: list[int]) -> str:
    """Return where the change of these slots is chosen and looked at."""
    return f"{reverse(f'admin:appointments_slot_{change.name}')}?{urlencode({'termine': ','.join(map(str, slots))})}"


def may(request: HttpRequest, change: Change, slot_admin: admin.ModelAdmin) -> bool:
    """Return whether the account may make such a change at all."""
    if only_proposes(request.user):
        return False
    return slot_admin.has_change_permission(request) and request.user.has_perm(change.permission)


def change_view(request: HttpRequest, change: Change, slot_admin: admin.ModelAdmin) -> HttpResponse:
    """Show what the change would do to the chosen slots, or do it."""
    if not may(request, change, slot_admin):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    slots = _chosen(given.get("termine", ""), slot_admin.get_queryset(request))
    if not slots or not all(slot_admin.has_change_permission(request, slot) for slot in slots):
        messages.error(request, f"Bitte 1 bis {MOST_AT_ONCE} vorhandene Termine auswählen.")
        return HttpResponseRedirect(reverse("admin:appointments_slot_changelist"))
    is_said = request.method == "POST" or _is_filled(change.form, given)
    form = change.form(given if is_said else None, user=request.user)
    with transaction.atomic():  # what the administration writes down about it belongs to it
        run = _run(request, change, slots, form.cleaned_data) if form.is_valid() else None
        if run and run.is_done:
            _report(request, change, run, slot_admin)
    if run and run.is_done:
        return HttpResponseRedirect(reverse("admin:appointments_slot_changelist"))
    return _page(request, change, slots, form, run, slot_admin)


def _chosen(text: str, queryset: Any) -> list[Slot]:
    """Return the slots named by their keys, none where the text is not a list of keys or names too many."""
    keys = text.split(",")
    if len(keys) > MOST_AT_ONCE or not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
        return []
    return list(queryset.filter(pk__in=keys).order_by("pk"))


def _is_filled(form: type[ChangeForm], given: Any) -> bool:
    return not form.base_fields or any(given.get(name) for name in form.base_fields)


def _run(request: HttpRequest, change: Change, slots: list[Slot], choices: dict[str, Any]) -> Run:
    """Make the change; written only if it was confirmed, and all are possible or the others may stay as they are."""
    today = timezone.localdate()
    asked = {"user": request.user} if change.asks_who else {}
    with transaction.atomic(), operation(change.title) as named:
        counsellors = Slot.counsellors.through.objects.filter(slot__in=slots).values_list("counsellor", flat=True)
        rooms = [slot.room_id for slot in slots] + [getattr(choices.get("room"), "pk", None)]
        lock_those_involved(counsellors=counsellors, rooms=rooms)
        results = [_result(change, slot, today, asked | choices) for slot in slots]
        run = Run(results, named, is_done=_is_wanted(request, results))
        if not run.is_done:
            transaction.set_rollback(True)
    return run


def _is_wanted(request: HttpRequest, results: list[Result]) -> bool:
    refused = sum(1 for result in results if result.problem)
    in_part = "_possible" in request.POST and refused < len(results)
    return request.method == "POST" and (not refused or in_part)


def _result(change: Change, slot: Slot, today: date, choices: dict[str, Any]) -> Result:
    try:
        return Result(slot, change.make(slot=slot, today=today, **choices))
    except (SlotChangeError, ConflictError) as problem:
        return Result(slot, problem=str(problem))


def _report(request: HttpRequest, change: Change, run: Run, slot_admin: admin.ModelAdmin) -> None:
    for result in run.possible:
        slot_admin.log_change(request, result.slot, f"{change.done}: {result.outcome.sentence}")
    number = len(run.possible)
    messages.success(
        request,
        format_html(
            '{} {} {}. <a href="{}">Ansehen oder rückgängig machen</a>',
            number,
            "Termin" if number == 1 else "Termine",
            change.done,
            reverse("admin:locations_operation", args=[run.operation]),
        ),
    )
    for result in run.refused:
        messages.warning(request, f"Unverändert: {result.slot}. {result.problem}")


def _page(
    request: HttpRequest,
    change: Change,
    slots: list[Slot],
    form: forms.Form,
    run: Run | None,
    slot_admin: admin.ModelAdmin,
) -> HttpResponse:
    context = slot_admin.admin_site.each_context(request) | {
        "opts": slot_admin.opts,
        "title": change.title,
        "change": change,
        "slots": slots,
        "form": form,
        "run": run,
        "was_refused": request.method == "POST" and run is not None,
        "media": slot_admin.media + form.media,
    }
    return TemplateResponse(request, "admin/appointments/slot/change.html", context)
