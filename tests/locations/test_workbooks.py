"""Is a cell what it says, the same every time, and never a formula from somebody's text?"""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from locations.csv_tables import as_csv
from locations.tables import Column, Kind, Table, printed
from locations.workbooks import as_workbook

DAY = date(2026, 9, 24)
COLUMNS = (
    Column("Name", width=30),
    Column("Zahl", Kind.NUMBER),
    Column("Betrag", Kind.EURO),
    Column("Tag", Kind.DATE),
    Column("Satz", Kind.DECIMAL),
)
TABLE = Table("Beispiel", COLUMNS, (("Beispielort", 12_506, Decimal("1234.50"), DAY, Decimal("0.5")),))
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/C calc'!A0", " =1", "＝1+1", "\n=1"]


def one_text(text: str) -> Table:
    return Table("Beispiel", (Column("Text"),), ((text,),))


def book(*tables: Table, day: date = DAY):
    return load_workbook(BytesIO(as_workbook(tables, title="Beispiel", author="Landkreis Beispiel", day=day)))


def cells(table: Table) -> list[list[str]]:
    text = as_csv(table).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


# Values


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, Kind.EURO, "nicht bekannt"),
        (0, Kind.NUMBER, "0"),
        (12_506, Kind.NUMBER, "12.506"),
        (Decimal("0"), Kind.EURO, "0,00\xa0€"),
        (Decimal("17.3"), Kind.TENTH, "17,3"),
        (Decimal("0.1"), Kind.DECIMAL, "0,10"),
        (DAY, Kind.DATE, "24.09.2026"),
        ("–", Kind.DATE, "–"),
    ],
)
def test_values_read_as_germans_write_them(value, kind, text):
    assert printed(value, kind) == text


def test_a_row_must_fill_its_columns():
    with pytest.raises(ValueError, match="nicht 5 Werte"):
        Table("Beispiel", COLUMNS, (("zu kurz",),))


# XLSX


def test_numbers_amounts_and_days_are_real_ones_in_german_formats():
    name, count, amount, day, rate = next(book(TABLE)["Beispiel"].iter_rows(min_row=2))
    assert (name.value, count.value, amount.value, rate.value) == ("Beispielort", 12_506, 1234.5, 0.5)
    assert day.value == datetime(2026, 9, 24)  # noqa: DTZ001 - a day in a sheet has no time zone
    assert (count.number_format, rate.number_format, day.number_format) == ("#,##0", "#,##0.00", "DD.MM.YYYY")
    assert amount.number_format == '#,##0.00\\ "€"'


def test_the_header_stays_in_sight_and_can_be_filtered():
    sheet = book(TABLE)["Beispiel"]
    assert [cell.value for cell in sheet[1]] == ["Name", "Zahl", "Betrag", "Tag", "Satz"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:E2", "$1:$1")
    assert all(cell.font.bold for cell in sheet[1])


@pytest.mark.parametrize("text", [*FORMULAS, "#N/A", "1.1.2026"])
def test_a_text_in_the_workbook_stays_a_text(text):
    cell = book(one_text(text))["Beispiel"]["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value.strip() == text.strip()


def test_a_text_that_xml_cannot_hold_costs_only_the_character():
    assert book(one_text("Bei\x00spiel\x1f"))["Beispiel"]["A2"].value == "Beispiel"
    assert len(book(one_text("x" * 40_000))["Beispiel"]["A2"].value) == 32_767


def test_an_unknown_value_is_a_word_and_no_empty_cell():
    row = Table("Beispiel", COLUMNS, ((None, None, None, None, None),))
    assert {cell.value for cell in book(row)["Beispiel"][2]} == {"nicht bekannt"}


def test_the_workbook_is_the_same_whenever_it_is_written(monkeypatch):
    before = as_workbook([TABLE], title="t", author="a", day=DAY)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 1, 1, 0, 0, 0, 0, 1, 0))
    assert as_workbook([TABLE], title="t", author="a", day=DAY) == before
    with ZipFile(BytesIO(before)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 9, 24, 12, 0, 0)}
        assert b"2026-09-24T12:00:00Z</dcterms:modified>" in archive.read("docProps/core.xml")
        assert b"2026-09-24T12:00:00Z</dcterms:created>" in archive.read("docProps/core.xml")


def test_a_day_before_the_first_an_archive_can_name_is_no_fault():
    assert book(TABLE, day=date(1971, 1, 1))["Beispiel"]["B2"].value == 12_506


def test_each_table_is_a_sheet_of_its_own_and_its_name_may_hold_anything():
    other = Table("Ein/sehr:langer*Name?für [ein] einzelnes Blatt", COLUMNS, ())
    names = book(TABLE, other).sheetnames
    assert names[0] == "Beispiel"
    assert len(names[1]) <= 31
    assert not set("\\/*?:[]") & set(names[1])


# CSV


def test_the_csv_opens_in_a_german_excel():
    body = as_csv(TABLE)
    assert body.startswith(b"\xef\xbb\xbfName;Zahl;Betrag;Tag;Satz\r\n")
    assert cells(TABLE)[1] == ["Beispielort", "12506", "1234,50", "24.09.2026", "0,5"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_in_the_csv_is_never_a_formula(text):
    assert cells(one_text(text))[1] == [f"'{text}"]


@pytest.mark.parametrize(
    "text", ["Beispiel-Kita", "–", "a=b", "7 - 8", 'mit "Anführung"; und Semikolon', "zwei\nZeilen"]
)
def test_an_ordinary_text_comes_through_unchanged(text):
    assert cells(one_text(text))[1] == [text]


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=20))
def test_no_text_begins_as_a_formula(text):
    found = "".join(cells(one_text(text))[1]) if text else ""
    assert not found.lstrip().startswith(("=", "+", "-", "@"))
