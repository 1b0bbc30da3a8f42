"""Can two people together spend more than there is?"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction

from budget.costs import account
from budget.ledger import LedgerError, commit, pay, pay_part, refusal
from budget.models import BudgetAmendment, CostLine
from budget.pricing import without_quantity
from tests.builders import make_budget, make_cost_line, make_district, make_paper

DAY = date(2026, 6, 15)
EARLIER = date(2026, 3, 1)


@pytest.fixture
def budget(db):
    return make_budget(make_district(), ansatz_eur=Decimal(1000))


def amend(budget, amount, decided_on):
    paper = make_paper(budget.district)
    return BudgetAmendment.objects.create(budget=budget, paper=paper, amount_eur=amount, decided_on=decided_on)


def try_to_commit(line, amount, on=DAY):
    return commit(line=line.pk, amount_eur=Decimal(amount), on=on)


def test_the_last_cent_can_be_bound(budget):
    line = try_to_commit(make_cost_line(budget), "1000.00")
    line.refresh_from_db()
    assert (line.committed_on, line.committed_eur) == (DAY, Decimal("1000.00"))


def test_a_cent_more_is_refused_and_nothing_is_written(budget):
    line = make_cost_line(budget)
    with pytest.raises(LedgerError) as refused:
        try_to_commit(line, "1000.01")
    assert str(refused.value) == (
        "1.000,01\xa0€ können nicht gebunden werden: In „Beispielansatz 2026“ sind mit Nachträgen "
        "noch 1.000,00\xa0€ frei. Mehr geht erst mit einem Nachtrag."
    )
    line.refresh_from_db()
    assert line.committed_on is None


def test_half_a_cent_is_rounded_before_it_is_compared(budget):
    with pytest.raises(LedgerError):
        try_to_commit(make_cost_line(budget), "1000.005")
    assert try_to_commit(make_cost_line(budget), "1000.004").committed_eur == Decimal("1000.00")


def test_what_others_bound_or_paid_is_gone(budget):
    make_cost_line(budget, committed_on=EARLIER, committed_eur=Decimal(300))
    make_cost_line(budget, committed_on=EARLIER, committed_eur=Decimal(500), paid_on=DAY, paid_eur=Decimal(450))
    make_cost_line(budget)  # planned only: takes nothing
    line = make_cost_line(budget)
    with pytest.raises(LedgerError, match="noch 250,00"):
        try_to_commit(line, "250.01")
    assert try_to_commit(line, "250").committed_eur == Decimal(250)


def test_what_is_bound_for_a_later_day_is_gone_already(budget):
    make_cost_line(budget, committed_on=date(2026, 12, 1), committed_eur=Decimal(900))
    with pytest.raises(LedgerError):
        try_to_commit(make_cost_line(budget), "101")


def test_another_budget_lends_nothing(budget):
    make_budget(budget.district, 2025)
    with pytest.raises(LedgerError):
        try_to_commit(make_cost_line(budget), "1001")


def test_an_amendment_counts_from_its_day(budget):
    amend(budget, Decimal(500), DAY)
    line = make_cost_line(budget)
    with pytest.raises(LedgerError):
        try_to_commit(line, "1500", on=date(2026, 6, 14))
    assert try_to_commit(line, "1500", on=DAY).committed_eur == 1500


def test_a_cut_counts_before_its_day(budget):
    amend(budget, Decimal(-400), date(2026, 9, 1))
    with pytest.raises(LedgerError, match="noch 600,00"):
        try_to_commit(make_cost_line(budget), "601")


def test_a_commitment_is_replaced_not_added(budget):
    line = try_to_commit(make_cost_line(budget), "800")
    assert try_to_commit(line, "1000").committed_eur == 1000


def test_a_commitment_may_become_less_even_where_the_money_is_gone(budget):
    line = try_to_commit(make_cost_line(budget), "800")
    pay(line=make_cost_line(budget).pk, amount_eur=Decimal(900), on=DAY)
    assert try_to_commit(line, "700").committed_eur == 700
    with pytest.raises(LedgerError):
        try_to_commit(line, "700.01")


def test_a_paid_line_is_not_bound_again(budget):
    line = make_cost_line(budget, paid_on=DAY, paid_eur=Decimal(5))
    with pytest.raises(LedgerError, match="schon bezahlt"):
        try_to_commit(line, "5")


def test_nothing_is_bound_before_it_is_planned(budget):
    line = make_cost_line(budget, planned_on=DAY)
    with pytest.raises(LedgerError, match="bevor sie geplant ist"):
        try_to_commit(line, "5", on=date(2026, 6, 14))
    assert try_to_commit(line, "5", on=DAY).committed_on == DAY


@pytest.mark.parametrize("act", [commit, pay])
def test_a_negative_amount_is_refused(budget, act):
    with pytest.raises(LedgerError, match="nicht negativ"):
        act(line=make_cost_line(budget).pk, amount_eur=Decimal(-1), on=DAY)


def test_a_payment_is_recorded_even_above_the_money(budget):
    line = make_cost_line(budget)
    over = pay(line=line.pk, amount_eur=Decimal("1200.50"), on=DAY, voucher="Beispiel-Beleg 1")
    line.refresh_from_db()
    assert over == Decimal("200.50")
    assert (line.paid_on, line.paid_eur, line.voucher) == (DAY, Decimal("1200.50"), "Beispiel-Beleg 1")


def test_a_payment_within_the_money_exceeds_it_by_nothing(budget):
    assert pay(line=make_cost_line(budget).pk, amount_eur=Decimal(1000), on=DAY) == 0


def test_nothing_is_paid_before_it_is_bound(budget):
    line = make_cost_line(budget, committed_on=DAY, committed_eur=Decimal(5))
    with pytest.raises(LedgerError, match="bevor sie geplant oder gebunden ist"):
        pay(line=line.pk, amount_eur=Decimal(5), on=date(2026, 6, 14))
    assert pay(line=line.pk, amount_eur=Decimal(5), on=DAY) == 0


def test_a_form_can_ask_before_it_saves(budget):
    make_cost_line(budget, committed_on=EARLIER, committed_eur=Decimal(300))
    assert refusal(budget=budget.pk, amount_eur=Decimal(700), on=DAY) == ""
    assert "noch 700,00" in refusal(budget=budget.pk, amount_eur=Decimal("700.01"), on=DAY)


@pytest.mark.django_db(transaction=True)
def test_a_budget_is_not_asked_outside_a_transaction():
    budget = make_budget(make_district())
    with pytest.raises(transaction.TransactionManagementError):
        refusal(budget=budget.pk, amount_eur=Decimal(1), on=DAY)


@pytest.fixture
def several_connections(transactional_db, tmp_path):
    """Let every thread have a connection of its own: SQLite's test database in memory moves to a file for that."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    path = str(tmp_path / "ledger.sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [path])
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    connection.connection, connection.settings_dict["NAME"] = None, path
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = in_memory, name


@pytest.mark.usefixtures("several_connections")
def test_of_two_who_bind_the_last_money_at_once_exactly_one_wins():
    budget = make_budget(make_district(), ansatz_eur=Decimal(1000))
    for _ in range(5):
        lines = [make_cost_line(budget), make_cost_line(budget)]
        results = at_once(lines, Decimal(600))
        assert sorted(results) == ["gebunden", "verweigert"]
        assert CostLine.objects.filter(committed_on__isnull=False).count() == 1
        CostLine.objects.all().delete()


def at_once(lines: list[CostLine], amount: Decimal) -> list[str]:
    """Return what became of binding the amount for each line, all from connections of their own at the same moment."""
    start = Barrier(len(lines))

    def bind(line: CostLine) -> str:
        try:
            connection.ensure_connection()
            start.wait(timeout=10)
            commit(line=line.pk, amount_eur=amount, on=DAY)
        except LedgerError:
            return "verweigert"
        finally:
            connection.close()
        return "gebunden"

    with ThreadPoolExecutor(len(lines)) as people:
        return list(people.map(bind, lines))


# Part payments


@pytest.mark.django_db
def test_a_part_payment_leaves_the_sum_of_every_day_as_it_was():
    budget = make_budget(make_district(), ansatz_eur=1000)
    row = make_cost_line(
        budget,
        planned_on=date(2026, 1, 5),
        unit_low_eur=900,
        unit_likely_eur=950,
        unit_high_eur=1000,
        committed_on=date(2026, 2, 1),
        committed_eur=Decimal("1000.00"),
    )
    days = [date(2026, 1, 4), date(2026, 1, 5), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1)]
    before = [total_on(budget, day) for day in days]
    part = pay_part(line=row.pk, amount_eur=Decimal("400.00"), on=date(2026, 3, 2), voucher="B-1")
    assert [total_on(budget, day) for day in days] == before
    row.refresh_from_db()
    assert (row.committed_eur, row.paid_on, part.paid_eur, part.voucher) == (Decimal(600), None, Decimal(400), "B-1")
    assert total_on(budget, date(2026, 3, 2)) == Decimal(1000)


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0", "0.004", "1000", "1000.01", "-1"])
def test_a_part_is_more_than_nothing_and_less_than_all(amount):
    row = make_cost_line(make_budget(make_district()), committed_on=date(2026, 2, 1), committed_eur=Decimal(1000))
    with pytest.raises(LedgerError, match="Ein Teil liegt zwischen"):
        pay_part(line=row.pk, amount_eur=Decimal(amount), on=date(2026, 3, 2))
    assert CostLine.objects.count() == 1


@pytest.mark.django_db
def test_only_what_is_bound_and_not_yet_paid_is_paid_in_parts():
    budget = make_budget(make_district())
    planned = make_cost_line(budget)
    with pytest.raises(LedgerError, match="Bitte erst binden"):
        pay_part(line=planned.pk, amount_eur=Decimal(1), on=date(2026, 3, 2))
    bound = make_cost_line(budget, committed_on=date(2026, 2, 1), committed_eur=Decimal(1000))
    with pytest.raises(LedgerError, match="nicht vor der Bindung"):
        pay_part(line=bound.pk, amount_eur=Decimal(1), on=date(2026, 1, 31))
    pay(line=bound.pk, amount_eur=Decimal(1000), on=date(2026, 3, 1))
    with pytest.raises(LedgerError, match="schon bezahlt"):
        pay_part(line=bound.pk, amount_eur=Decimal(1), on=date(2026, 3, 2))


def total_on(budget, day):
    return account([without_quantity_of_one(row, day) for row in budget.lines.all()], Decimal(1000), day).total().likely


def without_quantity_of_one(row, day):
    return replace(without_quantity(row, day), quantity=Decimal(1))
