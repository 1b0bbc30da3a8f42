"""Do search engines find every page for families, and nothing that is confidential or endless?"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from locations.models import Institution
from tests.builders import make_district, make_institution, make_locality, make_municipality, make_provider, make_slot

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
MERGED = {"last_day": date(2014, 12, 31)}


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def addresses(client, section: str) -> list[str]:
    response = client.get(f"/sitemap-{section}.xml")
    assert response.status_code == 200
    return [path or "/" for path in re.findall(r"<loc>http://testserver([^<]*)</loc>", response.content.decode())]


@pytest.fixture
def ilsede(db):
    district = make_district()
    return make_municipality(district, name="Ilsede", ags="03157009", first_day=date(2015, 1, 1))


@pytest.fixture
def lahstedt(ilsede):
    return make_municipality(ilsede.district, name="Lahstedt", ags="03157004", successor=ilsede, **MERGED)


def test_the_index_names_every_section(client, db):
    page = client.get("/sitemap.xml").content.decode()
    for section in ("start", "termine", "einrichtungen", "gemeinden", "ortsteile", "themen", "traeger", "seiten"):
        assert f"<loc>http://testserver/sitemap-{section}.xml</loc>" in page


def test_every_address_in_it_answers(client, ilsede, lahstedt):
    make_locality(ilsede, slug="gross-ilsede")
    make_locality(lahstedt, slug="oberg")
    make_slot(make_institution(lahstedt))
    found = [
        address
        for section in re.findall(r"sitemap-([a-z]+)\.xml", client.get("/sitemap.xml").content.decode())
        for address in addresses(client, section)
    ]
    assert len(found) > 8 * len(settings.LANGUAGES)
    for address in found:
        assert client.get(address, follow=address == "/kreise/").status_code == 200, address


def test_pages_for_families_are_listed_in_every_language(client, ilsede):
    found = addresses(client, "gemeinden")
    assert "/gemeinden/03157009-ilsede/" in found
    assert len(found) == len(settings.LANGUAGES)


def test_each_address_names_itself_in_every_language_and_german_for_all_others(client, ilsede):
    page = client.get("/sitemap-gemeinden.xml").content.decode()
    entries = re.findall(r"<url>(.*?)</url>", page, re.DOTALL)
    assert len(entries) == len(settings.LANGUAGES)
    for entry in entries:
        alternates = dict(re.findall(r'hreflang="([^"]+)" href="http://testserver([^"]+)"', entry))
        path = "/gemeinden/03157009-ilsede/"
        assert alternates == {
            "x-default": path,
            "de": path,
            **{code: f"/{code}{path}" for code in ("en", "tr", "ar", "uk")},
        }


def test_a_former_municipality_is_not_listed_but_its_villages_are_under_its_heir(client, ilsede, lahstedt):
    for home in (ilsede, lahstedt):
        make_locality(home, slug="gross-ilsede")
    make_locality(lahstedt, slug="oberg")
    assert not [address for address in addresses(client, "gemeinden") if "lahstedt" in address]
    german = [address for address in addresses(client, "ortsteile") if address.startswith("/gemeinden/")]
    assert german == ["/gemeinden/03157009-ilsede/gross-ilsede/", "/gemeinden/03157009-ilsede/oberg/"]


def test_only_what_is_public_today_is_listed(client, ilsede):
    house = make_institution(ilsede, slug="beispiel-haus")
    shown = make_slot(house)
    for given in (
        {"agreed_on": None, "published_on": None},
        {"published_on": date(2026, 9, 25)},
        {"last_day": date(2026, 9, 23)},
        {"withdrawn_on": date(2026, 9, 1)},
    ):
        make_slot(house, **given)
    assert set(re.findall(r"termine/([^/]+)/", " ".join(addresses(client, "termine")))) == {str(shown.uuid)}


def test_no_confidential_or_closed_house_is_listed(client, ilsede):
    secret = make_institution(ilsede, slug="zuflucht", address_is_public=False)
    make_slot(secret)
    make_institution(ilsede, slug="geschlossen", last_day=date(2026, 9, 23))
    make_institution(ilsede, slug="offen", last_day=date(2026, 9, 24))
    found = " ".join(addresses(client, "einrichtungen"))
    assert "offen" in found
    assert "zuflucht" not in found
    assert "geschlossen" not in found


def test_a_provider_without_slots_is_not_listed(client, ilsede):
    slot = make_slot(make_institution(ilsede))
    make_provider(ilsede.district, slug="ohne-termin")
    found = " ".join(addresses(client, "traeger"))
    assert slot.offer.provider.slug in found
    assert "ohne-termin" not in found


def test_the_last_change_is_that_of_whatever_changed_last(client, ilsede):
    slot = make_slot(make_institution(ilsede))
    long_ago = datetime(2020, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    for row in (slot, slot.offer, slot.offer.provider, slot.institution):
        type(row).objects.filter(pk=row.pk).update(changed_at=long_ago)
    assert "<lastmod>2020-01-01</lastmod>" in client.get("/sitemap-termine.xml").content.decode()
    Institution.objects.filter(pk=slot.institution_id).update(changed_at=NOW)
    assert "<lastmod>2026-09-24</lastmod>" in client.get("/sitemap-termine.xml").content.decode()


def test_a_section_asks_few_questions(client, ilsede, lahstedt, django_assert_max_num_queries):
    for _ in range(10):
        make_slot(make_institution(ilsede, locality=make_locality(lahstedt)))
    for section in ("termine", "einrichtungen", "gemeinden", "ortsteile", "traeger"):
        with django_assert_max_num_queries(4):
            client.get(f"/sitemap-{section}.xml")


@pytest.mark.parametrize("path", ["/sitemap-nirgends.xml", "/sitemap-termine.xml?p=99", "/sitemap-termine.xml?p=x"])
def test_what_is_not_there_is_not_found(client, db, path):
    assert client.get(path).status_code == 404


def test_robots_are_told_what_to_leave(client, db):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert lines == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /*?",
        "Allow: /?ort=",
        "Disallow: /?ort=*&",
        "Allow: /sitemap-",
        "Sitemap: http://testserver/sitemap.xml",
    ]
