"""Does what has a past end instead of vanishing, whichever way staff tries to delete it?"""

from datetime import date
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from appointments.models import Offer, Provider, Slot, SlotException
from budget.models import CostLine
from locations.models import Closure, Institution, Room
from tests.builders import (
    make_budget,
    make_cost_line,
    make_counsellor,
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_paper,
    make_slot,
    make_target,
)
from tests.typed import page_of, typed

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


def address(row, what):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk])


def delete_in_the_list(client, row):
    return client.post(
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )


def text_of(response):
    return " ".join(unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def rows_with_a_past():
    slot = make_slot()
    house, offer = slot.institution, slot.offer
    room = Room.objects.create(institution=house, name="Raum 1")
    Slot.objects.update(room=room)
    line = make_cost_line(make_budget(house.municipality.district), committed_on=TODAY, committed_eur=1)
    closure = Closure.objects.create(
        district=house.municipality.district, first_day=date(2026, 8, 31), last_day=date(2026, 9, 2), reason="Umbau"
    )
    counsellor = make_counsellor(offer.provider)
    slot.counsellors.add(counsellor)
    target = make_target(make_paper(house.municipality.district))
    return {
        "institution": house,
        "municipality": house.municipality,
        "district": house.municipality.district,
        "offer": offer,
        "provider": offer.provider,
        "topic": offer.topics.get(),
        "room": room,
        "counsellor": counsellor,
        "line": line,
        "closure": closure,
        "target": target,
    }


ROWS = [
    "institution",
    "municipality",
    "district",
    "offer",
    "provider",
    "topic",
    "room",
    "counsellor",
    "line",
    "closure",
    "target",
]


@pytest.mark.parametrize("name", ROWS)
def test_what_has_a_past_is_deleted_neither_alone_nor_from_the_list(desk, name):
    row = rows_with_a_past()[name]
    desk.post(address(row, "delete"), {"post": "yes"})
    delete_in_the_list(desk, row)
    assert type(row).objects.filter(pk=row.pk).exists()


def test_the_list_says_what_keeps_a_row(desk):
    house = make_slot().institution
    page = desk.post(
        reverse("admin:locations_institution_changelist"),
        {"action": "delete_selected", "_selected_action": [house.pk]},
    )
    assert f"{house}: 1 fester Termin" in text_of(page)


@pytest.mark.parametrize("make", [make_institution, make_municipality, make_district, make_counsellor])
def test_what_nothing_depends_on_may_be_deleted(desk, make):
    row = make()
    desk.post(address(row, "delete"), {"post": "yes"})
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_a_closure_still_to_come_may_be_deleted_and_one_begun_ends(desk):
    district = make_district()
    given = {"district": district, "last_day": date(2026, 9, 30), "reason": "Umbau"}
    begun = Closure.objects.create(first_day=date(2026, 8, 31), **given)
    today = Closure.objects.create(first_day=TODAY, **given)
    for closure in (begun, today):
        desk.post(address(closure, "delete"), {"post": "yes"})
    assert Closure.objects.get() == begun


def test_deleting_leads_to_an_ending_that_names_what_it_touches(desk):
    house = make_slot().institution
    page = desk.post(address(house, "delete"), {"post": "yes"}, follow=True)
    assert "wird nicht gelöscht, sondern beendet" in text_of(page)
    looked_at = desk.post(address(house, "ending"), {"last_day": "30.09.2026", "_preview": "1"})
    assert "Betroffen: 1 fester Termin" in text_of(looked_at)
    assert Institution.objects.get().last_day is None
    desk.post(address(house, "ending"), {"last_day": "30.09.2026", "_apply": "1"})
    assert Institution.objects.get().last_day == date(2026, 9, 30)


def test_an_ending_before_the_beginning_is_refused_at_its_field(desk):
    house = make_institution(first_day=date(2026, 9, 1))
    page = desk.post(address(house, "ending"), {"last_day": "31.08.2026", "_apply": "1"})
    assert "Der letzte Tag liegt vor dem ersten Tag." in text_of(page)
    assert Institution.objects.get().last_day is None


@pytest.mark.parametrize("kind", [Offer, Provider])
def test_an_offer_and_a_provider_end_with_their_slots(desk, kind):
    running, over = make_slot(), None
    over = make_slot(offer=running.offer, last_day=date(2026, 7, 31))
    to_come = make_slot(
        offer=running.offer, first_day=date(2026, 10, 6), proposed_on=TODAY, agreed_on=TODAY, published_on=TODAY
    )
    row = running.offer if kind is Offer else running.offer.provider
    desk.post(address(row, "ending"), {"last_day": "30.09.2026", "_apply": "1"})
    ends = {slot.pk: (slot.last_day, slot.withdrawn_on) for slot in Slot.objects.all()}
    assert ends == {
        running.pk: (date(2026, 9, 30), None),
        over.pk: (date(2026, 7, 31), None),
        to_come.pk: (None, TODAY),
    }
    assert kind.objects.filter(pk=row.pk).exists()


def test_a_tick_beside_a_row_deletes_nothing_that_is_used_or_has_counted(desk):
    house = make_institution()
    room = Room.objects.create(institution=house, name="Raum 1")
    make_slot(house, room=room)
    page = page_of(desk, address(house, "change"))
    response = desk.post(address(house, "change"), typed(page, **{"rooms-0-DELETE": "on"}))
    assert "lässt sich nicht löschen: 1 fester Termin" in text_of(response)
    assert Room.objects.exists()


@pytest.mark.parametrize(("day", "left"), [(date(2026, 8, 25), 1), (TODAY, 0), (date(2026, 9, 8), 0)])
def test_a_single_day_that_is_over_stays_in_the_past(desk, day, left):
    slot = make_slot()
    make_exception(slot, day)
    page = page_of(desk, address(slot, "change"))
    desk.post(address(slot, "change"), typed(page, **{"exceptions-0-DELETE": "on"}))
    assert SlotException.objects.count() == left


def test_a_line_that_is_only_planned_may_be_deleted(desk):
    line = make_cost_line(make_budget(make_district()))
    desk.post(address(line, "delete"), {"post": "yes"})
    assert not CostLine.objects.exists()


def test_ending_needs_the_right_to_change(client):
    client.force_login(get_user_model().objects.create_user("beispiel-gast", is_staff=True))
    assert client.get(address(make_institution(), "ending")).status_code in (403, 404)
