"""Are the clock changes those of the zone, and is an hour that is missing or comes twice refused by name?"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.occurrences import Change, ChangeKind, Series
from appointments.recurrence import Monthly, SingleDates, Weekly
from appointments.wall_time import clock_changes, dst_problem

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER_TIME = date(2026, 3, 29)
WINTER_TIME = date(2026, 10, 25)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def single(day, start, end, changes=()):
    return Series(SingleDates((day,)), start, end, date(2025, 1, 1), changes=changes)


def problem(day, start, end):
    return dst_problem(single(day, start, end), BERLIN, *YEAR)


def test_the_clocks_change_on_the_last_sundays_of_march_and_october():
    spring, autumn = clock_changes(BERLIN, 2026)
    assert spring.moment == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert autumn.moment == datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert spring.skips_time
    assert not autumn.skips_time
    for change, day in ((spring, SUMMER_TIME), (autumn, WINTER_TIME)):
        assert (change.begins, change.ends) == (datetime.combine(day, time(2)), datetime.combine(day, time(3)))


def test_a_zone_without_summer_time_has_no_clock_changes():
    assert clock_changes(ZoneInfo("UTC"), 2026) == ()


def test_the_message_names_day_and_reason():
    series = Series(Monthly((6,), (-1,)), time(2, 30), time(3, 30), date(2025, 11, 1))
    assert dst_problem(series, BERLIN, date(2026, 1, 1), date(2026, 12, 31)) == (
        "Am 29.\xa0März\xa02026 werden die Uhren vorgestellt: Die Zeit von 2 bis 3\xa0Uhr gibt es nicht. "
        "Ein Termin von 2.30 bis 3.30\xa0Uhr ist an diesem Tag nicht möglich."
    )
    assert dst_problem(series, BERLIN, date(2026, 3, 30), date(2026, 12, 31)) == (
        "Am 25.\xa0Oktober\xa02026 werden die Uhren zurückgestellt: Die Zeit von 2 bis 3\xa0Uhr gibt es zweimal. "
        "Ein Termin von 2.30 bis 3.30\xa0Uhr ist an diesem Tag nicht möglich."
    )


@pytest.mark.parametrize("day", [SUMMER_TIME, WINTER_TIME])
@pytest.mark.parametrize(
    ("start", "end", "is_refused"),
    [
        (time(1), time(1, 59), False),
        (time(1), time(2), True),
        (time(1), time(4), True),
        (time(2), time(3), True),
        (time(2, 59), time(4), True),
        (time(3), time(4), False),
        (time(14), time(16), False),
    ],
)
def test_only_a_time_that_exists_once_is_accepted(day, start, end, is_refused):
    assert (problem(day, start, end) is not None) == is_refused
    assert problem(day + timedelta(days=1), start, end) is None
    assert problem(day - timedelta(days=1), start, end) is None


@pytest.mark.parametrize(
    ("first", "last", "is_refused"),
    [
        (SUMMER_TIME, SUMMER_TIME, True),
        (date(2026, 3, 30), date(2026, 10, 24), False),
        (date(2026, 3, 30), WINTER_TIME, True),
        (date(2026, 1, 1), date(2026, 3, 28), False),
        (date(2024, 11, 1), SUMMER_TIME, True),
    ],
)
def test_only_dates_in_the_window_and_the_validity_matter(first, last, is_refused):
    nightly = Series(Weekly(tuple(range(7))), time(2, 30), time(3, 30), date(2020, 1, 1))
    assert (dst_problem(nightly, BERLIN, first, last) is not None) == is_refused
    valid = Series(nightly.rule, nightly.start, nightly.end, first, last)
    assert (dst_problem(valid, BERLIN, date(2024, 11, 1), date(2026, 12, 31)) is not None) == is_refused


@pytest.mark.parametrize(
    ("change", "is_refused"),
    [
        (Change(SUMMER_TIME, ChangeKind.CANCELLED), False),
        (Change(SUMMER_TIME, ChangeKind.MOVED, new_day=date(2026, 3, 30)), False),
        (Change(SUMMER_TIME, ChangeKind.MOVED, new_start=time(4), new_end=time(5)), False),
        (Change(SUMMER_TIME, ChangeKind.MOVED, new_place=7), True),
        (Change(SUMMER_TIME, ChangeKind.MOVED, new_day=WINTER_TIME), True),
        (Change(WINTER_TIME, ChangeKind.EXTRA, new_start=time(14), new_end=time(16)), True),
        (Change(WINTER_TIME, ChangeKind.EXTRA), True),
    ],
)
def test_changes_are_looked_at_with_their_own_day_and_time(change, is_refused):
    series = single(SUMMER_TIME, time(2, 30), time(3, 30), (change,))
    elsewhere = dst_problem(series, BERLIN, date(2026, 4, 1), date(2026, 12, 31)) is not None
    assert (dst_problem(series, BERLIN, *YEAR) is not None) == is_refused
    assert elsewhere == (is_refused and WINTER_TIME in (change.day, change.new_day) and change.new_start is None)


some_days = st.dates(date(2000, 1, 1), date(2090, 12, 31))
changing_days = some_days.flatmap(lambda day: st.sampled_from(clock_changes(BERLIN, day.year))).map(
    lambda change: change.begins.date()
)


@given(some_days | changing_days, st.integers(0, 1439) | st.integers(110, 190))
def test_a_minute_is_refused_exactly_when_it_is_no_single_moment(day, minute):
    moment = time(minute // 60, minute % 60)
    local = datetime.combine(day, moment, BERLIN)
    is_single = local.utcoffset() == local.replace(fold=1).utcoffset()
    series = Series(SingleDates((day,)), moment, moment, day)
    assert (dst_problem(series, BERLIN, day, day) is None) == is_single
