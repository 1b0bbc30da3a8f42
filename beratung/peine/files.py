"""What do the data files of the district say?"""

from __future__ import annotations

import csv
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

PEINE = Path(__file__).parent
GENERAL = PEINE.parent.parent / "locations" / "data"

Table = dict[str, Any]


def real(name: str) -> dict[str, Any]:
    """Return a TOML file of facts."""
    return _toml(PEINE / "real" / f"{name}.toml")


def example(name: str) -> dict[str, Any]:
    """Return a TOML file of inventions."""
    return _toml(PEINE / "example" / f"{name}.toml")


def real_rows(name: str) -> list[Table]:
    """Return the rows of a CSV file of facts about the district; an empty cell is None."""
    return _csv(PEINE / "real" / f"{name}.csv")


def general_rows(name: str) -> list[Table]:
    """Return the rows of a CSV file that holds beyond the district; an empty cell is None."""
    return _csv(GENERAL / f"{name}.csv")


def picked(table: Table, *names: str) -> Table:
    """Return the named entries of a table, those it lacks left out."""
    return {name: table[name] for name in names if name in table}


def without(table: Table, *names: str) -> Table:
    """Return the table without the named entries."""
    return {name: value for name, value in table.items() if name not in names}


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def _csv(path: Path) -> list[Table]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
