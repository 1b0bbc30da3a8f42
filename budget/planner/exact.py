"""What is the best choice of whole tours, and is it proven? Reduced-cost fixing around a small integer programme.

Every tour whose reduced cost exceeds the distance from the bound to a known plan is in no better plan. So the integer
programme over the others is exact once that distance lies within the tours it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from budget.planner.answer import Proof, ProofStatus
from budget.planner.master import Master, Relaxed, SolverError, Tour, highs, stop_after
from budget.planner.question import Effort
from budget.planner.ways import Floats

ROUNDING = 0.01  # cents a bound may lie too high because of floating point
FIRST_GAP = 0.0005  # of the bound: the guess of how far the best plan lies above it
LEAST_GAP = 100.0  # cents
WIDER = 3.0


@dataclass(frozen=True, slots=True)
class Found:
    """The best tours found, None where there are none, with their cents, a valid bound, and whether both meet."""

    tours: tuple[Tour, ...] | None
    cost: int | None
    bound: int
    is_proven: bool
    is_possible: bool = True

    @property
    def proof(self) -> Proof:
        """Return what is known as a proof in cents."""
        if not self.is_possible:
            return Proof(ProofStatus.INFEASIBLE, None, None, None)
        if self.cost is None:
            return Proof(ProofStatus.BOUNDED, None, float(self.bound), None)
        gap = 0.0 if self.is_proven else (self.cost - self.bound) / max(1, self.cost)
        status = ProofStatus.OPTIMAL if self.is_proven else ProofStatus.BOUNDED
        return Proof(status, float(self.cost), float(self.bound), gap)


IMPOSSIBLE = Found(None, None, 0, True, is_possible=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """A forbidden or limiting combination of tours: the sum of the weights of a plan's tours is at most `most`."""

    weight: Floats  # of each tour, by its place in the list it was made for
    most: float


def cheapest(
    master: Master,
    count: int,
    effort: Effort,
    known: Sequence[Tour] | None = None,
    learn: Callable[[int, Relaxed], None] | None = None,
) -> Found:
    """Return the cheapest tours for so many municipalities. `known` is a plan that does, to start from.

    `learn` is told the linear programme's optimum.
    """
    relaxed = master.relaxed(count)
    if learn is not None:
        learn(count, relaxed)
    if not relaxed.is_possible:
        return IMPOSSIBLE
    bound = ceil(relaxed.value - ROUNDING)
    if relaxed.is_whole:
        return Found(relaxed.chosen, sum(tour.cost for tour in relaxed.chosen), bound, True)
    return _by_integer(master, count, relaxed, effort, tuple(known or ()) or None)


def among(master: Master, count: int, effort: Effort, cuts: Callable[[Sequence[Tour]], list[Cut]]) -> Found:
    """Return the cheapest tours that respect the cuts; the bound without them holds with them, too."""
    relaxed = master.relaxed(count)
    return _by_integer(master, count, relaxed, effort, None, cuts) if relaxed.is_possible else IMPOSSIBLE


def no_cuts(tours: Sequence[Tour]) -> list[Cut]:
    """Return no further rows."""
    return []


def _by_integer(
    master: Master,
    count: int,
    relaxed: Relaxed,
    effort: Effort,
    best: tuple[Tour, ...] | None,
    cuts: Callable[[Sequence[Tour]], list[Cut]] = no_cuts,
) -> Found:
    bound = ceil(relaxed.value - ROUNDING)
    gap = max(LEAST_GAP, relaxed.value * FIRST_GAP)
    while True:
        distance = None if best is None else _cost(best) - relaxed.value
        if distance is not None:
            gap = min(gap, distance)
        before = best
        tours = master.within(relaxed, gap)
        is_cut_off = len(tours) > effort.most_columns
        if is_cut_off:
            tours = list(master.pool)
        if best is not None:
            tours = list(dict.fromkeys((*tours, *best)))
        chosen, is_optimal, least = integer(master, count, tours, effort, best, cuts=cuts(tours))
        best = min((one for one in (chosen, best) if one is not None), key=_cost, default=None)
        if best is not None and is_optimal and not is_cut_off and _cost(best) - relaxed.value <= gap + ROUNDING:
            return Found(best, _cost(best), _cost(best), True)
        if not is_cut_off:
            bound = ceil(max(bound, min(least, relaxed.value + gap) - ROUNDING))
        if not is_optimal or (is_cut_off and best is before) or gap > master.penalty * 4:
            return IMPOSSIBLE if best is None and is_optimal and not is_cut_off else _unproven(best, bound)
        gap = gap * WIDER if best is None else min(gap * WIDER, _cost(best) - relaxed.value)


def _unproven(best: tuple[Tour, ...] | None, bound: int) -> Found:
    if best is None:
        return Found(None, None, bound, False)
    return Found(best, _cost(best), min(bound, _cost(best)), bound >= _cost(best))


def _cost(tours: Sequence[Tour]) -> int:
    return sum(tour.cost for tour in tours)


def integer(
    master: Master,
    count: int,
    tours: Sequence[Tour],
    effort: Effort,
    start: Sequence[Tour] | None = None,
    rank: Floats | None = None,
    cuts: Sequence[Cut] = (),
) -> tuple[tuple[Tour, ...] | None, bool, float]:
    """Return the best whole choice among the tours, whether it is the best, and a bound over them.

    `rank` replaces the cost as the aim. Only an end by itself counts as the best, never one by a limit.
    """
    import highspy

    costs = np.array([float(tour.cost) for tour in tours]) if rank is None else rank
    solver = highs()
    solver.setOptionValue("mip_abs_gap", 0.999)  # whole cents
    solver.setOptionValue("mip_max_nodes", effort.nodes)
    solver.passModel(_model(master, count, tours, costs, cuts))
    if start is not None:
        _begin_with(solver, master, tours, start)
    stop_after(solver, effort.seconds)
    solver.run()
    status = solver.getModelStatus()
    info = solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None, True, float("inf")
    if status in (highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kModelError):
        raise SolverError("Das Rechenwerk HiGHS ist gescheitert. Es wurde nichts geändert.")
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, False, float(info.mip_dual_bound)
    values = np.array(solver.getSolution().col_value)[master.demand.extras.shape[1] :]
    chosen = tuple(tour for tour, value in zip(tours, values, strict=True) if value > 0.5)
    return chosen, is_optimal, float(info.mip_dual_bound)


def _model(master: Master, count: int, tours: Sequence[Tour], costs: Floats, cuts: Sequence[Cut]) -> Any:
    import highspy

    extras = master.demand.extras.T
    free = len(master.lower)
    columns = [(np.flatnonzero(extra), extra[np.flatnonzero(extra)]) for extra in extras]
    columns += [master.column(tour) for tour in tours]
    for number, cut in enumerate(cuts):
        for at in np.flatnonzero(cut.weight):
            rows, values = columns[len(extras) + at]
            columns[len(extras) + at] = (np.append(rows, free + number), np.append(values, cut.weight[at]))
    lower, upper = master.lower, master.upper
    lower[master.demand.count_row] = count
    model: Any = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(columns), free + len(cuts)
    model.col_cost_ = np.concatenate([np.zeros(len(extras)), costs])
    model.col_lower_ = np.zeros(len(columns))
    model.col_upper_ = np.ones(len(columns))
    model.row_lower_ = np.concatenate([lower, np.full(len(cuts), -np.inf)])
    model.row_upper_ = np.concatenate([upper, [cut.most for cut in cuts]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.cumsum([0, *(len(rows) for rows, _ in columns)])
    model.a_matrix_.index_ = np.concatenate([rows for rows, _ in columns]).astype(np.int32)
    model.a_matrix_.value_ = np.concatenate([values for _, values in columns])
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    return model


def _begin_with(solver: Any, master: Master, tours: Sequence[Tour], start: Sequence[Tour]) -> None:
    """Hand the solver a plan to start from; extras are left to it."""
    wanted = {(tour.group, tour.number) for tour in start}
    offset = master.demand.extras.shape[1]
    chosen = [offset + at for at, tour in enumerate(tours) if (tour.group, tour.number) in wanted]
    if len(chosen) == len(start):
        solver.setSolution(len(chosen), np.array(chosen, dtype=np.int32), np.ones(len(chosen)))
