"""What limits further tours? Money, hours that count, one tour a day, full weeks, and one counsellor in a house at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from budget.planner.demands import Cap, sharing
from budget.planner.instance import Instance
from budget.planner.lanes import Lane
from budget.planner.need_options import NONE, LaneOptions
from budget.planner.segments import Segment, worth
from budget.planner.ways import Bools, Floats, Ints

MINUTES_AN_HOUR = 60
TOO_MANY = 1e-4  # counsellors in a house beyond one

Cell = tuple[int, int, int]  # house, class of days, step of the day


@dataclass(frozen=True, slots=True)
class Column:
    """A tour: a lane and its options by number, in order of time, and its cents."""

    lane: int
    options: tuple[int, ...]
    cost: int


class Rows:
    """The rows of the programme: money, hours of each municipality, days of counsellors, weeks; and cells of houses."""

    def __init__(
        self,
        instance: Instance,
        options: Sequence[LaneOptions],
        caps: Sequence[Cap],
        segments: Sequence[Segment],
    ) -> None:
        self.instance = instance
        self.options = tuple(options)
        self.lanes = tuple(one.view.lane for one in options)
        self.towns = sorted({house.municipality for house in instance.houses})
        self.town = np.array([self.towns.index(house.municipality) for house in instance.houses])
        self.pieces = tuple(segment for segment in segments if segment.municipality in self.towns)
        self.days = _matrix(sharing(self.lanes), len(self.lanes))
        self.caps = _matrix([cap.lanes for cap in caps], len(self.lanes))
        self.most_stops = np.array([float(cap.stops) for cap in caps])
        self.hours = tuple(self._hours(one) for one in self.options)
        self.steps = -(-instance.length // instance.step)
        self.classes, self.is_open = _classes(instance, self.lanes)

    def _hours(self, options: LaneOptions) -> Floats:
        """Return the hours a month each option counts."""
        counsellor = options.view.lane.counsellor
        weight = np.array([worth(self.instance, counsellor, town) for town in self.towns])
        dates = options.view.counts[options.house]
        found: Floats = dates * weight[self.town[options.house]]
        return found * self.instance.length / MINUTES_AN_HOUR / self.instance.months

    def upper(self, money: int) -> Floats:
        """Return the most of each row, cells left out."""
        return np.concatenate([[float(money)], np.zeros(len(self.towns)), np.ones(len(self.days)), self.most_stops])

    def entries(self, column: Column) -> Floats:
        """Return what a tour counts in each row, cells left out; hours are negative."""
        hours = np.zeros(len(self.towns))
        at = list(column.options)
        np.add.at(hours, self.town[self.options[column.lane].house[at]], -self.hours[column.lane][at])
        stops = self.caps[:, column.lane] * len(at)
        return np.concatenate([[float(column.cost)], hours, self.days[:, column.lane], stops])

    def cells(self, column: Column) -> list[Cell]:
        """Return where a tour's stops are, by house, class of days and step of the day."""
        options = self.options[column.lane]
        return [
            (house, days, step)
            for house, start in ((int(options.house[at]), int(options.start[at])) for at in column.options)
            for days in np.flatnonzero(self.classes[column.lane] & self.is_open[house]).tolist()
            for step in range(start, start + self.steps)
        ]

    def worth(self, lane: int, price: Floats, rooms: Floats) -> tuple[Floats, float]:
        """Return what each option of a lane is worth at the rows' prices, and what a tour on it costs besides.

        `rooms` are the prices of cells: house × class of days × step.
        """
        options, towns, days = self.options[lane], 1 + len(self.towns), 1 + len(self.towns) + len(self.days)
        value = self.hours[lane] * price[1:towns][self.town[options.house]]
        value = value - float(price[days : days + len(self.caps)] @ self.caps[:, lane])
        taken = rooms[:, self.classes[lane]].sum(axis=1).cumsum(axis=1)
        taken = np.column_stack([np.zeros(len(taken)), taken])
        value -= taken[options.house, options.start + self.steps] - taken[options.house, options.start]
        return value, float(price[towns:days] @ self.days[:, lane])

    @cached_property
    def no_rooms(self) -> Floats:
        """Return prices of cells, all of them nothing."""
        last = max(int(one.start.max(initial=0)) for one in self.options) + self.steps
        return np.zeros((len(self.instance.houses), self.classes.shape[1], last))

    def overfull(self, columns: Sequence[Column], shares: Sequence[float]) -> list[Cell]:
        """Return the cells in which more than one counsellor is, fullest first; of cells with the same tours only one."""
        used: dict[Cell, float] = {}
        who: dict[Cell, list[int]] = {}
        for number, (column, share) in enumerate(zip(columns, shares, strict=True)):
            for cell in self.cells(column):
                used[cell] = used.get(cell, 0.0) + share
                who.setdefault(cell, []).append(number)
        full = sorted((cell for cell in used if used[cell] > 1 + TOO_MANY), key=lambda cell: (-used[cell], cell))
        return list({tuple(who[cell]): cell for cell in reversed(full)}.values())[::-1]

    def exclusive(self, columns: Sequence[Column]) -> list[tuple[int, ...]]:
        """Return the columns, by number, of which one at most is possible: two counsellors want a house at a time."""
        wanting: dict[Cell, list[int]] = {}
        for number, column in enumerate(columns):
            for cell in self.cells(column):
                wanting.setdefault(cell, []).append(number)
        rows = {tuple(numbers) for numbers in wanting.values()}
        return sorted(row for row in rows if len({self.lanes[columns[at].lane].counsellor for at in row}) > 1)

    def used(self, columns: Sequence[Column]) -> list[float]:
        """Return the hours the tours use of each segment, the best ones first."""
        hours = -sum((self.entries(one)[1 : 1 + len(self.towns)] for one in columns), start=np.zeros(len(self.towns)))
        used = []
        for segment in self.pieces:
            at = self.towns.index(segment.municipality)
            used.append(min(float(hours[at]), segment.hours))
            hours[at] -= used[-1]
        return used

    def points(self, columns: Sequence[Column]) -> float:
        """Return the points the tours add."""
        return sum(hours * piece.points_an_hour for hours, piece in zip(self.used(columns), self.pieces, strict=True))


def columns_of(lane: int, members: Ints, cents: Ints) -> list[Column]:
    """Return tours given as rows of options."""
    return [
        Column(lane, tuple(at for at in row if at != NONE), cost)
        for row, cost in zip(members.tolist(), cents.tolist(), strict=True)
    ]


def _matrix(sets: Iterable[Iterable[int]], count: int) -> Floats:
    found = [[float(number in one) for number in range(count)] for one in map(frozenset, sets)]
    return np.array(found).reshape(len(found), count)


def _classes(instance: Instance, lanes: Sequence[Lane]) -> tuple[Bools, Bools]:
    """Return lane × class of days, and house × class: whether it is open on one of them at least.

    Days of a weekday on which the same lanes are driven are one class.
    """
    driven: dict[tuple[int, int], list[int]] = {}
    for number, lane in enumerate(lanes):
        for day in lane.days:
            driven.setdefault((lane.weekday, day), []).append(number)
    classes: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for day_of, numbers in sorted(driven.items()):
        classes.setdefault(tuple(numbers), []).append(day_of)
    of_lane = _matrix(classes, len(lanes)).T > 0
    is_open = [
        np.any([instance.week(weekday).is_open[:, day] for weekday, day in days], axis=0) for days in classes.values()
    ]
    return of_lane, np.array(is_open, dtype=bool).T
