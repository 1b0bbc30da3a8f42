"""What does the cheapest tour to a set of nodes cost on a lane? All sets of up to three at once, in whole cents.

A tour runs from the counsellor's base to its stops in order of time and back. On a date on which one house is closed the
others are driven to alone. Kilometres count beyond what existing stops of that day cost anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from budget.planner.instance import Node
from budget.planner.lanes import LaneView, Stay
from budget.planner.ways import Bools, Floats, Ints

NEVER = 2**30  # as a cost: impossible
FAR = 1e12
LATE = 10**6  # as a start: none
MOST_CELLS = 2_000_000  # of one block of triples
A_FEW_CENTS = 3.0  # more than rounding can shift between two tours


class NodeSets:
    """All sets of one to three nodes, counted through: `members` has a row a set, padded with `count`."""

    def __init__(self, count: int, most: int) -> None:
        self.count = count
        self.most = most
        nodes = np.arange(count)
        rows = [np.column_stack([nodes, np.full((count, 2), count)])]
        if most >= 2:
            first, second = np.triu_indices(count, 1)
            rows.append(np.column_stack([first, second, np.full(len(first), count)]))
        if most >= 3:
            rows.append(_triples(count))
        self.members: Ints = np.vstack(rows).astype(np.int32)
        self.sizes: Ints = (self.members < count).sum(axis=1)

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def pair_index(self) -> Ints:
        """Return the number of each pair."""
        index = np.full((self.count, self.count), -1, dtype=np.int32)
        first, second = np.triu_indices(self.count, 1)
        index[first, second] = self.count + np.arange(len(first))
        return np.maximum(index, index.T)

    @property
    def triple_offset(self) -> int:
        """Return the number of the first triple."""
        return self.count + self.count * (self.count - 1) // 2

    def triple_index(self, first: Ints, second: Ints, third: Ints) -> Ints:
        """Return the numbers of triples whose nodes ascend."""
        n = self.count
        before_first = _choose3(n) - _choose3(n - first)
        rest = n - first - 1
        before_second = _choose2(rest) - _choose2(n - second)
        found: Ints = self.triple_offset + before_first + before_second + third - second - 1
        return found

    def number(self, nodes: Sequence[int]) -> int:
        """Return the number of the set of these ascending nodes."""
        if len(nodes) == 1:
            return nodes[0]
        if len(nodes) == 2:
            return int(self.pair_index[nodes[0], nodes[1]])
        return int(self.triple_index(np.array(nodes[0]), np.array(nodes[1]), np.array(nodes[2])))

    def total(self, price: Floats) -> Floats:
        """Return the sum of the nodes' prices for each set."""
        padded = np.append(price, 0.0)
        total: Floats = padded[self.members[:, 0]] + padded[self.members[:, 1]] + padded[self.members[:, 2]]
        return total


def _choose2(n: Ints | int) -> Ints:
    return np.asarray(n, dtype=np.int64) * (np.asarray(n, dtype=np.int64) - 1) // 2


def _choose3(n: Ints | int) -> Ints:
    many = np.asarray(n, dtype=np.int64)
    return many * (many - 1) * (many - 2) // 6


def _triples(count: int) -> Ints:
    found = np.fromiter((node for three in combinations(range(count), 3) for node in three), dtype=np.int32)
    return found.reshape(-1, 3)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch between a counsellor's existing stops: from where and to where is driven, by day of the lane."""

    before: Ints
    after: Ints
    first: int  # steps of the day
    last: int


class LaneCosts:
    """The houses of a lane that can matter, and what tours to them cost, in cents."""

    def __init__(self, view: LaneView, node_of: Ints, with_all: bool = False) -> None:
        self.view = view
        self.instance = view.instance
        lane = view.lane
        usable = np.flatnonzero(view.usable & (node_of >= 0))
        self.base = self.instance.base_row(lane.counsellor)
        kept = usable if with_all else _without_dominated(view, usable, node_of)
        self.houses: Ints = kept[np.argsort(node_of[kept], kind="stable")]
        self.nodes: Ints = node_of[self.houses]
        self.is_open: Floats = view.is_open[self.houses].astype(float)
        self.own: Floats = (view.counts * self.instance.rent + self.instance.opening)[self.houses].astype(float)
        self.km: Floats = self.instance.km[np.ix_(self.houses, self.houses)]
        self.hops: Ints = self.instance.hops[np.ix_(self.houses, self.houses)]
        self.starts: Bools = view.starts[self.houses]

    @cached_property
    def next_start(self) -> Ints:
        """Return the first start from a step on: house × step, LATE where there is none."""
        steps = np.where(self.starts, np.arange(self.starts.shape[1]), LATE)
        found: Ints = np.minimum.accumulate(steps[:, ::-1], axis=1)[:, ::-1]
        return np.column_stack([found, np.full(len(found), LATE)])

    def first_start(self, step: int) -> Ints:
        """Return each house's first start from the step on."""
        found: Ints = self.next_start[:, min(step, self.next_start.shape[1] - 1)]
        return found

    def last_start(self, step: int) -> Ints:
        """Return each house's last start up to the step, -1 where there is none."""
        steps = np.where(self.starts[:, : step + 1], np.arange(min(step + 1, self.starts.shape[1])), -1)
        found: Ints = steps.max(axis=1, initial=-1)
        return found

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Return the stretches between existing stops; one from base to base where there is none."""
        own = self.view.own
        return tuple(self._gap(number, own) for number in range(len(own) + 1))

    def _gap(self, number: int, own: Sequence[Stay]) -> Gap:
        days = len(self.view.dates)
        before, after = np.full(days, self.base), np.full(days, self.base)
        for stay in own[:number]:
            before[stay.days] = stay.row
        for stay in reversed(own[number:]):
            after[stay.days] = stay.row
        step = self.instance.step
        first = own[number - 1].start // step + 1 if number else 0
        last = own[number].start // step if number < len(own) else self.starts.shape[1] - 1
        return Gap(before, after, first, last)

    def alone(self, gap: Gap) -> Floats:
        """Return what each house costs as the only new stop, in the gap."""
        km = self.instance.km
        there, back = km[self.houses][:, gap.before], km[self.houses][:, gap.after]
        detour = there + back - km[gap.before, gap.after]
        cost: Floats = (self.is_open * detour) @ self.view.cents_per_km + self.own
        return cost

    def saved(self, first: Gap, second: Gap) -> Floats:
        """Return what two new stops save by being driven to one after the other: house in the first gap × in the second."""
        km, rate = self.instance.km, self.view.cents_per_km
        together = (first.before == second.before) & (first.after == second.after)
        saved = np.zeros((len(self.houses), len(self.houses)))
        for before, after in sorted(set(zip(first.before[together], first.after[together], strict=True))):
            days = together & (first.before == before) & (first.after == after)
            weight = (self.is_open[:, days] * rate[days]) @ self.is_open[:, days].T
            way = km[self.houses, after][:, None] + km[before, self.houses][None, :] - km[before, after] - self.km
            saved += weight * way
        return saved


def _without_dominated(view: LaneView, usable: Ints, node_of: Ints) -> Ints:
    """Return the houses without those whose every tour is possible and no dearer with another house of the node.

    That other house has the same open days, at least the same starts, no longer hops, and is cheaper by more than twice the
    way between both on every date (triangle inequality), with a few cents for rounding.
    """
    if len(usable) < 2:
        return usable
    instance = view.instance
    one, other = _same_node(usable, node_of)
    weight = view.is_open[one] @ view.cents_per_km
    own = view.counts * instance.rent + instance.opening
    cheaper = own[other] + 2 * weight * instance.km[one, other] + A_FEW_CENTS <= own[one]
    one, other = one[cheaper], other[cheaper]
    alike = (view.is_open[one] == view.is_open[other]).all(axis=1)
    starts = (view.starts[one] <= view.starts[other]).all(axis=1)
    hops = instance.hops
    elsewhere = node_of[one][:, None] != node_of[usable][None, :]
    near = ((hops[other][:, usable] <= hops[one][:, usable]) | ~elsewhere).all(axis=1)
    dominated = one[alike & starts & near]
    kept: Ints = usable[~np.isin(usable, dominated)]
    return kept


def _same_node(usable: Ints, node_of: Ints) -> tuple[Ints, Ints]:
    """Return the ordered pairs of different houses of one node."""
    nodes = node_of[usable]
    first, second = np.nonzero((nodes[:, None] == nodes[None, :]) & ~np.eye(len(usable), dtype=bool))
    return usable[first], usable[second]


def node_of_houses(nodes: Sequence[Node], houses: int) -> Ints:
    """Return the number of each house's node, -1 where it belongs to none."""
    found = np.full(houses, -1, dtype=np.int64)
    for number, node in enumerate(nodes):
        found[list(node.houses)] = number
    return found
