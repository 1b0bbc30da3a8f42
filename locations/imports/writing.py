"""How do thousands of rows get into the database in few queries, with their history?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from locations.imports.reports import Difference
from locations.models.history import BEFORE_THE_FIRST, operation
from locations.wording import UNKNOWN, date_digits

BATCH = 500


class Batch:
    """Rows to be added and changed, kept until everything is compared; `models` are added in this order."""

    def __init__(self, *models: type[Model]) -> None:
        self._added: dict[type[Model], list[Any]] = {model: [] for model in models}
        self._changed: dict[type[Model], tuple[list[Any], set[str]]] = {}
        self._afterwards: list[Callable[[], None]] = []

    def add(self, row: Model) -> None:
        """Remember a new row."""
        self._added[type(row)].append(row)

    def change(self, row: Model, fields: Iterable[str]) -> None:
        """Remember which fields of a stored row have new values."""
        rows, names = self._changed.setdefault(type(row), ([], set()))
        rows.append(row)
        names.update(fields)

    def afterwards(self, work: Callable[[], None]) -> None:
        """Remember what can be done only when the rows have keys."""
        self._afterwards.append(work)

    def write(self, *, user: Any, reason: str) -> None:
        """Write everything as one operation of the history. Must run in a transaction."""
        with operation(reason):
            signed = {"default_user": user, "default_change_reason": reason[:200]}
            for model, rows in self._added.items():
                _create(model, rows, signed)
            for model, (rows, names) in self._changed.items():
                _update(model, rows, names, signed)
            for work in self._afterwards:
                work()


def _create(model: type[Model], rows: list[Any], signed: dict[str, Any]) -> None:
    if has_history(model):
        bulk_create_with_history(rows, model, batch_size=BATCH, **signed)
    else:
        model._default_manager.bulk_create(rows, batch_size=BATCH)


def _update(model: type[Model], rows: list[Any], names: set[str], signed: dict[str, Any]) -> None:
    if any(field.name == "changed_at" for field in model._meta.fields):
        now = timezone.now()  # what auto_now does where a row is saved alone
        for row in rows:
            row.changed_at = now
        names = names | {"changed_at"}
    if has_history(model):
        _keep_the_first_state(model, rows)
        bulk_update_with_history(rows, model, sorted(names), batch_size=BATCH, **signed)
    else:
        model._default_manager.bulk_update(rows, sorted(names), batch_size=BATCH)


def _keep_the_first_state(model: type[Any], rows: list[Any]) -> None:
    """Record the rows as stored where their history is empty, so that the change has something to be seen against."""
    keys = [row.pk for row in rows]
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        key = model._meta.pk.attname
        known = set(model.history.filter(**{f"{key}__in": part}).values_list(key, flat=True))
        stored = model._base_manager.filter(pk__in=set(part) - known)
        model.history.bulk_history_create(stored, batch_size=BATCH, default_change_reason=BEFORE_THE_FIRST)


def has_history(model: type[Model]) -> bool:
    """Return whether changes of the model are kept."""
    return hasattr(model._meta, "simple_history_manager_attribute")


def assign(row: Model, values: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Give the row the values and return what differs from before. None and "" mean that the file says nothing."""
    found = []
    for name, new in values.items():
        if new in (None, "") or _is_same(row, name, new):
            continue
        old = getattr(row, name)
        setattr(row, name, new)
        label = str(row._meta.get_field(name).verbose_name)
        found.append(Difference(label, _told(row, name, old), _told(row, name, new)))
    return tuple(found)


def _is_same(row: Model, name: str, new: Any) -> bool:
    """Return whether the value stands there already; what a row refers to is compared by key, without loading it."""
    if isinstance(new, Model):
        return new.pk is not None and getattr(row, row._meta.get_field(name).attname) == new.pk
    return bool(getattr(row, name) == new)


def changed_names(row: Model, differences: Iterable[Difference]) -> list[str]:
    """Return the fields that the differences are about."""
    labels = {one.column for one in differences}
    return [field.name for field in row._meta.fields if str(field.verbose_name) in labels]


def _told(row: Model, name: str, value: Any) -> str:
    if value in (None, ""):
        return UNKNOWN
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, date):
        return date_digits(value)
    if isinstance(value, float | Decimal):
        return str(value).replace(".", ",")
    return str(dict(row._meta.get_field(name).flatchoices).get(value, value))[:200]


def refusals(row: Model, *, exclude: Iterable[str] = ()) -> dict[str, str]:
    """Return by field what the model itself says against the values, without a query."""
    related = [field.name for field in row._meta.fields if field.is_relation]
    try:
        row.clean_fields(exclude={*related, *exclude})
    except ValidationError as error:
        return {name: " ".join(messages) for name, messages in error.message_dict.items()}
    return {}
