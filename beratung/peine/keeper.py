"""Which rows are there already, and which have to be made?"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

# Random, once and for all: every uuid of the example hangs on it.
NAMESPACE = uuid.UUID("c1f0a3b2-6d3e-4c57-9d0a-2f5f1f0b8e64")

Rows = Mapping[str, Mapping[str, Any]]


def row_uuid(model: type[models.Model], key: str) -> uuid.UUID:
    """Return the uuid that names this row of the example in every installation."""
    return uuid.uuid5(NAMESPACE, f"{model._meta.label_lower}/{key}")


class Keeper:
    """Makes the rows that are missing and counts them by model; those that exist stay as they are."""

    def __init__(self) -> None:
        self.made: Counter[type[models.Model]] = Counter()
        self._new: set[tuple[type[models.Model], int]] = set()

    def keep(self, model: type[models.Model], rows: Rows, *, natural: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a row of the model for every key: the one that exists by uuid or natural key, else a new one."""
        drafts = {key: self._draft(model, key, values) for key, values in rows.items()}
        found = _found(model, drafts, natural)
        missing = {key: draft for key, draft in drafts.items() if key not in found}
        model._default_manager.bulk_create(missing.values(), batch_size=500)
        self.made[model] += len(missing)
        self._new |= {(model, draft.pk) for draft in missing.values()}
        return found | missing

    def link(
        self, field: models.ManyToManyField, rows: Mapping[str, Any], targets: Mapping[str, Iterable[Any]]
    ) -> None:
        """Link each row that was just made to its targets; a row that existed keeps the links it has."""
        here, there = field.m2m_column_name(), field.m2m_reverse_name()
        through = field.remote_field.through
        through._default_manager.bulk_create(
            through(**{here: rows[key].pk, there: target.pk})
            for key, linked in targets.items()
            if (field.model, rows[key].pk) in self._new
            for target in linked
        )

    @staticmethod
    def _draft(model: type[models.Model], key: str, values: Mapping[str, Any]) -> Any:
        return model(**values, uuid=row_uuid(model, key)) if _has_uuid(model) else model(**values)


def _has_uuid(model: type[models.Model]) -> bool:
    return any(field.name == "uuid" for field in model._meta.fields)


def _found(model: type[models.Model], drafts: Mapping[str, Any], natural: tuple[str, ...]) -> dict[str, Any]:
    """Return the rows that exist, by the key of their draft; a uuid weighs more than a natural key."""
    by_natural = _existing(model, drafts, natural) if natural else {}
    by_uuid = _existing(model, drafts, ("uuid",)) if _has_uuid(model) else {}
    return by_natural | by_uuid


def _existing(model: type[models.Model], drafts: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    names = [model._meta.get_field(field).attname for field in fields]

    def identity(row: models.Model) -> tuple[Any, ...]:
        # As text: a draft holds what the file says, a row what the database returns.
        return tuple(str(getattr(row, name)) for name in names)

    wanted = {getattr(draft, names[0]) for draft in drafts.values()}
    rows = {identity(row): row for row in model._default_manager.filter(**{f"{names[0]}__in": wanted})}
    return {key: rows[identity(draft)] for key, draft in drafts.items() if identity(draft) in rows}
