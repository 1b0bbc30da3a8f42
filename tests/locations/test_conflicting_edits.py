"""Does the second of two people who edit one row see what the first saved, and is nothing lost silently?"""

import threading
from datetime import date
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Slot, SlotException
from locations.models import Institution, Room
from tests.builders import make_counsellor, make_exception, make_institution, make_slot
from tests.typed import page_of, typed

TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


def someone(name):
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(name))
    return client


@pytest.fixture
def two(db):
    return someone("beispiel-erste"), someone("beispiel-zweite")


def text_of(response):
    return " ".join(unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def change(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def choices(response):
    return {clash.key: chosen for clash, chosen in response.context["choices"]}


def answered(response, **chosen):
    """Return what the page of clashes sends when these choices are made."""
    data = {}
    for name, text in response.context["kept"]:
        data.setdefault(name, []).append(text)
    said = {f"_wahl-{key}": value for key, value in (choices(response) | chosen).items()}
    return data | said | {"_gesehen": response.context["seen_now"]}


# Fields


def test_the_second_sees_field_by_field_what_the_first_saved(two):
    first, second = two
    slot = make_slot(note="Alter Hinweis")
    pages = [page_of(client, change(slot)) for client in two]
    assert first.post(change(slot), typed(pages[0], note="Von der Ersten")).status_code == 302
    response = second.post(change(slot), typed(pages[1], note="Von der Zweiten", start_time="15:00"))
    assert response.status_code == 409
    page = text_of(response)
    assert "beispiel-erste" in page
    assert "Vorher: Alter Hinweis" in page
    assert "Von der Ersten" in page
    assert "Von der Zweiten" in page
    assert "Beginn: 14 Uhr → 15 Uhr" in page
    assert Slot.objects.get().note == "Von der Ersten"


@pytest.mark.parametrize(("chosen", "note"), [("meins", "Von der Zweiten"), ("deren", "Von der Ersten")])
def test_what_was_chosen_is_saved_with_everything_else_that_was_typed(two, chosen, note):
    first, second = two
    slot = make_slot()
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), typed(pages[0], note="Von der Ersten"))
    response = second.post(change(slot), typed(pages[1], note="Von der Zweiten", start_time="15:00"))
    assert second.post(change(slot), answered(response, note=chosen)).status_code == 302
    saved = Slot.objects.get()
    assert (saved.note, f"{saved.start_time:%H:%M}") == (note, "15:00")


def test_nothing_is_saved_until_both_typed_values_are_decided(two):
    first, second = two
    slot = make_slot()
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), typed(pages[0], note="Von der Ersten"))
    response = second.post(change(slot), typed(pages[1], note="Von der Zweiten"))
    assert choices(response) == {"note": ""}
    assert second.post(change(slot), answered(response)).status_code == 409
    assert Slot.objects.get().note == "Von der Ersten"


def test_what_the_second_left_alone_keeps_the_firsts_value_unless_they_say_otherwise(two):
    first, second = two
    slot = make_slot(note="Alter Hinweis")
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), typed(pages[0], note="Von der Ersten"))
    response = second.post(change(slot), typed(pages[1], start_time="15:00"))
    assert choices(response) == {"note": "deren"}
    second.post(change(slot), answered(response))
    assert (Slot.objects.get().note, Slot.objects.get().start_time.hour) == ("Von der Ersten", 15)


def test_the_same_typed_twice_is_no_question(two):
    first, second = two
    slot = make_slot()
    pages = [page_of(client, change(slot)) for client in two]
    for client, page in zip(two, pages, strict=True):
        assert client.post(change(slot), typed(page, note="Beide gleich")).status_code == 302


def test_links_to_many_rows_are_compared_too(two):
    first, second = two
    mine, theirs = make_counsellor(), make_counsellor()
    slot = make_slot()
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), typed(pages[0], counsellors=[theirs.pk]))
    response = second.post(change(slot), typed(pages[1], counsellors=[mine.pk]))
    assert f"{theirs}" in text_of(response)
    second.post(change(slot), answered(response, counsellors="meins"))
    assert list(Slot.objects.get().counsellors.all()) == [mine]


def test_a_third_who_saves_meanwhile_is_asked_about_as_well(two):
    first, second = two
    slot = make_slot()
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), typed(pages[0], note="Von der Ersten"))
    response = second.post(change(slot), typed(pages[1], note="Von der Zweiten"))
    first.post(change(slot), typed(page_of(first, change(slot)), note="Noch einmal"))
    again = second.post(change(slot), answered(response, note="meins"))
    assert again.status_code == 409
    assert "Noch einmal" in text_of(again)


def test_a_mistake_on_the_page_does_not_forget_what_it_had_shown(two):
    first, second = two
    slot = make_slot()
    page = page_of(second, change(slot))
    wrong = second.post(change(slot), typed(page, end_time="13:00"))
    first.post(change(slot), typed(page_of(first, change(slot)), note="Von der Ersten"))
    mended = typed(page, end_time="17:00", _stand=wrong.context["desk_version"])
    assert second.post(change(slot), mended).status_code == 409


def test_computing_the_dates_does_not_forget_what_the_page_had_shown(two):
    first, second = two
    slot = make_slot()
    page = page_of(second, change(slot))
    first.post(change(slot), typed(page_of(first, change(slot)), note="Von der Ersten"))
    preview = second.post(change(slot), typed(page, _preview="1"))
    assert preview.context["desk_version"] == page["_stand"]


@pytest.mark.parametrize("seal", ["", "gefälscht", None])
def test_a_page_without_its_state_overwrites_nothing_silently(two, seal):
    first, _ = two
    slot = make_slot(note="Steht da")
    page = typed(page_of(first, change(slot)), note="Neu")
    page = page | {"_stand": seal} if seal is not None else {k: v for k, v in page.items() if k != "_stand"}
    response = first.post(change(slot), page)
    assert response.status_code == 409
    assert choices(response) == {"note": ""} or choices(response) == {"note": "deren"}
    assert Slot.objects.get().note == "Steht da"


def test_the_seal_of_another_row_counts_as_none(two):
    first, _ = two
    slot, other = make_slot(note="Steht da"), make_slot()
    page = typed(page_of(first, change(slot)), note="Neu", _stand=page_of(first, change(other))["_stand"])
    assert first.post(change(slot), page).status_code == 409


def test_saving_twice_in_a_row_is_no_conflict_with_oneself(two):
    first, _ = two
    slot = make_slot()
    for note in ("Eins", "Zwei"):
        assert first.post(change(slot), typed(page_of(first, change(slot)), note=note)).status_code == 302


# Rows beside the row


def single_day(page, number=0, **fields):
    return typed(page, **{f"exceptions-{number}-{name}": value for name, value in fields.items()})


def test_a_single_day_the_other_one_changed_counts(two):
    first, second = two
    slot = make_slot()
    make_exception(slot, date(2026, 10, 6), reason="Alt")
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), single_day(pages[0], reason="Von der Ersten"))
    response = second.post(change(slot), typed(pages[1], note="Nur der Hinweis"))
    assert response.status_code == 409
    assert "Von der Ersten" in text_of(response)
    second.post(change(slot), answered(response))
    assert SlotException.objects.get().reason == "Von der Ersten"
    assert Slot.objects.get().note == "Nur der Hinweis"


def test_a_single_day_both_changed_is_decided_as_a_whole(two):
    first, second = two
    slot = make_slot()
    row = make_exception(slot, date(2026, 10, 6), reason="Alt")
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), single_day(pages[0], reason="Von der Ersten"))
    response = second.post(change(slot), single_day(pages[1], reason="Von der Zweiten"))
    assert choices(response) == {f"exceptions-{row.pk}": ""}
    second.post(change(slot), answered(response, **{f"exceptions-{row.pk}": "meins"}))
    assert SlotException.objects.get().reason == "Von der Zweiten"


@pytest.mark.parametrize(("chosen", "left"), [("meins", ["Von der Zweiten", "Zweiter"]), ("deren", ["Zweiter"])])
def test_a_single_day_the_other_one_deleted_comes_back_only_if_wanted(two, chosen, left):
    first, second = two
    slot = make_slot()
    row = make_exception(slot, date(2026, 10, 6), reason="Alt")
    make_exception(slot, date(2026, 10, 13), reason="Zweiter")
    pages = [page_of(client, change(slot)) for client in two]
    first.post(change(slot), single_day(pages[0], DELETE="on"))
    assert SlotException.objects.count() == 1
    response = second.post(change(slot), single_day(pages[1], reason="Von der Zweiten"))
    assert response.status_code == 409
    assert second.post(change(slot), answered(response, **{f"exceptions-{row.pk}": chosen})).status_code == 302
    assert [one.reason for one in SlotException.objects.order_by("day")] == left


def test_a_single_day_the_other_one_added_stays_and_is_told(two):
    first, second = two
    slot = make_slot()
    pages = [page_of(client, change(slot)) for client in two]
    added = single_day(pages[0], 0, day="06.10.2026", kind="cancelled", reason="Neu") | {"exceptions-TOTAL_FORMS": "1"}
    first.post(change(slot), added)
    response = second.post(change(slot), typed(pages[1], note="Nur der Hinweis"), follow=True)
    assert "Inzwischen eingetragen, und es bleibt: einzelner Tag 06.10.2026 fällt aus." in text_of(response)
    assert SlotException.objects.count() == 1


def test_a_room_changed_on_its_own_page_counts_for_its_house(two):
    first, second = two
    house = make_institution()
    room = Room.objects.create(institution=house, name="Raum 1")
    page = page_of(second, change(house))
    first.post(change(room), typed(page_of(first, change(room)), name="Raum 2"))
    response = second.post(change(house), typed(page, name="Beispiel-Schule Neu"))
    assert response.status_code == 409
    second.post(change(house), answered(response))
    assert Room.objects.get().name == "Raum 2"
    assert Institution.objects.get().name == "Beispiel-Schule Neu"


# At the same moment


@pytest.mark.usefixtures("_two_connections")
def test_of_two_who_save_at_the_same_moment_one_is_asked():
    clients = [someone("beispiel-erste"), someone("beispiel-zweite")]
    slot = make_slot(counsellors=[make_counsellor()])
    pages = [page_of(client, change(slot)) for client in clients]
    gate, found = threading.Barrier(2), []

    def save(number):
        try:
            gate.wait(timeout=20)
            found.append(clients[number].post(change(slot), typed(pages[number], note=f"Hinweis {number}")).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(found) == [302, 409]
    assert slot.history.filter(note__startswith="Hinweis").values("note").distinct().count() == 1


@pytest.mark.django_db
def test_the_page_of_a_slot_still_needs_few_queries(two):
    first, _ = two
    slot = make_slot(counsellors=[make_counsellor()])
    for number in range(10):
        make_exception(slot, date(2027, 1, 6 + number), kind=SlotException.Kind.EXTRA)
    first.post(change(slot), typed(page_of(first, change(slot)), note="Neu"))
    with CaptureQueriesContext(connection) as queries:
        first.get(change(slot))
    assert len(queries) <= 30
