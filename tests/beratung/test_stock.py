"""Does the inventory's page show what runs, what is missing and what may be double?"""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from beratung.dashboard import dashboard
from beratung.stock import heat, stock
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_offer,
    make_paper,
    make_provider,
    make_slot,
    make_target,
    make_topic,
)

TODAY = date(2026, 9, 24)
URL = "/kreise/beispiel/bestand/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    district = make_district(slug="beispiel")
    make_target(make_paper(district))
    return district


def page():
    return stock("beispiel", TODAY.isoformat(), TODAY)


def test_the_hours_are_those_of_the_dashboard(district):
    for number in range(3):
        slot = make_slot(make_institution(make_municipality(district)), end_time=time(15 + number))
        make_exception(slot, TODAY + timedelta(days=5 + number))
    make_slot(make_institution(make_municipality(district)), first_day=date(2026, 12, 1))  # does not run yet
    assert [head.hours for head in page().heads] == [
        row.hours for row in dashboard("beispiel", TODAY.isoformat(), TODAY).rows
    ]
    assert page().heads[0].hours > 0


def test_gaps_and_doubles_come_with_their_reason(client, district):
    topic = make_topic(short_name="Beispielfeld")
    towns = [make_municipality(district, name=name) for name in ("Adorf", "Bedorf", "Cedorf")]
    for town in (*towns[:2], towns[0]):
        make_slot(make_institution(town), make_offer(make_provider(district), (topic,)))
    html = client.get(URL, {"stichtag": "2026-09-24"}).content.decode()
    assert "Beispielfeld in Cedorf" in html
    assert "In 2 von 3 Gemeinden gibt es einen festen Termin, hier nicht." in html
    assert "Beispielfeld in Adorf" in html
    assert "doppelt?" in html
    assert "1 von 3 Feldern sind leer." in html


def test_a_confidential_house_is_not_named(client, district):
    topic = make_topic()
    house = make_institution(make_municipality(district), name="Beispiel-Geheim", address_is_public=False)
    for _ in range(2):
        make_slot(house, make_offer(make_provider(district), (topic,)))
    html = client.get(URL, {"stichtag": "2026-09-24"}).content.decode()
    assert "Eine Einrichtung mit vertraulicher Adresse" in html
    assert "Beispiel-Geheim" not in html


def test_an_empty_district_has_a_page(client, district):
    assert "Es ist noch keine Gemeinde oder kein Beratungsfeld eingetragen." in client.get(URL).content.decode()


@pytest.mark.parametrize(
    ("hours", "colour"), [("0.1", 1), ("2", 1), ("2.1", 2), ("4", 2), ("4.1", 3), ("6", 3), ("6.1", 4)]
)
def test_the_colour_changes_above_each_step(hours, colour):
    assert heat(Decimal(hours)) == colour


@pytest.mark.parametrize("path", ["bestand/", "verlauf/", "rechenweg/", "kosten/", ""])
@pytest.mark.parametrize("houses", [3, 30])
def test_twelve_queries_are_enough(client, district, path, houses, django_assert_max_num_queries):
    for _ in range(houses):
        make_slot(make_institution(make_municipality(district)))
    client.get("/kreise/")  # asks what it needs to know once, however many pages are read
    with django_assert_max_num_queries(12):
        assert client.get(f"/kreise/beispiel/{path}").status_code == 200


@pytest.mark.parametrize("path", ["bestand/", "verlauf/", "rechenweg/", "kosten/"])
def test_an_unknown_district_is_a_clear_404(client, district, path):
    assert client.get(f"/kreise/nirgends/{path}").status_code == 404


@pytest.mark.parametrize("path", ["bestand/", "verlauf/", "kosten/"])
@pytest.mark.parametrize("day", ["1066-10-14", "9999-12-31", "gestern"])
def test_a_day_out_of_reach_is_said(client, district, path, day):
    make_slot(make_institution(make_municipality(district)))
    assert "Anderer Tag:" in client.get(f"/kreise/beispiel/{path}", {"stichtag": day}).content.decode()
