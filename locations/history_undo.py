"""How does a row, or all that one operation changed, become again what it was?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from locations.history_steps import Step, linked_fields, links_of
from locations.history_text import moment, name_of
from locations.uses import uses

PROBLEMS_NAMED = 10


class UndoError(ValueError):
    """Something cannot become what it was; `reasons` are German sentences. Nothing has been written."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(self.reasons))


def as_it_was(entry: Any) -> models.Model:
    """Return the row as the entry says it was, not stored; what history does not keep is as it is now."""
    model = entry.instance_type
    row = model._base_manager.filter(pk=_key(entry)).first() or model(pk=_key(entry))
    for field in entry.tracked_fields:
        if not field.primary_key:
            setattr(row, field.attname, getattr(entry, field.attname))
    return row


def put_back(entry: Any) -> models.Model:
    """Store the row as the entry says it was, its links included, and return it. UndoError: it would not be valid."""
    row = as_it_was(entry)
    try:
        row.full_clean()
        row.save(force_insert=row._state.adding)
    except ValidationError as error:
        raise UndoError(f"{row_name(row)}: {message}" for message in error.messages) from error
    links = links_of(type(row), [entry]).get(entry.pk, {})
    for field in linked_fields(type(row)):
        there = field.related_model._base_manager.filter(pk__in=links.get(field.name, ()))
        if set(there) != set(getattr(row, field.name).all()):
            getattr(row, field.name).set(there)
    return row


@transaction.atomic
def undo(steps: list[Step], *, problems: Callable[[Step, models.Model], Iterable[str]]) -> list[models.Model]:
    """Take back these steps, given latest first, and return the rows that are there again as they were.

    UndoError: something has been touched since, or what would come of it is refused by `problems`.
    """
    _lock(steps)
    _refuse_what_was_touched_since(steps)
    rows = [(step, row) for step in steps if (row := _taken_back(step)) is not None]
    if found := [problem for step, row in rows for problem in problems(step, row)]:
        raise UndoError(found[:PROBLEMS_NAMED])
    return [row for _, row in rows]


def _taken_back(step: Step) -> models.Model | None:
    if step.before is not None:
        return put_back(step.before)
    row = step.model._base_manager.get(pk=step.key)
    if needed := uses(row):
        raise UndoError([f"{row_name(row)} wird inzwischen gebraucht: {', '.join(needed)}."])
    row.delete()
    return None


def _lock(steps: list[Step]) -> None:
    by_model: dict[type[models.Model], list[int]] = {}
    for step in steps:
        by_model.setdefault(step.model, []).append(step.key)
    for model in sorted(by_model, key=lambda model: model._meta.label):
        rows = model._base_manager.select_for_update().filter(pk__in=by_model[model]).order_by("pk")
        list(rows.values_list("pk"))


def _refuse_what_was_touched_since(steps: list[Step]) -> None:
    """Raise UndoError naming what somebody changed after these steps; read afresh, under the lock."""
    touched = []
    for step in steps:
        since = step.model.history.filter(**{step.model._meta.pk.attname: step.key}, history_id__gt=step.entry.pk)
        if (later := since.select_related("history_user").order_by("history_id").last()) is not None:
            touched.append((step, later))
    if touched:
        raise UndoError(_touched(step, later) for step, later in touched[:PROBLEMS_NAMED])


def _touched(step: Step, later: Any) -> str:
    by = f" von {name_of(later.history_user)}" if later.history_user else ""
    return f"{row_name(as_it_was(step.entry))} wurde seitdem geändert ({moment(later.history_date)}{by})."


def row_name(row: models.Model) -> str:
    return f"{row._meta.verbose_name} „{row}“"


def _key(entry: Any) -> int:
    return getattr(entry, entry.instance_type._meta.pk.attname)
