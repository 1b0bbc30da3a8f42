"""How fast is the planner on districts of Peine's size and larger, and how much does it prove?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from time import process_time
from typing import Any

from bench.generator import district, invented, invented_land, question
from bench.measuring import Measurement
from budget.planner import Question, curve_of, solve_coverage
from budget.planner.alternatives import next_best
from budget.planner.backup import backup_plan
from budget.planner.coverage import solved
from budget.planner.need import need_plan
from budget.planner.workspace import Workspace

SEEDS = range(1, 21)
EXTRA = (100_000, 300_000)  # cents for stage 3
LARGE = (30, 45)


def measurements() -> Iterator[Measurement]:
    yield from _curves()
    yield from _greedy()
    yield from _alternatives()
    yield from _backups()
    yield from _need()
    yield from _large()


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = process_time()
    found = work()
    return process_time() - start, found


def _curves() -> Iterator[Measurement]:
    """Coverage, the cheapest plan and the whole curve."""
    runs = [_timed(lambda asked=asked: curve_of(asked)) for asked in invented(SEEDS)]
    times = [seconds for seconds, _ in runs]
    proven = sum(all(point.proven for point in curve) for _, curve in runs)
    name = "Planer: ganze Kurve, 8 Gemeinden, 60 Häuser, 4 Fachkräfte"
    yield Measurement(f"{name}, Median", f"{median(times):.2f} s", "≤ 0,5 s", median(times) <= 0.5)
    yield Measurement(f"{name}, längste", f"{max(times):.2f} s", "≤ 3 s", max(times) <= 3)
    yield Measurement("… davon an jedem Punkt bewiesen", f"{proven} von {len(runs)}", "alle", proven == len(runs))


def _greedy() -> Iterator[Measurement]:
    """How much dearer is the plan of one who always takes the cheapest next slot?"""
    answers = [solve_coverage(asked) for asked in invented(SEEDS)]
    dearer = [
        (answer.greedy_cost - answer.measured) / answer.measured
        for answer in answers
        if answer.greedy_cost is not None and answer.greedy_covered == answer.covered
    ]
    value = f"{median(dearer):.0%} / {max(dearer):.0%}"
    yield Measurement("Gierig gesucht kostet mehr (Median / höchstens)", value, "", None)
    less = sum((answer.greedy_covered or 0) < answer.covered for answer in answers)
    yield Measurement("… und deckt weniger Gemeinden", f"{less} von {len(answers)}", "", None)


def _alternatives() -> Iterator[Measurement]:
    spaces = _solved(invented(SEEDS))
    times = [_timed(lambda one=one: next_best(*one))[0] for one in spaces]
    yield Measurement("Zwei nächstbeste Pläne, längste", f"{max(times):.2f} s", "≤ 2 s", max(times) <= 2)


def _backups() -> Iterator[Measurement]:
    spaces = _solved(invented(SEEDS))
    runs = [_timed(lambda one=one: backup_plan(*one)) for one in spaces]
    times = [seconds for seconds, _ in runs]
    proven = sum(found is not None and found.proof.is_proven for _, found in runs)
    yield Measurement("Plan, der jede Schließung übersteht, längste", f"{max(times):.2f} s", "≤ 10 s", max(times) <= 10)
    yield Measurement("… davon bewiesen", f"{proven} von {len(runs)}", "", None)


def _need() -> Iterator[Measurement]:
    runs = []
    for extra in EXTRA:
        spaces = _solved(replace(asked, extra_money=extra) for asked in invented(SEEDS))
        runs += [_timed(lambda one=one: need_plan(*one)) for one in spaces]
    times = [seconds for seconds, _ in runs]
    gaps = [found.proof.gap for _, found in runs if found is not None]
    yield Measurement("Stufe 3 (1.000 € und 3.000 € mehr), längste", f"{max(times):.1f} s", "≤ 10 s", max(times) <= 10)
    value = f"{median(gaps):.2%} / {max(gaps):.2%}"
    yield Measurement("… Lücke zur Schranke, Median / größte", value, "≤ 1 %", median(gaps) <= 0.01)
    small = sum(gap <= 0.01 for gap in gaps)
    yield Measurement("… davon höchstens 1 %", f"{small} von {len(runs)}", "", None)


def _large() -> Iterator[Measurement]:
    for towns in LARGE:
        seconds, curve = _timed(lambda towns=towns: curve_of(question(district(invented_land(1, towns)))))
        proven = sum(point.proven for point in curve)
        yield Measurement(f"Ganze Kurve, {towns} Gemeinden", f"{seconds:.1f} s", "≤ 90 s", seconds <= 90)
        yield Measurement("… davon bewiesen", f"{proven} von {len(curve)}", "alle", proven == len(curve))


def _solved(asked: Iterator[Question]) -> list[tuple[Workspace, Any]]:
    spaces = [Workspace(one) for one in asked]
    return [(space, solved(space, None)) for space in spaces]
