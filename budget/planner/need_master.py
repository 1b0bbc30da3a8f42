"""Which tours meet most need for the extra sum? A linear programme over all tours as the bound, a small whole one as the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget.planner.demands import Cap, Limits
from budget.planner.master import SolverError, Tour, highs
from budget.planner.question import Effort
from budget.planner.segments import Segment
from budget.planner.tables import Table
from budget.planner.tours import NEVER
from budget.planner.ways import Floats

MOST_TOURS = 1500  # in the whole programme: those of the best reduced costs
MOST_A_ROUND = 6
MOST_ROUNDS = 300
ENOUGH = 1e-4  # points


@dataclass(frozen=True, slots=True)
class NeedFound:
    """The tours chosen, the points they add, and a bound no plan of this kind exceeds."""

    tours: tuple[Tour, ...]
    points: float
    bound: float


class NeedMaster:
    """Rows: money, hours of each municipality, limits of lanes, caps of weeks. `hours` are lane × node."""

    def __init__(
        self,
        table: Table,
        limits: Limits,
        caps: Sequence[Cap],
        segments: Sequence[Segment],
        hours: Floats,
        town: Sequence[int],
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
        self.pool: list[Tour] = []
        self.forbidden: set[tuple[int, int]] = set()

    def column(self, tour: Tour) -> Floats:
        """Return what a tour counts in each row, the hours as negative numbers."""
        nodes = self.table.sets.members[tour.number][: self.sizes[tour.number]]
        hours = np.zeros(len(self.towns))
        np.add.at(hours, self.town_of[nodes], -self.hours[self.lane_of[tour.group], nodes])
        stops = self.cap_matrix[:, tour.group] * self.sizes[tour.number]
        return np.concatenate([[float(tour.cost)], hours, self.limits.matrix[:, tour.group], stops])

    def _upper(self, money: int) -> Floats:
        caps = np.array([float(cap.stops) for cap in self.caps])
        return np.concatenate([[float(money)], np.zeros(len(self.towns)), self.limits.capacity, caps])

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
        a_stop = price[1 + towns + limits :] @ self.cap_matrix[:, group]
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
                if gains[at] > least and (group, int(at)) not in self.forbidden:
                    found.append((float(gains[at]), self.tour(group, int(at))))
        return found

    def tour(self, group: int, number: int) -> Tour:
        """Return a tour with its cents."""
        return Tour(group, number, int(self.table.costs[self.rows_of[group], number]))

    def whole(self, money: int, start: Sequence[Tour], effort: Effort) -> NeedFound:
        """Return the best whole tours found among those of the best reduced costs, with a bound over all tours."""
        bound, price = self.relaxed(money)
        near = sorted(self._best(price, MOST_TOURS, -np.inf), key=lambda one: (-one[0], one[1].group, one[1].number))
        chosen = [tour for _, tour in near[:MOST_TOURS]]
        left_out = near[MOST_TOURS][0] if len(near) > MOST_TOURS else -np.inf
        tours = list(dict.fromkeys([*chosen, *start]))
        solver = highs()
        solver.setOptionValue("mip_max_nodes", max(1, effort.nodes // 20))
        solver.setOptionValue("time_limit", effort.need_seconds)
        solver.passModel(self._model(money, tours, whole=True))
        self._begin_with(solver, tours, start)
        solver.run()
        best = max((self._chosen(solver, tours), tuple(start)), key=self.points)
        within = float(solver.getInfo().mip_dual_bound)
        # A plan with a tour that was left out adds at most the bound less what that tour falls short.
        outside = bound + left_out
        return NeedFound(best, self.points(best), max(self.points(best), min(bound, max(within, outside))))

    def _chosen(self, solver: Any, tours: Sequence[Tour]) -> tuple[Tour, ...]:
        """Return the tours of the best whole plan the solver found, none where it found none in time."""
        import highspy

        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return ()
        values = np.array(solver.getSolution().col_value)
        return tuple(tour for tour, value in zip(tours, values[-len(tours) :], strict=True) if value > 0.5)

    def _begin_with(self, solver: Any, tours: Sequence[Tour], start: Sequence[Tour]) -> None:
        wanted = set(start)
        values = np.array([*self._used(start), *(float(tour in wanted) for tour in tours)])
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
