"""Which rows does an uploaded table have, be it CSV or XLSX, and where does each known column stand?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import BinaryIO, Final

from locations.headings import Column, Layout, find_layout, missing
from locations.text_files import UnreadableFileError, csv_rows
from locations.wording import UNKNOWN, date_digits
from locations.workbook_files import Cell, sheets

MOST_ROWS: Final = 50_000
TITLE_ROWS: Final = 20  # so many lines may stand above the heading: name of the list, its date
HEAD: Final = 8
Numbered = Iterator[tuple[int, list[Cell]]]
_KINDS: Final = {
    b"%PDF": "ein PDF",
    b"\x89PNG": "ein Bild",
    b"\xff\xd8\xff": "ein Bild",
    b"GIF8": "ein Bild",
    b"\xd0\xcf\x11\xe0": "das alte Excel-Format (.xls)",
    b"\x1f\x8b": "ein gepacktes Archiv",
    b"{\\rtf": "ein Textdokument",
    b"<": "eine Webseite oder XML-Datei",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file, with its number there."""

    number: int
    cells: tuple[Cell, ...]
    layout: Layout

    def cell(self, key: str) -> Cell:
        """Return what stands in the column, None where column or cell is missing or the cell says that nobody knows."""
        place = self.layout.places.get(key)
        cell = self.cells[place] if place is not None and place < len(self.cells) else None
        # As our own exports write it.
        return None if isinstance(cell, str) and cell.strip() == UNKNOWN else cell

    @property
    def written(self) -> tuple[str, ...]:
        """Return the cells under their headings, as text, so that the row can be given back."""
        return tuple(shown(cell) for cell in self.cells[: len(self.layout.titles)])


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table with its heading understood. `rows` can be read once."""

    layout: Layout
    rows: Iterator[Row]


def read_table(file: BinaryIO, columns: Sequence[Column], *, most_rows: int = MOST_ROWS) -> TableFile:
    """Return the rows of the file, which is read as they are asked for and must stay open.

    UnreadableFileError, then or now: it is no table, has no such heading, or is too long.
    """
    found = [_with_layout(rows, columns) for rows in _tables(file)]
    if not found:
        raise UnreadableFileError("Die Datei ist leer.")
    best = max(found, key=lambda one: len(one[0].places))
    layout, rows = best
    if absent := missing(layout, columns):
        raise UnreadableFileError(_no_heading(layout, absent, columns))
    return TableFile(layout, _rows(rows, layout, most_rows))


def _no_heading(layout: Layout, absent: list[str], columns: Sequence[Column]) -> str:
    known = ", ".join(column.label for column in columns)
    read = ", ".join(title for title in layout.titles[:10] if title) or "nichts"
    return f"In der Kopfzeile fehlt: {', '.join(absent)}. Gelesen wurde: {read[:200]}. Bekannte Spalten: {known}."


def _tables(file: BinaryIO) -> Iterator[Numbered]:
    """Yield each table of the file: one of a CSV file, one for each sheet of a workbook."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if not head:
        raise UnreadableFileError("Die Datei ist leer.")
    if head.startswith(b"PK"):
        yield from sheets(file)
        return
    for mark, kind in _KINDS.items():
        if head.startswith(mark):
            raise UnreadableFileError(f"Die Datei ist {kind}. Bitte als .xlsx oder CSV speichern.")
    yield ((number, list(cells)) for number, cells in csv_rows(file))


def _with_layout(rows: Numbered, columns: Sequence[Column]) -> tuple[Layout, Numbered]:
    """Return the heading that knows most columns among the first rows, and the rows below it."""
    first = list(islice(rows, TITLE_ROWS))
    layouts = [find_layout([shown(cell) for cell in _trimmed(cells)], columns) for _, cells in first]
    if not layouts:
        return Layout({}, (), {}), iter(())
    at = max(range(len(layouts)), key=lambda place: (len(layouts[place].places), -place))
    return layouts[at], chain(first[at + 1 :], rows)


def _trimmed(cells: list[Cell]) -> list[Cell]:
    """Return the cells without the empty ones at the end."""
    last = max((place for place, cell in enumerate(cells) if shown(cell)), default=-1)
    return cells[: last + 1]


def _rows(rows: Iterable[tuple[int, list[Cell]]], layout: Layout, most_rows: int) -> Iterator[Row]:
    width = len(layout.titles)
    for count, (number, cells) in enumerate(rows, start=1):
        if count > most_rows:
            raise UnreadableFileError(f"Mehr als {most_rows} Zeilen sind nicht möglich. Bitte die Datei teilen.")
        yield Row(number, tuple(cells[:width]), layout)


def shown(cell: Cell) -> str:
    """Return the cell as German text without blanks around it, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "ja" if cell else "nein"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell).replace(".", ",")
    if isinstance(cell, datetime | date):
        return date_digits(cell.date() if isinstance(cell, datetime) else cell)
    if isinstance(cell, time | timedelta):
        return str(cell)[:5]
    return _without_apostrophe(str(cell).strip())


def _without_apostrophe(text: str) -> str:
    """Return the text without the mark that our own files put before what looks like a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in set("=+-@\t＝＋－＠") else text
