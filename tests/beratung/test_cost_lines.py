"""Do sums add up, and does nobody see amounts that are not theirs to see?"""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User

from beratung.cost_lines import costs
from locations.models import District, DistrictStaff
from tests.builders import (
    make_budget,
    make_cost_line,
    make_district,
    make_institution,
    make_municipality,
    make_offer,
    make_paper,
    make_provider,
    make_slot,
    make_target,
)

TODAY = date(2026, 9, 24)
URL = "/kreise/beispiel/kosten/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    district = make_district(slug="beispiel")
    make_target(make_paper(district))
    return district


@pytest.fixture
def lines(district):
    """Three municipalities: two providers in the first, one in each of the others."""
    budget = make_budget(district)
    for number, name in enumerate(["Adorf", "Adorf", "Bedorf", "Cedorf"]):
        town = district.municipalities.filter(name=name).first() or make_municipality(district, name=name)
        provider = make_provider(district, name=f"Beispiel-Träger {'ABCD'[number]}")
        slot = make_slot(make_institution(town), make_offer(provider))
        make_cost_line(
            budget,
            slot=slot,
            kind="travel",
            description=f"Beispielfahrt {number}",
            paid_on=date(2026, 3, 1),
            paid_eur=Decimal(f"{number + 1}00.77"),
        )
    make_cost_line(budget, kind="rent", description="Beispielmiete", unit_likely_eur=Decimal("50"))


def page(kind="", stage="", *, is_internal=False, day=TODAY):
    return costs("beispiel", day.isoformat(), kind, stage, TODAY, is_internal=is_internal)


@pytest.mark.parametrize("is_internal", [False, True])
def test_every_table_adds_up_to_the_whole(lines, is_internal):
    found = page(is_internal=is_internal)
    for table in (found.months, found.municipalities, *([found.providers, found.slots] if is_internal else [])):
        assert sum(one.total.likely for one in table) == found.total.total.likely == Decimal("1053.08")
        assert sum(one.positions for one in table) == found.total.positions == 5


def test_the_public_never_sees_the_sum_of_a_single_provider(lines):
    found = page()
    assert [one.label for one in found.municipalities] == [
        "Adorf",
        "Bedorf und Cedorf zusammen",
        "keiner Gemeinde zugeordnet",
    ]
    assert (found.providers, found.positions) == ((), ())


def test_a_single_provider_in_one_town_hides_among_another_town(lines, district):
    district.municipalities.get(name="Cedorf").institutions.get().slots.get().cost_lines.all().delete()
    assert [one.label for one in page().municipalities][0] == "Adorf und Bedorf zusammen"


def test_where_nobody_is_left_to_hide_among_the_rest_joins(lines, district):
    for name in ("Adorf", "Cedorf"):
        for house in district.municipalities.get(name=name).institutions.all():
            house.slots.get().cost_lines.all().delete()
    assert [one.label for one in page().municipalities] == ["Bedorf, und keiner Gemeinde zugeordnet"]


def test_those_allowed_see_every_municipality_and_line(lines):
    found = page(is_internal=True)
    assert [one.label for one in found.municipalities][:3] == ["Adorf", "Bedorf", "Cedorf"]
    assert len(found.positions) == 5


def test_a_part_is_told_to_the_public_as_one_sum(lines):
    found = page("travel", "paid")
    assert (found.total.positions, found.total.total.likely) == (4, Decimal("1003.08"))
    assert (found.months, found.municipalities) == ((), ())
    assert found.headline == "Fahrtkosten, bezahlt"


def test_the_figures_of_the_dashboard_are_those_behind_them(lines):
    from beratung.dashboard import dashboard

    money = dashboard("beispiel", TODAY.isoformat(), TODAY).money
    assert page().total.total.likely == money.total.total
    for row in money.rows:
        assert page(row.kind, "paid").total.paid.likely == row.paid
        assert page(row.kind).total.total.likely == row.total


def test_what_was_not_known_on_the_day_is_not_told(lines):
    assert page(day=date(2026, 2, 28)).total.paid.likely == 0
    assert page(day=date(2026, 3, 1)).total.paid.likely == Decimal("1003.08")


def test_nonsense_in_the_address_is_said(lines):
    assert page("gold", "paid").error == "„gold“ gibt es hier nicht. Gezeigt wird, was sich lesen ließ."


def read(client, **query):
    response = client.get(URL, {"stichtag": "2026-09-24"} | query)
    assert response.status_code == 200
    return response.content.decode(), response.headers.get("Cache-Control", "")


def test_the_public_page_names_no_line_and_no_provider(client, lines):
    for query in ({}, {"art": "travel"}, {"art": "travel", "stufe": "paid"}):
        html, cache = read(client, **query)
        for secret in ("Beispielfahrt", "Beispielmiete", "Beispiel-Träger", "100,77", "200,77", "300,77"):
            assert secret not in html
        assert "sehen nur angemeldete Mitglieder des Ausschusses" in html
        assert "no-store" not in cache


@pytest.mark.parametrize(
    ("is_staff", "group", "is_theirs", "sees"),
    [
        (True, "Redaktion", True, True),
        (True, "", True, False),
        (False, "Ausschuss", True, True),
        (False, "Ausschuss", False, False),
        (True, "Leitung", False, False),
        (False, "Andere", True, False),
    ],
)
def test_who_has_the_right_sees_the_lines_of_the_own_district_and_nothing_is_kept(
    client, lines, is_staff, group, is_theirs, sees
):
    user = User.objects.create_user("beispiel", is_staff=is_staff)
    district = District.objects.get(slug="beispiel") if is_theirs else make_district()
    DistrictStaff.objects.create(user=user, district=district)
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    client.force_login(user)
    html, cache = read(client)
    assert ("Beispielfahrt 1" in html, "Beispiel-Träger B" in html) == (sees, sees)
    assert {"private", "no-store"} <= set(cache.replace(",", "").split())
    for url in ("/kreise/beispiel/", "/kreise/beispiel/verlauf/", "/kreise/beispiel/bestand/"):
        assert "no-store" in client.get(url).headers["Cache-Control"]


def test_without_a_budget_the_page_says_so(client, district):
    assert "Für diesen Tag ist kein Haushaltsansatz eingetragen." in read(client)[0]
    make_budget(district)
    assert "alle Kosten: 0" in read(client)[0].replace("Alle", "alle")


@pytest.mark.parametrize("houses", [2, 20])
def test_fourteen_queries_are_enough_for_a_member(client, district, houses, django_assert_max_num_queries):
    budget = make_budget(district)
    for _ in range(houses):
        make_cost_line(
            budget, slot=make_slot(make_institution(make_municipality(district))), basis="per_km", quantity=None
        )
    user = User.objects.create_user("beispiel")
    user.groups.add(Group.objects.get(name="Ausschuss"))
    DistrictStaff.objects.create(user=user, district=district)
    client.force_login(user)
    with django_assert_max_num_queries(14):
        read(client)


def test_only_the_committee_sees_sums_by_slot_and_the_others_are_told_so(client, lines):
    assert page().slots == page().providers == ()
    assert len(page(is_internal=True).slots) == 5  # four slots, and the rent of none
    assert page(is_internal=True).slots[-1].label == "keinem festen Termin zugeordnet"
    public = read(client)[0]
    assert "Nach festem Termin" not in public
    assert "Träger und Termine sehen nur angemeldete Mitglieder des Ausschusses" in public
    member = User.objects.create_user("beispiel-mitglied")
    member.groups.add(Group.objects.get(name="Ausschuss"))
    DistrictStaff.objects.create(user=member, district=District.objects.get(slug="beispiel"))
    client.force_login(member)
    assert "Nach festem Termin" in read(client)[0]
