"""How fast are the open interfaces: a list of 300 slots, and a stream of 50,000 that must not fill the memory?"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date, time
from itertools import cycle, islice
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.measuring import Measurement, best_seconds

PLACES, SLOTS, OFFERS = 100, 300, 30
STREAMED = 50_000
RULES = ("FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=1TU,3TU", "FREQ=WEEKLY;BYDAY=MO,WE,FR")
LIST = f"/api/hsds/service_at_locations?search=Messreihe&per_page={SLOTS}"


def measurements() -> Iterator[Measurement]:
    """Needs the migrated database that `bench.dates` leaves behind; what lies in it is not asked for."""
    from tests import builders

    town = builders.make_municipality(builders.make_district())
    houses = [builders.make_institution(town) for _ in range(PLACES)]
    offers = [builders.make_offer(builders.make_provider(town.district), title=f"Messreihe {n}") for n in range(OFFERS)]
    fill(houses, offers, SLOTS)
    client = Client(headers={"accept-encoding": "identity"})
    yield from one_list(client, LIST, f"HSDS: {PLACES} Orte, {SLOTS} feste Termine als eine Liste", 0.05, 8)
    yield from one_list(client, f"{LIST}&full=true", "… mit allem, was dazugehört", None, 12)
    fill(houses, offers, STREAMED - SLOTS)
    yield from streamed(client)


def fill(houses: list[Any], offers: list[Any], count: int) -> None:
    """Add so many published slots."""
    from appointments.models import Slot

    start = date(2020, 1, 1)
    published = {"proposed_on": start, "agreed_on": start, "published_on": start, "first_day": start}
    choices = islice(zip(cycle(RULES), cycle(houses), cycle(offers), strict=False), count)
    Slot.objects.bulk_create(
        (
            Slot(rule=rule, institution=house, offer=offer, start_time=time(14), end_time=time(16), **published)
            for rule, house, offer in choices
        ),
        batch_size=1000,
    )


def one_list(client: Client, address: str, name: str, aim: float | None, most: int) -> Iterator[Measurement]:
    """Yield time and queries of a list, nothing cached."""
    with CaptureQueriesContext(connection) as queries:
        answered = client.get(address)
        count = len(queries)
    assert answered.json()["size"] == SLOTS  # noqa: S101
    seconds = best_seconds(lambda: client.get(address))
    is_met = None if aim is None else seconds <= aim
    yield Measurement(name, f"{seconds * 1000:.0f} ms", f"<= {aim * 1000:.0f} ms" if aim else "", is_met)
    yield Measurement("… Abfragen", str(count), f"<= {most}", count <= most)


def streamed(client: Client) -> Iterator[Measurement]:
    """Yield what a stream of everything holds in memory at once, beside one a tenth as long."""
    address = "/api/hsds/service_at_locations?search=Messreihe&format=ndjson"
    tenth, _lines, _bytes = peak(client, address, STREAMED // 10)
    whole, lines, octets = peak(client, address, STREAMED)
    assert lines == STREAMED  # noqa: S101
    yield Measurement(
        f"ndjson: {STREAMED:,} feste Termine ({octets / 1e6:.0f} MB)".replace(",", "."),
        f"{whole / 1e6:.0f} MB",
        "<= 1,5 x 5.000",
        whole <= 1.5 * tenth,
    )
    yield Measurement("… Speicher bei den ersten 5.000", f"{tenth / 1e6:.0f} MB", "", None)


def peak(client: Client, address: str, lines: int) -> tuple[int, int, int]:
    """Return the most memory held while so many lines are read, how many came, and their size."""
    tracemalloc.start()
    read = size = 0
    for chunk in client.get(address).streaming_content:
        read += chunk.count(b"\n")
        size += len(chunk)
        if read >= lines:
            break
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, read, size
