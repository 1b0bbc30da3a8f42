"""Are many slots changed in one go, all or only the possible ones, and is the whole taken back in one go?"""

from datetime import date
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Attendance, Confirmation, Slot, SlotException
from locations.models import DistrictStaff
from tests.builders import (
    make_counsellor,
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_slot,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)
CHANGELIST = "/admin/appointments/slot/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


def agreed(**given):
    return make_slot(**{"published_on": None} | given)


def change(client, name, slots, **typed):
    keys = ",".join(str(slot.pk) for slot in slots)
    return client.post(reverse(f"admin:appointments_slot_{name}"), {"termine": keys} | typed)


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request)).replace("\N{NO-BREAK SPACE}", " ")


def text_of(response):
    return " ".join(unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def operation_of(slot):
    return reverse("admin:locations_operation", args=[slot.history.latest().operation])


def fresh(slot):
    return Slot.objects.get(pk=slot.pk)


# All or nothing


def test_publishing_many_is_one_operation_signed_by_who_did_it(desk):
    slots = [agreed(), agreed()]
    assert "2 Termine veröffentlicht." in said(change(desk, "publish", slots))
    assert [fresh(slot).published_on for slot in slots] == [TODAY, TODAY]
    last = [slot.history.latest() for slot in slots]
    assert last[0].operation == last[1].operation
    assert last[0].history_user.username == "beispiel-admin"


def test_one_that_is_refused_keeps_all_others_as_they_are(desk):
    possible, proposed = agreed(), make_slot(agreed_on=None, published_on=None)
    page = text_of(change(desk, "publish", [possible, proposed]))
    assert "Nichts ist geändert." in page
    assert "noch nicht vereinbart" in page
    assert "Nur die möglichen: 1 von 2" in page
    assert fresh(possible).published_on is None


def test_only_the_possible_ones_are_changed_where_that_was_chosen(desk):
    possible, proposed = agreed(), make_slot(agreed_on=None, published_on=None)
    assert "1 Termin veröffentlicht." in said(change(desk, "publish", [possible, proposed], _possible="1"))
    assert fresh(possible).published_on == TODAY
    assert fresh(proposed).published_on is None


def test_choosing_the_possible_ones_where_none_is_changes_nothing(desk):
    assert "Nichts ist geändert." in text_of(change(desk, "publish", [make_slot()], _possible="1"))


@pytest.mark.parametrize("name", ["agree", "publish", "confirm", "withdraw", "carry_over", "remove"])
def test_looking_changes_nothing(desk, name):
    slot = make_slot(agreed_on=TODAY if name == "publish" else None, published_on=None, last_day=date(2026, 12, 31))
    before = Slot.objects.values().get()
    desk.get(reverse(f"admin:appointments_slot_{name}"), {"termine": slot.pk})
    assert Slot.objects.values().get() == before
    assert not slot.confirmations.exists()


def test_what_would_clash_is_not_published(desk):
    counsellor, house = make_counsellor(), make_institution()
    make_slot(house, counsellors=[counsellor])
    late = agreed(institution=house, counsellors=[counsellor])
    assert "Konflikt" in text_of(change(desk, "publish", [late]))
    assert fresh(late).published_on is None


def test_of_two_that_clash_with_each_other_only_one_is_published(desk):
    counsellor, house = make_counsellor(), make_institution()
    slots = [agreed(institution=house, counsellors=[counsellor], withdrawn_on=date(2027, 1, 1)) for _ in range(2)]
    assert "Nichts ist geändert." in text_of(change(desk, "publish", slots))


def test_confirming_leaves_a_day_and_twice_a_day_is_refused(desk):
    slot = make_slot()
    change(desk, "confirm", [slot])
    assert slot.confirmations.get().confirmed_on == TODAY
    assert "heute schon bestätigt" in text_of(change(desk, "confirm", [slot]))


def test_copying_proposes_the_same_at_another_house_without_counsellors(desk):
    slot, house = make_slot(counsellors=[make_counsellor()]), make_institution()
    change(desk, "copy", [slot], institution=house.pk, first_day="01.10.2026")
    copy = Slot.objects.get(institution=house)
    assert (copy.rule, copy.start_time, copy.first_day) == (slot.rule, slot.start_time, date(2026, 10, 1))
    assert copy.status_on(TODAY) is Slot.Status.PROPOSED
    assert not copy.counsellors.exists()
    assert fresh(slot).last_day is None


# Taking back


def test_undoing_takes_back_the_whole_operation(desk):
    slots = [make_slot(last_day=date(2027, 7, 31)), make_slot()]
    change(desk, "end", slots, last_day="29.09.2026")
    assert "Rückgängig gemacht" in said(desk.post(operation_of(slots[0])))
    assert [fresh(slot).last_day for slot in slots] == [date(2027, 7, 31), None]


def test_undoing_a_move_removes_the_follower_and_brings_the_single_days_home(desk):
    slot, house = make_slot(counsellors=[make_counsellor()]), make_institution()
    day = make_exception(slot, date(2026, 10, 6))
    change(desk, "move", [slot], institution=house.pk, first_day="01.10.2026")
    assert Slot.objects.count() == 2
    desk.post(operation_of(slot))
    assert Slot.objects.get() == slot
    assert fresh(slot).last_day is None
    assert fresh(slot).counsellors.count() == 1
    assert SlotException.objects.get(pk=day.pk).slot == slot


def test_undoing_names_who_has_touched_what_since_and_changes_nothing(desk):
    slots = [make_slot(), make_slot()]
    change(desk, "end", slots, last_day="29.09.2026")
    undo = operation_of(slots[0])
    other = Client()
    other.force_login(get_user_model().objects.create_superuser("beispiel-kollegin"))
    change(other, "end", slots[1:], last_day="22.09.2026")
    page = text_of(desk.post(undo))
    assert f"„{slots[1]}“ wurde seitdem geändert" in page
    assert "beispiel-kollegin" in page
    assert fresh(slots[0]).last_day == date(2026, 9, 29)


def test_undoing_is_refused_where_it_would_clash_now(desk):
    counsellor, house = make_counsellor(), make_institution()
    slot = make_slot(house, counsellors=[counsellor])
    change(desk, "end", [slot], last_day="29.09.2026")
    make_slot(house, counsellors=[counsellor], first_day=date(2026, 10, 1))
    assert "Konflikt" in text_of(desk.post(operation_of(slot)))
    assert fresh(slot).last_day == date(2026, 9, 29)


def test_a_confirmation_on_the_follower_keeps_a_move_from_being_undone(desk):
    slot, house = make_slot(), make_institution()
    change(desk, "move", [slot], institution=house.pk, first_day="01.10.2026")
    Confirmation.objects.create(slot=Slot.objects.get(institution=house), confirmed_on=TODAY)
    assert "wird inzwischen gebraucht" in text_of(desk.post(operation_of(slot)))
    assert Slot.objects.count() == 2


# Removing


def test_a_mere_draft_is_deleted_and_comes_back_with_its_single_days(desk):
    slot = make_slot(agreed_on=None, published_on=None, counsellors=[make_counsellor()])
    make_exception(slot, date(2026, 10, 6))
    change(desk, "remove", [slot])
    assert not Slot.objects.exists()
    desk.post(reverse("admin:locations_operation", args=[Slot.history.filter(id=slot.pk).latest().operation]))
    assert fresh(slot).uuid == slot.uuid
    assert fresh(slot).counsellors.count() == 1
    assert fresh(slot).exceptions.count() == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"last_day": TODAY, "withdrawn_on": None}),
        ({"published_on": None}, {"last_day": TODAY, "withdrawn_on": None}),
        (
            {"first_day": date(2026, 10, 1), "proposed_on": TODAY, "agreed_on": TODAY, "published_on": TODAY},
            {"last_day": None, "withdrawn_on": TODAY},
        ),
    ],
)
def test_what_has_a_past_ends_instead_of_being_deleted(desk, given, expected):
    slot = make_slot(**given)
    page = desk.get(reverse("admin:appointments_slot_remove"), {"termine": slot.pk})
    assert "wird nicht gelöscht, sondern beendet" in text_of(page)
    change(desk, "remove", [slot])
    assert {name: getattr(fresh(slot), name) for name in expected} == expected


def test_a_draft_with_counted_conversations_is_no_draft(desk):
    slot = make_slot(agreed_on=None, published_on=None)
    Attendance.objects.create(slot=slot, day=date(2026, 8, 25), conversations=1)
    change(desk, "remove", [slot])
    assert fresh(slot).last_day == TODAY


def test_no_way_of_django_deletes_a_slot(desk):
    slot = make_slot()
    page = desk.post(reverse("admin:appointments_slot_delete", args=[slot.pk]), {"post": "yes"})
    assert page.url.startswith(reverse("admin:appointments_slot_remove"))
    desk.post(CHANGELIST, {"action": "delete_selected", "_selected_action": [slot.pk], "post": "yes"})
    assert Slot.objects.exists()


# Who may


def staff(*permissions):
    user = get_user_model().objects.create_user(f"beispiel-{len(permissions)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client, user


def test_publishing_needs_its_own_right():
    client, _ = staff("change_slot", "view_slot")
    assert change(client, "publish", [agreed()]).status_code == 403


def test_only_houses_of_ones_own_districts_are_to_be_chosen():
    client, user = staff("change_slot", "view_slot", "add_slot")
    slot = make_slot()
    DistrictStaff.objects.create(user=user, district=slot.institution.municipality.district)
    stranger = make_institution(make_municipality(make_district()))
    change(client, "copy", [slot], institution=stranger.pk, first_day="01.10.2026")
    assert not Slot.objects.filter(institution=stranger).exists()


def test_undoing_needs_the_right_to_change(desk):
    slot = make_slot()
    change(desk, "end", [slot], last_day="29.09.2026")
    client, _ = staff("view_slot")
    assert client.post(operation_of(slot)).status_code == 403
    assert fresh(slot).last_day == date(2026, 9, 29)


def test_undoing_without_the_token_of_the_page_is_refused(desk):
    slot = make_slot()
    change(desk, "end", [slot], last_day="29.09.2026")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get())
    assert strict.post(operation_of(slot)).status_code == 403


def test_an_operation_that_never_was_is_not_found(desk):
    assert desk.get("/admin/locations/district/vorgang/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_the_page_of_a_large_operation_needs_a_bounded_number_of_queries(desk):
    slots = [make_slot() for _ in range(10)]
    change(desk, "end", slots, last_day="29.09.2026")
    with CaptureQueriesContext(connection) as queries:
        desk.get(operation_of(slots[0]))
    assert len(queries) <= 120
