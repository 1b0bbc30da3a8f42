"""Does the start page of the administration tell what is to be done, and does each line lead to exactly those rows?"""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from beratung.desk_tasks import TASKS, Light
from beratung.templatetags.desk import start_page
from locations.models import Closure, DistrictStaff, DriveTime, ImportRun, Room, SchoolHoliday
from tests.builders import (
    make_budget,
    make_cost_line,
    make_counsellor,
    make_district,
    make_exception,
    make_institution,
    make_mistake_report,
    make_municipality,
    make_offer,
    make_paper,
    make_provider,
    make_service_point,
    make_slot,
    make_target,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)  # a Tuesday


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def district():
    """Return a district in which nothing is to be done: no municipality, holidays known as far as dates reach."""
    district = make_district()
    for year in (2026, 2027, 2028):
        SchoolHoliday.objects.create(
            federal_state="DE-NI",
            name="Sommerferien",
            first_day=date(year, 7, 1),
            last_day=date(year, 8, 12),
            source="Beispiel",
        )
    return district


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


@pytest.fixture
def house(district):
    return make_institution(make_municipality(district, name="Beispielhausen"))


def page_of(client):
    response = client.get("/admin/")
    page = start_page({"request": response.wsgi_request})
    shown = response.content.decode()
    assert page.headline in shown
    assert all(task.title in shown and (escape(task.url) in shown) == task.is_open for task in page.tasks)
    return page


def task_of(client, words):
    """Return the only line of the page with these words in its title."""
    [task] = [task for task in page_of(client).tasks if words in task.title]
    return task


def rows_behind(client, task):
    """Return the rows of the list the line leads to."""
    return list(client.get(task.url).context["cl"].queryset)


def fresh(**given):
    """Return a slot that was published three months ago."""
    stages = {"proposed_on": date(2020, 1, 1), "agreed_on": date(2026, 6, 1), "published_on": date(2026, 6, 1)}
    return make_slot(**stages | given)


# Nothing, and who sees what


@pytest.mark.usefixtures("district")
def test_where_nothing_is_to_be_done_the_page_says_so(desk):
    page = page_of(desk)
    assert page.headline == "Heute ist nichts zu tun"
    assert all(task.shown_light is Light.GREEN for task in page.tasks)
    assert "Schönen Tag!" in desk.get("/admin/").content.decode()


def test_an_account_without_rights_and_district_gets_a_page_without_tasks(client):
    client.force_login(get_user_model().objects.create_user("beispiel-gast", is_staff=True))
    page = page_of(client)
    assert (page.tasks, page.figures) == ((), ())
    assert page.headline == "Hier gibt es für dieses Konto nichts zu tun"


def test_only_the_tasks_of_the_own_district_are_counted_and_only_what_may_be_seen(client, house):
    fresh(institution=house, published_on=None)
    fresh(published_on=None)  # in another district
    account = get_user_model().objects.create_user("beispiel-redaktion", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=["change_slot", "view_slot"]))
    DistrictStaff.objects.create(user=account, district=house.municipality.district)
    client.force_login(account)
    task = task_of(client, "Vereinbarte Termine")
    assert task.count == 1
    assert [slot.institution for slot in rows_behind(client, task)] == [house]
    assert {task.url.split("?")[0] for task in page_of(client).tasks} == {"/admin/appointments/slot/"}


# Slots


@pytest.mark.parametrize(
    ("published_on", "confirmed_on", "counts"),
    [
        (date(2026, 3, 2), None, False),  # 183 days ago: half a year
        (date(2026, 3, 1), None, True),
        (date(2020, 1, 1), date(2026, 3, 2), False),
        (date(2020, 1, 1), date(2026, 3, 1), True),
        (date(2026, 9, 2), None, False),  # nobody can see it yet
    ],
)
def test_a_slot_nobody_vouched_for_in_half_a_year_waits_to_be_confirmed(
    desk, house, published_on, confirmed_on, counts
):
    slot = make_slot(house, published_on=published_on, agreed_on=date(2020, 1, 1))
    if confirmed_on:
        slot.confirmations.create(confirmed_on=confirmed_on)
    assert slot.is_unconfirmed_on(TODAY) == counts
    task = task_of(desk, "unbestätigt")
    assert task.count == counts
    assert rows_behind(desk, task) == [slot] * counts


def test_a_slot_that_is_over_needs_no_confirmation(desk, house):
    make_slot(house, last_day=date(2026, 8, 31))
    make_slot(house, withdrawn_on=TODAY)
    assert task_of(desk, "unbestätigt").count == 0


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"first_day": TODAY}, True),
        ({"first_day": date(2026, 9, 2)}, False),
        ({"agreed_on": None}, False),
        ({"agreed_on": date(2026, 9, 2)}, False),
        ({"published_on": date(2026, 9, 2)}, True),
        ({"published_on": TODAY}, False),
        ({"last_day": date(2026, 8, 31)}, False),
        ({"withdrawn_on": TODAY}, False),
    ],
)
def test_an_agreed_slot_whose_start_has_come_waits_to_be_published(desk, house, given, counts):
    proposed = {"first_day": date(2026, 7, 1), "published_on": None}
    slot = fresh(institution=house, **proposed | given)
    task = task_of(desk, "Vereinbarte Termine")
    assert task.count == counts
    assert rows_behind(desk, task) == [slot] * counts


def test_open_reports_are_counted_and_told_by_the_oldest(desk, house):
    slot = fresh(institution=house)
    make_mistake_report(slot, created_on=date(2026, 8, 30))
    make_mistake_report(fresh(institution=house), created_on=date(2026, 8, 28))
    make_mistake_report(slot, resolved_on=TODAY)
    make_mistake_report(slot, created_on=date(2026, 8, 31))
    task = task_of(desk, "Gemeldete Fehler")
    assert task.count == len(rows_behind(desk, task)) == 3
    assert task.detail.replace("\N{NO-BREAK SPACE}", " ") == "Der älteste ist vom 28. August 2026."


# Conflicts that edits elsewhere cause


@pytest.fixture
def tour(house):
    """Return two slots of one counsellor on one day, half an hour apart and a short way from each other."""
    counsellor = make_counsellor()
    near = make_institution(house.municipality, latitude=52.31)
    morning = fresh(institution=house, counsellors=[counsellor], start_time=time(9), end_time=time(11))
    noon = fresh(institution=near, counsellors=[counsellor], start_time=time(11, 30), end_time=time(13))
    return morning, noon


def assert_both_clash(desk, slots):
    task = task_of(desk, "Konflikt")
    assert task.count == 1
    assert set(rows_behind(desk, task)) == set(slots)
    assert "1. September 2026" in desk.get(task.url).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_what_fits_is_no_conflict(desk, tour):
    assert task_of(desk, "Konflikt").count == 0


def test_a_house_that_moved_on_the_map_makes_a_conflict(desk, tour):
    tour[1].institution.latitude = 52.9
    tour[1].institution.save()
    assert_both_clash(desk, tour)


def test_a_longer_drive_makes_a_conflict(desk, tour):
    houses = sorted((slot.institution for slot in tour), key=lambda house: house.pk)
    DriveTime.objects.create(first=houses[0], second=houses[1], minutes=31)
    assert_both_clash(desk, tour)


def test_a_deleted_closure_makes_a_conflict(desk, tour):
    morning, noon = tour
    noon.institution.latitude = 52.9
    noon.institution.save()
    closure = Closure.objects.create(
        district=morning.institution.municipality.district,
        institution=noon.institution,
        first_day=TODAY,
        last_day=date(2099, 12, 31),
        reason="Umbau",
    )
    assert task_of(desk, "Konflikt").count == 0
    closure.delete()
    assert_both_clash(desk, tour)


def test_two_slots_in_one_room_make_a_conflict(desk, house):
    room = Room.objects.create(institution=house, name="Raum 1")
    slots = [fresh(institution=house, room=room) for _ in range(2)]
    assert_both_clash(desk, slots)


def test_a_single_day_moved_to_another_district_is_compared_too(desk, tour):
    morning, noon = tour
    far = make_institution(latitude=53.9)
    make_exception(noon, TODAY, "moved", new_institution=far)
    assert_both_clash(desk, tour)


def test_dates_before_today_are_no_conflict(desk, tour):
    tour[0].last_day = date(2026, 8, 31)
    tour[0].save()
    tour[1].institution.latitude = 52.9
    tour[1].institution.save()
    assert task_of(desk, "Konflikt").count == 0


# Coverage


def test_a_municipality_without_coverage_is_named_with_what_it_has_instead(desk, house):
    make_target(make_paper(house.municipality.district))
    fresh(institution=house)
    empty = make_municipality(house.municipality.district, name="Beispielleer")
    agreed = make_municipality(house.municipality.district, name="Beispielbald")
    fresh(institution=make_institution(agreed), first_day=date(2026, 10, 1), published_on=None)
    task = task_of(desk, "ohne Abdeckung")
    assert task.detail == "Beispielbald (vereinbart) und Beispielleer (Lücke)"
    assert set(rows_behind(desk, task)) == {empty, agreed}
    assert "1 von 3 Gemeinden abgedeckt" in desk.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("last_day", "counts"),
    # Covered as long as a date lies in the 92 days from the day: the last one is Tuesday, the day counts itself.
    [(date(2026, 11, 24), True), (date(2026, 12, 1), False)],
)
def test_a_municipality_that_loses_its_coverage_in_90_days_is_told_before(desk, house, last_day, counts):
    make_target(make_paper(house.municipality.district))
    fresh(institution=house, last_day=last_day)
    task = task_of(desk, "herausfallen")
    assert task.count == counts
    assert rows_behind(desk, task) == [house.municipality] * counts
    assert task_of(desk, "ohne Abdeckung").count == 0


def test_without_a_target_nothing_is_said_of_coverage(desk, house):
    assert not [task for task in page_of(desk).tasks if "Abdeckung" in task.title]
    assert "lässt sich nicht bestimmen" in desk.get("/admin/").content.decode()


# Money and holidays


@pytest.mark.parametrize(
    ("line", "light", "words"),
    [
        ({"paid_on": TODAY, "paid_eur": Decimal(10_001)}, Light.RED, "überplanmäßig bezahlt, 1 € mehr"),
        ({"committed_on": TODAY, "committed_eur": Decimal(10_002)}, Light.RED, "gebunden und bezahlt sind 2 € mehr"),
        ({"unit_likely_eur": Decimal(10_003)}, Light.YELLOW, "mit dem Geplanten fehlen 3 €"),
        (
            {"unit_low_eur": Decimal(0), "unit_likely_eur": Decimal(9_000), "unit_high_eur": Decimal(20_000)},
            Light.YELLOW,
            "das Geld reicht nur mit 55 % Wahrscheinlichkeit",
        ),
        ({"unit_likely_eur": Decimal(10_000)}, Light.GREEN, ""),
    ],
)
def test_money_that_does_not_suffice_is_told_by_the_worst(desk, house, line, light, words):
    budget = make_budget(house.municipality.district)
    row = make_cost_line(budget, **line)
    task = task_of(desk, "zum Geld")
    assert task.shown_light is light
    assert words in task.detail.replace("\N{NO-BREAK SPACE}", " ")
    assert rows_behind(desk, task) == [row.budget] * bool(words)


def test_a_line_by_date_is_priced_as_on_the_committees_page(desk, house):
    budget = make_budget(house.municipality.district, ansatz_eur=Decimal(500))
    slot = fresh(institution=house, first_day=date(2026, 12, 1))
    make_cost_line(budget, slot=slot, basis="per_date", quantity=None, unit_likely_eur=Decimal(101))
    assert "mit dem Geplanten fehlen 5" in task_of(desk, "zum Geld").detail  # five Tuesdays in December


def test_a_year_without_school_holidays_leads_to_its_empty_list(desk, district):
    SchoolHoliday.objects.filter(first_day__year=2028).delete()
    make_municipality(district)
    task = task_of(desk, "Schulferien")
    assert (task.count, task.detail) == (1, "2028 (DE-NI)")
    assert rows_behind(desk, task) == []


# Imports


def make_run(district, **given):
    moment = datetime(2026, 8, 30, 8, tzinfo=UTC)
    done = {"status": "done", "started_at": moment, "finished_at": moment, "kind": "schulen", "kind_label": "Schulen"}
    return ImportRun.objects.create(**done | {"district": district, "file_name": "beispiel.csv"} | given)


def test_an_import_waits_until_a_later_file_gives_no_row_back(desk, district):
    run = make_run(district, rejected=2)
    make_run(district, rejected=3, status="discarded")
    make_run(district, kind="termine", started_at=datetime(2026, 8, 31, tzinfo=UTC))
    task = task_of(desk, "Importe")
    assert task.count == 1
    assert task.detail.replace("\N{NO-BREAK SPACE}", " ") == "beispiel.csv: 2 Zeilen zum Nachbessern"
    assert list(desk.get(task.url).context["runs"]) == [run]
    make_run(district, started_at=datetime(2026, 8, 31, tzinfo=UTC))
    assert task_of(desk, "Importe").count == 0


# Speed


def test_the_page_needs_few_queries_however_many_rows(client, house):
    district = house.municipality.district
    make_target(make_paper(district))
    budget = make_budget(district)
    base = make_service_point(district)
    for number in range(10):
        other = make_institution(make_municipality(district))
        counsellor = make_counsellor(make_provider(district), service_point=base)
        slot = make_slot(other, make_offer(counsellor.provider), counsellors=[counsellor], start_time=time(8, number))
        make_exception(slot, date(2026, 9, 8), "moved", new_institution=house)
        make_cost_line(budget, slot=slot, basis="per_km", quantity=None)
        make_mistake_report(slot)
    account = get_user_model().objects.create_user("beispiel-redaktion", is_staff=True)
    account.user_permissions.set(Permission.objects.all())
    DistrictStaff.objects.create(user=account, district=district)
    client.force_login(account)
    with CaptureQueriesContext(connection) as queries:
        assert len(page_of(client).tasks) == len(TASKS)
    # What clashes is named here already, for the list the line leads to.
    assert len(queries) <= 24


def test_what_is_always_needed_is_always_one_link_away(client, house):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    shown = client.get("/admin/").content.decode()
    slug = house.municipality.district.slug
    for address in ("/admin/importe/", f"/kreise/{slug}/planung/", "/admin/auth/user/", "/admin/importe/archiv/"):
        assert f'href="{address}"' in shown, address
        assert client.get(address).status_code == 200, address
