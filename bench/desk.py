"""How fast is the administration with ten thousand slots, and how often does it ask the database?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from itertools import cycle

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from bench.measuring import Measurement, best_seconds

SLOTS = 10_000
TOWNS, HOUSES, OFFERS, COUNSELLORS = 30, 600, 100, 1_000
RULES = (
    ("FREQ=WEEKLY;BYDAY=MO", None),
    ("FREQ=WEEKLY;BYDAY=TU", None),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", date(2026, 1, 8)),
    ("FREQ=MONTHLY;BYDAY=1TU,3TU", None),
    ("FREQ=MONTHLY;BYDAY=-1FR", None),
    ("FREQ=MONTHLY;BYDAY=2WE", None),
    ("FREQ=WEEKLY;BYDAY=FR", None),
)
FIRST = date(2020, 1, 1)
LISTS = (
    "appointments_slot",
    "appointments_offer",
    "locations_institution",
    "locations_municipality",
    "budget_costline",
)


def measurements() -> Iterator[Measurement]:
    """Return the start page, the lists and a slot's page of a district with ten thousand slots."""
    call_command("migrate", verbosity=0)
    slot = fill()
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("bench"))
    yield from page(client, "Startseite der Verwaltung, 10.000 Termine", "/admin/", queries=24, seconds=2)
    clashing = f"{reverse('admin:appointments_slot_changelist')}?aufgabe=konflikt"
    yield from page(client, "… Termine im Konflikt", clashing, queries=12, seconds=2)
    for name in LISTS:
        address = reverse(f"admin:{name}_changelist")
        yield from page(client, f"… Liste {name}", address, queries=12, seconds=0.5)
    change = reverse("admin:appointments_slot_change", args=[slot])
    yield from page(client, "… Seite eines Termins", change, queries=30, seconds=0.5)


def page(client: Client, name: str, address: str, *, queries: int, seconds: float) -> Iterator[Measurement]:
    """Yield time and number of queries of one page."""
    # Nobody has to collect the static files before.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}):
        yield from _measured(client, name, address, queries, seconds)


def _measured(client: Client, name: str, address: str, queries: int, seconds: float) -> Iterator[Measurement]:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200  # noqa: S101
        count = len(asked)
    spent = best_seconds(lambda: client.get(address), runs=3)
    yield Measurement(name, f"{spent * 1000:.0f} ms", f"< {seconds * 1000:.0f} ms", spent < seconds)
    yield Measurement("… Abfragen", str(count), f"<= {queries}", count <= queries)


def fill() -> int:
    """Fill a district, and return the key of one of its slots."""
    from appointments.models import Counsellor, Slot
    from locations.models import Institution
    from tests import builders

    district = builders.make_district()
    builders.make_target(builders.make_paper(district))
    budget = builders.make_budget(district)
    towns = [builders.make_municipality(district) for _ in range(TOWNS)]
    houses = Institution.objects.bulk_create(map(_house, range(HOUSES), cycle(towns)))
    offers = [builders.make_offer(builders.make_provider(district)) for _ in range(OFFERS)]
    provider = offers[0].provider
    counsellors = Counsellor.objects.bulk_create(
        Counsellor(provider=provider, label=f"Fachkraft {number}") for number in range(COUNSELLORS)
    )
    slots = Slot.objects.bulk_create(map(_slot, range(SLOTS), cycle(houses), cycle(offers), cycle(RULES)), 500)
    booked = Slot.counsellors.through
    booked.objects.bulk_create(
        [booked(slot=slot, counsellor=one) for slot, one in zip(slots, cycle(counsellors), strict=False)], 500
    )
    builders.make_cost_line(budget, slot=slots[0])
    return slots[0].pk


def _house(number, town):
    from locations.models import Institution

    return Institution(
        municipality=town,
        name=f"Beispiel-Schule {number}",
        slug=f"beispiel-bank-{number}",
        kind=Institution.Kind.SCHOOL,
        latitude=52.2 + number / 2000,
        longitude=10.1 + number / 3000,
        first_day=FIRST,
    )


def _slot(number, house, offer, rule):
    from appointments.models import Slot

    hour = 8 + number // COUNSELLORS % 9
    return Slot(
        offer=offer,
        institution=house,
        rule=rule[0],
        anchor_day=rule[1],
        start_time=time(hour),
        end_time=time(hour, 45),
        first_day=FIRST,
        proposed_on=FIRST,
        agreed_on=FIRST,
        published_on=FIRST,
    )
