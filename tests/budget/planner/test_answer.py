"""Does a plan hold in the product's own eyes: dates, conflicts, kilometres, lines?"""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.conflicts import Booking, Diary, TravelTime
from appointments.occurrences import Series, held
from appointments.recurrence import Weekly
from bench.generator import invented
from budget.costs import rounded
from budget.planner import CounsellorOffer, MunicipalityAsked, NeedWeights, ProofStatus, solve, solve_coverage
from budget.planner.segments import need_met
from budget.planner.ways import kilometres, minutes
from budget.travel import Stop, shared_km
from locations.geo import Point, road_km
from tests.budget.planner.small import BASE, days, existing_slot, house, point, question

PLACES = st.lists(st.builds(Point, st.floats(47, 55), st.floats(6, 15)), min_size=2, max_size=5)


@given(PLACES, st.floats(1, 2))
def test_all_ways_at_once_are_the_same_ways(points, detour):
    found = kilometres(points, detour)
    for row, start in enumerate(points):
        for column, end in enumerate(points):
            assert found[row, column] == pytest.approx(road_km(start, end, detour), abs=1e-9)


@settings(deadline=None)
@given(PLACES, st.integers(0, 200), st.floats(20, 100))
def test_all_minutes_at_once_are_the_same_minutes(points, known, speed):
    keys = list(range(len(points)))
    travel = TravelTime(dict(enumerate(points[:-1])), speed_kmh=speed, overrides={frozenset({0, 1}): known})
    found = minutes(keys, travel)
    assert all(found[a, b] == (travel.minutes(a, b) or 0) for a in keys for b in keys)


@pytest.fixture(scope="module")
def district():
    asked = replace(next(invented([4], 6, 24, 3)), extra_money=60_000)
    return asked, solve(asked)


def test_every_line_is_what_the_budget_page_prints(district):
    asked, answer = district
    houses = {one.key: one for one in asked.candidates}
    price = asked.prices[0].eur_per_km
    for slot in answer.slots:
        travel = int(rounded(Decimal(str(slot.kilometres)) * price.likely) * 100)
        assert slot.cost.travel.likely == travel
        assert slot.cost.rent.likely == len(slot.dates) * houses[slot.institution].rent_per_date.likely
        assert slot.cost.equipment == houses[slot.institution].equipment
    assert answer.cost.total.likely == sum(slot.cost.total.likely for slot in answer.slots) == answer.measured


def test_kilometres_are_shared_as_everywhere(district):
    asked, answer = district
    houses, bases = {one.key: one.point for one in asked.candidates}, {one.key: one.base for one in asked.counsellors}
    for counsellor in {slot.counsellor for slot in answer.slots}:
        mine = [(number, slot) for number, slot in enumerate(answer.slots) if slot.counsellor == counsellor]
        total: dict[int, float] = {}
        for day in {day for _, slot in mine for day in slot.dates}:
            stops = [Stop(number, slot.start, houses[slot.institution]) for number, slot in mine if day in slot.dates]
            for number, km in shared_km(bases[counsellor], stops).items():
                total[number] = total.get(number, 0.0) + km
        assert all(slot.kilometres == pytest.approx(total[number]) for number, slot in mine)


def test_nobody_and_no_house_is_in_two_places(district):
    asked, answer = district
    houses = {one.key: one for one in asked.candidates}
    diary = Diary([], asked.travel, asked.first_day, asked.last_day)
    for number, slot in enumerate((*answer.slots, *answer.need.slots)):
        series = Series(slot.rule, slot.start, slot.end, asked.first_day, asked.last_day)
        assert tuple(one.day for one in held(series, asked.calendar, asked.first_day, asked.last_day)) == slot.dates
        windows = houses[slot.institution].windows
        assert any(one.weekday == slot.weekday and one.start <= slot.start and slot.end <= one.end for one in windows)
        booking = Booking(
            number, series, asked.calendar, slot.institution, frozenset({slot.counsellor}), slot.institution
        )
        assert not diary.conflicts(booking).conflicts
        diary.add(booking)


def test_the_curve_never_falls_and_bounds_never_exceed_it(district):
    _, answer = district
    assert all(one.cost <= other.cost for one, other in pairwise(answer.curve))
    assert all(one.bound <= one.cost for one in answer.curve)
    assert answer.greedy_cost >= answer.proof.value


def test_every_slot_says_why_and_what_it_saves(district):
    _, answer = district
    assert all(slot.reason.endswith(".") for slot in answer.slots)
    assert all(0 <= slot.saving <= answer.measured for slot in answer.slots)


def test_stage_three_stays_within_the_sum_and_below_its_bound(district):
    asked, answer = district
    need = answer.need
    assert need.measured <= asked.extra_money
    assert need.before < need.proof.value <= need.proof.bound + 1e-6
    met = sum(
        need_met(one, asked.need, after)
        for one, (_, _, after) in zip(asked.municipalities, need.hours_by_municipality, strict=True)
    )
    assert met == pytest.approx(need.proof.value)


def test_the_plan_shares_the_trip_of_an_existing_slot():
    anna = CounsellorOffer(1, "Fachkraft 1", BASE, (days(1, 8, 16), days(2, 8, 16)))
    near_stay = house(11, 1, point(10, 0), [days(1, 12, 14), days(2, 12, 14)])
    answer = solve_coverage(question([near_stay], [anna], [existing_slot(1, point(10, 1), 10, Weekly((1,)))]))
    slot = answer.slots[0]
    assert slot.weekday == 1
    assert answer.existing_change.likely < 0
    assert answer.measured == slot.cost.total.likely + answer.existing_change.likely < slot.cost.total.likely


def test_a_municipality_that_is_covered_costs_nothing():
    anna = CounsellorOffer(1, "Fachkraft 1", BASE, (days(1, 8, 16),))
    asked = question([house(11, 1, point(5, 0), [days(1, 9, 12)])], [anna])
    covered = replace(asked, municipalities=(MunicipalityAsked(1, "Beispielort 1", 900, covered_by=(7,)),))
    answer = solve_coverage(covered)
    assert (answer.covered, answer.slots, answer.measured) == (1, (), 0)
    assert answer.proof.status is ProofStatus.OPTIMAL


def test_missing_demand_and_missing_topics_weigh_more_where_asked_for():
    anna = CounsellorOffer(1, "Fachkraft 1", BASE, (days(1, 8, 16),), topics=frozenset({5}))
    houses = [house(town * 10, town, point(5, town), [days(1, 8, 16)]) for town in (1, 2)]
    base = question(houses, [anna], extra_money=3_000)
    towns = (
        MunicipalityAsked(1, "Beispielort 1", 5000, searches_without_result=30, missing_topics=frozenset({5})),
        MunicipalityAsked(2, "Beispielort 2", 5000),
    )
    base = replace(base, municipalities=towns)
    plain = solve(base).need
    more = solve(replace(base, need=NeedWeights(people_per_search=1000, missing_topic_bonus=0.5))).need
    gained = [after - before for _, before, after in plain.hours_by_municipality]
    weighed = [after - before for _, before, after in more.hours_by_municipality]
    assert weighed[0] / sum(weighed) > gained[0] / sum(gained)


def test_a_range_stays_a_range(district):
    _, answer = district
    total = answer.cost.total
    assert total.low <= total.likely <= total.high
    assert total.low < total.high


def test_the_chance_lies_between_what_is_sure(district):
    asked, answer = district
    total = answer.cost.total
    assert solve_coverage(replace(asked, money=total.high)).chance == 1
    scarce = solve_coverage(replace(asked, money=answer.measured + 5))
    assert scarce.covered == answer.covered
    assert 0 < scarce.chance < 1
