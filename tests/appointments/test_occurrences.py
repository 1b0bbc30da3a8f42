"""Is every date there, with what became of it, and do changes win over all but the validity?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.occurrences import (
    DAYS_A_PEEK,
    Calendar,
    Change,
    ChangeKind,
    Occurrence,
    Series,
    State,
    held,
    horizon,
    is_held_within,
    occurrences,
    unused_changes,
    up_to_the_nth_held,
    why_closed,
)
from appointments.recurrence import Monthly, SingleDates, Weekly
from locations.calendars import DayOff
from tests.appointments import strategies

TUESDAYS = Weekly((1,))
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))  # Tuesdays: 6, 13, 20, 27
TUE_6, TUE_13, TUE_20, TUE_27 = (date(2026, 10, day) for day in (6, 13, 20, 27))
AUTUMN = DayOff(TUE_13, date(2026, 10, 24), "Herbstferien")
HOLIDAY = Calendar({TUE_20: "Feiertag"}, (AUTUMN,))
OPEN = Calendar()


def tuesdays(*changes: Change, **given) -> Series:
    defaults = {"rule": TUESDAYS, "start": time(14), "end": time(16), "first_day": date(2026, 1, 1)}
    return Series(**(defaults | {"changes": changes} | given))


def states(series: Series, calendar: Calendar = OPEN, window: tuple[date, date] = OCTOBER) -> list[tuple[int, State]]:
    return [(occurrence.day.day, occurrence.state) for occurrence in occurrences(series, calendar, *window)]


def on(day: date, series: Series, calendar: Calendar = OPEN) -> Occurrence:
    (occurrence,) = occurrences(series, calendar, day, day)
    return occurrence


def test_a_date_has_the_times_of_the_slot_and_stands_for_its_day():
    assert on(TUE_6, tuesdays()) == Occurrence(TUE_6, time(14), time(16), State.HELD, rule_day=TUE_6)
    assert on(TUE_6, tuesdays()).takes_place


def test_both_ends_of_the_window_count():
    assert states(tuesdays(), window=(TUE_6, TUE_20)) == [(6, State.HELD), (13, State.HELD), (20, State.HELD)]
    assert states(tuesdays(), window=(TUE_6 + timedelta(1), TUE_20 - timedelta(1))) == [(13, State.HELD)]


def test_both_ends_of_the_validity_count():
    assert [day for day, _ in states(tuesdays(first_day=TUE_13, last_day=TUE_20))] == [13, 20]
    inside = tuesdays(first_day=TUE_6 + timedelta(1), last_day=TUE_27 - timedelta(1))
    assert [day for day, _ in states(inside)] == [13, 20]


def test_a_window_outside_the_validity_is_empty():
    assert states(tuesdays(last_day=date(2026, 9, 30))) == []
    assert states(tuesdays(first_day=date(2026, 11, 1))) == []


def test_a_window_that_ends_before_it_starts_is_empty():
    assert occurrences(tuesdays(), OPEN, TUE_13, TUE_6) == []


def test_a_public_holiday_drops_the_date_with_its_name():
    dropped = on(TUE_20, tuesdays(), HOLIDAY)
    assert (dropped.state, dropped.reason, dropped.closed_for) == (State.DROPPED, "Feiertag", "Feiertag")
    assert not dropped.takes_place


def test_school_holidays_drop_dates_only_where_the_slot_pauses():
    assert states(tuesdays(), HOLIDAY) == [
        (6, State.HELD),
        (13, State.HELD),
        (20, State.DROPPED),
        (27, State.HELD),
    ]
    assert on(TUE_13, tuesdays(pauses_in_school_holidays=True), HOLIDAY).reason == "Herbstferien"


def test_both_ends_of_a_closure_count():
    closed = tuesdays(closures=(DayOff(TUE_13, TUE_20, "Umbau"),))
    assert [state for _, state in states(closed)] == [State.HELD, State.DROPPED, State.DROPPED, State.HELD]
    inside = tuesdays(closures=(DayOff(TUE_13 + timedelta(1), TUE_20 - timedelta(1), "Umbau"),))
    assert {state for _, state in states(inside)} == {State.HELD}


def test_the_reason_is_the_holiday_then_the_school_holidays_then_the_first_closure():
    closures = (DayOff(TUE_6, TUE_27, "Umbau"), DayOff(TUE_6, TUE_27, "Wasserschaden"))
    series = tuesdays(pauses_in_school_holidays=True, closures=closures)
    assert [why_closed(series, HOLIDAY, day) for day in (TUE_6, TUE_13, TUE_20)] == [
        "Umbau",
        "Herbstferien",
        "Feiertag",
    ]
    assert why_closed(series, HOLIDAY, date(2026, 10, 5)) == ""


def test_a_cancelled_date_stays_with_the_reason_of_staff():
    series = tuesdays(Change(TUE_20, ChangeKind.CANCELLED, "verhindert"))
    cancelled = on(TUE_20, series, HOLIDAY)
    assert (cancelled.state, cancelled.reason, cancelled.closed_for) == (State.CANCELLED, "verhindert", "Feiertag")
    assert not cancelled.takes_place


def test_held_anyway_wins_over_holidays_school_holidays_and_closures():
    closures = (DayOff(TUE_27, TUE_27, "Umbau"),)
    series = tuesdays(
        *(Change(day, ChangeKind.HELD_ANYWAY, "wichtig") for day in (TUE_13, TUE_20, TUE_27)),
        closures=closures,
        pauses_in_school_holidays=True,
    )
    found = occurrences(series, HOLIDAY, *OCTOBER)
    assert [occurrence.takes_place for occurrence in found] == [True] * 4
    assert [occurrence.closed_for for occurrence in found] == ["", "Herbstferien", "Feiertag", "Umbau"]


def test_a_date_moved_to_another_day_leaves_a_mark_and_arrives():
    friday = date(2026, 10, 23)
    series = tuesdays(Change(TUE_20, ChangeKind.MOVED, "Umbau", friday, time(9), time(10), 7))
    away, arrived = on(TUE_20, series, HOLIDAY), on(friday, series, HOLIDAY)
    assert (away.state, away.moved_to, away.takes_place) == (State.MOVED_AWAY, friday, False)
    assert arrived == Occurrence(friday, time(9), time(10), State.MOVED, "Umbau", TUE_20, 7)
    assert arrived.takes_place
    assert arrived.key_day == away.key_day == TUE_20


def test_a_date_moved_in_time_or_place_alone_stays_on_its_day():
    series = tuesdays(
        Change(TUE_6, ChangeKind.MOVED, new_start=time(9), new_end=time(10)),
        Change(TUE_13, ChangeKind.MOVED, new_place=7),
        Change(TUE_20, ChangeKind.MOVED, new_day=TUE_20, new_place=8),
    )
    assert [(o.day.day, o.state, o.start.hour, o.place) for o in occurrences(series, HOLIDAY, *OCTOBER)] == [
        (6, State.MOVED, 9, None),
        (13, State.MOVED, 14, 7),
        (20, State.MOVED, 14, 8),
        (27, State.HELD, 14, None),
    ]


def test_a_date_may_be_moved_onto_another_date_of_the_rule():
    series = tuesdays(Change(TUE_6, ChangeKind.MOVED, new_day=TUE_13, new_start=time(9), new_end=time(10)))
    found = occurrences(series, OPEN, TUE_13, TUE_13)
    assert [(o.start.hour, o.state, o.key_day) for o in found] == [
        (9, State.MOVED, TUE_6),
        (14, State.HELD, TUE_13),
    ]


def test_a_date_arrives_from_outside_the_window():
    series = tuesdays(Change(date(2026, 9, 29), ChangeKind.MOVED, new_day=OCTOBER[0]))
    assert states(series)[0] == (1, State.MOVED)


def test_an_extra_date_wins_over_a_holiday_and_a_closure():
    extra = Change(date(2026, 10, 22), ChangeKind.EXTRA, "Nachholtermin", new_place=7)
    series = tuesdays(extra, pauses_in_school_holidays=True)
    assert on(extra.day, series, HOLIDAY) == Occurrence(
        extra.day, time(14), time(16), State.EXTRA, "Nachholtermin", None, 7, "Herbstferien"
    )


@pytest.mark.parametrize("kind", [ChangeKind.CANCELLED, ChangeKind.HELD_ANYWAY, ChangeKind.MOVED])
def test_a_change_on_a_day_without_a_date_does_nothing_and_is_said(kind):
    change = Change(date(2026, 10, 7), kind, new_day=date(2026, 10, 8))
    assert states(tuesdays(change)) == states(tuesdays())
    assert unused_changes(tuesdays(change), *OCTOBER) == [change]
    assert unused_changes(tuesdays(change), date(2026, 10, 8), OCTOBER[1]) == []
    assert unused_changes(tuesdays(change), OCTOBER[0], date(2026, 10, 6)) == []


def test_an_extra_date_and_a_change_on_a_date_are_not_unused():
    changes = (Change(date(2026, 10, 7), ChangeKind.EXTRA), Change(TUE_6, ChangeKind.CANCELLED))
    assert unused_changes(tuesdays(*changes), *OCTOBER) == []


def test_a_change_before_the_validity_is_unused():
    change = Change(TUE_6, ChangeKind.CANCELLED)
    assert unused_changes(tuesdays(change, first_day=TUE_13), *OCTOBER) == [change]


@pytest.mark.parametrize("day", [TUE_6 - timedelta(1), TUE_20 + timedelta(1)])
def test_the_validity_wins_over_an_extra_date(day):
    series = tuesdays(Change(day, ChangeKind.EXTRA), first_day=TUE_6, last_day=TUE_20)
    assert {state for _, state in states(series)} == {State.HELD}


@pytest.mark.parametrize(("day", "is_valid"), [(5, False), (7, True), (19, True), (21, False)])
def test_the_validity_wins_over_a_new_day(day, is_valid):
    series = tuesdays(Change(TUE_13, ChangeKind.MOVED, new_day=date(2026, 10, day)), first_day=TUE_6, last_day=TUE_20)
    assert ((day, State.MOVED) in states(series)) == is_valid
    assert (13, State.MOVED_AWAY) in states(series)


def test_a_date_outside_the_validity_cannot_be_moved_into_it():
    series = tuesdays(Change(TUE_6, ChangeKind.MOVED, new_day=date(2026, 10, 14)), first_day=TUE_13)
    assert {state for _, state in states(series)} == {State.HELD}


@pytest.mark.parametrize("kind", [ChangeKind.HELD_ANYWAY, ChangeKind.EXTRA])
def test_the_validity_wins_over_held_anyway(kind):
    series = tuesdays(Change(TUE_6, kind), first_day=TUE_13)
    assert [day for day, _ in states(series)] == [13, 20, 27]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 30), date(2027, 7, 31)),
        (date(2026, 7, 31), date(2027, 7, 31)),
        (date(2026, 8, 1), date(2028, 7, 31)),
        (date(2026, 12, 31), date(2028, 7, 31)),
        (date(2027, 1, 1), date(2028, 7, 31)),
        (date(2028, 2, 29), date(2029, 7, 31)),
    ],
)
def test_the_horizon_is_the_first_31_july_at_least_twelve_months_away(day, expected):
    assert horizon(day) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_horizon_is_one_to_two_years_away_and_never_moves_back(day):
    assert (horizon(day).month, horizon(day).day) == (7, 31)
    assert 365 <= (horizon(day) - day).days <= 731
    assert horizon(day) <= horizon(day + timedelta(days=1))


@settings(deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows())
def test_a_search_for_one_date_agrees_with_the_list(series, calendar, window):
    assert is_held_within(series, calendar, *window) == bool(held(series, calendar, *window))


@settings(deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows(), st.integers(1, 8))
def test_the_list_up_to_the_nth_is_the_whole_list_cut_after_it(series, calendar, window, count):
    whole = occurrences(series, calendar, *window)
    numbers = [n for n, occurrence in enumerate(whole, 1) if occurrence.takes_place]
    cut = numbers[count - 1] if len(numbers) >= count else len(whole)
    assert up_to_the_nth_held(series, calendar, *window, count) == whole[:cut]


def test_the_nth_date_is_found_on_the_last_day_of_the_window():
    series = tuesdays(rule=SingleDates((TUE_6, TUE_6 + timedelta(days=DAYS_A_PEEK + 1))))
    last = series.rule.days(date.min, date.max)[-1]
    assert len(up_to_the_nth_held(series, OPEN, TUE_6, last, 2)) == 2
    assert len(up_to_the_nth_held(series, OPEN, TUE_6, last - timedelta(days=1), 2)) == 1


@pytest.mark.parametrize("days", [0, 34, 35, 36, 70])
def test_a_date_is_found_on_the_last_day_of_the_window_and_not_after_it(days):
    series = tuesdays(rule=SingleDates((TUE_6 + timedelta(days=days),)))
    assert is_held_within(series, OPEN, TUE_6, TUE_6 + timedelta(days=days))
    assert not is_held_within(series, OPEN, TUE_6, TUE_6 + timedelta(days=days - 1))
    assert not is_held_within(series, OPEN, TUE_6 + timedelta(days=days + 1), TUE_6 + timedelta(days=400))


@settings(max_examples=300, deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows(), st.integers(0, 500))
def test_any_cut_of_a_window_gives_the_same_dates(series, calendar, window, days):
    first, last = window
    middle = min(last, first + timedelta(days=days))
    parts = occurrences(series, calendar, first, middle) + occurrences(
        series, calendar, middle + timedelta(days=1), last
    )
    assert parts == occurrences(series, calendar, first, last)


@settings(max_examples=300, deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows())
def test_no_date_lies_outside_the_validity_and_all_are_in_order(series, calendar, window):
    found = occurrences(series, calendar, *window)
    days = [occurrence.day for occurrence in found]
    assert days == sorted(days)
    first, last = series.window(*window)
    assert all(first <= day <= last for day in days)
    assert len(set(found)) == len(found)


@settings(deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows())
def test_every_day_of_the_rule_is_there_exactly_once_and_says_why_it_dropped_out(series, calendar, window):
    found = occurrences(series, calendar, *window)
    first, last = series.window(*window)
    there = [o.day for o in found if o.rule_day == o.day]
    assert there == (series.rule.days(first, last) if first <= last else [])
    assert all(o.reason for o in found if o.state is State.DROPPED)
    assert all(o.closed_for == why_closed(series, calendar, o.day) for o in found)


def dateutil_dates(series: Series, calendar: Calendar, first: date, last: date) -> list[tuple[date, time, time]]:
    """Return day and times of the dates held, put together from dateutil's sets by the words of the design."""
    on_rule = dateutil_days(series)
    found = {day: (day, series.start, series.end) for day in on_rule - closed_days(series, calendar)}
    for change in series.changes:
        times = (change.new_start or series.start, change.new_end or series.end)
        match change.kind, change.day in on_rule:
            case ((ChangeKind.HELD_ANYWAY | ChangeKind.EXTRA), True):
                found[change.day] = (change.day, series.start, series.end)
            case ChangeKind.EXTRA, False:
                found[change.day] = (change.day, *times)
            case ChangeKind.MOVED, True:
                found[change.day] = (change.new_day or change.day, *times)
            case ChangeKind.CANCELLED, True:
                found.pop(change.day, None)
    valid_from, valid_to = max(first, series.first_day), min(last, series.last_day or last)
    return sorted(found_date for found_date in found.values() if valid_from <= found_date[0] <= valid_to)


def dateutil_days(series: Series) -> set[date]:
    """Return every day of the rule within the validity, up to a year after the last day that a strategy draws."""
    days = rruleset()
    if isinstance(series.rule, SingleDates):
        for day in series.rule.dates:
            days.rdate(_at(day))
    else:
        interval, anchor = 1, date(2024, 1, 1)
        if isinstance(series.rule, Weekly) and series.rule.anchor:
            interval, anchor = series.rule.interval, series.rule.anchor
        weeks_back = interval * (220 // interval + 1)
        begin = anchor - timedelta(days=anchor.weekday(), weeks=weeks_back)
        days.rrule(rrulestr(f"RRULE:{series.rule.text};WKST=MO", dtstart=_at(begin)))
    until = series.last_day or date(2028, 12, 31)
    return {moment.date() for moment in days.between(_at(series.first_day), _at(until), inc=True)}


def closed_days(series: Series, calendar: Calendar) -> set[date]:
    """Return every single day of public holidays, closures and, where the slot pauses, school holidays."""
    stretches = series.closures + (calendar.school_holidays if series.pauses_in_school_holidays else ())
    days = {off.first_day + timedelta(days=n) for off in stretches for n in range(60) if n <= off_length(off)}
    return days | set(calendar.public_holidays)


def off_length(off: DayOff) -> int:
    return (off.last_day - off.first_day).days


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@settings(max_examples=300, deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows())
def test_the_dates_held_are_those_that_dateutil_and_sets_of_days_give(series, calendar, window):
    found = sorted((o.day, o.start, o.end) for o in held(series, calendar, *window))
    assert found == dateutil_dates(series, calendar, *window)


@given(st.sampled_from((date(2026, 3, 23), date(2026, 10, 19))), st.sampled_from((time(1), time(14), time(23))))
def test_the_local_time_is_the_same_on_both_sides_of_a_clock_change(monday, start):
    series = Series(Weekly(tuple(range(7))), start, time(23, 59), date(2026, 1, 1))
    found = occurrences(series, OPEN, monday, monday + timedelta(days=13))
    assert [(o.day, o.start) for o in found] == [(monday + timedelta(days=n), start) for n in range(14)]


def test_the_last_friday_of_every_month_is_found_across_years():
    series = tuesdays(rule=Monthly((4,), (-1,)))
    found = [o.day for o in occurrences(series, OPEN, date(2026, 11, 28), date(2027, 2, 26))]
    assert found == [date(2026, 12, 25), date(2027, 1, 29), date(2027, 2, 26)]
