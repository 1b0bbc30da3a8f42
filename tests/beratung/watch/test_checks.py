"""Does the health page tell what an operator must know, and is it 503 only when pages cannot be answered?"""

import os
import sys
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from beratung.watch.beating import beating
from beratung.watch.checks import State, findings
from beratung.watch.management.commands import db_worker
from beratung.watch.models import ONLY_ROW, WorkerBeat, beat, last_beat
from locations.models import SchoolHoliday
from tests.builders import make_district

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def backups(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    return tmp_path


def finding(name, now=NOW):
    return next(finding for finding in findings(now) if finding.name == name)


def task(enqueued_at, status="READY"):
    made = DBTaskResult.objects.create(
        task_path="beispiel", backend_name="default", args_kwargs={}, run_after=NOW - timedelta(days=1), status=status
    )
    DBTaskResult.objects.filter(pk=made.pk).update(enqueued_at=enqueued_at)


def holidays(last_day, state="DE-NI"):
    SchoolHoliday.objects.create(federal_state=state, name="Ferien", first_day=last_day, last_day=last_day, source="x")


def test_an_empty_installation_is_well():
    assert {finding.state for finding in findings(NOW)} == {State.OK}


def test_a_database_that_does_not_answer_breaks_it(client):
    def gone(*args):
        raise OperationalError("nicht erreichbar")

    with connection.execute_wrapper(gone):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "gestört")
    assert answer.json()["checks"] == {"database": {"status": "gestört", "text": "antwortet nicht"}}


def test_a_migration_that_is_missing_breaks_it(client, settings):
    settings.MIGRATION_MODULES = {}  # where the tests run without migrations, every one is missing now
    with connection.cursor() as cursor:
        if "django_migrations" in connection.introspection.table_names():
            cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"]["status"] == "gestört"


@pytest.mark.parametrize(("days", "state"), [(365, State.OK), (364, State.DUE), (-1, State.DUE)])
def test_holidays_are_due_when_they_are_known_for_less_than_a_year(days, state):
    make_district()
    holidays(NOW.date() + timedelta(days=days))
    assert finding("school_holidays").state is state


def test_a_state_without_holidays_is_named():
    make_district()
    holidays(date(2030, 1, 1), state="DE-HB")
    assert finding("school_holidays").text == "unbekannt: DE-NI"


@pytest.mark.parametrize(("minutes", "state"), [(5, State.OK), (6, State.DUE)])
def test_a_task_nobody_takes_is_noticed_after_five_minutes(minutes, state):
    task(NOW - timedelta(minutes=minutes))
    assert finding("worker").state is state


@pytest.mark.parametrize(("seconds", "state"), [(90, State.OK), (91, State.DUE)])
def test_a_worker_that_is_silent_for_more_than_ninety_seconds_is_noticed_though_nothing_waits(seconds, state):
    WorkerBeat.objects.create(pk=ONLY_ROW, beaten_at=NOW - timedelta(seconds=seconds))
    assert finding("worker").state is state


def test_a_worker_that_never_ran_is_noticed_in_production_only(settings):
    assert finding("worker").state is State.OK
    settings.IS_PRODUCTION = True
    assert finding("worker").text == "hat sich noch nie gemeldet: läuft manage.py db_worker?"


@pytest.mark.django_db(transaction=True)
def test_a_worker_beats_at_once_and_goes_on_until_it_ends():
    with beating(seconds=0.05):
        assert _later_than(None)
        first = last_beat()
        assert _later_than(first)
    last = last_beat()
    time.sleep(0.2)
    assert last_beat() == last


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_fails_does_not_end_the_worker():
    with connection.schema_editor() as editor:
        editor.delete_model(WorkerBeat)
    try:
        with beating(seconds=0.05):
            time.sleep(0.2)
            with connection.schema_editor() as editor:
                editor.create_model(WorkerBeat)
            assert _later_than(None)
    finally:
        if WorkerBeat._meta.db_table not in connection.introspection.table_names():
            with connection.schema_editor() as editor:
                editor.create_model(WorkerBeat)


def _later_than(moment):
    deadline = time.monotonic() + 20
    while last_beat() == moment and time.monotonic() < deadline:
        time.sleep(0.02)
    return last_beat() != moment


def test_the_workers_command_is_the_one_that_beats():
    assert type(load_command_class(get_commands()["db_worker"], "db_worker")) is db_worker.Command


def test_a_second_beat_makes_no_second_row():
    beat()
    beat()
    assert WorkerBeat.objects.count() == 1


def test_a_running_task_may_take_long():
    task(NOW - timedelta(hours=3), status="RUNNING")
    assert finding("worker").state is State.OK


@pytest.mark.parametrize(("hours", "state"), [(26, State.OK), (27, State.DUE)])
def test_a_backup_is_due_after_a_day_and_two_hours(backups, hours, state):
    for name, age in (("beratung-alt.backup", 90), ("beratung-neu.backup", hours)):
        (backups / name).write_bytes(b"")
        moment = (NOW - timedelta(hours=age)).timestamp()
        os.utime(backups / name, (moment, moment))
    assert finding("backup").state is state


def test_a_missing_backup_is_due_in_production_only(settings):
    assert finding("backup").state is State.OK
    settings.IS_PRODUCTION = True
    assert finding("backup").state is State.DUE


def test_what_is_due_leaves_the_site_in_the_balancer(client, settings):
    settings.IS_PRODUCTION, settings.SECURE_SSL_REDIRECT = True, False
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "fällig")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("is_production", "code"), [(False, 0), (True, 1)])
def test_the_command_says_the_same_and_ends_with_a_code(settings, capsys, is_production, code):
    settings.IS_PRODUCTION = is_production
    with pytest.raises(SystemExit) as ended:
        call_command("status", stdout=sys.stdout)
    assert ended.value.code == code
    assert "Sicherung: noch keine" in capsys.readouterr().out
