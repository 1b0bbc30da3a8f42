"""Which tours of a lane add most beyond their price? None that could pay is missed.

All pairs are looked at. A pair's best third stop is known before it is looked for, so that only pairs are extended that
could pay with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from budget.planner.need_options import NONE, LaneOptions
from budget.planner.ways import Floats, Ints

BLOCK = 200  # pairs extended in one go
TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Best:
    """Tours, a row of three options each, with their cents and what they add, best first; no other adds more than `others`."""

    members: Ints
    cents: Ints
    gains: Floats
    others: float = -np.inf


@dataclass(frozen=True, slots=True)
class Price:
    """What an option of the lane is worth, what a cent is, and what a tour must add at least."""

    value: Floats
    cent: float
    least: float

    @property
    def rough(self) -> float:
        """Return the least before costs are rounded to cents."""
        return self.least - self.cent - TINY


def best(options: LaneOptions, price: Price, most: int, alike: int) -> Best:
    """Return up to `most` tours that add more than the least; of those to the same houses at other times, `alike`."""
    net = price.value - price.cent * options.alone
    first, second, saved = options.pairs
    third = net[second] + price.cent * saved
    pair = net[first] + third
    found = _exact(options, price, _small(net > price.rough, pair > price.rough, first, second))
    if options.most < 3 or not len(first):
        return _cut(options, found, most, alike)
    reach = pair + _tails(options, third)[second] + price.cent * options.past
    near = np.flatnonzero(reach > price.rough)
    near = near[np.argsort(-reach[near], kind="stable")]
    for at in range(0, len(near), BLOCK):
        found = _both(found, _exact(options, price, _extended(options, near[at : at + BLOCK])))
        if len(found.gains) >= most and at + BLOCK < len(near):
            found = Best(found.members, found.cents, found.gains, float(reach[near[at + BLOCK]]))
            break
    return _cut(options, found, most, alike)


def _small(one: Ints, two: Ints, first: Ints, second: Ints) -> Ints:
    """Return tours of one or two stops."""
    singles, pairs = np.flatnonzero(one), np.flatnonzero(two)
    members = np.full((len(singles) + len(pairs), 3), NONE, dtype=np.int64)
    members[: len(singles), 0] = singles
    members[len(singles) :, 0], members[len(singles) :, 1] = first[pairs], second[pairs]
    return members


def _tails(options: LaneOptions, third: Floats) -> Floats:
    """Return what the best next stop after each option adds."""
    tails = np.full(len(options), -np.inf)
    there = np.flatnonzero(np.diff(options.begin))
    tails[there] = np.maximum.reduceat(third, options.begin[there])
    return tails


def _extended(options: LaneOptions, pairs: Ints) -> Ints:
    """Return the pairs with every third stop."""
    first, second, _ = options.pairs
    low = options.begin[second[pairs]]
    counts = options.begin[second[pairs] + 1] - low
    number = np.repeat(np.arange(len(pairs)), counts)
    after = np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts) + low[number]
    return np.column_stack([first[pairs][number], second[pairs][number], second[after]]).astype(np.int64)


def _exact(options: LaneOptions, price: Price, members: Ints) -> Best:
    """Return those of the tours that add more than the least at their cost in whole cents."""
    cents = options.cents(members)
    worth = np.append(price.value, 0.0)[members].sum(axis=1)  # NONE is the last one
    gains = worth - price.cent * cents
    kept = gains > price.least
    return Best(members[kept], cents[kept], gains[kept])


def _both(one: Best, other: Best) -> Best:
    return Best(
        np.vstack([one.members, other.members]),
        np.concatenate([one.cents, other.cents]),
        np.concatenate([one.gains, other.gains]),
    )


def _cut(options: LaneOptions, found: Best, most: int, alike: int) -> Best:
    """Return the best tours, and what the best of those left out adds."""
    houses = np.sort(np.append(options.place, NONE)[found.members], axis=1)
    kept: list[int] = []
    seen: dict[bytes, int] = {}
    others = found.others
    for at in np.argsort(-found.gains, kind="stable").tolist():
        key = houses[at].tobytes()
        seen[key] = seen.get(key, 0) + 1
        if len(kept) >= most or seen[key] > alike:
            others = max(others, float(found.gains[at]))
            if len(kept) >= most:
                break
            continue
        kept.append(at)
    return Best(found.members[kept], found.cents[kept], found.gains[kept], others)
