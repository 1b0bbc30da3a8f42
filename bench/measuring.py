"""How is a time taken on a noisy machine, and how is it shown?"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import process_time
from typing import Any, TextIO

RUNS = 9


@dataclass(frozen=True)
class Measurement:
    """One line of the table. `is_met` is None where no aim was set."""

    name: str
    value: str
    aim: str
    is_met: bool | None


def best_seconds(work: Callable[[], Any], runs: int = RUNS) -> float:
    """Return the least processor time of some runs: what else the machine does can only make it longer."""
    found = []
    for _ in range(runs):
        gc.collect()
        start = process_time()
        work()
        found.append(process_time() - start)
    return min(found)


def print_table(measurements: Iterable[Measurement], progress: TextIO) -> None:
    """Print a line a measurement as soon as it is known."""
    print(f"{'Messung (Prozessorzeit)':<64} {'Wert':>16}  {'Ziel':<16}")
    for one in measurements:
        sign = {True: "erreicht", False: "VERFEHLT", None: ""}[one.is_met]
        print(f"{one.name:<64} {one.value:>16}  {one.aim:<16} {sign}", flush=True)
        print(".", end="", file=progress, flush=True)
    print(file=progress)
