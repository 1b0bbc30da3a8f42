"""What can be said honestly where a proof would take too long? A plan found step by step, and a bound that holds for all.

Two bounds: the linear programme's value is convex in the number of municipalities, so a line through a solved point bounds
all others; and a tour with at most three stops costs no less than a third of each stop's own way there and back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor

import numpy as np

from budget.planner.exact import Found
from budget.planner.lanes import LaneView
from budget.planner.master import Relaxed, Tour
from budget.planner.tours import FAR
from budget.planner.ways import Floats
from budget.planner.workspace import Workspace


class Bounds:
    """Lower bounds for every number of municipalities, from what is already known."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lines: list[tuple[int, float, float]] = []
        self._floors: Floats | None = None

    def learn(self, count: int, relaxed: Relaxed) -> None:
        """Take the line through a solved point."""
        if relaxed.is_possible:
            self.lines.append((count, relaxed.value, relaxed.count_price))

    def at(self, count: int) -> int:
        """Return a number of cents below which no plan for so many municipalities stays."""
        known = [value + price * (count - at) for at, value, price in self.lines]
        if not known:
            known = [float(np.sort(self.floors)[:count].sum())]
        return max(0, floor(max(known)))

    @property
    def floors(self) -> Floats:
        """Return what each node that gains costs at least, whatever else is on the tour."""
        if self._floors is None:
            self._floors = _floors(self.workspace)
        return self._floors

    def rough(self, count: int, starts: Mapping[int, Sequence[Tour]]) -> Found:
        """Return the point as far as it is known: the plan found step by step, and the bound."""
        bound = self.at(count)
        tours = starts.get(count)
        if tours is None:
            return Found(None, None, bound, False)
        cost = sum(tour.cost for tour in tours)
        return Found(tuple(tours), cost, min(bound, cost), bound >= cost)


def _floors(workspace: Workspace) -> Floats:
    instance = workspace.instance
    least = np.full(len(instance.houses), FAR)
    for lane in workspace.lanes:
        view = LaneView(instance, lane)
        ways = 2 * instance.km[instance.base_row(lane.counsellor), : len(instance.houses)]
        travel = ways * (view.is_open @ view.cents_per_km) / 3 * (not view.own)
        cost = view.counts * instance.rent + instance.opening + travel
        least = np.where(view.usable, np.minimum(least, cost), least)
    return np.array([least[list(node.houses)].min() for node in workspace.nodes if node.gain])
