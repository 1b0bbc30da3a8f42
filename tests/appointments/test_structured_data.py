"""Do machines read the same dates as families, and never a confidential address?"""

import json
import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.utils import timezone

from appointments import pages
from appointments.models import Slot, SlotException
from appointments.structured_data import as_script
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_language,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 24, 12, tzinfo=BERLIN)  # a Thursday
TUESDAY = date(2026, 9, 29)
KINDS = SlotException.Kind


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def municipality(db):
    return make_municipality(make_district(), name="Beispielstadt")


@pytest.fixture
def house(municipality):
    return make_institution(municipality, name="Beispiel-Schule", street="Beispielstraße 1", postal_code="31226")


def graph_of(client, slot: Slot, prefix: str = "") -> list[dict]:
    page = client.get(f"{prefix}/termine/{slot.uuid}/").content.decode()
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return json.loads(block)["@graph"]


def events_of(client, slot: Slot) -> list[dict]:
    return [terms for terms in graph_of(client, slot) if terms["@type"] == "Event"]


def rebuilt(schedule: dict) -> set[tuple[date, time, time]]:
    """Return the dates a reader of schema.org computes, by another expander than ours."""
    first, last = (date.fromisoformat(schedule[name]) for name in ("startDate", "endDate"))
    times = tuple(time.fromisoformat(schedule[name]) for name in ("startTime", "endTime"))
    assert schedule["scheduleTimezone"] == "Europe/Berlin"
    if "byDay" not in schedule:
        assert (first, schedule["repeatCount"]) == (last, 1)
        return {(first, *times)}
    frequency = {"W": "WEEKLY", "M": "MONTHLY"}[schedule["repeatFrequency"][-1]]
    interval = schedule["repeatFrequency"][1:-1]
    rule = rrulestr(
        f"FREQ={frequency};INTERVAL={interval};BYDAY={','.join(schedule['byDay'])}",
        dtstart=datetime.combine(first, time()),
    )
    dropped = set(schedule.get("exceptDate", ()))
    days = (moment.date() for moment in rule.between(*(datetime.combine(d, time()) for d in (first, last)), inc=True))
    return {(day, *times) for day in days if day.isoformat() not in dropped}


def dates_in_data(client, slot: Slot) -> set:
    schedules = [schedule for event in events_of(client, slot) for schedule in event["eventSchedule"]]
    found = [one for schedule in schedules for one in rebuilt(schedule)]
    assert len(found) == len(set(found)), "a date is said twice"
    return set(found)


def dates_on_page(slot: Slot) -> set:
    rows = Slot.objects.with_dates().with_last_confirmation(NOW.date())
    ahead = pages.slot_page(rows.get(pk=slot.pk), NOW).ahead
    return {(one.day, one.start, one.end) for one in ahead if one.takes_place}


RULES = [
    {"rule": "FREQ=WEEKLY;BYDAY=TU"},
    {"rule": "FREQ=WEEKLY;BYDAY=MO,TH"},
    {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "anchor_day": date(2026, 9, 22)},
    {"rule": "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU", "anchor_day": date(2026, 9, 22)},
    {"rule": "FREQ=MONTHLY;BYDAY=1TU,3TU"},
    {"rule": "FREQ=MONTHLY;BYDAY=-1FR"},
    {"rule": "RDATE;VALUE=DATE:20261006,20261103"},
    {
        "rule": "FREQ=WEEKLY;BYDAY=TU",
        "first_day": date(2026, 10, 13),
        "last_day": date(2026, 11, 17),
        **dict.fromkeys(("proposed_on", "agreed_on", "published_on"), date(2026, 9, 1)),
    },
]


@pytest.mark.parametrize("given", RULES)
def test_dates_rebuilt_from_the_data_are_those_of_the_page(client, house, given):
    slot = make_slot(house, school_holiday_policy=Slot.SchoolHolidayPolicy.PAUSES, **given)
    assert dates_on_page(slot)
    assert dates_in_data(client, slot) == dates_on_page(slot)


def test_with_every_kind_of_exception_they_still_are(client, house):
    slot = make_slot(house)
    elsewhere = make_institution(house.municipality, name="Beispiel-Kita")
    make_exception(slot, TUESDAY)
    make_exception(
        slot, date(2026, 10, 6), KINDS.MOVED, new_day=date(2026, 10, 7), new_start_time=time(9), new_end_time=time(11)
    )
    make_exception(slot, date(2026, 10, 13), KINDS.MOVED, new_start_time=time(15), new_end_time=time(17))
    make_exception(slot, date(2026, 10, 20), KINDS.MOVED, new_institution=elsewhere)
    make_exception(slot, date(2026, 10, 22), KINDS.EXTRA)
    make_exception(slot, date(2026, 12, 29), KINDS.HELD_ANYWAY)
    usual, other = events_of(client, slot)
    assert dates_in_data(client, slot) == dates_on_page(slot)
    assert usual["location"]["name"] == "Beispiel-Schule"
    assert other["location"]["name"] == "Beispiel-Kita"
    assert rebuilt(other["eventSchedule"][0]) == {(date(2026, 10, 20), time(14), time(16))}
    assert usual["startDate"] == "2026-10-07T09:00:00+02:00"
    assert "2026-12-29" not in usual["eventSchedule"][0]["exceptDate"]


def test_what_drops_out_is_an_exception_of_the_schedule(client, house):
    slot = make_slot(house)
    make_exception(slot, TUESDAY)
    (event,) = events_of(client, slot)
    (schedule,) = event["eventSchedule"]
    assert schedule["byDay"] == ["TU"]
    assert schedule["repeatFrequency"] == "P1W"
    assert schedule["startDate"] == schedule["exceptDate"][0] == "2026-09-29"
    assert (schedule["startTime"], schedule["endTime"]) == ("14:00:00", "16:00:00")
    assert event["startDate"] == "2026-10-06T14:00:00+02:00"


def test_a_date_moved_to_another_house_at_its_usual_time_is_said_there_alone(client, house, municipality):
    slot = make_slot(house, rule="FREQ=WEEKLY;BYDAY=TU")
    make_exception(slot, date(2026, 10, 6), "moved", new_institution=make_institution(municipality))
    assert dates_in_data(client, slot) == dates_on_page(slot)
    usual, other = (event["eventSchedule"][0] for event in events_of(client, slot))
    assert usual["exceptDate"] == ["2026-10-06"]
    assert (other["startDate"], other["repeatCount"]) == ("2026-10-06", 1)


def test_winter_dates_have_winter_time(client, house):
    (event,) = events_of(client, make_slot(house, rule="RDATE;VALUE=DATE:20261103"))
    assert (event["startDate"], event["endDate"]) == ("2026-11-03T14:00:00+01:00", "2026-11-03T16:00:00+01:00")


def test_a_slot_without_a_date_has_no_event(client, house):
    slot = make_slot(house, last_day=NOW.date())
    assert events_of(client, slot) == []


def test_of_a_slot_that_ended_machines_read_nothing(client, house):
    slot = make_slot(house, last_day=NOW.date() - timedelta(days=1))
    assert b"ld+json" not in client.get(f"/termine/{slot.uuid}/").content


def test_service_provider_place_and_access_are_named(client, house):
    house.step_free, house.parking, house.lift = True, False, None
    house.save()
    slot = make_slot(house)
    service = graph_of(client, slot)[0]
    place = service["availableChannel"]["serviceLocation"]
    assert service["@type"] == "GovernmentService"
    assert service["provider"]["name"] == slot.offer.provider.name
    assert service["areaServed"] == {"@type": "AdministrativeArea", "name": "Gemeinde Beispielstadt"}
    assert service["availableChannel"]["servicePhone"]["telephone"] == "030 23125 001"
    assert service["isAccessibleForFree"] is True
    assert place["address"]["streetAddress"] == "Beispielstraße 1"
    assert [(one["name"], one["value"]) for one in place["amenityFeature"]] == [
        ("Stufenlos", True),
        ("Parkplatz", False),
    ]


@pytest.mark.parametrize(("free", "said"), [(True, {True}), (False, {False}), (None, {None})])
def test_an_unknown_fact_is_left_out_and_a_no_is_said(client, house, free, said):
    offer = make_offer(make_provider(house.municipality.district), free=free)
    graph = graph_of(client, make_slot(house, offer))
    assert {terms.get("isAccessibleForFree") for terms in graph if terms["@type"] != "WebPage"} == said


def test_a_confidential_house_is_not_given_away(client, house):
    house.address_is_public, house.step_free = False, True
    house.save()
    slot = make_slot(house)
    text = json.dumps(graph_of(client, slot), ensure_ascii=False)
    for secret in ("Beispiel-Schule", "Beispielstraße", "31226", "52.3", "tufenlos"):
        assert secret not in text, secret
    (event,) = events_of(client, slot)
    assert event["location"] == {"@type": "AdministrativeArea", "name": "Gemeinde Beispielstadt"}


def test_a_date_moved_to_a_confidential_house_does_not_give_it_away(client, house):
    slot = make_slot(house)
    secret = make_institution(house.municipality, name="Beispiel-Zuflucht", address_is_public=False)
    make_exception(slot, TUESDAY, KINDS.MOVED, new_institution=secret)
    assert "Zuflucht" not in json.dumps(graph_of(client, slot))


def test_on_the_phone_there_is_no_place(client, house):
    offer = make_offer(make_provider(house.municipality.district), drop_in=False, by_phone=True)
    service, event, _page = graph_of(client, make_slot(house, offer))
    assert "serviceLocation" not in service["availableChannel"]
    assert event["location"]["@type"] == "VirtualLocation"
    assert event["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"


def test_the_page_says_its_language_and_the_event_those_that_are_spoken(client, house):
    slot = make_slot(house)
    slot.offer.languages.add(make_language("ar", "Arabisch", "العربية"))
    for prefix, language in (("", "de"), ("/en", "en"), ("/ar", "ar")):
        graph = graph_of(client, slot, prefix)
        (page,) = (terms for terms in graph if terms["@type"] == "WebPage")
        (event,) = (terms for terms in graph if terms["@type"] == "Event")
        assert page["inLanguage"] == language
        assert page["@id"] == f"http://testserver{prefix}/termine/{slot.uuid}/"
        assert page["mainEntity"]["@id"] in {terms["@id"] for terms in graph}
        assert set(event["inLanguage"]) == {"ar", "de"}


def test_texts_stand_in_the_language_of_the_page_or_are_marked_as_german(client, house):
    offer = make_offer(make_provider(house.municipality.district), title="Hilfe", summary="Worum es geht.")
    offer.translations.create(language="en", title="Help")
    house.parking = True
    house.save()
    slot = make_slot(house, offer)
    service = graph_of(client, slot, "/en")[0]
    assert service["name"] == "Help"
    assert service["description"] == {"@value": "Worum es geht.", "@language": "de"}
    assert [one["name"] for one in service["availableChannel"]["serviceLocation"]["amenityFeature"]] == ["Parking"]
    assert graph_of(client, slot)[0]["description"] == "Worum es geht."


def test_nothing_an_editor_types_ends_the_script(client, house):
    offer = make_offer(make_provider(house.municipality.district), title="</script><script>alert(1)</script><!--")
    slot = make_slot(house, offer)
    assert graph_of(client, slot)[0]["name"] == offer.title
    assert b"<script>alert" not in client.get(f"/termine/{slot.uuid}/").content


def test_signs_that_could_end_the_script_are_spelt_out():
    assert as_script({"name": "</a>&"}) == (
        '<script type="application/ld+json">{"name":"\\u003C/a\\u003E\\u0026"}</script>'
    )
