"""What do visitors get while the database is gone or the disk is full, and does it heal by itself? With real servers."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.utils import timezone

from beratung.outage import answers
from beratung.outage.causes import Outage, code_of, outage_of
from beratung.settings import BASE_DIR
from beratung.watch import checks
from beratung.watch.checks import State
from beratung.watch.disk import LITTLE, NOTHING
from tests.resilience.clusters import PASSWORD, cluster
from tests.resilience.databases import make_tables, open_file
from tests.resilience.sites import Answer, Site, running, until
from tests.session_script import SESSION

ROWS = """
from tests import builders
builders.make_slot(builders.make_institution(name="Beispiel-Schule am Markt"))
"""
OPTIONS = {"OPTIONS": {}}
# Each asks the database; none only leads elsewhere.
PAGES = ("/", "/gemeinden/", "/themen/", "/en/")


def post_a_district(site: Site, session: str) -> Answer:
    """Save a row in the administration, as somebody who is logged in."""
    cookie, fields = (
        {"Cookie": f"sessionid={session}; csrftoken={'b' * 32}"},
        {
            "csrfmiddlewaretoken": "b" * 32,
            "name": "Landkreis Neu",
            "slug": "neu",
            "key": "99999",
            "federal_state": "DE-NI",
            "phone": "030 23125 000",
            **{
                f"{name}-{count}_FORMS": "0"
                for name in ("help_lines", "service_points")
                for count in ("TOTAL", "INITIAL")
            },
        },
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return site.ask("/admin/locations/district/add/", method="POST", body=urlencode(fields), **cookie, **kind)


API = "/api/hsds/services"
INNER = ("Traceback", "OperationalError", "psycopg2", "sqlite", "disk", PASSWORD, str(BASE_DIR))


def pauses(site: Site, path: str) -> bool:
    """Return whether the page is the plain one; fail if it is something between."""
    answer = site.ask(path)
    if answer.status == 200:
        return False
    assert answer.status == 503, (path, answer.status, answer.body[:500])
    assert "Diese Seite macht gerade eine kurze Pause" in answer.body
    assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("30", "no-store")
    assert "content-security-policy" in answer.headers
    assert [word for word in INNER if word in answer.body] == []
    return True


def refuse_anything_but_a_pause(site: Site) -> None:
    """Fail unless everything that needs the database pauses, and the rest is served."""
    for path in PAGES:
        assert pauses(site, path), path
    answer = site.ask(API)
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.headers["retry-after"] == "30"
    assert json.loads(answer.body)["title"] == "Gerade sind keine Daten zu bekommen."
    assert site.ask("/static/css/bl.css").status == 200
    assert site.ask("/robots.txt").status == 200
    health = site.ask("/healthz")
    assert (health.status, json.loads(health.body)["status"]) == (503, "gestört")


def refuse_a_noisy_log(site: Site) -> None:
    """Fail unless the log tells it, once a process and kind, without addresses, passwords or what was asked for."""
    log = site.log.read_text(errors="replace")
    lines = [line for line in log.splitlines() if "Besucher bekommen 503" in line]
    assert 1 <= len(lines) <= 2 * 2, log[-3000:]  # two processes, at most two kinds
    assert [word for word in (PASSWORD, "Traceback", "geheimes-wort") if word in log] == [], log[-3000:]


def is_well(site: Site) -> bool:
    return all(site.ask(path).status == 200 for path in PAGES) and site.ask("/healthz").status == 200


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="der Teil für PostgreSQL")
def test_a_postgresql_that_stops_makes_a_pause_and_nobody_has_to_start_the_site_anew(tmp_path):
    with cluster() as server:
        make_tables(server.url, ROWS)
        with running(server.url, tmp_path) as site:
            assert is_well(site)
            before = site.ask("/einrichtungen/").status
            server.stop()
            refuse_anything_but_a_pause(site)
            assert site.ask("/?ort=geheimes-wort").status == 503
            server.start()
            assert is_well(site)  # on the very next request of each
            assert site.ask("/einrichtungen/").status == before
            for _ in range(4):  # each of the processes and threads had a connection to the old server
                assert is_well(site)
            refuse_a_noisy_log(site)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Yield a folder on a disk of its own."""
    folder = Path(tempfile.mkdtemp(prefix="beratung-disk."))
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    made = subprocess.run(command, capture_output=True, check=False) if os.getuid() == 0 else None
    if made is None or made.returncode:
        folder.rmdir()
        pytest.skip("Eine volle Platte lässt sich nur dort nachstellen, wo man eine kleine einhängen darf (root).")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607 - wherever it is
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Write until nothing more fits."""
    path = folder / "alles-andere"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while file.write(b"0" * size) == size:
                    pass
    return path


def demand(database: Path) -> int:
    with closing(open_file(database)) as opened:
        return opened.execute("SELECT count(*) FROM locations_institution").fetchone()[0]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="der Teil für SQLite")
def test_a_full_disk_makes_a_pause_keeps_every_row_and_heals(tmp_path):
    with small_disk(24) as disk:
        database = disk / "site.sqlite3"
        url = f"sqlite:///{database}"
        session = make_tables(url, ROWS + SESSION)
        with running(url, tmp_path) as site:
            assert is_well(site)
            houses = demand(database)
            full = fill(disk)
            answered = [pauses(site, path) for path in PAGES]
            saved = post_a_district(site, session)
            assert saved.status == 503, saved.body[:300]
            assert "kurze Pause" in saved.body
            health = site.ask("/healthz")
            assert health.status == 503
            assert {one["status"] for one in json.loads(health.body)["checks"].values()} >= {"gestört"}
            full.unlink()
            until(lambda: is_well(site), seconds=30)
            saved = post_a_district(site, session)
            assert saved.status == 302, re.findall(r"errorlist.*?</ul>", saved.body, re.S)
            with closing(open_file(database)) as opened:
                assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                kept = opened.execute("SELECT count(*) FROM locations_district WHERE name = 'Landkreis Neu'").fetchone()
            assert (kept[0], demand(database)) == (1, houses)
            refuse_a_noisy_log(site)
            print("pages that paused while the disk was full:", answered)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="der Teil für SQLite")
def test_a_database_file_that_is_gone_makes_a_pause_until_it_is_back(tmp_path):
    folder = tmp_path / "daten"
    folder.mkdir()
    url = f"sqlite:///{folder}/site.sqlite3"
    make_tables(url, ROWS)
    with running(url, tmp_path) as site:
        assert is_well(site)
        folder.rename(tmp_path / "weg")  # the disk it is on is not there any more
        refuse_anything_but_a_pause(site)
        folder.mkdir()  # there again, but empty: SQLite makes a new file without tables
        refuse_anything_but_a_pause(site)
        shutil.rmtree(folder)
        (tmp_path / "weg").rename(folder)
        until(lambda: is_well(site), seconds=30)
        refuse_a_noisy_log(site)


def failing(statement: str, path: str = ":memory:") -> DatabaseError | InterfaceError:
    """Return the error that Django makes of SQLite's own."""
    wrapper = DatabaseWrapper(
        connection.settings_dict | {"NAME": path, "ENGINE": "django.db.backends.sqlite3"} | OPTIONS
    )
    try:
        with wrapper.cursor() as cursor:
            for part in statement.split(";"):
                cursor.execute(part)
    except (DatabaseError, InterfaceError) as error:
        return error
    raise AssertionError(statement)


@pytest.mark.django_db
def test_what_is_wanting_is_told_from_a_mistake_of_the_program(tmp_path):
    full = "PRAGMA max_page_count = 2; CREATE TABLE a (b); CREATE TABLE c (d)"
    assert outage_of(failing(full)) is Outage.DISK
    assert outage_of(failing("SELECT 1", str(tmp_path / "gibt" / "es" / "nicht"))) is Outage.DATABASE
    (tmp_path / "text").write_text("Das ist keine Datenbank, sondern ein längerer Text." * 40)
    assert outage_of(failing("SELECT * FROM a", str(tmp_path / "text"))) is Outage.DATABASE
    assert outage_of(failing("SELECT * FROM fehlt")) is Outage.DATABASE
    assert outage_of(failing("SELECT fehlt")) is None
    assert outage_of(failing("SELEKT")) is None
    assert outage_of(OSError(errno.ENOSPC, "No space left on device")) is Outage.DISK
    assert outage_of(OSError(errno.ENOENT, "No such file")) is None
    assert outage_of(ValueError()) is None
    assert outage_of(None) is None


@pytest.mark.django_db
def test_the_kind_of_error_names_no_text():
    error = failing("SELECT * FROM geheime_tabelle")
    assert code_of(error) == "OperationalError SQLITE_ERROR"
    assert code_of(ValueError("geheim")) == "ValueError"


@pytest.mark.django_db
def test_a_mistake_of_the_program_is_still_a_mistake(client):
    def wrong(execute, *args):
        raise ValueError("das ist ein Fehler im Programm")

    client.raise_request_exception = False
    with connection.execute_wrapper(wrong):
        answer = client.get("/gemeinden/")
    assert answer.status_code == 500
    assert "es liegt an uns" in answer.content.decode()


@pytest.mark.django_db
def test_it_is_logged_once_a_minute(client, caplog, monkeypatch):
    gone = failing("SELECT * FROM fehlt")

    def away(execute, *args):
        raise gone

    answers._last_logged.clear()
    client.raise_request_exception = False
    with connection.execute_wrapper(away), caplog.at_level("WARNING"):
        assert {client.get(path).status_code for path in PAGES} == {503}
        (line,) = caplog.messages
        assert line.startswith("Die Datenbank antwortet nicht (OperationalError SQLITE_ERROR).")
        answers._last_logged[Outage.DATABASE] -= answers.LOGGED_EVERY
        client.get("/")
    assert len(caplog.messages) == 2


@pytest.mark.parametrize(("free", "state"), [(LITTLE, State.OK), (LITTLE - 1, State.DUE), (NOTHING - 1, State.BROKEN)])
def test_a_monitor_is_told_before_the_disk_is_full(free, state, monkeypatch):
    monkeypatch.setattr(checks, "least_free", lambda: free)
    assert checks._disk(timezone.now()).state is state
