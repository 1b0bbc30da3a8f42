"""In which houses and at which starts could a counsellor stop on a lane, and what does a tour of such stops cost?

An option is a house with a start. Tours are up to three options in order of time, the same house again included.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from budget.planner.lanes import LaneView
from budget.planner.tours import LaneCosts
from budget.planner.unpack import TourStop
from budget.planner.ways import Bools, Floats, Ints

NONE = -1  # in the place of an option: no further stop


class LaneOptions:
    """The options of a lane. `every`: those of one house lie at least so many steps apart."""

    def __init__(self, view: LaneView, every: int = 1) -> None:
        self.view = view
        self.most = view.stops_left
        self.costs = LaneCosts(view, np.arange(len(view.instance.houses)), with_all=True)
        self.place, self.start = np.nonzero(thinned(self.costs.starts, every))
        self.house: Ints = self.costs.houses[self.place]
        self._gap = np.searchsorted([stay.start // view.instance.step for stay in view.own], self.start)
        alone = np.array([self.costs.alone(gap) for gap in self.costs.gaps])
        self.alone: Floats = alone[self._gap, self.place]

    def __len__(self) -> int:
        return len(self.place)

    def stops(self, options: Sequence[int]) -> tuple[TourStop, ...]:
        """Return houses and starts of a tour."""
        step = self.view.instance.step
        return tuple(TourStop(int(self.house[at]), int(self.start[at]) * step) for at in options)

    @cached_property
    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """Return the pairs of options that fit in time, by the first one, and what each saves."""
        if self.most < 2:
            return np.array([], dtype=np.int32), np.array([], dtype=np.int32), np.array([])
        hops = self.costs.hops[self.place[:, None], self.place[None, :]]
        first, second = np.nonzero(self.start[None, :] >= self.start[:, None] + hops)
        return first.astype(np.int32), second.astype(np.int32), self._saves(first, second)

    @cached_property
    def begin(self) -> Ints:
        """Return where each option's pairs begin, and at last where all end."""
        return np.searchsorted(self.pairs[0], np.arange(len(self) + 1))

    @cached_property
    def past(self) -> Floats:
        """Return for each pair a bound of what a third stop saves besides, on days on which the second is closed."""
        first, second, _ = self.pairs
        number, rates = self._patterns
        most = rates.max(axis=2)[number[self.place[first]], number[self.place[second]]]
        found: Floats = most * 2 * self._out[self.place[first]]
        return found

    def cents(self, members: Ints) -> Ints:
        """Return the whole cents of tours, a row of three options each, NONE where there are fewer."""
        cost = np.where(members == NONE, 0.0, self.alone[members]).sum(axis=1)
        two, three = members[:, 1] != NONE, members[:, 2] != NONE
        cost[two] -= self._saves(members[two, 0], members[two, 1])
        cost[three] -= self._saves(members[three, 1], members[three, 2])
        cost[three] -= self._past(members[three, 0], members[three, 1], members[three, 2])
        cents: Ints = np.rint(cost).astype(np.int64)
        return cents

    @cached_property
    def _saved(self) -> Floats:
        """Return what two stops save by following each other: gap of the first × of the second × house × house."""
        gaps, houses = self.costs.gaps, len(self.costs.houses)
        saved = np.zeros((len(gaps), len(gaps), houses, houses))
        for one, first in enumerate(gaps):
            for other, second in enumerate(gaps[one:], start=one):
                saved[one, other] = self.costs.saved(first, second)
        return saved

    def _saves(self, first: Ints, second: Ints) -> Floats:
        found: Floats = self._saved[self._gap[first], self._gap[second], self.place[first], self.place[second]]
        return found

    @cached_property
    def _patterns(self) -> tuple[Ints, Floats]:
        """Return each house's pattern of open days, and cents a kilometre on days with two patterns open, one between closed."""
        patterns, number = np.unique(self.costs.is_open, axis=0, return_inverse=True)
        rates = np.einsum("ad,bd,cd,d->abc", patterns, 1 - patterns, patterns, self.view.cents_per_km, optimize=True)
        return np.asarray(number).ravel(), rates

    @cached_property
    def _out(self) -> Floats:
        out: Floats = self.view.instance.km[self.costs.base, self.costs.houses]
        return out

    def _past(self, first: Ints, middle: Ints, last: Ints) -> Floats:
        """Return what three stops save on days on which the middle one is closed."""
        number, rates = self._patterns
        one, two, three = self.place[first], self.place[middle], self.place[last]
        way = self._out[one] + self._out[three] - self.costs.km[one, three]
        found: Floats = rates[number[one], number[two], number[three]] * way
        return found


def thinned(starts: Bools, every: int) -> Bools:
    """Return of each house's starts the first, and each that lies at least so many steps after the one before it."""
    if every == 1:
        return starts
    found = np.zeros_like(starts)
    for kept, row in zip(found, starts, strict=True):
        free = 0
        for start in np.flatnonzero(row).tolist():
            if start >= free:
                kept[start], free = True, start + every
    return found
