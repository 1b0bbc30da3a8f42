"""What did each operation change in which rows, field by field?"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import models

from locations.history_text import name_of, names_by_key, shown
from locations.models.history import BEFORE_THE_FIRST

# How a field reads where its value alone says nothing: a function of the row as it was.
Words = Mapping[str, Callable[[Any], str]]
Links = dict[int, dict[str, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one operation did to one row. `before` and `after` are what the row said; None: there was no such row."""

    operation: uuid.UUID
    at: datetime
    user: Any
    reason: str
    before: Any
    after: Any
    entry: Any
    changes: tuple[FieldChange, ...]
    is_last: bool

    @property
    def model(self) -> type[models.Model]:
        return self.entry.instance_type

    @property
    def key(self) -> int:
        return getattr(self.entry, self.model._meta.pk.attname)

    @property
    def model_name(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def who(self) -> str:
        return name_of(self.user)

    @property
    def is_first_state(self) -> bool:
        """Return whether it only records what had been there before anybody changed it."""
        return self.reason == BEFORE_THE_FIRST

    @property
    def kind(self) -> str:
        """Return what happened in a word."""
        if self.is_first_state:
            return "vorhanden"
        if self.before is None:
            return "angelegt"
        return "gelöscht" if self.after is None else "geändert"


def kept_models() -> list[type[models.Model]]:
    """Return every model that has a history."""
    return [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]


def steps_of_rows(model: type[models.Model], keys: Iterable[int], words: Words | None = None) -> list[Step]:
    """Return all steps of these rows, oldest first."""
    return steps_of(_entries(model, **{f"{model._meta.pk.name}__in": list(keys)}), words or {})


def steps_of_parts(model: type[models.Model], owner: str, key: int, words: Words | None = None) -> list[Step]:
    """Return all steps of the rows that belong or once belonged to this owner, oldest first."""
    keys = model.history.filter(**{f"{owner}_id": key}).values_list(model._meta.pk.name, flat=True).distinct()
    return steps_of_rows(model, list(keys), words)


def steps_of_operation(operation: uuid.UUID, words_of: Callable[[Any], Words]) -> list[Step]:
    """Return what the operation did, the latest first; one query for each model and two more for each it touched."""
    found: list[Step] = []
    for model in kept_models():
        keys = set(model.history.filter(operation=operation).values_list(model._meta.pk.name, flat=True))
        if keys:
            steps = steps_of_rows(model, keys, words_of(model))
            found += [step for step in steps if step.operation == operation and not step.is_first_state]
    return sorted(found, key=lambda step: (step.at, step.entry.pk), reverse=True)


def _entries(model: type[models.Model], **condition: Any) -> list[Any]:
    return list(model.history.filter(**condition).select_related("history_user").order_by("history_id"))


def steps_of(entries: list[Any], words: Words) -> list[Step]:
    """Return the steps of which these entries, oldest first, are the record."""
    if not entries:
        return []
    model = entries[0].instance_type
    key = model._meta.pk.attname
    links = links_of(model, entries)
    names = _names(model, entries, links)
    steps = []
    for _, own in groupby(
        sorted(entries, key=lambda entry: (getattr(entry, key), entry.pk)), lambda e: getattr(e, key)
    ):
        steps += _steps_of_one(list(own), links, names, words)
    return sorted(steps, key=lambda step: (step.at, step.entry.pk))


def _steps_of_one(entries: list[Any], links: Links, names: dict, words: Words) -> list[Step]:
    groups = [list(group) for _, group in groupby(entries, lambda entry: entry.operation)]
    before, steps = None, []
    for number, group in enumerate(groups, start=1):
        entry = group[-1]
        after = None if entry.history_type == "-" else entry
        first_is_known = before is not None or group[0].history_type == "+"
        changes = _changes(before, after, links, names, words) if first_is_known else ()
        steps.append(
            Step(
                operation=entry.operation,
                at=entry.history_date,
                user=entry.history_user,
                reason=entry.history_change_reason or "",
                before=before,
                after=after,
                entry=entry,
                changes=() if entry.history_change_reason == BEFORE_THE_FIRST else changes,
                is_last=number == len(groups),
            )
        )
        before = after
    return steps


def told_fields(model: type[models.Model]) -> list[models.Field]:
    """Return the fields of which a change is told: what somebody can have typed."""
    fields = {field.name for field in model.history.model.tracked_fields}
    return [field for field in model._meta.fields if field.editable and not field.primary_key and field.name in fields]


def linked_fields(model: type[models.Model]) -> list[models.ManyToManyField]:
    return list(model.history.model._history_m2m_fields)


def links_of(model: type[models.Model], entries: Iterable[Any]) -> Links:
    """Return, by entry and field, the keys it was linked to. One query a field."""
    found: Links = {}
    keys = [entry.pk for entry in entries]
    for field in linked_fields(model):
        there = field.m2m_reverse_field_name()
        rows = getattr(model.history.model, field.name).model.objects.filter(history__in=keys)
        for history, target in rows.order_by(there).values_list("history_id", f"{there}_id"):
            kept = found.setdefault(history, {})
            kept[field.name] = (*kept.get(field.name, ()), target)
    return found


def _names(model: type[models.Model], entries: list[Any], links: Links) -> dict[type[models.Model], dict[int, str]]:
    """Return the names of all rows the entries point to, by model. One query a model."""
    wanted: dict[type[models.Model], set[int]] = {}
    for field in told_fields(model):
        if field.remote_field:
            wanted.setdefault(field.related_model, set()).update(getattr(entry, field.attname) for entry in entries)
    for field in linked_fields(model):
        keys = (key for kept in links.values() for key in kept.get(field.name, ()))
        wanted.setdefault(field.related_model, set()).update(keys)
    return {related: names_by_key(related, keys) for related, keys in wanted.items()}


def _changes(before: Any, after: Any, links: Links, names: dict, words: Words) -> tuple[FieldChange, ...]:
    entry = after or before
    model = entry.instance_type
    rows = [
        (field, _value(before, field, links), _value(after, field, links))
        for field in [*told_fields(model), *linked_fields(model)]
    ]
    return tuple(
        FieldChange(
            _label(field, words),
            _told(field, before, old, names, words),
            _told(field, after, new, names, words),
        )
        for field, old, new in rows
        if old != new and not (before is None and new in (None, "", ()))
    )


def _label(field: models.Field, words: Words) -> str:
    """Return how the field is called; what is told in words goes without the name of its notation in brackets."""
    name = str(field.verbose_name)
    return name.partition(" (")[0] if field.name in words else name


def _value(entry: Any, field: models.Field, links: Links) -> Any:
    if entry is None:
        return None
    if field.many_to_many:
        return links.get(entry.pk, {}).get(field.name, ())
    return getattr(entry, field.attname)


def _told(field: models.Field, entry: Any, value: Any, names: dict, words: Words) -> str:
    if entry is None:
        return "–"
    if field.name in words:
        return words[field.name](entry)
    if field.many_to_many:
        return ", ".join(sorted(names[field.related_model][key] for key in value)) or "keine"
    if field.remote_field:
        return names[field.related_model].get(value, shown(None))
    return shown(value, field)
