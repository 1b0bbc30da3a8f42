"""Do textbook programmes, solved by another solver, come to the same optimum on a whole district?"""

from functools import cache

import numpy as np
import pulp
import pytest

from bench.generator import invented
from budget.planner import Effort, Question, curve_of
from budget.planner.alternatives import must_differ, next_best, visits
from budget.planner.backup import backup_plan
from budget.planner.coverage import solved
from budget.planner.demands import cover, limits, survive
from budget.planner.exact import cheapest
from budget.planner.instance import Node
from budget.planner.master import Master
from budget.planner.tables import Table, table
from budget.planner.tours import NEVER
from budget.planner.workspace import Workspace

SEEDS = [1, 2, 3]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the interface of PuLP 3, as installed


@cache
def asked(seed: int, towns: int = 6, houses: int = 18, people: int = 2) -> Question:
    return next(invented([seed], towns, houses, people))


@cache
def workspace(seed: int) -> Workspace:
    return Workspace(asked(seed))


def tours_of(found: Table) -> list[tuple[int, tuple[int, ...], int]]:
    """Return (lane, nodes, cents) of every possible tour."""
    members, sizes = found.sets.members, found.sets.sizes
    return [
        (lane, tuple(int(node) for node in members[number][: sizes[number]]), found.cost(lane, number))
        for lane in range(len(found.lanes))
        for number in range(len(found.sets))
        if found.cost(lane, number) < NEVER
    ]


def programme(found: Table, nodes: int) -> tuple[pulp.LpProblem, dict[int, pulp.LpVariable], list]:
    """Return the textbook programme: each node at most once, each lane at most one tour."""
    tours = tours_of(found)
    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    drive = {at: pulp.LpVariable(f"t{at}", cat="Binary") for at in range(len(tours))}
    problem += pulp.lpSum(cents * drive[at] for at, (_, _, cents) in enumerate(tours))
    for node in range(nodes):
        problem += pulp.lpSum(drive[at] for at, tour in enumerate(tours) if node in tour[1]) <= 1
    for lane in range(len(found.lanes)):
        problem += pulp.lpSum(drive[at] for at, tour in enumerate(tours) if tour[0] == lane) <= 1
    return problem, drive, tours


def optimum(problem: pulp.LpProblem) -> int | None:
    status = problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0))
    return round(pulp.value(problem.objective)) if pulp.LpStatus[status] == "Optimal" else None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_curve_is_that_of_another_solver(seed):
    space = workspace(seed)
    points = {one.count: one.cost for one in curve_of(space.question)}
    for count in (2, 4, 6):
        problem, drive, tours = programme(space.table, len(space.nodes))
        problem += pulp.lpSum(len(nodes) * drive[at] for at, (_, nodes, _) in enumerate(tours)) >= count
        assert optimum(problem) == points[count]


@pytest.mark.parametrize("seed", range(8))
def test_the_curve_is_that_of_dynamic_programming_over_subsets(seed):
    space = Workspace(next(invented([seed])))
    points = {one.count: one.cost for one in curve_of(space.question)}
    assert points == least_by_subsets(space.table, len(space.nodes))


def least_by_subsets(found: Table, nodes: int) -> dict[int, int]:
    """Return the least cents for each number of nodes, lane by lane over all subsets already served."""
    masks = np.arange(2**nodes)
    best = np.where(masks == 0, 0, NEVER)
    sets = [int(sum(1 << int(node) for node in row if node < nodes)) for row in found.sets.members]
    for lane in range(len(found.lanes)):
        before = best.copy()
        for number, mask in enumerate(sets):
            served = masks[(masks & mask) == mask]
            best[served] = np.minimum(best[served], before[served ^ mask] + found.cost(lane, number))
    counts = np.array([int(mask).bit_count() for mask in masks])
    least = {count: int(best[counts == count].min()) for count in range(nodes + 1)}
    return {count: cents for count, cents in least.items() if cents < NEVER}


@pytest.mark.parametrize("seed", SEEDS)
def test_with_every_tour_at_one_coin_it_is_textbook_set_cover(seed):
    space = workspace(seed)
    plain = np.where(space.table.costs < NEVER, 1, NEVER).astype(np.int32)
    coins = Table(space.table.lanes, space.table.sets, plain, space.table.row_of)
    master = Master(coins, cover(space.nodes), limits(coins))
    found = cheapest(master, len(space.nodes), Effort())
    problem = pulp.LpProblem("cover", pulp.LpMinimize)
    tours = tours_of(coins)
    drive = [pulp.LpVariable(f"s{at}", cat="Binary") for at in range(len(tours))]
    problem += pulp.lpSum(drive)
    for node in range(len(space.nodes)):
        problem += pulp.lpSum(drive[at] for at, tour in enumerate(tours) if node in tour[1]) >= 1
    for lane in range(len(coins.lanes)):
        problem += pulp.lpSum(drive[at] for at, tour in enumerate(tours) if tour[0] == lane) <= 1
    assert found.is_proven
    assert found.cost == optimum(problem)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_next_best_plan_is_the_cheapest_that_differs_visibly(seed):
    space = workspace(seed)
    found = solved(space, None)
    plan = visits(found.master, found.tours)
    problem, drive, tours = programme(space.table, len(space.nodes))
    problem += pulp.lpSum(len(nodes) * drive[at] for at, (_, nodes, _) in enumerate(tours)) >= len(plan)
    alike = []
    for at, (lane, nodes, _) in enumerate(tours):
        how = space.table.lanes[lane].counsellor, space.table.lanes[lane].weekday
        alike.append(sum(plan.get(node) == how for node in nodes) * drive[at])
    problem += pulp.lpSum(alike) <= len(plan) - must_differ(len(plan))
    first = next_best(space, found)[0]
    assert first.proof.value == optimum(problem)
    assert first.differences


@pytest.mark.parametrize("seed", SEEDS)
def test_the_backup_is_the_cheapest_plan_with_two_houses_in_each_municipality(seed):
    space = workspace(seed)
    found = solved(space, None)
    backup = backup_plan(space, found)
    nodes = [Node(one.municipality, (row,)) for row, one in enumerate(space.instance.houses)]
    costs = table(space.instance, nodes, space.lanes)
    problem, drive, tours = programme(costs, len(nodes))
    for town in {one.municipality for one in nodes}:
        served = [
            drive[at] * sum(nodes[node].municipality == town for node in mine) for at, (_, mine, _) in enumerate(tours)
        ]
        problem += pulp.lpSum(served) >= 2
    best = optimum(problem)
    if best is None:
        assert backup.not_survivable or "reicht die Zeit" in backup.sentence
    else:
        assert backup.proof.is_proven
        assert backup.proof.value == best
        for closed in {slot.institution for slot in backup.slots}:
            left = {slot.municipality for slot in backup.slots if slot.institution != closed}
            assert left == {slot.municipality for slot in found.plan.slots}


def test_rows_of_survival_ask_for_one_house_beside_each():
    nodes = [Node(1, (0,)), Node(1, (1,)), Node(2, (2,))]
    demand = survive(nodes, [1, 2], frozenset({2}))
    assert demand.extras[demand.count_row].tolist() == [1, 1]
    assert len(demand.matrix) == 3 + 3 + 1 + 1
