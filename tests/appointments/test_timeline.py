"""Does the timeline say of every day what the coverage of that day says?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.coverage import CoverageState, House, SlotFact, TargetRule, coverage
from appointments.occurrences import Calendar, Change, ChangeKind, Series
from appointments.recurrence import Monthly, SingleDates, Weekly
from appointments.timeline import Fulfilment, Lane, Span, Step, timeline
from locations.calendars import DayOff
from locations.succession import SuccessionError, Term
from tests.appointments import strategies

COVERED, AGREED, PROPOSED, GAP = CoverageState
TARGET = TargetRule(frozenset({"school"}))
TOWN, OLD, SISTER, NEW = 1, 2, 3, 4
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
SCHOOL = House(key=10, municipality=TOWN, kind="school", first_day=date(2010, 1, 1))
ALWAYS = {TOWN: Term(None, None)}
MERGER = {
    OLD: Term(None, date(2026, 5, 31), NEW),
    SISTER: Term(None, date(2026, 5, 31), NEW),
    NEW: Term(date(2026, 6, 1), None),
}
# Tuesdays; 3 March and 30 June 2026 are two of them.
SERIES = Series(rule=Weekly((1,)), start=time(14), end=time(16), first_day=date(2026, 3, 3), last_day=date(2026, 6, 30))
SLOT = SlotFact(
    key=100,
    house=SCHOOL.key,
    series=SERIES,
    proposed_on=date(2026, 1, 5),
    agreed_on=date(2026, 2, 2),
    published_on=date(2026, 2, 16),
)


def line(*slots, houses=(SCHOOL,), terms=ALWAYS, target=TARGET, calendar=Calendar(), window=(FIRST, LAST)):
    return timeline(*window, target, terms, {house.key: house for house in houses}, slots, calendar)


def open_ended(**given) -> SlotFact:
    """Return a slot that runs since long before the window."""
    long_ago = date(2025, 1, 7)
    series = replace(SERIES, first_day=long_ago, last_day=None)
    return replace(
        SLOT, **({"series": series, "proposed_on": long_ago, "agreed_on": long_ago, "published_on": long_ago} | given)
    )


def test_a_slot_is_proposed_then_agreed_then_runs_then_is_over():
    assert line(SLOT).lanes == (
        Lane(
            TOWN,
            (
                Span(GAP, FIRST, date(2026, 1, 4)),
                Span(PROPOSED, date(2026, 1, 5), date(2026, 2, 1)),
                Span(AGREED, date(2026, 2, 2), date(2026, 3, 2)),
                Span(COVERED, date(2026, 3, 3), date(2026, 6, 30)),
                Span(GAP, date(2026, 7, 1), LAST),
            ),
        ),
    )


@pytest.mark.parametrize(("days", "gap"), [(92, None), (93, 1), (94, 2)])
def test_from_one_held_date_to_the_next_92_days_leave_no_gap(days, gap):
    held_on = date(2026, 3, 3)
    off = DayOff(held_on + timedelta(days=1), held_on + timedelta(days=days - 1), "Ferien")
    daily = replace(SERIES, rule=Weekly(tuple(range(7))), first_day=date(2025, 1, 7), last_day=None)
    slot = open_ended(series=replace(daily, pauses_in_school_holidays=True))
    gaps = [span for span in line(slot, calendar=Calendar(school_holidays=(off,))).lanes[0].spans if span.state is GAP]
    assert gaps == ([Span(GAP, off.first_day, held_on + timedelta(days=gap))] if gap else [])


def test_a_date_after_the_last_day_covers_from_91_days_before_it():
    slot = open_ended(
        series=replace(SERIES, rule=Weekly((1,), 52, date(2026, 5, 5)), first_day=date(2026, 1, 1), last_day=None)
    )
    found = line(slot, window=(FIRST, date(2026, 2, 28))).lanes[0]
    assert found.spans == (
        Span(GAP, FIRST, date(2026, 2, 2)),
        Span(COVERED, date(2026, 5, 5) - timedelta(days=91), date(2026, 2, 28)),
    )


def test_cancelled_dates_make_a_gap_as_those_without_a_rule_do():
    rule = Weekly((1,), 13, date(2026, 3, 3))  # every 91 days: 3 March, 2 June, 1 September
    cancelled = Change(date(2026, 6, 2), ChangeKind.CANCELLED)
    slot = open_ended(
        series=replace(SERIES, rule=rule, first_day=date(2025, 1, 1), last_day=None, changes=(cancelled,))
    )
    assert [span for span in line(slot).lanes[0].spans if span.state is GAP] == [
        Span(GAP, date(2026, 3, 4), date(2026, 6, 1))
    ]


@pytest.mark.parametrize("published", [None, date(2026, 12, 1)])
def test_a_slot_only_agreed_is_there_until_its_last_day(published):
    end = date(2026, 6, 25)  # a Thursday
    slot = replace(SLOT, published_on=published, series=replace(SERIES, last_day=end))
    assert line(slot).lanes[0].spans[-2:] == (
        Span(AGREED, date(2026, 2, 2), end),
        Span(GAP, end + timedelta(days=1), LAST),
    )


def test_a_slot_counts_only_while_its_house_is_in_operation():
    house = replace(SCHOOL, first_day=date(2026, 3, 12), last_day=date(2026, 5, 7))  # two Thursdays
    assert line(SLOT, houses=(house,)).lanes[0].spans[2:] == (
        Span(AGREED, date(2026, 2, 2), date(2026, 3, 11)),
        Span(COVERED, date(2026, 3, 12), date(2026, 5, 7)),
        Span(GAP, date(2026, 5, 8), LAST),
    )


def test_what_changes_on_the_last_day_is_seen():
    first = date(2026, 3, 3)
    assert line(SLOT, window=(FIRST, first)).lanes[0].spans[-1] == Span(COVERED, first, first)


def test_what_is_held_beyond_the_last_day_still_covers_it():
    assert line(open_ended(), window=(FIRST, FIRST)).lanes[0].spans == (Span(COVERED, FIRST, FIRST),)


def test_two_houses_that_follow_each_other_make_one_stretch():
    other = replace(SCHOOL, key=11)
    second = replace(SLOT, key=101, house=11, series=replace(SERIES, first_day=date(2026, 7, 1), last_day=None))
    found = line(SLOT, second, houses=(SCHOOL, other))
    assert found.lanes[0].span_on(LAST) == Span(COVERED, date(2026, 3, 3), LAST)
    assert found.lanes[0].span_on(LAST + timedelta(days=1)) is None


def test_a_house_with_two_slots_stays_when_one_of_them_ends():
    two = replace(TARGET, minimum=2)
    other = replace(SCHOOL, key=11)
    found = line(SLOT, open_ended(key=101), open_ended(key=102, house=11), houses=(SCHOOL, other), target=two)
    assert found.lanes[0].spans == (Span(COVERED, FIRST, LAST),)


def test_two_rows_flow_into_one():
    old, sister = replace(SCHOOL, municipality=OLD), replace(SCHOOL, key=11, municipality=SISTER)
    found = line(open_ended(), houses=(old, sister), terms=MERGER)
    assert found.lanes == (
        Lane(OLD, (Span(COVERED, FIRST, date(2026, 5, 31)),), flows_into=NEW),
        Lane(SISTER, (Span(GAP, FIRST, date(2026, 5, 31)),), flows_into=NEW),
        Lane(NEW, (Span(COVERED, date(2026, 6, 1), LAST),)),
    )
    assert found.steps == (Step(1, 2, FIRST, date(2026, 5, 31)), Step(1, 1, date(2026, 6, 1), LAST))
    assert found.fulfilments == (Fulfilment(date(2026, 6, 1), LAST),)


def test_a_merger_does_not_break_the_fulfilment():
    old, sister = replace(SCHOOL, municipality=OLD), replace(SCHOOL, key=11, municipality=SISTER)
    found = line(open_ended(), open_ended(key=101, house=11), houses=(old, sister), terms=MERGER)
    assert [(step.covered, step.total) for step in found.steps] == [(2, 2), (1, 1)]
    assert found.met_since(LAST) == FIRST


def test_a_merger_on_the_day_after_the_last_one_is_not_on_the_timeline():
    until = lambda last: line(houses=(), terms=MERGER, window=(FIRST, last)).lanes  # noqa: E731
    assert {lane.flows_into for lane in until(date(2026, 5, 31))} == {None}
    assert [lane.flows_into for lane in until(date(2026, 6, 1))] == [NEW, NEW, None]


def test_fulfilment_is_told_since_when_and_until_when():
    found = line(SLOT)
    first, last = date(2026, 3, 3), date(2026, 6, 30)
    assert found.fulfilments == (Fulfilment(first, last),)
    assert [found.met_since(day) for day in (first - timedelta(days=1), first, last, last + timedelta(days=1))] == [
        None,
        first,
        first,
        None,
    ]
    assert [found.last_met_before(day) for day in (last, last + timedelta(days=1))] == [None, Fulfilment(first, last)]


def test_without_a_municipality_no_target_is_met():
    found = line(terms={})
    assert (found.lanes, found.steps, found.fulfilments) == ((), (Step(0, 0, FIRST, LAST),), ())
    assert found.step_on(FIRST).target_met is None


def test_outside_the_timeline_nothing_is_known():
    found = line()
    assert [found.step_on(day) for day in (FIRST - timedelta(days=1), LAST + timedelta(days=1))] == [None, None]


def test_a_moved_date_covers_from_where_it_moved():
    rule = Weekly((1,), interval=52, anchor=date(2026, 3, 3))
    moved = Change(date(2026, 3, 3), ChangeKind.MOVED, new_day=date(2026, 9, 1))
    slot = open_ended(series=replace(SERIES, rule=rule, first_day=date(2025, 6, 1), last_day=None, changes=(moved,)))
    covered = [span for span in line(slot).lanes[0].spans if span.state is COVERED]
    assert covered[0] == Span(COVERED, date(2026, 9, 1) - timedelta(days=91), date(2026, 9, 1))


def test_a_succession_in_a_circle_is_refused_as_for_a_single_day():
    ended = {1: Term(None, date(2025, 1, 1), 2), 2: Term(None, date(2025, 1, 1), 1)}
    with pytest.raises(SuccessionError):
        line(SLOT, terms=ended)


# Every day of the timeline against the coverage of that day

# Everything happens in or near one half year, so that it meets.
near = st.dates(date(2025, 12, 20), date(2026, 7, 10))
ENDS = st.none() | near
TERMS = (
    {1: Term(None, None), 2: Term(None, None)},
    {1: Term(None, date(2026, 3, 31), 3), 2: Term(None, date(2026, 3, 31), 3), 3: Term(date(2026, 4, 1), None)},
    {1: Term(None, date(2026, 1, 31)), 2: Term(date(2026, 2, 15), date(2026, 5, 31), 3), 3: Term(None, None)},
    {1: Term(None, date(2026, 1, 31), 2), 2: Term(date(2026, 2, 15), date(2026, 5, 31), 3), 3: Term(None, None)},
    {1: Term(None, date(2026, 1, 31), 9), 2: Term(None, None)},
)


@st.composite
def houses_of(draw, terms):
    return {
        key: House(
            key=key,
            municipality=draw(st.sampled_from(sorted(terms))),
            kind=draw(st.sampled_from(("school", "school", "school", "association"))),
            first_day=draw(st.just(date(2010, 1, 1)) | near),
            last_day=draw(ENDS),
        )
        for key in strategies.HOUSES
    }


old = st.just(date(2020, 1, 1))


@st.composite
def facts(draw, key):
    rare = st.builds(Weekly, st.just((1,)), st.sampled_from((12, 13, 14, 26, 52)), near)
    rule = rare | strategies.recurring_rules | strategies.single_dates
    proposed, agreed, published = draw(st.just((date(2020, 1, 1),) * 3) | st.tuples(near, near, near).map(sorted))
    depth = draw(st.sampled_from((1, 2, 3, 3, 3)))
    return SlotFact(
        key=key,
        house=draw(st.sampled_from(strategies.HOUSES)),
        series=replace(draw(strategies.series(rule=rule)), first_day=draw(old | near), last_day=draw(ENDS)),
        proposed_on=proposed,
        agreed_on=agreed if depth > 1 else None,
        published_on=published if depth > 2 else None,
        withdrawn_on=draw(st.none() | st.none() | near),
    )


long_closures = st.builds(
    lambda first, length: DayOff(first, first + timedelta(days=length), "Umbau"), near, st.integers(80, 130)
)


@st.composite
def instances(draw):
    terms = draw(st.sampled_from(TERMS))
    slots = [draw(facts(key)) for key in range(draw(st.integers(1, 5)))]
    if draw(st.booleans()):
        closed = draw(long_closures)
        slots = [replace(slot, series=replace(slot.series, closures=(closed,))) for slot in slots]
    first = draw(st.dates(date(2025, 12, 20), date(2026, 5, 1)))
    window = (first, first + timedelta(days=draw(st.integers(0, 150))))
    target = TargetRule(frozenset({"school"}), draw(st.sampled_from((1, 1, 2))))
    return (*window, target, terms, draw(houses_of(terms)), slots, draw(strategies.calendars()))


@settings(max_examples=150, deadline=None)
@given(instances())
def test_every_day_is_as_the_coverage_of_that_day_says(instance):
    first, last, *evidence = instance
    found = timeline(*instance)
    day = first
    while day <= last:
        expected = coverage(day, *evidence)
        states = {lane.municipality: lane.span_on(day).state for lane in found.lanes if lane.span_on(day)}
        assert states == {row.municipality: row.state for row in expected.municipalities}, day
        step = found.step_on(day)
        assert (step.covered, step.total) == (expected.covered, expected.total), day
        assert step.target_met == expected.target_met
        day += timedelta(days=1)


@settings(max_examples=100, deadline=None)
@given(instances())
def test_stretches_leave_no_hole_and_differ_from_their_neighbours(instance):
    found = timeline(*instance)
    assert (found.steps[0].first_day, found.steps[-1].last_day) == (found.first_day, found.last_day)
    for stretches in (found.steps, *(lane.spans for lane in found.lanes)):
        for one, following in pairwise(stretches):
            assert following.first_day - one.last_day == timedelta(days=1)
            assert replace(one, first_day=FIRST, last_day=LAST) != replace(following, first_day=FIRST, last_day=LAST)


def test_a_rule_without_a_rhythm_never_covers():
    single = open_ended(series=replace(SERIES, rule=SingleDates((date(2026, 4, 7),))))
    monthly = open_ended(series=replace(SERIES, rule=Monthly((1,), (1,))))
    assert [span.state for span in line(single).lanes[0].spans] == [GAP]
    assert COVERED in {span.state for span in line(monthly).lanes[0].spans}
