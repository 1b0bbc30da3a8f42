"""How is a row written as one line of JSON that says the same in either kind of database, and read again exactly?

A line is the list of the row's values in the order of the columns. Decimals, days, moments and UUIDs are texts; moments are
in UTC, to the microsecond.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, Field, JSONField

# Numbers that PostgreSQL's jsonb spells in another way: 1e+16 comes back whole, and it knows no negative zero.
SPELT_IN_TWO_WAYS: Final = re.compile(r"\de\+|-0\.0")
LARGEST_FRACTION: Final = 10.0**16
LARGEST_GROUP: Final = 4_000_000  # bytes


def _bytes(value: Any) -> str:
    return b64encode(bytes(value)).decode("ascii")


def _json(value: Any) -> Any:
    return _one_spelling(value) if SPELT_IN_TWO_WAYS.search(json.dumps(value)) else value


def _one_spelling(value: Any) -> Any:
    match value:
        case dict():
            return {name: _one_spelling(part) for name, part in value.items()}
        case list():
            return [_one_spelling(part) for part in value]
        case float() if abs(value) >= LARGEST_FRACTION or value == 0:
            return int(Decimal(repr(value))) if value else 0.0
        case _:
            return value


def _text(value: Any) -> Any:
    """Return the value as JSON has it; `json` refuses what is not known here."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value) if isinstance(value, UUID) else value


def _target(field: Field[Any, Any]) -> Field[Any, Any]:
    """Return the field that says how the values are stored: for a reference the key it refers to."""
    while field.remote_field is not None:
        field = field.target_field
    return field


def _spelling(field: Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(_target(field), JSONField):
        return _json
    return _bytes if isinstance(_target(field), BinaryField) else _text


def line_of(fields: Sequence[Field[Any, Any]]) -> Callable[[Sequence[Any]], bytes]:
    """Return the function that turns a row's values into its line."""
    spellings = [_spelling(field) for field in fields]

    def line(values: Sequence[Any]) -> bytes:
        told = [None if value is None else spell(value) for spell, value in zip(spellings, values, strict=True)]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
        return text.encode("utf-8") + b"\n"

    return line


def values_of(line: bytes, fields: Sequence[Field[Any, Any]], connection: BaseDatabaseWrapper) -> list[Any]:
    """Return the row's values as the database takes them. ValueError: the line does not fit the columns."""
    told = json.loads(line)
    if not isinstance(told, list):
        raise ValueError("keine Zeile einer Tabelle")
    return [_stored(field, value, connection) for field, value in zip(fields, told, strict=True)]


def _stored(field: Field[Any, Any], value: Any, connection: BaseDatabaseWrapper) -> Any:
    target = _target(field)
    if value is None:
        return None if field.null or not isinstance(target, JSONField) else connection.ops.adapt_json_value(None, None)
    if isinstance(target, BinaryField):
        value = b64decode(value)
    return target.get_db_prep_save(value, connection)


def batches(lines: Iterable[bytes], largest: int) -> Iterable[list[bytes]]:
    """Yield the lines in groups of at most this many, fewer where they are long."""
    group: list[bytes] = []
    size = 0
    for line in lines:
        group.append(line)
        size += len(line)
        if len(group) >= largest or size >= LARGEST_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group
