"""Where do servers and killed processes of these tests keep their rows? In databases of their own, copied in a moment."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3._functions import register

SERVER_SETTINGS = "tests.resilience.server_settings"


class Databases:
    """Makes, copies and drops databases of one kind; `url(name)` is what DATABASE_URL says of one."""

    def url(self, name: str) -> str:
        raise NotImplementedError

    def connect(self, name: str) -> Any:
        """Return a connection of the bare driver, committing by itself."""
        raise NotImplementedError

    def create(self, name: str) -> None:
        raise NotImplementedError

    def copy(self, source: str, target: str) -> None:
        raise NotImplementedError

    def drop(self, name: str) -> None:
        raise NotImplementedError

    def settle(self, name: str) -> None:
        """Wait until nothing of a killed process works on the database any more."""

    def settle_one(self, name: str) -> None:
        """Give the server a moment to notice that one of several clients is gone."""
        time.sleep(0.5)

    def refuse_damage(self, name: str) -> None:
        """Fail if the database is damaged or points to rows that are not there."""

    def rows(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        with closing(self.connect(name)) as opened, closing(opened.cursor()) as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def columns(self, name: str) -> dict[str, list[str]]:
        """Return the columns of every table."""
        raise NotImplementedError


def open_file(path: Path) -> sqlite3.Connection:
    """Return a connection that knows the functions in Django's constraints."""
    opened = sqlite3.connect(path, timeout=20, isolation_level=None)
    register(opened)
    return opened


class SqliteFiles(Databases):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def url(self, name: str) -> str:
        return f"sqlite:///{self.path(name)}"

    def connect(self, name: str) -> Any:
        return open_file(self.path(name))

    def create(self, name: str) -> None:
        pass

    def copy(self, source: str, target: str) -> None:
        self.drop(target)
        shutil.copy(self.path(source), self.path(target))

    def drop(self, name: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.path(name)}{ending}").unlink(missing_ok=True)

    def refuse_damage(self, name: str) -> None:
        assert self.rows(name, "PRAGMA integrity_check") == [("ok",)]
        assert self.rows(name, "PRAGMA foreign_key_check") == []

    def columns(self, name: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        statement = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        for table, column in self.rows(name, statement):
            found.setdefault(table, []).append(column)
        return found


class PostgresDatabases(Databases):
    """Databases beside the tests' own one, in the same cluster."""

    def __init__(self, server: dict[str, Any]) -> None:
        self.server, self.mark = server, f"resilience_{secrets.token_hex(4)}_"

    def url(self, name: str) -> str:
        user, password = self.server["USER"], self.server["PASSWORD"]
        return f"postgres://{user}:{password}@{self.server['HOST']}:{self.server['PORT']}/{self.mark}{name}"

    def connect(self, name: str) -> Any:
        return self._connect(self.mark + name)

    def _connect(self, database: str) -> Any:
        import psycopg2

        opened = psycopg2.connect(
            host=self.server["HOST"],
            port=self.server["PORT"],
            user=self.server["USER"],
            password=self.server["PASSWORD"],
            dbname=database,
        )
        opened.autocommit = True
        return opened

    def _say(self, statement: str) -> None:
        with closing(self._connect("template1")) as opened, closing(opened.cursor()) as cursor:
            cursor.execute(statement)

    def create(self, name: str) -> None:
        self._say(f'CREATE DATABASE "{self.mark}{name}" TEMPLATE template0')

    def copy(self, source: str, target: str) -> None:
        self.drop(target)
        self._say(f'CREATE DATABASE "{self.mark}{target}" TEMPLATE "{self.mark}{source}" STRATEGY file_copy')

    def drop(self, name: str) -> None:
        self._say(f'DROP DATABASE IF EXISTS "{self.mark}{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        with closing(self._connect("template1")) as opened, closing(opened.cursor()) as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [self.mark + "%"])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def settle(self, name: str) -> None:
        """The server notices after the statement at hand that nobody is there any more."""
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        end = time.monotonic() + 20
        while self.rows(name, others) != [(0,)]:
            assert time.monotonic() < end, "the killed process still works"
            time.sleep(0.01)

    def refuse_damage(self, name: str) -> None:
        """Read every table; PostgreSQL itself keeps foreign keys."""
        tables = self.columns(name)
        with closing(self.connect(name)) as opened, closing(opened.cursor()) as cursor:
            for table in tables:
                cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - our own tables

    def columns(self, name: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        statement = (
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        )
        for table, column in self.rows(name, statement):
            found.setdefault(table, []).append(column)
        return found


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """Yield databases of the kind the tests run on."""
    if connection.vendor == "sqlite":
        yield SqliteFiles(folder)
        return
    kept = PostgresDatabases(dict(connection.settings_dict))
    yield kept
    kept.drop_all()


def environment(url: str, **more: str) -> dict[str, str]:
    """Return what a process needs to work on the database."""
    chosen = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SERVER_SETTINGS, "DEPLOYMENT": "local", "DEBUG": "0"}
    return os.environ | chosen | more


def run_in(url: str, source: str, **more: str) -> str:
    """Run the source in a process of its own on the database and return what it printed."""
    program = "import django; django.setup()\n" + source
    command = [sys.executable, "-c", program]
    made = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment(url, **more), capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr[-3000:]
    return made.stdout.strip()


def make_tables(url: str, source: str = "") -> str:
    """Make all tables, and run the source on them."""
    start = "from django.core.management import call_command\ncall_command('migrate', run_syncdb=True, verbosity=0)\n"
    return run_in(url, start + source)
