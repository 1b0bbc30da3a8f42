"""Are the models compared by the same days, and are small counts kept?"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from appointments.models import Attendance
from beratung.dashboard import dashboard
from budget.models import Pilot
from budget.pilots import Indicator
from tests.builders import (
    make_budget,
    make_cost_line,
    make_district,
    make_institution,
    make_municipality,
    make_paper,
    make_slot,
    make_target,
)

TODAY = date(2026, 9, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_district(slug="beispiel")


@pytest.fixture
def team(district):
    """Return the slot of a pilot; a plain one runs beside it."""
    paper = make_paper(district)
    make_target(paper)
    town = make_municipality(district)
    slot = make_slot(make_institution(town), first_day=date(2026, 9, 1))
    make_slot(make_institution(town), first_day=date(2026, 9, 8))
    pilot = Pilot.objects.create(paper=paper, name="Beispielteam", model="team", municipality=town)
    pilot.offers.add(slot.offer)
    return slot


def compared():
    return dashboard("beispiel", TODAY.isoformat(), TODAY).compared


def cells(indicator):
    return [cell.text for cell in compared().table.row(indicator).cells]


def count(slot, *conversations):
    for number, many in enumerate(conversations):
        Attendance.objects.create(slot=slot, day=date(2026, 9, 1) + timedelta(weeks=number), conversations=many)


def test_pilots_come_first_and_the_plain_slots_last(team):
    assert [model.name for model in compared().models] == ["Beispielteam", "Feste Termine"]
    assert cells(Indicator.DATES) == ["4 von 4", "3 von 3"]


def test_conversations_not_counted_are_unknown(team):
    assert cells(Indicator.CONVERSATIONS) == ["nicht bekannt", "nicht bekannt"]


def test_fewer_than_five_conversations_are_not_told(team, client):
    count(team, 3, 1)
    assert cells(Indicator.CONVERSATIONS)[0] == "unter 5"
    assert cells(Indicator.COST_PER_CONVERSATION)[0] == "nicht gezeigt"
    assert "unter 5" in client.get("/kreise/beispiel/", {"stichtag": "2026-09-24"}).content.decode()


def test_a_count_of_a_later_day_is_not_known_yet(team):
    count(team, 6)
    Attendance.objects.create(slot=team, day=date(2026, 9, 29), conversations=50)
    assert cells(Indicator.CONVERSATIONS)[0] == "6"


def test_the_dates_held_bear_their_part_of_a_line(team, district):
    budget = make_budget(district)
    make_cost_line(
        budget, slot=team, unit_likely_eur=Decimal(80), first_day=date(2026, 9, 1), last_day=date(2026, 10, 20)
    )
    assert cells(Indicator.COST) == ["40\xa0€", "nicht bekannt"]
    assert cells(Indicator.COST_PER_DATE)[0] == "10\xa0€"


def test_the_rent_of_a_house_is_shared_by_its_dates(team, district):
    make_slot(team.institution, first_day=date(2026, 9, 1), rule="FREQ=WEEKLY;BYDAY=WE")
    make_cost_line(
        make_budget(district),
        institution=team.institution,
        unit_likely_eur=Decimal(80),
        first_day=date(2026, 9, 1),
        last_day=date(2026, 9, 24),
    )
    assert cells(Indicator.COST) == ["40\xa0€", "40\xa0€"]


def test_costs_of_the_whole_belong_to_no_model(team, district):
    make_cost_line(make_budget(district))
    assert cells(Indicator.COST) == ["nicht bekannt", "nicht bekannt"]


def test_slots_without_a_line_of_their_own_are_said(team, district):
    make_slot(team.institution, team.offer, first_day=date(2026, 9, 2))
    make_cost_line(make_budget(district), slot=team)
    assert "1 von 2 bei Beispielteam." in compared().warnings[-1]


def test_a_slot_of_two_pilots_counts_once_and_is_said(team, district):
    first = Pilot.objects.get()
    second = Pilot.objects.create(paper=first.paper, name="Zweites", model="volunteer", municipality=first.municipality)
    second.offers.add(team.offer)
    assert cells(Indicator.DATES) == ["4 von 4", "0 von 0", "3 von 3"]
    assert compared().warnings[-1].startswith("Zweites: Ein Angebot gehört auch")
