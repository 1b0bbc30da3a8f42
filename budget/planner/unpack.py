"""Which houses, in which order and at which time is the cheapest tour to a set of nodes? Found again stop by stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, permutations, product

import numpy as np

from budget.planner.instance import Instance, Node
from budget.planner.lanes import Lane, LaneView
from budget.planner.tours import LATE, LaneCosts, node_of_houses


@dataclass(frozen=True, slots=True, order=True)
class TourStop:
    """One new stop: house by row, start in minutes of the day."""

    house: int
    start: int


class Unpacker:
    """Finds tours again. The same lane and nodes give the same tour: cheapest, then most dates, then lowest keys."""

    def __init__(self, instance: Instance, nodes: Sequence[Node]) -> None:
        self.instance = instance
        self.node_of = node_of_houses(nodes, len(instance.houses))
        self._costs: dict[Lane, LaneCosts] = {}

    def tour(self, lane: Lane, nodes: Sequence[int]) -> tuple[TourStop, ...]:
        """Return the stops in order of time; empty where the tour is impossible."""
        costs = self._costs_of(lane)
        ranked = [
            self._ranked(costs, stops)
            for houses in product(*(np.flatnonzero(costs.nodes == node) for node in nodes))
            for order in permutations(int(house) for house in houses)
            for stops in self._in_time(costs, order)
        ]
        return min(ranked)[1] if ranked else ()

    def _costs_of(self, lane: Lane) -> LaneCosts:
        if lane not in self._costs:
            self._costs[lane] = LaneCosts(LaneView(self.instance, lane), self.node_of)
        return self._costs[lane]

    def _in_time(self, costs: LaneCosts, order: tuple[int, ...]) -> Iterator[tuple[tuple[int, int], ...]]:
        """Yield the stops with their steps, each as early as possible, for every way to lay them around existing stops."""
        for gaps in combinations_with_replacement(range(len(costs.gaps)), len(order)):
            steps: list[int] = []
            for place, (house, number) in enumerate(zip(order, gaps, strict=True)):
                earliest = costs.gaps[number].first
                if place:
                    earliest = max(earliest, steps[-1] + int(costs.hops[order[place - 1], house]))
                step = int(costs.first_start(earliest)[house]) if earliest < LATE else LATE
                steps.append(step)
                if step > costs.gaps[number].last:
                    break
            else:
                yield tuple(zip(order, steps, strict=True))

    def _ranked(
        self, costs: LaneCosts, stops: tuple[tuple[int, int], ...]
    ) -> tuple[tuple[float, ...], tuple[TourStop, ...]]:
        rows = costs.houses[[house for house, _ in stops]]
        tour = tuple(TourStop(int(row), step * self.instance.step) for row, (_, step) in zip(rows, stops, strict=True))
        dates = -float(costs.view.counts[rows].sum())
        return (round(tour_cost(costs.view, tour), 4), dates, *map(float, sorted(rows)), *map(float, rows)), tour


def tour_cost(view: LaneView, stops: Sequence[TourStop]) -> float:
    """Return the measured cents of new stops on a lane: the tours with them less those without, on days alike at once."""
    instance, base = view.instance, view.instance.base_row(view.lane.counsellor)
    cost = float(sum(instance.opening[row] for row in {stop.house for stop in stops}))
    cost += sum(int(view.counts[stop.house]) * int(instance.rent[stop.house]) for stop in stops)
    for one in view.days_alike:
        new = [(stop.start, stop.house) for stop in stops if one.is_open[stop.house]]
        cost += one.cents_per_km * (_way(instance, base, [*new, *one.own]) - _way(instance, base, one.own))
    return cost


def _way(instance: Instance, base: int, stops: Sequence[tuple[int, int]]) -> float:
    if not stops:
        return 0.0
    rows = [base, *(row for _, row in sorted(stops)), base]
    return float(instance.km[rows[:-1], rows[1:]].sum())
