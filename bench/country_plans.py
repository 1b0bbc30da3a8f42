"""What would coverage cost in all Landkreise of Germany, and how much of it is proven? `make bench-country`.

Real municipalities, invented houses and counsellors (bench/generator.py). Every Landkreis is one line of the result file;
a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time
from typing import Any

from bench.generator import Land, NoMunicipalitiesError, district, lands, question
from budget.planner import Effort, curve_of

PROCESSES = 2
EFFORT = Effort(nodes=20_000, seconds=300.0, curve_seconds=60.0)
MONEY = 10**9  # the curve is asked for, not what a sum buys
SIZES = ((1, 8), (9, 15), (16, 25), (26, 45), (46, 61), (62, 999))


def main() -> None:
    options = _options()
    try:
        found = lands(options.csv)
    except NoMunicipalitiesError as error:
        sys.exit(str(error))
    done = _done(options.out)
    open_ones = [land for land in sorted(found, key=lambda land: len(land.towns)) if land.key not in done]
    print(f"{len(found)} Landkreise, {len(done)} schon gerechnet, {len(open_ones)} offen", file=sys.stderr)
    _run(open_ones[: options.most], options, len(found), len(done))
    print(summary(list(_done(options.out).values()), len(found)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, help="Datei der Gemeinden; sonst DE_MUNICIPALITIES")
    parser.add_argument("--out", type=Path, default=Path("country_plans.jsonl"))
    parser.add_argument("--processes", type=int, default=PROCESSES, help=f"wie viele zugleich rechnen ({PROCESSES})")
    parser.add_argument("--most", type=int, help="höchstens so viele Landkreise rechnen")
    return parser.parse_args()


def _done(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return {row["key"]: row for row in rows}


def _run(open_ones: list[Land], options: argparse.Namespace, whole: int, before: int) -> None:
    # A process a Landkreis, so that the memory it took is its own; one thread in each, for more only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    pools = get_context("spawn").Pool(options.processes, maxtasksperchild=1)
    with pools as pool, options.out.open("a", encoding="utf-8") as out:
        for number, row in enumerate(pool.imap_unordered(measured, open_ones), start=before + 1):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            out.flush()
            print(f"{number}/{whole} {_line(row)}", file=sys.stderr, flush=True)


def measured(land: Land) -> dict[str, Any]:
    """Return the curve of one Landkreis as a row: count, cents, bound and whether both meet."""
    asked = question(district(land), money=MONEY, effort=EFFORT)
    start = process_time()
    points = [(one.count, one.cost, one.bound, one.proven) for one in curve_of(asked)]
    return {
        "key": land.key,
        "name": land.name,
        "municipalities": len(land.towns),
        "houses": len(asked.candidates),
        "counsellors": len(asked.counsellors),
        "seconds": round(process_time() - start, 2),
        "megabytes": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
        "points": points,
    }


def gap_of(row: dict[str, Any]) -> float:
    """Return the largest distance of cost and bound, relative to the cost; 1 where nothing was found."""
    gaps = [
        1.0 if cost is None else (cost - bound) / max(1, cost) for _, cost, bound, proven in row["points"] if not proven
    ]
    return max(gaps, default=0.0)


def is_proven(row: dict[str, Any]) -> bool:
    """Return whether every point of the curve is proven."""
    return all(proven for *_, proven in row["points"])


def _line(row: dict[str, Any]) -> str:
    state = "bewiesen" if is_proven(row) else f"Lücke bis {gap_of(row):.1%}"
    return f"{row['name']}: {row['municipalities']} Gemeinden, {row['seconds']:.1f} s, {state}"


def summary(rows: list[dict[str, Any]], whole: int) -> str:
    """Return the table of results by size."""
    return "\n".join(_summary(rows, whole))


def _summary(rows: list[dict[str, Any]], whole: int) -> Iterator[str]:
    yield f"{'Gemeinden':>10} {'Kreise':>7} {'bewiesen':>9} {'Median':>9} {'längste':>9} {'größte Lücke':>13}"
    for low, high in SIZES:
        mine = [row for row in rows if low <= row["municipalities"] <= high]
        if mine:
            yield _size(f"{low}–{high}", mine)
    if rows:
        yield _size("alle", rows)
    points = [point for row in rows for point in row["points"]]
    seconds = sum(row["seconds"] for row in rows)
    yield f"{len(rows)} von {whole} Landkreisen, {sum(bool(p[3]) for p in points)} von {len(points)} Punkten bewiesen,"
    yield f"Rechenzeit {seconds / 60:.1f} Minuten, auf {PROCESSES} Kernen etwa {seconds / 60 / PROCESSES:.1f} Minuten"


def _size(label: str, rows: list[dict[str, Any]]) -> str:
    seconds = [row["seconds"] for row in rows]
    proven = sum(is_proven(row) for row in rows)
    gap = max(map(gap_of, rows))
    return f"{label:>10} {len(rows):>7} {proven:>9} {median(seconds):>7.1f} s {max(seconds):>7.1f} s {gap:>13.1%}"


if __name__ == "__main__":
    main()
