"""Is a backup of one moment while another process writes, and does nobody have to wait for it?"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connections

from appointments.models import Slot, SlotException
from beratung.backups.moment import one_moment
from beratung.backups.moving import target_at
from beratung.backups.restoring import restore_backup
from locations.models import HelpLine
from tests.beratung.backups.conftest import backup

pytestmark = pytest.mark.django_db
BACKUPS = 8
# Without Django, so that it starts at once: each step writes a slot, its exception and a help line in one transaction.
WRITER = """
import os, sys
from datetime import date, timedelta
from uuid import uuid4
kind, address, done = sys.argv[1:]
if kind == "sqlite":
    import sqlite3
    db, sign = sqlite3.connect(address, timeout=5, isolation_level=None), "?"
    db.execute("PRAGMA journal_mode=WAL")
    begin = "BEGIN IMMEDIATE"
else:
    import psycopg2
    db, sign = psycopg2.connect(address), "%s"
    db.autocommit = True
    begin = "BEGIN"
run = db.cursor()
run.execute("SELECT id FROM appointments_slot")
slot = run.fetchone()[0]
run.execute("SELECT id FROM locations_district")
district = run.fetchone()[0]
number = 0
while True:
    number += 1
    run.execute(begin)
    run.execute(f"UPDATE appointments_slot SET note = {sign} WHERE id = {sign}", (str(number), slot))
    run.execute(
        "INSERT INTO appointments_slotexception (uuid, slot_id, day, kind, reason, changed_at)"
        f" VALUES ({sign}, {sign}, {sign}, 'cancelled', 'Beispiel', {sign})",
        (uuid4().hex, slot, (date(2026, 1, 1) + timedelta(days=number)).isoformat(), "2026-01-01 00:00:00+00"),
    )
    run.execute(
        f"INSERT INTO locations_helpline (district_id, name, phone, position) VALUES ({sign}, {sign}, '', {sign})",
        (district, f"Beispiel {number}", number % 1000),
    )
    run.execute("COMMIT")
    with open(done + ".neu", "w") as file:
        file.write(str(number))
    os.replace(done + ".neu", done)
"""


@contextmanager
def writing(url: str, alias: str, done: Path) -> Iterator[None]:
    """Let a second process write all the time."""
    kind = connections[alias].vendor
    address = str(connections[alias].settings_dict["NAME"]) if kind == "sqlite" else url
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, kind, address, str(done)], stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(done, 1)
        yield
    finally:
        process.kill()
        _, said = process.communicate()
        assert not said


def steps(done: Path) -> int:
    return int(done.read_text()) if done.exists() else 0


def wait_for(done: Path, number: int) -> None:
    until = time.monotonic() + 20
    while steps(done) < number:
        assert time.monotonic() < until, "der andere Vorgang kommt nicht weiter"
        time.sleep(0.01)


def steps_in(alias: str) -> set[int]:
    """Return what each table says of how many operations there were; more than one number is half an operation."""
    return {
        int(Slot.objects.using(alias).get().note),
        SlotException.objects.using(alias).count(),
        HelpLine.objects.using(alias).count(),
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request, filled, empty_url) -> Iterator[tuple[str, str]]:
    """Yield address and alias of a database that other processes can write to."""
    url = empty_url(request.param)
    with target_at(url, "source") as alias:
        restore_backup(backup(), using=alias)
        yield url, alias


def restored(file: BytesIO, url: str) -> set[int]:
    """Return what stands in a database made from the backup."""
    with target_at(url, "restored") as alias:
        return steps_in(alias) if restore_backup(file, using=alias) else set()


def test_backups_made_while_another_process_writes_hold_no_half_operation(source, empty_url, tmp_path):
    url, alias = source
    with writing(url, alias, tmp_path / "fertig"):
        files = []
        for _ in range(BACKUPS):
            wait_for(tmp_path / "fertig", steps(tmp_path / "fertig") + 1)
            files.append(backup(alias))
    found = []
    for file in (files[0], files[BACKUPS // 2], files[-1]):
        numbers = restored(file, empty_url("sqlite"))
        assert len(numbers) == 1, "eine halbe Änderung"
        found.append(*numbers)
    assert found == sorted(set(found)), "der andere Vorgang kam zwischen den Sicherungen nicht weiter"


def test_a_backup_is_of_the_moment_it_began_and_nobody_waits_for_it(source, empty_url, tmp_path):
    url, alias = source
    done = tmp_path / "fertig"
    with writing(url, alias, done), one_moment(alias):
        seen = steps_in(alias)
        wait_for(done, steps(done) + 20)
        file = backup(alias)
        assert steps(done) >= max(seen) + 20
    assert len(seen) == 1
    assert restored(file, empty_url("sqlite")) == seen


def test_a_connection_writes_as_before_afterwards(source):
    _, alias = source
    backup(alias)
    if connections[alias].vendor == "sqlite":
        assert connections[alias].transaction_mode == "IMMEDIATE"
    assert Slot.objects.using(alias).update(note="geht") == 1
