"""Do two villages on one trip cost one trip, shared by their distance?"""

from datetime import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.travel import Stop, shared_km, tour_km
from locations.geo import Point, road_km

BASE = Point(52.32, 10.23)
NEAR = Point(52.26, 10.22)
FAR = Point(52.25, 10.06)
POINTS = st.builds(Point, st.floats(52, 53), st.floats(9.5, 10.5))
STOPS = st.lists(st.builds(Stop, st.integers(1, 4), st.times(), POINTS), max_size=6)


def test_no_stop_is_no_way():
    assert tour_km(BASE, []) == 0
    assert shared_km(BASE, []) == {}


def test_one_stop_bears_the_way_there_and_back():
    stop = Stop(1, time(9), FAR)
    assert shared_km(BASE, [stop]) == {1: pytest.approx(2 * road_km(BASE, FAR))}


def test_two_villages_on_one_trip_cost_one_trip():
    stops = [Stop(1, time(9), NEAR), Stop(2, time(14), FAR)]
    one_trip = road_km(BASE, NEAR) + road_km(NEAR, FAR) + road_km(FAR, BASE)
    assert tour_km(BASE, stops) == pytest.approx(one_trip)
    assert tour_km(BASE, stops) < tour_km(BASE, stops[:1]) + tour_km(BASE, stops[1:])


def test_the_farther_village_bears_more_whichever_comes_first():
    morning = shared_km(BASE, [Stop(1, time(9), NEAR), Stop(2, time(14), FAR)])
    evening = shared_km(BASE, [Stop(1, time(14), NEAR), Stop(2, time(9), FAR)])
    assert morning[2] / morning[1] == pytest.approx(road_km(BASE, FAR) / road_km(BASE, NEAR))
    assert evening == pytest.approx(morning)


def test_stops_are_driven_in_order_of_time_not_of_the_list():
    stops = [Stop(1, time(9), NEAR), Stop(2, time(11), FAR), Stop(3, time(13), NEAR)]
    assert tour_km(BASE, stops[::-1]) == tour_km(BASE, stops)
    way = [BASE, NEAR, FAR, NEAR, BASE]
    assert tour_km(BASE, stops) == pytest.approx(sum(road_km(a, b) for a, b in pairwise(way)))


def test_a_slot_at_the_base_costs_no_way():
    assert shared_km(BASE, [Stop(1, time(9), BASE)]) == {1: 0.0}
    shares = shared_km(BASE, [Stop(1, time(9), BASE), Stop(2, time(11), FAR)])
    assert shares == {1: 0.0, 2: pytest.approx(2 * road_km(BASE, FAR))}


@given(POINTS, STOPS)
def test_the_parts_add_up_to_the_tour(base, stops):
    assert sum(shared_km(base, stops).values()) == pytest.approx(tour_km(base, stops), abs=1e-6)


@given(POINTS, STOPS)
def test_no_part_is_negative(base, stops):
    assert all(part >= 0 for part in shared_km(base, stops).values())
