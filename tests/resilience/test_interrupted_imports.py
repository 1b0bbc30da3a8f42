"""What becomes of an import whose process was killed: is it taken up, does it say what happened, and is it never done twice?"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from beratung.imports_tasks import read_file
from beratung.watch.orphans import MOST_TRIES, take_up
from locations.imports.runs import OvertakenError, keep, work_off
from locations.models import ImportRun, Institution
from locations.models.imports import SIGN_OF_LIFE
from tests import builders
from tests.resilience.databases import databases, make_tables, run_in
from tests.resilience.sites import Site, running, until

Status = ImportRun.Status
CSV = "Name;PLZ\n" + "".join(f"Beispiel-Schule Nummer {number};31234\n" for number in range(3))
LONG = """
from django.contrib.auth import get_user_model
from tests import builders
from beratung.imports_tasks import read_file
from locations.models import ImportRun
district = builders.make_district()
builders.make_postal_code(builders.make_municipality(district), code="31234")
run = ImportRun.objects.create(
    kind="einrichtungen", kind_label="x", district=district, file_name="lang.csv", status="writing",
    user=get_user_model().objects.create_superuser("beispiel"), options={"source": "Beispiel"},
)
run.keep_file([("Name;PLZ\\n" + "".join(f"Beispiel-Schule {n};31234\\n" for n in range(2000))).encode()])
read_file.enqueue(run.pk, False)
"""


def processes_of(site: Site, word: bytes) -> list[int]:
    """Return the living processes that the site started and that have the word in their command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == site.process.pid and state != "Z" and word in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_a_worker_killed_in_the_middle_of_an_import_is_followed_by_one_that_takes_it_up(
    tmp_path: Path, django_db_blocker: Any, django_db_setup: Any
):
    with databases(tmp_path) as kept:
        kept.create("site")
        make_tables(kept.url("site"))
        with running(kept.url("site"), tmp_path) as site:
            (worker,) = until(lambda: processes_of(site, b"db_worker"))
            run_in(kept.url("site"), LONG)
            until(lambda: kept.rows("site", "SELECT rows_read FROM locations_importrun")[0][0] > 0)
            os.kill(worker, signal.SIGKILL)
            kept.settle_one("site")
            assert kept.rows("site", "SELECT status FROM locations_importrun") == [("writing",)]
            assert kept.rows("site", "SELECT count(*) FROM locations_institution") == [(0,)]
            until(lambda: kept.rows("site", "SELECT status FROM locations_importrun") == [("done",)], 120)
            assert kept.rows("site", "SELECT count(*) FROM locations_institution") == [(2000,)]
            assert processes_of(site, b"db_worker") != [worker]
        ended = kept.rows("site", f"SELECT status FROM {DBTaskResult._meta.db_table}")  # noqa: S608 - our own table
        assert ended == [("SUCCESSFUL",)]


@pytest.fixture
def run(db: None) -> ImportRun:
    district = builders.make_district()
    builders.make_postal_code(builders.make_municipality(district), code="31234")
    user = get_user_model().objects.create_superuser("beispiel")
    made = ImportRun.objects.create(
        kind="einrichtungen", kind_label="Einrichtungen", district=district, user=user, file_name="schulen.csv",
        status=Status.WRITING, options={"source": "Beispiel"},
    )  # fmt: skip
    made.keep_file([CSV.encode()])
    return made


def left_alone(run: ImportRun, since: timedelta) -> None:
    ImportRun.objects.filter(pk=run.pk).update(alive_at=timezone.now() - since)
    run.refresh_from_db()


def page(client: Any, run: ImportRun) -> str:
    client.force_login(run.user)
    return client.get(reverse("import_run", args=[run.uuid])).content.decode()


def decide(client: Any, run: ImportRun, action: str) -> str:
    client.force_login(run.user)
    answer = client.post(reverse("import_decide", args=[run.uuid]), {action: "1"}, follow=True)
    run.refresh_from_db()
    return answer.content.decode()


def test_a_run_without_a_sign_of_life_says_so_and_is_begun_again(client, run):
    left_alone(run, SIGN_OF_LIFE - timedelta(seconds=20))
    assert "Unterbrochen" not in page(client, run)
    left_alone(run, SIGN_OF_LIFE)
    said = page(client, run)
    assert "Unterbrochen" in said
    assert 'http-equiv="refresh"' not in said
    assert "Noch ist nichts gespeichert." in decide(client, run, "again")
    assert (run.status, run.added) == (Status.CHECKED, 3)
    decide(client, run, "confirm")
    assert (run.status, Institution.objects.count()) == (Status.DONE, 3)


def test_an_interrupted_run_can_be_let_go(client, run):
    left_alone(run, SIGN_OF_LIFE)
    assert "Verworfen" in decide(client, run, "discard")
    assert (run.status, run.chunks.count(), Institution.objects.count()) == (Status.DISCARDED, 0, 0)


@pytest.mark.parametrize("action", ["again", "discard"])
def test_a_run_that_lives_is_neither_begun_twice_nor_taken_away(client, run, action):
    assert "schon entschieden" in decide(client, run, action)
    assert run.status == Status.WRITING


@pytest.mark.parametrize("status", [Status.DISCARDED, Status.CHECKING, Status.CHECKED, Status.DONE])
def test_who_was_taken_for_dead_writes_nothing_any_more(run, status):
    """It wakes up after somebody else decided: its rows go back with the transaction."""
    kept = {"finished_at": timezone.now()} if status in (Status.DISCARDED, Status.DONE) else {}
    from beratung.imports import KINDS, options_of

    options = options_of(run)
    ImportRun.objects.filter(pk=run.pk).update(status=status, **kept)
    work_off(run, KINDS[run.kind], options, dry_run=False)
    assert (ImportRun.objects.get().status, Institution.objects.count()) == (status, 0)


def test_a_dry_run_that_was_overtaken_leaves_the_run_alone(run):
    from locations.imports.reports import Report

    with pytest.raises(OvertakenError):
        keep(run, Report(), dry_run=True)


def task(run: ImportRun, *workers: str, path: str = "beratung.imports_tasks.read_file") -> DBTaskResult:
    read_file.enqueue(run.pk, False)
    made = DBTaskResult.objects.order_by("enqueued_at").last()
    made.status, made.worker_ids, made.task_path = "RUNNING", list(workers), path
    made.save()
    return made


def status_of(made: DBTaskResult) -> str:
    return DBTaskResult.objects.get(pk=made.pk).status


def test_the_next_worker_of_the_same_name_takes_up_what_was_left_and_no_others(run):
    own, other = task(run, "a"), task(run, "b")
    assert take_up("a") == 1
    assert (status_of(own), status_of(other)) == ("READY", "RUNNING")


def test_what_kills_its_worker_again_and_again_is_given_up(run):
    made = task(run, *["a"] * MOST_TRIES)
    take_up("a")
    assert status_of(made) == "FAILED"
    assert "mitten in der Aufgabe" in DBTaskResult.objects.get(pk=made.pk).traceback


def test_letters_that_were_on_their_way_are_not_sent_twice(run):
    made = task(run, "a", path="appointments.admin_rounds.send_letters")
    take_up("a")
    assert status_of(made) == "FAILED"
