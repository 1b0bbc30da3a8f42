"""Is the euro arithmetic right to the cent?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.costs import NOTHING, Account, Line, Range, Stage, account, months_between, rounded

DAY = date(2026, 6, 15)
EUROS = st.decimals(min_value=0, max_value=10_000, places=4)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def euro(amount: str) -> Decimal:
    return Decimal(amount)


def line(**given: object) -> Line:
    plain = Line(
        key=1,
        kind="rent",
        quantity=Decimal(2),
        unit=Range(euro("90"), euro("95"), euro("110")),
        planned_on=date(2026, 1, 1),
    )
    return replace(plain, **given)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("1.015", "1.02"), ("2.675", "2.68"), ("-0.005", "-0.01"), ("7", "7.00")],
)
def test_half_a_cent_is_rounded_away_from_zero(amount, cents):
    assert rounded(euro(amount)) == euro(cents)


def test_a_line_is_rounded_once_not_price_by_price():
    third = line(quantity=Decimal(3), unit=Range(euro("0.333"), euro("0.335"), euro("0.335")))
    assert third.planned == Range(euro("1.00"), euro("1.01"), euro("1.01"))


def test_a_line_counts_from_the_day_it_was_planned():
    assert line().stage_on(date(2025, 12, 31)) is None
    assert line().amount_on(date(2025, 12, 31)) == NOTHING
    assert line().stage_on(date(2026, 1, 1)) is Stage.PLANNED


def test_a_line_counts_once_at_the_last_stage_reached():
    row = line(committed_on=DAY, committed_eur=euro("180"), paid_on=date(2026, 7, 1), paid_eur=euro("175.50"))
    assert row.amount_on(date(2026, 6, 14)) == Range(euro("180"), euro("190"), euro("220"))
    assert row.amount_on(DAY) == Range.exactly(euro("180"))
    assert row.amount_on(date(2026, 6, 30)) == Range.exactly(euro("180"))
    assert row.amount_on(date(2026, 7, 1)) == Range.exactly(euro("175.50"))


def test_a_payment_needs_no_commitment_before_it():
    row = line(paid_on=DAY, paid_eur=euro("42"))
    assert row.stage_on(date(2026, 6, 14)) is Stage.PLANNED
    assert row.stage_on(DAY) is Stage.PAID


def test_an_unknown_quantity_is_counted_and_not_taken_for_zero():
    found = account([line(quantity=None), line(quantity=None, kind="travel"), line()], euro("1000"), DAY)
    assert found.unknown == {"rent": 1, "travel": 1}
    assert found.total(stage=Stage.PLANNED).likely == euro("190")


def test_an_unknown_quantity_no_longer_matters_once_it_is_paid():
    found = account([line(quantity=None, paid_on=DAY, paid_eur=euro("5"))], euro("1000"), DAY)
    assert found.unknown == {}
    assert found.total().likely == euro("5")


def test_a_quantity_of_zero_costs_nothing_and_is_known():
    found = account([line(quantity=Decimal(0))], euro("1000"), DAY)
    assert found.unknown == {}
    assert found.total() == NOTHING


def test_the_last_cent_may_be_spent():
    spent = line(paid_on=DAY, paid_eur=euro("1000"))
    assert not account([spent], euro("1000"), DAY).is_overspent
    assert account([spent], euro("1000"), DAY).left == 0
    assert account([spent], euro("999.99"), DAY).is_overspent


def test_plans_may_use_the_last_cent_before_they_exceed_the_money():
    assert not account([line()], euro("190"), DAY).is_overplanned
    assert account([line()], euro("189.99"), DAY).is_overplanned


def test_what_is_committed_is_no_longer_free():
    lines = [line(committed_on=DAY, committed_eur=euro("180")), line(paid_on=DAY, paid_eur=euro("20")), line()]
    assert account(lines, euro("1000"), DAY).left == euro("800")


def test_months_touched_are_paid_whole():
    assert months_between(date(2026, 1, 31), date(2026, 2, 1)) == 2
    assert months_between(date(2026, 1, 1), date(2026, 12, 31)) == 12
    assert months_between(date(2025, 12, 31), date(2026, 1, 1)) == 2
    assert months_between(date(2026, 3, 1), date(2026, 3, 1)) == 1
    assert months_between(date(2026, 3, 2), date(2026, 3, 1)) == 0


@st.composite
def lines(draw: st.DrawFn) -> Line:
    low, likely, high = sorted(draw(st.tuples(EUROS, EUROS, EUROS)))
    committed_on = draw(st.none() | DAYS)
    paid_on = draw(st.none() | DAYS)
    return Line(
        key=1,
        kind=draw(st.sampled_from(["travel", "equipment", "rent", "other"])),
        quantity=draw(st.none() | st.decimals(min_value=0, max_value=100, places=3)),
        unit=Range(low, likely, high),
        planned_on=draw(DAYS),
        committed_on=committed_on,
        committed_eur=draw(EUROS) if committed_on else None,
        paid_on=paid_on,
        paid_eur=draw(EUROS) if paid_on else None,
    )


def check_totals(rows: list[Line], found: Account) -> None:
    printed = [amount for row in rows if (amount := row.amount_on(DAY)) is not None]
    assert found.total().likely == sum(amount.likely for amount in printed)
    assert found.total().low == sum(amount.low for amount in printed)
    assert found.total().high == sum(amount.high for amount in printed)
    assert len(rows) - len(printed) == sum(found.unknown.values())


@given(st.lists(lines(), max_size=12))
def test_totals_are_the_sums_of_the_printed_lines(rows):
    found = account(rows, euro("10000"), DAY)
    check_totals(rows, found)
    assert found.total().likely == sum((found.total(stage=stage).likely for stage in Stage), Decimal(0))
    assert found.total().likely == sum(found.total(kind=k).likely for k in ("travel", "equipment", "rent", "other"))
    assert found.left == found.available - found.spoken_for
