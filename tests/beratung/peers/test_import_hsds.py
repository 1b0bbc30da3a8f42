"""Can a district join another directory, and is the second time nothing new?"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from appointments.models import Offer, Provider, Slot
from appointments.schedule import dates_from
from beratung.peers import fetching
from locations.models import ForeignId, Institution
from tests.beratung.api.official import FOLDER, needs_official_files
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_language,
    make_municipality,
    make_offer,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
pytestmark = pytest.mark.django_db
SERVICE = {
    "id": "11111111-1111-4111-8111-111111111111",
    "name": "Beispiel-Schuldnerberatung",
    "status": "active",
    "organization": {"id": "22222222-2222-4222-8222-222222222222", "name": "Beispiel-Verein", "description": "Berät."},
    "service_at_locations": [
        {
            "id": "33333333-3333-4333-8333-333333333333",
            "location": {
                "id": "44444444-4444-4444-8444-444444444444",
                "location_type": "physical",
                "name": "Beispiel-Rathaus",
                "addresses": [
                    {"id": "5", "address_1": "Beispielweg 1", "city": "Beispielstadt", "postal_code": "31226"}
                ],
            },
            "schedules": [
                {
                    "id": "6",
                    "freq": "WEEKLY",
                    "byday": "TU",
                    "dtstart": "2026-09-01",
                    "opens_at": "14:00",
                    "closes_at": "16:00",
                }
            ],
        }
    ],
}


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def town(db):
    return make_municipality(make_district(slug="beispiel"), name="Beispielstadt")


@pytest.fixture
def feed(tmp_path):
    """Return what writes a feed to a file and imports it."""

    def run(value, *options: str, capsys=None) -> str:
        path = tmp_path / "peer.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        call_command("import_hsds", str(path), "--district", "beispiel", *options)
        return str(path)

    return run


def changed(**schedule) -> dict:
    service = json.loads(json.dumps(SERVICE))
    service["service_at_locations"][0]["schedules"][0].update(schedule)
    return service


def test_a_service_becomes_a_proposal_with_everything_it_hangs_on(town, feed):
    feed(SERVICE)
    slot = Slot.objects.get()
    assert slot.status_on(NOW.date()) is Slot.Status.PROPOSED
    assert (slot.rule, slot.start_time, slot.end_time) == ("FREQ=WEEKLY;BYDAY=TU", time(14), time(16))
    assert (slot.first_day, slot.last_day) == (date(2026, 9, 1), None)
    assert (slot.offer.title, slot.offer.provider.name) == ("Beispiel-Schuldnerberatung", "Beispiel-Verein")
    assert (slot.institution.name, slot.institution.street, slot.institution.municipality) == (
        "Beispiel-Rathaus",
        "Beispielweg 1",
        town,
    )
    assert ForeignId.objects.count() == 4


def test_the_second_time_nothing_is_new(town, feed, capsys):
    feed(SERVICE)
    capsys.readouterr()
    feed(SERVICE)
    assert "Es gibt nichts Neues." in capsys.readouterr().out
    assert [model.objects.count() for model in (Provider, Institution, Offer, Slot)] == [1, 1, 1, 1]


def test_a_dry_run_writes_nothing_and_says_what_it_would(town, feed, capsys):
    feed(SERVICE, "--dry-run")
    out = capsys.readouterr().out
    assert "Probe: Es wurde nichts geschrieben." in out
    assert [line.split()[-4:] for line in out.splitlines()[1:5]] == [["1", "0", "0", "0"]] * 4
    assert not Slot.objects.exists()
    assert not ForeignId.objects.exists()


def test_what_changed_there_changes_here_where_nobody_changed_it(town, feed):
    feed(SERVICE)
    Offer.objects.update(title="Hier umbenannt")
    feed(SERVICE | {"name": "Dort umbenannt", "description": "Neu beschrieben."})
    offer = Offer.objects.get()
    assert (offer.title, offer.summary) == ("Hier umbenannt", "Neu beschrieben.")


def test_an_agreed_slot_is_not_changed_from_outside(town, feed, capsys):
    feed(SERVICE)
    Slot.objects.update(agreed_on=NOW.date())
    with pytest.raises(CommandError):
        feed(changed(until="2027-01-01"))
    assert "Hier schon vereinbart" in capsys.readouterr().out
    assert Slot.objects.get().last_day is None


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ({"byweekno": "41"}, "Kalenderwochen"),
        ({"freq": "MONTHLY", "byday": None, "bymonthday": "3"}, "festen Tag im Monat"),
        ({"byday": "5TU"}, "5TU"),
        ({"byday": None}, "kein Wochentag"),
        ({"freq": "DAILY"}, "DAILY"),
        ({"opens_at": None}, "opens_at"),
        ({"closes_at": "abends"}, "abends"),
        ({"dtstart": "31.12.2026"}, "31.12.2026"),
        ({"dtstart": None}, "Der erste Tag fehlt"),
        ({"closes_at": "13:00"}, "Ende liegt nicht nach dem Beginn"),
    ],
)
def test_what_a_slot_cannot_be_is_refused_with_the_reason_and_nothing_is_written(town, feed, capsys, schedule, reason):
    with pytest.raises(CommandError, match="nichts geschrieben"):
        feed(changed(**schedule))
    assert reason in capsys.readouterr().out
    assert not Provider.objects.exists()


def test_the_rest_can_be_taken_over_all_the_same(town, feed):
    feed(changed(byweekno="41"), "--skip-rejected")
    assert Offer.objects.exists()
    assert not Slot.objects.exists()


def test_a_place_outside_the_district_is_refused_unless_somebody_says_where_it_lies(town, feed, capsys):
    service = json.loads(json.dumps(SERVICE).replace("Beispielstadt", "Anderswo"))
    with pytest.raises(CommandError):
        feed(service)
    assert "Der Ort (31226 Anderswo) liegt in keiner Gemeinde" in capsys.readouterr().out
    feed(service, "--municipality", town.ags)
    assert Institution.objects.get().municipality == town


def test_times_with_an_offset_are_turned_into_the_time_here(town, feed):
    feed(changed(opens_at="12:00Z", closes_at="14:00Z"))
    assert (Slot.objects.get().start_time, Slot.objects.get().end_time) == (time(14), time(16))


def test_our_own_feed_read_back_is_the_same_rhythm_again(town, client, tmp_path):
    make_language()
    topic = make_topic(name="Beispiel-Schulden")
    house = make_institution(town, street="Beispielweg 1", postal_code="31226")
    slot = make_slot(house, make_offer(None, (topic,)), rule="FREQ=MONTHLY;BYDAY=1TU,3TU", first_day=date(2026, 9, 1))
    make_exception(slot, date(2026, 10, 6))
    path = tmp_path / "own.ndjson"
    path.write_bytes(client.get("/api/hsds/services?full=true").content)
    call_command("import_hsds", str(path), "--district", "beispiel")
    read = Slot.objects.exclude(pk=slot.pk).get()
    assert (read.rule, read.start_time, read.end_time) == (slot.rule, slot.start_time, slot.end_time)
    # Its dates in September are over, and the first one in October drops out.
    assert read.first_day == date(2026, 10, 20)
    assert read.offer.title == slot.offer.title
    assert list(read.offer.topics.all()) == [topic]


def test_our_own_feed_read_back_has_the_same_dates_again(town, client, tmp_path):
    house = make_institution(town, street="Beispielweg 1", postal_code="31226")
    slot = make_slot(
        house, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", anchor_day=date(2026, 9, 1), first_day=date(2026, 9, 1)
    )
    make_exception(slot, date(2026, 10, 13))
    make_exception(slot, date(2026, 11, 10), "moved", new_day=date(2026, 11, 12))
    make_exception(slot, date(2026, 11, 20), "extra")
    path = tmp_path / "own.json"
    command = ["import_hsds", str(path), "--district", "beispiel"]
    path.write_bytes(client.get("/api/hsds/services?full=true").content)
    call_command(*command)
    assert dates_of(*Slot.objects.exclude(pk=slot.pk)) == dates_of(slot)
    slot.exceptions.get(day=date(2026, 10, 13)).delete()
    make_exception(slot, date(2026, 12, 8))
    path.write_bytes(client.get(f"/api/hsds/service_at_locations/{slot.uuid}").content)
    call_command(*command)
    assert dates_of(*Slot.objects.exclude(pk=slot.pk)) == dates_of(slot)


def dates_of(*slots):
    loaded = Slot.objects.filter(pk__in=[slot.pk for slot in slots]).with_dates()
    found = [(one.day, one.start, one.end) for dates in dates_from(loaded, NOW.date()) for one in dates.held]
    assert len(found) > 20
    return sorted(found)


def test_pieces_of_other_weeks_are_another_rhythm(town, feed):
    service = changed(interval=2, dtstart="2026-10-06", until="2026-11-03")
    (piece,) = schedules = service["service_at_locations"][0]["schedules"]
    schedules.append(piece | {"id": "7", "dtstart": "2026-11-10", "until": "2026-12-08"})
    feed(service)
    days = {one.day for dates in dates_from(Slot.objects.with_dates(), NOW.date()) for one in dates.held}
    assert days == {date(2026, 10, 6) + timedelta(days=step) for step in (0, 14, 28, 35, 49, 63)}


@needs_official_files
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tabular", "Das sind Tabellen"),
        ("base", "weder ein Angebot"),
        ("location", "weder ein Angebot"),
        ("organization_list", "weder ein Angebot"),
        ("taxonomy", "weder ein Angebot"),
        ("taxonomy_term_list", "weder ein Angebot"),
    ],
)
def test_official_examples_that_are_no_services_are_refused_with_the_reason(town, capsys, name, said):
    with pytest.raises(CommandError, match="nichts geschrieben"):
        call_command("import_hsds", str(FOLDER / "examples" / f"{name}.json"), "--district", "beispiel")
    assert said in capsys.readouterr().out
    assert not Offer.objects.exists()


@needs_official_files
@pytest.mark.parametrize("name", ["service_full", "service_at_location_full", "organization_full", "service_list"])
def test_the_official_examples_are_a_first_peer(town, capsys, name):
    command = ["import_hsds", str(FOLDER / "examples" / f"{name}.json"), "--district", "beispiel"]
    command += ["--municipality", town.ags, "--skip-rejected"]
    call_command(*command)
    first = (Provider.objects.count(), Offer.objects.count(), Institution.objects.count())
    assert first[:2] == ((0, 0) if name == "service_at_location_full" and not Offer.objects.exists() else (1, 1))
    if name == "service_full":
        assert "Kalenderwochen" in capsys.readouterr().out
        assert Institution.objects.get().municipality == town
    call_command(*command)
    assert (Provider.objects.count(), Offer.objects.count(), Institution.objects.count()) == first


# Bad input


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "kein JSON"),
        ("kein JSON", "kein JSON: Fehler in Zeile 1"),
        ("<html></html>", "kein JSON"),
        ("3", "kein HSDS"),
        ('"text"', "kein HSDS"),
        ("[1, 2]", "Statt eines Angebots"),
        ('{"contents": 5}', "kein HSDS"),
        ("[" * 100_000, "zu tief verschachtelt"),
    ],
)
def test_what_is_no_feed_is_said_in_german(town, feed, text, said):
    with pytest.raises(CommandError, match=said):
        feed(text)


@pytest.mark.parametrize(
    "value", [{"id": None}, {"a": 1}, {"name": "x"}, {"name": "x", "organization": "y"}, {"services": [1, {"name": 7}]}]
)
def test_entries_without_sense_are_refused_one_by_one(town, feed, value):
    with pytest.raises(CommandError, match="nichts geschrieben"):
        feed(value)


def test_a_file_that_is_too_large_is_not_read_to_its_end(town, feed, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 100)
    with pytest.raises(CommandError, match="mehr als"):
        feed(" " * 101)


def test_a_file_that_is_no_text_is_refused(town, tmp_path):
    path = tmp_path / "bild.png"
    path.write_bytes(b"\x89PNG\r\n\xff\xfe")
    with pytest.raises(CommandError, match="kein Text in UTF-8"):
        call_command("import_hsds", str(path), "--district", "beispiel")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("ftp://example.org/feed.json", "„ftp:“ wird nicht gelesen"),
        ("file:///etc/hostname", "„file:“ wird nicht gelesen"),
        ("data:application/json,{}", "„data:“ wird nicht gelesen"),
        ("/gibt/es/nicht.json", "lässt sich nicht lesen"),
        ("http://127.0.0.1:9/feed", "nicht zu erreichen"),
        ("http://[", "ist keine Adresse"),
    ],
)
def test_a_source_that_cannot_be_read_is_said_in_german(town, source, said):
    with pytest.raises(CommandError, match=said):
        call_command("import_hsds", source, "--district", "beispiel")


def test_an_unknown_district_or_municipality_is_said_in_german(town, feed):
    with pytest.raises(CommandError, match="Eingetragen: beispiel"):
        call_command("import_hsds", "x.json", "--district", "anderer")
    with pytest.raises(CommandError, match="gibt es in"):
        feed(SERVICE, "--municipality", "00000000")


class Peer(BaseHTTPRequestHandler):
    """A peer on this computer, with pages and bad habits."""

    def do_GET(self):
        if self.path.startswith("/file"):
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
            return
        if self.path.startswith("/slow"):
            self.server.wait.wait(5)
            return
        if self.path in ("/error", "/hsds", "/nichts", "/nichts/"):
            self.send_error(503 if self.path == "/error" else 404)
            return
        body = json.dumps(self.answer()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        number = SERVICE["id"]
        if self.path == "/hsds/":
            return {"version": "3.0", "openapi_url": "http://127.0.0.1/openapi.json"}
        if self.path.startswith(f"/hsds/services/{number}"):
            return SERVICE
        if "page=1" in self.path:
            return {"contents": [{"id": number, "name": "x", "status": "active"}], "last_page": False}
        return {"contents": [], "last_page": True, "empty": True}

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def peer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.wait = threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.wait.set()
    server.shutdown()
    server.server_close()


def test_an_interface_is_read_page_by_page_and_each_service_whole(town, peer):
    call_command("import_hsds", f"{peer}/hsds/", "--district", "beispiel")
    assert Slot.objects.get().institution.name == "Beispiel-Rathaus"


def test_the_slash_at_the_end_may_be_left_out_and_the_peer_is_the_same(town, peer, capsys):
    call_command("import_hsds", f"{peer}/hsds", "--district", "beispiel")
    assert Slot.objects.get().institution.name == "Beispiel-Rathaus"
    call_command("import_hsds", f"{peer}/hsds/", "--district", "beispiel")
    assert "Es gibt nichts Neues." in capsys.readouterr().out
    with pytest.raises(CommandError, match="antwortet mit 404"):
        call_command("import_hsds", f"{peer}/nichts", "--district", "beispiel")


def test_a_redirect_to_a_file_is_not_followed(town, peer):
    with pytest.raises(CommandError, match="„file:“ wird nicht gelesen"):
        call_command("import_hsds", f"{peer}/file", "--district", "beispiel")


def test_a_peer_that_does_not_answer_is_left_alone(town, peer, monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    with pytest.raises(CommandError, match="antwortet nicht innerhalb"):
        call_command("import_hsds", f"{peer}/slow", "--district", "beispiel")


def test_a_peer_that_fails_is_named_with_its_answer(town, peer):
    with pytest.raises(CommandError, match="antwortet mit 503"):
        call_command("import_hsds", f"{peer}/error", "--district", "beispiel")
