"""Does every public page say how it may be kept, answer 304, and come compressed; in the program and over the wire?"""

import gzip
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench.serving import Server
from tests.builders import make_budget, make_locality, make_paper, make_slot, make_target

WIRE_SETTINGS = "tests.resilience.server_settings"


@pytest.fixture
def slot(db):
    slot = make_slot()
    town = slot.institution.municipality
    make_locality(town, slug="beispielweiler")
    make_target(make_paper(town.district, slug="2014-001"))
    make_budget(town.district, timezone.localdate().year)
    return slot


def pages(slot) -> list[str]:
    town, house = slot.institution.municipality, slot.institution
    kreis, gemeinde = f"/kreise/{town.district.slug}/", f"/gemeinden/{town.ags}-{town.slug}/"
    families = ["/", f"/?ort={town.name}", f"/termine/{slot.uuid}/", "/themen/", "/gemeinden/", gemeinde]
    families += [f"/themen/{slot.offer.topics.get().slug}/", f"{gemeinde}beispielweiler/"]
    families += [f"/einrichtungen/{house.slug}/", f"/traeger/{slot.offer.provider.slug}/"]
    committee = [kreis, *(f"{kreis}{name}/" for name in ("verlauf", "bestand", "kosten", "rechenweg"))]
    notes = [f"{kreis}vorlagen/2014-001/", "/impressum/", "/datenschutz/", "/barrierefreiheit/", "/leichte-sprache/"]
    files = [
        "/daten/",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-termine.xml",
        f"/kalender/einrichtung/{house.slug}.ics",
    ]
    interfaces = ["/api/hsds/services", "/api/hsds/service_at_locations", "/api/atom/aenderungen"]
    return [*families, *(f"/en{page}" for page in families), *committee, *notes, *files, *interfaces]


def test_every_public_page_answers_304_to_whom_has_it(client, slot):
    for page in pages(slot):
        first = client.get(page)
        assert (first.status_code, first.headers["Cache-Control"]) == (200, "public, no-cache"), page
        again = client.get(page, headers={"if-none-match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), page
        other = client.get(page, headers={"if-none-match": '"etwas anderes"'})
        assert other.status_code == 200, page


def test_somebody_logged_in_gets_nothing_that_anybody_may_keep(client, slot):
    client.force_login(get_user_model().objects.create_superuser("beispiel"))
    for page in pages(slot):
        answer = client.get(page)
        assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].replace(",", "").split()), page


def test_static_files_have_their_contents_in_their_names_and_a_brotli_twin(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_DIRS = [Path(settings.BASE_DIR) / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    storage = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    settings.STORAGES = settings.STORAGES | storage
    call_command(
        "collectstatic", interactive=False, verbosity=0, ignore_patterns=["fonts", "img", "js", "*.md", "*.txt"]
    )
    (hashed,) = (tmp_path / "css").glob("bl.????????????.css")
    for ending, most in ((".br", 0.35), (".gz", 0.4)):
        assert Path(f"{hashed}{ending}").stat().st_size < hashed.stat().st_size * most


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="der Server bekommt die Datei dieses Tests")
@pytest.mark.usefixtures("_two_connections")
def test_over_the_wire_a_page_comes_compressed_with_its_length_and_once():
    address = f"/termine/{make_slot().uuid}/"
    with Server(f"sqlite:///{connection.settings_dict['NAME']}", WIRE_SETTINGS) as server:
        line = HTTPConnection("127.0.0.1", server.port, timeout=20)
        for _first_made_then_kept in range(4):  # by either worker
            status, headers, body = ask(line, address)
            assert (status, headers["Content-Encoding"]) == (200, "gzip")
            assert int(headers["Content-Length"]) == len(body) < len(gzip.decompress(body)) / 2
        status, headers, body = ask(line, address, **{"If-None-Match": headers["ETag"]})
        assert (status, body) == (304, b"")
        status, headers, _body = ask(line, address, **{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
        assert status == 304
        line.close()


def ask(line: HTTPConnection, address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    line.request("GET", address, headers={"Accept-Encoding": "gzip, br", **headers})
    answer = line.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()
