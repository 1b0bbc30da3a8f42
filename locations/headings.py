"""Which column of a table is which, whatever its heading is called?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_WORD: Final = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that an import knows: by its German label, and by further names in German or English."""

    key: str
    label: str
    names: tuple[str, ...] = ()
    required: bool = False

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return every name it is known by, as `simplified` writes it, the surest first."""
        return tuple(simplified(name) for name in (self.label, *self.names, self.key))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each known column stands, counted from 0, and what stood in the heading."""

    places: Mapping[str, int]
    titles: tuple[str, ...]
    labels: Mapping[str, str]


def simplified(text: str) -> str:
    """Return the heading in lower case with plain letters: "Angebot / Thema:" is "angebot thema"."""
    return _NO_WORD.sub(" ", text.lower().translate(_LETTERS)).strip()


def find_layout(titles: Sequence[str], columns: Iterable[Column]) -> Layout:
    """Return where the columns stand; each heading serves one column at most, the first that knows it."""
    columns = tuple(columns)
    found = [simplified(title) for title in titles]
    places: dict[str, int] = {}
    for column in columns:
        free = [name for name in column.spellings if name in found and found.index(name) not in places.values()]
        if free:
            places[column.key] = found.index(free[0])
    return Layout(places, tuple(titles), {column.key: column.label for column in columns})


def missing(layout: Layout, columns: Iterable[Column]) -> list[str]:
    """Return the labels of the required columns that are not there."""
    return [column.label for column in columns if column.required and column.key not in layout.places]
