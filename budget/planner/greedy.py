"""What would come out without a solver? Slot by slot the cheapest next municipality, as simple planners do.

Only for comparison: every page of a plan may say how much better the proven one is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from budget.planner.instance import Node
from budget.planner.master import Master, Tour
from budget.planner.tours import NEVER


def greedy(master: Master, nodes: Sequence[Node], money: int, most: int) -> tuple[Tour, ...]:
    """Return tours that serve forced nodes first and then, one by one, the node that adds least, while money lasts."""
    plan = _Plan(master)
    for forced in (True, False):
        while plan.nodes_served(nodes) < most or forced:
            open_nodes = [at for at, node in enumerate(nodes) if at not in plan.served and node.forced == forced]
            step = plan.cheapest_step(open_nodes)
            if step is None or (plan.cost + step[0] > money and not forced):
                break
            plan.take(*step)
    return plan.tours


def each_count(master: Master, nodes: Sequence[Node]) -> dict[int, tuple[Tour, ...]]:
    """Return tours for each number of nodes that gain, as far as the steps lead: plans to start from."""
    plan = _Plan(master)
    found: dict[int, tuple[Tour, ...]] = {}
    for forced in (True, False):
        while True:
            open_nodes = [at for at, node in enumerate(nodes) if at not in plan.served and node.forced == forced]
            step = plan.cheapest_step(open_nodes)
            if step is None:
                break
            plan.take(*step)
            if not forced:
                found[plan.nodes_served(nodes)] = plan.tours
    return found


class _Plan:
    def __init__(self, master: Master) -> None:
        self.master = master
        self.served: set[int] = set()
        self.cost = 0
        self._tours: list[Tour] = []

    @property
    def tours(self) -> tuple[Tour, ...]:
        return tuple(self._tours)

    def nodes_served(self, nodes: Sequence[Node]) -> int:
        return sum(nodes[at].gain for at in self.served)

    def cheapest_step(self, open_nodes: Sequence[int]) -> tuple[int, Tour | None, Tour] | None:
        """Return (more cents, tour replaced, tour with one node more); None where none is possible."""
        steps = [step for node in open_nodes for step in self._steps(node)]
        return min(steps, key=lambda step: (step[0], step[2].group, step[2].number), default=None)

    def _steps(self, node: int) -> list[tuple[int, Tour | None, Tour]]:
        found = [self._step(old, node) for old in self._tours]
        free = [group for group in range(len(self.master.groups)) if self._has_room(group)]
        rows = self.master.row_of_group[free]
        costs = self.master.table.costs[rows, node] if free else np.array([], dtype=np.int32)
        if len(costs):
            best = int(np.argmin(costs))
            found.append((int(costs[best]), None, Tour(free[best], node, int(costs[best]))))
        return [step for step in found if step is not None and step[2].cost < NEVER]

    def _step(self, old: Tour, node: int) -> tuple[int, Tour | None, Tour] | None:
        sets = self.master.table.sets
        size = int(self.master.sizes[old.number])
        if size >= sets.most:
            return None
        nodes = sorted([*(int(one) for one in sets.members[old.number][:size]), node])
        number = sets.number(nodes)
        cost = int(self.master.table.costs[self.master.groups[old.group].row, number])
        return cost - old.cost, old, Tour(old.group, number, cost)

    def _has_room(self, group: int) -> bool:
        limits = self.master.limits
        used = np.zeros(len(limits.groups))
        for tour in self._tours:
            used[tour.group] += 1
        used[group] += 1
        rows = limits.matrix[:, group] > 0
        return bool((limits.matrix[rows] @ used <= limits.capacity[rows]).all())

    def take(self, more: int, old: Tour | None, new: Tour) -> None:
        """Drive the tour, in place of an old one if it grew out of it."""
        if old is not None:
            self._tours.remove(old)
        self._tours.append(new)
        self.cost += more
        sets = self.master.table.sets
        self.served |= {int(node) for node in sets.members[new.number][: self.master.sizes[new.number]]}
