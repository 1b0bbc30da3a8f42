"""Does nobody publish a slot without the right, or alone where the district wants two, whichever way they try?"""

from datetime import date
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Slot
from appointments.status import (
    NO_RIGHT,
    PublishingError,
    becomes_public,
    last_editor,
    publishing_refusal,
    refuse_publishing,
    stages,
)
from locations.models import DistrictStaff
from tests.builders import make_counsellor, make_exception, make_institution, make_provider, make_slot
from tests.typed import page_of, typed

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)
SELF = "Veröffentlichen muss eine zweite Person"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


def staff(name, *, superuser=False, without=()):
    """Return a client and its account: everything about slots but the rights left out, in every district there is."""
    user = get_user_model().objects.create_user(name, is_staff=True, is_superuser=superuser)
    rights = Permission.objects.filter(content_type__app_label__in=["appointments", "locations"])
    user.user_permissions.set(rights.exclude(codename__in=without))
    client = Client()
    client.force_login(user)
    return client, get_user_model().objects.get(pk=user.pk)


def serve(user, slot):
    DistrictStaff.objects.get_or_create(user=user, district=slot.institution.municipality.district)


def agreed(**given):
    slot = make_slot(**{"published_on": None} | given)
    district = slot.institution.municipality.district
    district.needs_second_person = True
    district.save()
    return Slot.objects.get(pk=slot.pk)


def change(slot):
    return reverse("admin:appointments_slot_change", args=[slot.pk])


def by_form(client, slot, **fields):
    return client.post(change(slot), typed(page_of(client, change(slot)), **fields))


def by_list(client, slot):
    return client.post(reverse("admin:appointments_slot_publish"), {"termine": slot.pk})


def text_of(response):
    return " ".join(unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def is_published(slot):
    return Slot.objects.get(pk=slot.pk).published_on is not None


# What counts as publishing


@pytest.mark.parametrize(
    ("before", "after", "publishes"),
    [
        ({"published_on": None}, {}, True),
        ({}, {}, False),
        ({}, {"published_on": TODAY}, True),
        ({"withdrawn_on": TODAY}, {}, True),
        ({"last_day": date(2026, 8, 31)}, {}, True),
        ({"last_day": TODAY}, {}, False),
        ({"published_on": None}, {"withdrawn_on": TODAY}, False),
        ({"published_on": None}, {"published_on": date(2027, 1, 1)}, True),
        ({}, {"published_on": None}, False),
    ],
)
def test_publishing_is_whatever_shows_the_public_more(before, after, publishes):
    slots = [make_slot(**given) for given in (before, after)]
    assert becomes_public(*slots, TODAY) is publishes


def test_a_new_slot_that_is_already_published_is_published(db):
    assert becomes_public(None, make_slot(), TODAY)


# The right


def test_without_the_right_neither_form_nor_list_publishes():
    client, user = staff("beispiel-redaktion", without=["publish_slot"])
    slot = make_slot(published_on=None)
    serve(user, slot)
    response = by_form(client, slot, published_on="01.09.2026")
    assert NO_RIGHT in text_of(response)
    assert by_list(client, slot).status_code == 403
    assert not is_published(slot)


def test_without_the_right_everything_else_is_still_editable():
    client, user = staff("beispiel-redaktion", without=["publish_slot"])
    slot = make_slot()
    serve(user, slot)
    assert by_form(client, slot, note="Neuer Hinweis").status_code == 302


def test_an_import_or_interface_is_refused_with_the_same_sentence():
    _, user = staff("beispiel-redaktion", without=["publish_slot"])
    slot = make_slot()
    with pytest.raises(PublishingError) as error:
        refuse_publishing(before=None, after=slot, user=user, today=TODAY)
    assert str(error.value) == NO_RIGHT


# The second person


@pytest.mark.parametrize("way", [by_list, lambda client, slot: by_form(client, slot, published_on="01.09.2026")])
def test_who_edited_last_does_not_publish_and_somebody_else_does(way):
    first, one = staff("beispiel-erste")
    second, two = staff("beispiel-zweite")
    slot = agreed()
    serve(one, slot), serve(two, slot)
    assert by_form(first, slot, note="Von der Ersten").status_code == 302
    assert SELF in text_of(way(first, slot))
    assert not is_published(slot)
    assert way(second, slot).status_code == 302
    assert is_published(slot)


def test_not_even_a_superuser_publishes_alone():
    client, _ = staff("beispiel-admin", superuser=True)
    slot = agreed()
    by_form(client, slot, note="Neu")
    assert SELF in text_of(by_list(client, slot))


def test_editing_and_publishing_in_one_go_is_refused():
    client, user = staff("beispiel-erste")
    slot = agreed()
    serve(user, slot)
    response = by_form(client, slot, note="Neu", published_on="01.09.2026")
    assert SELF in text_of(response)
    assert not is_published(slot)


def test_a_new_slot_is_not_published_with_its_first_saving():
    client, user = staff("beispiel-admin", superuser=True)
    slot = agreed()
    page = page_of(client, change(slot)) | {"published_on": "01.09.2026"}
    response = client.post("/admin/appointments/slot/add/", page)
    assert SELF in text_of(response)
    assert Slot.objects.count() == 1


def test_agreeing_is_no_editing_so_the_same_person_may_publish_what_another_wrote():
    first, one = staff("beispiel-erste")
    second, two = staff("beispiel-zweite")
    slot = agreed(agreed_on=None)
    serve(one, slot), serve(two, slot)
    by_form(first, slot, note="Von der Ersten")
    by_form(second, slot, agreed_on="01.09.2026")
    assert SELF in text_of(by_list(first, slot))
    by_list(second, slot)
    assert is_published(slot)


def test_a_single_day_and_a_counsellor_count_as_editing():
    client, user = staff("beispiel-erste")
    slot = agreed()
    serve(user, slot)
    colleague = make_counsellor(make_provider(slot.institution.municipality.district))
    by_form(client, slot, counsellors=[colleague.pk])
    assert last_editor(slot) == user.pk
    other, someone = staff("beispiel-zweite")
    serve(someone, slot)
    day = {"exceptions-0-day": "06.10.2026", "exceptions-0-kind": "cancelled", "exceptions-TOTAL_FORMS": "1"}
    by_form(other, slot, **day)
    assert last_editor(slot) == someone.pk


def test_what_nobody_signed_may_be_published_by_anybody_with_the_right():
    client, user = staff("beispiel-erste")
    slot = agreed()
    serve(user, slot)
    assert last_editor(slot) is None
    assert publishing_refusal(slot=slot, user=user) == ""


def test_where_the_district_does_not_want_it_one_person_is_enough():
    client, user = staff("beispiel-erste")
    slot = make_slot(published_on=None)
    serve(user, slot)
    assert by_form(client, slot, note="Neu", published_on="01.09.2026").status_code == 302


def test_withdrawing_needs_no_second_person_but_taking_it_back_does():
    client, user = staff("beispiel-erste")
    slot = agreed(published_on=date(2020, 1, 1))
    serve(user, slot)
    by_form(client, slot, note="Neu")
    by_form(client, slot, withdrawn_on="01.09.2026")
    assert Slot.objects.get().withdrawn_on == TODAY
    assert SELF in text_of(by_form(client, slot, withdrawn_on=""))


# The steps


def test_the_steps_say_who_entered_each_and_when():
    first, one = staff("beispiel-erste")
    slot = make_slot(agreed_on=None, published_on=None)
    serve(one, slot)
    first.post(reverse("admin:appointments_slot_agree"), {"termine": slot.pk})
    told = stages(Slot.objects.get(), TODAY)
    assert [(stage.name, stage.who) for stage in told][1] == ("Vereinbart", "beispiel-erste")
    assert [stage.is_current for stage in told] == [False, True, False, False]
    assert told[1].day == TODAY


def test_the_page_shows_the_next_steps_as_buttons():
    client, user = staff("beispiel-erste")
    slot = agreed()
    serve(user, slot)
    page = text_of(client.get(change(slot)))
    assert "braucht eine zweite Person" in page
    links = [title for title, _ in client.get(change(slot)).context["changes"]]
    assert "Veröffentlichen" in links
    assert "Vereinbaren" not in links


def test_the_page_of_a_slot_needs_few_queries_with_a_long_history():
    client, _ = staff("beispiel-admin", superuser=True)
    slot = make_slot(make_institution(), counsellors=[make_counsellor()])
    for number in range(12):
        slot.note = f"Hinweis {number}"
        slot.save()
        make_exception(slot, date(2027, 1, 6 + number), kind="extra")
    with CaptureQueriesContext(connection) as queries:
        client.get(change(slot))
    assert len(queries) <= 30
