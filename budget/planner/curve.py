"""What do k municipalities cost at least, for every k? Coverage and fewest euros are read off this curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from budget.planner.exact import Found, cheapest
from budget.planner.master import Master, Tour
from budget.planner.question import Effort


def curve(master: Master, counts: Sequence[int], effort: Effort) -> Iterator[tuple[int, Found]]:
    """Yield what each number of municipalities costs, in the order of `counts`, up to the first that is impossible."""
    for count in counts:
        found = cheapest(master, count, effort)
        yield count, found
        if not found.is_possible:
            return


def municipalities_of(master: Master, tours: Sequence[Tour]) -> tuple[int, ...]:
    """Return the nodes that the tours serve, ascending."""
    members, sizes = master.table.sets.members, master.sizes
    return tuple(sorted(int(node) for tour in tours for node in members[tour.number][: sizes[tour.number]]))
