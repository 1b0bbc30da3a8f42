"""Is the description true? A tool that knows nothing but it tries every address, and a browser opens its page."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from beratung.api.described import description
from tests.builders import (
    make_committee,
    make_district,
    make_institution,
    make_municipality,
    make_paper,
    make_postal_code,
    make_slot,
    make_target,
)

TUESDAYS = {"rule": "FREQ=WEEKLY;BYDAY=TU", "first_day": date(2026, 1, 6)}
pytestmark = pytest.mark.django_db


@pytest.fixture
def slot(db):
    town = make_municipality(make_district(slug="beispiel"))
    paper = make_paper(town.district)
    make_target(paper)
    paper.consultations.create(committee=make_committee(town.district))
    make_postal_code(town)
    return make_slot(make_institution(town), **TUESDAYS)


@pytest.fixture
def interface(slot):
    """Yield what the tool is told: the description of this very database."""
    application = get_wsgi_application()
    # After each answer Django would close the connection that holds the test's transaction; its own client does the same.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_the_description_is_true(interface, mode):
    for found in interface.get_all_operations():
        tried(found.ok(), mode)


def tried(operation, mode: GenerationMode) -> None:
    """Ask the address what its description allows, or what it does not; complain about every answer that is not described."""

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        # `proximity` needs `postcode`, which OpenAPI has no word for: that it is refused alone is right.
        alone = "proximity" in (case.query or {}) and "postcode" not in (case.query or {})
        excluded = [positive_data_acceptance] if alone else []
        # The tool's own client does not unpack what it says it takes.
        case.call_and_validate(headers={"Accept-Encoding": "identity"}, excluded_checks=excluded)

    with suppress(Unsatisfiable):  # nothing is wrong where nothing can be asked
        ask()


def test_every_id_in_the_description_is_one_of_this_database(client, slot):
    document = client.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["info"]["license"]["url"] == "https://www.govdata.de/dl-de/by-2-0"
    for path, methods in document["paths"].items():
        for parameter in methods["get"].get("parameters", []):
            if parameter["in"] == "path":
                assert client.get(path.format(**{parameter["name"]: parameter["example"]})).status_code == 200, path
    examples = [one for path in document["paths"].values() for one in path["get"].get("parameters", [])]
    assert str(slot.offer.provider.uuid) in {one.get("example") for one in examples}


def test_an_empty_database_is_described_without_examples(client):
    document = client.get("/api/openapi.json").json()
    path = document["paths"]["/api/hsds/services/{id}"]["get"]["parameters"][0]
    assert "example" not in path


def test_the_description_names_only_what_can_be_asked(client):
    document = description("https://example.org")
    assert document["servers"] == [{"url": "https://example.org"}]
    assert "null" not in json.dumps(document["servers"])


@pytest.mark.django_db(transaction=True)
def test_the_page_to_try_it_out_works_under_the_policy_and_loads_nothing_from_elsewhere(page, live_server):
    town = make_municipality(make_district(slug="beispiel"))
    make_slot(make_institution(town), **TUESDAYS)
    refused, asked = [], []
    page.on("console", lambda message: "Content Security Policy" in message.text and refused.append(message.text))
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_text("Feste Termine: ein Angebot an einem Ort").first.wait_for()
    page.get_by_text("Feste Termine: ein Angebot an einem Ort").first.click()
    page.get_by_role("button", name="Try it out").first.click()
    page.get_by_role("button", name="Execute").first.click()
    page.get_by_text("total_items").first.wait_for()
    assert refused == []
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
    assert page.context.cookies() == []
