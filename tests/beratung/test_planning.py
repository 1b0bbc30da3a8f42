"""Who may plan, what do the pages say in each state, and does every button do one thing?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from appointments.coverage import CoverageState
from appointments.models import Slot
from beratung.dashboard import dashboard
from beratung.peine.load import load_peine
from budget.models import CounsellorWindow, Plan
from budget.planning import SIGN_OF_LIFE, ask, compute, rest_of_the_year
from budget.planning_accept import accept
from budget.planning_asked import Asked
from budget.planning_money import budget_for, remaining_cents
from locations.models import District, DistrictStaff
from tests import builders
from tests.planning_example import make_plan, make_plannable

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    return make_plannable(timezone.localdate())


def account(name: str, *, may_plan: bool, district=None) -> Client:
    user = get_user_model().objects.create_user(name, password="beispiel-passwort")
    user.is_staff = True
    user.save()
    if may_plan:
        user.user_permissions.add(Permission.objects.get(codename="add_plan"))
    if district:
        DistrictStaff.objects.create(user=user, district=district)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(rows):
    return account("planung", may_plan=True, district=rows.district)


def pages(rows, plan) -> list[str]:
    slug = rows.district.slug
    return [
        reverse("plans", args=[slug]),
        reverse("new_plan", args=[slug]),
        reverse("compare_plans", args=[slug]) + f"?plan={plan.uuid}",
        reverse("plan", args=[slug, plan.uuid]),
    ]


def act(client: Client, plan: Plan, action: str, **data):
    return client.post(reverse("plan_action", args=[plan.district.slug, plan.uuid, action]), data, follow=True)


def computed(plan: Plan) -> Plan:
    compute.func(plan.pk, str(plan.attempt))
    plan.refresh_from_db()
    assert plan.state == Plan.State.DONE, plan.failure
    return plan


def text(response) -> str:
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


# Who may


def test_nobody_plans_without_an_account(rows):
    for address in pages(rows, make_plan(rows)):
        response = Client().get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


def test_an_account_without_the_right_is_refused_in_german(rows):
    plan = make_plan(rows)
    client = account("ohne-recht", may_plan=False, district=rows.district)
    for address in pages(rows, plan):
        response = client.get(address)
        assert response.status_code == 403
        assert "nur für Mitarbeitende" in text(response)
    assert act(client, plan, "abbrechen").status_code == 403


def test_the_right_holds_in_ones_own_district_only(rows):
    plan = make_plan(rows)
    client = account("nebenan", may_plan=True, district=builders.make_district())
    for address in pages(rows, plan):
        assert client.get(address).status_code == 403
    assert act(client, plan, "loeschen").status_code == 403
    assert Plan.objects.exists()


def test_a_plan_of_another_district_is_not_found_under_this_one(rows, desk):
    other = make_plan(make_plannable(timezone.localdate()))
    assert desk.get(reverse("plan", args=[rows.district.slug, other.uuid])).status_code == 404


def test_what_a_planner_sees_is_kept_nowhere(rows, desk):
    for address in pages(rows, computed(make_plan(rows))):
        assert "no-store" in desk.get(address)["Cache-Control"]


# The form


def form(rows, **changed):
    asked = rows.asked
    return {
        "name": "Beispielplan",
        "first_day": f"{asked.first_day:%d.%m.%Y}",
        "last_day": f"{asked.last_day:%d.%m.%Y}",
        "money_eur": "1500,50",
        "safety": "likely",
        "margin_percent": "10",
        "slot_minutes": "120",
        "rhythms": ["monthly", "weekly"],
        "floor_of_dates": "9",
        "extra_eur": "0",
        "keeps_existing": "on",
    } | changed


def test_the_form_proposes_the_rest_of_the_budget_and_its_money(rows, desk):
    page = text(desk.get(reverse("new_plan", args=[rows.district.slug])))
    assert "sind noch 2.000,00 € frei" in page
    assert 'value="2000' in page
    assert f'value="{rows.budget.last_day:%d.%m.%Y}"' in page


def test_a_question_is_queued_and_the_request_does_not_wait(rows, desk):
    response = desk.post(reverse("new_plan", args=[rows.district.slug]), form(rows))
    plan = Plan.objects.get()
    assert response["Location"] == reverse("plan", args=[rows.district.slug, plan.uuid])
    assert (plan.state, plan.question["money"], plan.created_by.username) == ("queued", 150_050, "planung")
    assert DBTaskResult.objects.ready().count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Bitte einen Namen eingeben."),
        ({"first_day": "31.02.2026"}, "Bitte einen Tag wie 24.09.2026 eingeben."),
        ({"last_day": "01.01.2020"}, "Der letzte Tag liegt vor dem ersten"),
        ({"first_day": "01.01.2020", "last_day": "31.12.2020"}, "Der Zeitraum ist schon vorbei."),
        ({"last_day": "01.01.2099"}, "höchstens anderthalb Jahre"),
        ({"money_eur": "viel"}, "Erlaubt ist ein Betrag von 0 bis 10 Millionen Euro"),
        ({"money_eur": "-1"}, "Erlaubt ist ein Betrag von 0 bis 10 Millionen Euro"),
        ({"money_eur": "10000000,01"}, "Erlaubt ist ein Betrag von 0 bis 10 Millionen Euro"),
        ({"slot_minutes": "14"}, "Erlaubt ist eine ganze Zahl von 15 bis 480 (Minuten)."),
        ({"slot_minutes": "481"}, "Erlaubt ist eine ganze Zahl von 15 bis 480 (Minuten)."),
        ({"floor_of_dates": "0"}, "Erlaubt ist eine ganze Zahl von 1 bis 52 (im Jahr)."),
        ({"margin_percent": "101"}, "Erlaubt ist eine ganze Zahl von 0 bis 100 (Prozent)."),
        ({"rhythms": []}, "Bitte mindestens einen Rhythmus ankreuzen."),
    ],
)
def test_nonsense_is_said_at_the_field_and_nothing_is_asked(rows, desk, wrong, said):
    response = desk.post(reverse("new_plan", args=[rows.district.slug]), form(rows, **wrong))
    assert response.status_code == 422
    assert said in text(response)
    assert not Plan.objects.exists()


def test_wishes_that_contradict_each_other_are_named(rows, desk):
    wishes = {"wanted": [rows.far.pk], "excluded": [rows.far.pk, rows.near.pk]}
    page = text(desk.post(reverse("new_plan", args=[rows.district.slug]), form(rows, **wishes)))
    assert "Das widerspricht sich: „Beispiel-Kita Fern“ auf jeden Fall und zugleich nicht." in page


def test_a_copy_asks_the_same_under_another_name(rows, desk):
    plan = make_plan(rows, money=12_345, excluded=(rows.far.pk,), only_step_free=True)
    page = text(desk.get(reverse("new_plan", args=[rows.district.slug]) + f"?wie={plan.uuid}"))
    assert "Beispielplan (Kopie)" in page
    assert 'value="123,45"' in page
    assert page.count("checked") >= 5


@pytest.mark.parametrize("like", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_copy_of_nothing_is_not_found(rows, desk, like):
    assert desk.get(reverse("new_plan", args=[rows.district.slug]) + f"?wie={like}").status_code == 404


# Waiting


def test_a_plan_under_way_lets_the_browser_ask_again_without_script(rows, desk):
    plan = make_plan(rows)
    address = reverse("plan", args=[rows.district.slug, plan.uuid])
    Plan.objects.update(
        state="running",
        heartbeat_at=timezone.now(),
        progress={"sentence": "Schritt.", "done": 3, "total": 8, "bound_text": "1,00 €", "gap_text": "12 %"},
    )
    response = desk.get(address)
    assert response["Refresh"] == "2"
    assert all(word in text(response) for word in ("Schritt.", "3 von 8", "1,00 €", "12 %", "Abbrechen"))
    assert "Refresh" not in desk.get(f"{address}?halten=1")
    listed = desk.get(reverse("plans", args=[rows.district.slug]))
    assert "Refresh" not in listed  # it would take away what somebody has just ticked
    assert "Gerade wird gerechnet." in text(listed)


def test_an_interrupted_plan_says_so_and_starts_again(rows, desk):
    plan = make_plan(rows)
    Plan.objects.update(state="running", heartbeat_at=timezone.now() - SIGN_OF_LIFE - timedelta(seconds=1))
    response = desk.get(reverse("plan", args=[rows.district.slug, plan.uuid]))
    assert "ist unterbrochen" in text(response)
    assert "Refresh" not in response
    act(desk, plan, "neu-starten")
    plan.refresh_from_db()
    assert plan.state == Plan.State.QUEUED


def test_a_running_plan_is_not_started_twice(rows, desk):
    plan = make_plan(rows)
    Plan.objects.update(state="running", heartbeat_at=timezone.now())
    act(desk, plan, "neu-starten")
    assert not DBTaskResult.objects.exists()


def test_cancelling_says_so(rows, desk):
    assert "Die Berechnung ist abgebrochen." in text(act(desk, make_plan(rows), "abbrechen"))
    assert Plan.objects.get().state == Plan.State.CANCELLED


def test_a_plan_that_waits_long_names_the_worker(rows, desk):
    plan = make_plan(rows)
    assert "db_worker" in text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))


def test_a_failure_is_a_sentence(rows, desk):
    plan = make_plan(rows)
    Plan.objects.update(state="failed", failure="Das ging nicht.")
    page = text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))
    assert "Das ging nicht." in page
    assert "Es wurde nichts geändert." in page


# The result


def test_the_result_says_what_it_costs_what_is_proven_and_why(rows, desk):
    plan = computed(make_plan(rows))
    page = text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))
    for word in (
        "reichen für alle 2 Gemeinden",
        "Kein anderer Plan schafft 2 Gemeinden für weniger Geld.",
        "bewiesen",
        "Beispiel-Kita Nah",
        "Beispiel-Fachkraft",
        "Weglassen spart",
        "Woche je Fachkraft",
        "Was kostet jede weitere Gemeinde?",
        "Was, wenn eine Einrichtung schließt?",
        "Plan als Vorschlag übernehmen",
    ):
        assert word in page, word


def test_a_reader_can_follow_the_proof(rows, desk):
    plan = computed(make_plan(rows, excluded=(rows.other.pk,)))
    page = text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))
    for word in (
        "So viele Gemeinden wie möglich",
        "im Jahr mindestens 9-mal wirklich stattfinden, in diesem Zeitraum mindestens 4-mal",
        "von 0,00 bis 0,25 Stunden 1,0 Punkte",
        "Hier ist kein zusätzlicher Betrag genannt.",
        "gewinnt der mit weniger Fahrten",
        "2 Gemeinden kosten mindestens",
        "mehr Gemeinden hat der Landkreis nicht",
        "<dt>Diese Einrichtungen nicht</dt><dd>Beispiel-Kita Ferner</dd>",
    ):
        assert word in page, word


def test_a_counsellors_week_shows_what_is_there_already(rows, desk):
    house = builders.make_institution(builders.make_municipality(rows.district, name="Beispieldorf Alt"))
    slot = builders.make_slot(institution=house, rule="FREQ=WEEKLY;BYDAY=TU", first_day=timezone.localdate())
    slot.counsellors.add(rows.first, rows.second)
    plan = computed(make_plan(rows))
    page = text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))
    assert "schon da: " in page
    plan.answer.pop("existing")  # as an older version kept it
    plan.save()
    assert "schon da: " not in text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))


def test_without_free_times_the_list_says_where_to_enter_them(rows, desk):
    address = reverse("plans", args=[rows.district.slug])
    assert "keine freien Zeiten" not in text(desk.get(address))
    CounsellorWindow.objects.all().delete()
    page = text(desk.get(address))
    assert "Es sind noch keine freien Zeiten eingetragen" in page
    assert reverse("admin:appointments_counsellor_changelist") in page
    assert reverse("admin:locations_institution_changelist") not in page


def test_the_start_page_of_the_administration_leads_to_the_planning(rows, desk):
    address = reverse("plans", args=[rows.district.slug])
    assert address in text(desk.get(reverse("admin:index")))
    assert address not in text(account("andere", may_plan=False, district=rows.district).get(reverse("admin:index")))


def test_notes_of_finished_computations_are_forgotten_after_two_weeks(rows, capsys):
    old, young = ask(district=rows.district, name="alt", asked=rows.asked), make_plan(rows)
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=timezone.now() - timedelta(days=14))
    ask(district=rows.district, name="neu", asked=rows.asked)
    call_command("delete_expired", dry_run=True)
    assert "Lange Aufgaben: 1 Vermerk ist 14 Tage alt oder älter." in capsys.readouterr().out
    call_command("delete_expired")
    assert "Lange Aufgaben: 1 Vermerk gelöscht" in capsys.readouterr().out
    assert DBTaskResult.objects.count() == 1
    assert Plan.objects.filter(pk__in=[old.pk, young.pk]).count() == 2


def test_a_gap_that_stays_says_why_and_what_is_missing(rows, desk):
    plan = computed(make_plan(rows, money=0))
    page = text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))
    assert "Kein neuer Termin möglich: 0 von 2 Gemeinden" in page
    assert page.count("fehlen mindestens") == 3
    assert "Für alle 2 Gemeinden fehlen mindestens" in page
    assert "eine Gemeinde mehr ist" not in page
    assert "Plan als Vorschlag übernehmen" not in page


def test_a_plan_whose_period_has_begun_offers_a_copy_and_no_accepting(rows, desk):
    plan = computed(make_plan(rows, first_day=timezone.localdate() - timedelta(days=7)))
    page = text(desk.get(reverse("plan", args=[rows.district.slug, plan.uuid])))
    assert "Der Zeitraum dieses Plans hat schon begonnen." in page
    assert "Plan als Vorschlag übernehmen" not in page


def test_the_list_needs_few_queries_however_many_plans(rows, desk):
    for _ in range(8):
        make_plan(rows)
    with CaptureQueriesContext(connection) as queries:
        desk.get(reverse("plans", args=[rows.district.slug]))
    assert len(queries) <= 12


def test_plans_stand_side_by_side(rows, desk):
    plans = [computed(make_plan(rows)), computed(make_plan(rows, excluded=(rows.far.pk,)))]
    address = reverse("compare_plans", args=[rows.district.slug])
    page = text(desk.get(address + "?" + "&".join(f"plan={plan.uuid}" for plan in plans)))
    assert "A, B" in page or (">A<" in page and ">B<" in page)
    assert "Beispiel-Kita Ferner" in page
    assert "mindestens einen berechneten Plan ankreuzen" in text(desk.get(address + "?plan=unsinn"))


# Buttons


def test_accepting_and_taking_back_are_one_click_each(rows, desk):
    plan = computed(make_plan(rows))
    page = text(act(desk, plan, "uebernehmen"))
    assert "Übernommen: 2 vorgeschlagene Termine und" in page
    assert Slot.objects.count() == 2
    committee = text(desk.get(reverse("district", args=[rows.district.slug])))
    assert "feste Termine erst vorgeschlagen" in committee
    assert "bitte erst zurücknehmen" in text(act(desk, plan, "loeschen")).lower()
    assert "Zurückgenommen: 2 Termine" in text(act(desk, plan, "zuruecknehmen"))
    assert not Slot.objects.exists()


def test_changed_data_are_named_on_the_page(rows, desk):
    plan = computed(make_plan(rows))
    CounsellorWindow.objects.all().delete()
    page = text(act(desk, plan, "uebernehmen"))
    assert "Bitte neu berechnen." in page
    assert "Fachkraft Beispiel-Fachkraft A: entfallen" in page
    assert not Slot.objects.exists()


def test_a_plan_is_renamed_and_deleted(rows, desk):
    plan = make_plan(rows)
    act(desk, plan, "umbenennen", name="Anders")
    assert Plan.objects.get().name == "Anders"
    act(desk, plan, "umbenennen", name="")
    assert Plan.objects.get().name == "Anders"
    act(desk, plan, "loeschen")
    assert not Plan.objects.exists()


def test_a_button_is_no_link(rows, desk):
    plan = make_plan(rows)
    assert desk.get(reverse("plan_action", args=[rows.district.slug, plan.uuid, "loeschen"])).status_code == 405


# The command


def test_the_command_prints_plan_cost_and_proof(rows, capsys):
    call_command("plan_coverage", rows.district.slug)
    said = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert "Gemeinden mit festem Termin: 2 von 2" in said
    assert "Nachweis: bewiesen" in said
    assert "Beispiel-Kita Nah" in said
    assert not Plan.objects.exists()
    assert not Slot.objects.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"euro": "viel"}, "ist kein Betrag"),
        ({"euro": "-1"}, "0 bis 10 Millionen"),
        ({"first": "gestern"}, "ist kein Tag"),
        ({"last": date(2099, 1, 1).isoformat()}, "Kein Ansatz umfasst den ganzen Zeitraum"),
    ],
)
def test_the_command_refuses_nonsense_in_german(rows, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("plan_coverage", rows.district.slug, **options)


def test_the_command_names_the_districts_it_knows(rows):
    with pytest.raises(CommandError, match=rf"Bekannt: {rows.district.slug}\."):
        call_command("plan_coverage", "nirgends")


# The example


DAY = date(2026, 9, 24)


def test_on_the_demo_the_planner_closes_the_gap_within_the_remaining_money():
    load_peine(day=DAY)
    district = District.objects.get(slug="peine")
    assert {row.municipality.name for row in gaps()} == {"Edemissen"}
    first, last = rest_of_the_year(district, DAY)
    left = remaining_cents(budget_for(district, first, last), DAY)
    asked = Asked(DAY, first, last, left)
    plan = computed(Plan.objects.create(district=district, name="Beispielplan", question=asked.stored()))
    assert plan.proof == Plan.Proof.OPTIMAL
    assert 0 < plan.answer["measured"] <= left
    before = dashboard("peine", "", DAY).money.total.planned
    accept(plan=plan, today=DAY)
    assert not gaps()
    after, cost = dashboard("peine", "", DAY).money.total.planned, plan.answer["cost"]
    for part in ("low", "likely", "high"):
        said = sum(cost[kind][part] for kind in ("travel", "rent", "equipment")) + plan.answer["existing_change"][part]
        assert getattr(after, part) - getattr(before, part) == Decimal(said) / 100


def gaps():
    return [row for row in dashboard("peine", "", DAY).rows if row.state is CoverageState.GAP]
