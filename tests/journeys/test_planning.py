"""Can somebody plan with a browser and a real worker, and what becomes of a plan when the worker is killed?"""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from tests.session_script import SESSION

PREPARE = (
    """
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from tests.planning_example import make_plannable
print(make_plannable(timezone.localdate()).district.slug)
"""
    + SESSION
)
# Stands before the real solver and holds it up as long as the file is there.
SLOW_SOLVER = """
import importlib, os, sys, time
while os.path.exists({gate!r}):
    time.sleep(0.1)
sys.path.remove({folder!r})
del sys.modules["highspy"]
sys.modules["highspy"] = importlib.import_module("highspy")
"""
OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}
WAIT = 90_000


@dataclass
class Site:
    """A site of its own, with its database in a file and `make run`'s processes."""

    folder: Path
    session: str
    slug: str
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def district(self) -> str:
        return f"{self.url}/kreise/{self.slug}/"

    @property
    def plans(self) -> str:
        return f"{self.district}planung/"

    @property
    def gate(self) -> Path:
        return self.folder / "gate"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": f"sqlite:///{self.folder}/site.sqlite3",
            "DEBUG": "1",
            "PYTHONPATH": str(self.folder / "slow"),
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "beratung.serve", str(self.port)]
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.environment)
        until(lambda: self.answers())

    def answers(self) -> bool:
        with suppress(OSError):
            return urllib.request.urlopen(f"{self.url}/healthz", timeout=5).status == 200  # noqa: S310 our own
        return False

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)

    def value(self, column: str) -> Any:
        """Return a column of the newest plan."""
        with sqlite3.connect(self.folder / "site.sqlite3", timeout=20) as database:
            return database.execute(f"SELECT {column} FROM budget_plan ORDER BY id DESC").fetchone()[0]  # noqa: S608

    def let_time_pass(self) -> None:
        """Make the last sign of life an hour old."""
        with sqlite3.connect(self.folder / "site.sqlite3", timeout=20) as database:
            database.execute("UPDATE budget_plan SET heartbeat_at = '2020-01-01 00:00:00'")


def until(happens: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what the function returns once it is true."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found


def children(pid: int) -> list[int]:
    """Return the living children of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(folder.name))
    return found


def called(pids: list[int], word: bytes) -> list[int]:
    """Return those of the processes that have the word in their command line."""
    found = []
    for pid in pids:
        with suppress(OSError):
            if word in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def worker_of(site: Site) -> int | None:
    """Return the process that works off the queue."""
    return next(iter(called(children(site.process.pid), b"db_worker")), None)


def solvers_of(worker: int) -> list[int]:
    """Return the processes in which it solves."""
    return called(children(worker), b"spawn_main")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("planning")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site(folder, "", "", port)
    (folder / "slow").mkdir()
    source = SLOW_SOLVER.format(gate=str(site.gate), folder=str(folder / "slow"))
    (folder / "slow" / "highspy.py").write_text(source)
    environment = site.environment | {"DJANGO_SETTINGS_MODULE": "beratung.settings"}
    command = [sys.executable, "-c", PREPARE]
    made = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True)
    site.slug, site.session = made.stdout.split()
    return site


@pytest.fixture(scope="module")
def running(prepared) -> Iterator[Site]:
    """Yield the site, started once for all journeys."""
    prepared.start()
    yield prepared
    if prepared.process.poll() is None:
        prepared.stop()


@pytest.fixture
def site(running) -> Site:
    running.gate.unlink(missing_ok=True)
    if running.process.poll() is not None:
        running.start()
    return running


@pytest.fixture
def desk(page, site):
    """Return the page of somebody who may plan."""
    page.context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.url}])
    page.goto(site.plans)
    return page


def ask(desk, site, name: str) -> None:
    desk.goto(f"{site.plans}neu/")
    desk.get_by_label("Name des Plans").fill(name)
    desk.get_by_role("button", name="Plan berechnen").click()


def finished(desk) -> None:
    """Wait until the page has turned into the result by itself."""
    expect(desk.get_by_role("heading", level=1)).to_contain_text("reichen für alle 2 Gemeinden", timeout=WAIT)


def look_at(desk, site) -> None:
    """Open the newest plan, whatever the page was just about to load by itself."""
    desk.goto("about:blank")
    desk.goto(site.plans)
    desk.locator("tbody th a").first.click()


def violations(desk) -> list[str]:
    found = Axe().run(desk, options=OPTIONS).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}" for one in found]


def total_planned(desk, site) -> float:
    """Return what the committee's page says is planned, in euro."""
    desk.goto(f"{site.district}kosten/?stufe=planned")
    return euros(desk.locator(".bl-lead").first.inner_text())


def euros(text: str) -> float:
    amount = re.search(r"([\d.]+(?:,\d+)?)\s€", text)[1]
    return float(amount.replace(".", "").replace(",", "."))


def test_a_plan_goes_from_the_question_to_the_committees_page_and_back(desk, site):
    assert violations(desk) == []
    ask(desk, site, "Beispielplan")
    finished(desk)
    assert violations(desk) == []
    for width in (360, 1280):
        desk.set_viewport_size({"width": width, "height": 900})
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
    assert "bewiesen" in desk.content()
    cost, address = euros(desk.get_by_role("heading", level=1).inner_text()), desk.url
    desk.get_by_role("button", name="Plan als Vorschlag übernehmen").click()
    expect(desk.get_by_text("Übernommen:")).to_be_visible()
    desk.goto(site.district)
    expect(desk.get_by_text("feste Termine erst vorgeschlagen")).to_be_visible()
    assert "Lücke" not in desk.locator("table").first.inner_text()
    assert total_planned(desk, site) == cost
    desk.goto(address)
    desk.get_by_role("button", name="Übernahme zurücknehmen").click()
    expect(desk.get_by_text("Zurückgenommen:")).to_be_visible()


def test_plans_are_listed_copied_and_compared(desk, site):
    ask(desk, site, "Beispielplan eins")
    finished(desk)
    desk.get_by_role("link", name="Als Kopie neu fragen").click()
    assert violations(desk) == []
    expect(desk.get_by_label("Name des Plans")).to_have_value("Beispielplan eins (Kopie)")
    desk.get_by_role("button", name="Plan berechnen").click()
    finished(desk)
    desk.goto(site.plans)
    for box in desk.get_by_role("checkbox").all()[:2]:
        box.check()
    desk.get_by_role("button", name="Angekreuzte nebeneinander zeigen").click()
    expect(desk.get_by_role("heading", name="Pläne im Vergleich")).to_be_visible()
    assert violations(desk) == []


def test_a_running_plan_can_be_cancelled(desk, site):
    site.gate.touch()
    ask(desk, site, "Beispielplan zum Abbrechen")
    until(lambda: site.value("state") == "running")
    solver = until(lambda: solvers_of(worker_of(site)))
    desk.get_by_role("button", name="Abbrechen").click()
    expect(desk.get_by_text("Die Berechnung ist abgebrochen.")).to_be_visible()
    until(lambda: not set(solver) & set(solvers_of(worker_of(site))), 15)


def test_a_worker_killed_in_the_middle_leaves_the_site_up_and_the_plan_starts_again(desk, site):
    site.gate.touch()
    ask(desk, site, "Beispielplan mit Abbruch")
    until(lambda: site.value("state") == "running")
    killed = worker_of(site)
    solver = until(lambda: solvers_of(killed))
    os.kill(killed, signal.SIGKILL)
    assert site.answers()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in solver), 15)
    assert until(lambda: worker_of(site), 30) != killed
    assert site.value("state") == "running"
    site.let_time_pass()
    look_at(desk, site)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("ist unterbrochen")
    site.gate.unlink()
    desk.get_by_role("button", name="Neu starten").click()
    finished(desk)


def test_ctrl_c_stops_everything_and_the_plan_goes_on_after_the_next_start(desk, site):
    site.gate.touch()
    ask(desk, site, "Beispielplan mit Neustart")
    until(lambda: site.value("state") == "running")
    everything = [pid for child in children(site.process.pid) for pid in (child, *children(child))]
    site.stop(signal.SIGINT)
    assert site.process.returncode == 0
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everything), 15)
    assert site.value("state") == "queued"
    site.gate.unlink()
    site.start()
    look_at(desk, site)
    finished(desk)
