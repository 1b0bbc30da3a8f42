"""Do maps, tables, portals, councils and feed readers get what the pages say, in the form their standards ask for?"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import feedparser
import pytest
from django.core.management import call_command
from django.utils import timezone
from rdflib import DCAT, Graph, URIRef
from rdflib.namespace import DCTERMS, RDF

from appointments.coverage import CoverageState
from beratung.api.csv_fields import COVERAGE_FIELDS, SLOT_FIELDS
from beratung.api.rings import right_handed, twice_the_area
from beratung.dashboard import dashboard
from tests.builders import (
    make_committee,
    make_district,
    make_exception,
    make_institution,
    make_language,
    make_municipality,
    make_offer,
    make_paper,
    make_slot,
    make_target,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
TUESDAYS = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": time(14), "end_time": time(16), "first_day": date(2026, 9, 1)}
CLOCKWISE = [[10.0, 52.0], [10.0, 53.0], [11.0, 53.0], [11.0, 52.0], [10.0, 52.0]]
HOLE = [[10.4, 52.4], [10.6, 52.4], [10.6, 52.6], [10.4, 52.6], [10.4, 52.4]]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def district():
    return make_district(name="Landkreis Beispiel", slug="beispiel")


@pytest.fixture
def town(district):
    make_target(make_paper(district))
    return make_municipality(district, name="Beispielstadt")


@pytest.fixture
def demo(transactional_db):
    call_command("load_peine", verbosity=0)


# GeoJSON


def test_outer_rings_run_counterclockwise_and_holes_clockwise():
    found = right_handed({"type": "Polygon", "coordinates": [CLOCKWISE, HOLE]})
    outer, hole = found["coordinates"]
    assert twice_the_area(outer) == 2
    assert twice_the_area(hole) < 0
    assert outer == CLOCKWISE[::-1]
    assert right_handed(found) == found
    many = right_handed({"type": "MultiPolygon", "coordinates": [[CLOCKWISE], [CLOCKWISE, HOLE]]})
    assert all(twice_the_area(rings[0]) > 0 for rings in many["coordinates"])


def test_a_line_is_no_outline():
    with pytest.raises(ValueError, match="LineString"):
        right_handed({"type": "LineString", "coordinates": CLOCKWISE})


def test_municipalities_carry_the_coverage_of_the_committees_page(client, demo):
    page = dashboard("peine", "", NOW.date())
    answer = client.get("/api/geojson/gemeinden?kreis=peine")
    assert answer["Content-Type"] == "application/geo+json"
    features = answer.json()["features"]
    assert {one["properties"]["ags"]: one["properties"]["abdeckung"] for one in features} == {
        row.municipality.ags: str(row.state) for row in page.rows
    }


@pytest.mark.parametrize(("day", "count"), [("2014-12-31", 8), ("2015-01-01", 7)])
def test_of_each_day_only_the_municipalities_that_existed_then_are_shown(client, demo, day, count):
    assert len(client.get(f"/api/geojson/gemeinden?tag={day}").json()["features"]) == count


def test_a_municipality_without_outline_is_a_point_and_one_without_a_place_is_nowhere(client, town):
    make_municipality(town.district, name="Beispielhausen", boundary={"type": "Polygon", "coordinates": [CLOCKWISE]})
    make_municipality(town.district, name="Beispielingen", latitude=None, longitude=None)
    found = {
        one["properties"]["name"]: one["geometry"] for one in client.get("/api/geojson/gemeinden").json()["features"]
    }
    assert found["Beispielstadt"] == {"type": "Point", "coordinates": [10.2, 52.3]}
    assert found["Beispielhausen"] == {"type": "Polygon", "coordinates": [CLOCKWISE[::-1]]}
    assert found["Beispielingen"] is None


def test_without_a_target_the_state_is_unknown_and_so_absent(client, district):
    make_municipality(district)
    properties = client.get("/api/geojson/gemeinden").json()["features"][0]["properties"]
    assert "abdeckung" not in properties
    assert properties["stichtag"] == "2026-09-24"


def test_a_house_shows_its_next_date_and_a_confidential_one_nothing(client, town):
    house = make_institution(town, step_free=None)
    slot = make_slot(house, **TUESDAYS)
    make_exception(slot, date(2026, 9, 29), "moved", new_institution=make_institution(town))
    make_slot(make_institution(town, address_is_public=False, name="Beispiel-Frauenhaus"), **TUESDAYS)
    features = client.get("/api/geojson/einrichtungen").json()["features"]
    assert [one["properties"]["name"] for one in features] == [house.name]
    # The date of the 29th is elsewhere this time.
    assert features[0]["properties"]["naechster_termin"] == "2026-10-06T14:00+02:00"
    assert "stufenlos" not in features[0]["properties"]


# CSV


def rows(response) -> list[dict[str, str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_every_column_is_in_the_dictionary_in_that_order(client, town):
    make_slot(make_institution(town), **TUESDAYS)
    explained = client.get("/api/csv/felder").json()
    for name, fields in (("termine", SLOT_FIELDS), ("abdeckung", COVERAGE_FIELDS)):
        header = rows(client.get(f"/api/csv/{name}.csv"))[0]
        assert list(header) == [one["feld"] for one in explained[name]] == [one.name for one in fields]
        assert all(one["bedeutung"] and one["einheit"] and one["leer"] for one in explained[name])


def test_unknown_is_a_word_and_what_does_not_apply_is_empty(client, town):
    make_language()
    make_slot(make_institution(town, step_free=None), make_offer(free=True), **TUESDAYS)
    row = rows(client.get("/api/csv/termine.csv?kreis=beispiel"))[0]
    assert (row["stufenlos"], row["kostenlos"], row["gilt_bis"]) == ("nicht bekannt", "Ja", "")
    assert (row["gilt_ab"], row["naechster_termin"], row["beginn"]) == ("01.09.2026", "29.09.2026", "14:00")


def test_a_confidential_house_gives_its_municipality_alone(client, town):
    house = make_institution(
        town, name="Beispiel-Frauenhaus", street="Geheimweg 7", address_is_public=False, latitude=52.5, longitude=10.5
    )
    make_slot(house, **TUESDAYS)
    response = client.get("/api/csv/termine.csv")
    row = rows(response)[0]
    assert (row["einrichtung"], row["strasse"], row["stufenlos"]) == ("", "", "")
    assert (row["breite"], row["laenge"], row["gemeinde"]) == ("52,30000", "10,20000", "Beispielstadt")
    assert "Geheimweg" not in response.content.decode()


def test_what_a_spreadsheet_would_run_is_text(client, town):
    make_slot(make_institution(town, name="=HYPERLINK(1)"), **TUESDAYS)
    assert rows(client.get("/api/csv/termine.csv"))[0]["einrichtung"] == "'=HYPERLINK(1)"


def test_the_coverage_table_counts_as_the_committees_page_does(client, demo):
    page = dashboard("peine", "", NOW.date())
    found = rows(client.get("/api/csv/abdeckung.csv"))
    covered = [row for row in found if row["abdeckung"] == "abgedeckt"]
    assert len(covered) == sum(row.state is CoverageState.COVERED for row in page.rows)
    assert len(found) == len(page.rows)


# DCAT-AP


def test_the_catalogue_is_what_a_portal_asks_for(client, district):
    graph = Graph().parse(data=client.get("/api/dcat/katalog.jsonld").content, format="json-ld")
    catalogue = next(graph.subjects(RDF.type, DCAT.Catalog))
    assert graph.value(catalogue, DCTERMS.license) == URIRef("http://dcat-ap.de/def/licenses/dl-by-de/2.0")
    datasets = list(graph.objects(catalogue, DCAT.dataset))
    assert len(datasets) == 2
    for dataset in datasets:
        for term in (
            DCTERMS.title,
            DCTERMS.description,
            DCTERMS.publisher,
            DCTERMS.identifier,
            DCAT.contactPoint,
            DCAT.theme,
        ):
            assert graph.value(dataset, term) is not None, term
        for distribution in graph.objects(dataset, DCAT.distribution):
            for term in (DCAT.accessURL, DCTERMS.license, DCAT.mediaType, DCTERMS["format"]):
                assert graph.value(distribution, term) is not None, term


def test_every_download_of_the_catalogue_is_there(client, town):
    make_slot(make_institution(town), **TUESDAYS)
    graph = Graph().parse(data=client.get("/api/dcat/katalog.jsonld").content, format="json-ld")
    addresses = [str(address) for address in graph.objects(None, DCAT.downloadURL)]
    assert len(addresses) == 7
    for address in addresses:
        response = client.get(address.removeprefix("http://testserver"))
        assert response.status_code == 200, address
        media = next(graph.objects(next(graph.subjects(DCAT.downloadURL, URIRef(address))), DCAT.mediaType))
        assert str(media).endswith(response["Content-Type"].partition(";")[0])


# OParl


def test_every_oparl_id_is_the_address_of_its_own_object(client, town):
    paper = town.district.papers.get()
    paper.consultations.create(committee=make_committee(town.district), role="Vorberatung", position=1)
    paper.consultations.create(committee=make_committee(town.district), position=2)
    seen, waiting = {}, ["http://testserver/api/oparl/"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address.removeprefix("http://testserver"))
        assert answer.status_code == 200, address
        seen[address] = answer.json()
        waiting += [link for link in links(seen[address]) if "/api/oparl/" in link]
    objects = [one for one in seen.values() if "id" in one]
    assert {address for address, one in seen.items() if one.get("id") == address} == {one["id"] for one in objects}
    types = {one["type"].rpartition("/")[2] for one in objects}
    assert types == {"System", "Body", "Organization", "Paper", "Consultation"}
    assert all(one["type"].startswith("https://schema.oparl.org/1.1/") for one in objects)


def links(value) -> list[str]:
    if isinstance(value, dict):
        return [link for one in value.values() for link in links(one)]
    if isinstance(value, list):
        return [link for one in value for link in links(one)]
    return [value] if isinstance(value, str) and value.startswith("http") else []


def test_what_is_unknown_about_a_paper_is_absent(client, town):
    paper = town.district.papers.get()
    paper.date = None
    paper.save()
    answer = client.get(f"/api/oparl/paper/{paper.uuid}").json()
    assert "date" not in answer
    assert (answer["reference"], answer["name"]) == (paper.reference, paper.name)
    assert answer["web"].endswith(f"/vorlagen/{paper.slug}/")


def test_a_body_has_the_lists_that_oparl_wants(client, town):
    body = client.get("/api/oparl/bodies").json()["data"][0]
    for name in ("organization", "person", "meeting", "paper", "consultation"):
        answer = client.get(body[name].removeprefix("http://testserver")).json()
        assert set(answer) == {"data", "pagination", "links"}
    assert body["legislativeTerm"] == []


# Atom


def entries(client, query: str = ""):
    response = client.get(f"/api/atom/aenderungen{query}")
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.bozo_exception
    return feed


def test_the_feed_tells_what_was_published_cancelled_moved_and_ended(client, town):
    house = make_institution(town)
    slot = make_slot(house, **TUESDAYS)
    make_exception(slot, date(2026, 10, 6), reason="Die Fachkraft ist verhindert.")
    make_exception(slot, date(2026, 10, 13), "moved", new_day=date(2026, 10, 15))
    make_slot(house, **TUESDAYS, withdrawn_on=date(2026, 9, 20))
    make_slot(house, **TUESDAYS, agreed_on=None, published_on=None)
    feed = entries(client)
    titles = sorted(one.title.partition(":")[0] for one in feed.entries)
    assert titles == ["Fällt aus", "Kein Termin mehr", "Neuer Termin", "Neuer Termin", "Verlegt"]
    text = " ".join(one.summary for one in feed.entries)
    assert "Die Fachkraft ist verhindert." in text
    assert "Neu: am Donnerstag, 15. Oktober 2026." in text.replace("\N{NO-BREAK SPACE}", " ")


def test_ids_stay_and_updated_is_when_the_row_changed(client, town, monkeypatch):
    slot = make_slot(make_institution(town), **TUESDAYS)
    before = entries(client)
    type(slot).objects.update(note="neu")  # writes no changed_at: nothing is news
    monkeypatch.setattr(timezone, "now", lambda: NOW.replace(day=25))
    after = entries(client)
    assert [(one.id, one.updated) for one in after.entries] == [(one.id, one.updated) for one in before.entries]
    assert after.feed.updated == before.feed.updated == before.entries[0].updated
    assert before.entries[0].id == f"tag:testserver,2026:{slot.uuid}/veroeffentlicht"
    slot.save()
    assert entries(client).entries[0].updated > before.entries[0].updated


def test_the_feed_is_narrowed_by_municipality_and_topic(client, town):
    topic = make_topic()
    wanted = make_slot(make_institution(town), make_offer(None, (topic,)), **TUESDAYS)
    make_slot(make_institution(town), **TUESDAYS)
    make_slot(make_institution(make_municipality(town.district)), make_offer(None, (topic,)), **TUESDAYS)
    feed = entries(client, f"?gemeinde={town.ags}&thema={topic.slug}")
    assert [one.link for one in feed.entries] == [f"http://testserver/termine/{wanted.uuid}/"]
    assert "Beispielstadt" in feed.feed.title


def test_a_feed_without_news_is_the_same_every_day(client, town, monkeypatch):
    before = client.get("/api/atom/aenderungen").content
    monkeypatch.setattr(timezone, "now", lambda: NOW.replace(day=28))
    assert client.get("/api/atom/aenderungen").content == before


def test_the_feed_never_names_a_confidential_house(client, town):
    hidden = make_institution(town, name="Beispiel-Frauenhaus", street="Geheimweg 7", address_is_public=False)
    make_slot(hidden, **TUESDAYS)
    slot = make_slot(make_institution(town), **TUESDAYS)
    make_exception(slot, date(2026, 9, 29), "moved", new_institution=hidden)
    body = client.get("/api/atom/aenderungen").content.decode()
    assert "Frauenhaus" not in body
    assert "Geheimweg" not in body
