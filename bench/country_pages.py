"""Which pages does the country's measurement ask for, and what do they cost by themselves? Run for one database.

`python -m bench.country_pages pages 03157` prints for each page some addresses of the district, how many questions it asks of
the database and its processor time in milliseconds; `size` prints the size of the database in megabytes. As JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from bench.measuring import Measurement, best_seconds

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beratung.settings")
SAMPLE = 5


def main() -> None:
    django.setup()
    what, key = sys.argv[1:]
    print(json.dumps(size() if what == "size" else measured(key)))


def size() -> float:
    """Return how many megabytes the database has."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return round(Path(connection.settings_dict["NAME"]).stat().st_size / 2**20, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return round(cursor.fetchone()[0] / 2**20, 1)


def addresses(key: str) -> dict[str, list[str]]:
    """Return addresses of each kind, all of the district; the same ones in a country that holds it."""
    from django.utils import timezone

    from appointments.models import Slot
    from locations.models import District, Municipality

    district = District.objects.get(key=key)
    towns = list(Municipality.objects.filter(district=district).order_by("ags"))
    codes = [code.code for town in towns for code in town.postal_codes.order_by("code")][:SAMPLE]
    slots = Slot.objects.public(timezone.localdate()).filter(institution__municipality__district=district)
    uuids = slots.order_by("institution__slug", "start_time").values_list("uuid", flat=True)[:SAMPLE]
    return {
        "home": ["/"],
        "results": [f"/?ort={code}" for code in codes],
        "slot": [f"/termine/{uuid}/" for uuid in uuids],
        "dashboard": [f"/kreise/{district.slug}/"],
        "feed": [f"/kalender/gemeinde/{town.ags}.ics" for town in towns],
        "api list": [f"/api/hsds/service_at_locations?per_page=100&postcode={code}" for code in codes],
    }


def measurements() -> Iterator[Measurement]:
    """Return what the pages cost in an invented district as large as Peine; a whole country: `bench.country`."""
    from django.utils import timezone

    from bench.country_rows import common, fill
    from bench.generator import invented_country

    (land,) = invented_country(1)
    fill(land, 90, 360, common([land]), timezone.localdate())
    for name, told in measured(land.key).items():
        yield Measurement(f"Seiten eines Landkreises: {name}", f"{told['processor']:.1f} ms", "", None)
        yield Measurement("… Abfragen", str(told["queries"]), "<= 10", told["queries"] <= 10)


def measured(key: str) -> dict[str, dict[str, Any]]:
    """Return what each page costs, nothing kept; the median of its addresses."""
    from statistics import median

    from django.conf import settings
    from django.test import Client

    # Nobody has to collect the static files before.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    client = Client(SERVER_NAME="localhost")
    found = {}
    for name, all_ in addresses(key).items():
        costs = [_cost(client, address) for address in all_]
        found[name] = {
            "addresses": all_,
            "queries": max(queries for queries, _seconds in costs),
            "processor": round(median(seconds for _queries, seconds in costs) * 1000, 2),
        }
    return found


def _cost(client: Any, address: str) -> tuple[int, float]:
    """Return the questions and the least processor seconds of a page that nobody asked for since the last change."""
    from django.core.cache import caches
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def fresh() -> None:
        caches["pages"].clear()
        client.get(address)

    fresh()
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
        count = len(asked)
    return count, best_seconds(fresh, runs=3)


if __name__ == "__main__":
    main()
