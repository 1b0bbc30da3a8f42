"""Is every date counted once, and does unknown stay unknown?"""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.indicators import Activity, Count, activity, activity_within
from appointments.occurrences import Calendar, Change, ChangeKind, Series, minutes_held, occurrences
from appointments.recurrence import Weekly
from locations.calendars import DayOff
from tests.appointments import strategies

TUE_6, TUE_13, TUE_20, TUE_27 = (date(2026, 10, day) for day in (6, 13, 20, 27))
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
HOLIDAYS = Calendar({}, (DayOff(TUE_13, date(2026, 10, 14), "Herbstferien"),))


def dates(*changes, calendar=Calendar(), window=OCTOBER):
    series = Series(
        rule=Weekly((1,)),
        start=time(14),
        end=time(15, 30),
        first_day=date(2026, 1, 1),
        pauses_in_school_holidays=True,
        changes=changes,
    )
    return occurrences(series, calendar, *window)


def test_held_cancelled_and_closed_dates_are_told_apart():
    found = activity(dates(Change(TUE_20, ChangeKind.CANCELLED), calendar=HOLIDAYS), {}, {7})
    assert found == Activity(held=2, cancelled=1, closed=1, minutes=180, topics=frozenset({7}))
    assert found.expected == 3


def test_a_moved_date_counts_once_with_its_new_times():
    moved = Change(TUE_20, ChangeKind.MOVED, new_day=date(2026, 10, 22), new_start=time(9), new_end=time(9, 45))
    found = activity(dates(moved), {})
    assert (found.held, found.cancelled, found.closed, found.minutes) == (4, 0, 0, 3 * 90 + 45)


def test_a_date_moved_out_of_the_period_counts_in_the_other_one():
    moved = Change(TUE_27, ChangeKind.MOVED, new_day=date(2026, 11, 2))
    november = (date(2026, 11, 1), date(2026, 11, 2))
    assert activity(dates(moved), {}).held == 3
    assert activity(dates(moved, window=november), {}).held == 1


def test_extra_dates_and_dates_held_anyway_are_held():
    extra, anyway = Change(date(2026, 10, 8), ChangeKind.EXTRA), Change(TUE_13, ChangeKind.HELD_ANYWAY)
    found = activity(dates(extra, anyway, calendar=HOLIDAYS), {})
    assert (found.held, found.closed) == (5, 0)


def test_without_a_held_date_no_topic_is_reached():
    assert activity(dates(window=(TUE_6 + timedelta(days=1), TUE_6 + timedelta(days=1))), {}, {7}).topics == frozenset()


def test_a_date_without_a_count_is_unknown_and_not_zero():
    found = activity(dates(), {TUE_6: 0, TUE_20: 3})
    assert found.counts == (Count(TUE_6, 0, 90), Count(TUE_20, 3, 90))
    assert (found.conversations, found.counted, found.held) == (3, 2, 4)


def test_conversations_are_unknown_where_nobody_counted_and_zero_where_nothing_was_held():
    assert activity(dates(), {}).conversations is None
    assert activity([], {}).conversations == 0
    assert activity(dates(), {TUE_6: 0}).conversations == 0


def test_a_count_on_a_day_without_a_held_date_is_astray():
    found = activity(dates(Change(TUE_20, ChangeKind.CANCELLED)), {TUE_20: 4, date(2026, 10, 1): 2, TUE_6: 1})
    assert (found.astray, found.conversations) == (2, 1)


def test_two_dates_of_one_day_share_its_count():
    moved = Change(TUE_13, ChangeKind.MOVED, new_day=TUE_6, new_start=time(9), new_end=time(10))
    found = activity(dates(moved), {TUE_6: 7})
    assert found.counts == (Count(TUE_6, 7, 150, dates=2),)
    assert (found.conversations, found.counted) == (7, 2)


@given(strategies.series(), strategies.calendars(), strategies.windows(200), st.integers(0, 200), st.data())
def test_any_cut_of_the_period_gives_the_same(series, calendar, window, cut, data):
    first, last = window
    middle = min(first + timedelta(days=cut), last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    counts = data.draw(st.dictionaries(st.sampled_from(days), st.integers(0, 9), max_size=20))
    parts = [(first, middle), (middle + timedelta(days=1), last)]
    pieces = [
        activity(
            occurrences(series, calendar, start, end) if start <= end else [],
            {day: count for day, count in counts.items() if start <= day <= end},
            {1},
        )
        for start, end in parts
    ]
    whole = activity(occurrences(series, calendar, first, last), counts, {1})
    assert pieces[0] + pieces[1] == whole
    assert pieces[1] + pieces[0] == whole


@settings(max_examples=300, deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows(900), st.booleans(), st.data())
def test_counting_dates_gives_what_listing_them_gives(series, calendar, window, as_the_rule, data):
    first, last = window
    series = replace(series, changes=()) if as_the_rule else series
    counts = data.draw(st.dictionaries(st.dates(first, last), st.integers(0, 9), max_size=2))
    listed = occurrences(series, calendar, first, last)
    for counted in ({}, counts):
        found = activity_within(series, calendar, first, last, counted, frozenset({1}))
        assert found == activity(listed, counted, {1})
    assert minutes_held(series, calendar, first, last) == activity(listed, {}).minutes


@pytest.mark.parametrize(("start", "end", "minutes"), [(time(14), time(16), 120), (time(8, 45), time(10, 5), 80)])
def test_minutes_are_those_between_start_and_end(start, end, minutes):
    series = Series(rule=Weekly((1,)), start=start, end=end, first_day=TUE_6)
    assert activity(occurrences(series, Calendar(), TUE_6, TUE_6), {}).minutes == minutes
