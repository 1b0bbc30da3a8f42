"""What would be lost or left without a hold if this row were deleted?"""

from __future__ import annotations

from collections.abc import Collection

from django.db import models

NAMED = 3


def uses(row: models.Model, *, parts: Collection[type[models.Model]] = ()) -> list[str]:
    """Return in words which rows refer to this one, "2 feste Termine (…)"; its own parts count only if others use them."""
    return [_told(model, keys) for model, keys in _users(row, parts).items() if keys]


def _users(row: models.Model, parts: Collection[type[models.Model]]) -> dict[type[models.Model], set[int]]:
    """Return the keys of the rows that refer to the row or to one of its parts, each row once."""
    found: dict[type[models.Model], set[int]] = {}
    for relation in row._meta.get_fields(include_hidden=True):
        if not _refers(relation):
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: row.pk})
        if relation.related_model not in parts:
            found.setdefault(relation.related_model, set()).update(rows.values_list("pk", flat=True))
            continue
        for part in rows:
            for model, keys in _users(part, ()).items():
                found.setdefault(model, set()).update(keys)
    return {model: keys for model, keys in found.items() if model not in parts}


def _refers(relation: object) -> bool:
    """Return whether rows of another kind point here on their own account: no history, no table of bare links."""
    if not getattr(relation, "auto_created", False) or getattr(relation, "concrete", True):
        return False
    model = relation.related_model
    return not hasattr(model, "instance_type") and not model._meta.auto_created


def _told(model: type[models.Model], keys: set[int]) -> str:
    number = len(keys)
    name = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
    some = model._base_manager.filter(pk__in=sorted(keys)[:NAMED]).order_by("pk")
    more = ", …" if number > NAMED else ""
    return f"{number} {name} ({', '.join(str(one) for one in some)}{more})"
