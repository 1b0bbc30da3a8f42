"""Are single days, counted conversations and rooms kept in step with the dates of their slot?"""

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from icalendar import Calendar

from appointments.admin_forms import ExceptionFormSet
from appointments.models import Attendance, Offer, Provider, Slot, SlotException
from locations.models import Closure, Institution, Room
from tests.builders import make_district, make_exception, make_institution, make_municipality, make_slot

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)  # a Tuesday
ATTENDANCE = "/admin/appointments/attendance/add/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


# Extra dates


def errors_after(slot, rule):
    """Return what the untouched single days of the slot say to another rhythm."""
    rows = list(slot.exceptions.all())
    typed = {"exceptions-TOTAL_FORMS": len(rows), "exceptions-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        typed |= {
            f"exceptions-{number}-id": row.pk,
            f"exceptions-{number}-day": f"{row.day:%d.%m.%Y}",
            f"exceptions-{number}-kind": row.kind,
            f"exceptions-{number}-reason": row.reason,
        }
    slot.rule = rule
    formset = ExceptionFormSet(typed, instance=slot, prefix="exceptions")
    return [plain(text) for errors in formset.errors for texts in errors.values() for text in texts]


@pytest.mark.parametrize(
    ("day", "refused"),
    [(date(2026, 9, 9), True), (date(2026, 9, 2), True), (date(2026, 8, 26), False), (date(2026, 9, 10), False)],
)
def test_a_rhythm_that_reaches_an_extra_date_is_refused(day, refused):
    slot = make_slot()
    make_exception(slot, day, SlotException.Kind.EXTRA)
    assert bool(errors_after(slot, "FREQ=WEEKLY;BYDAY=WE")) == refused


def test_what_to_do_with_an_overtaken_extra_date_is_said():
    slot = make_slot()
    make_exception(slot, date(2026, 9, 9), SlotException.Kind.EXTRA)
    assert errors_after(slot, "FREQ=WEEKLY;BYDAY=WE") == [
        "Am 9. September 2026 ist nach dem neuen Rhythmus ohnehin ein Termin. Bitte den zusätzlichen löschen oder, "
        "wenn an diesem Tag geschlossen ist, „findet trotzdem statt“ wählen."
    ]
    assert errors_after(slot, "FREQ=WEEKLY;BYDAY=TU") == []


def test_an_extra_date_on_a_day_of_the_rhythm_is_told_in_the_panel(desk):
    slot = make_slot()
    make_exception(slot, date(2026, 9, 8), SlotException.Kind.EXTRA)
    page = plain(desk.get(f"/admin/appointments/slot/{slot.pk}/change/").content.decode())
    assert "Für den 8. September 2026 ist ein zusätzlicher Termin eingetragen" in page


# Counted conversations


def counted(desk, slot, day):
    """Return what the form says to the day, "" where it was stored."""
    response = desk.post(ATTENDANCE, {"slot": slot.pk, "day": f"{day:%d.%m.%Y}", "conversations": "3"})
    if response.status_code == 302:
        return ""
    return plain(response.context["adminform"].form.errors["day"][0])


def test_conversations_are_counted_on_days_on_which_it_took_place(desk):
    slot = make_slot()
    assert counted(desk, slot, TODAY) == ""
    assert counted(desk, slot, date(2026, 8, 25)) == ""
    assert Attendance.objects.count() == 2


def test_nobody_counts_ahead(desk):
    assert counted(desk, make_slot(), date(2026, 9, 8)) == "Der 8. September 2026 kommt erst noch."


def test_a_day_without_a_date_is_refused_with_those_nearby(desk):
    assert counted(desk, make_slot(), date(2026, 8, 26)) == (
        "Am 26. August 2026 war kein Termin. Die nächsten sind der 25. August 2026 und der 1. September 2026. "
        "Fand er doch statt, bitte zuerst beim Termin unter „einzelne Tage“ eintragen."
    )


def test_a_day_that_dropped_out_is_refused_with_its_reason_until_it_is_held_anyway(desk):
    slot = make_slot()
    Closure.objects.create(
        district=slot.institution.municipality.district, first_day=TODAY, last_day=TODAY, reason="Betriebsausflug"
    )
    assert counted(desk, slot, TODAY).startswith("Am 1. September 2026 fand der Termin nicht statt: Betriebsausflug.")
    make_exception(slot, TODAY, SlotException.Kind.HELD_ANYWAY)
    assert counted(desk, slot, TODAY) == ""


def test_what_was_counted_can_be_corrected_after_the_rhythm_changed(desk):
    slot = make_slot()
    row = Attendance.objects.create(slot=slot, day=date(2026, 8, 25), conversations=3)
    Slot.objects.update(rule="FREQ=WEEKLY;BYDAY=WE")
    typed = {"slot": slot.pk, "day": "25.08.2026", "conversations": "4"}
    response = desk.post(f"/admin/appointments/attendance/{row.pk}/change/", typed)
    assert "day" not in (response.context["adminform"].form.errors if response.status_code == 200 else {})


# Rooms in calendars


@pytest.mark.parametrize("change", ["rename", "delete", "delete_all"])
def test_whoever_subscribed_learns_of_another_name_of_the_room(client, change):
    house = make_institution()
    room = Room.objects.create(institution=house, name="Raum 1")
    slot = make_slot(house, room=room)
    for model in (Slot, Offer, Provider, Institution):
        model.objects.update(changed_at=timezone.now() - timedelta(hours=1))

    def sequence():
        calendar = Calendar.from_ical(client.get(f"/termine/{slot.uuid}.ics").content)
        return max(event["SEQUENCE"] for event in calendar.walk("VEVENT"))

    first = sequence()
    room.name = "Raum 2"
    {"rename": room.save, "delete": room.delete, "delete_all": Room.objects.filter(pk=room.pk).delete}[change]()
    assert sequence() > first


# Closures and keys of municipalities


@pytest.mark.parametrize(
    ("first_whose", "then_whose", "words"),
    [
        (
            "district",
            "house",
            "(alle Einrichtungen, 01.10.2026 bis 02.10.2026). Beide gelten; genannt wird der Grund, der",
        ),
        (
            "house",
            "district",
            "(Beispiel-Schule, 01.10.2026 bis 02.10.2026). Beide gelten; genannt wird der Grund, der",
        ),
        ("house", "other", ""),
    ],
)
def test_closures_of_district_and_house_that_share_a_day_are_told(desk, first_whose, then_whose, words):
    house = make_institution(name="Beispiel-Schule")
    district = house.municipality.district
    other = make_institution(house.municipality)
    whose = {"district": None, "house": house, "other": other}
    days = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 2)}
    Closure.objects.create(district=district, institution=whose[first_whose], reason="Umbau", **days)
    fields = {"district": district.pk, "first_day": "02.10.2026", "last_day": "03.10.2026", "reason": "Studientag"}
    if whose[then_whose]:
        fields["institution"] = whose[then_whose].pk
    response = desk.post("/admin/locations/closure/add/", fields, follow=True)
    told = [str(message) for message in response.context["messages"] if "überschneidet" in str(message)]
    assert len(told) == bool(words)
    assert words in "".join(told)


def test_a_closure_over_many_houses_tells_of_three(desk):
    district = make_district()
    town = make_municipality(district)
    days = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 2)}
    for _ in range(5):
        Closure.objects.create(district=district, institution=make_institution(town), reason="Umbau", **days)
    fields = {"district": district.pk, "first_day": "02.10.2026", "last_day": "03.10.2026", "reason": "Brückentag"}
    response = desk.post("/admin/locations/closure/add/", fields, follow=True)
    told = [str(message) for message in response.context["messages"] if "überschneidet" in str(message)]
    assert len(told) == 4
    assert told[-1] == "Sie überschneidet sich noch mit weiteren; die Liste der Schließzeiten zeigt sie."


def test_a_key_of_seven_digits_gives_one_sentence(desk):
    district = make_district(key="03157")
    fields = {"district": district.pk, "kind": "municipality", "name": "Beispieldorf", "ags": "3157001"}
    typed = fields | {"postal_codes-TOTAL_FORMS": "0", "postal_codes-INITIAL_FORMS": "0"}
    errors = desk.post("/admin/locations/municipality/add/", typed).context["adminform"].form.errors
    assert errors["ags"] == ["Der Gemeindeschlüssel (AGS) hat genau acht Ziffern, führende Null inbegriffen."]
