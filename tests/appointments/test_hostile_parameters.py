"""Does every page for families answer any parameter whatever, say what it did not understand, and reflect nothing raw?"""

import re
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.filters import SlotFilter
from tests.builders import (
    make_district,
    make_institution,
    make_locality,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
PARAMETERS = (*SlotFilter.base_filters, "seite")
VALUES = {
    "NUL": "%00",
    "NUL within": "Wahle%00",
    "half a pair of surrogates": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "UTF-16": "W%00a%00h%00l%00e%00",
    "an over-long slash": "%C0%AF",
    "10,000 letters": "x" * 10_000,
    "5,000 nines": "9" * 5_000,
    "minus one": "-1",
    "a fraction": "1e309",
    "Arabic digits": quote("٣"),
    "script": quote("<script>alert(1)</script>"),
    "end of an attribute": quote("\"'><b onmouseover=alert(1)>"),
    "a template": quote("{{ 7|add:7 }}{% debug %}%(text)s"),
    "SQL": quote("' OR 1=1 --"),
    "writing direction": quote("\u202eWahle\u2066"),
    "control characters": "%1B%5B2J%08%7F%0D%0AX-Evil:1",
    "emoji": quote("👩‍👩‍👧" * 9),
    "a half percent": "%",
    "blanks": "+%C2%A0%E2%80%8B",
}
RAW = ("<script>alert", "<b onmouseover", "\x00", "\x1b[2J")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def slot(db):
    district = make_district(slug="peine", phone="030 23125 000")
    town = make_municipality(district, name="Vechelde", ags="03157007", latitude=52.26, longitude=10.37)
    village = make_locality(town, name="Wahle", slug="wahle", latitude=52.28, longitude=10.36)
    house = make_institution(town, slug="beispiel-haus", locality=village, latitude=52.27, longitude=10.37)
    topic = make_topic(slug="schulden", short_name="Schulden")
    return make_slot(house, make_offer(make_provider(district, slug="beispiel-traeger"), (topic,)))


def pages_of(slot) -> list[str]:
    return [
        f"/termine/{slot.uuid}/",
        f"/termine/{slot.uuid}/fehler-melden/",
        f"/termine/{slot.uuid}.ics",
        "/einrichtungen/beispiel-haus/",
        "/traeger/beispiel-traeger/",
        "/gemeinden/",
        "/gemeinden/03157007-vechelde/",
        "/gemeinden/03157007-vechelde/wahle/",
        "/themen/",
        "/themen/schulden/",
        "/kalender/kreis/peine.ics",
        "/leichte-sprache/",
    ]


def answer(path: str) -> str:
    response = Client(raise_request_exception=False).get(path)
    assert response.status_code == 200, path[:120]
    body = response.content.decode()
    assert not [raw for raw in RAW if raw in body], path[:120]
    assert "X-Evil" not in response.headers
    return body


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_search_answers_any_value_of_any_parameter_and_goes_on_with_the_rest(slot, value):
    for name in PARAMETERS:
        place = "" if name == "ort" else "ort=Wahle&"
        body = answer(f"/?{place}{name}={value}")
        assert name == "ort" or re.search(r'class="bl-entry__title"|aria-invalid="true"|id="fehler|bl-ways', body), name
    answer("/?" + "&".join(f"{name}={value}" for name in PARAMETERS))
    answer("/ar/?" + "&".join(f"{name}={value}&{name}={value}&{name}[]={value}" for name in PARAMETERS))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_every_other_page_answers_any_page_number_and_what_it_does_not_know(slot, value):
    for path in pages_of(slot):
        answer(f"{path}?seite={value}&{value}={value}&ort={value}")


SENTENCES = {
    "ort=Atlantis": "„Atlantis“ kennen wir nicht",
    "thema=xyzxyz": "kennen wir nicht als Thema",
    "tag=blah": "Diesen Wochentag kennen wir nicht.",
    "ab=99": "Bitte eine Uhrzeit von 8 bis 20",
    "sprache=xx": "Diese Sprache kennen wir nicht.",
    "zugang=x": "Das kennen wir nicht. Gezeigt werden alle Wege",
    "stufenlos=x": "Das haben wir nicht verstanden.",
    "sortierung=x": "Diese Sortierung kennen wir nicht.",
    "seite=x": "Diese Seitenzahl kennen wir nicht.",
    "seite=-1": "Diese Seitenzahl kennen wir nicht.",
}


@pytest.mark.parametrize(("query", "sentence"), SENTENCES.items(), ids=SENTENCES)
def test_what_was_not_understood_is_said_and_the_rest_is_searched_for(slot, query, sentence):
    body = answer(f"/?ort=Wahle&{query}" if not query.startswith("ort") else f"/?{query}").replace("\xa0", " ")
    assert sentence in body
    assert query.startswith("ort") or "bl-entry__title" in body


PATHS = ("themen/{}/", "gemeinden/{}/", "gemeinden/03157007-{}/", "gemeinden/03157007-vechelde/{}/", "termine/{}/")
FILES = (
    "einrichtungen/{}/",
    "traeger/{}/",
    "einrichtungen/{}/aushang.pdf",
    "termine/{}.ics",
    "kalender/gemeinde/{}.ics",
)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_an_address_that_nobody_made_is_not_found(slot, value):
    for path in (*PATHS, *FILES, "kalender/kreis/{}.ics", "kalender/thema/{}.ics", "{}"):
        response = Client(raise_request_exception=False).get(f"/{path.format(value)}")
        assert response.status_code in {301, 400, 404} or value == "%", path
        assert not [raw for raw in RAW if raw in response.content.decode()], path


anything = st.text(st.characters(codec=None), max_size=100) | st.integers().map(str) | st.sampled_from(["Wahle", "mo"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(PARAMETERS), anything, min_size=1))
def test_whatever_is_asked_gets_a_page(slot, query):
    raw = "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in query.items())
    answer(f"/?{raw}")


@pytest.mark.django_db
def test_the_search_stays_open_where_more_than_the_place_was_not_understood(client):
    fold = '<details class="bl-fold" open>'
    assert fold in client.get("/?ort=Xyzzy&tag=xx").content.decode()
    assert fold not in client.get("/?ort=Xyzzy").content.decode()
