"""Does a rule fall on exactly the days dateutil gives, and is everything outside the subset refused by name?"""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.recurrence import MAX_DATES, Monthly, Rule, RuleError, SingleDates, Weekly, parse_rule

MONDAY = date(2026, 1, 5)

some_day = st.dates(date(1970, 1, 1), date(2199, 12, 31))
weekdays = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple)
weekly_rules = st.builds(Weekly, weekdays, st.integers(1, 52), some_day)
ordinals = st.lists(st.sampled_from((1, 2, 3, 4, -1)), min_size=1, max_size=5, unique=True).map(tuple)
interval_rules = st.builds(Weekly, weekdays, st.integers(2, 52), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
monthly_rules = st.builds(Monthly, weekdays, ordinals)
single_dates = st.builds(SingleDates, st.lists(some_day, min_size=1, max_size=12, unique=True).map(tuple))
rules = weekly_rules | monthly_rules | single_dates


def dateutil_days(rule: Weekly | Monthly, first: date, last: date) -> list[date]:
    """Return the days as dateutil sees them, counted from a Monday in the rule's rhythm before the window."""
    step = timedelta(weeks=rule.interval if isinstance(rule, Weekly) else 1)
    anchor = rule.anchor if isinstance(rule, Weekly) and rule.anchor else first
    start = anchor - timedelta(days=anchor.weekday())
    while start > first:
        start -= step
    start_at, first_at, last_at = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (start, first, last))
    expansion = rrulestr(f"RRULE:{rule.text};WKST=MO", dtstart=start_at)
    return [found.date() for found in expansion.between(first_at, last_at, inc=True)]


@settings(max_examples=300, deadline=None)
@given(
    rule=weekly_rules | monthly_rules, first=st.dates(date(1990, 1, 1), date(2060, 1, 1)), length=st.integers(0, 800)
)
def test_the_days_are_those_of_dateutil(rule: Weekly | Monthly, first: date, length: int) -> None:
    if isinstance(rule, Weekly) and rule.anchor:
        rule = Weekly(rule.weekdays, rule.interval, first + timedelta(days=(rule.anchor - first).days % 1000))
    last = first + timedelta(days=length)
    assert rule.days(first, last) == dateutil_days(rule, first, last)


@settings(deadline=None)
@given(rule=rules, first=some_day, lengths=st.tuples(st.integers(0, 500), st.integers(1, 500)))
def test_any_cut_of_a_window_gives_the_same_days(rule: Rule, first: date, lengths: tuple[int, int]) -> None:
    middle = first + timedelta(days=lengths[0])
    last = middle + timedelta(days=lengths[1])
    assert rule.days(first, middle) + rule.days(middle + timedelta(days=1), last) == rule.days(first, last)


@given(rule=rules)
def test_text_and_parser_are_inverse(rule: Rule) -> None:
    anchor = rule.anchor if isinstance(rule, Weekly) else None
    again = parse_rule(rule.text, anchor)
    assert again == rule
    assert again.text == rule.text
    assert parse_rule(f" RRULE:{rule.text} " if rule.is_recurring else rule.text.lower(), anchor) == rule


@given(rule=interval_rules, weeks=st.integers(-60, 60))
def test_rules_are_equal_exactly_when_they_fall_on_the_same_days(rule: Weekly, weeks: int) -> None:
    assert rule.anchor is not None
    other = Weekly(rule.weekdays, rule.interval, rule.anchor + timedelta(weeks=weeks))
    window = date(2026, 1, 1), date(2030, 1, 1)
    assert (other == rule) == (other.days(*window) == rule.days(*window))
    assert (other == rule) == (weeks % rule.interval == 0)
    if other == rule:
        assert hash(other) == hash(rule)


@pytest.mark.parametrize("anchor", [MONDAY, date(2026, 1, 7), date(2026, 1, 11), date(2026, 1, 19), date(2025, 12, 28)])
def test_every_day_of_a_week_of_the_rhythm_anchors_the_same_rule(anchor: date) -> None:
    expected = Weekly((2,), 2, MONDAY)
    assert Weekly((2,), 2, anchor) == expected
    assert Weekly((2,), 2, anchor).days(MONDAY, date(2026, 2, 5)) == [
        date(2026, 1, 7),
        date(2026, 1, 21),
        date(2026, 2, 4),
    ]


def test_the_sunday_before_the_anchor_week_is_another_rhythm() -> None:
    assert Weekly((2,), 2, date(2026, 1, 4)) != Weekly((2,), 2, MONDAY)
    assert Weekly((2,), 2, date(2026, 1, 12)) != Weekly((2,), 2, MONDAY)


@pytest.mark.parametrize("edge", [date(2000, 1, 1), date(2100, 1, 1), date(1970, 1, 1)])
@pytest.mark.parametrize("rule", [Weekly(tuple(range(7))), Weekly((1, 4), 3, MONDAY), Monthly((5, 6), (1, -1))])
def test_no_turn_of_a_century_is_a_seam(rule: Weekly | Monthly, edge: date) -> None:
    for first in (edge + timedelta(days=n) for n in range(-9, 3)):
        for last in (edge + timedelta(days=n) for n in range(-9, 30)):
            around = rule.days(edge - timedelta(days=100), edge + timedelta(days=100))
            assert rule.days(first, last) == [day for day in around if first <= day <= last]


def test_a_weekly_rule_needs_no_anchor_and_keeps_none() -> None:
    assert Weekly((0,), 1, MONDAY).anchor is None
    assert Weekly((0,), 1, MONDAY) == Weekly((0,))


def test_first_and_last_day_of_the_window_count() -> None:
    rule = Weekly((0,))
    assert rule.days(MONDAY, MONDAY) == [MONDAY]
    assert rule.days(MONDAY, date(2026, 1, 12)) == [MONDAY, date(2026, 1, 12)]
    assert rule.days(date(2026, 1, 6), date(2026, 1, 11)) == []


@given(rule=rules, day=some_day)
def test_a_window_that_ends_before_it_starts_is_empty(rule: Rule, day: date) -> None:
    assert rule.days(day, day - timedelta(days=1)) == []
    assert rule.days(date.max, date.min) == []


def test_there_is_no_fifth_week_in_a_month_with_five_mondays() -> None:
    march = date(2026, 3, 1), date(2026, 3, 31)
    assert Monthly((0,), (1, 2, 3, 4)).days(*march) == [date(2026, 3, d) for d in (2, 9, 16, 23)]
    assert Monthly((0,), (-1,)).days(*march) == [date(2026, 3, 30)]


def test_a_fourth_weekday_that_is_also_the_last_counts_once() -> None:
    assert Monthly((0,), (4, -1)).days(date(2026, 2, 1), date(2026, 2, 28)) == [date(2026, 2, 23)]


def test_the_leap_day_can_be_the_last_thursday() -> None:
    assert Monthly((3,), (-1,)).days(date(2024, 2, 1), date(2024, 3, 1)) == [date(2024, 2, 29)]


def test_several_weekdays_and_ordinals_come_in_order() -> None:
    days = Monthly((1, 0), (3, 1)).days(date(2026, 9, 1), date(2026, 9, 30))
    assert days == [date(2026, 9, d) for d in (1, 7, 15, 21)]


@pytest.mark.parametrize(
    "rule", [Weekly((4, 5)), Weekly((4,), 52, MONDAY), Monthly((4,), (1, -1)), SingleDates((MONDAY,))]
)
def test_the_ends_of_the_calendar_do_not_crash(rule: Rule) -> None:
    assert all(day.year == 9999 for day in rule.days(date(9999, 1, 1), date.max))
    assert all(day.year == 1 for day in rule.days(date.min, date(1, 12, 31)))


def test_the_last_friday_of_the_last_year_is_found() -> None:
    assert Monthly((4,), (-1,)).days(date(9999, 12, 1), date.max) == [date(9999, 12, 31)]
    assert Weekly((4,)).days(date(9999, 12, 25), date.max) == [date(9999, 12, 31)]


def test_single_dates_are_sorted_and_do_not_recur() -> None:
    rule = SingleDates((date(2026, 4, 2), date(2026, 3, 1)))
    assert rule.text == "RDATE;VALUE=DATE:20260301,20260402"
    assert rule.days(date(2026, 3, 1), date(2026, 4, 1)) == [date(2026, 3, 1)]
    assert rule.days(date(2026, 3, 2), date(2026, 4, 2)) == [date(2026, 4, 2)]
    assert not rule.is_recurring
    assert Weekly((0,)).is_recurring
    assert Monthly((0,), (1,)).is_recurring


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Weekly((2, 0), 2, MONDAY), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"),
        (Weekly((6,)), "FREQ=WEEKLY;BYDAY=SU"),
        (Monthly((1,), (3, 1)), "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        (Monthly((1, 0), (-1, 2)), "FREQ=MONTHLY;BYDAY=2MO,2TU,-1MO,-1TU"),
    ],
)
def test_the_text_is_that_of_the_standard(rule: Rule, text: str) -> None:
    assert rule.text == text


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("BYDAY=TU;FREQ=WEEKLY;INTERVAL=1;WKST=MO", "FREQ=WEEKLY;BYDAY=TU"),
        ("RRULE:FREQ=MONTHLY;BYDAY=+1TU,3TU;INTERVAL=1", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,3", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("freq=weekly;byday=we,mo", "FREQ=WEEKLY;BYDAY=MO,WE"),
    ],
)
def test_other_spellings_of_the_same_rule_are_understood(text: str, same_as: str) -> None:
    assert parse_rule(text) == parse_rule(same_as)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "leer"),
        ("   ", "leer"),
        ("x" * 30_000, "länger als"),
        ("FREQ=WEEKLY", "„BYDAY“ fehlt"),
        ("FREQ=WEEKLY;BYDAY=", "kein Wochentag"),
        ("FREQ=WEEKLY;BYDAY=MO,MO", "doppelt"),
        ("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", "„BYDAY“ kommt doppelt vor"),
        ("FREQ=WEEKLY;BYDAY=1MO", "„1MO“"),
        ("FREQ=WEEKLY;BYDAY=XX", "„XX“"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "„BYSETPOS“"),
        ("FREQ=WEEKLY;INTERVAL=0;BYDAY=MO", "„INTERVAL=0“"),
        ("FREQ=WEEKLY;INTERVAL=-1;BYDAY=MO", "„INTERVAL=-1“"),
        ("FREQ=WEEKLY;INTERVAL=53;BYDAY=MO", "„INTERVAL=53“"),
        ("FREQ=WEEKLY;INTERVAL=10000;BYDAY=MO", "„INTERVAL=10000“"),
        ("FREQ=WEEKLY;INTERVAL=²;BYDAY=MO", "„INTERVAL=²“"),
        ("FREQ=WEEKLY;INTERVAL=" + "9" * 9000 + ";BYDAY=MO", "…"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "von dem an gezählt wird"),
        ("FREQ=WEEKLY;BYDAY=MO;WKST=SU", "„WKST“"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231", "„UNTIL=20261231“: Das Ende steht als „gültig bis“ am Termin"),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "„COUNT=3“"),
        ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=4,5", "„BYMONTH=4,5“"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "Kalenderwochen"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "„BYMONTHDAY=1“"),
        ("FREQ=MONTHLY;BYDAY=5MO", "„5MO“"),
        ("FREQ=MONTHLY;BYDAY=-2MO", "„-2MO“"),
        ("FREQ=MONTHLY;BYDAY=0MO", "„0MO“"),
        ("FREQ=MONTHLY;BYDAY=MO", "der wievielte"),
        ("FREQ=MONTHLY;BYDAY=MO,1MO", "der wievielte"),
        ("FREQ=MONTHLY;BYDAY=1MO,3TU", "dieselben Ordnungszahlen"),
        ("FREQ=MONTHLY;BYDAY=1MO,1MO", "dieselben Ordnungszahlen"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "„BYSETPOS=1“"),
        ("FREQ=MONTHLY;BYDAY=1TU;BYSETPOS=1", "„BYSETPOS=1“"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=5", "„5“"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO", "„INTERVAL=2“"),
        ("FREQ=DAILY", "„FREQ=DAILY“"),
        ("FREQ=YEARLY;BYDAY=1MO", "„FREQ=YEARLY“"),
        ("BYDAY=MO", "„FREQ“ fehlt"),
        ("RRULE:RRULE:FREQ=WEEKLY;BYDAY=MO", "„RRULE:FREQ=WEEKLY“"),
        ("FREQ=WEEKLY;BYDAY=MO;", "„“"),
        ("FREQ=WEEKLY;BYDAY=MO\x00", "kein Wochentag"),
        ("FREQ=WEEKLY;BYDAY=MO\nRDATE;VALUE=DATE:20260301", "kein bekannter Teil"),
        ("RDATE:20260301", "„RDATE“"),
        ("RDATE;VALUE=DATE:", "kein Tag"),
        ("RDATE;VALUE=DATE:20260230", "„20260230“"),
        ("RDATE;VALUE=DATE:2026-03-01", "„2026-03-01“"),
        ("RDATE;VALUE=DATE:99991231", "31.12.9999"),
        ("RDATE;VALUE=DATE:19691231", "31.12.1969"),
        ("RDATE;VALUE=DATE:20260301,20260301", "doppelt"),
    ],
)
def test_what_is_not_in_the_subset_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(RuleError) as refusal:
        parse_rule(text)
    assert named in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "build",
    [
        lambda: Weekly(()),
        lambda: Weekly((7,)),
        lambda: Weekly((-1,)),
        lambda: Weekly((1, 1)),
        lambda: Weekly((1,), 0),
        lambda: Weekly((1,), 53, MONDAY),
        lambda: Weekly((1,), 2),
        lambda: Weekly((1,), 2, date(9999, 1, 1)),
        lambda: Weekly((1,), 2, date(1969, 12, 31)),
        lambda: Monthly((1,), ()),
        lambda: Monthly((), (1,)),
        lambda: Monthly((1,), (5,)),
        lambda: Monthly((1,), (0,)),
        lambda: Monthly((1,), (-2,)),
        lambda: Monthly((1,), (1, 1)),
        lambda: SingleDates(()),
        lambda: SingleDates((MONDAY, MONDAY)),
        lambda: SingleDates((date(2200, 1, 1),)),
        lambda: SingleDates(tuple(MONDAY + timedelta(days=n) for n in range(MAX_DATES + 1))),
    ],
)
def test_no_rule_outside_the_subset_can_be_built(build: object) -> None:
    with pytest.raises(RuleError):
        build()  # type: ignore[operator]


def test_the_outermost_years_and_the_longest_interval_are_accepted() -> None:
    assert Weekly((1,), 52, date(1970, 1, 1)).days(date(1970, 1, 1), date(1970, 12, 31))[0] == date(1970, 12, 29)
    assert SingleDates((date(1970, 1, 1), date(2199, 12, 31))).dates[1].year == 2199


@given(
    text=st.text(max_size=60)
    | st.from_regex(r"(RRULE:)?(FREQ=(WEEKLY|MONTHLY);)?(BYDAY=[-0-5]?[A-Z]{2}(,[A-Z]{2})*;?)?.*", fullmatch=True)
)
def test_any_text_gives_a_rule_or_a_refusal(text: str) -> None:
    with contextlib.suppress(RuleError):
        rule = parse_rule(text, MONDAY)
        assert parse_rule(rule.text, MONDAY) == rule
