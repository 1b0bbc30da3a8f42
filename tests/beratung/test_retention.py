"""Is each kind of data kept to the day its setting says, deleted on the next, and is it told how much went?"""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from appointments.models import ConfirmationRound, MissingDemand, MistakeReport, ProviderLetter, SlotProposal
from beratung.retention import KINDS
from beratung.settings import BASE_DIR
from budget.models import Plan
from locations.models import District, ImportFinding, ImportRun
from tests import builders

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 20)
DAYS = 40  # of every setting here


def moment(day: date, at: time = time(23, 59)) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def make_report(day: date) -> object:
    return builders.make_mistake_report(created_on=day, resolved_on=day)


def make_demand(day: date) -> object:
    # The week ends on the day, or on the Sunday after it.
    sunday = day + timedelta(days=6 - day.weekday())
    return MissingDemand.objects.create(
        municipality=builders.make_municipality(), week_first_day=sunday - timedelta(days=6), count=1
    )


def make_round(day: date) -> ConfirmationRound:
    made = ConfirmationRound.objects.create(
        district=builders.make_district(), opened_on=day - timedelta(days=14), closes_on=day
    )
    letter = ProviderLetter.objects.create(round=made, provider=builders.make_provider(), email="t@example.org")
    SlotProposal.objects.create(
        letter=letter, slot=builders.make_slot(), kind="correct", proposed_on=day, resolved_on=day, outcome="taken"
    )
    return made


def make_entry(day: date) -> object:
    district = builders.make_district()
    district.history.update(history_date=moment(day))
    return district.history.first()


def make_log(day: date) -> object:
    user, _ = User.objects.get_or_create(username="beispiel")
    made = LogEntry.objects.create(user=user, object_id="1", object_repr="x", action_flag=CHANGE)
    LogEntry.objects.filter(pk=made.pk).update(action_time=moment(day))
    return made


def make_file(day: date) -> object:
    made = ImportRun.objects.create(
        kind="slots", kind_label="Termine", file_name="x.csv", started_at=moment(day), status="checked"
    )
    made.keep_file([b"x"])
    return made.chunks.get()


def make_run(day: date) -> object:
    made = ImportRun.objects.create(
        kind="slots",
        kind_label="Termine",
        file_name="x.csv",
        started_at=moment(day),
        finished_at=moment(day),
        status="done",
    )
    ImportFinding.objects.create(run=made, outcome="rejected", number=1, cells=["Beispiel-Zeile"])
    return made


def make_plan(day: date) -> object:
    return Plan.objects.create(district=builders.make_district(), name="x", question={}, created_at=moment(day))


def make_task(day: date) -> object:
    made = DBTaskResult.objects.create(
        task_path="beispiel", backend_name="default", args_kwargs={}, run_after=moment(day), status="SUCCESSFUL"
    )
    DBTaskResult.objects.filter(pk=made.pk).update(finished_at=moment(day))
    return made


MAKERS = {
    "Erledigte Hinweise": make_report,
    "Suchen ohne Ergebnis": make_demand,
    "Bestätigungsrunden": make_round,
    "Geschichte": make_entry,
    "Protokoll der Verwaltung": make_log,
    "Hochgeladen und nie übernommen": make_file,
    "Beendete Importe": make_run,
    "Pläne, die niemand übernahm": make_plan,
    "Lange Aufgaben": make_task,
}
BY_NAME = {kind.name: kind for kind in KINDS}


def is_there(row) -> bool:
    return type(row)._base_manager.filter(pk=row.pk).exists()


def test_every_kind_is_tried_here():
    assert set(MAKERS) | {"Hinweise auf Fehler"} == set(BY_NAME)  # that one: tests/appointments/test_reports.py


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_as_old_as_the_setting_says_goes_and_what_is_a_day_younger_stays(name):
    # A Sunday, because searches are counted by weeks.
    due_day = TODAY - timedelta(days=TODAY.weekday() + 1)
    due, kept = MAKERS[name](due_day), MAKERS[name](due_day + timedelta(days=1))
    today, forget = due_day + timedelta(days=DAYS), BY_NAME[name].forget
    assert forget(day=today - timedelta(days=1), kept_days=DAYS) == 0
    assert forget(day=today, kept_days=DAYS, dry_run=True) == 1
    assert is_there(due)
    assert forget(day=today, kept_days=DAYS) == 1
    assert (is_there(due), is_there(kept)) == (False, True)
    assert forget(day=today, kept_days=DAYS) == 0


def test_what_is_deleted_does_not_live_on_in_the_history(db):
    made = make_round(TODAY)
    entries = ConfirmationRound.history.count(), SlotProposal.history.count()
    BY_NAME["Bestätigungsrunden"].forget(day=TODAY, kept_days=0)
    assert not is_there(made)
    assert (ProviderLetter.objects.count(), SlotProposal.objects.count()) == (0, 0)
    assert (ConfirmationRound.history.count(), SlotProposal.history.count()) == entries
    report = make_report(TODAY)
    before = MistakeReport.history.count()
    BY_NAME["Erledigte Hinweise"].forget(day=TODAY, kept_days=0)
    assert not is_there(report)
    assert MistakeReport.history.count() == before


def test_what_somebody_still_has_to_look_at_stays():
    report = builders.make_mistake_report(created_on=TODAY - timedelta(days=5000))
    made = make_round(TODAY - timedelta(days=5000))
    SlotProposal.objects.update(resolved_on=None, outcome="")
    for name in ("Erledigte Hinweise", "Bestätigungsrunden"):
        assert BY_NAME[name].forget(day=TODAY, kept_days=1) == 0
    assert is_there(report)
    assert is_there(made)


def test_an_accepted_plan_stays():
    plan = make_plan(TODAY - timedelta(days=5000))
    Plan.objects.update(state="done", answer={}, computed_at=moment(TODAY), accepted_at=moment(TODAY))
    assert BY_NAME["Pläne, die niemand übernahm"].forget(day=TODAY, kept_days=1) == 0
    assert is_there(plan)


def test_an_import_that_is_still_being_read_stays():
    ImportRun.objects.create(kind="x", kind_label="x", file_name="x", started_at=moment(date(2000, 1, 1)))
    assert BY_NAME["Beendete Importe"].forget(day=TODAY, kept_days=1) == 0


def test_the_command_tells_every_kind_and_deletes_only_without_dry_run(capsys):
    make_run(timezone.localdate() - timedelta(days=365))
    Session.objects.create(session_key="x", session_data="", expire_date=timezone.now() - timedelta(seconds=1))
    Session.objects.create(session_key="y", session_data="", expire_date=timezone.now() + timedelta(days=1))
    call_command("delete_expired", dry_run=True)
    told = capsys.readouterr().out
    assert "Beendete Importe: 1 Import ist 365 Tage alt oder älter.\n" in told
    assert "Anmeldungen: 1 ist abgelaufen.\n" in told
    assert told.endswith("Probelauf: nichts gelöscht.\n")
    assert (ImportRun.objects.count(), Session.objects.count()) == (1, 2)
    call_command("delete_expired")
    told = capsys.readouterr().out
    assert "Beendete Importe: 1 Import gelöscht (365 Tage alt oder älter).\n" in told
    assert "Anmeldungen: 1 gelöscht (abgelaufen).\n" in told
    assert all(f"{kind.name}: " in told for kind in KINDS)
    assert (ImportRun.objects.count(), Session.objects.get().session_key) == (0, "y")


def test_every_setting_stands_in_the_document_with_its_default(settings):
    text = (BASE_DIR / "docs" / "retention.md").read_text()
    rows = dict(re.findall(r"\| `([A-Z_]+)` \| (\d+) ", text))
    assert {kind.setting: str(kind.days) for kind in KINDS} | {"BACKUP_KEEP": str(settings.BACKUP_KEEP)} == rows


def test_the_privacy_page_names_the_days_that_concern_others(client, settings):
    page = client.get("/datenschutz/").content.decode()
    for days in ("MISTAKE_TEXT_DAYS", "HISTORY_DAYS", "MISSING_DEMAND_DAYS", "CONFIRMATION_ROUND_DAYS"):
        assert re.search(rf"\b{getattr(settings, days)}(&nbsp;|\s|\xa0)Tage", page), days


def test_districts_are_never_deleted():
    district = builders.make_district()
    call_command("delete_expired")
    assert District.objects.filter(pk=district.pk).exists()
