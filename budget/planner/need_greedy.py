"""What would be bought tour by tour, most points for the euro first? A plan to start from, and to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from budget.planner.need_rows import Column, Rows
from budget.planner.ways import Floats

LEAST_POINTS = 1e-6
TINY = 1e-9


def greedy_need(
    rows: Rows, columns: Sequence[Column], exclusive: Sequence[tuple[int, ...]], money: int
) -> tuple[int, ...]:
    """Return the tours, by number, that are bought one by one while the money lasts."""
    if not columns:
        return ()
    entries = np.array([rows.entries(column) for column in columns])
    towns = 1 + len(rows.towns)
    hours, entries[:, 1:towns] = -entries[:, 1:towns], 0.0
    meets = np.zeros((len(columns), len(exclusive)))
    for number, row in enumerate(exclusive):
        meets[list(row), number] = 1.0
    takes = np.hstack([entries, meets])
    left = np.concatenate([rows.upper(money), np.ones(len(exclusive))])
    curves = [_curve(rows, town) for town in rows.towns]
    there = np.zeros(len(rows.towns))
    chosen: list[int] = []
    while True:
        gains = _gains(curves, there, hours)
        fits = (takes <= left + TINY).all(axis=1) & (gains > LEAST_POINTS)
        fits[chosen] = False
        if not fits.any():
            return tuple(chosen)
        at = int(np.argmax(np.where(fits, gains / np.maximum(entries[:, 0], 1.0), -1.0)))
        chosen.append(at)
        left, there = left - takes[at], there + hours[at]


Curve = tuple[Floats, Floats]


def _curve(rows: Rows, town: int) -> Curve:
    """Return hours and the points they add, at the ends of the pieces."""
    pieces = [segment for segment in rows.pieces if segment.municipality == town]
    hours = np.cumsum([0.0, *(piece.hours for piece in pieces)])
    points = np.cumsum([0.0, *(piece.hours * piece.points_an_hour for piece in pieces)])
    return hours, points


def _gains(curves: Sequence[Curve], there: Floats, hours: Floats) -> Floats:
    """Return the points each tour adds to the hours there are."""
    gains = np.zeros(len(hours))
    for number, curve in enumerate(curves):
        gains += np.interp(there[number] + hours[:, number], *curve) - np.interp(there[number], *curve)
    return gains
