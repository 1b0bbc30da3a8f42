"""What has to hold in a database whatever happened to whoever wrote it?"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models


def refuse_an_untrue_history() -> None:
    """Fail unless the newest entry of every row says what the row says, and nothing lives that its history calls gone."""
    for model in apps.get_models():
        if hasattr(model._meta, "simple_history_manager_attribute"):
            _refuse(model)


def _refuse(model: type[models.Model]) -> None:
    history: Any = getattr(model, model._meta.simple_history_manager_attribute)
    newest: dict[Any, Any] = {}
    for entry in history.order_by("history_id"):
        newest[getattr(entry, model._meta.pk.attname)] = entry
    rows = {row.pk: row for row in model._base_manager.all()}
    for key, entry in newest.items():
        if entry.history_type == "-":
            assert key not in rows, f"{model.__name__} {key} is there though its history says it is gone"
            continue
        assert key in rows, f"{model.__name__} {key} is gone without a word in its history"
        for field in entry.tracked_fields:
            assert getattr(entry, field.attname) == getattr(rows[key], field.attname), (model.__name__, key, field.name)
