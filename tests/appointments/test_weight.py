"""Does a first visit weigh at most 60 KB in all, in every language, with nothing a browser must fetch besides?"""

import gzip
import re
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.utils import timezone

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
MOST_BYTES = 60_000
PAGES = ("/", "/?ort=Bortfeld", "/?ort=Bortfeld&thema=Schulden", "/gemeinden/03157008-wendeburg/", "/themen/schulden/")
LOADED = re.compile(
    r"<(?:link rel=\"(?:stylesheet|icon|preload)\"|script|img|source|iframe)[^>]*(?:href|src)=\"([^\"]+)\""
)


@pytest.fixture
def peine(db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    call_command("load_peine", stdout=StringIO())


def weight_of(path: str) -> int:
    """Return the bytes of a file as WhiteNoise sends it."""
    with open(finders.find(path.removeprefix(settings.STATIC_URL)), "rb") as file:
        return len(brotli.compress(file.read()))


def test_an_answer_that_was_kept_is_not_sent_again_though_it_came_compressed(peine, client):
    first = client.get("/kalender/kreis/peine.ics", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get(
        "/kalender/kreis/peine.ics", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_a_first_visit_weighs_at_most_60_kb(peine, client, language):
    prefix = "" if language == "de" else f"/{language}"
    slot = re.search(r"/termine/[-0-9a-f]{36}/", client.get("/?ort=Bortfeld").content.decode())[0]
    for path in (*PAGES, slot):
        answer = client.get(prefix + path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        files = LOADED.findall(gzip.decompress(answer.content).decode())
        assert 2 <= len(files) <= 4, files
        assert all(file.startswith(settings.STATIC_URL) for file in files), files
        weight = len(answer.content) + sum(weight_of(file) for file in set(files))
        assert weight <= MOST_BYTES, (prefix + path, weight)
