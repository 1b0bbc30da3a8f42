"""What do all tests share: fast settings, and a browser where there is one?"""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

# Playwright runs an event loop in the test's own thread, where Django would otherwise refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    # The manifest storage would need `collectstatic` first; the tests' server reads the sources.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # Speed is measured by `make bench`, not by a test on a busy machine.
    hypothesis_settings.register_profile("untimed", hypothesis_settings(deadline=None))
    hypothesis_settings.load_profile("untimed")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_pages_of_other_tests() -> None:
    """A test's database counts its versions anew when it is rolled back; no other database does."""
    from appointments import known_texts
    from beratung.public_pages.moments import times_of_day
    from locations import public_state, rate_limits

    caches["pages"].clear()
    times_of_day.cache_clear()
    known_texts.forget()
    public_state.forget()
    rate_limits.forget_memory()


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stop Django's clock at noon of 24 September 2026, a Thursday."""
    stopped = Clock()
    monkeypatch.setattr(timezone, "now", lambda: stopped.now)
    return stopped


def no_browser(reason: str) -> None:
    """Skip the test, or fail it where the browser tests are required (as in `.ci/run`)."""
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def chromium_path() -> str | None:
    wanted = os.environ.get("CHROMIUM")
    names = [wanted] if wanted else ["chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield a Chromium that serves all tests of the session; each test opens its own context in it."""
    path = chromium_path()
    if path is None:
        no_browser("kein Chromium gefunden (Debian: apt install chromium, sonst CHROMIUM=/pfad)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()
        # While Playwright's loop runs, Django keeps other connections than before and after; left open they would keep
        # PostgreSQL from dropping the test database.
        connections.close_all()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Yield an empty page in a fresh German context: no cookie and no cache of another test."""
    context = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin")
    yield context.new_page()
    context.close()


@pytest.fixture
def _two_connections(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Let threads have connections of their own: a test database in memory becomes a file for the time being."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    path = str(tmp_path / "zwei.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [path])
    connection.connection, connection.settings_dict["NAME"] = None, path
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = in_memory, name
