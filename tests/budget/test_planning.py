"""Do rows become the right question, does a worker answer it, and does whatever goes wrong end in a sentence?"""

from __future__ import annotations

import os
import subprocess
import sys
import time as clock
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from appointments.models import MissingDemand
from budget.models import CounsellorWindow, InstitutionWindow, Plan, Target, TravelRate
from budget.planning import SIGN_OF_LIFE, SOLVER_FAILED, ask, cancel, compute, is_interrupted, rest_of_the_year, start
from budget.planning_asked import Asked, PlanningError
from budget.planning_child import Stopped, solve_apart
from budget.planning_facts import changes
from budget.planning_money import remaining_cents
from budget.planning_rows import prepare
from tests import builders
from tests.planning_example import TODAY, make_plan, make_plannable

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    return make_plannable()


def computed(plan: Plan) -> Plan:
    """Return the plan after the task ran in this process; the solver still runs in its own."""
    compute.func(plan.pk, str(plan.attempt))
    plan.refresh_from_db()
    return plan


def failure(rows, **asked) -> str:
    plan = computed(make_plan(rows, **asked))
    assert plan.state == Plan.State.FAILED
    assert plan.answer is None
    return plan.failure


# The question


def test_choices_survive_being_stored(rows):
    asked = replace(rows.asked, excluded=(1, 2), with_searches=True, margin_percent=5)
    assert Asked.read(asked.stored()) == asked


def test_a_question_holds_what_the_rows_say(rows):
    question = prepare(rows.district, rows.asked).question
    assert [house.name for house in question.candidates] == [
        "Beispiel-Kita Nah",
        "Beispiel-Kita Fern",
        "Beispiel-Kita Ferner",
    ]
    assert question.candidates[0].rent_per_date.high == 1500
    assert question.candidates[1].equipment.likely == 10_000
    assert [person.weekly_minutes for person in question.counsellors] == [1200, 1200]
    assert [town.covered_by for town in question.municipalities] == [(), ()]
    assert question.prices[0].eur_per_km.likely == Decimal("0.38")


def test_a_proposed_slot_counts_for_its_municipality_and_stays(rows):
    slot = builders.make_slot(rows.near, agreed_on=None, published_on=None, proposed_on=TODAY, first_day=TODAY)
    question = prepare(rows.district, rows.asked).question
    assert {town.name: town.covered_by for town in question.municipalities}["Beispieldorf Nah"] == (rows.near.pk,)
    assert [existing.key for existing in question.existing] == [slot.pk]


def test_planning_from_scratch_forgets_what_is_there(rows):
    builders.make_slot(rows.near)
    question = prepare(rows.district, replace(rows.asked, keeps_existing=False)).question
    assert question.existing == ()
    assert {town.covered_by for town in question.municipalities} == {()}


def test_what_is_bound_or_paid_is_not_left(rows):
    builders.make_cost_line(rows.budget, committed_on=TODAY, committed_eur=Decimal("300.10"), planned_on=TODAY)
    builders.make_cost_line(rows.budget, paid_on=TODAY, paid_eur=Decimal("99.90"), planned_on=TODAY)
    builders.make_cost_line(rows.budget)
    assert remaining_cents(rows.budget, TODAY) == 160_000


def test_houses_without_free_times_are_named(rows):
    builders.make_institution(rows.near.municipality, name="Beispiel-Kita Voll", kind="kita")
    assert prepare(rows.district, rows.asked).notes == (
        "Eine Einrichtung zählt nicht mit, weil keine freien Zeiten eingetragen sind: Beispiel-Kita Voll.",
    )


def test_searches_of_the_last_year_count_only_where_they_are_switched_on(rows):
    town = rows.near.municipality
    for weeks in (1, 60):
        MissingDemand.objects.create(municipality=town, week_first_day=TODAY - timedelta(weeks=weeks), count=7)
    with_searches = prepare(rows.district, replace(rows.asked, with_searches=True)).question
    assert {row.key: row.searches_without_result for row in with_searches.municipalities}[town.pk] == 7
    assert with_searches.need.people_per_search > 0
    assert prepare(rows.district, rows.asked).question.need.people_per_search == 0


def test_a_year_with_two_rates_has_two_prices(rows):
    change = rows.asked.first_day + timedelta(days=30)
    TravelRate.objects.update(last_day=change - timedelta(days=1))
    TravelRate.objects.create(
        jurisdiction="DE-NI", name="Beispielsatz", eur_per_km=Decimal("0.40"), source="Beispiel", first_day=change
    )
    prices = prepare(rows.district, rows.asked).question.prices
    assert [(price.first_day, price.eur_per_km.likely) for price in prices] == [
        (rows.asked.first_day, Decimal("0.38")),
        (change, Decimal("0.40")),
    ]


def test_without_a_target_nobody_knows_what_counts(rows):
    Target.objects.all().delete()
    with pytest.raises(PlanningError, match="gilt kein Ziel"):
        prepare(rows.district, rows.asked)


def test_without_a_rate_a_way_has_no_price(rows):
    TravelRate.objects.all().delete()
    with pytest.raises(PlanningError, match=r"Für den 9\.\sMärz\s2026 ist kein Kilometersatz eingetragen\."):
        prepare(rows.district, rows.asked)


def test_the_default_period_reaches_to_the_end_of_the_budget(rows):
    assert rest_of_the_year(rows.district, TODAY) == (date(2026, 3, 9), rows.budget.last_day)
    late = rows.budget.last_day - timedelta(days=3)
    first, last = rest_of_the_year(rows.district, late)
    assert late < first <= last == rows.budget.last_day


# What has changed since


def test_the_same_rows_have_the_same_fingerprint(rows):
    assert prepare(rows.district, rows.asked).fingerprint == prepare(rows.district, rows.asked).fingerprint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.near.windows.first().delete(), "Einrichtung Beispiel-Kita Nah: geändert"),
        (lambda rows: rows.near.windows.all().delete(), "Einrichtung Beispiel-Kita Nah: entfallen"),
        (lambda rows: rows.first.windows.update(end_time=time(16)), "Fachkraft Beispiel-Fachkraft A: geändert"),
        (lambda rows: TravelRate.objects.update(eur_per_km=1), "Kilometersatz: geändert"),
        (
            lambda rows: builders.make_cost_line(rows.budget, paid_on=TODAY, paid_eur=1, planned_on=TODAY),
            "Restgeld des Ansatzes: geändert",
        ),
    ],
)
def test_what_has_changed_is_named(rows, change, said):
    before = prepare(rows.district, rows.asked).fingerprint
    change(rows)
    assert said in changes(before, prepare(rows.district, rows.asked).fingerprint)


# The computation


def test_a_plan_covers_both_villages_on_one_trip_and_proves_it(rows):
    plan = computed(make_plan(rows))
    assert plan.state == Plan.State.DONE, plan.failure
    assert plan.proof == Plan.Proof.OPTIMAL
    assert (plan.answer["covered"], plan.answer["municipalities"]) == (2, 2)
    assert {row["institution"] for row in plan.answer["slots"]} == {rows.near.pk, rows.far.pk}
    assert len({row["counsellor"] for row in plan.answer["slots"]}) == 1


def test_asking_puts_one_task_into_the_queue_and_asking_again_another(rows):
    plan = ask(district=rows.district, name="Beispielplan", asked=rows.asked)
    start(plan)
    assert DBTaskResult.objects.ready().count() == 2
    first, second = DBTaskResult.objects.order_by("enqueued_at")
    compute.func(*first.args_kwargs["args"])
    plan.refresh_from_db()
    assert plan.state == Plan.State.QUEUED  # the attempt that was given up is not listened to
    compute.func(*second.args_kwargs["args"])
    plan.refresh_from_db()
    assert plan.state == Plan.State.DONE


def test_a_cancelled_plan_stays_cancelled(rows):
    plan = make_plan(rows)
    assert cancel(plan)
    assert computed(plan).state == Plan.State.CANCELLED
    assert not cancel(plan)


def test_a_computation_that_says_nothing_any_more_is_interrupted(rows):
    plan, now = make_plan(rows), timezone.now()
    plan.state, plan.heartbeat_at = Plan.State.RUNNING, now - SIGN_OF_LIFE
    assert not is_interrupted(plan, now)
    assert is_interrupted(plan, now + timedelta(seconds=1))


# Bad input: a German sentence and nothing changed


def test_without_a_counsellor_there_is_no_plan(rows):
    CounsellorWindow.objects.all().delete()
    plan = computed(make_plan(rows))
    said = plan.failure or " ".join(row["sentence"] for row in plan.answer["uncovered"])
    assert "Fachkraft" in said
    assert not (plan.answer or {}).get("slots")


def test_without_money_it_says_how_much_is_missing(rows):
    plan = computed(make_plan(rows, money=0))
    assert plan.state == Plan.State.DONE, plan.failure
    assert plan.answer["slots"] == []
    assert all(row["extra_money"] > 0 for row in plan.answer["uncovered"])


def test_a_window_shorter_than_the_appointment_is_said(rows):
    InstitutionWindow.objects.update(end_time=time(10, 30))
    plan = computed(make_plan(rows))
    said = plan.failure or " ".join([*plan.answer["messages"], *(row["sentence"] for row in plan.answer["uncovered"])])
    assert "Beispiel" in said
    assert not (plan.answer or {}).get("slots")


def test_a_house_without_coordinates_is_said_and_not_placed_at_zero(rows):
    for house in (rows.far, rows.other):
        house.latitude = house.longitude = None
        house.save()
    plan = computed(make_plan(rows))
    assert plan.state == Plan.State.DONE, plan.failure
    assert any("Koordinaten" in said and "Beispiel-Kita Fern" in said for said in plan.answer["messages"])
    assert {row["institution"] for row in plan.answer["slots"]} == {rows.near.pk}


def test_contradictory_wishes_are_named(rows):
    said = failure(rows, wanted=(rows.far.pk,), excluded=(rows.far.pk,))
    assert "Beispiel-Kita Fern" in said


@pytest.mark.parametrize("wrong", [{"slot_minutes": 0}, {"money": -1}, {"floor_of_dates": -1}])
def test_numbers_out_of_range_are_refused(rows, wrong):
    assert failure(rows, **wrong).endswith(".")


def solver(tmp_path, monkeypatch, source: str) -> None:
    """Put another highspy before the real one, for the solver's process too."""
    (tmp_path / "highspy.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_missing_solver_is_said(rows, tmp_path, monkeypatch):
    solver(tmp_path, monkeypatch, "raise ImportError('No module named highspy')")
    assert "nicht installiert" in failure(rows)


def test_missing_arithmetic_is_said(rows, tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise ImportError('No module named numpy')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "nicht installiert" in failure(rows)


def test_the_site_starts_without_the_solvers_packages():
    source = (
        "import sys; sys.modules['numpy'] = sys.modules['highspy'] = None\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command; call_command('check')\n"
        "import beratung.urls, beratung.management.commands.plan_coverage"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "beratung.settings"}
    subprocess.run([sys.executable, "-c", source], cwd=settings.BASE_DIR, env=environment, check=True)


def test_a_solver_that_is_torn_away_takes_nothing_along(rows, tmp_path, monkeypatch):
    solver(tmp_path, monkeypatch, "import os; os.kill(os.getpid(), 9)")
    assert failure(rows) == SOLVER_FAILED


def test_a_long_computation_ends_at_once_when_somebody_stops_it(rows, tmp_path, monkeypatch):
    pid = tmp_path / "pid"
    solver(tmp_path, monkeypatch, f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    began = clock.monotonic()
    with pytest.raises(Stopped):
        solve_apart(prepare(rows.district, rows.asked).question, lambda said: not pid.exists())
    assert clock.monotonic() - began < 20
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
