"""Does only the solver's own work count against its limits, and is what they cut short never called proven?"""

import time

import highspy
import numpy as np
import pytest

from bench.generator import invented
from budget.planner import Effort
from budget.planner.exact import cheapest
from budget.planner.master import highs, stop_after
from budget.planner.workspace import Workspace

NAP = 0.02


def knapsack():
    """Return a programme that is solved in some milliseconds of its own."""
    random = np.random.default_rng(1)
    solver = highs()
    for worth in random.integers(10, 100, 40):
        solver.addCol(-float(worth), 0.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
    for column in range(40):
        solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    for _ in range(5):
        weights = random.integers(5, 60, 40).astype(float)
        solver.addRow(-np.inf, float(weights.sum() // 2), 40, np.arange(40, dtype=np.int32), weights)
    return solver


def test_time_that_others_take_is_not_counted():
    solver = knapsack()
    solver.cbMipInterrupt.subscribe(lambda event: time.sleep(NAP))  # as on a machine that is busy elsewhere
    stop_after(solver, 0.3)
    begin = time.monotonic()
    solver.run()
    assert time.monotonic() - begin > 0.3
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal


def test_time_of_its_own_is_counted():
    solver = knapsack()
    stop_after(solver, 0.0)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kInterrupt


@pytest.mark.parametrize(("seed", "count"), [(1, 6), (1, 10), (7, 2)])
def test_what_was_cut_short_is_bounded_and_not_proven(seed, count):
    master = Workspace(next(invented([seed], 12, 40, 3))).master()
    proven = cheapest(master, count, Effort())
    stopped = cheapest(master, count, Effort(seconds=0.0))
    assert proven.is_proven
    assert not stopped.is_proven
    assert stopped.bound <= proven.cost
    assert stopped.cost is None or stopped.cost >= proven.cost
