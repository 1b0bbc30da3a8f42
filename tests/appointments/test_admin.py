"""Can staff enter a slot without writing RFC 5545, see its dates first, and is every slip named at its field?"""

from datetime import date, time
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Attendance, Slot, SlotException
from locations.models import Room, SchoolHoliday
from tests.builders import make_counsellor, make_exception, make_institution, make_offer, make_slot
from tests.typed import stand

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)
ADD = "/admin/appointments/slot/add/"
NEVER = "Dieser Rhythmus hat in der Gültigkeit keinen einzigen Termin."


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


@pytest.fixture
def form():
    """Return a filled form: every 2nd Tuesday of the month, 14 to 16, in a school, from October 2026."""
    institution = make_institution()
    return {
        "offer": make_offer().pk,
        "institution": institution.pk,
        "rhythm": "monthly",
        "ordinals": ["2"],
        "weekdays": ["1"],
        "interval": "1",
        "start_time": "14:00",
        "end_time": "16:00",
        "first_day": "01.10.2026",
        "school_holiday_policy": "as_institution",
        "proposed_on": "01.09.2026",
        "exceptions-TOTAL_FORMS": "0",
        "exceptions-INITIAL_FORMS": "0",
        "confirmations-TOTAL_FORMS": "0",
        "confirmations-INITIAL_FORMS": "0",
    }


def single_day(form, **fields):
    return form | {"exceptions-TOTAL_FORMS": "1"} | {f"exceptions-0-{name}": value for name, value in fields.items()}


def errors_of(response):
    """Return every message of the page by field, those of single days without their number."""
    form = response.context["adminform"].form
    found = {name: list(messages) for name, messages in form.errors.items()}
    for inline in response.context["inline_admin_formsets"]:
        for row in inline.formset.errors:
            found |= {name: list(messages) for name, messages in row.items()}
    return found


def text_of(response):
    """Return the panel as one line of text."""
    html = response.content.decode()
    panel = html[html.index('id="termine"') : html.index("</section>")]
    return " ".join(unescape(panel).replace("\N{NO-BREAK SPACE}", " ").split())


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# Saving


def test_a_rhythm_typed_in_fields_is_stored_as_a_rule(desk, form):
    assert desk.post(ADD, form).status_code == 302
    slot = Slot.objects.get()
    assert slot.rule == "FREQ=MONTHLY;BYDAY=2TU"
    assert slot.sentence.replace("\N{NO-BREAK SPACE}", " ") == "jeden 2. Dienstag im Monat von 14 bis 16 Uhr"


@pytest.mark.parametrize(
    ("typed", "rule", "anchor"),
    [
        ({"rhythm": "weekly", "ordinals": [], "weekdays": ["0", "2"]}, "FREQ=WEEKLY;BYDAY=MO,WE", None),
        (
            {"rhythm": "weekly", "ordinals": [], "interval": "2", "anchor_day": "07.10.2026"},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            date(2026, 10, 7),
        ),
        (
            {"rhythm": "weekly", "ordinals": [], "interval": "", "anchor_day": "07.10.2026"},
            "FREQ=WEEKLY;BYDAY=TU",
            None,
        ),
        ({"ordinals": ["1", "-1"]}, "FREQ=MONTHLY;BYDAY=1TU,-1TU", None),
        (
            {"rhythm": "single", "ordinals": [], "weekdays": [], "single_dates": "3.11.2026, 06.10.26\n2026-12-01"},
            "RDATE;VALUE=DATE:20261006,20261103,20261201",
            None,
        ),
    ],
)
def test_every_kind_of_rhythm_can_be_typed(desk, form, typed, rule, anchor):
    response = desk.post(ADD, form | typed)
    assert response.status_code == 302, errors_of(response)
    slot = Slot.objects.get()
    assert (slot.rule, slot.anchor_day) == (rule, anchor)


@pytest.mark.parametrize(
    ("rule", "anchor"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", date(2026, 10, 7)),
        ("FREQ=MONTHLY;BYDAY=1TU,-1TU", None),
        ("RDATE;VALUE=DATE:20261006,20261103", None),
    ],
)
def test_opening_a_slot_and_saving_it_unchanged_keeps_its_rule(desk, form, rule, anchor):
    slot = make_slot(rule=rule, anchor_day=anchor, first_day=date(2026, 10, 1))
    address = reverse("admin:appointments_slot_change", args=[slot.pk])
    shown = desk.get(address).context["adminform"].form
    typed = form | {"institution": slot.institution_id, "offer": slot.offer_id, "ordinals": [], "weekdays": []}
    for name in ("rhythm", "ordinals", "weekdays", "interval", "anchor_day", "single_dates"):
        value = shown[name].value()
        typed[name] = f"{value:%d.%m.%Y}" if isinstance(value, date) else value or []
    typed |= {"proposed_on": "01.10.2026"}
    response = desk.post(address, typed | stand(desk, address))
    assert response.status_code == 302, errors_of(response)
    slot.refresh_from_db()
    assert (slot.rule, slot.anchor_day) == (rule, anchor)


# Slips


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"weekdays": []}, "weekdays", "Bitte mindestens einen Wochentag ankreuzen."),
        ({"weekdays": ["7"]}, "weekdays", "„7“ ist kein Wochentag."),
        ({"ordinals": []}, "ordinals", "Bitte ankreuzen, der wievielte Wochentag im Monat es ist."),
        (
            {"ordinals": ["5"]},
            "ordinals",
            "Möglich sind der 1. bis 4. und der letzte; einen fünften hat nicht jeder Monat.",
        ),
        (
            {"rhythm": "weekly", "ordinals": [], "interval": "0"},
            "interval",
            "Der Abstand muss zwischen 1 und 52 Wochen liegen.",
        ),
        (
            {"rhythm": "weekly", "ordinals": [], "interval": "53"},
            "interval",
            "Der Abstand muss zwischen 1 und 52 Wochen liegen.",
        ),
        (
            {"rhythm": "weekly", "ordinals": [], "interval": "2"},
            "anchor_day",
            "Bitte einen Tag in einer Woche angeben, in der der Termin stattfindet.",
        ),
        (
            {"rhythm": "weekly"},
            "ordinals",
            "„Der wievielte“ gehört zu „im Monat“. Bitte dort den Rhythmus ändern oder die Häkchen entfernen.",
        ),
        (
            {"interval": "2"},
            "interval",
            "Ein Abstand gehört zu „jede … Woche“. Bitte 1 eintragen oder den Rhythmus ändern.",
        ),
        (
            {"rhythm": "single", "ordinals": [], "weekdays": []},
            "single_dates",
            "Bitte mindestens einen Tag angeben.",
        ),
        (
            {"rhythm": "single", "ordinals": [], "weekdays": [], "single_dates": "31.02.2027"},
            "single_dates",
            "„31.02.2027“ ist kein Tag. Bitte jeden Tag wie 24.09.2026 schreiben.",
        ),
        (
            {"rhythm": "single", "ordinals": [], "weekdays": [], "single_dates": "6.10.2026 06.10.2026"},
            "single_dates",
            "Ein Tag kommt doppelt vor.",
        ),
        ({"first_day": "01.01.9999"}, "first_day", "Das Jahr muss zwischen 1970 und 2199 liegen."),
        ({"last_day": "31.12.9999"}, "last_day", "Das Jahr muss zwischen 1970 und 2199 liegen."),
        ({"last_day": "30.09.2026"}, "last_day", "Der letzte Tag liegt vor dem ersten Tag."),
        ({"last_day": "12.10.2026"}, "rhythm", NEVER),
        (
            {"rhythm": "single", "ordinals": [], "weekdays": [], "single_dates": "30.09.2026"},
            "rhythm",
            NEVER,
        ),
        (
            {"end_time": "14:00"},
            "end_time",
            "Das Ende liegt nicht nach dem Beginn. Ein Termin geht nicht über Mitternacht.",
        ),
        (
            {"published_on": "01.10.2026"},
            "published_on",
            "Ein Termin kann erst veröffentlicht sein, wenn er vereinbart ist.",
        ),
        (
            {"agreed_on": "31.08.2026"},
            "agreed_on",
            "Ein Termin kann nicht vereinbart sein, bevor er vorgeschlagen ist.",
        ),
        (
            {"withdrawn_on": "31.08.2026"},
            "withdrawn_on",
            "Ein Termin kann nicht zurückgezogen sein, bevor er vorgeschlagen ist.",
        ),
    ],
)
def test_a_slip_is_named_once_at_its_field_and_nothing_is_saved(desk, form, typed, field, message):
    response = desk.post(ADD, form | typed)
    assert errors_of(response) == {field: [message]}
    assert not Slot.objects.exists()


def test_the_only_date_may_be_the_last_day_of_the_validity(desk, form):
    assert desk.post(ADD, form | {"last_day": "13.10.2026"}).status_code == 302


def test_a_validity_in_which_every_date_drops_out_is_refused_with_the_reason(desk, form):
    form |= {"rhythm": "weekly", "ordinals": [], "interval": "1", "weekdays": ["4"]}
    response = desk.post(ADD, form | {"first_day": "25.12.2026", "last_day": "26.12.2026"})
    message = "In der Gültigkeit findet kein einziger Termin statt: Erster Weihnachtstag."
    assert errors_of(response) == {"rhythm": [message]}
    assert not Slot.objects.exists()


def test_a_room_of_another_institution_is_refused(desk, form):
    room = Room.objects.create(institution=make_institution(), name="Raum 1")
    response = desk.post(ADD, form | {"room": room.pk})
    assert errors_of(response) == {"room": ["Dieser Raum gehört zu einer anderen Einrichtung."]}


def test_a_time_that_the_clock_change_skips_is_refused(desk, form):
    typed = {"rhythm": "weekly", "ordinals": [], "weekdays": ["6"], "start_time": "02:30", "end_time": "03:30"}
    (message,) = errors_of(desk.post(ADD, form | typed))["start_time"]
    assert "25. Oktober" in message.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("years_on", [1, 5])
def test_a_single_day_far_ahead_is_checked_against_the_clock_as_well(desk, form, years_on):
    day = max(d for d in range(25, 32) if date(2026 + years_on, 3, d).weekday() == 6)
    typed = {"rhythm": "single", "ordinals": [], "weekdays": [], "start_time": "02:30", "end_time": "03:30"}
    typed |= {"single_dates": f"{day}.03.{2026 + years_on}", "last_day": ""}
    (message,) = errors_of(desk.post(ADD, form | typed))["start_time"]
    assert "gibt es nicht" in message


# In words


def test_a_phrase_fills_the_empty_fields(desk, form):
    typed = {"ordinals": [], "weekdays": [], "start_time": "", "end_time": ""}
    response = desk.post(
        ADD, form | typed | {"phrase": "alle zwei Wochen mittwochs 8.30–10 Uhr", "anchor_day": "7.10.26"}
    )
    assert response.status_code == 302, errors_of(response)
    slot = Slot.objects.get()
    assert (slot.rule, slot.anchor_day) == ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", date(2026, 10, 7))
    assert (slot.start_time, slot.end_time) == (time(8, 30), time(10))


def test_a_preview_shows_the_fields_a_phrase_filled(desk, form):
    typed = {"ordinals": [], "weekdays": [], "start_time": "", "end_time": "", "_preview": "1"}
    response = desk.post(ADD, form | typed | {"phrase": "jeden 2. Dienstag im Monat 14–16 Uhr"})
    shown = response.context["adminform"].form
    assert shown["ordinals"].value() == ["2"]
    assert shown["weekdays"].value() == ["1"]
    assert shown["start_time"].value() == "14:00"
    assert "Verstanden. Die Felder darunter sind ausgefüllt." in response.content.decode()


def test_words_that_contradict_the_fields_are_refused(desk, form):
    response = desk.post(ADD, form | {"phrase": "jeden 3. Dienstag im Monat 14–16 Uhr"})
    (message,) = errors_of(response)["phrase"]
    assert message.replace("\N{NO-BREAK SPACE}", " ") == (
        "Die Worte sagen „jeden 3. Dienstag im Monat von 14 bis 16 Uhr“, die Felder „jeden 2. Dienstag im Monat von 14 bis "
        "16 Uhr“. Bitte eines davon ändern; „In Worten“ darf leer bleiben."
    )


def test_words_with_other_times_than_the_fields_are_refused(desk, form):
    assert "phrase" in errors_of(desk.post(ADD, form | {"phrase": "jeden 2. Dienstag im Monat 14–15 Uhr"}))


def test_words_that_say_something_else_about_school_holidays_are_refused(desk, form):
    words = {"phrase": "jeden 2. Dienstag im Monat 14–16 Uhr außer in den Ferien"}
    assert "phrase" in errors_of(desk.post(ADD, form | words | {"school_holiday_policy": "continues"}))
    assert desk.post(ADD, form | words | {"school_holiday_policy": "pauses"}).status_code == 302


def test_words_that_agree_with_the_fields_are_accepted(desk, form):
    assert desk.post(ADD, form | {"phrase": "jeden 2. Dienstag im Monat 14–16 Uhr"}).status_code == 302


def test_unclear_words_are_refused_with_the_reason(desk, form):
    (message,) = errors_of(desk.post(ADD, form | {"phrase": "einmal im Monat"}))["phrase"]
    assert message.startswith("Nicht verstanden. „einmal im Monat“")


def test_words_for_two_slots_are_refused_naming_both(desk, form):
    (message,) = errors_of(desk.post(ADD, form | {"phrase": "Mo 8–12, Do 14–18 Uhr"}))["phrase"]
    assert message.startswith("Das sind mehrere Termine, bitte jeden einzeln anlegen: jeden Montag")


# Panel


@pytest.fixture
def autumn_holidays():
    SchoolHoliday.objects.create(
        federal_state="DE-NI",
        name="Herbstferien",
        first_day=date(2026, 10, 12),
        last_day=date(2026, 10, 24),
        source="Beispiel",
    )


def test_the_preview_saves_nothing(desk, form):
    response = desk.post(ADD, form | {"_preview": "1"})
    assert response.status_code == 200
    assert errors_of(response) == {}
    assert "Noch nichts gespeichert." in text_of(response)
    assert not Slot.objects.exists()


def test_the_preview_names_dates_that_drop_out_with_their_reason(desk, form, autumn_holidays):
    panel = text_of(desk.post(ADD, form | {"last_day": "31.12.2026", "_preview": "1"}))
    assert "Das ergibt 2 Termine bis 31. Dezember 2026" in panel
    assert "<s>Di, 13. Okt. 2026</s></b> <span>fällt aus: Herbstferien</span>" in panel
    assert "2 finden statt, 1 fällt aus" in panel


def test_the_preview_considers_single_days_just_typed(desk, form, autumn_holidays):
    typed = single_day(form, day="13.10.2026", kind="held_anyway") | {"last_day": "31.12.2026", "_preview": "1"}
    panel = text_of(desk.post(ADD, typed))
    assert "Das ergibt 3 Termine" in panel
    assert "findet trotzdem statt (Herbstferien)" in panel


def test_the_preview_shows_ten_dates_and_counts_all(desk, form):
    response = desk.post(ADD, form | {"_preview": "1"})
    preview = response.context["preview"]
    assert len(preview.rows) == 10
    assert preview.total == 22
    assert preview.rows[0].day == date(2026, 10, 13)


def test_the_preview_says_which_years_have_no_known_school_holidays(desk, form):
    assert "Ferien 2026, 2027 und 2028 noch nicht bekannt." in text_of(desk.post(ADD, form | {"_preview": "1"}))


def test_the_preview_of_an_incomplete_form_says_so(desk, form):
    response = desk.post(ADD, form | {"weekdays": [], "_preview": "1"})
    assert "Dafür fehlt noch etwas." in text_of(response)


def test_opening_a_slot_shows_its_next_dates(desk):
    slot = make_slot()
    panel = text_of(desk.get(reverse("admin:appointments_slot_change", args=[slot.pk])))
    assert "Jeden Dienstag von 14 bis 16 Uhr." in panel
    assert "Di, 1. Sept. 2026" in panel


def test_a_slot_that_is_over_has_no_dates_any_more(desk):
    slot = make_slot(last_day=date(2026, 8, 31))
    assert "Keine Termine mehr" in text_of(desk.get(reverse("admin:appointments_slot_change", args=[slot.pk])))


def test_after_saving_the_dates_that_drop_out_are_said(desk, form, autumn_holidays):
    response = desk.post(ADD, form | {"last_day": "31.12.2026"})
    assert said(response)[0] == "1 von 3 Terminen fällt aus: 13.10.2026 (Herbstferien)"


def test_an_entry_the_rhythm_no_longer_meets_is_pointed_out(desk):
    slot = make_slot()
    make_exception(slot, date(2026, 10, 7))
    panel = text_of(desk.get(reverse("admin:appointments_slot_change", args=[slot.pk])))
    assert "Für den 7. Oktober 2026 ist etwas eingetragen, aber an diesem Tag ist kein Termin." in panel


# Single days


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        (
            {"day": "14.10.2026", "kind": "cancelled"},
            "day",
            "Am 14. Oktober 2026 ist kein Termin. Die nächsten sind der 13. Oktober 2026 und der 10. November 2026.",
        ),
        (
            {"day": "02.10.2026", "kind": "cancelled"},
            "day",
            "Am 2. Oktober 2026 ist kein Termin. Der nächste ist der 13. Oktober 2026.",
        ),
        (
            {"day": "31.12.2026", "kind": "cancelled"},
            "day",
            "Am 31. Dezember 2026 ist kein Termin. Der nächste ist der 8. Dezember 2026.",
        ),
        (
            {"day": "13.10.2026", "kind": "extra"},
            "day",
            "Am 13. Oktober 2026 ist nach dem Rhythmus schon ein Termin, „zusätzlich“ passt dort nicht.",
        ),
        (
            {"day": "30.09.2026", "kind": "extra"},
            "day",
            "Der Termin gilt erst ab 1. Oktober 2026.",
        ),
        (
            {"day": "13.10.2026", "kind": "moved", "new_day": "30.09.2026"},
            "new_day",
            "Der Termin gilt erst ab 1. Oktober 2026.",
        ),
        (
            {"day": "13.10.2026", "kind": "moved", "new_day": "01.01.2027"},
            "new_day",
            "Der Termin gilt nur bis 31. Dezember 2026.",
        ),
        ({"day": "13.10.9999", "kind": "cancelled"}, "day", "Das Jahr muss zwischen 1970 und 2199 liegen."),
    ],
)
def test_a_single_day_that_does_not_fit_is_refused(desk, form, typed, field, message):
    found = errors_of(desk.post(ADD, single_day(form, **typed) | {"last_day": "31.12.2026"}))
    assert {name: [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts] for name, texts in found.items()} == {
        field: [message]
    }


@pytest.mark.parametrize(
    ("times", "refused"),
    [
        ({}, True),
        ({"new_start_time": "15:59", "new_end_time": "17:00"}, True),
        ({"new_start_time": "16:00", "new_end_time": "17:00"}, False),
    ],
)
def test_a_date_moved_onto_another_one_of_the_slot_is_refused(desk, form, times, refused):
    typed = {"day": "13.10.2026", "kind": "moved", "new_day": "10.11.2026"} | times
    response = desk.post(ADD, single_day(form, **typed))
    assert Slot.objects.exists() is not refused
    if refused:
        (message,) = errors_of(response)["__all__"]
        assert message.replace("\N{NO-BREAK SPACE}", " ").startswith(
            "Am 10. November 2026 fände der Termin doppelt statt"
        )


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "moved"},
        {"kind": "cancelled", "new_day": "14.10.2026"},
        {"kind": "held_anyway", "new_start_time": "15:00", "new_end_time": "16:00"},
    ],
)
def test_a_kind_of_change_that_lacks_or_has_too_much_is_refused(desk, form, typed):
    found = errors_of(desk.post(ADD, single_day(form, day="13.10.2026", **typed)))
    assert found["__all__"][0].startswith("Neuer Tag, neue Zeit oder anderer Ort gehören zu „verlegt“")


@pytest.mark.parametrize("day", ["01.10.2026", "31.12.2026"])
def test_first_and_last_day_of_the_validity_may_get_an_extra_date(desk, form, day):
    response = desk.post(ADD, single_day(form, day=day, kind="extra") | {"last_day": "31.12.2026"})
    assert response.status_code == 302, errors_of(response)


def test_a_fitting_single_day_is_saved(desk, form):
    response = desk.post(ADD, single_day(form, day="13.10.2026", kind="moved", new_day="14.10.2026"))
    assert response.status_code == 302, errors_of(response)
    assert SlotException.objects.get().new_day == date(2026, 10, 14)


# Conflicts


@pytest.fixture
def busy(form):
    """Return a counsellor who is elsewhere every Tuesday from 15 to 17."""
    counsellor = make_counsellor()
    make_slot(start_time=time(15), end_time=time(17), counsellors=[counsellor])
    return counsellor


def test_a_counsellor_who_is_elsewhere_then_is_refused(desk, form, busy):
    response = desk.post(ADD, form | {"counsellors": [busy.pk]})
    (message,) = errors_of(response)["counsellors"]
    assert message.replace("\N{NO-BREAK SPACE}", " ").startswith("Konflikt am 13. Oktober 2026 mit „")
    assert "fehlen 60 Minuten" in message.replace("\N{NO-BREAK SPACE}", " ")
    assert Slot.objects.count() == 1


def test_the_preview_shows_the_conflict(desk, form, busy):
    assert "Konflikt am 13. Oktober 2026" in text_of(desk.post(ADD, form | {"counsellors": [busy.pk], "_preview": "1"}))


def test_a_room_that_is_taken_is_refused(desk, form):
    taken = make_slot(rule="FREQ=WEEKLY;BYDAY=TU")
    room = Room.objects.create(institution=taken.institution, name="Raum 1")
    Slot.objects.update(room=room)
    response = desk.post(ADD, form | {"institution": taken.institution_id, "room": room.pk})
    assert list(errors_of(response)) == ["room"]


def test_a_single_day_typed_now_can_clash(desk, form, busy):
    typed = single_day(form, day="13.10.2026", kind="moved", new_start_time="16:00", new_end_time="18:00")
    typed |= {"start_time": "10:00", "end_time": "11:00", "counsellors": [busy.pk]}
    assert list(errors_of(desk.post(ADD, typed))) == ["counsellors"]


def test_cancelling_the_clashing_dates_resolves_the_conflict(desk, form, busy):
    typed = single_day(form, day="13.10.2026", kind="cancelled") | {"last_day": "31.10.2026"}
    response = desk.post(ADD, typed | {"counsellors": [busy.pk]})
    assert response.status_code == 302, errors_of(response)


def test_a_slot_does_not_clash_with_itself(desk, form):
    counsellor = make_counsellor()
    assert desk.post(ADD, form | {"counsellors": [counsellor.pk]}).status_code == 302
    slot = Slot.objects.get()
    address = reverse("admin:appointments_slot_change", args=[slot.pk])
    assert (
        desk.post(
            address, form | {"counsellors": [counsellor.pk], "end_time": "15:00"} | stand(desk, address)
        ).status_code
        == 302
    )


def test_a_withdrawn_slot_is_in_nobodys_way(desk, form, busy):
    Slot.objects.update(withdrawn_on=TODAY)
    assert desk.post(ADD, form | {"counsellors": [busy.pk]}).status_code == 302


# Lists, pages and deleting


@pytest.mark.parametrize("model", ["slot", "offer", "provider", "counsellor", "confirmation", "attendance", "topic"])
def test_a_list_needs_few_queries_however_many_rows(desk, model):
    for _ in range(10):
        slot = make_slot(counsellors=[make_counsellor()])
        slot.confirmations.create(confirmed_on=TODAY)
        Attendance.objects.create(slot=slot, day=date(2026, 8, 25), conversations=2)
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(reverse(f"admin:appointments_{model}_changelist")).status_code == 200
    assert len(queries) <= 12


def test_the_page_of_a_slot_needs_few_queries_however_many_single_days(desk):
    slot = make_slot()
    for day in range(1, 11):
        make_exception(slot, date(2027, 1, 5 + day), kind=SlotException.Kind.EXTRA)
    with CaptureQueriesContext(connection) as queries:
        desk.get(reverse("admin:appointments_slot_change", args=[slot.pk]))
    assert len(queries) <= 30


@pytest.mark.parametrize(
    ("status", "given"),
    [
        ("proposed", {"agreed_on": None, "published_on": None}),
        ("agreed", {"published_on": None}),
        ("published", {}),
        ("published", {"last_day": TODAY}),
        ("ended", {"last_day": date(2026, 8, 31)}),
        ("published", {"withdrawn_on": date(2026, 9, 2)}),
        ("ended", {"withdrawn_on": TODAY}),
    ],
)
def test_the_filter_agrees_with_the_status_of_the_slot(desk, status, given):
    slot = make_slot(**given)
    assert slot.status_on(TODAY) == status
    for value in Slot.Status.values:
        shown = desk.get(reverse("admin:appointments_slot_changelist"), {"stand": value}).context["cl"].result_count
        assert shown == (value == status)


# Changes with a preview


def test_the_list_leads_to_the_preview_of_a_change(desk):
    slots = [make_slot(), make_slot()]
    response = desk.post(
        reverse("admin:appointments_slot_changelist"),
        {"action": "end", "_selected_action": [slot.pk for slot in slots]},
    )
    page = desk.get(response.url)
    assert "2 Termine ausgewählt" in page.content.decode()


def test_looking_at_an_end_changes_nothing_and_confirming_it_does(desk):
    slot = make_slot()
    address = reverse("admin:appointments_slot_end")
    typed = {"termine": slot.pk, "last_day": "29.09.2026"}
    page = desk.get(address, typed).content.decode()
    assert "Letzter Tag ist der 29.\N{NO-BREAK SPACE}September\N{NO-BREAK SPACE}2026." in page
    assert "06.10.2026" in page
    slot.refresh_from_db()
    assert slot.last_day is None
    response = desk.post(address, typed)
    assert said(response)[0].startswith("1 Termin beendet.")
    slot.refresh_from_db()
    assert slot.last_day == date(2026, 9, 29)


def test_moving_offers_the_rooms_of_the_chosen_institution(desk):
    slot, house = make_slot(), make_institution()
    room = Room.objects.create(institution=house, name="Raum 1")
    typed = {"termine": slot.pk, "institution": house.pk, "first_day": "01.10.2026", "room": room.pk}
    assert desk.get(reverse("admin:appointments_slot_move"), typed).status_code == 200
    desk.post(reverse("admin:appointments_slot_move"), typed)
    follower = Slot.objects.exclude(pk=slot.pk).get()
    assert (follower.institution, follower.room, follower.first_day) == (house, room, date(2026, 10, 1))


def test_carrying_over_needs_no_further_words(desk):
    slot = make_slot(last_day=date(2027, 7, 31))
    address = reverse("admin:appointments_slot_carry_over")
    page = desk.get(address, {"termine": slot.pk}).content.decode()
    assert "Er gilt weiter bis 31.\N{NO-BREAK SPACE}Juli\N{NO-BREAK SPACE}2028." in page
    desk.post(address, {"termine": slot.pk})
    slot.refresh_from_db()
    assert slot.last_day == date(2028, 7, 31)


@pytest.mark.parametrize("chosen", ["", "abc", "0", "1,", "9" * 30, ",".join(["1"] * 101), "²"])
def test_a_selection_that_is_none_leads_back_with_a_message(desk, chosen):
    response = desk.get(reverse("admin:appointments_slot_end"), {"termine": chosen})
    assert response.url == reverse("admin:appointments_slot_changelist")
    assert said(response) == ["Bitte 1 bis 100 vorhandene Termine auswählen."]


def test_an_impossible_day_is_refused_at_its_field(desk):
    page = desk.get(reverse("admin:appointments_slot_end"), {"termine": make_slot().pk, "last_day": "31.02.2027"})
    assert page.context["form"].errors == {"last_day": ["Bitte ein gültiges Datum eingeben."]}


def test_who_may_not_change_slots_may_not_end_them(client):
    user = get_user_model().objects.create_user("beispiel-gast", is_staff=True)
    client.force_login(user)
    assert client.get(reverse("admin:appointments_slot_end"), {"termine": make_slot().pk}).status_code == 403


def shown_again(response):
    return response.context["adminform"].form["as_shown"].value()


def test_a_phrase_changed_after_a_refused_save_wins_over_the_fields_it_filled_before(desk, form):
    empty = {"ordinals": [], "weekdays": [], "start_time": "", "end_time": ""}
    first = desk.post(ADD, form | empty | {"phrase": "jeden 2. Dienstag im Monat 14–16 Uhr", "_preview": "1"})
    filled = form | {"as_shown": shown_again(first), "start_time": "14:00", "end_time": "16:00"}
    response = desk.post(ADD, filled | {"phrase": "jeden 3. Mittwoch im Monat 9–10 Uhr"})
    assert response.status_code == 302, errors_of(response)
    slot = Slot.objects.get()
    assert (slot.rule, slot.start_time) == ("FREQ=MONTHLY;BYDAY=3WE", time(9))


def test_fields_changed_after_the_phrase_win_over_it(desk, form):
    empty = {"ordinals": [], "weekdays": [], "start_time": "", "end_time": ""}
    words = {"phrase": "jeden 2. Dienstag im Monat 14–16 Uhr"}
    first = desk.post(ADD, form | empty | words | {"_preview": "1"})
    later = form | words | {"as_shown": shown_again(first), "ordinals": ["4"]}
    assert desk.post(ADD, later).status_code == 302
    assert Slot.objects.get().rule == "FREQ=MONTHLY;BYDAY=4TU"


def test_a_phrase_replaces_the_stored_rhythm_without_emptying_the_fields(desk, form):
    desk.post(ADD, form)
    slot = Slot.objects.get()
    page = desk.get(reverse("admin:appointments_slot_change", args=[slot.pk]))
    typed = form | {"as_shown": shown_again(page), "phrase": "jeden 1. Montag im Monat 10–12 Uhr"}
    response = desk.post(page.request["PATH_INFO"], typed | {"_preview": "1"})
    assert "phrase" not in errors_of(response)
    assert response.context["adminform"].form["ordinals"].value() == ["1"]


def test_the_script_says_that_the_phrase_came_last(desk, form):
    typed = form | {"phrase": "jeden 3. Dienstag im Monat 14–16 Uhr", "_preview": "1", "_from_words": "1"}
    response = desk.post(ADD, typed)
    assert response.context["adminform"].form["ordinals"].value() == ["3"]
