"""Is every refusal a problem document, and does every answer say whether it has changed?"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from beratung.api.publishing import api
from tests.builders import (
    make_committee,
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_paper,
    make_slot,
    make_target,
)

NOBODY = "00000000-0000-4000-8000-000000000000"  # always the same: tests have the same names in every process
NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def slot():
    town = make_municipality(make_district(slug="beispiel"))
    make_target(make_paper(town.district))
    make_committee(town.district)
    return make_slot(make_institution(town), rule="FREQ=WEEKLY;BYDAY=TU", first_day=date(2026, 9, 1))


def problem(response, status: int) -> dict:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document = json.loads(response.content)
    assert document["status"] == status
    assert document["title"]
    return document


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/api/hsds/services?page=0", "page"),
        ("/api/hsds/services?page=-1", "page"),
        ("/api/hsds/services?page=eins", "page"),
        ("/api/hsds/services?page=1.0", "page"),
        ("/api/hsds/services?per_page=0", "per_page"),
        ("/api/hsds/services?full=ja", "full"),
        ("/api/hsds/services?format=xml", "format"),
        ("/api/hsds/services?organization_id=123", "organization_id"),
        ("/api/hsds/services?modified_after=gestern", "modified_after"),
        ("/api/hsds/services?modified_after=2026-02-30T00:00:00Z", "modified_after"),
        ("/api/hsds/services?search=" + "a" * 201, "search"),
        ("/api/hsds/services?farbe=blau", "farbe"),
        ("/api/hsds/services?page=1&page=2", "page"),
        ("/api/hsds/taxonomies/?x=1", None),
        ("/api/hsds/services/keine-uuid", "id"),
        ("/api/hsds/organizations/123", "id"),
        ("/api/hsds/service_at_locations?proximity=1000", "proximity"),
        ("/api/hsds/service_at_locations?postcode=3122", "postcode"),
        ("/api/hsds/service_at_locations?postcode=31226&proximity=weit", "proximity"),
        ("/api/geojson/gemeinden?tag=24.09.2026", "tag"),
        ("/api/atom/aenderungen?gemeinde=Peine", "gemeinde"),
        ("/api/oparl/paper/1", "id"),
        ("/api/openapi.json?x=1", "x"),
        ("/api/csv/felder?kreis=beispiel", "kreis"),
    ],
)
def test_what_is_not_understood_is_named(client, slot, address, parameter):
    if parameter is None:
        problem(client.get(address), 404)
        return
    document = problem(client.get(address), 400)
    assert [one["parameter"] for one in document["errors"]] == [parameter]
    assert document["errors"][0]["detail"]


def test_every_unknown_filter_is_named(client):
    document = problem(client.get("/api/hsds/services?farbe=blau&groesse=9&page=1"), 400)
    assert [one["parameter"] for one in document["errors"]] == ["farbe", "groesse"]
    assert "modified_after" in document["errors"][0]["detail"]


@pytest.mark.parametrize(
    "address",
    [
        "/api/nichts",
        "/api/hsds/nichts",
        "/api/hsds/services/",
        f"/api/hsds/services/{NOBODY}",
        f"/api/hsds/service_at_locations/{NOBODY}",
        f"/api/hsds/organizations/{NOBODY}",
        f"/api/hsds/taxonomies/{NOBODY}",
        f"/api/hsds/taxonomy_terms/{NOBODY}",
        f"/api/oparl/body/{NOBODY}/paper",
        "/api/geojson/gemeinden?kreis=anderswo",
        "/api/geojson/gemeinden?tag=1960-01-01",
        "/api/csv/abdeckung.csv?tag=2199-01-01",
        "/api/atom/aenderungen?gemeinde=00000000",
        "/api/atom/aenderungen?thema=nichts",
    ],
)
def test_what_is_not_there_is_a_problem_in_json(client, slot, address):
    assert problem(client.get(address), 404)["detail"]


def test_of_several_districts_one_has_to_be_named(client, slot):
    make_district(slug="anderer")
    document = problem(client.get("/api/csv/termine.csv"), 400)
    assert "anderer" in document["detail"]
    assert client.get("/api/csv/termine.csv?kreis=beispiel").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "image/png", "unsinn", "application/pdf;q=0.3"])
def test_an_unacceptable_format_is_refused(client, accept):
    assert accept in problem(client.get("/api/hsds/services", headers={"accept": accept}), 406)["detail"]


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/*", "application/json", "text/html,application/xml;q=0.9,*/*;q=0.8"]
)
def test_a_browser_and_a_program_are_both_answered(client, accept):
    assert client.get("/api/hsds/services", headers={"accept": accept} if accept else {}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("address", ["/api/hsds/services", "/api/openapi.json", "/api/atom/aenderungen", "/api/docs/"])
def test_nobody_can_write(client, method, address):
    response = getattr(client, method)(address)
    problem(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_method_nobody_knows_is_refused_like_any_other(client):
    response = client.generic("BREW", "/api/hsds/services")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_writing_to_nowhere_is_not_found(client):
    problem(client.post("/api/nichts"), 404)


def test_options_answers_a_browsers_question_before_it_asks(client):
    response = client.options("/api/hsds/services", headers={"origin": "https://app.example.org"})
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_every_origin_may_read_the_interface_and_no_other_page(client, slot):
    for address in ("/api/hsds/services", "/api/nichts", "/api/hsds/services?page=0"):
        assert client.get(address)["Access-Control-Allow-Origin"] == "*"
    for address in ("/", "/daten/", f"/termine/{slot.uuid}/"):
        assert "Access-Control-Allow-Origin" not in client.get(address)


def every_address(client) -> list[str]:
    """Return each address of the interface with the examples of its own description."""
    paths = client.get("/api/openapi.json").json()["paths"]
    found = []
    for path, methods in paths.items():
        examples = {
            one["name"]: one.get("example") for one in methods["get"].get("parameters", []) if one["in"] == "path"
        }
        if None not in examples.values():
            found.append(path.format(**examples))
    return found


def test_every_answer_has_a_tag_and_is_not_sent_twice(client, slot):
    addresses = every_address(client)
    assert len(addresses) > 20
    for address in [*addresses, "/api/openapi.json", "/api/hsds/services?format=ndjson"]:
        first = client.get(address)
        assert first.status_code == 200, address
        assert first["ETag"]
        if address != "/api/openapi.json":
            assert first["Last-Modified"], address
        again = client.get(address, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b""), address
        assert again["ETag"] == first["ETag"]
        assert client.get(address, headers={"if-none-match": '"andere"'}).status_code == 200


def test_a_changed_row_is_sent_again(client, slot, monkeypatch):
    addresses = ("/api/hsds/services", "/api/hsds/services?format=ndjson", "/api/atom/aenderungen")
    for minutes, address in enumerate(addresses, start=1):
        before = client.get(address)["ETag"]
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: NOW + timedelta(minutes=minutes))
        slot.offer.title += " neu"
        slot.offer.save()
        slot.save()
        assert client.get(address, headers={"if-none-match": before}).status_code == 200, address


@pytest.mark.parametrize("address", ["/api/hsds/services?full=true", "/api/hsds/services?format=ndjson&full=true"])
def test_a_cancellation_that_is_taken_back_is_sent_again(client, slot, address):
    row = make_exception(slot, date(2026, 10, 6))
    before = client.get(address)["ETag"]
    row.delete()
    assert client.get(address, headers={"if-none-match": before}).status_code == 200


def test_the_head_of_every_answer_is_that_of_the_answer(client, slot):
    for address in [*every_address(client), "/api/hsds/services?format=ndjson"]:
        head, whole = client.head(address), client.get(address)
        assert head.status_code == 200, address
        assert (b"".join(head.streaming_content) if head.streaming else head.content) == b""
        assert (head["ETag"], head["Content-Type"]) == (whole["ETag"], whole["Content-Type"])


def test_nothing_is_read_from_the_database_for_the_head_of_a_stream(client, slot, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        response = client.head("/api/hsds/services?format=ndjson&full=true")
        b"".join(response.streaming_content)


def test_no_answer_sets_a_cookie(client, slot):
    for address in [*every_address(client), "/daten/", "/api/docs/"]:
        assert not client.get(address).cookies


def test_even_a_failure_of_our_own_is_a_problem_in_json(client, slot, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("beratung.api.hsds.state_of", lambda request: 1 / 0)
    assert problem(client.get("/api/hsds/services"), 500)["detail"] == "Der Fehler wurde aufgezeichnet."


@pytest.mark.parametrize("demands_tls", [False, True])
def test_a_foreign_host_is_refused_in_json_even_where_tls_is_demanded_first(client, settings, demands_tls):
    settings.SECURE_SSL_REDIRECT = demands_tls
    response = client.get("/api/hsds/services", headers={"host": "fremd.example.org"})
    assert problem(response, 400)["detail"]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get("/daten/", headers={"host": "fremd.example.org"})["Content-Type"].startswith("text/html")


def test_a_text_with_a_nul_finds_nothing(client, slot):
    assert client.get("/api/hsds/services?search=%00").json()["empty"] is True


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2016-12-31T23:59:60Z", "2026-09-24"]
)
def test_moments_at_the_ends_of_time_are_read(client, slot, moment):
    assert client.get("/api/hsds/services", {"modified_after": moment}).status_code == 200


def test_every_address_is_described_and_read_only(client):
    for methods in api.get_openapi_schema(path_prefix="/api/")["paths"].values():
        assert set(methods) == {"get"}
