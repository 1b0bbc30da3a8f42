"""How does an XLSX file of unknown origin become rows, without ever being unpacked as a whole?"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile, LargeZipFile, ZipFile

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]

from locations.text_files import UnreadableFileError

Cell = str | int | float | bool | date | datetime | time | timedelta | None

MOST_UNPACKED: Final = 150_000_000
MOST_STRINGS: Final = 40_000_000  # the shared strings are held in memory as long as the file is read
MOST_PARTS: Final = 500
MOST_COLUMNS: Final = 200
MOST_MERGED: Final = 20_000
LONGEST_CELL: Final = 32_767  # Excel's own limit
_CHUNK: Final = 1 << 20
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
# Whatever openpyxl stumbles over in a file that is damaged or was never a workbook.
_DAMAGED: Final = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    DefusedXmlException,
    EOFError,
    LargeZipFile,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # what a parser of XML raises
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells shown as one, rows and columns counted from 1."""

    first_column: int
    first_row: int
    last_column: int
    last_row: int


def check_workbook(file: BinaryIO) -> None:
    """Raise UnreadableFileError unless the archive is a workbook of a sensible size, cut off nowhere."""
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
    except _DAMAGED as error:
        raise UnreadableFileError(
            "Die Datei ist beschädigt oder unvollständig hochgeladen. Bitte neu speichern und noch einmal hochladen."
        ) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UnreadableFileError("Das ist keine Excel-Datei (.xlsx). Bitte als .xlsx oder CSV speichern.")
    strings = max((part.file_size for part in parts if part.filename.lower() == "xl/sharedstrings.xml"), default=0)
    # An archive says how large its parts are, and no more than that is ever unpacked.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED or strings > MOST_STRINGS:
        raise UnreadableFileError(
            f"Die Datei ist ausgepackt größer als {MOST_UNPACKED // 1_000_000} MB oder hat zu viele Teile. "
            "Bitte nur das Blatt mit der Tabelle speichern."
        )


def sheets(file: BinaryIO) -> Iterator[Iterator[tuple[int, list[Cell]]]]:
    """Yield the rows of each visible sheet, each with its number; merged cells repeat their value in every row.

    They are read as they are asked for: the file must stay open.
    """
    from openpyxl import load_workbook  # type: ignore[import-untyped] # only who reads one pays its 32 MB

    check_workbook(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _DAMAGED as error:
        raise UnreadableFileError("Die Excel-Datei ist beschädigt.") from error
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            yield _rows(sheet, _merged(file, sheet))


def _rows(sheet: Any, merged: list[Merged]) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the rows that are not empty."""
    sheet.reset_dimensions()  # what the file claims about its size may be anything
    filled = _Filled(merged)
    number = 0
    try:
        for values in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
            number += 1
            cells = filled.row(number, [_checked(value, number) for value in values])
            if any(cell not in (None, "") for cell in cells):
                yield number, cells
    except UnreadableFileError:
        raise
    except _DAMAGED as error:
        raise UnreadableFileError(f"Nach Zeile {number} ist die Excel-Datei beschädigt.") from error


def _checked(value: Any, number: int) -> Cell:
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        raise UnreadableFileError(f"In Zeile {number} ist eine Zelle länger als {LONGEST_CELL} Zeichen.")
    return value if value is None or isinstance(value, Cell) else str(value)


class _Filled:
    """Fills the cells of merged areas from their first one, row by row."""

    def __init__(self, merged: list[Merged]) -> None:
        self._to_come = sorted(merged, key=lambda area: area.first_row, reverse=True)
        self._open: list[tuple[Merged, Cell]] = []

    def row(self, number: int, cells: list[Cell]) -> list[Cell]:
        while self._to_come and self._to_come[-1].first_row <= number:
            area = self._to_come.pop()
            if area.first_row == number and area.first_column <= len(cells):
                self._open.append((area, cells[area.first_column - 1]))
        self._open = [(area, value) for area, value in self._open if area.last_row >= number]
        for area, value in self._open:
            for place in range(area.first_column - 1, min(area.last_column, len(cells))):
                cells[place] = value
        return cells


def _merged(file: BinaryIO, sheet: Any) -> list[Merged]:
    """Return the merged areas of the sheet; openpyxl leaves them out when it reads row by row."""
    from openpyxl.utils import range_boundaries  # type: ignore[import-untyped]

    found: list[Merged] = []
    try:
        with ZipFile(file) as archive, archive.open(sheet._worksheet_path) as part:
            rest = b""
            while chunk := part.read(_CHUNK):
                text = rest + chunk
                found += [Merged(*range_boundaries(ref.decode())) for ref in _MERGED.findall(text)]
                # An area's name is cut at the end of a chunk: keep the beginning of the last tag for the next one.
                rest = text[max(text.rfind(b"<"), len(text) - 100) :] if not text.endswith(b">") else b""
                if len(found) > MOST_MERGED:
                    raise UnreadableFileError(f"Mehr als {MOST_MERGED} verbundene Bereiche sind nicht möglich.")
    except _DAMAGED as error:
        if isinstance(error, UnreadableFileError):
            raise
        raise UnreadableFileError("Die Excel-Datei ist beschädigt.") from error
    return found
