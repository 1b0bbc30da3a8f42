"""Does the planner find what one finds who tries everything?"""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.occurrences import Calendar
from appointments.recurrence import Monthly, Weekly
from budget.planner import Cents, CounsellorOffer, Rhythm, curve_of, solve, solve_coverage
from locations.calendars import DayOff
from tests.budget.planner.small import BASE, FIRST, LAST, Everything, days, existing_slot, house, point, question

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
PLACES = st.builds(point, st.integers(-15, 15), st.integers(-15, 15))
WINDOWS = st.lists(
    st.sampled_from([days(1, 8, 10), days(1, 10, 12), days(1, 9, 11), days(1, 13, 15)]), min_size=1, max_size=2
)
CLOSED = st.sampled_from(
    [(), (DayOff(FIRST, FIRST.replace(day=20), "zu"),), (DayOff(LAST.replace(day=1), LAST, "zu"),)]
)
CENTS = st.integers(0, 4000).map(Cents.exactly)


@st.composite
def houses(draw, towns: int, each: int):
    return [
        house(
            town * 10 + number,
            town,
            draw(PLACES),
            draw(WINDOWS),
            rent_per_date=draw(CENTS),
            equipment=draw(CENTS),
            closures=draw(CLOSED),
        )
        for town in range(1, towns + 1)
        for number in range(draw(st.integers(1, each)))
    ]


def counsellor(key: int = 1, base=BASE, start: int = 8, end: int = 16) -> CounsellorOffer:
    return CounsellorOffer(key, f"Fachkraft {key}", base, (days(1, start, end),))


def assert_same_curve(asked, everything: Everything) -> None:
    expected = everything.curve()
    found = {one.count: one.cost for one in curve_of(asked) if one.cost is not None}
    assert found.keys() == expected.keys()
    for count, cents in expected.items():
        assert found[count] == pytest.approx(cents, abs=1.5)  # each tour is rounded to cents


@FEW
@given(houses(3, 2))
def test_one_counsellor_three_municipalities_and_any_mixture_of_rhythms(found):
    asked = question(found, [counsellor(end=13)], rhythms=frozenset({Rhythm.MONTHLY, Rhythm.FORTNIGHTLY}))
    assert_same_curve(asked, Everything(asked))


@FEW
@given(houses(2, 2), st.integers(-10, 10))
def test_two_counsellors_two_municipalities_and_all_rhythms(found, east):
    asked = question(found, [counsellor(end=12), counsellor(2, point(east, 5), 9, 15)])
    assert_same_curve(asked, Everything(asked))


@FEW
@given(houses(2, 1), PLACES, st.sampled_from([Weekly((1,)), Weekly((1,), 2, FIRST), Monthly((1,), (2,))]))
def test_beside_an_existing_slot_a_common_trip_is_found(found, where, rule):
    stay = existing_slot(1, where, 10, rule)
    asked = question(found, [counsellor(end=13)], [stay])
    assert_same_curve(asked, Everything(asked, mixed=False))


@FEW
@given(houses(2, 2), st.integers(1, 6))
def test_a_floor_of_dates_is_kept(found, needed):
    asked = question(found, [counsellor(end=13)], floor_of_dates=needed * 365 // 84 + 1)
    assert asked.dates_needed in (needed, needed - 1, needed + 1)
    assert_same_curve(asked, Everything(asked, mixed=False))


@FEW
@given(houses(3, 2), st.integers(0, 20_000))
def test_coverage_comes_first_then_the_fewest_euros(found, money):
    asked = question(found, [counsellor(end=13)], rhythms=frozenset({Rhythm.MONTHLY}), money=money)
    expected = Everything(asked).curve()
    most = max(count for count, cents in expected.items() if cents <= money + 1.5)
    answer = solve_coverage(asked)
    assert answer.covered in (most, most - (expected[most] > money - 3))
    assert answer.measured <= money
    assert answer.measured == pytest.approx(expected[answer.covered], abs=4)


@FEW
@given(houses(3, 2), st.randoms())
def test_the_same_question_in_another_order_gives_the_same_plan(found, random):
    asked = question(found, [counsellor(end=13), counsellor(2, point(3, 3), 8, 12)], extra_money=5_000)
    shuffled = list(found)
    random.shuffle(shuffled)
    again = replace(asked, candidates=tuple(shuffled), counsellors=asked.counsellors[::-1])
    assert solve(asked) == solve(again)


def test_holidays_are_not_paid_for():
    asked = question([house(1, 1, point(10, 0), [days(1, 9, 11)])], [counsellor()], rhythms=frozenset({Rhythm.WEEKLY}))
    closed = replace(asked, calendar=Calendar({FIRST.replace(day=5): "Feiertag"}))
    before, after = solve_coverage(asked), solve_coverage(closed)
    assert len(before.slots[0].dates) == len(after.slots[0].dates) + 1
    assert after.measured == pytest.approx(before.measured * 11 / 12, abs=1)
