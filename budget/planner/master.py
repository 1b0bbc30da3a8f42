"""Which tours together are cheapest? The linear programme over tours, and its bound, with HiGHS.

Tours enter as they are needed: all of them stand in the table, so that pricing is one subtraction and misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import thread_time
from typing import Any

import numpy as np

from budget.planner.cuts import MOST_CUTS, Triple, serves_two, violated
from budget.planner.demands import Cap, Demand, Group, Limits, group_of
from budget.planner.tables import Table
from budget.planner.tours import NEVER, NodeSets
from budget.planner.ways import Bools, Floats, Ints

TINY = 1e-6
MOST_A_ROUND = 4  # tours that enter a group at once
MOST_ROUNDS = 500
ENOUGH_TO_ENTER = 1e-4  # cents
MOST_NODES_TO_CUT = 120


class SolverError(Exception):
    """HiGHS is missing or failed; the message is a German sentence."""


def highs() -> Any:
    """Return the solver, silent, on one thread and with a fixed seed; SolverError where it is missing."""
    try:
        import highspy
    except ImportError as error:
        raise SolverError(
            "Das Rechenwerk HiGHS (Paket highspy) ist nicht installiert. Es wurde nichts geändert."
        ) from error
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(option, value)
    return solver


def stop_after(solver: Any, seconds: float) -> None:
    """Let the solver stop after so much processor time of its own: what else a machine does must not change a plan."""
    begin = thread_time()

    def look(event: Any) -> None:
        if thread_time() - begin > seconds:
            event.interrupt()

    solver.cbMipInterrupt.subscribe(look)


@dataclass(frozen=True, slots=True)
class Tour:
    """A column: a group of lanes and a set of nodes, by number, and its cents."""

    group: int
    number: int
    cost: int


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The optimum of the linear programme: a valid lower bound, the prices that prove it, and whether tours are whole."""

    value: float
    set_price: Floats
    group_price: Floats
    stop_price: Floats  # group: what a stop costs in full weeks
    count_price: float  # what one municipality more costs at least
    chosen: tuple[Tour, ...]
    shares: Floats
    is_whole: bool
    is_possible: bool


class Master:
    """One linear programme that is asked again and again, for each number of municipalities."""

    def __init__(self, table: Table, demand: Demand, limits: Limits, caps: Sequence[Cap] = ()) -> None:
        self.table = table
        self.demand = demand
        self.limits = limits
        self.caps = tuple(caps)
        self.groups: tuple[Group, ...] = limits.groups
        self.sizes = table.sets.sizes
        self.cap_matrix = self._cap_matrix()
        self.row_of_group = np.array([group.row for group in self.groups], dtype=np.int64)
        self.pool: list[Tour] = []
        self.known: set[tuple[int, int]] = set()
        self.cuts: list[Triple] = []
        self.cut_weights: list[Bools] = []
        self.penalty = float(min((table.sets.count + 1) * max(1, self._dearest()), NEVER // 4))
        self.artificial = 0
        self.solver = self._start()

    def _dearest(self) -> int:
        costs = self.table.costs
        return int(np.where(costs < NEVER, costs, 0).max(initial=0))

    def _cap_matrix(self) -> Floats:
        """Return cap × group: whether the group's lanes drive in the week."""
        of = group_of(self.limits, len(self.table.lanes))
        matrix = np.zeros((len(self.caps), len(self.groups)))
        for number, cap in enumerate(self.caps):
            matrix[number, of[list(cap.lanes)]] = 1
        return matrix

    @property
    def lower(self) -> Floats:
        """Return the least of each row: demand, limits, caps, cuts."""
        free = len(self.limits.capacity) + len(self.caps) + len(self.cuts)
        return np.concatenate([self.demand.lower, np.full(free, -np.inf)])

    @property
    def upper(self) -> Floats:
        """Return the most of each row."""
        caps = np.array([float(cap.stops) for cap in self.caps])
        return np.concatenate([self.demand.upper, self.limits.capacity, caps, np.ones(len(self.cuts))])

    def _start(self) -> Any:
        """Return the programme without tours: rows, extras, and a dear way out for each demand, so that it can be solved."""
        solver = highs()
        for low, high in zip(self.lower, self.upper, strict=True):
            solver.addRow(float(low), float(high), 0, np.array([], dtype=np.int32), np.array([]))
        for extra in self.demand.extras.T:
            rows = np.flatnonzero(extra).astype(np.int32)
            solver.addCol(0.0, 0.0, 1.0, len(rows), rows, extra[rows])
        asked = np.flatnonzero((self.demand.lower > 0) | (np.arange(len(self.demand.lower)) == self.demand.count_row))
        for row in asked:
            solver.addCol(self.penalty, 0.0, float("inf"), 1, np.array([row], dtype=np.int32), np.array([1.0]))
        self.artificial = len(asked)
        return solver

    def column(self, tour: Tour) -> tuple[Ints, Floats]:
        """Return the rows in which a tour counts, and how much."""
        nodes = self.table.sets.members[tour.number][: self.sizes[tour.number]]
        counted = self.demand.matrix[:, nodes].sum(axis=1)
        stops = self.cap_matrix[:, tour.group] * self.sizes[tour.number]
        cuts = np.array([weight[tour.number] for weight in self.cut_weights], dtype=float)
        whole = np.concatenate([counted, self.limits.matrix[:, tour.group], stops, cuts])
        rows = np.flatnonzero(whole)
        return rows.astype(np.int32), whole[rows]

    def add(self, tours: Sequence[Tour]) -> None:
        """Let tours enter that are not there yet."""
        new = [tour for tour in tours if (tour.group, tour.number) not in self.known]
        if not new:
            return
        columns = [self.column(tour) for tour in new]
        starts = np.cumsum([0, *(len(rows) for rows, _ in columns[:-1])]).astype(np.int32)
        index = np.concatenate([rows for rows, _ in columns])
        value = np.concatenate([values for _, values in columns])
        costs = np.array([float(tour.cost) for tour in new])
        zeros, open_end = (
            np.zeros(len(new)),
            np.full(len(new), np.inf),
        )  # each node is served once, and with it each tour
        self.solver.addCols(len(new), costs, zeros, open_end, len(index), starts, index, value)
        self.pool += new
        self.known |= {(tour.group, tour.number) for tour in new}

    def relaxed(self, count: int) -> Relaxed:
        """Return the optimum over all tours for so many municipalities, tightened by cuts where it is not whole."""
        self.solver.changeRowBounds(
            self.demand.count_row, float(count), float(self.demand.upper[self.demand.count_row])
        )
        found = self._optimum()
        while self.cuts_are_valid and found.is_possible and not found.is_whole and len(self.cuts) < MOST_CUTS:
            new = [triple for triple in violated(*self._fractions(found), self._triples) if triple not in self.cuts]
            if not new:
                break
            for triple in new:
                self._cut(triple)
            found = self._optimum()
        return found

    @property
    def cuts_are_valid(self) -> bool:
        """Return whether each node is served at most once, as the cuts assume."""
        return (
            bool((self.demand.upper[: self.table.sets.count] <= 1).all()) and self.table.sets.count <= MOST_NODES_TO_CUT
        )

    def _fractions(self, found: Relaxed) -> tuple[Ints, Floats]:
        return self.table.sets.members[[tour.number for tour in found.chosen]], found.shares

    @cached_property
    def _triples(self) -> Ints:
        return NodeSets(self.table.sets.count, 3).members[self.table.sets.triple_offset :]

    def _cut(self, triple: Triple) -> None:
        """Add the row that of the tours serving two of the three nodes at most one is driven."""
        weight = serves_two(self.table.sets.members, triple)
        first = self.demand.extras.shape[1] + self.artificial
        columns = [first + at for at, tour in enumerate(self.pool) if weight[tour.number]]
        self.solver.addRow(-np.inf, 1.0, len(columns), np.array(columns, dtype=np.int32), np.ones(len(columns)))
        self.cuts.append(triple)
        self.cut_weights.append(weight)

    def _optimum(self) -> Relaxed:
        for _ in range(MOST_ROUNDS):
            found = self._solved()
            entering = self._entering(found)
            if not entering:
                return found
            self.add(entering)
        raise SolverError("Das Rechenwerk kam zu keinem Ende. Es wurde nichts geändert.")

    def _solved(self) -> Relaxed:
        import highspy

        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SolverError("Das Rechenwerk HiGHS ist gescheitert. Es wurde nichts geändert.")
        solution = self.solver.getSolution()
        price = np.array(solution.row_dual)
        demands, limits = len(self.demand.lower), len(self.limits.capacity)
        rows = demands + limits + len(self.caps)
        values = np.array(solution.col_value)
        extras = self.demand.extras.shape[1]
        used = values[extras + self.artificial :]
        chosen = np.flatnonzero(used > TINY)
        return Relaxed(
            value=float(self.solver.getInfo().objective_function_value),
            set_price=self._set_price(price[:demands] @ self.demand.matrix, price[rows:]),
            group_price=price[demands : demands + limits] @ self.limits.matrix,
            stop_price=price[demands + limits : rows] @ self.cap_matrix,
            count_price=float(price[self.demand.count_row]),
            chosen=tuple(self.pool[at] for at in chosen),
            shares=used[chosen],
            is_whole=bool((used[chosen] > 1 - TINY).all()) and _whole(values[:extras]),
            is_possible=bool((values[extras : extras + self.artificial] < TINY).all()),
        )

    def _set_price(self, node_price: Floats, cut_price: Floats) -> Floats:
        price = self.table.sets.total(node_price)
        for weight, one in zip(self.cut_weights, cut_price, strict=True):
            if one:
                price[weight] += one
        return price

    def _reduced(self, found: Relaxed, group: int) -> Floats:
        """Return the reduced cost of each set on the group's lanes, row by row, for the whole table may be large.

        What is impossible stays far above any price: prices are no higher than the penalty.
        """
        costs: Floats = self.table.costs[self.groups[group].row] - found.set_price
        if found.stop_price[group]:
            costs -= found.stop_price[group] * self.sizes
        costs -= found.group_price[group]
        return costs

    def _entering(self, found: Relaxed) -> list[Tour]:
        """Return the best tours of each group that would lower the value."""
        entering = []
        most = min(MOST_A_ROUND, len(self.sizes)) - 1
        for number in range(len(self.groups)):
            costs = self._reduced(found, number)
            if costs.min() >= -ENOUGH_TO_ENTER:
                continue
            best = np.argpartition(costs, most)[: most + 1]
            entering += [self._tour(number, int(at)) for at in np.sort(best) if costs[at] < -ENOUGH_TO_ENTER]
        return [tour for tour in entering if (tour.group, tour.number) not in self.known]

    def _tour(self, group: int, number: int) -> Tour:
        return Tour(group, number, int(self.table.costs[self.groups[group].row, number]))

    def within(self, found: Relaxed, gap: float) -> list[Tour]:
        """Return every tour whose reduced cost is at most the gap: none but these can be in a plan that is so good."""
        tours = []
        for number in range(len(self.groups)):
            near = np.flatnonzero(self._reduced(found, number) <= gap + TINY)
            tours += [self._tour(number, int(at)) for at in near if self._is_possible(number, int(at))]
        return tours

    def _is_possible(self, group: int, number: int) -> bool:
        return bool(self.table.costs[self.groups[group].row, number] < NEVER)


def _whole(values: Floats) -> bool:
    return bool((np.abs(values - np.rint(values)) < TINY).all())
