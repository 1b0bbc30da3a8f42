"""What does one question need again and again? Its instance, its nodes, its table of tours, and their way back to slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from math import comb

import numpy as np

from budget.planner.answer import Cancelled
from budget.planner.checks import Usable, usable
from budget.planner.demands import Cap, cover, limits
from budget.planner.instance import Instance, Node
from budget.planner.lanes import Lane, LaneView, lanes
from budget.planner.master import Master, Tour
from budget.planner.question import Question
from budget.planner.slots import Draft
from budget.planner.tables import Table, table
from budget.planner.tours import NEVER
from budget.planner.unpack import Unpacker


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
        return Master(self.table, cover(self.nodes), limits(self.table, together=not self.caps), self.caps)

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
    for lane, tour in assigned(master, tours):
        members = master.table.sets.members[tour.number][: master.sizes[tour.number]]
        stops = unpacker.tour(lane, [int(node) for node in members])
        found += [Draft(lane, stop.house, stop.start) for stop in stops]
    return tuple(sorted(found, key=lambda one: (one.lane.counsellor, one.lane.weekday, one.lane.days, one.start)))


def assigned(master: Master, tours: Sequence[Tour]) -> list[tuple[Lane, Tour]]:
    """Return each tour with a lane of its group, the first ones first."""
    used: dict[int, int] = {}
    found = []
    for tour in sorted(tours, key=lambda one: (one.group, one.number)):
        place = used.get(tour.group, 0)
        used[tour.group] = place + 1
        found.append((master.table.lanes[master.groups[tour.group].lanes[place]], tour))
    return found


def overfull_weeks(workspace: Workspace, table_: Table, driven: Sequence[tuple[Lane, int]]) -> list[Cap]:
    """Return a cap for each week whose stops exceed a counsellor's minutes; `driven` are lanes with their stops."""
    instance = workspace.instance
    found: dict[tuple[int, frozenset[int]], Cap] = {}
    for number, counsellor in enumerate(instance.counsellors):
        if counsellor.weekly_minutes is None:
            continue
        new: dict[tuple[int, int], int] = {}
        for lane, stops in driven:
            for day in _days(instance, lane) if lane.counsellor == number else ():
                new[_week(day)] = new.get(_week(day), 0) + stops
        if any(stops > stops_left(instance, number, week) for week, stops in new.items()):
            for cap in caps_of(workspace, table_.lanes, number):
                found[number, cap.lanes] = min(found.get((number, cap.lanes), cap), cap, key=lambda one: one.stops)
    return list(found.values())


def caps_of(workspace: Workspace, lanes: Sequence[Lane], counsellor: int) -> list[Cap]:
    """Return the caps of all weeks of a counsellor."""
    instance = workspace.instance
    driving: dict[tuple[int, int], set[int]] = {}
    for number, lane in enumerate(lanes):
        for day in _days(instance, lane) if lane.counsellor == counsellor else ():
            driving.setdefault(_week(day), set()).add(number)
    return [Cap(frozenset(busy), stops_left(instance, counsellor, week)) for week, busy in sorted(driving.items())]


def stops_left(instance: Instance, counsellor: int, week: tuple[int, int]) -> int:
    """Return how many new slots a counsellor's week still takes."""
    minutes = instance.counsellors[counsellor].weekly_minutes
    if minutes is None:
        return 10**6
    days = [date.fromisocalendar(*week, weekday) for weekday in range(1, 8)]
    busy = sum(visit.end - visit.start for day in days for visit in instance.visits_of(counsellor, day))
    return max(0, (minutes - busy) // instance.length)


def _days(instance: Instance, lane: Lane) -> tuple[date, ...]:
    """Return the days on which a lane is driven at all."""
    view = LaneView(instance, lane)
    opened_days = np.any(view.is_open, axis=0).tolist()
    return tuple(day for day, opened in zip(view.dates, opened_days, strict=True) if opened)


def _week(day: date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week
