"""Does a subscribed calendar say exactly what the page says, and only when it changed?"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from django.urls import reverse
from django.utils import timezone

from appointments.ical import feed_window
from appointments.models import Offer, Provider, Slot, SlotException
from appointments.occurrences import held
from appointments.schedule import Timetable
from locations.models import Closure, Institution, SchoolHoliday
from tests import builders

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = timezone.localdate()
pytestmark = pytest.mark.django_db


def dates_in(body: bytes) -> list[tuple[datetime, datetime]]:
    first, last = feed_window(TODAY)
    calendar = icalendar.Calendar.from_ical(body)
    assert [event.errors for event in calendar.walk()] == [[] for _ in calendar.walk()]
    events = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
    return sorted((event.start, event.end) for event in events if event.get("STATUS") != "CANCELLED")


def dates_on_the_page(*slots: Slot) -> list[tuple[datetime, datetime]]:
    first, last = feed_window(TODAY)
    rows = list(Slot.objects.filter(pk__in=[slot.pk for slot in slots]).with_dates())
    timetable = Timetable.of_slots(rows, first, last)
    return sorted(
        (datetime.combine(one.day, one.start, BERLIN), datetime.combine(one.day, one.end, BERLIN))
        for slot in rows
        for one in held(timetable.series(slot), timetable.calendar(slot), first, last)
    )


@pytest.fixture
def slot():
    slot = builders.make_slot(school_holiday_policy=Slot.SchoolHolidayPolicy.PAUSES)
    district = slot.institution.municipality.district
    tuesday = TODAY + timedelta(days=(1 - TODAY.weekday()) % 7)
    for number, kind in enumerate([SlotException.Kind.CANCELLED, SlotException.Kind.HELD_ANYWAY]):
        builders.make_exception(slot, tuesday + timedelta(weeks=number), kind)
    moved = {"new_start_time": time(9), "new_end_time": time(10), "new_institution": builders.make_institution()}
    builders.make_exception(slot, tuesday + timedelta(weeks=2), SlotException.Kind.MOVED, **moved)
    builders.make_exception(slot, tuesday + timedelta(days=1), SlotException.Kind.EXTRA)
    closed = {"first_day": tuesday + timedelta(weeks=4), "last_day": tuesday + timedelta(weeks=5)}
    Closure.objects.create(district=district, reason="Beispiel-Umbau", **closed)
    holiday = {"first_day": tuesday + timedelta(weeks=8), "last_day": tuesday + timedelta(weeks=10)}
    SchoolHoliday.objects.create(federal_state="DE-NI", name="Beispielferien", source="erfunden", **holiday)
    return slot


def addresses(slot: Slot) -> list[str]:
    municipality = slot.institution.municipality
    return [
        reverse("slot_calendar", args=[slot.uuid]),
        reverse("municipality_calendar", args=[municipality.ags]),
        reverse("institution_calendar", args=[slot.institution.slug]),
        reverse("topic_calendar", args=[slot.offer.topics.get().slug]),
        reverse("district_calendar", args=[municipality.district.slug]),
    ]


def test_every_feed_has_exactly_the_dates_of_the_page(slot, client):
    expected = dates_on_the_page(slot)
    assert len(expected) > 20
    for address in addresses(slot):
        response = client.get(address)
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert dates_in(response.content) == expected, address


def test_a_date_staff_cancelled_stays_visible_and_a_holiday_is_explained(slot, client):
    text = client.get(addresses(slot)[0]).content.replace(b"\r\n ", b"").decode()
    assert "STATUS:CANCELLED" in text
    assert "SUMMARY:Fällt aus: " in text
    assert "Beispiel-Umbau" in text
    assert "Beispielferien" in text


def test_an_unchanged_calendar_is_not_sent_again(slot, client):
    for address in addresses(slot):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_same_data_is_the_same_calendar_on_another_day(slot, client, monkeypatch):
    before = client.get(addresses(slot)[0]).content
    first, last = feed_window(TODAY)
    for day in (first, last.replace(year=first.year + 1)):
        monkeypatch.setattr(timezone, "localdate", lambda day=day: day)
        Slot.objects.update(proposed_on=first, agreed_on=first, published_on=first)
        assert client.get(addresses(slot)[0]).content == before


def test_what_staff_noted_for_the_public_is_in_the_calendar(slot, client):
    Slot.objects.update(note="Bitte am Nebeneingang klingeln.")
    text = client.get(addresses(slot)[0]).content.replace(b"\r\n ", b"").decode()
    assert "\\n\\nBitte am Nebeneingang klingeln." in text


def test_an_edit_and_a_removed_closure_are_sent(slot, client):
    address = addresses(slot)[0]
    tags = [client.get(address)["ETag"]]
    Closure.objects.all().delete()
    tags.append(client.get(address)["ETag"])
    slot.end_time = time(17)
    slot.save()
    tags.append(client.get(address)["ETag"])
    assert len(set(tags)) == 3


def test_the_sequence_rises_with_an_edit(slot, client):
    def sequence():
        calendar = icalendar.Calendar.from_ical(client.get(addresses(slot)[0]).content)
        return max(event["SEQUENCE"] for event in calendar.walk("VEVENT"))

    before = sequence()
    Slot.objects.filter(pk=slot.pk).update(changed_at=timezone.now() + timedelta(minutes=2))
    assert sequence() > before


@pytest.mark.parametrize("model", [Closure, SchoolHoliday])
@pytest.mark.parametrize("at_once", [True, False])
def test_the_sequence_rises_when_a_closure_is_deleted(slot, client, model, at_once):
    def sequence():
        calendar = icalendar.Calendar.from_ical(client.get(addresses(slot)[0]).content)
        return max(event["SEQUENCE"] for event in calendar.walk("VEVENT"))

    for changed in (Slot, SlotException, Offer, Provider, Institution, Closure, SchoolHoliday):
        changed.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    before = sequence()
    if at_once:
        model.objects.all().delete()
    else:
        model.objects.get().delete()
    assert sequence() > before


def test_a_confidential_address_is_in_no_calendar(slot, client):
    house = slot.institution
    house.address_is_public, house.street = False, "Geheimstraße 7"
    house.save()
    slot_feed, municipality_feed, institution_feed, *others = addresses(slot)
    assert client.get(institution_feed).status_code == 404
    for address in (slot_feed, municipality_feed, *others):
        text = client.get(address).content.replace(b"\r\n ", b"").decode()
        assert "Geheim" not in text
        assert house.name not in text
        assert f"LOCATION:Ort auf Anfrage\\, {house.municipality.name}" in text


def test_a_slot_nobody_published_is_in_no_calendar(client):
    slot = builders.make_slot(published_on=None)
    slot_feed, *feeds = addresses(slot)
    assert client.get(slot_feed).status_code == 404
    for address in feeds:
        assert b"VEVENT" not in client.get(address).content


def test_the_feed_of_a_former_municipality_is_that_of_its_successor(slot, client):
    heir = slot.institution.municipality
    old = builders.make_municipality(heir.district, successor=heir, last_day=date(2014, 12, 31))
    other = builders.make_slot(builders.make_institution(old), slot.offer, rule="FREQ=WEEKLY;BYDAY=FR")
    for ags in (old.ags, heir.ags):
        body = client.get(reverse("municipality_calendar", args=[ags])).content
        assert dates_in(body) == dates_on_the_page(slot, other)


def test_the_number_of_queries_does_not_grow_with_the_slots(slot, client, django_assert_max_num_queries):
    for number in range(12):
        more = builders.make_slot(slot.institution, slot.offer, rule="FREQ=WEEKLY;BYDAY=MO")
        builders.make_exception(more, date(2026, 1, 5) + timedelta(weeks=number))
    # The first request after a change also asks for the times of day at which pages change.
    client.get("/impressum/")
    for address in addresses(slot):
        with django_assert_max_num_queries(8):
            client.get(address)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_calendar_can_only_be_read(slot, client, method):
    assert getattr(client, method)(addresses(slot)[0]).status_code == 405


def test_no_calendar_sets_a_cookie(slot, client):
    for address in addresses(slot):
        assert not client.get(address).cookies


@pytest.mark.parametrize(
    "address", ["/kalender/gemeinde/0315700.ics", "/kalender/kreis/nirgends.ics", "/termine/x.ics"]
)
def test_a_calendar_of_nothing_is_not_found(client, address):
    assert client.get(address).status_code == 404
