"""Does the health page tell what an operator must know, and is it 503 only when pages cannot be answered?"""

import os
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from beratung.watch.checks import State, findings
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
