"""Does a cell mean what a German office means by it?"""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from locations.cells import Fields, to_day, to_decimal, to_degrees, to_time
from locations.headings import Column, find_layout
from locations.table_files import Row

LAYOUT = find_layout(["Wert"], [Column("value", "Wert")])


def fields(cell) -> Fields:
    return Fields(Row(7, (cell,), LAYOUT))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1.234,50 €", "1234.50"), ("1.234", "1234"), ("1.234.567", "1234567"), ("12,5", "12.5"), ("12.5", "12.5"),
        ("1,234.50", "1234.50"), ("80 EUR", "80"), ("80,-", "80"), (" 1 234,50 ", "1234.50"), ("-3", "-3"),
        (1234.5, "1234.5"), (7, "7"), ("0,1", "0.1"), ("1.5", "1.5"), ("10 Euro", "10"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_germans_write_it(cell, number):
    assert to_decimal(cell) == Decimal(number)


@pytest.mark.parametrize("cell", ["zehn", "1,2,3", "NaN", "Infinity", "1e400", "9" * 40, "--1"])
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(ValueError, match="Das ist keine Zahl"):
        to_decimal(cell)


@pytest.mark.parametrize(("cell", "degrees"), [("52.287", 52.287), ("52,287", 52.287), (10.5, 10.5), ("", None)])
def test_degrees_have_no_thousands(cell, degrees):
    assert to_degrees(cell) == degrees


@pytest.mark.parametrize(
    "cell", ["12.10.2026", "2026-10-12", "12.10.26", date(2026, 10, 12), datetime.fromisoformat("2026-10-12")]
)
def test_a_day_is_read_however_it_is_written(cell):
    assert to_day(cell) == date(2026, 10, 12)


@pytest.mark.parametrize("cell", ["31.02.2026", "gestern", "12.10.1799", "12.10.2200"])
def test_a_day_that_does_not_exist_is_refused(cell):
    with pytest.raises(ValueError, match="kein Tag|Das Jahr liegt nicht"):
        to_day(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("14", time(14)),
        ("14.30", time(14, 30)),
        ("14:30 Uhr", time(14, 30)),
        ("14,30", time(14, 30)),
        (time(9), time(9)),
    ],
)
def test_a_time_is_read_however_it_is_written(cell, expected):
    assert to_time(cell) == expected


@pytest.mark.parametrize("cell", ["24", "14:60", "früh"])
def test_a_time_that_does_not_exist_is_refused(cell):
    with pytest.raises(ValueError, match="keine Uhrzeit"):
        to_time(cell)


@pytest.mark.parametrize(("cell", "digits"), [(3157001, "03157001"), ("03157001", "03157001"), (3157001.0, "03157001")])
def test_a_leading_zero_that_was_lost_is_put_back(cell, digits):
    assert fields(cell).digits("value", 8) == digits


@pytest.mark.parametrize("cell", ["031570", "031570011", "0315700a", "٠٣١٥٧٠٠١"])
def test_a_key_of_another_length_is_a_problem(cell):
    found = fields(cell)
    assert found.digits("value", 8) == ""
    assert found.problems[0].reason == "Erwartet werden 8 Ziffern."


def test_problems_name_row_column_value_and_reason():
    found = fields("vielleicht")
    assert found.yes_no("value") is None
    problem = found.problems[0]
    assert (problem.number, problem.column, problem.value) == (7, "Wert", "vielleicht")
    assert problem.reason == "Erwartet wird ja, nein oder nichts."


@pytest.mark.parametrize(
    ("cell", "value"), [("ja", True), ("x", True), ("Nein", False), ("", None), ("unbekannt", None)]
)
def test_yes_no_and_unknown_are_three_things(cell, value):
    assert fields(cell).yes_no("value") is value


def test_a_text_has_a_length_and_only_letters_that_can_be_read():
    assert fields("a" * 201).text("value") == "a" * 200
    long, broken = fields("a" * 201), fields("Stra\ufffde")
    long.text("value")
    broken.text("value")
    assert "länger als 200" in long.problems[0].reason
    assert "unlesbare Zeichen" in broken.problems[0].reason
