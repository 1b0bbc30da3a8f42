"""Is a whole country as quick as one district? `make bench-country-data` builds both and measures them in one run.

On the web server as `beratung.serve` starts it, page by page in turns: district and country, and Django's empty view. Times of
single pages are medians; what counts is the ratio, for the machine is never idle. `--folder` keeps the databases, and a
second run goes on with them. With `--postgres URL` (a server on which databases may be made) PostgreSQL as well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from time import time
from typing import Any

from bench.measuring import Measurement, print_table
from bench.serving import Connection, Server
from beratung.serve import ROOT

DISTRICT = "03157"  # Peine
ROUNDS = 20
WARM_REQUESTS = 300  # of a turn
TURNS = 5
NAMES = {"district": "Landkreis", "country": "Land"}
Found = dict[str, Any]


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    found: Found = {}
    for kind, urls in _databases(options):
        built = {size: _build(url, options, None if size == "country" else DISTRICT) for size, url in urls.items()}
        found[kind] = {"built": built} | _measured(urls, options.rounds)
        print_table(_lines(kind, found[kind]), progress=sys.stderr)
        (options.out or options.folder / "country.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("bench/results"), help="Ort der Datenbanken und Ergebnisse")
    parser.add_argument("--csv", type=Path, help="Datei der Gemeinden; sonst DE_MUNICIPALITIES")
    parser.add_argument("--postgres", help="Adresse eines PostgreSQL, auf dem Datenbanken angelegt werden dürfen")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="so oft wird jede Seite gefragt")
    parser.add_argument("--out", type=Path, help="Datei für die Ergebnisse (JSON)")
    return parser.parse_args()


def _databases(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the kinds of database with an address for each size; on PostgreSQL they are made where they are missing."""
    folder = options.folder.resolve()
    yield "SQLite", {size: f"sqlite:///{folder}/{size}.sqlite3" for size in ("district", "country")}
    if options.postgres:
        for size in ("district", "country"):
            _make_database(options.postgres, size)
        yield "PostgreSQL", {size: options.postgres.rpartition("/")[0] + f"/{size}" for size in ("district", "country")}


def _make_database(url: str, name: str) -> None:
    import psycopg2

    line = psycopg2.connect(url)
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {name}")
    line.close()


def _build(url: str, options: argparse.Namespace, only: str | None) -> Found:
    """Build the database in a process of its own; what is there is left. Return the seconds, and its size in megabytes."""
    command = [sys.executable, "-m", "bench.country_build", *(["--only", only] if only else [])]
    command += ["--csv", str(options.csv)] if options.csv else []
    run = subprocess.run(command, env=_environment(url), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if run.returncode:
        sys.exit(run.returncode)
    return json.loads(run.stdout.splitlines()[-1]) | {"megabytes": _probe(url, "size")}


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "beratung.settings"}


def _probe(url: str, what: str) -> Any:
    command = [sys.executable, "-m", "bench.country_pages", what, DISTRICT]
    run = subprocess.run(command, env=_environment(url), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return json.loads(run.stdout.splitlines()[-1])


def _measured(urls: dict[str, str], rounds: int) -> Found:
    """Return the times of each page and what the servers did, district and country in turns."""
    asked = {size: _probe(url, "pages") for size, url in urls.items()}
    empty = urls["district"]
    with ExitStack() as open_servers:
        servers = {size: open_servers.enter_context(Server(url)) for size, url in urls.items()}
        servers["empty"] = open_servers.enter_context(Server(empty, "bench.empty_settings"))
        servers["bare"] = open_servers.enter_context(Server(empty, "bench.empty_settings", EMPTY="bare"))
        started = {name: round(one.seconds_to_start, 2) for name, one in servers.items()}
        pages = {page: _page(page, asked, servers, rounds) for page in asked["country"]}
        spent = _warm(servers, asked["district"]["home"]["addresses"][0])
        memory = {size: [round(number) for number in servers[size].memory] for size in urls}
    return {"pages": pages, "seconds_to_start": started, "milliseconds_a_request": spent, "rss_pss_megabytes": memory}


def _page(page: str, asked: Found, servers: dict[str, Server], rounds: int) -> Found:
    """Return the milliseconds of a page, made anew and kept, in turns, and how many questions it asks of the database."""
    times: dict[str, list[float]] = {}
    turns = {size: cycle(asked[size][page]["addresses"]) for size in asked}
    mark = int(time())  # an address nobody asked for: the page is not kept yet
    for number in range(rounds):
        for size in asked:
            address = next(turns[size])
            fresh = f"{address}{'&' if '?' in address else '?'}frisch={mark}{number}"
            cold = fresh if not address.startswith(("/api/", "/kalender/")) else address
            with Connection(servers[size].port) as line:
                times.setdefault(f"{size} cold", []).append(line.get(cold).seconds * 1000)
                line.get(address)
                times.setdefault(f"{size} warm", []).append(line.get(address).seconds * 1000)
    told = {
        name: {"p50": round(median(all_), 2), "p95": round(quantiles(all_, n=20)[-1], 2)}
        for name, all_ in times.items()
    }
    for size in asked:
        told[f"{size} queries"], told[f"{size} processor"] = (
            asked[size][page]["queries"],
            asked[size][page]["processor"],
        )
    return told


def _warm(servers: dict[str, Server], address: str) -> dict[str, float]:
    """Return the processor time the workers spend on a kept page and on an empty view: medians of turns."""
    spent: dict[str, list[float]] = {name: [] for name in servers}
    for _turn in range(TURNS):
        for name, server in servers.items():
            with Connection(server.port) as line:
                line.get(address)
                before = server.processor_seconds
                for _ in range(WARM_REQUESTS):
                    line.get(address)
                spent[name].append((server.processor_seconds - before) / WARM_REQUESTS * 1000)
    return {name: round(median(all_), 3) for name, all_ in spent.items()}


# The table


def _lines(kind: str, found: Found) -> Iterator[Measurement]:
    for page, told in found["pages"].items():
        yield from _page_lines(f"{kind}, {page}", told)
    yield from _server_lines(kind, found)
    for size, built in found["built"].items():
        name = f"{kind}, {NAMES[size]}"
        yield Measurement(
            f"{name}: Datenbank", f"{built['megabytes']:.0f} MB", "<= 1024 MB", built["megabytes"] <= 1024
        )
        yield Measurement("… Füllen", f"{built['fill']:.0f} s", "", None)


def _page_lines(name: str, told: Found) -> Iterator[Measurement]:
    for state in ("cold", "warm"):
        one, other = told[f"country {state}"], told[f"district {state}"]
        word = "neu gemacht" if state == "cold" else "aufgehoben"
        value = f"{one['p50']:.1f} / {one['p95']:.1f} ms"
        yield Measurement(f"{name}, {word}, Land (p50 / p95)", value, "", None)
        yield Measurement(f"… Landkreis {other['p50']:.1f} / {other['p95']:.1f} ms; Verhältnis", *_ratio(one, other))
    cpu, queries = told["country processor"], told["country queries"]
    is_search = "results" in name
    times = cpu / told["district processor"]
    yield Measurement("… Prozessorzeit Land", f"{cpu:.1f} ms", *(("<= 30 ms", cpu <= 30) if is_search else ("", None)))
    yield Measurement("… zum Landkreis", f"{times:.2f}", *(("<= 1,5", times <= 1.5) if is_search else ("", None)))
    yield Measurement("… Abfragen", str(queries), *(("<= 8", queries <= 8) if is_search else ("", None)))


def _ratio(one: Found, other: Found) -> tuple[str, str, None]:
    return f"{one['p50'] / other['p50']:.2f}", "", None


def _server_lines(kind: str, told: Found) -> Iterator[Measurement]:
    spent, memory = told["milliseconds_a_request"], told["rss_pss_megabytes"]
    for name in NAMES:
        share = spent["empty"] / spent[name]
        yield Measurement(
            f"{kind}, {NAMES[name]}: Durchsatz zur leeren Ansicht", f"{share:.2f}", ">= 0,7", share >= 0.7
        )
        yield Measurement("… zu Django ohne alles", f"{spent['bare'] / spent[name]:.2f}", "", None)
        rss, pss = memory[name]
        yield Measurement("… Arbeitsprozess RSS / PSS", f"{rss} / {pss} MB", "<= 150 MB", rss <= 150)
        yield Measurement("… Start bis zur ersten Antwort", f"{told['seconds_to_start'][name]:.1f} s", "", None)


if __name__ == "__main__":
    main()
