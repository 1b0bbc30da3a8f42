"""Which tours meet most need for the extra sum? A linear programme over all tours as the bound, a small whole one as the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget.planner.demands import Cap, Limits
from budget.planner.master import SolverError, Tour, highs, stop_after
from budget.planner.question import Effort
from budget.planner.segments import Segment
from budget.planner.tables import Table
from budget.planner.tours import NEVER
from budget.planner.ways import Floats

MOST_TOURS = 1200  # in the whole programme: those of the best reduced costs
MOST_A_ROUND = 6
MOST_ROUNDS = 300
ENOUGH = 1e-4  # points
HALF = 0.5


@dataclass(frozen=True, slots=True)
class NeedFound:
    """The tours chosen, the points they add, and a bound no plan of this kind exceeds."""

    tours: tuple[Tour, ...]
    points: float
    bound: float
    start: tuple[Tour, ...] = ()
    near: tuple[Tour, ...] = ()  # those of the best reduced costs, best first


@dataclass(frozen=True, slots=True)
class Room:
    """At most so many slots on a day in houses of the nodes, whoever comes: on the lanes that drive on the day."""

    nodes: frozenset[int]
    lanes: frozenset[int]
    most: int


class NeedMaster:
    """Rows: money, hours of each municipality, limits of lanes, caps of weeks, rooms. `hours` are lane × node."""

    def __init__(
        self,
        table: Table,
        limits: Limits,
        caps: Sequence[Cap],
        segments: Sequence[Segment],
        hours: Floats,
        town: Sequence[int],
        rooms: Sequence[Room] = (),
    ) -> None:
        self.table = table
        self.limits = limits
        self.caps = tuple(caps)
        self.hours = hours
        self.towns = sorted(set(town))
        self.pieces = tuple(segment for segment in segments if segment.municipality in self.towns)
        self.town_of = np.array([self.towns.index(key) for key in town], dtype=np.int64)
        self.sizes = table.sets.sizes
        self.lane_of = [group.lanes[0] for group in limits.groups]
        self.rows_of = [group.row for group in limits.groups]
        self.cap_matrix = np.array([[float(lane in cap.lanes) for lane in self.lane_of] for cap in self.caps])
        self.cap_matrix = self.cap_matrix.reshape(len(self.caps), len(self.lane_of))
        self.room_nodes = np.array([[float(node in room.nodes) for node in range(len(town))] for room in rooms])
        self.room_nodes = self.room_nodes.reshape(len(rooms), len(town))
        self.room_lanes = np.array([[float(lane in room.lanes) for lane in self.lane_of] for room in rooms])
        self.room_lanes = self.room_lanes.reshape(len(rooms), len(self.lane_of))
        self.most = np.array([*(float(cap.stops) for cap in caps), *(float(room.most) for room in rooms)])
        self.pool: list[Tour] = []

    def column(self, tour: Tour) -> Floats:
        """Return what a tour counts in each row, the hours as negative numbers."""
        nodes = self.table.sets.members[tour.number][: self.sizes[tour.number]]
        hours = np.zeros(len(self.towns))
        np.add.at(hours, self.town_of[nodes], -self.hours[self.lane_of[tour.group], nodes])
        stops = self.cap_matrix[:, tour.group] * self.sizes[tour.number]
        slots = self.room_lanes[:, tour.group] * self.room_nodes[:, nodes].sum(axis=1)
        return np.concatenate([[float(tour.cost)], hours, self.limits.matrix[:, tour.group], stops, slots])

    def _upper(self, money: int) -> Floats:
        return np.concatenate([[float(money)], np.zeros(len(self.towns)), self.limits.capacity, self.most])

    def _model(self, money: int, tours: Sequence[Tour], whole: bool) -> Any:
        """Return the programme: hours used of each segment first, then tours."""
        import highspy

        upper = self._upper(money)
        pieces = self.pieces
        columns = [self._piece(segment, len(upper)) for segment in pieces] + [self.column(tour) for tour in tours]
        indices = [np.flatnonzero(column) for column in columns]
        model: Any = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(columns), len(upper)
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.array([piece.points_an_hour for piece in pieces] + [0.0] * len(tours))
        model.col_lower_ = np.zeros(len(columns))
        model.col_upper_ = np.array([piece.hours for piece in pieces] + [1.0 if whole else np.inf] * len(tours))
        model.row_lower_, model.row_upper_ = np.full(len(upper), -np.inf), upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.cumsum([0, *map(len, indices)])
        model.a_matrix_.index_ = np.concatenate([*indices, np.array([], dtype=np.int64)]).astype(np.int32)
        model.a_matrix_.value_ = np.concatenate([column[at] for column, at in zip(columns, indices, strict=True)])
        if whole:
            kinds = highspy.HighsVarType
            model.integrality_ = [kinds.kContinuous] * len(pieces) + [kinds.kInteger] * len(tours)
        return model

    def _piece(self, segment: Segment, rows: int) -> Floats:
        column = np.zeros(rows)
        column[1 + self.towns.index(segment.municipality)] = 1.0
        return column

    def relaxed(self, money: int) -> tuple[float, Floats]:
        """Return the best value over all tours, whole or not, and the prices of the rows: a valid bound."""
        import highspy

        solver = highs()
        solver.passModel(self._model(money, self.pool, whole=False))
        known = {(tour.group, tour.number) for tour in self.pool}
        for _ in range(MOST_ROUNDS):
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise SolverError("Das Rechenwerk HiGHS ist gescheitert. Es wurde nichts geändert.")
            price = np.array(solver.getSolution().row_dual)
            new = [tour for tour in self._entering(price) if (tour.group, tour.number) not in known]
            if not new:
                return float(solver.getInfo().objective_function_value), price
            for tour in new:
                column = self.column(tour)
                rows = np.flatnonzero(column).astype(np.int32)
                solver.addCol(0.0, 0.0, float("inf"), len(rows), rows, column[rows])
            known |= {(tour.group, tour.number) for tour in new}
            self.pool += new
        raise SolverError("Das Rechenwerk kam zu keinem Ende. Es wurde nichts geändert.")

    def gains(self, price: Floats, group: int) -> Floats:
        """Return what each set would add beyond its price on the group's lane; at most 0 for all at the optimum."""
        towns, limits = len(self.towns), len(self.limits.capacity)
        lane = self.lane_of[group]
        node_price = self.hours[lane] * price[1 : 1 + towns][self.town_of]
        fixed = price[1 + towns : 1 + towns + limits] @ self.limits.matrix[:, group]
        caps = 1 + towns + limits + len(self.caps)
        a_stop = price[1 + towns + limits : caps] @ self.cap_matrix[:, group]
        node_price = node_price - (price[caps:] * self.room_lanes[:, group]) @ self.room_nodes
        costs = self.table.costs[self.rows_of[group]]
        found = self.table.sets.total(node_price) - price[0] * costs - fixed - a_stop * self.sizes
        return np.where(costs < NEVER, found, -np.inf)

    def _entering(self, price: Floats) -> list[Tour]:
        return [tour for _, tour in self._best(price, MOST_A_ROUND, ENOUGH)]

    def _best(self, price: Floats, most: int, least: float) -> list[tuple[float, Tour]]:
        """Return up to so many tours of each group that add more than `least`."""
        found = []
        for group in range(len(self.lane_of)):
            gains = self.gains(price, group)
            at_most = min(most, len(gains))
            for at in np.sort(np.argpartition(-gains, at_most - 1)[:at_most]):
                if gains[at] > least:
                    found.append((float(gains[at]), self.tour(group, int(at))))
        return found

    def tour(self, group: int, number: int) -> Tour:
        """Return a tour with its cents."""
        return Tour(group, number, int(self.table.costs[self.rows_of[group], number]))

    def whole(self, money: int, start: Sequence[Tour], effort: Effort) -> NeedFound:
        """Return the best whole tours found among those of the best reduced costs, with a bound over all tours.

        Whether two counsellors meet in a house is not looked at: the bound holds all the more where they must not.
        """
        bound, price = self.relaxed(money)
        near = sorted(self._best(price, MOST_TOURS, -np.inf), key=lambda one: (-one[0], one[1].group, one[1].number))
        left_out = near[MOST_TOURS][0] if len(near) > MOST_TOURS else -np.inf
        tours = list(dict.fromkeys([*(tour for _, tour in near[:MOST_TOURS]), *start]))
        begin = [tours.index(tour) for tour in start]
        chosen, within = self.best_of(money, tours, begin, effort.need_nodes, effort)
        best = max((tuple(tours[at] for at in chosen), tuple(start)), key=self.points)
        # A plan with a tour that was left out adds at most the bound less what that tour falls short.
        outside = bound + left_out
        least = max(self.points(best), min(bound, max(within, outside)))
        return NeedFound(best, self.points(best), least, tuple(start), tuple(tours))

    def best_of(
        self,
        money: int,
        tours: Sequence[Tour],
        start: Sequence[int],
        nodes: int,
        effort: Effort,
        exclusive: Sequence[tuple[int, ...]] = (),
    ) -> tuple[tuple[int, ...], float]:
        """Return the best whole choice found, by number, none where none is found, and a bound over these tours.

        Of the tours in each row of `exclusive` at most one is chosen. Processor time is the emergency stop.
        """
        import highspy

        solver = highs()
        solver.setOptionValue("mip_max_nodes", nodes)
        solver.passModel(self._model(money, tours, whole=True))
        for row in exclusive:
            columns = np.array(row, dtype=np.int32) + len(self.pieces)
            solver.addRow(-np.inf, 1.0, len(columns), columns, np.ones(len(columns)))
        self._begin_with(solver, tours, start)
        stop_after(solver, effort.need_seconds)
        solver.run()
        within = float(solver.getInfo().mip_dual_bound)
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return (), within
        values = np.array(solver.getSolution().col_value)[len(self.pieces) :]
        return tuple(int(at) for at in np.flatnonzero(values > HALF)), within

    def _begin_with(self, solver: Any, tours: Sequence[Tour], start: Sequence[int]) -> None:
        driven = np.zeros(len(tours))
        driven[list(start)] = 1.0
        values = np.array([*self._used([tours[at] for at in start]), *driven])
        solver.setSolution(len(values), np.arange(len(values), dtype=np.int32), values)

    def _used(self, tours: Sequence[Tour]) -> list[float]:
        """Return the hours the tours use of each segment, the best ones first."""
        hours = -sum((self.column(tour)[1 : 1 + len(self.towns)] for tour in tours), start=np.zeros(len(self.towns)))
        used = []
        for segment in self.pieces:
            at = self.towns.index(segment.municipality)
            used.append(min(float(hours[at]), segment.hours))
            hours[at] -= used[-1]
        return used

    def points(self, tours: Sequence[Tour]) -> float:
        """Return the points the tours add."""
        used = self._used(tours)
        return sum(hours * piece.points_an_hour for hours, piece in zip(used, self.pieces, strict=True))
