"""How fast are the committee's pages: of an example district, and of a district as large as a state?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import cycle, islice

from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.measuring import Measurement, best_seconds

MUNICIPALITIES = 1_000
HOUSES = 4_000
OFFERS = 400
SLOTS = 20_000
LINES = 300
RULES: tuple[tuple[str, date | None], ...] = (
    ("FREQ=WEEKLY;BYDAY=TU", None),
    ("FREQ=MONTHLY;BYDAY=1TU,3TU", None),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", date(2020, 1, 2)),
    ("FREQ=MONTHLY;BYDAY=2WE", None),
    ("FREQ=WEEKLY;BYDAY=MO,WE", None),
    ("FREQ=MONTHLY;BYDAY=-1FR", None),
)


def measurements() -> Iterator[Measurement]:
    call_command("migrate", verbosity=0)
    call_command("load_peine", verbosity=0)
    yield from page("Seite des Ausschusses, Peine", "/kreise/peine/", 0.1, 12)
    yield pdf()
    with transaction.atomic():
        large_district()
    name = f"… mit {MUNICIPALITIES:,} Gemeinden und {SLOTS:,} Terminen".replace(",", ".")
    yield from page(name, "/kreise/beispielland/", 1.5, 20, runs=3)


def page(name: str, address: str, seconds: float, queries: int, runs: int = 9) -> Iterator[Measurement]:
    """The page from the database, nothing cached: not even the whole page, which nobody but its first reader waits for."""
    client = Client()
    forget()
    with CaptureQueriesContext(connection) as log:
        status = client.get(address).status_code
        count = len(log)  # the next request empties the log
    assert status == 200, (address, status)  # noqa: S101
    found = best_seconds(lambda: (forget(), client.get(address)), runs=runs)
    yield Measurement(name, f"{found * 1000:.0f} ms", f"< {seconds * 1000:.0f} ms", found < seconds)
    yield Measurement("… Abfragen", str(count), f"<= {queries}", count <= queries)


def forget() -> None:
    """Empty every cache: the first reader of a day waits longest."""
    for name in settings.CACHES:
        caches[name].clear()


def pdf() -> Measurement:
    """The whole report, typeset."""
    client = Client()
    found = best_seconds(lambda: (forget(), client.get("/kreise/peine/bericht.pdf")), runs=3)
    return Measurement("Bericht als PDF, Peine", f"{found * 1000:.0f} ms", "< 2000 ms", found < 2)


def large_district() -> None:
    """Make a district as large as a state: invented, and built in bulk."""
    from budget.models import Budget, CostLine, Paper, Target
    from locations.models import District, Institution, Municipality

    district = District.objects.create(
        name="Land Beispiel", slug="beispielland", key="99999", federal_state="DE-NI", is_example=True
    )
    towns = Municipality.objects.bulk_create(
        Municipality(
            district=district,
            name=f"Beispieldorf {number}",
            ags=f"99999{number:03}",
            population=500 + number * 37 % 60_000,
            latitude=51.5 + number // 40 / 20,
            longitude=7 + number % 40 / 10,
        )
        for number in range(MUNICIPALITIES)
    )
    houses = Institution.objects.bulk_create(
        Institution(
            municipality=town,
            name=f"Beispiel-Schule {number}",
            slug=f"beispielland-schule-{number}",
            kind="school" if number % 5 else "town_hall",
            first_day=date(2013, 8, 1),
            step_free=(True, False, None)[number % 3],
        )
        for number, town in enumerate(islice(cycle(towns), HOUSES))
    )
    slots = large_slots(district, houses)
    paper = Paper.objects.create(district=district, reference="2014/001", slug="2014-001", name="Beispiel-Vorlage")
    Target.objects.create(
        paper=paper,
        quote="In jeder Gemeinde gibt es einen festen Termin.",
        qualifying_kinds=["school", "kita"],
        first_day=date(2014, 1, 1),
    )
    year = timezone.localdate().year
    budget = Budget.objects.create(
        district=district, name="Beispiel", first_day=date(year, 1, 1), last_day=date(year, 12, 31), ansatz_eur=10**6
    )
    CostLine.objects.bulk_create(
        CostLine(
            budget=budget,
            kind=("rent", "other")[number % 2],
            description="Beispielkosten",
            basis=("per_date", "one_off")[number % 2],
            slot=slots[number * 50 % len(slots)],
            unit_low_eur=Decimal(8),
            unit_likely_eur=Decimal(10),
            unit_high_eur=Decimal(13),
            planned_on=date(year, 1, 1),
        )
        for number in range(LINES)
    )


def large_slots(district, houses):
    """Return the slots of the district: of all rules and hours, over the years, some ended, some with changed dates."""
    from appointments.models import Confirmation, Offer, Provider, Slot, SlotException, Topic

    providers = Provider.objects.bulk_create(
        Provider(district=district, slug=f"beispielland-{number}", name=f"Beispiel-Träger {number}", phone="030")
        for number in range(40)
    )
    topics = list(Topic.objects.all())
    offers = Offer.objects.bulk_create(
        Offer(provider=provider, title=f"Beispielberatung {number}", drop_in=True)
        for number, provider in enumerate(islice(cycle(providers), OFFERS))
    )
    through = Offer.topics.through
    through.objects.bulk_create(
        through(offer=offer, topic=topic) for offer, topic in zip(offers, cycle(topics), strict=False)
    )
    slots = []
    for number in range(SLOTS):
        rule, anchor = RULES[number % len(RULES)]
        first = date(2014, 1, 1) + timedelta(days=number * 13 % 4300)
        hour = 8 + number % 9
        slots.append(
            Slot(
                offer=offers[number % OFFERS],
                institution=houses[number * 7 % HOUSES],
                rule=rule,
                anchor_day=anchor,
                start_time=time(hour, number % 4 * 15),
                end_time=time(hour + 2),
                first_day=first,
                last_day=first + timedelta(days=900) if number % 3 == 0 else None,
                proposed_on=first - timedelta(days=60),
                agreed_on=first - timedelta(days=30),
                published_on=first - timedelta(days=20),
            )
        )
    slots = Slot.objects.bulk_create(slots, batch_size=1000)
    Confirmation.objects.bulk_create(Confirmation(slot=slot, confirmed_on=slot.first_day) for slot in slots[::2])
    SlotException.objects.bulk_create(
        SlotException(
            slot=slot,
            day=slot.recurrence.days(slot.first_day, slot.first_day + timedelta(days=90))[0],
            kind=SlotException.Kind.CANCELLED,
            reason="Beispielgrund",
        )
        for slot in slots[::10]
    )
    return slots
