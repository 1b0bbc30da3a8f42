"""Does stage 3 meet as much need as a textbook programme over all tours, solved by another solver?"""

from dataclasses import replace
from itertools import combinations

import pulp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.generator import invented
from budget.planner import Effort, MunicipalityAsked, NeedWeights
from budget.planner.coverage import solved
from budget.planner.need import Stage, need_plan, stage_of, with_plan
from budget.planner.need_greedy import greedy_need
from budget.planner.need_master import NeedFound
from budget.planner.need_rooms import Placed, Rooms
from budget.planner.segments import need_met, segments
from budget.planner.slots import clashes
from budget.planner.tours import NEVER
from budget.planner.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TOWN = MunicipalityAsked(1, "Beispielort", 4000)


def stage(seed: int, extra: int) -> tuple[Workspace, Stage]:
    space = Workspace(replace(next(invented([seed], 3, 7, 2)), extra_money=extra))
    return space, stage_of(Workspace(with_plan(space, solved(space, None))))


def textbook(found: Stage) -> float:
    """Return the most points: whole tours within the money, one on a date, hours cut into pieces."""
    sets, lanes = found.table.sets, found.table.lanes
    tours = [(lane, number) for lane in range(len(lanes)) for number in range(len(sets))]
    tours = [tour for tour in tours if found.table.cost(*tour) < NEVER]
    problem = pulp.LpProblem("need", pulp.LpMaximize)
    drive = {tour: pulp.LpVariable(f"t{tour[0]}_{tour[1]}", cat="Binary") for tour in tours}
    used = [pulp.LpVariable(f"u{at}", 0, piece.hours) for at, piece in enumerate(found.master.pieces)]
    problem += pulp.lpSum(piece.points_an_hour * used[at] for at, piece in enumerate(found.master.pieces))
    problem += pulp.lpSum(found.table.cost(*tour) * drive[tour] for tour in tours) <= found.money[0]
    for town in found.master.towns:
        hours = [
            found.master.hours[lane, node] * drive[lane, number]
            for lane, number in tours
            for node in sets.members[number][: sets.sizes[number]]
            if found.nodes[node].municipality == town
        ]
        mine = [used[at] for at, piece in enumerate(found.master.pieces) if piece.municipality == town]
        problem += pulp.lpSum(mine) <= pulp.lpSum(hours)
    for counsellor, weekday in {(lane.counsellor, lane.weekday) for lane in lanes}:
        same = [at for at, lane in enumerate(lanes) if (lane.counsellor, lane.weekday) == (counsellor, weekday)]
        for day in {day for at in same for day in lanes[at].days}:
            problem += pulp.lpSum(drive[tour] for tour in tours if tour[0] in same and day in lanes[tour[0]].days) <= 1
    for cap in found.master.caps:
        problem += (
            pulp.lpSum(int(sets.sizes[tour[1]]) * drive[tour] for tour in tours if tour[0] in cap.lanes) <= cap.stops
        )
    problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, timeLimit=30))
    return pulp.value(problem.objective)


@pytest.mark.parametrize(("seed", "extra"), [(1, 5_000), (2, 15_000), (3, 30_000)])
def test_no_more_need_can_be_met_than_another_solver_meets(seed, extra):
    _, found = stage(seed, extra)
    best = found.master.whole(
        found.money[0], greedy_need(found.master, found.money[0]), found.workspace.question.effort
    )
    expected = textbook(found)
    assert best.points <= expected + 1e-4 <= best.bound + 1e-3
    assert best.points >= expected * 0.999


def crowded(seed: int) -> tuple[Workspace, Stage, Rooms]:
    """Return a question in which four counsellors come to few houses, with its rooms."""
    space = Workspace(replace(next(invented([seed], 3, 7, 4)), extra_money=60_000))
    found = stage_of(Workspace(with_plan(space, solved(space, None))))
    return space, found, Rooms(found.workspace.instance, found.nodes, found.master)


def chosen(found: Stage) -> NeedFound:
    return found.master.whole(found.money[0], greedy_need(found.master, found.money[0]), Effort())


def wishes(found: Stage, placed: Placed) -> set[tuple[int, int, int, int]]:
    """Return house, weekday, day and minute for everything a tour takes up."""
    lane = found.table.lanes[found.master.lane_of[placed.tour.group]]
    instance = found.workspace.instance
    return {
        (instance.houses[stop.house].key, lane.weekday, day, stop.start + minute)
        for stop in placed.stops
        for day in lane.days
        for minute in range(0, instance.length, 5)
    }


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_no_two_counsellors_are_in_a_house_at_a_time_without_any_repair(seed):
    _, found, rooms = crowded(seed)
    first = chosen(found)
    placed = rooms.best(found.money[0], first, Effort())
    assert not clashes(found.workspace.instance, rooms.drafts(placed))
    assert sum(one.tour.cost for one in placed) <= found.money[0]
    assert found.master.points([one.tour for one in placed]) <= first.bound


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_rows_name_exactly_the_tours_that_meet(seed):
    _, found, rooms = crowded(seed)
    tours = chosen(found).near[:25]
    columns = [one for tour in tours for one in rooms.places(tour)][:60]
    together = {pair for row in rooms.exclusive(columns) for pair in combinations(row, 2)}
    taken = [wishes(found, one) for one in columns]
    for one, other in combinations(range(len(columns)), 2):
        if rooms.lane(columns[one].tour).counsellor != rooms.lane(columns[other].tour).counsellor:
            assert ((one, other) in together) == bool(taken[one] & taken[other])


@pytest.mark.parametrize("money", [60_000])
def test_pricing_leaves_out_no_tour_that_would_raise_the_bound(money):
    space = Workspace(replace(next(invented([1], 6, 24, 3)), extra_money=money))
    found = stage_of(Workspace(with_plan(space, solved(space, None))))
    tour_by_tour, _ = found.master.relaxed(money)
    lanes, sets = range(len(found.master.lane_of)), range(len(found.table.sets))
    every = [found.master.tour(lane, number) for lane in lanes for number in sets]
    found.master.pool = [tour for tour in every if tour.cost < NEVER]
    at_once, _ = found.master.relaxed(money)
    assert tour_by_tour == pytest.approx(at_once, rel=1e-7)


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_the_bound_holds_for_every_plan_that_another_solver_places_in_rooms(seed):
    _, found, rooms = crowded(seed)
    first = chosen(found)
    columns = [one for tour in first.near[:200] for one in rooms.places(tour)]
    problem = pulp.LpProblem("rooms", pulp.LpMaximize)
    drive = [pulp.LpVariable(f"p{at}", cat="Binary") for at in range(len(columns))]
    used = [pulp.LpVariable(f"u{at}", 0, piece.hours) for at, piece in enumerate(found.master.pieces)]
    problem += pulp.lpSum(piece.points_an_hour * used[at] for at, piece in enumerate(found.master.pieces))
    problem += pulp.lpSum(one.tour.cost * drive[at] for at, one in enumerate(columns)) <= found.money[0]
    for number, town in enumerate(found.master.towns):
        hours = [-found.master.column(one.tour)[1 + number] * drive[at] for at, one in enumerate(columns)]
        mine = [used[at] for at, piece in enumerate(found.master.pieces) if piece.municipality == town]
        problem += pulp.lpSum(mine) <= pulp.lpSum(hours)
    wanting: dict[tuple[object, ...], list[int]] = {}
    for at, one in enumerate(columns):
        lane = rooms.lane(one.tour)
        for wish in wishes(found, one) | {("drives", lane.counsellor, lane.weekday, day) for day in lane.days}:
            wanting.setdefault(wish, []).append(at)
    for row in {tuple(numbers) for numbers in wanting.values() if len(numbers) > 1}:
        problem += pulp.lpSum(drive[at] for at in row) <= 1
    for cap in found.master.caps:
        stops = [
            len(one.stops) * drive[at]
            for at, one in enumerate(columns)
            if found.master.lane_of[one.tour.group] in cap.lanes
        ]
        problem += pulp.lpSum(stops) <= cap.stops
    problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, timeLimit=10))
    most = sum(piece.points_an_hour * pulp.value(used[at]) for at, piece in enumerate(found.master.pieces))
    placed = rooms.best(found.money[0], first, Effort())
    assert most <= first.bound + 1e-3
    assert found.master.points([one.tour for one in placed]) >= most * 0.98


@pytest.mark.parametrize("extra", [5_000, 40_000])
def test_the_plan_is_at_least_as_good_as_buying_tour_by_tour(extra):
    space, found = stage(5, extra)
    step_by_step = found.master.points(greedy_need(found.master, found.money[0]))
    need = need_plan(space, solved(space, None))
    assert need.measured <= extra
    assert need.proof.value <= need.proof.bound + 1e-6
    assert need.proof.value - need.before >= step_by_step * 0.99  # a clash of houses may cost a tour


@given(st.floats(0, 20), st.floats(0, 20))
def test_need_is_concave_and_its_pieces_add_up(hours, more):
    weights = NeedWeights()
    first, both = need_met(TOWN, weights, hours), need_met(TOWN, weights, hours + more)
    assert first <= both
    assert both - first <= need_met(TOWN, weights, more) + 1e-6
    left = segments([TOWN], weights, {1: hours})
    whole = need_met(TOWN, weights, 1000)
    assert sum(piece.hours * piece.points_an_hour for piece in left) == pytest.approx(whole - first, abs=1e-6)
