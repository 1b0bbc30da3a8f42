"""Can staff keep papers and money, and is a commitment beyond the money refused at its field?"""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budget.models import (
    Budget,
    BudgetAmendment,
    Consultation,
    CostLine,
    Pilot,
    Plan,
    Target,
    TravelRate,
)
from tests.builders import (
    make_budget,
    make_committee,
    make_cost_line,
    make_district,
    make_institution,
    make_municipality,
    make_paper,
    make_slot,
    make_target,
)
from tests.typed import stand

pytestmark = pytest.mark.django_db

ADD = "/admin/budget/costline/add/"


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


@pytest.fixture
def budget():
    return make_budget(make_district(), ansatz_eur=Decimal(1000))


def typed(budget, **fields):
    return {
        "budget": budget.pk,
        "kind": "other",
        "description": "Beispielkosten",
        "basis": "one_off",
        "quantity": "1",
        "unit_likely_eur": "100",
        "planned_on": "01.01.2026",
    } | fields


def errors_of(response):
    form = response.context["adminform"].form
    return {
        name: [text.replace("\N{NO-BREAK SPACE}", " ") for text in messages] for name, messages in form.errors.items()
    }


def said(response):
    return [str(message).replace("\N{NO-BREAK SPACE}", " ") for message in get_messages(response.wsgi_request)]


def test_the_last_euro_can_be_bound(desk, budget):
    response = desk.post(ADD, typed(budget, committed_on="01.02.2026", committed_eur="1000,00"))
    assert response.status_code == 302, errors_of(response)
    assert CostLine.objects.get().committed_eur == 1000


def test_a_cent_too_much_is_refused_at_the_amount(desk, budget):
    response = desk.post(ADD, typed(budget, committed_on="01.02.2026", committed_eur="1000,01"))
    (message,) = errors_of(response)["committed_eur"]
    assert message.startswith("1.000,01 € können nicht gebunden werden")
    assert not CostLine.objects.exists()


def test_what_is_already_bound_does_not_block_editing_the_rest(desk, budget):
    line = make_cost_line(budget, committed_on=date(2026, 2, 1), committed_eur=Decimal(1000))
    Budget.objects.update(ansatz_eur=Decimal(500))
    address = reverse("admin:budget_costline_change", args=[line.pk])
    response = desk.post(
        address,
        typed(budget, committed_on="01.02.2026", committed_eur="1000,00", voucher="Beleg 1") | stand(desk, address),
    )
    assert response.status_code == 302, errors_of(response)


def test_moving_a_commitment_to_a_budget_without_money_is_refused(desk, budget):
    line = make_cost_line(budget, committed_on=date(2026, 2, 1), committed_eur=Decimal(1000))
    poor = make_budget(budget.district, 2027, ansatz_eur=Decimal(10))
    address = reverse("admin:budget_costline_change", args=[line.pk])
    response = desk.post(
        address, typed(poor, committed_on="01.02.2026", committed_eur="1000,00") | stand(desk, address)
    )
    assert list(errors_of(response)) == ["committed_eur"]


def test_a_payment_beyond_the_money_is_recorded_and_flagged(desk, budget):
    response = desk.post(ADD, typed(budget, paid_on="01.03.2026", paid_eur="1200,50"))
    assert response.status_code == 302, errors_of(response)
    assert said(response)[0] == "Überplanmäßig: „Beispielansatz 2026“ ist um 200,50 € überschritten."


def test_what_was_bound_beyond_the_money_does_not_stop_its_payment(desk, budget):
    fields = {"committed_on": "01.02.2026", "committed_eur": "1200", "paid_on": "01.03.2026", "paid_eur": "1200"}
    assert desk.post(ADD, typed(budget, **fields)).status_code == 302


def test_a_commitment_may_grow_into_what_is_left(desk, budget):
    line = make_cost_line(budget, committed_on=date(2026, 2, 1), committed_eur=Decimal(600))
    address = reverse("admin:budget_costline_change", args=[line.pk])
    response = desk.post(address, typed(budget, committed_on="01.02.2026", committed_eur="1000") | stand(desk, address))
    assert response.status_code == 302, errors_of(response)


def test_a_payment_within_the_money_is_not_flagged(desk, budget):
    response = desk.post(ADD, typed(budget, paid_on="01.03.2026", paid_eur="1000,00"))
    assert len(said(response)) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"committed_on": "01.02.2026"}, "Zu einer Bindung gehören Tag und Betrag."),
        ({"paid_eur": "5"}, "Zu einer Zahlung gehören Tag und Betrag."),
        (
            {"committed_on": "31.12.2025", "committed_eur": "5"},
            "Die Reihenfolge ist: geplant, gebunden, verausgabt.",
        ),
        (
            {"unit_low_eur": "101"},
            "Der niedrige Preis liegt nicht über dem wahrscheinlichen, der hohe nicht darunter.",
        ),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(desk, budget, fields, message):
    assert errors_of(desk.post(ADD, typed(budget, **fields))) == {"__all__": [message]}


def test_a_target_is_entered_with_checkboxes(desk):
    target = make_target(make_paper(make_district()))
    address = reverse("admin:budget_target_change", args=[target.pk])
    fields = {
        "paper": target.paper_id,
        "quote": target.quote,
        "minimum_institutions": "1",
        "first_day": "01.01.2014",
    }
    assert (
        desk.post(address, fields | {"qualifying_kinds": ["school", "kita"]} | stand(desk, address)).status_code == 302
    )
    assert Target.objects.get().qualifying_kinds == ["school", "kita"]
    response = desk.post(address, fields | stand(desk, address))
    assert errors_of(response) == {"qualifying_kinds": ["Bitte mindestens eine Art von Einrichtung ankreuzen."]}


def test_overlapping_budgets_are_refused_at_their_first_day(desk, budget):
    fields = {
        "district": budget.district_id,
        "name": "Beispielansatz",
        "first_day": "31.12.2026",
        "last_day": "31.12.2027",
        "ansatz_eur": "1",
        "amendments-TOTAL_FORMS": "0",
        "amendments-INITIAL_FORMS": "0",
    }
    (message,) = errors_of(desk.post("/admin/budget/budget/add/", fields))["first_day"]
    assert message.startswith("Der Zeitraum überschneidet sich")


@pytest.mark.parametrize(
    ("stage", "given"),
    [
        ("planned", {}),
        ("committed", {"committed_on": date(2026, 2, 1), "committed_eur": 1}),
        ("paid", {"committed_on": date(2026, 2, 1), "committed_eur": 1, "paid_on": date(2026, 2, 2), "paid_eur": 1}),
    ],
)
def test_the_filter_knows_the_last_stage_a_line_reached(desk, budget, stage, given):
    make_cost_line(budget, **given)
    for value in ("planned", "committed", "paid"):
        shown = desk.get(reverse("admin:budget_costline_changelist"), {"stand": value}).context["cl"].result_count
        assert shown == (value == stage)


def test_a_budget_with_lines_cannot_be_deleted_and_the_page_says_so(desk, budget):
    make_cost_line(budget)
    address = reverse("admin:budget_budget_delete", args=[budget.pk])
    shown = desk.get(address, follow=True)
    assert "1 Kostenposition" in " ".join(str(one) for one in get_messages(shown.wsgi_request)) + shown.content.decode()
    assert desk.post(address, {"post": "yes"}).status_code < 500
    assert Budget.objects.exists()


@pytest.fixture
def rows(budget):
    district, institution = budget.district, make_institution()
    for number in range(10):
        paper = make_paper(district)
        make_target(paper)
        committee = make_committee(district)
        Consultation.objects.create(paper=paper, committee=committee)
        Pilot.objects.create(
            paper=paper, name="Beispielversuch", model="team", municipality=make_municipality(district)
        )
        BudgetAmendment.objects.create(budget=budget, paper=paper, amount_eur=1, decided_on=date(2026, 5, 1))
        make_cost_line(budget, slot=make_slot(institution), institution=institution)
        make_budget(district, 2030 + number, paper=paper)
        TravelRate.objects.create(
            jurisdiction="DE-NI", name="Beispielsatz", eur_per_km=Decimal("0.30"), source="Beispiel"
        )
        Plan.objects.create(district=district, name="Beispielplan", question={})


@pytest.mark.parametrize(
    "model",
    [
        "budget",
        "budgetamendment",
        "committee",
        "consultation",
        "costline",
        "paper",
        "pilot",
        "plan",
        "target",
        "travelrate",
    ],
)
def test_a_list_needs_few_queries_however_many_rows(desk, rows, model):
    with CaptureQueriesContext(connection) as queries:
        response = desk.get(reverse(f"admin:budget_{model}_changelist"))
    assert response.context["cl"].result_count >= 10
    assert len(queries) <= 12


# Part payments


@pytest.fixture
def bound(budget):
    return make_cost_line(budget, quantity=1, committed_on=date(2026, 2, 1), committed_eur=Decimal(900))


def send_part(desk, line, **fields):
    known = typed(line.budget, committed_on="01.02.2026", committed_eur="900", unit_likely_eur=line.unit_likely_eur)
    known |= {"description": line.description, "kind": line.kind, "planned_on": f"{line.planned_on:%d.%m.%Y}"}
    address = f"/admin/budget/costline/{line.pk}/change/"
    return desk.post(address, known | stand(desk, address) | fields)


def test_a_part_payment_splits_the_line_at_the_desk(desk, bound):
    assert send_part(desk, bound, part_on="02.03.2026", part_eur="400", part_voucher="B-7").status_code == 302
    bound.refresh_from_db()
    assert (bound.committed_eur, bound.paid_on) == (Decimal(500), None)
    part = CostLine.objects.exclude(pk=bound.pk).get()
    assert (part.paid_eur, part.paid_on, part.voucher) == (Decimal(400), date(2026, 3, 2), "B-7")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"part_on": "02.03.2026", "part_eur": "900"}, "Ein Teil liegt zwischen"),
        ({"part_on": "", "part_eur": "400"}, "gehört der Tag"),
        ({"part_on": "31.01.2026", "part_eur": "400"}, "nicht vor der Bindung"),
        ({"part_on": "02.03.2026", "part_eur": "400", "committed_eur": "800"}, "erst die Position speichern"),
    ],
)
def test_what_is_no_part_is_refused_at_its_field(desk, bound, fields, said):
    answer = send_part(desk, bound, **fields)
    assert said in str(answer.context["adminform"].form.errors["part_eur"])
    assert CostLine.objects.count() == 1
