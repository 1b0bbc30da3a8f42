"""What is a table before it becomes paper, a sheet or a file? Values with their kind, and how they read in German."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from locations.wording import UNKNOWN, date_digits, euro_exact, number


class Kind(StrEnum):
    """How the values of a column are printed."""

    TEXT = "text"
    NUMBER = "number"
    TENTH = "tenth"
    DECIMAL = "decimal"
    EURO = "euro"
    DATE = "date"


Value = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `width` is how many letters stand beside each other in a sheet."""

    name: str
    kind: Kind = Kind.TEXT
    width: int = 16


@dataclass(frozen=True, slots=True)
class Table:
    """A table as every outlet prints it. None is unknown; a text may stand in any column."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.name}: eine Zeile hat nicht {len(self.columns)} Werte.")

    @property
    def printed(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows as German text."""
        return tuple(
            tuple(printed(value, column.kind) for value, column in zip(row, self.columns, strict=True))
            for row in self.rows
        )


_AMOUNTS: Final[dict[Kind, Callable[[Decimal | int], str]]] = {
    Kind.EURO: euro_exact,
    Kind.TENTH: lambda amount: number(amount, 1),
    Kind.DECIMAL: lambda amount: number(amount, 2),
}


def printed(value: Value, kind: Kind) -> str:
    """Return the value in German; unknown is a word."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return date_digits(value)
    return _AMOUNTS.get(kind, number)(value)
