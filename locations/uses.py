"""What would be lost or left without a hold if this row were deleted?"""

from __future__ import annotations

from collections.abc import Collection

from django.db import models

NAMED = 3


def uses(row: models.Model, *, parts: Collection[type[models.Model]] = ()) -> list[str]:
    """Return in words which rows refer to this one, "2 feste Termine (…)"; its own parts count only if others use them."""
    found = []
    for relation in row._meta.get_fields(include_hidden=True):
        if not _refers(relation):
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: row.pk})
        if relation.related_model in parts:
            found += [use for part in rows for use in uses(part)]
        elif number := rows.count():
            found.append(_told(relation.related_model, number, rows[:NAMED]))
    return found


def _refers(relation: object) -> bool:
    """Return whether rows of another kind point here on their own account: no history, no table of bare links."""
    if not getattr(relation, "auto_created", False) or getattr(relation, "concrete", True):
        return False
    model = relation.related_model
    return not hasattr(model, "instance_type") and not model._meta.auto_created


def _told(model: type[models.Model], number: int, some: models.QuerySet) -> str:
    name = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
    more = ", …" if number > NAMED else ""
    return f"{number} {name} ({', '.join(str(one) for one in some)}{more})"
