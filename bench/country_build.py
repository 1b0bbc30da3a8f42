"""How does the country, or one Landkreis of it, get into the database of DATABASE_URL? With progress; it may be interrupted.

`python -m bench.country_build [--only 03157] [--csv FILE]`; the last line is how long each part took, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beratung.settings")


def main() -> None:
    options = _options()
    from bench.generator import NoMunicipalitiesError, whole_country

    try:
        lands = whole_country(options.csv)
    except NoMunicipalitiesError as error:
        sys.exit(str(error))
    django.setup()
    print(json.dumps(build(lands, options.only)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, help="Datei der Gemeinden; sonst DE_MUNICIPALITIES")
    parser.add_argument("--only", help="nur der Landkreis mit diesem Schlüssel")
    return parser.parse_args()


def build(lands: Sequence[Any], only: str | None = None) -> dict[str, float]:
    """Migrate, fill and analyse; return the seconds of each."""
    from django.core.management import call_command
    from django.utils import timezone

    began = perf_counter()
    call_command("migrate", verbosity=0)
    migrated = perf_counter()
    _fill(lands, only, timezone.localdate())
    filled = perf_counter()
    _analyse()
    times = {"migrate": migrated - began, "fill": filled - migrated, "analyse": perf_counter() - filled}
    return {name: round(seconds, 1) for name, seconds in times.items()}


def _fill(lands: Sequence[Any], only: str | None, today: Any) -> None:
    from bench.country_rows import common, fill, shares

    chosen = [one for one in shares(lands) if only in (None, one[0].key)]
    shared = common([land for land, _houses, _slots in chosen])
    whole, done, began = sum(slots for _land, _houses, slots in chosen), 0, perf_counter()
    for number, (land, houses, slots) in enumerate(chosen, start=1):
        fill(land, houses, slots, shared, today)
        done += slots
        if number % 20 == 0 or number == len(chosen):
            share = f"{done:,} von {whole:,} Terminen".replace(",", ".")
            seconds = perf_counter() - began
            print(f"{number}/{len(chosen)} Landkreise, {share}, {seconds:.0f} s", file=sys.stderr, flush=True)


def _analyse() -> None:
    """Let the database count what it has, and put the steps of its version together, as every night does."""
    from django.db import connection

    from beratung.public_pages.triggers import compact

    compact()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    main()
