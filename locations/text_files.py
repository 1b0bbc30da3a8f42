"""How does text of unknown encoding become the rows of a CSV file, a line at a time?"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final

LONGEST_LINE: Final = 1_000_000
LONGEST_CELL: Final = 131_072  # the csv module's own limit: a quotation mark that never closes ends here
SAMPLE_LINES: Final = 20
DELIMITERS: Final = ";,\t"
# Bytes that Windows-1252 leaves open; they become the mark of an unreadable letter.
UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read; the message is a German sentence."""


def csv_rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with the number of its first line. UnreadableFileError: it is no CSV file."""
    delimiter = _delimiter(file)
    reader = csv.reader(text_lines(file), delimiter=delimiter, strict=False)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"Ab Zeile {number} ist die Datei keine lesbare CSV-Datei: "
            "Fehlt am Ende eines Feldes ein Anführungszeichen, oder ist eine Zelle viel zu lang?"
        ) from error


def _delimiter(file: BinaryIO) -> str:
    """Return the separator that splits the first lines into most cells, all lines alike if possible."""
    file.seek(0)
    sample = list(islice(text_lines(file), SAMPLE_LINES))
    file.seek(0)
    return max(DELIMITERS, key=lambda mark: _columns(sample, mark))


def _columns(sample: list[str], mark: str) -> tuple[int, int]:
    try:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=mark) if any(cells)]
    except csv.Error:
        return 0, 0
    common = max(set(widths), key=widths.count, default=0)
    return (common, max(widths, default=0))


def text_lines(file: BinaryIO) -> Iterator[str]:
    """Yield the lines of a text in UTF-8, UTF-16 or Windows-1252. UnreadableFileError: it is none."""
    head = file.read(4_096)
    file.seek(0)
    encoding = _utf_16(head)
    if encoding is None:
        yield from _lines_of_bytes(file)
    else:
        yield from _lines_of_text(file, encoding)


def _utf_16(head: bytes) -> str | None:
    """Return the kind of UTF-16 the file begins with, with a mark or, as every other byte is empty, without."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1::2].count(0) > 0.4 * len(head):
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > 0.4 * len(head) else None


def _lines_of_text(file: BinaryIO, encoding: str) -> Iterator[str]:
    # A reader of its own, because the wrapper would close the file with itself.
    wrapper = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        while line := wrapper.readline(LONGEST_LINE):
            yield _whole(line)
    except UnicodeError as error:
        raise UnreadableFileError("Die Datei bricht mitten in einem Zeichen ab (UTF-16).") from error
    finally:
        wrapper.detach()


def _lines_of_bytes(file: BinaryIO) -> Iterator[str]:
    """Yield the lines; each is UTF-8, or else Windows-1252, since lists are glued together from both."""
    first = True
    while line := file.readline(LONGEST_LINE):
        if b"\x00" in line:
            raise UnreadableFileError("Die Datei ist keine Tabelle: Sie enthält Bytes, die in keinem Text stehen.")
        if first:
            line, first = line.removeprefix(codecs.BOM_UTF8), False
        yield _whole(_decoded(line))


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")  # what Excel writes in Germany


def _whole(line: str) -> str:
    if len(line) >= LONGEST_LINE and not line.endswith("\n"):
        raise UnreadableFileError(f"Eine Zeile ist länger als {LONGEST_LINE // 1_000_000} MB. Ist das eine Tabelle?")
    return line
