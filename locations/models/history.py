"""What did a row say before, who changed it, and what was changed together with it?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

BEFORE_THE_FIRST = "Stand vor der ersten aufgezeichneten Änderung"
BATCH = 500

_operation: ContextVar[uuid.UUID | None] = ContextVar("operation", default=None)
_reason: ContextVar[str] = ContextVar("reason", default="")


def current_operation() -> uuid.UUID:
    """Return what ties together all that is written in one request or within one `operation`."""
    if (named := _operation.get()) is not None:
        return named
    request = getattr(HistoricalRecords.context, "request", None)
    if request is None:
        return uuid.uuid4()
    if not hasattr(request, "history_operation"):
        request.history_operation = uuid.uuid4()
    return request.history_operation


@contextmanager
def operation(reason: str) -> Iterator[uuid.UUID]:
    """Let everything written meanwhile belong together, for the reason staff will read (German, at most 200 letters)."""
    named = uuid.uuid4()
    kept, said = _operation.set(named), _reason.set(reason[:200])
    try:
        yield named
    finally:
        _operation.reset(kept)
        _reason.reset(said)


class HistoryRow(models.Model):
    """What a row said from one moment on, and in which operation it came to say so."""

    operation = models.UUIDField("Vorgang", default=current_operation, editable=False, db_index=True)

    class Meta:
        abstract = True


class History(HistoricalRecords):
    """The history of a model; the state before the first recorded change is kept too.

    Rows written in bulk, or before there was a history, have none until somebody changes them.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(
            bases=[HistoryRow],
            history_id_field=models.BigAutoField(),
            history_change_reason_field=models.CharField(max_length=200, null=True),
            **given,
        )

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if hasattr(sender, self.manager_name) and sender is self.cls:
            models.signals.pre_save.connect(self._keep_the_first_state, sender=sender, weak=False)
            models.signals.pre_delete.connect(self._keep_the_first_state, sender=sender, weak=False)

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        return super().get_meta_options(model) | _names(f"Geschichte: {model._meta.verbose_name}")

    def get_meta_options_m2m(self, through_model: type[models.Model]) -> dict[str, Any]:
        return super().get_meta_options_m2m(through_model) | _names(f"Geschichte: {through_model._meta.verbose_name}")

    def get_change_reason_for_object(self, instance: models.Model, history_type: str, using: str | None) -> str:
        return getattr(instance, "_change_reason", None) or _reason.get()

    def _keep_the_first_state(
        self, sender: type[models.Model], instance: models.Model, raw: bool = False, **kwargs: Any
    ) -> None:
        """Record the row as stored if its history is empty, so that the first change has something to be seen against."""
        if raw or instance._state.adding or getattr(sender, self.manager_name).filter(pk_of(sender, instance)).exists():
            return
        if (stored := sender._base_manager.filter(pk=instance.pk).first()) is not None:
            stored._history_user = None
            with operation(BEFORE_THE_FIRST):
                self.create_historical_record(stored, "+")


def pk_of(model: type[models.Model], row: models.Model) -> models.Q:
    """Return the condition that selects a row's history in the table of all."""
    return models.Q(**{model._meta.pk.attname: row.pk})


def _names(name: str) -> dict[str, Any]:
    # Nobody edits history, so no permissions that a group could be given.
    return {"verbose_name": name, "verbose_name_plural": name, "default_permissions": ()}


def create_many(model: type[models.Model], rows: Iterable[models.Model], *, reason: str) -> Sequence[Any]:
    """Insert the rows with a first entry in their history each; two statements a batch."""
    with operation(reason):
        return bulk_create_with_history(list(rows), model, batch_size=BATCH, default_change_reason=reason[:200])


def update_many(model: type[models.Model], rows: Iterable[models.Model], fields: list[str], *, reason: str) -> None:
    """Write these fields of the rows with an entry in their history each. What a row said before has to be in it already
    or is not told: read `History`."""
    with operation(reason):
        bulk_update_with_history(list(rows), model, fields, batch_size=BATCH, default_change_reason=reason[:200])
