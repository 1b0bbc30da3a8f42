"""How do tables become a workbook? Real numbers and dates, and no text that a reader's program would run.

The same tables and day give the same bytes: the properties and the times in the archive are those of the day.
Imported where a workbook is asked for: openpyxl takes 32 MB of every process that knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from locations.tables import Column, Kind, Table, Value
from locations.wording import UNKNOWN

FORMATS: Final = {
    Kind.NUMBER: "#,##0",
    Kind.TENTH: "#,##0.0",
    Kind.DECIMAL: "#,##0.00",
    Kind.EURO: '#,##0.00\\ "€"',
    Kind.DATE: "DD.MM.YYYY",
}
LONGEST_TEXT: Final = 32_767  # Excel's limit
_FORBIDDEN_IN_NAMES: Final = re.compile(r"[\\/*?:\[\]]")
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def as_workbook(tables: Iterable[Table], *, title: str, author: str, day: date) -> bytes:
    """Return the tables as a workbook, one sheet each, dated by the day."""
    book = Workbook()
    book.remove(book.active)
    for table in tables:
        _fill(book.create_sheet(_FORBIDDEN_IN_NAMES.sub(" ", table.name)[:31]), table)
    noon = datetime.combine(day, time(12))
    book.properties.title, book.properties.creator = storable(title), storable(author)
    book.properties.created, book.properties.language = noon, "de-DE"
    out = BytesIO()
    book.save(out)
    return _dated(out.getvalue(), datetime.combine(day, time(12), tzinfo=UTC))


def write_workbook(columns: Sequence[Column], rows: Iterable[Sequence[Value]], file: BinaryIO, *, name: str) -> None:
    """Write one sheet of any length into the file, row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_FORBIDDEN_IN_NAMES.sub(" ", name)[:31])
    sheet.freeze_panes = "A2"
    for at, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    bold = Font(bold=True)
    sheet.append([_written(sheet, column.name, Column(column.name), bold) for column in columns])
    for row in rows:
        sheet.append([_written(sheet, value, column) for value, column in zip(row, columns, strict=True)])
    book.save(file)


def _written(sheet: Any, value: Value, column: Column, font: Font | None = None) -> WriteOnlyCell:
    """Return the cell as what it is; a text stays a text whatever it begins with."""
    is_text = value is None or isinstance(value, str)
    cell = WriteOnlyCell(sheet, storable(UNKNOWN if value is None else value) if is_text else value)
    if is_text:
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell.number_format = FORMATS.get(column.kind, "General")
    if font is not None:
        cell.font = font
    return cell


def _fill(sheet: Worksheet, table: Table) -> None:
    for at, column in enumerate(table.columns, start=1):
        _head(sheet, at, column)
    for line, row in enumerate(table.rows, start=2):
        for at, (value, column) in enumerate(zip(row, table.columns, strict=True), start=1):
            _put(sheet.cell(line, at), value, column)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _head(sheet: Worksheet, at: int, column: Column) -> None:
    cell = sheet.cell(1, at)
    _put(cell, column.name, column)
    cell.font = Font(bold=True)
    cell.border = Border(bottom=Side(style="medium"))
    sheet.column_dimensions[get_column_letter(at)].width = column.width


def _put(cell: Any, value: Value, column: Column) -> None:
    """Write the value as what it is; a text stays a text whatever it begins with."""
    is_text = value is None or isinstance(value, str)
    cell.value = storable(UNKNOWN if value is None else value) if is_text else value  # type: ignore[arg-type]
    is_number = column.kind in FORMATS and column.kind is not Kind.DATE
    cell.alignment = Alignment(vertical="top", wrap_text=is_text, horizontal="right" if is_number else "left")
    if is_text:
        cell.data_type = "s"  # openpyxl would make a formula of "=1+1" and an error of "#N/A"
        cell.quotePrefix = True
    else:
        cell.number_format = FORMATS.get(column.kind, "General")


def storable(text: str) -> str:
    """Return the text without what XML cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_TEXT]


def _dated(archive: bytes, moment: datetime) -> bytes:
    """Return the archive with every time in it that of the moment; openpyxl writes the clock's."""
    out = BytesIO()
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with ZipFile(BytesIO(archive)) as before, ZipFile(out, "w", ZIP_DEFLATED) as after:
        for old in before.infolist():
            body = before.read(old)
            if old.filename == "docProps/core.xml":
                body = _MODIFIED.sub(rb"\g<1>" + stamp, body)
            new = ZipInfo(old.filename, (max(moment.year, 1980), moment.month, moment.day, 12, 0, 0))
            new.compress_type, new.external_attr, new.create_system = ZIP_DEFLATED, 0o600 << 16, 3
            after.writestr(new, body)
    return out.getvalue()
