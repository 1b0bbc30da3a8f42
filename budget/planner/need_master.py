"""Which tours meet most need for the extra sum? A linear programme over all tours as the bound, a small whole one as the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget.planner.master import SolverError, highs, stop_after
from budget.planner.need_greedy import greedy_need
from budget.planner.need_pricing import Price, best
from budget.planner.need_rows import Cell, Column, Rows, columns_of
from budget.planner.question import Effort
from budget.planner.ways import Floats

MOST_TOURS = 1000  # in the whole programme: those of the best reduced costs
MOST_ALIKE = 4  # of those, to the same houses at other times
MOST_A_ROUND = 6
MOST_ROUNDS = 300
MOST_ROOMS_A_ROUND = 200
FIRST_GAP = 0.005  # of the bound: how far tours of the whole programme may fall short
WIDER = 2.0
ENOUGH = 1e-4  # points
HALF = 0.5
ROUNDING = 1e-6  # of a bound, for floating point


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best value over all tours, whole or not, and the prices of rows and cells that prove it."""

    value: float
    price: Floats
    rooms: Floats


@dataclass(frozen=True, slots=True)
class NeedFound:
    """The tours chosen, the points they add, and a bound no plan of such tours exceeds."""

    columns: tuple[Column, ...]
    points: float
    bound: float


class NeedMaster:
    """The programme for one sum of money."""

    def __init__(self, rows: Rows, money: int) -> None:
        self.rows = rows
        self.money = money
        self.pool: list[Column] = []
        self.known: set[tuple[int, tuple[int, ...]]] = set()
        self.forbidden: set[tuple[int, tuple[int, ...]]] = set()
        self.cells: dict[Cell, int] = {}  # with their row

    def relaxed(self) -> Relaxed:
        """Return the optimum over all tours; a row for a cell enters when two counsellors want it."""
        solver = highs()
        solver.passModel(self._model(self.pool, [], whole=False))
        self.cells = {}
        for _ in range(MOST_ROUNDS):
            found = self._priced_out(solver)
            full = self._overfull(solver)
            if not full:
                return found
            for cell in full:
                self._add_row(solver, cell)
        return found

    def _priced_out(self, solver: Any) -> Relaxed:
        """Let tours enter until none would add anything."""
        import highspy

        for _ in range(MOST_ROUNDS):
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise SolverError("Das Rechenwerk HiGHS ist gescheitert. Es wurde nichts geändert.")
            found = self._read(solver)
            new = [one for one in self._entering(found) if (one.lane, one.options) not in self.known]
            if not new:
                return found
            for column in new:
                self._add(solver, column)
        raise SolverError("Das Rechenwerk kam zu keinem Ende. Es wurde nichts geändert.")

    def _read(self, solver: Any) -> Relaxed:
        price = np.maximum(np.array(solver.getSolution().row_dual), 0.0)
        rooms = self.rows.no_rooms.copy()
        for (house, days, step), row in self.cells.items():
            # What is taken up at a step was begun at it or some steps before.
            rooms[house, days, step] = price[row]
        return Relaxed(float(solver.getInfo().objective_function_value), price, rooms)

    def _entering(self, found: Relaxed) -> list[Column]:
        return [one for _, one in self._best(found, ENOUGH, MOST_A_ROUND, 1)[0]]

    def _best(self, found: Relaxed, least: float, most: int, alike: int) -> tuple[list[tuple[float, Column]], float]:
        """Return up to `most` tours of each lane that add more than `least`, and what no other tour exceeds."""
        tours, others = [], least
        for lane, options in enumerate(self.rows.options):
            value, fixed = self.rows.worth(lane, found.price, found.rooms)
            near = best(options, Price(value, float(found.price[0]), least + fixed), most, alike)
            tours += list(zip((near.gains - fixed).tolist(), columns_of(lane, near.members, near.cents), strict=True))
            others = max(others, near.others - fixed)
        return tours, others

    def _add(self, solver: Any, column: Column) -> None:
        entries = self.rows.entries(column)
        rows = np.flatnonzero(entries)
        cells = sorted({self.cells[cell] for cell in self.rows.cells(column) if cell in self.cells})
        index = np.concatenate([rows, cells]).astype(np.int32)
        solver.addCol(0.0, 0.0, float("inf"), len(index), index, np.append(entries[rows], np.ones(len(cells))))
        self.pool.append(column)
        self.known.add((column.lane, column.options))

    def _overfull(self, solver: Any) -> list[Cell]:
        shares = np.array(solver.getSolution().col_value)[len(self.rows.pieces) :]
        used = np.flatnonzero(shares > ROUNDING).tolist()
        full = self.rows.overfull([self.pool[at] for at in used], shares[used].tolist())
        return [cell for cell in full if cell not in self.cells][:MOST_ROOMS_A_ROUND]

    def _add_row(self, solver: Any, cell: Cell) -> None:
        first = len(self.rows.pieces)
        inside = [first + at for at, column in enumerate(self.pool) if cell in self.rows.cells(column)]
        self.cells[cell] = solver.getNumRow()
        solver.addRow(-np.inf, 1.0, len(inside), np.array(inside, dtype=np.int32), np.ones(len(inside)))

    def _model(self, columns: Sequence[Column], exclusive: Sequence[tuple[int, ...]], whole: bool) -> Any:
        """Return the programme: hours used of each segment first, then tours."""
        import highspy

        upper, pieces = self.rows.upper(self.money), self.rows.pieces
        entries = [self._piece(piece.municipality, len(upper)) for piece in pieces]
        entries += [self.rows.entries(column) for column in columns]
        inside: list[list[int]] = [[] for _ in entries]
        for number, row in enumerate(exclusive, start=len(upper)):
            for at in row:
                inside[len(pieces) + at].append(number)
        indices = [np.flatnonzero(entry) for entry in entries]
        values = [entry[at] for entry, at in zip(entries, indices, strict=True)]
        model: Any = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(entries), len(upper) + len(exclusive)
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.array([piece.points_an_hour for piece in pieces] + [0.0] * len(columns))
        model.col_lower_ = np.zeros(len(entries))
        model.col_upper_ = np.array([piece.hours for piece in pieces] + [1.0 if whole else np.inf] * len(columns))
        model.row_lower_ = np.full(len(upper) + len(exclusive), -np.inf)
        model.row_upper_ = np.concatenate([upper, np.ones(len(exclusive))])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.cumsum(
            [0, *(len(rows) + len(more) for rows, more in zip(indices, inside, strict=True))]
        )
        whole_rows = [np.append(rows, more) for rows, more in zip(indices, inside, strict=True)]
        model.a_matrix_.index_ = np.concatenate([*whole_rows, []]).astype(np.int32)
        ones = [np.append(value, np.ones(len(more))) for value, more in zip(values, inside, strict=True)]
        model.a_matrix_.value_ = np.concatenate([*ones, []])
        if whole:
            kinds = highspy.HighsVarType
            model.integrality_ = [kinds.kContinuous] * len(pieces) + [kinds.kInteger] * len(columns)
        return model

    def _piece(self, municipality: int, rows: int) -> Floats:
        entries = np.zeros(rows)
        entries[1 + self.rows.towns.index(municipality)] = 1.0
        return entries

    def whole(self, relaxed: Relaxed, effort: Effort) -> NeedFound:
        """Return the best whole tours found among those of the best reduced costs, with a bound over all tours."""
        columns, left_out = self.near(relaxed)
        exclusive = self.rows.exclusive(columns)
        start = greedy_need(self.rows, columns, exclusive, self.money)
        chosen, within = self._best_of(columns, exclusive, start, effort)
        points = max(self.rows.points([columns[at] for at in one]) for one in (chosen, start))
        if points > self.rows.points([columns[at] for at in chosen]):
            chosen = start
        # A plan with a tour that was left out adds at most the bound less what that tour falls short.
        bound = min(relaxed.value, max(within, relaxed.value + left_out)) + ROUNDING * relaxed.value
        return NeedFound(tuple(columns[at] for at in chosen), points, max(points, bound))

    def near(self, relaxed: Relaxed) -> tuple[list[Column], float]:
        """Return the tours of the best reduced costs, and by how much all others fall short at least, as a negative."""
        gap = FIRST_GAP
        tours, others = self._best(relaxed, -gap * relaxed.value, MOST_TOURS, MOST_ALIKE)
        while len(tours) < MOST_TOURS and gap <= 1:  # what falls short by more is in no plan at all
            gap *= WIDER
            tours, others = self._best(relaxed, -gap * relaxed.value, MOST_TOURS, MOST_ALIKE)
        tours = [one for one in tours if (one[1].lane, one[1].options) not in self.forbidden]
        tours.sort(key=lambda one: (-one[0], one[1].lane, one[1].options))
        left_out = max(others, tours[MOST_TOURS][0] if len(tours) > MOST_TOURS else -np.inf)
        return [one for _, one in tours[:MOST_TOURS]], left_out

    def _best_of(
        self, columns: Sequence[Column], exclusive: Sequence[tuple[int, ...]], start: Sequence[int], effort: Effort
    ) -> tuple[tuple[int, ...], float]:
        """Return the best choice found, by number, none where none is found, and a bound over these tours."""
        import highspy

        solver = highs()
        solver.setOptionValue("mip_max_nodes", effort.need_nodes)
        solver.passModel(self._model(columns, exclusive, whole=True))
        driven = np.zeros(len(columns))
        driven[list(start)] = 1.0
        values = np.array([*self.rows.used([columns[at] for at in start]), *driven])
        solver.setSolution(len(values), np.arange(len(values), dtype=np.int32), values)
        stop_after(solver, effort.need_seconds)
        solver.run()
        within = float(solver.getInfo().mip_dual_bound)
        if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return (), within
        found = np.array(solver.getSolution().col_value)[len(self.rows.pieces) :]
        return tuple(int(at) for at in np.flatnonzero(found > HALF)), within
