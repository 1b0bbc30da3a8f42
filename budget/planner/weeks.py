"""Does every week of a counsellor have room for the tours, and on which of like lanes are they driven?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from budget.planner.demands import Cap
from budget.planner.instance import Instance
from budget.planner.lanes import Lane, LaneView
from budget.planner.master import Master, Tour, highs

MOST_NODES = 1000
UNLIMITED = 10**6
HALF = 0.5

Assigned = list[tuple[Lane, Tour]]
Driven = Sequence[tuple[Lane, int]]  # lanes with the number of their new stops


def assigned(instance: Instance, master: Master, tours: Sequence[Tour]) -> Assigned:
    """Return each tour with a lane of its group: the first ones, or others of equal cost where a week would be too full."""
    found = _first_lanes(master, tours)
    for counsellor in range(len(instance.counsellors)):
        mine = [pair for pair in found if pair[0].counsellor == counsellor]
        if _is_overfull(instance, counsellor, stops_of(master, mine)):
            spread = _spread(instance, master, counsellor, [tour for _, tour in mine])
            found = [pair for pair in found if pair[0].counsellor != counsellor] + (spread or mine)
    return sorted(found, key=lambda pair: (pair[1].group, pair[1].number))


def stops_of(master: Master, pairs: Assigned) -> list[tuple[Lane, int]]:
    """Return the lanes with the number of their stops."""
    return [(lane, int(master.sizes[tour.number])) for lane, tour in pairs]


def _first_lanes(master: Master, tours: Sequence[Tour]) -> Assigned:
    used: dict[int, int] = {}
    found = []
    for tour in sorted(tours, key=lambda one: (one.group, one.number)):
        place = used.get(tour.group, 0)
        used[tour.group] = place + 1
        found.append((master.table.lanes[master.groups[tour.group].lanes[place]], tour))
    return found


def _spread(instance: Instance, master: Master, counsellor: int, tours: Sequence[Tour]) -> Assigned:
    """Return the tours on lanes of their groups with which every week has room; empty where there are none."""
    import highspy

    choices = [(at, lane) for at, tour in enumerate(tours) for lane in master.groups[tour.group].lanes]
    rows = [[float(at == one) for at, _ in choices] for one in range(len(tours))]
    rows += [[float(lane == one) for _, lane in choices] for one in sorted({lane for _, lane in choices})]
    caps = caps_of(instance, master.table.lanes, counsellor)
    stops = [int(master.sizes[tours[at].number]) for at, _ in choices]
    rows += [[size * float(lane in cap.lanes) for size, (_, lane) in zip(stops, choices, strict=True)] for cap in caps]
    most = [1.0] * (len(rows) - len(caps)) + [float(cap.stops) for cap in caps]
    solver = highs()
    solver.setOptionValue("mip_max_nodes", MOST_NODES)
    for number, (_, lane) in enumerate(choices):
        solver.addCol(float(lane), 0.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
        solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    for number, row in enumerate(rows):
        least = 1.0 if number < len(tours) else -np.inf
        solver.addRow(least, most[number], len(row), np.arange(len(row), dtype=np.int32), np.array(row))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return []
    values = solver.getSolution().col_value
    chosen = [pair for pair, value in zip(choices, values, strict=True) if value > HALF]
    return [(master.table.lanes[lane], tours[at]) for at, lane in chosen]


def overfull_weeks(instance: Instance, lanes: Sequence[Lane], driven: Driven) -> list[Cap]:
    """Return a cap for each week of a counsellor whose stops exceed his minutes in some week."""
    found: dict[tuple[int, frozenset[int]], Cap] = {}
    for number in range(len(instance.counsellors)):
        if _is_overfull(instance, number, driven):
            for cap in caps_of(instance, lanes, number):
                found[number, cap.lanes] = min(found.get((number, cap.lanes), cap), cap, key=lambda one: one.stops)
    return list(found.values())


def _is_overfull(instance: Instance, counsellor: int, driven: Driven) -> bool:
    if instance.counsellors[counsellor].weekly_minutes is None:
        return False
    new: dict[tuple[int, int], int] = {}
    for lane, stops in driven:
        for week in _weeks(instance, lane) if lane.counsellor == counsellor else ():
            new[week] = new.get(week, 0) + stops
    return any(stops > stops_left(instance, counsellor, week) for week, stops in new.items())


def caps_of(instance: Instance, lanes: Sequence[Lane], counsellor: int) -> list[Cap]:
    """Return the caps of all weeks of a counsellor."""
    driving: dict[tuple[int, int], set[int]] = {}
    for number, lane in enumerate(lanes):
        for week in _weeks(instance, lane) if lane.counsellor == counsellor else ():
            driving.setdefault(week, set()).add(number)
    return [Cap(frozenset(busy), stops_left(instance, counsellor, week)) for week, busy in sorted(driving.items())]


def stops_left(instance: Instance, counsellor: int, week: tuple[int, int]) -> int:
    """Return how many new slots a counsellor's week still takes."""
    minutes = instance.counsellors[counsellor].weekly_minutes
    if minutes is None:
        return UNLIMITED
    days = [date.fromisocalendar(*week, weekday) for weekday in range(1, 8)]
    busy = sum(visit.end - visit.start for day in days for visit in instance.visits_of(counsellor, day))
    return max(0, (minutes - busy) // instance.length)


def _weeks(instance: Instance, lane: Lane) -> list[tuple[int, int]]:
    """Return the weeks of the days on which a lane is driven at all."""
    view = LaneView(instance, lane)
    opened_days = np.any(view.is_open, axis=0).tolist()
    weeks = (day.isocalendar() for day, opened in zip(view.dates, opened_days, strict=True) if opened)
    return [(week.year, week.week) for week in weeks]
