"""Can a school show our dates on its own web site, and can nobody else?"""

from __future__ import annotations

from datetime import date, datetime, time
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from locations.origins import check_origins, origins_in
from tests.builders import make_district, make_institution, make_municipality, make_offer, make_slot

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
TUESDAYS = {"rule": "FREQ=WEEKLY;BYDAY=TU", "start_time": time(14), "end_time": time(16), "first_day": date(2026, 9, 1)}


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def house(db):
    district = make_district(embedding_sites="https://schule.example.org https://*.example.com")
    house = make_institution(make_municipality(district), name="Beispiel-Schule <Süd>", slug="beispiel-sued")
    make_slot(house, make_offer(title="Beispiel-Beratung & mehr"), **TUESDAYS)
    return house


def address(house) -> str:
    return f"/einrichtungen/{house.slug}/einbetten/"


class Tags(HTMLParser):
    """The names and attributes of what stands in a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_lines_to_paste_need_neither_script_nor_frame_nor_style(client, house):
    snippet = client.get(address(house)).context["snippet"]
    tags = Tags(snippet).found
    assert {tag for tag, _ in tags} == {"h3", "ul", "li", "a", "p"}
    assert {name for _, attributes in tags for name in attributes} == {"href"}
    assert all(attributes["href"].startswith("http://testserver/") for tag, attributes in tags if tag == "a")
    assert "Stand: 24. September 2026" in snippet.replace("\N{NO-BREAK SPACE}", " ")
    assert "29.\N{NO-BREAK SPACE}September" in snippet
    assert "Beispiel-Schule &lt;Süd&gt;" in snippet
    assert "Beispiel-Beratung &amp; mehr" in snippet


def test_the_page_shows_the_lines_as_text_to_copy(client, house):
    page = client.get(address(house)).content.decode()
    assert "&lt;h3&gt;Beratung vor Ort" in page
    assert "&lt;iframe src=" in page


def test_the_frame_opens_on_the_sites_of_the_district_alone_and_sets_no_cookie(client, house):
    response = client.get(f"{address(house)}rahmen/")
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors https://schule.example.org https://*.example.com;" in f"{policy};"
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in response
    assert not response.cookies
    assert "29.\N{NO-BREAK SPACE}September" in response.content.decode()


def test_the_second_visit_has_the_same_policy_even_where_nothing_is_sent_again(client, house):
    first, kept = (client.get(f"{address(house)}rahmen/") for _ in range(2))
    same = client.get(f"{address(house)}rahmen/", headers={"if-none-match": first["ETag"]})
    assert (kept.status_code, same.status_code) == (200, 304)
    assert "https://schule.example.org" in first["Content-Security-Policy"]
    for later in (kept, same):
        assert later["Content-Security-Policy"] == first["Content-Security-Policy"]
        assert "X-Frame-Options" not in later


def test_without_a_site_nobody_may_frame_it(client, house):
    district = house.municipality.district
    district.embedding_sites = ""
    district.save()
    policy = client.get(f"{address(house)}rahmen/")["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "Noch ist keine eingetragen" in client.get(address(house)).content.decode()


def test_example_data_say_so_wherever_they_are_shown(client, house):
    assert "Beispieldaten" not in client.get(address(house)).context["snippet"]
    district = house.municipality.district
    district.is_example = True
    district.save()
    assert "Beispieldaten – keine echten Termine." in client.get(address(house)).context["snippet"]
    assert "Beispieldaten – keine echten Termine." in client.get(f"{address(house)}rahmen/").content.decode()


def test_every_other_page_stays_out_of_frames(client, house):
    for page in (address(house), f"/einrichtungen/{house.slug}/", "/daten/"):
        assert "frame-ancestors 'none'" in client.get(page)["Content-Security-Policy"]


def test_a_confidential_house_has_nothing_to_embed(client, house):
    house.address_is_public = False
    house.save()
    assert client.get(address(house)).status_code == 404
    assert client.get(f"{address(house)}rahmen/").status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "http://schule.example.org",
        "https://schule.example.org/seite",
        "https://*",
        "*",
        "https://localhost",
        "https://a.b; script-src *",
        "https://schule.example.org,https://b.example.org",
        "javascript:alert(1)",
        "https://-a.example.org",
    ],
)
def test_what_is_no_web_site_is_refused_and_never_reaches_the_header(text):
    with pytest.raises(ValidationError, match="Nicht verstanden"):
        check_origins(text)
    assert all(" " not in site and ";" not in site for site in origins_in(text))


@pytest.mark.parametrize(
    "text", ["", "https://schule.example.org", "https://*.example.org:8443\nhttps://b.example.org"]
)
def test_sites_are_read_one_a_line(text):
    check_origins(text)
    assert origins_in(text) == text.split()


def test_the_page_of_all_data_has_a_link_for_every_interface_and_none_is_dead(client, house):
    page = client.get("/daten/")
    links = [link for one in page.context["interfaces"] for _label, link in one.links]
    assert len(links) > 18
    for link in links:
        assert client.get(link).status_code == 200, link


def test_the_page_of_all_data_opens_in_an_empty_installation(client, db):
    assert client.get("/daten/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_pasted_lines_work_in_a_bare_page_and_the_frame_only_where_it_may(page, live_server, client, house):
    text = client.get(address(house)).context["snippet"]
    page.set_content(f"<!doctype html><title>Schule</title><h1>Unsere Schule</h1>{text}")
    assert page.get_by_role("heading", name="Beratung vor Ort: Beispiel-Schule <Süd>").is_visible()
    assert page.get_by_role("listitem").count() == 1
    assert page.get_by_role("link", name="Alle Termine, auch was ausfällt").is_visible()
    refused = []
    page.on("console", lambda message: "frame-ancestors" in message.text and refused.append(message.text))
    page.set_content(f'<iframe src="{live_server.url}{address(house)}rahmen/" title="x"></iframe>')
    page.wait_for_timeout(1500)
    assert refused


@pytest.mark.django_db(transaction=True)
def test_in_a_wide_frame_the_text_has_the_whole_width(page, live_server, house):
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"{live_server.url}{address(house)}rahmen/")
    assert page.get_by_role("heading", level=2).bounding_box()["width"] > 800
