"""What has to be served, and what excludes each other? The rows of the linear programme beside its tours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from budget.planner.instance import Node
from budget.planner.lanes import Lane
from budget.planner.question import Rhythm
from budget.planner.tables import Table
from budget.planner.ways import Floats, Ints

UNLIMITED = np.inf


@dataclass(frozen=True, slots=True)
class Demand:
    """Rows on nodes: a tour counts in a row what its nodes count there. `count_row` asks for coverage.

    `extras` are variables between 0 and 1 that are no tours, a column each.
    """

    matrix: Floats  # row × node
    lower: Floats
    upper: Floats
    extras: Floats  # row × extra
    count_row: int


def cover(nodes: Sequence[Node]) -> Demand:
    """Return the rows of the plain plan: each node at most once, forced ones exactly once, so many that gain."""
    count = len(nodes)
    matrix = np.vstack([np.eye(count), [float(node.gain) for node in nodes]])
    lower = np.array([float(node.forced) for node in nodes] + [0.0])
    upper = np.array([1.0] * count + [UNLIMITED])
    return Demand(matrix, lower, upper, np.zeros((count + 1, 0)), count)


def survive(nodes: Sequence[Node], municipalities: Sequence[int], once: frozenset[int]) -> Demand:
    """Return the rows of the plan that survives any closing. Every node is one house.

    A municipality counts when it has two of its houses, and at least one beside each; both families of rows together make
    the programme tight. Those in `once` have only one house that can be used, and need it once.
    """
    nodes_of = {key: [row for row, node in enumerate(nodes) if node.municipality == key] for key in municipalities}
    rows: list[Floats] = list(np.eye(len(nodes)))
    extras: list[Floats] = [np.zeros(len(municipalities)) for _ in nodes]
    for number, key in enumerate(municipalities):
        mine = np.zeros(len(nodes))
        mine[nodes_of[key]] = 1
        asks = np.zeros(len(municipalities))
        asks[number] = -1
        rows.append(mine)
        extras.append(asks if key in once else 2 * asks)
        for row in () if key in once else nodes_of[key]:
            others = mine.copy()
            others[row] = 0
            rows.append(others)
            extras.append(asks)
    rows.append(np.zeros(len(nodes)))
    extras.append(np.ones(len(municipalities)))
    lower = np.zeros(len(rows))
    upper = np.full(len(rows), UNLIMITED)
    upper[: len(nodes)] = 1
    return Demand(np.array(rows), lower, upper, np.array(extras), len(rows) - 1)


@dataclass(frozen=True, slots=True)
class Group:
    """Lanes of equal costs that can stand for each other, by their number in the table."""

    row: int
    lanes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `capacity` tours in the groups of each row: nobody drives two tours on a day."""

    groups: tuple[Group, ...]
    matrix: Floats  # limit × group
    capacity: Floats


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many new stops in one week of a counsellor, on the lanes that drive in it."""

    lanes: frozenset[int]
    stops: int


def limits(table: Table, caps: Sequence[Cap] = ()) -> Limits:
    """Return who excludes whom. Monthly lanes of equal costs are one group, but for counsellors with caps."""
    capped = {table.lanes[number].counsellor for cap in caps for number in cap.lanes}
    groups: list[Group] = []
    rows: list[tuple[dict[int, float], float]] = []
    by_day: dict[tuple[int, int], list[int]] = {}
    for number, lane in enumerate(table.lanes):
        by_day.setdefault((lane.counsellor, lane.weekday), []).append(number)
    for numbers in by_day.values():
        is_alike = all(table.lanes[number].rhythm is Rhythm.MONTHLY for number in numbers)
        if is_alike and table.lanes[numbers[0]].counsellor not in capped:
            _add_alike(table, numbers, groups, rows)
        else:
            _add_each(table, numbers, groups, rows)
    matrix = np.zeros((len(rows), len(groups)))
    for number, (row, _) in enumerate(rows):
        matrix[number, list(row)] = list(row.values())
    return Limits(tuple(groups), matrix, np.array([capacity for _, capacity in rows]))


Rows = list[tuple[dict[int, float], float]]


def _add_alike(table: Table, numbers: list[int], groups: list[Group], rows: Rows) -> None:
    """Add groups of monthly lanes, which never share a date."""
    alike: dict[int, list[int]] = {}
    for number in numbers:
        alike.setdefault(int(table.row_of[number]), []).append(number)
    for row, lanes in alike.items():
        rows.append(({len(groups): 1.0}, float(len(lanes))))
        groups.append(Group(row, tuple(lanes)))


def _add_each(table: Table, numbers: list[int], groups: list[Group], rows: Rows) -> None:
    """Add a group a lane, and a row for each set of lanes that share a date."""
    first = len(groups)
    groups += [Group(int(table.row_of[number]), (number,)) for number in numbers]
    found = sharing([table.lanes[number] for number in numbers])
    rows += [(dict.fromkeys((first + at for at in lanes), 1.0), 1.0) for lanes in found]


def sharing(lanes: Sequence[Lane]) -> list[tuple[int, ...]]:
    """Return the sets of lanes, by number, that share a counsellor and a date."""
    driven: dict[tuple[int, int, int], list[int]] = {}
    for number, lane in enumerate(lanes):
        for day in lane.days:
            driven.setdefault((lane.counsellor, lane.weekday, day), []).append(number)
    return sorted({tuple(numbers) for numbers in driven.values()})


def group_of(limits_: Limits, lanes: int) -> Ints:
    """Return the group of each lane."""
    found = np.zeros(lanes, dtype=np.int64)
    for number, group in enumerate(limits_.groups):
        found[list(group.lanes)] = number
    return found
