"""What does every tour cost on every lane? A table of lanes and sets of nodes, in whole cents, NEVER where impossible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from budget.planner.answer import Cancelled
from budget.planner.instance import Instance, Node
from budget.planner.lanes import Lane, LaneView
from budget.planner.tours import FAR, LATE, MOST_CELLS, NEVER, LaneCosts, NodeSets, node_of_houses
from budget.planner.ways import Floats, Ints


class StoppedError(Exception):
    """The asker cancelled."""


@dataclass(frozen=True, slots=True)
class Table:
    """Costs of tours: a lane's are in `costs[row_of[lane]]`, for lanes with the same costs share a row."""

    lanes: tuple[Lane, ...]
    sets: NodeSets
    costs: Ints
    row_of: Ints

    def cost(self, lane: int, number: int) -> int:
        """Return the cents of a lane's cheapest tour to a set."""
        return int(self.costs[self.row_of[lane], number])

    @property
    def cells(self) -> int:
        """Return how many costs are held."""
        return int(self.costs.size)


def table(
    instance: Instance, nodes: Sequence[Node], lanes: Sequence[Lane], cancelled: Cancelled | None = None
) -> Table:
    """Return the costs of all tours on the lanes. Lanes without any are left out."""
    most = min(instance.question.most_stops, len(nodes))
    sets = NodeSets(len(nodes), most)
    node_of = node_of_houses(nodes, len(instance.houses))
    rows: list[Ints] = []
    known: dict[tuple[object, ...], int] = {}
    kept: list[Lane] = []
    row_of: list[int] = []
    for lane in lanes:
        if cancelled is not None and cancelled():
            raise StoppedError
        view = LaneView(instance, lane)
        if not view.stops_left or not view.usable.any():
            continue
        costs = LaneCosts(view, node_of)
        if not len(costs.houses):
            continue
        likeness = _likeness(costs)
        if likeness not in known:
            known[likeness] = len(rows)
            rows.append(lane_row(costs, sets))
        kept.append(lane)
        row_of.append(known[likeness])
    held = np.array(rows, dtype=np.int32).reshape(len(rows), len(sets))
    return Table(tuple(kept), sets, held, np.array(row_of, dtype=np.int64))


def _likeness(costs: LaneCosts) -> tuple[object, ...]:
    """Return what two lanes of equal costs have in common."""
    view = costs.view
    if view.own:
        return (view.lane,)  # on the way of existing stops no two lanes are alike
    patterns, number = np.unique(costs.is_open.T, axis=0, return_inverse=True)
    weights = np.bincount(np.asarray(number).ravel(), weights=view.cents_per_km)
    return (
        costs.base,
        costs.houses.tobytes(),
        costs.own.tobytes(),
        patterns.tobytes(),
        np.round(weights, 6).tobytes(),
        costs.starts.tobytes(),
        view.stops_left,
    )


def lane_row(costs: LaneCosts, sets: NodeSets) -> Ints:
    """Return the cents of each set's cheapest tour."""
    row = np.full(len(sets), FAR)
    present, begin = np.unique(costs.nodes, return_index=True)
    most = min(costs.view.stops_left, sets.most)
    alone = [costs.alone(gap) for gap in costs.gaps]
    singles = np.min([_alone_feasible(costs, number, cost) for number, cost in enumerate(alone)], axis=0)
    row[present] = np.minimum.reduceat(singles, begin)
    if most >= 2 and len(present) >= 2:
        _fill_pairs(row, sets, costs, alone, present, begin)
    if most >= 3 and len(present) >= 3:
        _fill_triples(row, sets, costs, present, begin)
    return np.where(row < FAR / 2, np.rint(row), NEVER).astype(np.int32)


def _alone_feasible(costs: LaneCosts, number: int, cost: Floats) -> Floats:
    gap = costs.gaps[number]
    return np.where(costs.first_start(gap.first) <= gap.last, cost, FAR)


def _fill_pairs(row: Floats, sets: NodeSets, costs: LaneCosts, alone: list[Floats], present: Ints, begin: Ints) -> None:
    best = np.full((len(costs.houses), len(costs.houses)), FAR)
    for one, first in enumerate(costs.gaps):
        starts = costs.first_start(first.first)
        for other, second in enumerate(costs.gaps[one:], start=one):
            possible = starts[:, None] + costs.hops <= costs.last_start(second.last)[None, :]
            possible &= (starts <= first.last)[:, None] & (costs.last_start(second.last) >= second.first)[None, :]
            cost = alone[one][:, None] + alone[other][None, :] - costs.saved(first, second)
            best = np.minimum(best, np.where(possible, cost, FAR))
    by_node = np.minimum.reduceat(np.minimum.reduceat(best, begin, axis=0), begin, axis=1)
    by_node = np.minimum(by_node, by_node.T)
    first_of, second_of = np.triu_indices(len(present), 1)
    row[sets.pair_index[present[first_of], present[second_of]]] = by_node[first_of, second_of]


def _fill_triples(row: Floats, sets: NodeSets, costs: LaneCosts, present: Ints, begin: Ints) -> None:
    """Write the triples of a lane without existing stops, by the house in the middle."""
    cube = _middles(costs, begin)
    cube = np.minimum(cube, cube.transpose(2, 1, 0))
    where = _triples_of(len(present))
    i, j, k = where[:, 0], where[:, 1], where[:, 2]
    best = np.minimum(np.minimum(cube[i, j, k], cube[j, i, k]), cube[i, k, j])
    row[sets.triple_index(present[i], present[j], present[k])] = best


def _triples_of(count: int) -> Ints:
    if count not in _TRIPLES:
        _TRIPLES[count] = NodeSets(count, 3).members[count + count * (count - 1) // 2 :]
    return _TRIPLES[count]


_TRIPLES: dict[int, Ints] = {}


def _middles(costs: LaneCosts, begin: Ints) -> Floats:
    """Return the least costs by node: last × middle × first."""
    gap = costs.gaps[0]
    alone, saved = costs.alone(gap), costs.saved(gap, gap)
    second = _second_starts(costs, costs.first_start(0))
    leads = np.where(second < LATE, alone[:, None] - saved, FAR)  # first × middle
    trails = (alone[:, None] + alone[None, :] - saved.T).astype(float)  # last × middle, the middle's own cost included
    latest = costs.last_start(costs.starts.shape[1])[:, None] - costs.hops.T  # last × middle
    opened = costs.is_open
    if (opened == opened[0]).all():
        return _open_alike(leads, second, trails, latest, begin)
    return _open_differently(costs, leads, second, trails, latest, begin)


def _open_alike(leads: Floats, second: Ints, trails: Floats, latest: Ints, begin: Ints) -> Floats:
    """Return the middles where all houses are open on the same days: per node only the cheapest first stop in time counts."""
    times = np.unique(second[second < LATE])
    in_time = np.array([np.minimum.reduceat(np.where(second <= at, leads, FAR), begin, axis=0) for at in times])
    in_time = np.concatenate([np.full((1, *in_time.shape[1:]), FAR), in_time]) if len(times) else in_time
    if not len(times):
        return np.full((len(begin),) * 3, FAR)
    in_time = np.ascontiguousarray(in_time.transpose(0, 2, 1))  # time × middle × first node
    at = np.searchsorted(times, latest, side="right")
    houses = len(trails)
    middles = np.arange(houses)[None, :]
    found = np.empty((len(begin), houses, len(begin)))
    for number, (low, high) in enumerate(zip(begin, [*begin[1:], houses], strict=True)):
        cost = in_time[at[low:high], middles] + trails[low:high, :, None]
        found[number] = cost.min(axis=0)
    return np.minimum.reduceat(found, begin, axis=1)


def _open_differently(
    costs: LaneCosts, leads: Floats, second: Ints, trails: Floats, latest: Ints, begin: Ints
) -> Floats:
    """Return the middles where a tour may pass a closed house."""
    houses = len(costs.houses)
    block = max(1, MOST_CELLS // max(1, houses * houses))
    found = np.empty((len(begin), houses, len(begin)))
    for low in range(0, houses, block):
        rows = slice(low, min(low + block, houses))
        cost = leads.T[None, rows, :] + trails[:, rows, None] + _driven_past(costs, rows)
        cost[second.T[None, rows, :] > latest[:, rows, None]] = FAR
        found[:, rows] = np.minimum.reduceat(np.minimum.reduceat(cost, begin, axis=0), begin, axis=2)
    return np.minimum.reduceat(found, begin, axis=1)


def _second_starts(costs: LaneCosts, starts: Ints) -> Ints:
    """Return when a second stop may begin after a first one as early as possible: first × second."""
    steps = costs.next_start.shape[1] - 1
    after = np.minimum(starts[:, None] + costs.hops, steps)
    found: Ints = costs.next_start[np.arange(len(starts))[None, :], after]
    return found


def _driven_past(costs: LaneCosts, rows: slice) -> Floats:
    """Return what first and last stop save on days on which the middle one is closed, as a negative cost."""
    opened, rate, km = costs.is_open, costs.view.cents_per_km, costs.km
    closed = (1 - opened[rows]) * rate
    weight = np.einsum("bd,ad,cd->cba", closed, opened, opened, optimize=True)
    out = costs.instance.km[costs.base, costs.houses]
    found: Floats = -weight * (out[:, None] + out[None, :] - km)[:, None, :]
    return found
