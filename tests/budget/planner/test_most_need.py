"""Does stage 3 meet as much need as one finds who tries everything, and does its bound hold for every plan?"""

from dataclasses import replace
from datetime import date
from itertools import combinations
from random import Random

import numpy as np
import pulp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.generator import invented
from budget.planner import NO_CENTS, Effort, MunicipalityAsked, NeedWeights, Rhythm
from budget.planner.coverage import solved
from budget.planner.need import Stage, drafts_of, need_plan, stage_of, with_plan
from budget.planner.need_greedy import greedy_need
from budget.planner.need_master import NeedMaster
from budget.planner.need_options import NONE, LaneOptions, thinned
from budget.planner.need_pricing import Price, best
from budget.planner.segments import need_met, segments
from budget.planner.slots import clashes, priced
from budget.planner.unpack import tour_cost
from budget.planner.workspace import Workspace
from locations.calendars import DayOff
from tests.budget.planner.further import Further
from tests.budget.planner.small import FIRST, days, existing_slot, house, point, question
from tests.budget.planner.test_everything_tried import counsellor

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TOWN = MunicipalityAsked(1, "Beispielort", 4000)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
PLACES = st.builds(point, st.integers(-15, 15), st.integers(-15, 15))
WINDOWS = st.lists(st.sampled_from([days(1, 8, 10), days(1, 9, 11), days(1, 11, 12)]), min_size=1, max_size=2)
CLOSED = st.sampled_from([(), (DayOff(FIRST, FIRST.replace(day=20), "zu"),)])


@st.composite
def houses(draw, count: int):
    return [
        house(number, 1 + number % 2, draw(PLACES), draw(WINDOWS), closures=draw(CLOSED))
        for number in range(1, count + 1)
    ]


def asked_of(found, extra: int, **more):
    """Return a question whose money buys nothing but whose extra sum does."""
    two = [counsellor(end=11), counsellor(2, point(4, 4), 9, 12)]
    return question(found, two, money=0, extra_money=extra, rhythms=frozenset({Rhythm.FORTNIGHTLY}), **more)


def assert_most(asked, few_cents: int = 6) -> None:
    space = Workspace(asked)
    found = solved(space, None)
    every = Further(with_plan(space, found))
    need = need_plan(space, found)
    points, bound = (0.0, 0.0) if need is None else (need.proof.value - need.before, need.proof.bound - need.before)
    assert points <= every.most(asked.extra_money + few_cents) + 1e-3
    assert bound >= every.most(asked.extra_money - few_cents) - 1e-3
    assert points >= every.most(asked.extra_money - few_cents) - 1e-3


@FEW
@given(houses(2), st.integers(500, 30_000))
def test_two_counsellors_in_the_same_houses_meet_the_most_need_there_is(found, extra):
    assert_most(asked_of(found, extra))


@FEW
@given(houses(2), PLACES, st.integers(500, 20_000))
def test_beside_an_existing_slot_the_most_need_is_met(found, where, extra):
    assert_most(asked_of(found, extra, existing=[existing_slot(1, where, 10)]))


def stage(seed: int, extra: int, towns: int = 3, houses_: int = 7, people: int = 2) -> tuple[Workspace, Stage]:
    space = Workspace(replace(next(invented([seed], towns, houses_, people)), extra_money=extra))
    return space, stage_of(Workspace(with_plan(space, solved(space, None))))


def textbook(found: Stage) -> float:
    """Return the most points by another solver: tours enumerated from the rules, a row for each day and each minute."""
    asked = found.workspace.question
    paid = tuple(replace(one, equipment=NO_CENTS) for one in asked.candidates)  # they are in use, or cost nothing once
    every = Further(replace(asked, candidates=paid, rhythms=asked.rhythms - {Rhythm.WEEKLY}))
    tours = every.tours()
    problem = pulp.LpProblem("need", pulp.LpMaximize)
    drive = [pulp.LpVariable(f"t{at}", cat="Binary") for at in range(len(tours))]
    pieces = found.rows.pieces
    used = [pulp.LpVariable(f"u{at}", 0, piece.hours) for at, piece in enumerate(pieces)]
    problem += pulp.lpSum(piece.points_an_hour * used[at] for at, piece in enumerate(pieces))
    problem += pulp.lpSum(round(every.cost(tour)) * drive[at] for at, tour in enumerate(tours)) <= found.money
    for town in asked.municipalities:
        hours = [
            every.hours(one) * drive[at]
            for at, tour in enumerate(tours)
            for one in tour
            if one.house.municipality == town.key
        ]
        mine = [used[at] for at, piece in enumerate(pieces) if piece.municipality == town.key]
        problem += pulp.lpSum(mine) <= pulp.lpSum(hours)
    for row in rows_of(every, tours):
        problem += pulp.lpSum(drive[at] for at in row) <= 1
    problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0, timeLimit=60))
    return pulp.value(problem.objective)


def rows_of(every: Further, tours) -> set[tuple[int, ...]]:
    """Return the tours of which one at most is possible: by counsellor and day, by house, day and minute."""
    ends = every.asked.first_day, every.asked.last_day
    wanting: dict[tuple[object, ...], set[int]] = {}
    for at, tour in enumerate(tours):
        for day in tour[0].rule.days(*ends):
            wanting.setdefault((tour[0].counsellor.key, day), set()).add(at)
        for one in tour:
            for day in one.days:
                for minute in range(one.start, one.start + every.asked.slot_minutes, 15):
                    wanting.setdefault((one.house.name, one.house.key, day, minute), set()).add(at)
    return {tuple(sorted(row)) for row in wanting.values()}


@pytest.mark.parametrize(("seed", "extra"), [(1, 5_000), (2, 15_000), (3, 20_000)])
def test_another_solver_meets_no_more_need(seed, extra):
    space, found = stage(seed, extra)
    expected = textbook(found)
    need = need_plan(space, solved(space, None))
    assert need.proof.value - need.before <= expected * 1.001 + 1e-3
    assert need.proof.bound - need.before >= expected - 1e-3
    assert need.proof.value - need.before >= expected * 0.99


def every_tour(options: LaneOptions) -> list[tuple[int, ...]]:
    """Return all tours of a lane, in time, by the house and start of their options."""
    hops, step = options.view.instance.hops, options.start
    found: list[tuple[int, ...]] = [()]
    for _ in range(options.most):
        longer = [
            (*tour, at)
            for tour in found
            for at in range(len(options))
            if not tour or step[at] >= step[tour[-1]] + hops[options.house[tour[-1]], options.house[at]]
        ]
        found = list(dict.fromkeys([*found, *longer]))
    return [tour for tour in found if tour]


@FEW
@given(houses(3), st.booleans(), st.integers(0, 10_000))
def test_pricing_misses_no_tour_and_knows_its_cost(found, beside, number):
    stays = [existing_slot(1, point(3, 1), 10)] if beside else []
    inner = Workspace(asked_of(found, 1000, existing=stays))
    random = np.random.default_rng(number)
    for options in stage_of(inner).rows.options:
        price = Price(
            random.uniform(-500, 3000, len(options)), float(random.uniform(0, 2)), float(random.uniform(0, 900))
        )
        cents = {tour: round(tour_cost(options.view, options.stops(tour)), 4) for tour in every_tour(options)}
        gains = {tour: sum(price.value[list(tour)]) - price.cent * round(cost) for tour, cost in cents.items()}
        expected = {tour for tour, gain in gains.items() if gain > price.least}
        whole = best(options, price, 10**6, 10**6)
        given_back = [tuple(at for at in row if at != NONE) for row in whole.members.tolist()]
        assert set(given_back) == expected
        assert whole.cents.tolist() == pytest.approx([cents[tour] for tour in given_back], abs=0.51)
        few = best(options, price, 2, 1)
        left = expected - {tuple(at for at in row if at != NONE) for row in few.members.tolist()}
        assert max((gains[tour] for tour in left), default=-np.inf) <= max(few.others, price.least) + 1e-6
        assert bool(len(few.gains)) == bool(expected)


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_no_two_counsellors_are_in_a_house_at_a_time_without_any_repair(seed):
    _, found = stage(seed, 60_000, people=4)
    master = NeedMaster(found.rows, found.money)
    chosen = master.whole(master.relaxed(), Effort())
    assert chosen.columns
    assert not clashes(found.workspace.instance, drafts_of(found.rows, chosen.columns))
    assert sum(one.cost for one in chosen.columns) <= found.money
    assert chosen.points <= chosen.bound


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_rows_name_exactly_the_tours_that_meet(seed):
    _, found = stage(seed, 60_000, people=4)
    master = NeedMaster(found.rows, found.money)
    columns = master.near(master.relaxed())[0][:80]
    together = {pair for row in found.rows.exclusive(columns) for pair in combinations(row, 2)}
    taken = [wishes(found, one) for one in columns]
    for one, other in combinations(range(len(columns)), 2):
        lanes = found.rows.lanes
        if lanes[columns[one].lane].counsellor != lanes[columns[other].lane].counsellor:
            assert ((one, other) in together) == bool(taken[one] & taken[other])


def wishes(found: Stage, column) -> set[tuple[int, date, int]]:
    """Return house, day and minute for everything a tour takes up."""
    options, instance = found.rows.options[column.lane], found.workspace.instance
    return {
        (stop.house, day, stop.start + minute)
        for stop in options.stops(column.options)
        for day, is_open in zip(options.view.dates, options.view.is_open[stop.house], strict=True)
        if is_open
        for minute in range(0, instance.length, 5)
    }


@pytest.mark.parametrize("seed", [3, 6])
def test_no_plan_that_the_product_accepts_exceeds_the_bound(seed):
    """Random plans: slot by slot where the product itself sees no clash, priced by its own functions."""
    _, found = stage(seed, 60_000, 5, 20, 3)
    instance, master = found.workspace.instance, NeedMaster(found.rows, found.money)
    bound = master.whole(master.relaxed(), Effort()).bound
    random = Random(seed)  # noqa: S311
    for _ in range(15):
        columns, drafts = [], ()
        for _ in range(60):
            column = random.choice(master.pool)
            more = (*drafts, *drafts_of(found.rows, [column]))
            lanes = [found.rows.lanes[one.lane] for one in (*columns, column)]
            if one_tour_a_day(lanes) and within_weeks(found, [*columns, column]) and not clashes(instance, more):
                cents = instance.measured(priced(instance, more).total)
                columns, drafts = ([*columns, column], more) if cents <= found.money else (columns, drafts)
        assert columns
        assert found.rows.points(columns) <= bound + 1e-3


def one_tour_a_day(lanes) -> bool:
    driven = [(lane.counsellor, lane.weekday, day) for lane in lanes for day in lane.days]
    return len(driven) == len(set(driven))


def within_weeks(found: Stage, columns) -> bool:
    stops = sum((found.rows.caps[:, one.lane] * len(one.options) for one in columns), start=0.0)
    return bool((stops <= found.rows.most_stops).all())


@pytest.mark.parametrize("extra", [5_000, 40_000])
def test_the_plan_is_at_least_as_good_as_buying_tour_by_tour(extra):
    space, found = stage(5, extra)
    master = NeedMaster(found.rows, found.money)
    columns, _ = master.near(master.relaxed())
    step_by_step = greedy_need(found.rows, columns, found.rows.exclusive(columns), found.money)
    need = need_plan(space, solved(space, None))
    assert need.measured <= extra
    assert need.proof.value <= need.proof.bound + 1e-6
    assert need.proof.value - need.before >= found.rows.points([columns[at] for at in step_by_step])


def test_where_there_are_too_many_starts_they_lie_further_apart_and_it_is_said(monkeypatch):
    monkeypatch.setattr("budget.planner.need.MOST_PAIRS", 40)
    asked = asked_of([house(1, 1, point(5, 5), [days(1, 8, 12)]), house(2, 2, point(-5, 2), [days(1, 9, 12)])], 20_000)
    space = Workspace(asked)
    need = need_plan(space, solved(space, None))
    assert "Anfängen im Abstand von" in need.sentence


def test_thinned_starts_keep_the_first_of_each_window():
    starts = np.array([[True, True, True, False, True], [False, True, False, True, False]])
    assert thinned(starts, 2).tolist() == [[True, False, True, False, True], [False, True, False, True, False]]
    assert thinned(starts, 3).tolist() == [[True, False, False, False, True], [False, True, False, False, False]]


@given(st.floats(0, 20), st.floats(0, 20))
def test_need_is_concave_and_its_pieces_add_up(hours, more):
    weights = NeedWeights()
    first, both = need_met(TOWN, weights, hours), need_met(TOWN, weights, hours + more)
    assert first <= both
    assert both - first <= need_met(TOWN, weights, more) + 1e-6
    left = segments([TOWN], weights, {1: hours})
    whole = need_met(TOWN, weights, 1000)
    assert sum(piece.hours * piece.points_an_hour for piece in left) == pytest.approx(whole - first, abs=1e-6)
