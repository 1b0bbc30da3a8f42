"""Do two web servers on one database show each other's edits on the very next request? With real servers on two ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.resilience.databases import databases, make_tables
from tests.resilience.sites import Answer, Site, running
from tests.session_script import SESSION

ROWS = """
from tests import builders
district = builders.make_district(slug="peine", name="Landkreis Beispiel")
town = builders.make_municipality(district, name="Beispieldorf")
house = builders.make_institution(town, name="Beispiel-Schule am Markt", slug="am-markt")
paper = builders.make_paper(district)
builders.make_target(paper, qualifying_kinds=["school"])
slot = builders.make_slot(house, builders.make_offer(builders.make_provider(district), title="Beispielberatung"))
print(slot.uuid, slot.pk, house.pk)
"""
TOKEN = "b" * 32
RENAMED, AGAIN = "Beispiel-Schule am Anger", "Beispiel-Schule am Teich"


@dataclass
class Pair:
    """Two sites on one database, and how to log in on either."""

    first: Site
    second: Site
    session: str
    uuid: str
    slot: str
    house: str

    @property
    def pages(self) -> list[str]:
        """Return an address of each kind that names the house."""
        return [
            "/?ort=Beispieldorf",
            "/einrichtungen/am-markt/",
            f"/termine/{self.uuid}/",
            f"/termine/{self.uuid}.ics",
            "/api/hsds/service_at_locations?full=true",
            "/api/geojson/einrichtungen",
            "/api/csv/termine.csv",
            "/kreise/peine/bestand/",
        ]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: Any, django_db_blocker: Any, django_db_setup: Any) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("two")
    with databases(folder) as kept:
        kept.create("site")
        uuid, slot, house, session = make_tables(kept.url("site"), ROWS + SESSION).split()
        with running(kept.url("site"), folder) as first, running(kept.url("site"), folder) as second:
            yield Pair(first, second, session, uuid, slot, house)


def logged_in(pair: Pair) -> dict[str, str]:
    return {"Cookie": f"sessionid={pair.session}; csrftoken={TOKEN}"}


class Fields(HTMLParser):
    """Reads what stands in the fields of a page's forms, as a browser would send it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.choosing, self.writing = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in given}
        name = told.get("name", "")
        if tag == "input" and name and told.get("type") not in ("submit", "button", "search"):
            is_choice = told.get("type") in ("checkbox", "radio")
            if not is_choice or "checked" in told:
                self.found[name] = told.get("value", "on" if is_choice else "")
        elif tag == "select":
            self.choosing = name
        elif tag == "option" and "selected" in told:
            self.found[self.choosing] = told.get("value", "")
        elif tag == "textarea":
            self.writing, self.found[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.found[self.writing] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.writing = ""


def edit(pair: Pair, site: Site, path: str, **changed: str) -> None:
    """Open the form on one site, change it and save, as somebody at the desk."""
    page = site.ask(path, **logged_in(pair))
    assert page.status == 200
    fields = Fields(page.body).found | changed | {"csrfmiddlewaretoken": TOKEN, "_save": "Sichern"}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    saved = site.ask(path, method="POST", body=urlencode(fields), **logged_in(pair), **kind)
    assert saved.status == 302, saved.body[:2000]


def test_an_edit_on_one_is_seen_on_the_next_request_of_the_other_and_both_ways(pair):
    path = f"/admin/locations/institution/{pair.house}/change/"
    # Warm on every process: what they keep of their own has to be let go.
    for _ in range(4):
        before = {page: pair.second.ask(page) for page in pair.pages}
    assert {page: answer.status for page, answer in before.items()} == dict.fromkeys(pair.pages, 200)
    named = [page for page, answer in before.items() if "am Markt" in answer.body]
    assert len(named) >= 6, named
    edit(pair, pair.first, path, name=RENAMED)
    for page in named:
        assert RENAMED in pair.second.ask(page).body, page
        assert RENAMED in pair.first.ask(page).body, page
    edit(pair, pair.second, path, name=AGAIN)
    for page in named:
        assert AGAIN in pair.first.ask(page).body, page
    edit(pair, pair.first, path, name="Beispiel-Schule am Markt")


def test_a_browser_is_told_304_by_either_until_the_other_edits(pair):
    page = "/einrichtungen/am-markt/"
    before = pair.second.ask(page, Host="localhost")  # one name, as behind a balancer
    etag = {"If-None-Match": before.headers["etag"], "Host": "localhost"}
    assert (pair.first.ask(page, **etag).status, pair.second.ask(page, **etag).status) == (304, 304)
    edit(pair, pair.first, f"/admin/locations/institution/{pair.house}/change/", name=RENAMED)
    after = pair.second.ask(page, **etag)
    assert (after.status, after.headers["etag"] != before.headers["etag"]) == (200, True)
    assert RENAMED in after.body
    edit(pair, pair.first, f"/admin/locations/institution/{pair.house}/change/", name="Beispiel-Schule am Markt")


def test_a_slot_taken_back_on_one_is_gone_from_page_search_feed_and_dashboard_of_the_other(pair):
    seen: dict[str, Callable[[Answer], bool]] = {
        "/?ort=Beispieldorf": lambda answer: "Beispielberatung" in answer.body,
        "/api/csv/termine.csv": lambda answer: pair.uuid in answer.body,
    }
    before = {page: pair.second.ask(page) for page in (*seen, "/kreise/peine/")}
    assert before["/kreise/peine/"].status == 200
    keys = urlencode({"termine": pair.slot, "csrfmiddlewaretoken": TOKEN})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    told = [page for page, is_there in seen.items() if is_there(before[page])]
    assert "/?ort=Beispieldorf" in told
    answer = pair.first.ask(
        "/admin/appointments/slot/zurueckziehen/", method="POST", body=keys, **logged_in(pair), **kind
    )
    assert answer.status == 302, answer.status
    for page in told:
        assert not seen[page](pair.second.ask(page)), page
    after = pair.second.ask("/kreise/peine/")
    assert after.headers["etag"] != before["/kreise/peine/"].headers["etag"]
    assert after.body != before["/kreise/peine/"].body
