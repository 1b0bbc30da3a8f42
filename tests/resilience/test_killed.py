"""Is everything there or nothing after a process was killed (SIGKILL) in the middle of an import, a plan, a bulk action?

A smaller number of kills by default; all hundred with KILLS=100 (a few minutes). The moments come from a seed: the
statement during which the process is killed, anywhere from its first to its last. What was hit is printed with `-s`.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.resilience.databases import Databases, PostgresDatabases, databases, environment, make_tables
from tests.resilience.operations import OPERATIONS

KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("KILL_SEED", "9"))
# Said anew by every attempt: keys of a sequence that goes on, moments, random names.
VOLATILE = (
    "id",
    "_id",
    "uuid",
    "operation",
    "action_time",
    "_at",
    "_date",
    "last_login",
    "session",
    "content",
    "expire_date",
)
# Counts and bookkeeping about the attempt itself, not what it is about.
BOOKKEEPING = ("locations_publicversion", "django_session", "sqlite_sequence", "django_tasks_db", "watch_")


class Nursery:
    """The process that forks the ones to be killed."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.resilience.nursery"],
            cwd=settings.BASE_DIR,
            env=environment(url) | {"PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.hear() == {"ready": True}

    def hear(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        assert line, "the nursery died"
        return json.loads(line)

    def do(self, name: str, database: str, **how: Any) -> dict[str, Any]:
        """Have it done, killed at a statement if one is named; return what the child said last."""
        self.process.stdin.write(json.dumps({"name": name, "database": database} | how) + "\n")
        self.process.stdin.flush()
        said: dict[str, Any] = {}
        pid, at = 0, None
        while "gone" not in (heard := self.hear()):
            pid = heard.get("pid", pid)
            said |= heard
            at = heard.get("at", at)
            if at and pid and not said.get("by_itself"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                at = None
        assert "failed" not in said, said["failed"]
        return said

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(20)


class World:
    """The databases the operations begin with, what they come to, and how many statements each takes."""

    def __init__(self, kept: Databases) -> None:
        self.kept = kept
        kept.create("prepared")
        make_tables(kept.url("prepared"))
        self.nursery = Nursery(kept.url("prepared"))
        self.nursery.do("prepare", self.name("prepared"))
        self.statements: dict[str, int] = {}
        for name, (_, before) in OPERATIONS.items():
            kept.copy(before or "prepared", name)
            self.statements[name] = self.nursery.do(name, self.name(name))["done"]
            kept.settle(name)
        self.columns = kept.columns("prepared")
        self.begun = {name: self.state(name, exact=False) for name in ("prepared", *OPERATIONS)}
        self.exact = {name: self.state(name, exact=True) for name in ("prepared", *OPERATIONS)}

    def name(self, database: str) -> str:
        """Return what the database is called in Django's settings."""
        if isinstance(self.kept, PostgresDatabases):
            return self.kept.mark + database
        return str(self.kept.path(database))  # type: ignore[attr-defined]

    def state(self, database: str, *, exact: bool) -> dict[str, str]:
        """Return a digest of every table; not exact: without what every attempt says anew."""
        found = {}
        with closing(self.kept.connect(database)) as opened, closing(opened.cursor()) as cursor:
            for table, columns in self.columns.items():
                if not exact and table.startswith(BOOKKEEPING):
                    continue
                wanted = columns if exact else [name for name in columns if not name.endswith(VOLATILE)]
                listed = ", ".join(f'"{name}"' for name in wanted) or "1"
                cursor.execute(f'SELECT {listed} FROM "{table}"')  # noqa: S608 - our own tables
                rows = sorted(map(_text, cursor.fetchall()))
                found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found


def _text(row: tuple[Any, ...]) -> str:
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in row])


@pytest.fixture(scope="module")
def world(tmp_path_factory: Any, django_db_blocker: Any, django_db_setup: Any) -> Iterator[World]:
    with databases(tmp_path_factory.mktemp("killed")) as kept:
        made = World(kept)
        yield made
        made.nursery.close()


def differing(left: dict[str, str], right: dict[str, str]) -> list[str]:
    return sorted(table for table in left.keys() | right.keys() if left.get(table) != right.get(table))


def kill(world: World, name: str, random_: random.Random) -> tuple[str, str]:
    """Kill one attempt, look at what it left, begin again; return when it was killed and what that came to."""
    before = OPERATIONS[name][1] or "prepared"
    world.kept.copy(before, "trial")
    # A moment in the reading before and in the bookkeeping afterwards is as good as one in the middle.
    last = world.statements[name]
    # Every fourth time near the end, where it is decided whether all is there.
    moment = random_.randint(1, last) if random_.random() < 0.75 else random_.randint(last - 3, last)
    said = world.nursery.do(name, world.name("trial"), stop_at=moment, by_itself=random_.random() < 0.6)
    world.kept.settle("trial")
    world.kept.refuse_damage("trial")
    world.nursery.do("history", world.name("trial"))
    outcome = whole_or_nothing(world, name, before)
    world.nursery.do(name, world.name("trial"))
    world.kept.settle("trial")
    again = differing(world.state("trial", exact=False), world.begun[name])
    assert again == [], (name, said, again)
    world.nursery.do("history", world.name("trial"))
    return said.get("at", "after"), outcome


def whole_or_nothing(world: World, name: str, before: str) -> str:
    """Return "nothing" or "all"; fail for anything between, and for an import whose run says what is not so."""
    found = world.state("trial", exact=False)
    unlike = {what: differing(found, world.begun[origin]) for what, origin in (("nothing", before), ("all", name))}
    assert [] in unlike.values(), (name, "half", unlike)
    outcome = "all" if unlike["all"] == [] else "nothing"
    if outcome == "nothing":
        # To the byte: not one key, moment or name is another than before.
        changed = set(differing(world.state("trial", exact=True), world.exact[before]))
        assert changed <= {"django_session", "auth_user", "sqlite_sequence"}, (name, changed)
    return outcome


def test_whoever_is_killed_leaves_all_or_nothing_and_can_begin_again(world):
    random_ = random.Random(SEED)  # noqa: S311 - a seed, no secret
    names = [name for _ in range(KILLS // len(OPERATIONS) + 1) for name in OPERATIONS][:KILLS]
    found = Counter(kill(world, name, random_) for name in names)
    table = ", ".join(f"killed {when}, {what} there: {count}" for (when, what), count in sorted(found.items()))
    print(f"\n{connection.vendor}: {len(names)} kills; {table}")
    middle = sum(count for (when, _), count in found.items() if when == "middle")
    assert middle >= len(names) * 0.4, found
    assert found["middle", "nothing"] > 0
