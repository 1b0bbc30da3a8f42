"""How many municipalities can be covered for the money, and what do they cost at least? Stages 1 and 2, and the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import thread_time

import numpy as np

from budget.planner.answer import OnProgress, Progress
from budget.planner.demands import Cap
from budget.planner.exact import Cut, Found, cheapest, integer
from budget.planner.greedy import each_count
from budget.planner.master import Master, SolverError, Tour
from budget.planner.question import Question, Safety
from budget.planner.rough import Bounds
from budget.planner.slots import Draft, Priced, clashes, priced
from budget.planner.tables import StoppedError, Table
from budget.planner.weeks import assigned, overfull_weeks, stops_of
from budget.planner.workspace import Workspace

MOST_REPAIRS = 20
ENOUGH = 3  # cents a printed plan may differ from its tours, a tour


@dataclass(frozen=True, slots=True)
class Solved:
    """The curve by number of municipalities gained, and the plan that was chosen from it."""

    master: Master
    points: dict[int, Found]
    gained: int
    tours: tuple[Tour, ...]
    drafts: tuple[Draft, ...]
    plan: Priced
    measured: int


def solved(workspace: Workspace, on_progress: OnProgress | None) -> Solved | None:
    """Return the curve and the plan; None where even the wishes cannot be fulfilled.

    A plan that the product's own conflict check refuses is forbidden tour by tour and looked for again.
    """
    for _ in range(MOST_REPAIRS):
        master, points = points_of(workspace, on_progress)
        if not points[0].is_possible:
            return None
        found = _affordable(workspace, master, points)
        if found is not None:
            return found
    raise SolverError("Der Plan ließ sich nicht ohne Konflikte zusammenstellen. Es wurde nichts geändert.")


def points_of(workspace: Workspace, on_progress: OnProgress | None) -> tuple[Master, dict[int, Found]]:
    """Return the curve from no municipality gained to all that are possible. Week caps enter when a plan needs them."""
    master = workspace.master()
    points: dict[int, Found] = {}
    starts = each_count(master, workspace.nodes) if not workspace.caps else {}
    count, bounds, began = 0, Bounds(workspace), thread_time()
    while count <= workspace.most:
        if workspace.cancelled is not None and workspace.cancelled():
            raise StoppedError
        if workspace.is_too_large or thread_time() - began > workspace.question.effort.curve_seconds:
            points |= _rest(workspace, master, bounds, starts, count)
            break
        found = cheapest(master, count, workspace.question.effort, starts.get(count), bounds.learn)
        caps = overfull(workspace, workspace.table, master, found.tours or ())
        if any(cap not in workspace.caps for cap in caps):
            workspace.caps = tuple(dict.fromkeys((*workspace.caps, *caps)))
            master, starts = workspace.master(), {}
            continue
        points[count] = found
        if not found.is_possible:
            break
        _tell(on_progress, count, workspace, found)
        count += 1
    return master, points


def _rest(
    workspace: Workspace, master: Master, bounds: Bounds, starts: dict[int, tuple[Tour, ...]], first: int
) -> dict[int, Found]:
    """Return the points from `first` on with a bound and a plan found step by step; the last one gives a line, too."""
    if not workspace.is_too_large:
        bounds.learn(workspace.most, master.relaxed(workspace.most))
    found = {count: bounds.rough(count, starts) for count in range(first, workspace.most + 1)}
    return found | ({0: Found((), 0, 0, True)} if first == 0 and not workspace.question.wishes.wanted else {})


def overfull(workspace: Workspace, costs: Table, master: Master, tours: Sequence[Tour]) -> list[Cap]:
    """Return the caps that the tours break on whichever lanes of equal cost they are driven."""
    driven = stops_of(master, assigned(workspace.instance, master, tours))
    return overfull_weeks(workspace.instance, costs.lanes, driven)


def _tell(on_progress: OnProgress | None, count: int, workspace: Workspace, found: Found) -> None:
    if on_progress is None:
        return
    value = None if found.cost is None else float(found.cost)
    base = len(workspace.covered)
    sentence = f"Günstigster Plan für {base + count} von {base + workspace.most} Gemeinden"
    on_progress(Progress("curve", sentence, count, workspace.most, value, float(found.bound)))


def _affordable(workspace: Workspace, master: Master, points: dict[int, Found]) -> Solved | None:
    """Return the best plan whose printed cost fits the money; None where one had to be forbidden for a clash."""
    for count in sorted((count for count, found in points.items() if found.tours is not None), reverse=True):
        found = points[count]
        if count and (found.cost or 0) > workspace.instance.money:
            continue
        tours = by_rule(workspace, master, count, found)
        drafts = workspace.drafts(master, tours)
        plan = priced(workspace.instance, drafts)
        if _forbid_clashes(workspace, master, tours, drafts):
            return None
        measured = workspace.instance.measured(plan.total)
        if abs(measured - sum(tour.cost for tour in tours)) > ENOUGH * (len(tours) + 1):
            raise SolverError("Der Plan kostet anders als berechnet. Es wurde nichts geändert.")
        if measured <= workspace.instance.money or not count:
            return Solved(master, points, count, tours, drafts, plan, measured)
    return None


def _forbid_clashes(workspace: Workspace, master: Master, tours: tuple[Tour, ...], drafts: tuple[Draft, ...]) -> bool:
    """Forbid the tours in which the product itself finds a clash; return whether there were any."""
    found = clashes(workspace.instance, drafts)
    for number, _ in found:
        draft = drafts[number]
        for lane, tour in assigned(workspace.instance, master, tours):
            if lane == draft.lane:
                workspace.forbidden.add((master.groups[tour.group].row, tour.number))
    return bool(found)


def by_rule(workspace: Workspace, master: Master, count: int, found: Found) -> tuple[Tour, ...]:
    """Return, of all plans of the same cost, the one with the fewest tours, then on the earliest days of the week.

    Looked for only where the cost is proven, among all tours such a plan can have.
    """
    tours = found.tours or ()
    if not found.is_proven or not tours:
        return tours
    relaxed = master.relaxed(count)
    cost = sum(tour.cost for tour in tours)
    near = master.within(relaxed, max(1.0, cost - relaxed.value + 0.5))
    if len(near) > workspace.question.effort.most_columns // 4:
        return tours
    rank = np.array([_rank(workspace, master, tour) for tour in near])
    costs = np.array([float(tour.cost) for tour in near])
    chosen, is_best, _ = integer(master, count, near, workspace.question.effort, tours, rank, (Cut(costs, cost + 0.5),))
    return chosen if chosen is not None and is_best else tours


def _rank(workspace: Workspace, master: Master, tour: Tour) -> float:
    lane = workspace.table.lanes[master.groups[tour.group].lanes[0]]
    place = lane.weekday * 100 + min(lane.counsellor, 99)
    return 100_000.0 + place * 10 + tour.number / len(workspace.table.sets)


def money_needed(question: Question, cost: int) -> int:
    """Return the money that a measured cost asks for, the surcharge included."""
    if question.safety is Safety.MARGIN:
        return -(-cost * (100 + question.margin_percent) // 100)
    return cost
