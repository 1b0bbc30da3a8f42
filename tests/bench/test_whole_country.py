"""What is different where there are too many rows for one page?"""

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.test import RequestFactory

from appointments.slot_tasks import MOST_DISTRICTS, own_districts
from tests.builders import make_district, make_locality, make_municipality, make_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_towns():
    return [
        make_municipality(make_district(slug=f"kreis-{number}"), name=f"Beispielstadt {number}") for number in (1, 2)
    ]


def test_municipalities_that_fit_on_a_page_stand_on_one(client, two_towns, monkeypatch):
    monkeypatch.setattr("appointments.pages.MOST_LISTED", 2)
    page = client.get("/gemeinden/").content.decode()
    assert "Beispielstadt 1" in page
    assert "Beispielstadt 2" in page
    assert "?kreis=" not in page


def test_too_many_municipalities_stand_under_their_districts(client, two_towns, monkeypatch):
    monkeypatch.setattr("appointments.pages.MOST_LISTED", 1)
    page = client.get("/gemeinden/").content.decode()
    assert "Beispielstadt" not in page
    assert 'href="?kreis=kreis-1"' in page
    page = client.get("/gemeinden/?kreis=kreis-1").content.decode()
    assert "Beispielstadt 1" in page
    assert "Beispielstadt 2" not in page
    assert client.get("/gemeinden/?kreis=gibt-es-nicht").status_code == 404


def test_who_has_to_choose_a_place_is_led_to_the_list_instead_of_through_it(client, two_towns, monkeypatch):
    monkeypatch.setattr("appointments.pages.MOST_LISTED", 1)
    page = client.get("/?ort=Gibtesnicht").content.decode()
    assert "Beispielstadt" not in page
    assert 'href="/gemeinden/"' in page


def test_a_calendar_of_too_many_slots_is_there_by_district_only(client, monkeypatch):
    slots = [make_slot(), make_slot()]
    topic = slots[0].offer.topics.get()
    slots[1].offer.topics.set([topic])
    address, district = f"/kalender/thema/{topic.slug}.ics", slots[0].institution.municipality.district
    monkeypatch.setattr("appointments.feeds.MOST_SLOTS", 2)
    assert client.get(address).content.count(b"BEGIN:VEVENT") >= 2
    monkeypatch.setattr("appointments.feeds.MOST_SLOTS", 1)
    caches["pages"].clear()
    assert client.get(address).status_code == 404
    own = client.get(f"{address}?kreis={district.slug}").content
    assert str(slots[0].uuid).encode() in own
    assert str(slots[1].uuid).encode() not in own
    assert client.get(f"{address}?kreis=gibt-es-nicht").status_code == 404


def test_tasks_of_twenty_districts_are_somebodys_and_of_more_only_those_entered():
    operator = get_user_model().objects.create_superuser("betrieb")
    districts = [make_district() for _ in range(MOST_DISTRICTS)]
    assert set(own(operator)) == set(districts)
    districts.append(make_district())
    assert own(operator) == ()
    operator.districts.create(district=districts[3])
    assert own(operator) == (districts[3],)


def own(user):
    request = RequestFactory().get("/admin/")
    request.user = user
    return own_districts(request)


def test_a_misspelt_place_is_found_though_a_name_has_a_no_break_space(client):
    town = make_municipality(name="Beispiel\N{NO-BREAK SPACE}Stadt")
    make_locality(town, name="Beispielweiler")
    assert "Beispielweiler" in client.get("/?ort=Beispielweilre").content.decode()
    assert client.get("/?ort=Beispiel Stedt").status_code == 200
