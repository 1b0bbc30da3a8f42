"""Are tables of any origin read alike, and refused in one sentence where they are none?"""

import contextlib
import io
import tracemalloc
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from locations.headings import Column, find_layout
from locations.table_files import read_table, shown
from locations.text_files import UnreadableFileError

COLUMNS = (Column("name", "Name", ("Bezeichnung",), required=True), Column("street", "Straße"), Column("on", "Tag"))
TEXT = "Name;Straße;Tag\nBeispiel-Öl;Am Süd 3;12.10.2026\n"


def rows(content: bytes, **given):
    return [row.written for row in read_table(io.BytesIO(content), COLUMNS, **given).rows]


def book(*lines, merged=(), sheets=()) -> bytes:
    workbook = Workbook()
    for title in sheets:
        workbook.create_sheet(title, 0)
    sheet = workbook["Sheet"]
    for line in lines:
        sheet.append(line)
    for area in merged:
        sheet.merge_cells(area)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace(";", ",").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        ("Liste der Häuser;;\nStand: heute;;\n" + TEXT).encode(),
        TEXT.replace("Name", "BEZEICHNUNG ").replace("Straße", "strasse:").encode(),
        TEXT.replace("Beispiel-Öl", '"Beispiel-Öl"').encode(),
    ],
)
def test_every_spelling_of_a_table_reads_alike(content):
    assert rows(content) == [("Beispiel-Öl", "Am Süd 3", "12.10.2026")]


def test_a_workbook_reads_like_the_text():
    assert rows(book(["Name", "Straße", "Tag"], ["Beispiel-Öl", "Am Süd 3", date(2026, 10, 12)])) == [
        ("Beispiel-Öl", "Am Süd 3", "12.10.2026")
    ]


def test_two_encodings_in_one_file_are_both_read():
    content = "Name;Straße\n".encode() + "Nürnberg;a\n".encode("cp1252") + "Öl;b\n".encode()
    assert [row[0] for row in rows(content)] == ["Nürnberg", "Öl"]


def test_a_quoted_cell_may_have_lines_and_separators():
    found = list(read_table(io.BytesIO(b'Name;Tag\n"A;\nB";1\nC;2\n'), COLUMNS).rows)
    assert [(row.number, row.cell("name")) for row in found] == [(2, "A;\nB"), (4, "C")]


def test_merged_cells_repeat_in_every_row_and_column():
    content = book(["Name", "Straße", "Tag"], ["A", None, "x"], [None, None, "y"], ["B", "b", "z"], merged=["A2:B3"])
    assert rows(content) == [("A", "A", "x"), ("A", "A", "y"), ("B", "b", "z")]


def test_the_sheet_with_the_heading_is_found():
    assert rows(book(["Name", "Tag"], ["A", "x"], sheets=["Deckblatt"])) == [("A", "x")]


def test_empty_rows_are_left_out_and_numbers_are_those_of_the_sheet():
    found = list(read_table(io.BytesIO(book(["Name"], [None], ["A"])), COLUMNS).rows)
    assert [(row.number, row.cell("name")) for row in found] == [(3, "A")]


def test_a_size_that_the_file_claims_is_not_believed():
    content = book(["Name"], ["A"])
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert rows(packed(parts)) == [("A",)]


def packed(parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


WORKBOOK = book(["Name"], *[[f"Beispiel {n}"] for n in range(300)])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Die Datei ist leer"),
        (b"\n\n", "Die Datei ist leer|In der Kopfzeile fehlt"),
        (b"Ort;Tag\nA;B\n", "In der Kopfzeile fehlt: Name. Gelesen wurde: Ort, Tag"),
        (b"%PDF-1.7 ...", "ein PDF"),
        (b"\x89PNG\r\n\x1a\n", "ein Bild"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "alte Excel-Format"),
        (b"<html><table>", "eine Webseite"),
        (b"Name\nA\x00B\n", "keine Tabelle"),
        (b"\xff\xfeN\x00a", "bricht mitten|In der Kopfzeile fehlt"),
        (b"x" * 1_000_001, "länger als 1 MB"),
        (b'Name\n"' + b"x" * 140_000, "keine lesbare CSV-Datei"),
        (packed({"word/document.xml": b"<x/>"}), "keine Excel-Datei"),
        (packed({"xl/workbook.xml": b"nonsense"}), "beschädigt"),
        (WORKBOOK[: len(WORKBOOK) // 2], "unvollständig hochgeladen"),
        (WORKBOOK[:-20], "unvollständig hochgeladen"),
        (b"PK\x03\x04", "unvollständig hochgeladen"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(content, message):
    with pytest.raises(UnreadableFileError, match=message):
        rows(content)


def test_a_sheet_that_breaks_off_inside_is_refused():
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:-900]
    with pytest.raises(UnreadableFileError, match="ist die Excel-Datei beschädigt"):
        rows(packed(parts))


def test_entities_that_grow_are_refused():
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        if name in parts:
            hostile = parts | {name: laughs + parts[name].partition(b"?>")[2]}
            with pytest.raises(UnreadableFileError, match="beschädigt"):
                rows(packed(hostile))


def test_a_bomb_is_refused_before_it_is_unpacked():
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    bomb = packed(parts | {"xl/worksheets/sheet1.xml": b"<x>" + b" " * 200_000_000})
    assert len(bomb) < 400_000
    tracemalloc.start()
    with pytest.raises(UnreadableFileError, match="ausgepackt größer als 150 MB"):
        rows(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_more_rows_than_allowed_are_refused_and_exactly_as_many_are_not():
    assert len(rows(b"Name\n" + b"A\n" * 5, most_rows=5)) == 5
    with pytest.raises(UnreadableFileError, match="Mehr als 5 Zeilen"):
        rows(b"Name\n" + b"A\n" * 6, most_rows=5)


def test_a_long_file_is_never_in_memory_as_a_whole():
    content = io.BytesIO(b"Name;Tag\n" + b"Beispiel;12.10.2026\n" * 400_000)
    tracemalloc.start()
    count = sum(1 for _ in read_table(content, COLUMNS, most_rows=500_000).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 5_000_000) == (400_000, True)


def test_our_own_mark_before_a_formula_is_taken_off_again():
    assert [shown(text) for text in ("'=1+1", "'+49", "'s Heft", "=1")] == ["=1+1", "+49", "'s Heft", "=1"]


def test_a_heading_serves_one_column_only():
    layout = find_layout(["Name", "Straße"], [Column("a", "Name"), Column("b", "Bezeichnung", ("Name",))])
    assert dict(layout.places) == {"a": 0}


@given(st.binary(max_size=400))
def test_whatever_the_bytes_there_is_a_table_or_a_sentence(content):
    with contextlib.suppress(UnreadableFileError):
        assert isinstance(rows(content), list)
