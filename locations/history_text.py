"""How does the history of a row read in German?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from locations.wording import date_digits, time_text

EMPTY = "leer"
MOST_LETTERS = 160


def name_of(user: Any) -> str:
    """Return how an account is called, "" for nobody."""
    return (user.get_full_name() or user.get_username()) if user is not None else ""


def moment(at: datetime) -> str:
    """Return "03.10.2026, 14:12 Uhr" in local time."""
    return f"{timezone.localtime(at):%d.%m.%Y, %H:%M} Uhr"


def shown(value: Any, field: models.Field | None = None) -> str:
    """Return a value as staff read it."""
    if value is None or value == "":
        return "nicht bekannt" if isinstance(field, models.BooleanField) else EMPTY
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _shortened(_plain(value))


def _plain(value: Any) -> str:
    match value:
        case datetime():
            return moment(value)
        case date():
            return date_digits(value)
        case time():
            return time_text(value)
        case Decimal() | float():
            return str(value).replace(".", ",")
        case list() | tuple() | set() | frozenset() | models.QuerySet():
            return ", ".join(sorted(_plain(one) for one in value)) or EMPTY
        case dict():
            return "Daten"
    return str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def names_by_key(model: type[models.Model], keys: Iterable[Any]) -> dict[Any, str]:
    """Return the names of these rows; one that is gone is called by its number. One query."""
    wanted = {key for key in keys if key is not None}
    found = model._default_manager.in_bulk(wanted) if wanted else {}
    return {key: str(found[key]) if key in found else f"{model._meta.verbose_name} {key} (gelöscht)" for key in wanted}
