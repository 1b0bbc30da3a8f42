"""Does HSDS say what the pages say, and do its own schemas find nothing wrong?"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from django.core.management import call_command
from django.utils import timezone

from appointments.models import Slot
from appointments.occurrences import horizon
from appointments.schedule import dates_from
from locations.models import Closure, Institution
from tests.beratung.api.official import complaints, example, needs_official_files, page_complaints
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_language,
    make_municipality,
    make_offer,
    make_postal_code,
    make_provider,
    make_slot,
    make_topic,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 24, 12, tzinfo=BERLIN)
TODAY = NOW.date()
TUESDAYS = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": time(14), "end_time": time(16), "first_day": date(2026, 9, 1)}
LISTS = ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")
KINDS = {
    "services": "service",
    "service_at_locations": "service_at_location",
    "organizations": "organization",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def read(client, path: str, status: int = 200):
    response = client.get(f"/api/hsds/{path}")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == status, body
    return (
        json.loads(body)
        if "ndjson" not in response["Content-Type"]
        else [json.loads(line) for line in body.splitlines()]
    )


def ids(page) -> list[str]:
    return [entry["id"] for entry in page["contents"]]


@pytest.fixture
def town():
    return make_municipality(make_district(name="Landkreis Beispiel", slug="beispiel"), name="Beispielstadt")


@pytest.fixture
def rich(town):
    """Return a slot about which everything is known, with every kind of unusual day."""
    make_language()
    provider = make_provider(town.district, email="beratung@example.org", website="https://example.org/beratung")
    offer = make_offer(
        provider,
        (make_topic(explanation="Hilfe bei Mahnungen"),),
        summary="Zwei Sätze.",
        audience="Eltern",
        age_from=0,
        age_to=27,
        free=True,
        fee_text="kostenlos",
        bring_along="Briefe",
        drop_in=True,
    )
    house = make_institution(
        town,
        street="Beispielweg 1",
        postal_code="31226",
        phone="030 23125 001",
        step_free=False,
        step_free_note="3 Stufen",
        lift=True,
        accessibility_checked_on=date(2026, 1, 2),
    )
    slot = make_slot(house, offer, **TUESDAYS, note="Bitte klingeln.")
    make_exception(slot, date(2026, 10, 6), reason="Die Fachkraft ist verhindert.")
    make_exception(
        slot, date(2026, 10, 13), "moved", new_day=date(2026, 10, 15), new_institution=make_institution(town)
    )
    make_exception(slot, date(2026, 11, 18), "extra", new_start_time=time(9), new_end_time=time(10))
    return slot


# The official schemas


@needs_official_files
@pytest.mark.parametrize(
    ("kind", "name", "is_list"),
    [
        ("service", "service_full", False),
        ("service_at_location", "service_at_location_full", False),
        ("organization", "organization_full", False),
        ("taxonomy", "taxonomy", False),
        ("taxonomy_term", "taxonomy_term", False),
        ("service", "service_list", True),
        ("service_at_location", "service_at_location_list", True),
        ("organization", "organization_list", True),
    ],
)
def test_the_official_examples_pass_the_schemas_as_compiled_here(kind, name, is_list):
    found = example(name)
    for value in found["contents"] if is_list else [found]:
        # What else they would find wrong are slips of the examples: a text that is no date, a phone with an extension.
        assert [one for one in complaints(kind, value, is_list=is_list) if "Additional properties" in one] == []


@needs_official_files
@pytest.mark.parametrize("name", LISTS)
def test_the_official_schemas_find_nothing_in_any_list(client, rich, name):
    page = read(client, name)
    assert page_complaints(page) == []
    assert page["contents"]
    for entry in page["contents"]:
        assert complaints(KINDS[name], entry, is_list=True) == []


@needs_official_files
@pytest.mark.parametrize("name", LISTS)
def test_the_official_schemas_find_nothing_in_any_single_answer(client, rich, name):
    for key in ids(read(client, name)):
        assert complaints(KINDS[name], read(client, f"{name}/{key}")) == []


@needs_official_files
@pytest.mark.parametrize(
    "path",
    [
        "services?full=true",
        "service_at_locations?full=true",
        "organizations?full=true",
        "organizations?full=true&full_service=true",
        "organizations?full_service=true",
    ],
)
def test_the_official_schemas_find_nothing_in_nested_lists(client, rich, path):
    for entry in read(client, path)["contents"]:
        assert complaints(KINDS[path.partition("?")[0]], entry) == []


@needs_official_files
def test_a_misspelt_key_is_found_by_the_schemas_as_compiled_here(client, rich):
    service = read(client, "services?full=true")["contents"][0]
    service["service_at_locations"][0]["schedules"][0]["by_day"] = "TU"
    assert "by_day" in complaints("service", service)[0]


@needs_official_files
def test_the_schemas_find_nothing_in_the_demo(client, transactional_db):
    call_command("load_peine", verbosity=0)
    for entry in read(client, "services?format=ndjson&full=true"):
        assert complaints("service", entry) == []
    for entry in read(client, "service_at_locations?format=ndjson&full=true"):
        assert complaints("service_at_location", entry) == []


def test_nothing_is_null_anywhere(client, rich):
    make_slot(make_institution(rich.institution.municipality), make_offer(), **TUESDAYS)
    for path in ("services?full=true", "service_at_locations?full=true", "organizations?full=true&full_service=true"):
        assert "null" not in client.get(f"/api/hsds/{path}").content.decode()


# The same dates as the pages


def expanded(schedule: dict) -> set[tuple[datetime, datetime]]:
    """Return the dates of a schedule as somebody reads it who has only RFC 5545 and dateutil."""
    rule = f"FREQ={schedule['freq']};INTERVAL={schedule['interval']};BYDAY={schedule['byday']};WKST={schedule['wkst']}"
    ends = (
        f";COUNT={schedule['count']}" if "count" in schedule else f";UNTIL={schedule['until'].replace('-', '')}T235959"
    )
    start = datetime.combine(date.fromisoformat(schedule["dtstart"]), time())
    opens, closes = (time.fromisoformat(schedule[name]) for name in ("opens_at", "closes_at"))
    return {
        (datetime.combine(day.date(), opens), datetime.combine(day.date(), closes))
        for day in rrulestr(rule + ends, dtstart=start)
    }


def test_hsds_calendars_and_pages_of_the_demo_have_exactly_the_same_dates(client, transactional_db):
    call_command("load_peine", verbosity=0)
    slots = list(Slot.objects.public(TODAY).with_dates())
    assert len(slots) > 20
    answers = {entry["id"]: entry for entry in read(client, "service_at_locations?format=ndjson&full=true")}
    midnight = datetime.combine(TODAY, time(), BERLIN)
    for dates in dates_from(slots, TODAY):
        of_page = {
            (datetime.combine(one.day, one.start, BERLIN), datetime.combine(one.day, one.end, BERLIN))
            for one in dates.held
        }
        answer = answers.pop(str(dates.slot.uuid))
        pieces = answer.get("schedules", [])
        of_hsds = {pair for piece in pieces for pair in expanded(piece) if pair[0] >= midnight}
        assert of_hsds == of_page, dates.slot
        link = urlsplit(pieces[0]["schedule_link"]).path if pieces else f"/termine/{dates.slot.uuid}.ics"
        assert of_calendar(client.get(link).content) == of_page, dates.slot
    assert answers == {}


def of_calendar(octets: bytes) -> set[tuple[datetime, datetime]]:
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(octets)).between(
        TODAY, horizon(TODAY) + timedelta(days=1)
    )
    return {(event["DTSTART"].dt, event["DTEND"].dt) for event in events if event["STATUS"] == "CONFIRMED"}


def test_a_moved_date_names_its_other_house_and_an_extra_one_stands_alone(client, rich):
    schedules = read(client, f"service_at_locations/{rich.uuid}")["schedules"]
    alone = [one for one in schedules if one.get("count") == 1]
    assert [(one["dtstart"], one["opens_at"]) for one in alone] == [
        ("2026-10-15", "14:00+02:00"),
        ("2026-11-18", "09:00+01:00"),
    ]
    other = Institution.objects.exclude(pk=rich.institution_id).get()
    assert alone[0]["location_id"] == str(other.uuid)
    assert other.name in alone[0]["notes"]
    assert "location_id" not in alone[1]


def test_what_drops_out_is_said_with_its_reason(client, rich):
    notes = " ".join(one.get("notes", "") for one in read(client, f"service_at_locations/{rich.uuid}")["schedules"])
    assert "06.10.2026 (Die Fachkraft ist verhindert.)" in notes
    assert "13.10.2026 (verlegt auf 15.10.2026)" in notes


def test_a_schedule_keeps_its_id_when_the_day_goes_on(client, rich, monkeypatch):
    before = {one["id"] for one in read(client, f"service_at_locations/{rich.uuid}")["schedules"]}
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=3))
    assert {one["id"] for one in read(client, f"service_at_locations/{rich.uuid}")["schedules"]} == before


# Filters


def test_filters_are_joined_by_and(client, town):
    topic, other = make_topic(), make_topic()
    provider = make_provider(town.district)
    house = make_institution(town)
    wanted = make_slot(house, make_offer(provider, (topic,), title="Beispiel-Schuldnerberatung"), **TUESDAYS)
    make_slot(house, make_offer(provider, (other,), title="Beispiel-Schuldnerberatung"), **TUESDAYS)
    make_slot(house, make_offer(None, (topic,), title="Beispiel-Schuldnerberatung"), **TUESDAYS)
    make_slot(house, make_offer(provider, (topic,), title="Beispiel-Sprachkurs"), **TUESDAYS)
    query = f"?taxonomy_term_id={topic.uuid}&organization_id={provider.uuid}&search=schuldner"
    assert ids(read(client, f"services{query}")) == [str(wanted.offer.uuid)]
    assert ids(read(client, f"service_at_locations{query}")) == [str(wanted.uuid)]


def test_a_taxonomy_nobody_knows_has_no_services(client, rich):
    own = ids(read(client, "taxonomies"))[0]
    assert read(client, f"services?taxonomy_id={own}")["total_items"] == 1
    assert read(client, f"services?taxonomy_id={uuid4()}")["empty"] is True
    assert read(client, f"taxonomy_terms?taxonomy_id={uuid4()}")["empty"] is True


def test_proximity_measures_metres_from_the_middle_of_the_postal_code(client, town):
    make_postal_code(town, code="31226")
    near = make_slot(make_institution(town, latitude=52.309, longitude=10.2), **TUESDAYS)  # 1,001 m north
    far = make_slot(make_institution(town, latitude=52.4, longitude=10.2), **TUESDAYS)
    assert ids(read(client, "service_at_locations?postcode=31226&proximity=1000")) == []
    assert ids(read(client, "service_at_locations?postcode=31226&proximity=1002")) == [str(near.uuid)]
    both = ids(read(client, "service_at_locations?postcode=31226"))
    assert sorted(both) == sorted([str(near.uuid), str(far.uuid)])
    assert read(client, "service_at_locations?postcode=99999&proximity=9999999")["empty"] is True


def test_a_confidential_address_is_nowhere_and_lies_where_its_municipality_does(client, town):
    make_postal_code(town, code="31226")
    house = make_institution(
        town,
        name="Beispiel-Frauenhaus",
        street="Geheimweg 7",
        postal_code="31224",
        phone="030 23125 009",
        address_is_public=False,
        latitude=52.5,
        longitude=10.5,
    )
    slot = make_slot(house, **TUESDAYS)
    public = make_slot(make_institution(town), **TUESDAYS)
    make_exception(public, date(2026, 9, 29), "moved", new_institution=house)
    for path in (
        "services?full=true",
        "service_at_locations?full=true",
        "service_at_locations",
        f"service_at_locations/{public.uuid}",
        "organizations?full_service=true",
    ):
        body = client.get(f"/api/hsds/{path}").content.decode()
        for secret in ("Frauenhaus", "Geheimweg", "31224", "23125 009", "52.5", str(house.uuid)):
            assert secret not in body, (path, secret)
    location = read(client, f"service_at_locations/{slot.uuid}")["location"]
    assert location["name"] == "Ort auf Anfrage, Gemeinde Beispielstadt"
    assert (location["latitude"], location["longitude"]) == (52.3, 10.2)
    # Measured from the municipality's point, not from the house 31 km away.
    assert str(slot.uuid) in ids(read(client, "service_at_locations?postcode=31226&proximity=1"))


def test_only_what_families_can_look_up_is_there(client, town):
    house = make_institution(town)
    ended = make_slot(house, **TUESDAYS | {"last_day": date(2026, 9, 23)})
    proposed = make_slot(house, **TUESDAYS, agreed_on=None, published_on=None)
    until_today = make_slot(house, **TUESDAYS | {"last_day": TODAY})
    assert ids(read(client, "service_at_locations")) == [str(until_today.uuid)]
    for slot in (ended, proposed):
        read(client, f"service_at_locations/{slot.uuid}", 404)
        read(client, f"services/{slot.offer.uuid}", 404)


def touched(row, moment: datetime) -> None:
    type(row).objects.filter(pk=row.pk).update(changed_at=moment)


@pytest.mark.parametrize("which", ["slot", "offer", "provider", "institution", "exception", "closure"])
def test_modified_after_knows_everything_that_shapes_a_slot(client, rich, which):
    closure = Closure.objects.create(
        district=rich.institution.municipality.district,
        first_day=date(2026, 12, 1),
        last_day=date(2026, 12, 2),
        reason="Umbau",
    )
    rows = {
        "slot": rich,
        "offer": rich.offer,
        "provider": rich.offer.provider,
        "institution": rich.institution,
        "exception": rich.exceptions.first(),
        "closure": closure,
    }
    for row in (*rows.values(), *rich.exceptions.all()):
        touched(row, NOW - timedelta(days=10))
    changed = NOW - timedelta(days=2)
    touched(rows[which], changed)
    stamp = changed.astimezone(ZoneInfo("UTC"))
    for name in ("services", "service_at_locations"):
        assert read(client, f"{name}?modified_after={stamp:%Y-%m-%dT%H:%M:%SZ}")["total_items"] == 1
        later = stamp + timedelta(seconds=1)
        assert read(client, f"{name}?modified_after={later:%Y-%m-%dT%H:%M:%SZ}")["total_items"] == 0
    assert read(client, "services")["contents"][0]["last_modified"] == f"{stamp:%Y-%m-%dT%H:%M:%S}.000Z"


# Pages, ndjson, minimal


def test_pages_are_counted_and_one_beyond_the_end_is_empty(client, town):
    house = make_institution(town)
    for _ in range(3):
        make_slot(house, **TUESDAYS)
    first, second, beyond = (read(client, f"service_at_locations?per_page=2&page={page}") for page in (1, 2, 10**30))
    assert (first["total_items"], first["total_pages"], first["size"]) == (3, 2, 2)
    assert (first["first_page"], first["last_page"]) == (True, False)
    assert (second["size"], second["first_page"], second["last_page"], second["empty"]) == (1, False, True, False)
    assert (beyond["size"], beyond["empty"], beyond["contents"]) == (0, True, [])
    assert len({*ids(first), *ids(second)}) == 3


def test_an_empty_database_has_one_empty_page(client):
    page = read(client, "services")
    assert (page["total_items"], page["total_pages"]) == (0, 1)
    assert page["empty"]
    assert page["first_page"]
    assert page["last_page"]


def test_a_billion_a_page_is_capped_and_said(client, rich):
    response = client.get("/api/hsds/services?per_page=1000000000")
    assert response.status_code == 200
    assert response["X-Per-Page"] == "500"


def test_ndjson_is_the_list_without_pages(client, rich):
    for name in LISTS:
        page = read(client, f"{name}?per_page=500")
        response = client.get(f"/api/hsds/{name}?format=ndjson")
        assert response["Content-Type"] == "application/x-ndjson"
        assert [json.loads(line) for line in b"".join(response.streaming_content).splitlines()] == page["contents"]


def test_minimal_is_id_and_moment_of_everything_on_one_page(client, town):
    house = make_institution(town)
    for _ in range(60):
        make_slot(house, **TUESDAYS)
    page = read(client, "services?minimal=true")
    assert (page["total_pages"], page["size"]) == (1, 60)
    assert all(set(entry) == {"id", "last_modified"} for entry in page["contents"])


def test_unknown_facts_are_absent_and_no_is_not_unknown(client, town):
    house = make_institution(town, lift=False)
    slot = make_slot(house, make_offer(make_provider(town.district, phone=""), phone="", free=None), **TUESDAYS)
    answer = read(client, f"service_at_locations/{slot.uuid}")
    assert [one["description"] for one in answer["location"]["accessibility"]] == ["Kein Aufzug"]
    assert "addresses" not in answer["location"]
    assert "phones" not in answer
    assert "cost_options" not in answer["service"]
    assert "minimum_age" not in answer["service"]


# Speed


def test_a_list_of_100_places_with_300_slots_takes_eight_queries(client, town, django_assert_max_num_queries):
    many_slots(town)
    with django_assert_max_num_queries(8):
        page = read(client, "service_at_locations?per_page=300")
    assert page["size"] == 300
    with django_assert_max_num_queries(12):
        read(client, "service_at_locations?per_page=300&full=true")
    with django_assert_max_num_queries(8):
        read(client, "services?per_page=300")


def many_slots(town) -> None:
    houses = [make_institution(town) for _ in range(100)]
    offers = [make_offer(make_provider(town.district), (make_topic(),)) for _ in range(30)]
    for number in range(300):
        make_slot(houses[number % 100], offers[number % 30], **TUESDAYS)
