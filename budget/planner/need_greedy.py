"""What would be bought tour by tour, most points for the euro first? A plan to start from, and to compare with."""

from __future__ import annotations

import numpy as np

from budget.planner.master import Tour
from budget.planner.need_master import NeedMaster
from budget.planner.tours import NEVER
from budget.planner.ways import Bools, Floats

MOST_STEPS = 400
LEAST_POINTS = 1e-6


def greedy_need(master: NeedMaster, money: int) -> tuple[Tour, ...]:
    """Return tours bought one by one while the money lasts."""
    curves = [_curve(master, town) for town in master.towns]
    left = money
    tours: list[Tour] = []
    limit = np.concatenate([master.limits.capacity, master.most])
    used = np.zeros(1 + len(master.towns) + len(limit))
    for _ in range(MOST_STEPS):
        hours = -used[1 : 1 + len(master.towns)]
        free = limit - used[1 + len(master.towns) :]
        tour = _best(master, curves, hours, free, left)
        if tour is None:
            break
        tours.append(tour)
        used += master.column(tour)
        left -= tour.cost
    return tuple(tours)


Curve = tuple[Floats, Floats]


def _curve(master: NeedMaster, town: int) -> Curve:
    """Return hours and the points they add, at the ends of the pieces."""
    pieces = [segment for segment in master.pieces if segment.municipality == town]
    hours = np.cumsum([0.0, *(piece.hours for piece in pieces)])
    points = np.cumsum([0.0, *(piece.hours * piece.points_an_hour for piece in pieces)])
    return hours, points


def _best(master: NeedMaster, curves: list[Curve], hours: Floats, free: Floats, money: int) -> Tour | None:
    """Return the tour with the most points for its euros that is still possible; None where none adds anything."""
    now = np.array([np.interp(h, *curve) for h, curve in zip(hours, curves, strict=True)])
    best: tuple[float, Tour] | None = None
    lanes, caps = len(master.limits.capacity), len(master.caps)
    for group, lane in enumerate(master.lane_of):
        if (free[:lanes][master.limits.matrix[:, group] > 0] < 1).any():
            continue
        stops = free[lanes : lanes + caps][master.cap_matrix[:, group] > 0].min(initial=3)
        full = master.table.sets.total(_full(master, free[lanes + caps :], group)) > 0
        more = master.hours[lane]
        after = np.array([np.interp(hours[at] + x, *curves[at]) for at, x in zip(master.town_of, more, strict=True)])
        gains = master.table.sets.total(after - now[master.town_of])
        costs = master.table.costs[master.rows_of[group]]
        possible = (costs <= money) & (master.sizes <= stops) & (costs < NEVER) & (gains > LEAST_POINTS) & ~full
        ratio = np.where(possible, gains / np.maximum(costs, 1), -1.0)
        at = int(np.argmax(ratio))
        if ratio[at] > 0 and (best is None or ratio[at] > best[0]):
            best = float(ratio[at]), master.tour(group, at)
    return None if best is None else best[1]


def _full(master: NeedMaster, free: Floats, group: int) -> Floats:
    """Return 1 for each node in whose houses there is no room left; a second node of the same houses needs room for two."""
    needed = np.cumsum(master.room_nodes, axis=1) * master.room_nodes
    too_many: Bools = (needed > free[:, None]) & (master.room_lanes[:, group] > 0)[:, None]
    found: Floats = too_many.any(axis=0).astype(float)
    return found
