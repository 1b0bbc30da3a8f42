"""How do tables become a CSV file that a German Excel opens, without text that a reader's program would run?"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Final

from locations.tables import Column, Table, Value
from locations.wording import UNKNOWN, date_digits

# What Excel, LibreOffice and Google read as the start of a formula (OWASP, "CSV Injection").
STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


def as_csv(table: Table) -> bytes:
    """Return the table as UTF-8 with a byte order mark, semicolons and decimal commas, as a German Excel opens it."""
    return b"".join(csv_lines(table.columns, table.rows))


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """Yield the file of these rows line by line, so that it may be as long as it likes."""
    yield BOM.encode() + _line(column.name for column in columns)
    for row in rows:
        yield _line(_csv_text(value) for value in row)


def _line(texts: Iterable[str]) -> bytes:
    out = StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(texts)
    return out.getvalue().encode()


def _csv_text(value: Value) -> str:
    """Return the value without thousands separators or units, so that a program reads it as what it is."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, date):
        return date_digits(value)
    return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def harmless(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(STARTS_A_FORMULA) else text
