"""Does the quantity of a line follow from the dates?"""

from datetime import date, time
from decimal import Decimal

import pytest

from appointments.evidence import Evidence
from appointments.models import SlotException
from budget.costs import Line, Range
from budget.models import BudgetAmendment, CostLine
from budget.pricing import Pricing, budget_and_lines, window
from locations.geo import Point, road_km
from tests.builders import (
    make_budget,
    make_cost_line,
    make_counsellor,
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_paper,
    make_provider,
    make_service_point,
    make_slot,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 10)
BASE = Point(52.32, 10.23)
SCHOOL = Point(52.3, 10.2)
ALONE = 2 * road_km(BASE, SCHOOL)  # there and back, km

# February 2026 has four Tuesdays (3, 10, 17, 24) and no public holiday in Lower Saxony.
FEBRUARY = {"first_day": date(2026, 2, 1), "last_day": date(2026, 2, 28)}


@pytest.fixture
def district():
    return make_district()


@pytest.fixture
def budget(district):
    return make_budget(district)


@pytest.fixture
def house(district):
    return make_institution(make_municipality(district))


@pytest.fixture
def counsellor(district):
    return make_counsellor(make_provider(district), service_point=make_service_point(district))


def price(budget, day=DAY) -> dict[int, Line]:
    _, rows = budget_and_lines(budget.district, day)
    evidence = Evidence.load(budget.district, *window(rows, day))
    pricing = Pricing(evidence.slots, evidence.timetable, evidence.municipalities, day)
    return {line.key: line for line in pricing.lines(rows)}


def quantity(row, day=DAY) -> Decimal | None:
    return price(row.budget, day)[row.pk].quantity


def per(basis, budget, slot=None, **given):
    return make_cost_line(budget, **{"basis": basis, "slot": slot, "quantity": None} | FEBRUARY | given)


def per_km(budget, slot, **given):
    return per(CostLine.Basis.PER_KM, budget, slot, kind=CostLine.Kind.TRAVEL, **given)


def test_an_entered_quantity_is_taken(budget, house):
    assert quantity(per(CostLine.Basis.PER_DATE, budget, make_slot(house), quantity=Decimal(7))) == 7


def test_a_one_off_line_is_bought_once(budget):
    assert quantity(per(CostLine.Basis.ONE_OFF, budget)) == 1


def test_months_come_from_the_period_of_the_line_or_the_budget(budget):
    assert quantity(per(CostLine.Basis.PER_MONTH, budget, last_day=date(2026, 4, 1))) == 3
    assert quantity(per(CostLine.Basis.PER_MONTH, budget, first_day=None, last_day=None)) == 12


def test_dates_are_those_that_take_place(budget, house):
    slot = make_slot(house)
    row = per(CostLine.Basis.PER_DATE, budget, slot)
    assert quantity(row) == 4
    make_exception(slot, date(2026, 2, 10))
    make_exception(slot, date(2026, 2, 20), SlotException.Kind.EXTRA)
    make_exception(slot, date(2026, 2, 24))
    assert quantity(row) == 3


def test_both_ends_of_the_period_are_paid_for(budget, house):
    slot = make_slot(house)
    days = {"first_day": date(2026, 2, 3), "last_day": date(2026, 2, 24)}
    assert quantity(per(CostLine.Basis.PER_DATE, budget, slot, **days)) == 4
    inside = {"first_day": date(2026, 2, 4), "last_day": date(2026, 2, 23)}
    assert quantity(per(CostLine.Basis.PER_DATE, budget, slot, **inside)) == 2


def test_a_slot_that_was_not_proposed_yet_has_no_known_dates(budget, house):
    row = per(CostLine.Basis.PER_DATE, budget, make_slot(house, first_day=date(2026, 2, 2)))
    assert quantity(row, date(2026, 2, 1)) is None
    assert quantity(row, date(2026, 2, 2)) == 4


def test_a_later_withdrawal_does_not_rewrite_the_past(budget, house):
    row = per(CostLine.Basis.PER_DATE, budget, make_slot(house, withdrawn_on=date(2026, 2, 17)))
    assert quantity(row, date(2026, 2, 16)) == 4
    assert quantity(row, date(2026, 2, 17)) == 2


def test_a_line_per_date_without_a_slot_is_unknown(budget):
    assert quantity(per(CostLine.Basis.PER_DATE, budget)) is None


def test_kilometres_are_there_and_back_on_each_date(budget, house, counsellor):
    row = per_km(budget, make_slot(house, counsellors=[counsellor]))
    assert float(quantity(row)) == pytest.approx(4 * ALONE)


def test_a_second_slot_on_the_same_trip_shares_it(budget, house, counsellor):
    slot = make_slot(house, counsellors=[counsellor])
    other = make_slot(house, counsellors=[counsellor], start_time=time(9), end_time=time(10))
    assert float(quantity(per_km(budget, slot))) == pytest.approx(2 * ALONE)
    make_exception(other, date(2026, 2, 3))
    assert float(quantity(per_km(budget, slot))) == pytest.approx(2.5 * ALONE)


def test_each_counsellor_drives_a_tour_of_their_own(budget, house, counsellor, district):
    second = make_counsellor(
        counsellor.provider, service_point=make_service_point(district, latitude=52.3, longitude=10.2)
    )
    slot = make_slot(house, counsellors=[counsellor, second])
    assert float(quantity(per_km(budget, slot))) == pytest.approx(4 * ALONE)


def test_what_a_colleague_drives_on_the_same_day_is_not_shared(budget, house, counsellor, district):
    colleague = make_counsellor(counsellor.provider, service_point=make_service_point(district))
    make_slot(house, counsellors=[colleague], start_time=time(9), end_time=time(10))
    row = per_km(budget, make_slot(house, counsellors=[counsellor]))
    assert float(quantity(row)) == pytest.approx(4 * ALONE)


def test_a_confidential_address_is_driven_to_at_the_point_of_its_municipality(budget, district, counsellor):
    town = make_municipality(district, latitude=SCHOOL.latitude, longitude=SCHOOL.longitude)
    house = make_institution(town, address_is_public=False, latitude=52.9, longitude=9.0)
    assert float(quantity(per_km(budget, make_slot(house, counsellors=[counsellor])))) == pytest.approx(4 * ALONE)


def test_a_moved_date_is_driven_to_where_it_takes_place(budget, house, counsellor):
    slot = make_slot(house, counsellors=[counsellor])
    nowhere = make_institution(house.municipality, latitude=BASE.latitude, longitude=BASE.longitude)
    make_exception(slot, date(2026, 2, 3), SlotException.Kind.MOVED, new_institution=nowhere)
    assert float(quantity(per_km(budget, slot))) == pytest.approx(3 * ALONE)


def test_without_a_counsellor_the_way_is_unknown(budget, house):
    assert quantity(per_km(budget, make_slot(house))) is None


def test_without_a_service_point_the_way_is_unknown(budget, house, counsellor):
    homeless = make_counsellor(counsellor.provider)
    assert quantity(per_km(budget, make_slot(house, counsellors=[counsellor, homeless]))) is None


def test_without_the_point_of_a_house_on_the_tour_the_way_is_unknown(budget, house, counsellor):
    slot = make_slot(house, counsellors=[counsellor])
    somewhere = make_institution(house.municipality, latitude=None, longitude=None)
    make_slot(somewhere, counsellors=[counsellor], rule="FREQ=WEEKLY;BYDAY=WE")
    assert quantity(per_km(budget, slot)) is not None  # other days
    make_slot(somewhere, counsellors=[counsellor], start_time=time(9), end_time=time(10))
    assert quantity(per_km(budget, slot)) is None


def test_no_date_is_no_way(budget, house, counsellor):
    slot = make_slot(house, counsellors=[counsellor], last_day=date(2025, 12, 31))
    assert quantity(per_km(budget, slot)) == 0


def test_ways_cost_one_query_and_are_not_asked_for_what_is_paid(budget, house, counsellor, django_assert_num_queries):
    slot = make_slot(house, counsellors=[counsellor])
    row = per_km(budget, slot, paid_on=DAY, paid_eur=Decimal(5))
    evidence = Evidence.load(budget.district, *window([row], DAY))
    pricing = Pricing(evidence.slots, evidence.timetable, evidence.municipalities, DAY)
    with django_assert_num_queries(0):
        assert pricing.lines([row])[0].quantity is None
    row.paid_on = None
    with django_assert_num_queries(1):
        pricing.lines([row] * 10)


def test_a_price_without_a_range_is_certain(budget):
    row = make_cost_line(budget, unit_likely_eur=Decimal(95), unit_low_eur=Decimal(0))
    assert price(budget)[row.pk].unit == Range(Decimal(0), Decimal(95), Decimal(95))


@pytest.mark.parametrize("with_lines", [True, False])
def test_the_budget_of_a_day_is_the_one_whose_period_contains_it(budget, district, with_lines):
    before = make_budget(district, 2025)
    for row in (before, budget) if with_lines else ():
        make_cost_line(row)
    for day, wanted in ((date(2025, 12, 31), before), (date(2026, 1, 1), budget), (date(2026, 12, 31), budget)):
        found, rows = budget_and_lines(district, day)
        assert found == wanted
        assert [row.budget for row in rows] == [wanted] * with_lines
    assert budget_and_lines(district, date(2027, 1, 1)) == (None, [])


def test_the_budget_of_another_district_is_not_ours(budget):
    make_cost_line(budget)
    assert budget_and_lines(make_district(), DAY) == (None, [])


@pytest.mark.parametrize("with_line", [True, False])
def test_amendments_add_up_from_the_day_they_were_decided(budget, with_line):
    if with_line:
        make_cost_line(budget)
        make_cost_line(budget)
    for amount, decided_on in ((500, DAY), (-200, DAY), (1000, date(2026, 6, 1))):
        BudgetAmendment.objects.create(
            budget=budget, paper=make_paper(budget.district), amount_eur=amount, decided_on=decided_on
        )
    amended = [
        budget_and_lines(budget.district, day)[0].amended_eur
        for day in (date(2026, 1, 9), DAY, date(2026, 5, 31), date(2026, 6, 1))
    ]
    assert amended == [0, 300, 300, 1300]
