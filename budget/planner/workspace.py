"""What does one question need again and again? Its instance, its nodes, its table of tours, and their way back to slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import comb

from budget.planner.answer import Cancelled
from budget.planner.checks import Usable, usable
from budget.planner.demands import Cap, cover, limits
from budget.planner.instance import Instance, Node
from budget.planner.lanes import Lane, lanes
from budget.planner.master import Master, Tour
from budget.planner.question import Question
from budget.planner.slots import Draft
from budget.planner.tables import Table, table
from budget.planner.tours import NEVER
from budget.planner.unpack import Unpacker
from budget.planner.weeks import assigned


class Workspace:
    """A checked question, ready to be solved. `nodes` are what one programme serves: municipalities by default."""

    def __init__(self, question: Question, cancelled: Cancelled | None = None) -> None:
        self.question = question
        self.cancelled = cancelled
        self.covered = frozenset(one.key for one in question.municipalities if one.covered_by)
        self.usable: Usable = usable(question)
        self.instance = Instance(question, self.usable.houses, self.usable.counsellors)
        self.is_too_large = self._cells() > question.effort.most_cells
        if self.is_too_large:
            self.question = replace(question, most_stops=min(2, question.most_stops))
            self.instance = Instance(self.question, self.usable.houses, self.usable.counsellors)
        self.caps: tuple[Cap, ...] = ()
        self.forbidden: set[tuple[int, int]] = set()

    def _cells(self) -> int:
        """Return about how large the table of tours would be."""
        nodes, stops = len(self.nodes), min(3, self.question.most_stops)
        sets = sum(comb(nodes, size) for size in range(1, stops + 1))
        del self.nodes
        return sets * len(self.instance.counsellors) * 5 * 2

    @cached_property
    def lanes(self) -> list[Lane]:
        """Return the lanes worth looking at."""
        return lanes(self.instance) if self.instance.houses and self.instance.counsellors else []

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Return a node a municipality still to be covered, and one a wanted house."""
        by_municipality: dict[int, list[int]] = {}
        for row, house in enumerate(self.instance.houses):
            by_municipality.setdefault(house.municipality, []).append(row)
        keys = sorted(by_municipality)
        return tuple(node for key in keys for node in self._nodes_of(key, by_municipality[key]))

    def _nodes_of(self, municipality: int, rows: list[int]) -> list[Node]:
        """Return the nodes of a municipality: wanted houses each, of which the first covers it, else all of its houses."""
        wanted = [row for row in rows if self.instance.houses[row].key in self.question.wishes.wanted]
        gain = int(municipality not in self.covered)
        if wanted:
            return [Node(municipality, (row,), gain * (not at), forced=True) for at, row in enumerate(wanted)]
        return [Node(municipality, tuple(rows), gain)] if gain else []

    @cached_property
    def table(self) -> Table:
        """Return the costs of all tours."""
        return table(self.instance, self.nodes, self.lanes, self.cancelled)

    @cached_property
    def unpacker(self) -> Unpacker:
        """Return the way back from tours to stops."""
        return Unpacker(self.instance, self.nodes)

    def master(self) -> Master:
        """Return a new linear programme, with the caps found necessary and without forbidden tours."""
        costs = self.table.costs
        for row, number in self.forbidden:
            costs[row, number] = NEVER
        return Master(self.table, cover(self.nodes), limits(self.table, self.caps), self.caps)

    @property
    def most(self) -> int:
        """Return how many municipalities could be gained at best."""
        return sum(node.gain for node in self.nodes)

    def drafts(self, master: Master, tours: Sequence[Tour]) -> tuple[Draft, ...]:
        """Return the slots of the tours."""
        return drafts_of(master, tours, self.unpacker)


def drafts_of(master: Master, tours: Sequence[Tour], unpacker: Unpacker) -> tuple[Draft, ...]:
    """Return the slots of the tours, in the order of counsellor, weekday and time."""
    found = []
    for lane, tour in assigned(unpacker.instance, master, tours):
        members = master.table.sets.members[tour.number][: master.sizes[tour.number]]
        stops = unpacker.tour(lane, [int(node) for node in members])
        found += [Draft(lane, stop.house, stop.start) for stop in stops]
    return tuple(sorted(found, key=lambda one: (one.lane.counsellor, one.lane.weekday, one.lane.days, one.start)))
