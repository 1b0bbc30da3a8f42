"""Which three nodes are served more often in halves than whole tours could? Subset-row cuts on the linear programme.

Of the tours that serve at least two of any three nodes, a plan drives at most one, for each node is served once. Halves of
three tours break this; each such triple gives a row, valid for every plan.
"""

from __future__ import annotations

import numpy as np

from budget.planner.ways import Bools, Floats, Ints

MOST_CUTS_A_ROUND = 25
LEAST_EXCESS = 0.02
MOST_CUTS = 400

Triple = tuple[int, int, int]


def violated(members: Ints, values: Floats, triples: Ints) -> list[Triple]:
    """Return the triples most violated by the tours' values. `members` has the nodes of each tour, padded."""
    if not len(triples) or not len(members):
        return []
    serves = np.zeros((len(members), int(triples.max()) + 1))
    for column in members.T:
        known = column < serves.shape[1]
        serves[np.flatnonzero(known), column[known]] = 1
    excess = np.zeros(len(triples))
    for tour, value in zip(serves, values, strict=True):
        excess += value * (tour[triples].sum(axis=1) >= 2)
    worst = np.argsort(-excess, kind="stable")[:MOST_CUTS_A_ROUND]
    return [(int(a), int(b), int(c)) for a, b, c in triples[worst[excess[worst] > 1 + LEAST_EXCESS]]]


def serves_two(members: Ints, triple: Triple) -> Bools:
    """Return the sets that serve at least two of the three nodes."""
    found: Bools = np.isin(members, triple).sum(axis=1) >= 2
    return found
