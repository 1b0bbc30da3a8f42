"""Does accepting make exactly what the plan says, once, and does taking back leave what others have touched?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from appointments.coverage import CoverageState, TargetRule
from appointments.evidence import Evidence
from appointments.models import Slot
from budget.costs import Stage, account
from budget.models import CostLine, Plan
from budget.planning import compute
from budget.planning_accept import AcceptError, ChangedError, accept, take_back
from budget.pricing import Pricing, budget_and_lines, window
from tests import builders
from tests.planning_example import TODAY, make_plan, make_plannable

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    return make_plannable()


@pytest.fixture
def plan(rows):
    return computed(make_plan(rows))


def computed(plan: Plan) -> Plan:
    compute.func(plan.pk, str(plan.attempt))
    plan.refresh_from_db()
    assert plan.state == Plan.State.DONE, plan.failure
    return plan


def states(rows) -> set[CoverageState]:
    evidence = Evidence.load(rows.district, TODAY, TODAY)
    coverage = evidence.coverage(TODAY, TargetRule(frozenset({"kita"})))
    return {row.state for row in coverage.municipalities}


def planned(rows, kind: str | None = None):
    """Return what the committee's page shows as planned on the day: low, likely, high."""
    _, lines = budget_and_lines(rows.district, TODAY)
    evidence = Evidence.load(rows.district, *window(lines, TODAY))
    pricing = Pricing(evidence.slots, evidence.timetable, evidence.municipalities, TODAY)
    return account(pricing.lines(lines), Decimal(2000), TODAY).total(kind=kind, stage=Stage.PLANNED)


def nothing_was_made() -> bool:
    return not Slot.objects.exists() and not CostLine.objects.exists()


def test_accepting_closes_every_gap_with_a_proposal(rows, plan):
    assert states(rows) == {CoverageState.GAP}
    slots, lines = accept(plan=plan, today=TODAY)
    assert (slots, lines) == (2, CostLine.objects.count())
    assert states(rows) == {CoverageState.PROPOSED}
    assert all(slot.published_on is None and slot.proposed_on == TODAY for slot in Slot.objects.all())


@pytest.mark.parametrize("kind", ["travel", "rent", "equipment"])
def test_the_euro_table_is_what_the_budget_page_shows_to_the_cent(rows, plan, kind):
    accept(plan=plan, today=TODAY)
    shown, said = planned(rows, kind), plan.answer["cost"][kind]
    assert [shown.low, shown.likely, shown.high] == [Decimal(said[part]) / 100 for part in ("low", "likely", "high")]
    assert shown.likely > 0


def test_the_dates_of_the_extra_sum_are_accepted_only_where_asked_for(rows):
    plan = computed(make_plan(rows, extra_money=30_000))
    more = plan.answer["need"]["slots"]
    assert more
    alone = len(plan.answer["slots"])
    assert accept(plan=plan, today=TODAY)[0] == alone
    take_back(plan=plan, today=TODAY)
    plan.refresh_from_db()
    assert accept(plan=plan, today=TODAY, with_more=True)[0] == alone + len(more)
    expected = [sum(slot_cost(slot)) for slot in (*plan.answer["slots"], *more)]
    assert abs(planned(rows).likely * 100 - sum(expected)) <= len(expected)
    assert take_back(plan=plan, today=TODAY).slots == alone + len(more)


def slot_cost(slot) -> list[int]:
    return [slot["cost"][kind]["likely"] for kind in ("travel", "rent", "equipment")]


def test_a_plan_is_accepted_once(rows, plan):
    accept(plan=plan, today=TODAY)
    before = Slot.objects.count(), CostLine.objects.count()
    with pytest.raises(AcceptError, match="schon übernommen"):
        accept(plan=plan, today=TODAY)
    assert (Slot.objects.count(), CostLine.objects.count()) == before


def test_a_second_plan_from_the_same_data_is_refused_once_the_first_is_accepted(rows, plan):
    other = computed(make_plan(rows))
    accept(plan=plan, today=TODAY)
    with pytest.raises(ChangedError) as refused:
        accept(plan=other, today=TODAY)
    assert any("Gemeinde Beispieldorf Nah" in change for change in refused.value.changes)
    assert Slot.objects.count() == 2


def test_changed_data_are_named_and_nothing_is_written(rows, plan):
    rows.near.windows.all().delete()
    with pytest.raises(ChangedError) as refused:
        accept(plan=plan, today=TODAY)
    assert refused.value.changes == ["Einrichtung Beispiel-Kita Nah: entfallen"]
    assert nothing_was_made()


def test_money_spent_meanwhile_asks_to_compute_again(rows, plan):
    builders.make_cost_line(rows.budget, paid_on=TODAY, paid_eur=1, planned_on=TODAY)
    with pytest.raises(ChangedError) as refused:
        accept(plan=plan, today=TODAY)
    assert refused.value.changes == ["Restgeld des Ansatzes: geändert"]


def test_a_plan_whose_first_day_is_over_is_refused(rows, plan):
    with pytest.raises(AcceptError, match="ist vorbei"):
        accept(plan=plan, today=rows.asked.first_day + timedelta(days=1))
    assert nothing_was_made()


def test_a_plan_from_scratch_is_for_comparison_only(rows):
    with pytest.raises(AcceptError, match="zum Vergleichen"):
        accept(plan=computed(make_plan(rows, keeps_existing=False)), today=TODAY)


def test_a_plan_that_is_not_computed_is_refused(rows):
    with pytest.raises(AcceptError, match="noch nicht berechnet"):
        accept(plan=make_plan(rows), today=TODAY)


def test_without_a_budget_for_the_period_nothing_is_planned(rows, plan):
    rows.budget.last_day -= timedelta(days=1)
    rows.budget.save()
    with pytest.raises(AcceptError, match="Kein Ansatz"):
        accept(plan=plan, today=TODAY)
    assert nothing_was_made()


# Taking back


def test_taking_back_leaves_nothing_and_the_plan_can_be_accepted_again(rows, plan):
    accept(plan=plan, today=TODAY)
    taken = take_back(plan=plan, today=TODAY)
    assert (taken.slots, taken.kept) == (2, ())
    assert nothing_was_made()
    assert accept(plan=plan, today=TODAY)[0] == 2


def test_what_somebody_has_agreed_since_stays_with_its_costs(rows, plan):
    accept(plan=plan, today=TODAY)
    slot = Slot.objects.get(institution=rows.near)
    slot.agreed_on = TODAY
    slot.save()
    line = CostLine.objects.get(institution=rows.near, kind="rent")
    line.unit_likely_eur += 1
    line.save()
    taken = take_back(plan=plan, today=TODAY)
    assert taken.slots == 1
    assert [text.split(" ")[0] for text in taken.kept] == ["Termin", "Kostenposition"]
    assert set(Slot.objects.all()) == {slot}
    assert set(CostLine.objects.all()) == {line}


def test_an_exception_entered_for_one_day_keeps_the_slot(rows, plan):
    accept(plan=plan, today=TODAY)
    builders.make_exception(Slot.objects.get(institution=rows.far), rows.asked.first_day)
    assert take_back(plan=plan, today=TODAY).slots == 1


def test_what_was_proposed_on_an_earlier_day_is_withdrawn_and_not_forgotten(rows, plan):
    accept(plan=plan, today=TODAY)
    later = TODAY + timedelta(days=3)
    take_back(plan=plan, today=later)
    assert {slot.status_on(TODAY) for slot in Slot.objects.all()} == {Slot.Status.PROPOSED}
    assert {slot.status_on(later) for slot in Slot.objects.all()} == {Slot.Status.ENDED}


def test_only_an_accepted_plan_can_be_taken_back(plan):
    with pytest.raises(AcceptError, match="nicht übernommen"):
        take_back(plan=plan, today=TODAY)


# Two at once

ACCEPT = """
import os, sys, time, django
django.setup()
from datetime import date
from budget.models import Plan
from budget.planning_accept import AcceptError, accept
plan = Plan.objects.get(pk=int(sys.argv[1]))
while not os.path.exists(sys.argv[3]):
    time.sleep(0.005)
try:
    accept(plan=plan, today=date.fromisoformat(sys.argv[2]))
    print("won")
except AcceptError as error:
    print(error)
"""
PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from budget.planning import compute
from tests.planning_example import make_plan, make_plannable
plan = make_plan(make_plannable())
compute.func(plan.pk, str(plan.attempt))
print(plan.pk)
"""
COUNT = """
import django
django.setup()
from appointments.models import Slot
print(Slot.objects.count())
"""


def run(script: str, environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def own_database(tmp_path) -> Iterator[str]:
    """Yield the URL of an empty database of the same kind, which several processes can open."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/two.sqlite3"
        return
    name, server = f"two_{uuid4().hex}", connection.settings_dict
    login = f"{quote(server['USER'])}:{quote(server['PASSWORD'])}@" if server["USER"] else ""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"postgres://{login}{server['HOST']}:{server['PORT']}/{name}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_of_two_who_accept_at_once_one_wins(tmp_path, own_database):
    environment = {"DATABASE_URL": own_database, "DJANGO_SETTINGS_MODULE": "beratung.settings"}
    # Computed in a file that can be imported again: the solver's process starts from it.
    script = tmp_path / "prepare.py"
    script.write_text("import sys\nsys.path.insert(0, '.')\nif __name__ == '__main__':\n" + indented(PREPARE))
    made = subprocess.run(
        [sys.executable, str(script)],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    start = tmp_path / "start"
    both = [run(ACCEPT, environment, made.stdout.strip(), TODAY.isoformat(), str(start)) for _ in range(2)]
    start.touch()
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert said == ["Der Plan ist schon übernommen.", "won"]
    assert run(COUNT, environment).communicate(timeout=60)[0].strip() == "2"


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip().splitlines())
