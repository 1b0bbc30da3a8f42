"""How do staff read the history of a row, bring back what it said, and take back what one operation did?"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from locations.history_steps import Step, Words, steps_of_operation, steps_of_parts, steps_of_rows
from locations.history_text import moment
from locations.history_undo import UndoError, as_it_was, put_back, undo
from locations.models.history import operation
from locations.typed_forms import as_typed

ENTRIES_PER_PAGE = 25


@dataclass
class Entry:
    """All that one operation did to a row and to the rows that are part of it."""

    operation: uuid.UUID
    at: datetime
    who: str
    reason: str
    own: Step | None = None
    parts: list[Step] = field(default_factory=list)
    is_now: bool = False


class HistoryAdmin:
    """A list of rows whose history staff can read and bring back."""

    history_words: Words = {}

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<path:object_id>/history/<int:entry_id>/", view, name=name), *super().get_urls()]

    def refused_state(self, request: HttpRequest, before: models.Model | None, row: models.Model) -> list[str]:
        """Return why the row, stored as it now is, may not stay so: whatever its own form would refuse."""
        form = self.get_form(request, row, change=True)(instance=row)
        bound = type(form)(as_typed(form), instance=self.model._base_manager.get(pk=row.pk))
        if bound.is_valid():
            return []
        return [f"{row}: {text}" for texts in bound.errors.values() for text in texts]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not hasattr(self.model, "history"):  # what nobody edits here, such as a computed plan
            return super().history_view(request, object_id, extra_context)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        entries = Paginator(_entries(self, row), ENTRIES_PER_PAGE).get_page(request.GET.get("seite"))
        context = self._history_context(request, row) | {
            "title": f"Geschichte: {row}",
            "entries": entries,
            "can_restore": self.has_restore_permission(request, row),
        }
        return TemplateResponse(request, "admin/desk_history.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, entry_id: int) -> HttpResponse:
        """Show what bringing back an earlier state would change, or bring it back."""
        if not hasattr(self.model, "history"):
            raise Http404
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_restore_permission(request, row):
            raise PermissionDenied
        entry = self.model.history.filter(**{self.opts.pk.attname: row.pk}, history_id=entry_id).first()
        if entry is None or entry.history_type == "-":
            raise Http404
        if not self.touched(request, entry):
            raise PermissionDenied
        reason = f"Stand vom {moment(entry.history_date)} wiederhergestellt"
        step, problems = self._restored(request, row, entry, reason, for_good=request.method == "POST")
        if request.method == "POST" and not problems:
            self.log_change(request, row, reason)
            messages.success(request, f"{reason}.")
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
            )
        context = self._history_context(request, row) | {
            "title": f"Stand vom {moment(entry.history_date)}",
            "step": step,
            "problems": problems,
            "label": "Diesen Stand wiederherstellen",
        }
        return TemplateResponse(request, "admin/desk_restore.html", context)

    def _restored(
        self, request: HttpRequest, row: models.Model, entry: Any, reason: str, *, for_good: bool
    ) -> tuple[Step | None, list[str]]:
        """Return what changed and what is against it; nothing stays written if there is anything, or it is a preview."""
        with transaction.atomic(), operation(reason):
            self.lock_for_saving(request, row)
            before = self.model._base_manager.get(pk=row.pk)
            step, problems = None, []
            try:
                restored = put_back(entry)
                step = steps_of_rows(self.model, [row.pk], self.history_words)[-1]
                problems = self.refused_state(request, before, restored)
            except UndoError as error:
                problems = error.reasons
            if problems or not for_good:
                transaction.set_rollback(True)
        return step, problems

    def _history_context(self, request: HttpRequest, row: models.Model) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {"opts": self.opts, "object": row, "media": self.media}


def _entries(model_admin: Any, row: models.Model) -> list[Entry]:
    """Return the history of the row and of the rows in its inlines, the latest first."""
    own = steps_of_rows(model_admin.model, [row.pk], model_admin.history_words)
    found: dict[uuid.UUID, Entry] = {}
    for step in own:
        found[step.operation] = Entry(step.operation, step.at, step.who, step.reason, own=step, is_now=step.is_last)
    for model, owner in parts_of(model_admin):
        for step in steps_of_parts(model, owner, row.pk):
            if not step.is_first_state:
                entry = found.setdefault(
                    step.operation, Entry(step.operation, step.at, step.who, step.reason, is_now=False)
                )
                entry.parts.append(step)
    return sorted(found.values(), key=lambda entry: entry.at, reverse=True)


def parts_of(model_admin: Any) -> list[tuple[type[models.Model], str]]:
    """Return the models of the inlines that have a history, with the field by which they belong to the row."""
    return [
        (inline.model, _owner_field(model_admin.model, inline))
        for inline in model_admin.inlines
        if hasattr(inline.model, "history")
    ]


def _owner_field(owner: type[models.Model], inline: Any) -> str:
    if inline.fk_name:
        return inline.fk_name
    return next(field.name for field in inline.model._meta.fields if field.related_model is owner)


def words_of(model: type[models.Model]) -> Words:
    """Return how the fields of a model read, as its list in the administration says."""
    return getattr(admin.site._registry.get(model), "history_words", {})


def operation_view(request: HttpRequest, operation_id: uuid.UUID) -> HttpResponse:
    """Show all that one operation changed, and take it back on demand."""
    steps = steps_of_operation(operation_id, words_of)
    if not steps:
        raise Http404
    _refuse_strangers(request, steps)
    problems: list[str] = []
    if request.method == "POST":
        problems = _undone(request, steps)
        if not problems:
            messages.success(
                request, f"Rückgängig gemacht: {len(steps)} {'Eintrag' if len(steps) == 1 else 'Einträge'}."
            )
            return HttpResponseRedirect(_list_of(steps))
    context = admin.site.each_context(request) | {
        "title": "Was dieser Vorgang geändert hat",
        "steps": [(step, _name(step)) for step in steps],
        "first": steps[-1],
        "at": moment(steps[-1].at),
        "problems": problems,
        "can_undo": all(step.is_last for step in steps),
        "back": _list_of(steps),
    }
    return TemplateResponse(request, "admin/desk_operation.html", context)


def _undone(request: HttpRequest, steps: list[Step]) -> list[str]:
    """Take the steps back; return what is against it, nothing being written then."""

    def problems(step: Step, row: models.Model) -> list[str]:
        model_admin = admin.site._registry.get(step.model)
        before = as_it_was(step.after) if step.after else None
        return model_admin.refused_state(request, before, row) if model_admin else []

    try:
        with transaction.atomic(), operation(f"Rückgängig: Vorgang vom {moment(steps[-1].at)}"):
            _lock(request, steps)
            undo(steps, problems=problems)
    except UndoError as error:
        return error.reasons
    return []


def _lock(request: HttpRequest, steps: list[Step]) -> None:
    """Lock what the steps are about as every other writer does: money before slots, what is shared before the rows."""
    keys: dict[type[models.Model], list[int]] = {}
    for step in steps:
        if step.model in admin.site._registry and step.after is not None:
            keys.setdefault(step.model, []).append(step.key)
    in_order = sorted(keys, key=lambda model: model._meta.label, reverse=True)  # budget, then appointments
    for model in in_order:
        if hasattr(model_admin := admin.site._registry[model], "lock_shared"):
            model_admin.lock_shared(keys[model])
    for model in in_order:
        for key in sorted(keys[model]):
            admin.site._registry[model].lock_for_saving(request, model(pk=key))


def _refuse_strangers(request: HttpRequest, steps: list[Step]) -> None:
    """Raise PermissionDenied unless the account may do to every row what undoing would do to it."""
    if not all(_may_take_back(request, step, steps) for step in steps):
        raise PermissionDenied


def _may_take_back(request: HttpRequest, step: Step, steps: list[Step]) -> bool:
    if model_admin := admin.site._registry.get(step.model):
        return _is_editable(request, model_admin, step)
    return _owner_is_editable(request, step, steps)


def _is_editable(request: HttpRequest, model_admin: Any, step: Step) -> bool:
    """Return whether the account may change the row, as it is and as it was; one that is gone belongs to who may add."""
    if not hasattr(model_admin, "touched") or (step.before and not model_admin.touched(request, step.before)):
        return False
    if step.after is None:
        return model_admin.has_add_permission(request)
    row = model_admin.get_queryset(request).filter(pk=step.key).first()
    return row is not None and model_admin.has_restore_permission(request, row)


def _owner_is_editable(request: HttpRequest, step: Step, steps: list[Step]) -> bool:
    """Return whether the account may change the row of which this one is a part, or that went in the same operation."""
    for model_admin in admin.site._registry.values():
        for inline in model_admin.inlines:
            if inline.model is step.model:
                owner = getattr(step.entry, f"{_owner_field(model_admin.model, inline)}_id")
                row = model_admin.get_queryset(request).filter(pk=owner).first()
                if row is not None:
                    return model_admin.has_change_permission(request, row)
                return _went_too(request, model_admin, owner, steps)
    return False


def _went_too(request: HttpRequest, model_admin: Any, key: Any, steps: list[Step]) -> bool:
    """Return whether the operation deleted this row of the list, and the account may add it again."""
    own = (step for step in steps if step.model is model_admin.model and step.key == key and step.after is None)
    return any(_is_editable(request, model_admin, step) for step in own)


def _name(step: Step) -> str:
    row = step.model._base_manager.filter(pk=step.key).first()
    return str(row or step.entry.history_object)


def _list_of(steps: list[Step]) -> str:
    for step in steps[::-1]:
        if step.model in admin.site._registry:
            return reverse(f"admin:{step.model._meta.app_label}_{step.model._meta.model_name}_changelist")
    return reverse("admin:index")
