"""Is a plan with full weeks as cheap where tours are spread over like lanes as where every lane has its own rows?"""

from dataclasses import replace

import pytest

from bench.generator import invented
from budget.planner import Question
from budget.planner.coverage import points_of
from budget.planner.weeks import assigned, caps_of, overfull_weeks, stops_of
from budget.planner.workspace import Workspace


def asked(seed: int, minutes: int) -> Question:
    found = next(invented([seed], 6, 20, 2))
    return replace(found, counsellors=tuple(replace(one, weekly_minutes=minutes) for one in found.counsellors))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("minutes", [180, 270])
def test_spreading_tours_finds_the_same_costs_as_a_row_for_each_week(seed, minutes):
    spread, rows = Workspace(asked(seed, minutes)), Workspace(asked(seed, minutes))
    people = range(len(rows.instance.counsellors))
    rows.caps = tuple(cap for one in people for cap in caps_of(rows.instance, rows.table.lanes, one))
    master, points = points_of(spread, None)
    assert {count: one.cost for count, one in points.items()} == {
        count: one.cost for count, one in points_of(rows, None)[1].items()
    }
    for point in points.values():
        driven = stops_of(master, assigned(spread.instance, master, point.tours or ()))
        if not spread.caps:
            assert not overfull_weeks(spread.instance, spread.table.lanes, driven)
            assert len({lane for lane, _ in driven}) == len(driven)


def test_like_lanes_are_used_before_any_row_for_a_week():
    space = Workspace(asked(1, 270))
    points_of(space, None)
    assert not space.caps
