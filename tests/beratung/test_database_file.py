"""Is a replaced SQLite file taken up at once, though connections stay open?"""

import shutil
from pathlib import Path

import pytest
from django.core.signals import request_started
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from beratung.settings import database

pytestmark = [pytest.mark.django_db, pytest.mark.skipif("connection.vendor != 'sqlite'", reason="nur für SQLite")]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Yield a connection to a file, the only one a request knows of."""
    settings = connection.settings_dict | database(f"sqlite:///{tmp_path}/eins.sqlite3")
    found = DatabaseWrapper(settings, "default")
    monkeypatch.setattr("beratung.database_file.connections.all", lambda initialized_only: [found])
    found.inc_thread_sharing()
    fill(found, "alt")
    yield found
    found.close()


def fill(one: DatabaseWrapper, word: str) -> None:
    with one.cursor() as cursor:
        cursor.execute("CREATE TABLE words (word TEXT)")
        cursor.execute("INSERT INTO words VALUES (%s)", [word])


def words(one: DatabaseWrapper) -> list[str]:
    with one.cursor() as cursor:
        cursor.execute("SELECT word FROM words")
        return [word for (word,) in cursor.fetchall()]


def begin_request() -> None:
    request_started.send(sender=None)


def test_a_connection_stays_open_while_its_file_is_the_same(file: DatabaseWrapper):
    opened = file.connection
    begin_request()
    assert file.connection is opened
    assert file.settings_dict["CONN_MAX_AGE"] > 0


def test_the_next_request_reads_the_file_that_was_put_in_its_place(file: DatabaseWrapper, tmp_path: Path):
    other = DatabaseWrapper(file.settings_dict | {"NAME": str(tmp_path / "zwei.sqlite3")}, "other")
    fill(other, "neu")
    other.close()
    for ending in ("-wal", "-shm"):
        (tmp_path / f"eins.sqlite3{ending}").unlink(missing_ok=True)
    shutil.move(tmp_path / "zwei.sqlite3", tmp_path / "eins.sqlite3")
    assert words(file) == ["alt"]
    begin_request()
    assert words(file) == ["neu"]


def test_a_file_that_is_gone_is_let_go_of(file: DatabaseWrapper, tmp_path: Path):
    (tmp_path / "eins.sqlite3").unlink()
    begin_request()
    assert file.connection is None
