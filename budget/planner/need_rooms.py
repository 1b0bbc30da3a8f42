"""Who is in which house when? Tours of stage 3 with their times, so that a house holds one counsellor at a time.

The best tours are chosen without looking at rooms first, for that gives the bound. Then a smaller programme chooses again,
each tour at several times, with a row for each house and time that two counsellors could want.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from budget.planner.instance import Instance, Node
from budget.planner.lanes import Lane, LaneView
from budget.planner.master import Tour
from budget.planner.need_master import NeedFound, NeedMaster, Room
from budget.planner.question import Effort
from budget.planner.slots import Draft
from budget.planner.tours import NEVER
from budget.planner.unpack import TourStop, Unpacker, tour_cost
from budget.planner.ways import Bools

MOST_TOURS = 400  # of the best reduced costs, beside those chosen without looking at rooms
MOST_CHOICES = 6  # of houses for a tour
DEARER = 1.2
A_CENT = 1

Cell = tuple[int, int, int, int]  # key of the house, weekday, class of days, step of the day


@dataclass(frozen=True, slots=True)
class Placed:
    """A tour at its houses and times, and what of them it takes up."""

    tour: Tour
    stops: tuple[TourStop, ...]
    cells: frozenset[Cell]


class Rooms:
    """Places tours in houses and times."""

    def __init__(self, instance: Instance, nodes: Sequence[Node], master: NeedMaster) -> None:
        self.instance = instance
        self.master = master
        self.forbidden: set[tuple[int, int]] = set()
        self.classes = _classes(master.table.lanes)
        self._unpacker = Unpacker(instance, nodes, with_all=True)
        self._known: dict[Tour, tuple[Placed, ...]] = {}

    def best(self, money: int, found: NeedFound, effort: Effort) -> tuple[Placed, ...]:
        """Return the best tours found of which no two counsellors are in one house at a time."""
        tours = dict.fromkeys([*found.tours, *found.start, *found.near[:MOST_TOURS]])
        columns = [
            one for tour in tours if (tour.group, tour.number) not in self.forbidden for one in self.places(tour)
        ]
        starts = [self._one_by_one(money, columns, chosen) for chosen in (found.tours, found.start)]
        start = max(starts, key=lambda one: self._points(columns, one))
        chosen, _ = self.master.best_of(
            money, [one.tour for one in columns], start, effort.room_nodes, effort, self.exclusive(columns)
        )
        best = max((chosen, start), key=lambda one: self._points(columns, one))
        return tuple(columns[at] for at in best)

    def _points(self, columns: Sequence[Placed], chosen: Sequence[int]) -> float:
        return self.master.points([columns[at].tour for at in chosen])

    def lane(self, tour: Tour) -> Lane:
        """Return the lane a tour is driven on."""
        return self.master.table.lanes[self.master.lane_of[tour.group]]

    def drafts(self, placed: Sequence[Placed]) -> tuple[Draft, ...]:
        """Return the slots of the tours, in the order of counsellor, weekday and time."""
        found = [Draft(self.lane(one.tour), stop.house, stop.start) for one in placed for stop in one.stops]
        return tuple(sorted(found, key=lambda one: (one.lane.counsellor, one.lane.weekday, one.lane.days, one.start)))

    def places(self, tour: Tour) -> tuple[Placed, ...]:
        """Return the tour at its houses and times, and at others that cost little more."""
        if tour not in self._known:
            found = dict(self._times(tour))
            self._known[tour] = tuple(
                Placed(Tour(tour.group, tour.number, cents), one, self._cells(tour, one))
                for one, cents in found.items()
            )
        return self._known[tour]

    def _times(self, tour: Tour) -> Iterator[tuple[tuple[TourStop, ...], int]]:
        """Yield the cheapest tours, each as early as possible and later from each of its stops on, with their cents."""
        lane, sets = self.lane(tour), self.master.table.sets
        view = LaneView(self.instance, lane)
        nodes = [int(node) for node in sets.members[tour.number][: sets.sizes[tour.number]]]
        for number, first in enumerate(self._unpacker.choices(lane, nodes)[:MOST_CHOICES]):
            later = [self._unpacker.later(lane, first, place) for place in range(len(first))] if not number else []
            for stops in (first, *later):
                cents = round(tour_cost(view, stops)) if stops else NEVER
                if cents <= tour.cost * DEARER + A_CENT:
                    yield stops, max(cents, tour.cost)

    def _cells(self, tour: Tour, stops: Sequence[TourStop]) -> frozenset[Cell]:
        lane, step = self.lane(tour), self.instance.step
        return frozenset(
            (self.instance.houses[stop.house].key, lane.weekday, days, at)
            for stop in stops
            for days in self.classes[lane]
            for at in range(stop.start // step, -(-(stop.start + self.instance.length) // step))
        )

    def exclusive(self, columns: Sequence[Placed]) -> list[tuple[int, ...]]:
        """Return the columns, by number, of which one at most is possible: two counsellors want a house at a time."""
        wanting: dict[Cell, list[int]] = {}
        for number, one in enumerate(columns):
            for cell in one.cells:
                wanting.setdefault(cell, []).append(number)
        rows = {tuple(numbers) for numbers in wanting.values()}
        return sorted(row for row in rows if len({self.lane(columns[at].tour).counsellor for at in row}) > 1)

    def _one_by_one(self, money: int, columns: Sequence[Placed], tours: Sequence[Tour]) -> tuple[int, ...]:
        """Return the tours at the first time that is free, without those for which there is none, or no money."""
        taken: set[Cell] = set()
        places: dict[tuple[int, int], list[int]] = {}
        for number, one in enumerate(columns):
            places.setdefault((one.tour.group, one.tour.number), []).append(number)
        left, found = money, []
        for tour in tours:
            free = [at for at in places.get((tour.group, tour.number), ()) if not columns[at].cells & taken]
            if free and columns[free[0]].tour.cost <= left:
                found.append(free[0])
                taken |= columns[free[0]].cells
                left -= columns[free[0]].tour.cost
        return tuple(found)


def rooms_of(instance: Instance, nodes: Sequence[Node], lanes: Sequence[Lane]) -> list[Room]:
    """Return how many slots the houses of a node hold on each day, whoever comes.

    Such a row holds for every plan, whatever its times, so that a bound with it stays a bound.
    """
    alike: dict[frozenset[int], list[int]] = {}
    for number, node in enumerate(nodes):
        alike.setdefault(frozenset(instance.houses[row].key for row in node.houses), []).append(number)
    starts = [LaneView(instance, lane).starts for lane in lanes]
    found: dict[tuple[frozenset[int], frozenset[int]], int] = {}
    for weekday, day, driven in _driven(lanes):
        for numbers in alike.values():
            houses = nodes[numbers[0]].houses
            people = len({lanes[number].counsellor for number in driven})
            most = _held(instance, starts, houses, driven)
            if instance.week(weekday).is_open[houses[0], day] and most < people * len(numbers):
                key = frozenset(numbers), frozenset(driven)
                found[key] = min(found.get(key, most), most)
    return [Room(*key, most) for key, most in found.items()]


def _held(instance: Instance, starts: Sequence[Bools], houses: Sequence[int], lanes: Sequence[int]) -> int:
    """Return how many slots the houses hold on a day, one after the other, at times at which one of the lanes may come."""
    free = np.any([starts[lane][list(houses)] for lane in lanes], axis=0)
    steps = -(-instance.length // instance.step)
    return sum(_after_each_other(np.flatnonzero(row).tolist(), steps) for row in free)


def _after_each_other(starts: Sequence[int], steps: int) -> int:
    count, free = 0, 0
    for start in starts:
        if start >= free:
            count, free = count + 1, start + steps
    return count


def _driven(lanes: Sequence[Lane]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return each weekday and day with the lanes, by number, that are driven on it."""
    found: dict[tuple[int, int], list[int]] = {}
    for number, lane in enumerate(lanes):
        for day in lane.days:
            found.setdefault((lane.weekday, day), []).append(number)
    return [(*key, tuple(numbers)) for key, numbers in sorted(found.items())]


def _classes(lanes: Sequence[Lane]) -> dict[Lane, tuple[int, ...]]:
    """Return each lane's classes of days: days of a weekday on which the same lanes are driven are one class."""
    numbers: dict[tuple[int, ...], int] = {}
    for _, _, driven in _driven(lanes):
        numbers.setdefault(driven, len(numbers))
    found: dict[int, list[int]] = {}
    for driven, number in numbers.items():
        for lane_number in driven:
            found.setdefault(lane_number, []).append(number)
    return {lanes[number]: tuple(classes) for number, classes in found.items()}
