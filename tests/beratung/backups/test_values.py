"""Is every value read again exactly as it was written, whatever the kind of database?"""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from beratung.backups.values import batches, line_of, values_of

DECIMAL = models.DecimalField(max_digits=10, decimal_places=2)
TEXT, NUMBER, FLOAT, FLAG = models.TextField(), models.BigIntegerField(), models.FloatField(), models.BooleanField()
DAY, TIME, MOMENT, UID = models.DateField(), models.TimeField(), models.DateTimeField(), models.UUIDField()
BYTES, JSON = models.BinaryField(), models.JSONField()
FIELDS = [DECIMAL, TEXT, NUMBER, FLOAT, FLAG, DAY, TIME, MOMENT, UID, BYTES]
for place, field in enumerate([*FIELDS, JSON]):
    field.set_attributes_from_name(f"wert_{place}")

ROWS = st.tuples(
    st.decimals(min_value=-99999999, max_value=99999999, places=2),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.uuids(),
    st.binary(),
)


@given(ROWS)
def test_a_line_is_read_as_what_was_written(row):
    line = line_of(FIELDS)(row)
    assert line.count(b"\n") == 1
    assert json.loads(line) == [
        str(row[0]) if row[0] else format(row[0], "f"),
        *row[1:5],
        row[5].isoformat(),
        row[6].isoformat(),
        row[7].isoformat(),
        str(row[8]),
        json.loads(line)[9],
    ]
    expected = [field.get_db_prep_save(value, connection) for field, value in zip(FIELDS[:-1], row, strict=False)]
    found = values_of(line, FIELDS, connection)
    assert found[:-1] == expected
    assert bytes(getattr(found[-1], "adapted", found[-1])) == row[-1]


def test_values_are_written_in_one_way():
    line = line_of(FIELDS)
    summer = timezone(timedelta(hours=2))
    row = (
        Decimal("1E+1"),
        "Ä\n",
        1,
        0.1,
        True,
        date(2026, 1, 2),
        time(9, 5),
        datetime(2026, 7, 1, 0, 30, tzinfo=summer),
        UUID(int=1),
        b"\0",
    )
    assert (
        line(row)
        == (
            '["10","Ä\\n",1,0.1,true,"2026-01-02","09:05:00","2026-06-30T22:30:00+00:00",'
            '"00000000-0000-0000-0000-000000000001","AA=="]\n'
        ).encode()
    )
    assert line((None,) * 10) == b"[" + b",".join([b"null"] * 10) + b"]\n"


def test_json_is_written_as_both_databases_return_it():
    line = line_of([JSON])
    assert line([{"b": [1e16, -0.0, 1.0, 1e-7, 10.5], "a": {"d": 1, "c": None}}]) == (
        b'[{"a":{"c":null,"d":1},"b":[10000000000000000,0.0,1.0,1e-07,10.5]}]\n'
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "value", [1e16, -0.0, 1e-7, 1e300, 12345678901234567890, 5e-324, "\u2028", {"b": 1, "a": [None]}]
)
def test_the_database_returns_json_that_is_written_as_before(value):
    from tests import builders

    municipality = builders.make_municipality(builders.make_district(), boundary={"x": value})
    before = line_of([JSON])([municipality.boundary])
    municipality.refresh_from_db()
    assert line_of([JSON])([municipality.boundary]) == before


def test_a_line_of_another_table_is_refused():
    with pytest.raises(ValueError, match="zip"):
        values_of(b"[1,2]\n", [NUMBER], connection)
    with pytest.raises(ValueError, match="keine Zeile"):
        values_of(b'{"a":1}\n', [NUMBER], connection)


def test_long_lines_are_sent_in_small_groups():
    assert [len(group) for group in batches([b"x"] * 7, 3)] == [3, 3, 1]
    assert [len(group) for group in batches([b"x" * 3_000_000] * 3, 100)] == [2, 1]
    assert list(batches([], 3)) == []
