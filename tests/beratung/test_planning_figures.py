"""Do the planner's figures stand where their numbers say, and never off the page?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beratung.planning_figures import Area, Tour, draw_compared, draw_ranges, draw_steps, draw_tours, round_step
from locations.geo import Point

CURVE = [(0, 0, True), (1, 64_000, True), (2, 142_000, True), (3, 238_000, False)]


@pytest.mark.parametrize("width", [328, 680])
def test_the_curve_climbs_to_the_right_and_marks_the_plan(width):
    steps = draw_steps(CURVE, 2, 200_000, width)
    assert [dot.kind for dot in steps.dots] == ["proven", "proven", "plan", "open"]
    assert [dot.x for dot in steps.dots] == sorted(dot.x for dot in steps.dots)
    assert [dot.y for dot in steps.dots] == sorted((dot.y for dot in steps.dots), reverse=True)
    assert steps.dots[2].x < steps.money < steps.dots[3].x


def test_one_point_is_no_curve():
    assert draw_steps(CURVE[:1], 0, 1, 328) is None


@given(
    costs=st.lists(st.integers(0, 10**9), min_size=2, max_size=45),
    money=st.none() | st.integers(0, 10**9),
    width=st.sampled_from([328, 680]),
)
def test_no_point_and_no_tick_leaves_the_drawing(costs, money, width):
    points = [(count, cost, True) for count, cost in enumerate(sorted(costs))]
    steps = draw_steps(points, 1, money, width)
    for at in [*(dot.x for dot in steps.dots), *(tick.at for tick in steps.across), steps.money or 0]:
        assert 0 <= at <= width
    for at in [*(dot.y for dot in steps.dots), *(tick.at for tick in steps.upwards)]:
        assert 0 <= at <= steps.height
    assert len(steps.across) <= 8


def test_plans_at_the_same_point_share_their_letters():
    steps = draw_compared([("A", 5, 100, True), ("B", 5, 100, True), ("C", 6, 900, False)], 7, 680)
    assert [dot.text for dot in steps.dots] == ["A, B", "C"]
    assert draw_compared([], 7, 680) is None


@pytest.mark.parametrize(("largest", "step"), [(6, 1), (7, 2), (12, 2), (13, 5), (60, 10), (61, 20)])
def test_axes_have_round_steps(largest, step):
    assert round_step(largest) == step


def test_bars_share_one_scale():
    bars = draw_ranges({"a": (10, 20, 40), "b": (0, 10, 20)}, 100)
    assert (bars["a"].low, bars["a"].likely, bars["a"].high) == (25, 50, 100)
    assert bars["b"].high == 50


def test_a_tour_leads_from_the_base_along_its_stops_and_back():
    base, near, far = Point(52.3, 10.2), Point(52.35, 10.25), Point(52.4, 10.3)
    tour = Tour("A", 1, base, (("A1", near), ("A2", far)))
    drawing = draw_tours([Area("Beispieldorf", near, None)], [tour], 328)
    corners = drawing.lines[0][0].removeprefix("M").split("L")
    assert (len(corners), corners[0]) == (4, corners[-1])
    assert [stop.text for stop in drawing.stops] == ["A1", "A2"]
    assert all(0 <= sign.x <= 328 and 0 <= sign.y <= drawing.height for sign in (*drawing.bases, *drawing.stops))


def test_two_stops_in_one_house_are_one_sign():
    base, house = Point(52.3, 10.2), Point(52.35, 10.25)
    tours = [Tour("A", 1, base, (("A1", house),)), Tour("B", 2, base, (("B1", house),))]
    assert [stop.text for stop in draw_tours([], tours, 328).stops] == ["A1/B1"]


def test_without_a_tour_there_is_no_map():
    assert draw_tours([Area("Beispieldorf", Point(52.3, 10.2), None)], [], 328) is None
