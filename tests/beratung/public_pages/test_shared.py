"""Do web servers share the pages they keep in a real Redis, and is it no harm when that is gone?"""

import shutil
import subprocess
import time
from contextlib import suppress

import pytest
from django.core.cache import caches
from django.test import Client, override_settings

from appointments.models import Topic
from beratung.public_pages import shared
from beratung.public_pages.shared import AsText, fingerprint
from tests.builders import make_district, make_topic

REDIS = shutil.which("redis-server")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(REDIS is None, reason="Einen Redis (redis-server) gibt es hier nicht."),
]


@pytest.fixture
def redis(tmp_path):
    """A Redis of our own behind a socket, so that no port can be taken."""
    server = subprocess.Popen([REDIS, "--port", "0", "--unixsocket", tmp_path / "s", "--save", "", "--dir", tmp_path])
    deadline = time.monotonic() + 20
    while not (tmp_path / "s").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    cache = {
        "BACKEND": "beratung.public_pages.shared.SharedPages",
        "LOCATION": f"unix://{tmp_path}/s",
        "OPTIONS": {"serializer": "beratung.public_pages.shared.AsText", "socket_timeout": 0.5},
    }
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    with override_settings(CACHES={"default": local, "pages": local, "whole_pages": cache}):
        yield server
    server.kill()
    server.wait()


@pytest.fixture
def page():
    make_district()
    return f"/themen/{make_topic(slug='beispiel', name='Beispielberatung').slug}/"


def another_process():
    """Forget the connections and the state of this one."""
    with suppress(AttributeError):
        del caches["whole_pages"]
    return Client()


def test_what_one_process_has_made_the_others_need_not_make(redis, page, django_assert_num_queries):
    made = another_process().get(page)
    with django_assert_num_queries(1):
        kept = another_process().get(page)
    assert kept.content == made.content
    assert {name: kept.headers[name] for name in ("ETag", "Content-Type", "Content-Security-Policy")} == {
        name: made.headers[name] for name in ("ETag", "Content-Type", "Content-Security-Policy")
    }
    assert another_process().get(page, headers={"If-None-Match": made.headers["ETag"]}).status_code == 304


def test_an_edit_is_seen_on_the_next_request_of_every_process(redis, page):
    another_process().get(page)
    Topic.objects.update(name="Beispielhilfe")
    assert "Beispielhilfe" in another_process().get(page).content.decode()


def test_a_compressed_page_comes_back_byte_by_byte(redis, page):
    made = another_process().get(page, headers={"Accept-Encoding": "gzip"})
    kept = another_process().get(page, headers={"Accept-Encoding": "gzip"})
    assert made.headers["Content-Encoding"] == kept.headers["Content-Encoding"] == "gzip"
    assert made.content == kept.content


def test_a_cache_that_is_gone_costs_no_page_and_is_left_alone_for_a_while(redis, page, caplog, monkeypatch):
    client = another_process()
    before = client.get(page)
    redis.kill()
    redis.wait()
    for _ in range(3):
        assert client.get(page).content == before.content
    told = [record.getMessage() for record in caplog.records if record.name == shared.logger.name]
    assert told == ["Der gemeinsame Zwischenspeicher antwortet nicht (ConnectionError)."]


def test_rubbish_in_the_cache_is_a_page_made_anew(redis, page):
    client = another_process()
    before = client.get(page)
    connection = caches["whole_pages"]._cache.get_client()
    for key in connection.scan_iter():
        connection.set(key, b'["!", 1]')
    assert client.get(page).content == before.content


def test_nothing_in_the_cache_can_run(redis, page):
    another_process().get(page)
    connection = caches["whole_pages"]._cache.get_client()
    stored = [connection.get(key) for key in connection.scan_iter()]
    assert len(stored) == 1
    assert stored[0].startswith(b'["')
    kept = (b"\x00\xff", {"A": "b"}, {"_csp_replace": {"frame-ancestors": ["'none'"]}})
    assert AsText().loads(AsText().dumps(kept)) == kept


def test_pages_of_another_program_or_with_other_settings_are_other_pages(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text("eins")
    first = fingerprint()
    assert fingerprint() == first
    settings.MISTAKE_TEXT_DAYS += 1
    second = fingerprint()
    (tmp_path / "templates" / "a.html").write_text("zwei")
    assert len({first, second, fingerprint()}) == 3
