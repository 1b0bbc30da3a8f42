"""Is a country answered by index alone? Every statement of every page is explained.

At a twelfth of the country's size: large enough that both databases choose an index where there is one. A statement that
reads a growing table from end to end is a fault, unless it stands in ALLOWED with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Slot, Topic
from bench.country_rows import common, fill, shares
from bench.generator import invented_country
from locations.models import District, Institution, Municipality

DISTRICTS, TOWNS, HOUSES, SLOTS = 32, 90, 4_800, 20_000
# What the country has more of than a page can show.
GROWING = {
    "appointments_attendance",
    "appointments_confirmation",
    "appointments_counsellor",
    "appointments_offer",
    "appointments_offer_languages",
    "appointments_offer_topics",
    "appointments_slot",
    "appointments_slot_counsellors",
    "appointments_slotexception",
    "budget_costline",
    "locations_closure",
    "locations_institution",
    "locations_locality",
    "locations_municipality",
    "locations_population",
    "locations_postalcode",
    "locations_room",
}
SMALL = 2_500  # rows: what fits into a few pages is rightly read from end to end
COUNTS = "the standard asks for the number of all entries; counted once for each state of the data"
EVERY_NAME = "a name nobody knows is compared with all names, which are read out of an index"
# Part of the address, part of the statement: why it may read everything.
ALLOWED = {
    ("/api/hsds/", "COUNT("): COUNTS,
    ("/sitemap", "COUNT("): "how many parts the sitemap has; kept until the data change",
    ("/admin/", "COUNT("): "the list says how many rows there are",
    ("/admin/locations/municipality/", 'FROM "locations_municipality"'): "11,000 at most, and sorted by name",
    ("ort=Beispielgemeimde", '"search_name" FROM'): EVERY_NAME,
}


@pytest.fixture
def country(db) -> None:
    found, today = invented_country(DISTRICTS, TOWNS), timezone.localdate()
    shared = common(found)
    for land, houses, slots in shares(found, HOUSES, SLOTS):
        fill(land, houses, slots, shared, today)
    for town in list(Municipality.objects.filter(ags__endswith="001")):
        former = {"district": town.district, "last_day": date(2015, 12, 31), "successor": town}
        Municipality.objects.create(name=f"Beispiel-Alt {town.pk}", ags=f"{town.ags[:5]}999", **former)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def addresses() -> Iterator[str]:
    """Yield each page, feed and list there is, in the middle of the country."""
    district = District.objects.order_by("key")[DISTRICTS // 2]
    town = Municipality.objects.filter(district=district).order_by("ags")[1]
    house = Institution.objects.filter(municipality=town, address_is_public=True)[0]
    slot = Slot.objects.public(timezone.localdate()).filter(institution=house)[0]
    code, topic = town.postal_codes.get().code, Topic.objects.all()[0]
    village, kreis = town.localities.all()[0], f"/kreise/{district.slug}"
    yield from ("/", f"/?ort={code}", f"/?ort={code}&thema={topic.short_name}", "/?ort=Beispielgemeimde 3")
    yield from ("/?thema=schulden", f"/?ort={code}&thema=gibtesnicht&stufenlos=1&sprache=tr", f"/en/?ort={code}")
    yield from (f"/termine/{slot.uuid}/", f"/termine/{slot.uuid}.ics", "/themen/", f"/themen/{topic.slug}/")
    yield from ("/gemeinden/", f"/gemeinden/?kreis={district.slug}", f"/gemeinden/{town.ags}-{town.slug}/")
    yield from (f"/gemeinden/{town.ags}-{town.slug}/{village.slug}/", f"/einrichtungen/{house.slug}/")
    yield from (f"/traeger/{slot.offer.provider.slug}/", f"/einrichtungen/{house.slug}/einbetten/rahmen/")
    yield from ("/kreise/", f"{kreis}/", f"{kreis}/verlauf/", f"{kreis}/bestand/", f"{kreis}/kosten/")
    yield from (f"{kreis}/vorlagen/2014-001/", f"{kreis}/bericht.csv", f"/kalender/gemeinde/{town.ags}.ics")
    yield from (f"/kalender/einrichtung/{house.slug}.ics", f"/kalender/kreis/{district.slug}.ics")
    yield from ("/daten/", "/api/openapi.json", "/sitemap.xml", "/sitemap-termine.xml", "/sitemap-ortsteile.xml?p=2")
    yield from ("/sitemap-einrichtungen.xml", "/sitemap-gemeinden.xml", "/sitemap-traeger.xml")
    api = "/api/hsds/service_at_locations"
    yield from (api, f"{api}?postcode={code}", f"{api}?postcode={code}&proximity=8000", f"{api}/{slot.uuid}")
    yield from ("/api/hsds/services", f"/api/hsds/services/{slot.offer.uuid}", "/api/hsds/organizations")
    yield from ("/api/atom/aenderungen", f"/api/atom/aenderungen?gemeinde={town.ags}")
    yield from (f"/api/geojson/einrichtungen?kreis={district.slug}", f"/api/csv/termine.csv?kreis={district.slug}")


def staff_addresses() -> Iterator[str]:
    """Yield the lists and forms of somebody who is responsible for one district."""
    slot = Slot.objects.filter(institution__municipality__district=middle()).order_by("pk")[0]
    for name in ("appointments/slot", "appointments/offer", "locations/institution", "locations/municipality"):
        yield f"/admin/{name}/"
    yield "/admin/appointments/slot/?q=Beispiel"
    yield f"/admin/appointments/slot/{slot.pk}/change/"
    yield "/admin/autocomplete/?app_label=appointments&model_name=slot&field_name=institution&term=Kita"


def middle() -> District:
    return District.objects.order_by("key")[DISTRICTS // 2]


def test_no_page_reads_a_growing_table_from_end_to_end(country):
    visitor = Client()
    faults = [fault for address in addresses() for fault in faults_of(visitor, address)]
    assert not faults, "\n".join(faults)


def test_no_list_of_the_desk_reads_a_growing_table_from_end_to_end(country):
    staff = Client()
    account = get_user_model().objects.create_user("redaktion", is_staff=True)
    give_rights(account)
    staff.force_login(account)
    faults = [fault for address in staff_addresses() for fault in faults_of(staff, address)]
    assert not faults, "\n".join(faults)


def give_rights(account) -> None:
    from django.contrib.auth.models import Group

    from beratung.groups import make_groups

    make_groups()
    account.groups.add(*Group.objects.all())
    account.districts.create(district=middle())


def faults_of(client: Client, address: str) -> Iterator[str]:
    """Yield what the page asks for that no index answers; nothing is cached."""
    for name in settings.CACHES:
        caches[name].clear()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    for statement in [one["sql"] for one in asked.captured_queries]:
        if statement.lstrip(" (").startswith(("SELECT", "WITH")) and not is_allowed(address, statement):
            yield from (f"{address}: {found}: {statement[:3000]}" for found in explained(statement))


def is_allowed(address: str, statement: str) -> bool:
    return any(where in address and what in statement for where, what in ALLOWED)


def explained(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}".replace("%", "%%"), [])
            return scans_of_sqlite([row[3] for row in cursor.fetchall()], statement)
        # Tables of a twelfth are rightly read whole here and there: with this, only where no index could be used.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}".replace("%", "%%"), [])
        plan = cursor.fetchone()[0]
        cursor.execute("RESET enable_seqscan")
    return list(scans_of_postgresql((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))


def scans_of_sqlite(lines: list[str], statement: str) -> list[str]:
    """Return the growing tables that are read whole. What walks in the order asked for and stops after some rows does not."""
    if re.search(r" LIMIT \d+( OFFSET \d+)?$", statement) and "USE TEMP B-TREE FOR ORDER BY" not in lines:
        return []
    found = [match[1] for line in lines if (match := re.fullmatch(r"SCAN (\w+)( USING .*)?", line))]
    return [f"SCAN {table}" for name in found for table in sorted(large_tables() & tables_behind(name, statement))]


def tables_behind(name: str, statement: str) -> set[str]:
    """Return the tables a name in the plan can stand for: its own, or those it is an alias of."""
    return {name} | set(re.findall(rf'"(\w+)" (?:AS )?"?{name}"?\b', statement))


def scans_of_postgresql(plan: dict) -> Iterator[str]:
    if plan["Node Type"] == "Limit" and plan["Plans"][0]["Node Type"] == "Seq Scan":
        return  # stops after some rows
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in large_tables():
        yield f"Seq Scan {plan['Relation Name']}"
    for part in plan.get("Plans", ()):
        yield from scans_of_postgresql(part)


def large_tables() -> set[str]:
    """Return the growing tables that are large in this test."""
    return {table for table in GROWING if rows_of(table) > SMALL}


@cache
def rows_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
        return int(cursor.fetchone()[0])
