"""Does every row of the desk say what it said before, in German, and does an earlier state come back only if it may?"""

from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from appointments.models import MissingDemand, Offer, Slot
from locations.history_retention import forget_history
from locations.history_steps import steps_of_rows
from locations.models import Institution, Municipality, PostalCode
from locations.models.history import BEFORE_THE_FIRST, create_many, operation, update_many
from tests.builders import (
    make_counsellor,
    make_exception,
    make_institution,
    make_locality,
    make_mistake_report,
    make_municipality,
    make_offer,
    make_postal_code,
    make_slot,
    make_topic,
)
from tests.typed import page_of, typed

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)
# Numbers nobody edits; accounts, whose history Django itself keeps.
WITHOUT = {MissingDemand, Group, User}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


def address(row, what="change", *more):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk, *more])


def save(client, row, **fields):
    response = client.post(address(row), typed(page_of(client, address(row)), **fields))
    assert response.status_code == 302, response.context["adminform"].form.errors
    return response


def text_of(response):
    return " ".join(unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def rows_of(response):
    """Return the changes on the page as (field, old, new)."""
    entries = response.context["entries"]
    steps = [step for entry in entries for step in [entry.own, *entry.parts] if step]
    return [(change.label, change.old, change.new) for step in steps for change in step.changes]


# Kept


def test_every_model_that_staff_can_edit_keeps_its_history(rf):
    request = rf.get("/")
    request.user = get_user_model()(is_superuser=True, is_staff=True, is_active=True)
    edited = {
        model
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_change_permission(request) or model_admin.has_add_permission(request)
    }
    beside = {
        inline.model
        for model_admin in admin.site._registry.values()
        for inline in model_admin.get_inline_instances(request)
        if inline.has_change_permission(request)
    }
    ours = {model for model in edited | beside if model._meta.app_label in ("locations", "appointments", "budget")}
    assert {model for model in ours if not hasattr(model, "history")} - WITHOUT == set()


def test_the_state_before_the_first_change_is_kept_as_well():
    house = make_institution(name="Beispiel-Alt")
    Institution.history.all().delete()  # as if it had come in bulk
    house.name = "Beispiel-Neu"
    house.save()
    assert list(house.history.order_by("history_id").values_list("name", "history_type")) == [
        ("Beispiel-Alt", "+"),
        ("Beispiel-Neu", "~"),
    ]
    assert house.history.earliest().history_change_reason == BEFORE_THE_FIRST


def test_rows_made_in_bulk_get_their_entries_with_a_reason():
    district = make_municipality().district
    rows = [Municipality(district=district, name=f"Beispiel {n}", ags=f"{district.key}{900 + n}") for n in range(3)]
    made = create_many(Municipality, rows, reason="Einlesen von beispiel.csv")
    made[0].name = "Beispiel Neu"
    update_many(Municipality, made[:1], ["name"], reason="Zweites Einlesen")
    entries = made[0].history.order_by("history_id")
    assert [entry.history_change_reason for entry in entries] == ["Einlesen von beispiel.csv", "Zweites Einlesen"]
    assert made[1].history.get().operation == entries[0].operation != entries[1].operation


def test_what_is_written_in_one_operation_belongs_together():
    one, two = make_institution(), make_institution()
    with operation("Umbenannt") as named:
        for house in (one, two):
            house.name += " neu"
            house.save()
    assert {house.history.latest().operation for house in (one, two)} == {named}
    assert one.history.latest().history_change_reason == "Umbenannt"


def test_the_text_of_a_report_never_enters_the_history():
    report = make_mistake_report(text="Niemand war da.")
    fields = {field.name for field in type(report).history.model._meta.fields}
    assert not fields & {"text", "token_hash"}


# Read


def test_the_history_names_who_changed_what_from_what_to_what(desk):
    house = make_institution(name="Beispiel-Alt", step_free=None)
    save(desk, house, name="Beispiel-Neu", step_free="true", first_day="02.01.2020", kind="kita")
    page = desk.get(address(house, "history"))
    assert "beispiel-admin" in text_of(page)
    assert set(rows_of(page)) >= {
        ("Name", "Beispiel-Alt", "Beispiel-Neu"),
        ("stufenlos erreichbar", "nicht bekannt", "ja"),
        ("in Betrieb seit", "01.01.2020", "02.01.2020"),
        ("Art", "Schule", "Kita"),
    }


def test_a_rhythm_reads_as_words_and_links_as_names(desk):
    slot, counsellor = make_slot(), make_counsellor(label="Fachkraft Beispiel")
    save(desk, slot, weekdays=["2"], counsellors=[counsellor.pk])
    found = rows_of(desk.get(address(slot, "history")))
    [(old, new)] = [(old, new) for label, old, new in found if label.startswith("Rhythmus") and old != "–"]
    assert "dienstag" in old.lower()
    assert "mittwoch" in new.lower()
    assert ("keine", "Fachkraft Beispiel") in [(old, new) for label, old, new in found if label == "Fachkräfte"]


def test_one_saving_is_one_entry_however_many_links_change(desk):
    offer = make_offer()
    save(desk, offer, topics=[make_topic().pk, make_topic().pk], title="Beispiel-Titel")
    entries = [entry for entry in desk.get(address(offer, "history")).context["entries"] if entry.who]
    assert len(entries) == 1


def test_a_single_day_stands_in_the_history_of_its_slot(desk):
    slot = make_slot()
    make_exception(slot, date(2026, 10, 6), reason="Alt")
    save(desk, slot, **{"exceptions-0-reason": "Neu"})
    page = desk.get(address(slot, "history"))
    assert ("Grund (öffentlich)", "Alt", "Neu") in rows_of(page)
    assert "Einzelner Tag 06.10.2026 fällt aus: geändert" in text_of(page)


def test_a_row_that_is_gone_is_named_by_its_number(desk):
    house = make_institution(locality=None)
    locality = make_locality(house.municipality)
    house.locality = locality
    house.save()
    number = locality.pk
    house.locality = None
    house.save()
    locality.delete()
    assert f"Ortsteil {number} (gelöscht)" in text_of(desk.get(address(house, "history")))


def test_who_may_not_see_the_row_may_not_read_its_history(client):
    client.force_login(get_user_model().objects.create_user("beispiel-gast", is_staff=True))
    assert client.get(address(make_slot(), "history")).status_code == 302


def test_a_long_history_comes_in_pages(desk):
    house = make_institution()
    for number in range(30):
        house.carrier = f"Träger {number}"
        house.save()
    assert "Seite 1 von 2" in text_of(desk.get(address(house, "history")))


# Brought back


def entry_of(row, number):
    return row.history.order_by("history_id")[number].pk


def test_looking_at_an_earlier_state_changes_nothing_and_confirming_brings_it_back(desk):
    slot = make_slot(note="Alt", counsellors=[make_counsellor()])
    save(desk, slot, note="Neu", counsellors=[])
    old = slot.history.filter(note="Alt").latest().pk
    page = text_of(desk.get(address(slot, "restore", old)))
    assert "Diesen Stand wiederherstellen" in page
    assert Slot.objects.get().note == "Neu"
    assert desk.post(address(slot, "restore", old)).status_code == 302
    assert Slot.objects.get().note == "Alt"
    assert "wiederhergestellt" in slot.history.latest().history_change_reason
    assert slot.history.latest().history_user.username == "beispiel-admin"


def test_links_come_back_with_the_state(desk):
    first, second = make_locality(), None
    second = make_locality(first.municipality)
    code = make_postal_code(first.municipality)
    code.save()
    code.localities.set([first])
    with_first = code.history.latest().pk
    save(desk, code, localities=[second.pk])
    desk.post(address(code, "restore", with_first))
    assert list(PostalCode.objects.get().localities.all()) == [first]


def test_a_state_that_would_clash_now_does_not_come_back(desk):
    counsellor, house = make_counsellor(), make_institution()
    slot = make_slot(house, counsellors=[counsellor])
    save(desk, slot, start_time="10:00", end_time="12:00")
    make_slot(house, counsellors=[counsellor])
    page = desk.post(address(slot, "restore", slot.history.filter(start_time=time(14)).latest().pk))
    assert "Konflikt" in text_of(page)
    assert "Nichts ist geändert." in text_of(page)
    assert Slot.objects.get(pk=slot.pk).start_time == time(10)


def test_a_state_its_own_form_would_refuse_does_not_come_back(desk):
    house, municipality = make_institution(), make_municipality()
    locality = make_locality(house.municipality)
    house.locality = locality
    house.save()
    old = house.history.latest().pk
    Institution.objects.filter(pk=house.pk).update(locality=None)
    locality.municipality = municipality
    locality.save()
    page = desk.post(address(house, "restore", old))
    assert "gehört nicht zu" in text_of(page)
    assert Institution.objects.get().locality is None


def test_publishing_again_by_bringing_back_needs_the_second_person(desk):
    slot = make_slot()
    district = slot.institution.municipality.district
    district.needs_second_person = True
    district.save()
    save(desk, slot, note="Neu")
    published = slot.history.latest().pk
    save(desk, slot, published_on="")
    page = desk.post(address(slot, "restore", published))
    assert "zweite Person" in text_of(page)
    assert Slot.objects.get().published_on is None


def test_bringing_back_needs_the_right_the_token_and_an_entry_of_this_very_row(desk):
    slot, other = make_slot(note="Alt"), make_slot()
    save(desk, slot, note="Neu")
    old = entry_of(slot, 0)
    guest = Client()
    guest.force_login(get_user_model().objects.create_user("beispiel-gast", is_staff=True))
    assert guest.post(address(slot, "restore", old)).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="beispiel-admin"))
    assert strict.post(address(slot, "restore", old)).status_code == 403
    assert desk.post(address(other, "restore", old)).status_code == 404
    assert Slot.objects.get(pk=slot.pk).note == "Neu"


# Forgotten


def test_an_entry_is_forgotten_after_its_days_and_not_a_day_earlier():
    offer = make_offer()
    entries = list(Offer.history.order_by("history_id"))
    for entry, age in zip(entries, (30, 29), strict=False):
        at = datetime.combine(TODAY, time(12), UTC) - timedelta(days=age)
        Offer.history.filter(pk=entry.pk).update(history_date=at)
    Offer.history.exclude(pk__in=[entry.pk for entry in entries[:2]]).delete()
    others = forget_history(day=TODAY, kept_days=30, dry_run=True)
    assert others == 1
    forget_history(day=TODAY, kept_days=30)
    assert [entry.pk for entry in offer.history.all()] == [entries[1].pk]
    left = Offer.history.model.topics.model.objects.values_list("history_id", flat=True)
    assert entries[0].pk not in left


def test_a_row_whose_history_was_forgotten_can_still_be_changed_and_read(desk):
    house = make_institution(name="Beispiel-Alt")
    Institution.history.all().delete()
    save(desk, house, name="Beispiel-Neu")
    assert ("Name", "Beispiel-Alt", "Beispiel-Neu") in rows_of(desk.get(address(house, "history")))
    assert [step.kind for step in steps_of_rows(Institution, [house.pk])] == ["vorhanden", "geändert"]
