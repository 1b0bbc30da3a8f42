"""What does a cell mean: text, number, day, time, yes or no, and if nothing, why?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from locations.headings import simplified
from locations.table_files import Row, shown
from locations.text_files import UNREADABLE
from locations.workbook_files import Cell

T = TypeVar("T")

VALUE_SHOWN: Final = 80
YEARS: Final = range(1800, 2200)
DAY_FORMATS: Final = ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%Y")
YES: Final = frozenset({"ja", "j", "x", "1", "yes", "y", "true", "wahr", "vorhanden"})
NO: Final = frozenset({"nein", "n", "0", "no", "false", "falsch", "keine", "kein"})
UNKNOWN: Final = frozenset({"", "unbekannt", "nicht bekannt", "unknown", "k a"})
_THOUSANDS: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+")
_CLOCK: Final = re.compile(r"([0-9]{1,2})(?:[:.,]([0-9]{1,2}))?(?::[0-9]{2})?(?: ?uhr)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken, or a cell of it cannot: column and value as they stand in the file."""

    number: int
    column: str
    value: str
    reason: str


@dataclass
class Fields:
    """The cells of a row as values. What makes no sense becomes a problem, and the value None."""

    row: Row
    problems: list[Problem] = field(default_factory=list)

    def has(self, key: str) -> bool:
        """Return whether anything stands in the cell."""
        return self.text_of(key) != ""

    def text_of(self, key: str) -> str:
        """Return what stands there, unchecked, blanks and line breaks made one."""
        return " ".join(shown(self.row.cell(key)).split())

    def refuse(self, key: str, reason: str) -> None:
        """Note why the cell cannot be taken; one reason a cell is enough."""
        label = self.row.layout.labels.get(key, key)
        if all(problem.column != label for problem in self.problems):
            self.problems.append(Problem(self.row.number, label, self.text_of(key)[:VALUE_SHOWN], reason))

    def text(self, key: str, longest: int = 200) -> str:
        """Return the text, "" where there is none."""
        text = self.text_of(key)
        if len(text) > longest:
            self.refuse(key, f"Der Text ist länger als {longest} Zeichen.")
        elif UNREADABLE in text or any(not letter.isprintable() and letter != "\xad" for letter in text):
            self.refuse(key, "Darin stehen unlesbare Zeichen. In welchem Zeichensatz ist die Datei gespeichert?")
        return text[:longest]

    def required(self, key: str, longest: int = 200) -> str:
        """Return the text, a problem where there is none."""
        if not self.has(key):
            self.refuse(key, "Die Angabe fehlt.")
        return self.text(key, longest)

    def digits(self, key: str, length: int) -> str:
        """Return the number of so many digits as text; a leading zero that a spreadsheet dropped is put back."""
        text = self.text_of(key).replace(" ", "")
        if not text:
            return ""
        if not (text.isascii() and text.isdigit() and length - 1 <= len(text) <= length):
            self.refuse(key, f"Erwartet werden {length} Ziffern.")
            return ""
        return text.zfill(length)

    def day(self, key: str) -> date | None:
        """Return the day, None where there is none."""
        return self._read(key, to_day)

    def clock(self, key: str) -> time | None:
        """Return the time of day, None where there is none."""
        return self._read(key, to_time)

    def decimal(self, key: str, *, lowest: Decimal | None = None, highest: Decimal | None = None) -> Decimal | None:
        """Return the number; "1.234" is a thousand and more, as it is in Germany."""
        value = self._read(key, to_decimal)
        if value is not None and ((lowest is not None and value < lowest) or (highest is not None and value > highest)):
            self.refuse(key, f"Erwartet wird eine Zahl von {lowest} bis {highest}.")
            return None
        return value

    def whole(self, key: str, *, highest: int = 2_000_000_000) -> int | None:
        """Return the whole number from 0 on."""
        value = self.decimal(key, lowest=Decimal(0), highest=Decimal(highest))
        if value is not None and value != int(value):
            self.refuse(key, "Erwartet wird eine ganze Zahl.")
            return None
        return None if value is None else int(value)

    def degrees(self, key: str, limit: int) -> float | None:
        """Return degrees; a single point or comma is the decimal one."""
        value = self._read(key, to_degrees)
        if value is not None and not -limit <= value <= limit:
            self.refuse(key, f"Erwartet werden Grad von -{limit} bis {limit}.")
            return None
        return value

    def yes_no(self, key: str) -> bool | None:
        """Return yes or no, None where it is not known."""
        word = simplified(self.text_of(key))
        if word in YES or word in NO:
            return word in YES
        if word not in UNKNOWN:
            self.refuse(key, "Erwartet wird ja, nein oder nichts.")
        return None

    def choice(self, key: str, words: Mapping[str, T]) -> T | None:
        """Return what the word stands for, None where there is none."""
        word = simplified(self.text_of(key))
        if word and word not in words:
            self.refuse(key, f"Bekannt sind: {', '.join(sorted(words))}.")
        return words.get(word)

    def _read(self, key: str, read: Callable[[Cell], T | None]) -> T | None:
        try:
            return read(self.row.cell(key))
        except ValueError as error:
            self.refuse(key, str(error))
            return None


def to_day(cell: Cell) -> date | None:
    """Return the day of a cell. ValueError: it is none; the message is a German sentence."""
    if isinstance(cell, date):
        day: date | None = cell.date() if isinstance(cell, datetime) else cell
    else:
        day = _day(shown(cell))
    if day is not None and day.year not in YEARS:
        raise ValueError(f"Das Jahr liegt nicht zwischen {YEARS[0]} und {YEARS[-1]}.")
    return day


def _day(text: str) -> date | None:
    for pattern in DAY_FORMATS if text else ():
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    if text:
        raise ValueError("Das ist kein Tag. Erwartet wird etwa 12.10.2026.")
    return None


def to_time(cell: Cell) -> time | None:
    """Return the time of a cell. ValueError: it is none."""
    if isinstance(cell, datetime | time):
        return (cell.time() if isinstance(cell, datetime) else cell).replace(second=0, microsecond=0)
    text = shown(cell)
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError("Das ist keine Uhrzeit. Erwartet wird etwa 14.30.")
    return time(int(match[1]), int(match[2] or 0))


def to_decimal(cell: Cell) -> Decimal | None:
    """Return the number of a cell, German or plain, euro signs aside. ValueError: it is none."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _number(str(cell))
    text = re.sub(r"€|eur(o)?\b|[\s\u00a0\u202f']", "", shown(cell), flags=re.IGNORECASE).removesuffix(",-")
    if not text:
        return None
    if "," in text or _THOUSANDS.fullmatch(text):
        text = text.replace(",", "") if text.rfind(".") > text.rfind(",") >= 0 else text.replace(".", "")
    return _number(text.replace(",", "."))


def to_degrees(cell: Cell) -> float | None:
    """Return degrees, a decimal point never taken for thousands. ValueError: it is no number."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(_number(str(cell)))
    text = shown(cell).replace(",", ".")
    return float(_number(text)) if text else None


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(text) > 30 or number.adjusted() > 15:
        raise ValueError("Das ist keine Zahl.")
    return number
