"""Do families find what is near, with the date that really takes place?"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from appointments.entries import difference, municipality_today
from appointments.models import Slot, SlotException
from appointments.pages import sheet
from appointments.search import (
    FURTHER_KM,
    RADIUS_KM,
    Wish,
    about,
    around,
    entries_of,
    in_order,
    search,
    slots_for_families,
)
from locations.geo import Point
from locations.models import Closure, Institution, Municipality
from locations.places import Place
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 24, 12, tzinfo=BERLIN)  # a Thursday
TUESDAY = date(2026, 9, 29)
KM = 1 / 111.195  # degrees of latitude in a kilometre


@pytest.fixture
def district(db):
    return make_district()


@pytest.fixture
def municipality(district):
    return make_municipality(district, name="Beispielstadt", latitude=52.0, longitude=10.0)


@pytest.fixture
def elsewhere(district):
    return make_municipality(district, name="Beispielferne", latitude=52.0 + 30 * KM, longitude=10.0)


def place_in(municipality: Municipality, latitude: float = 52.0, longitude: float = 10.0) -> Place:
    return Place(
        "Beispielort", municipality.pk, municipality.name, municipality.district_id, Point(latitude, longitude)
    )


def slot_at(municipality: Municipality, km_north: float, offer=None, house=None, **given) -> Slot:
    institution = make_institution(
        municipality, **{"latitude": 52.0 + km_north * KM, "longitude": 10.0} | (house or {})
    )
    return make_slot(institution, offer, **given)


def outcome_of(wish: Wish, now: datetime = NOW):
    everything = slots_for_families(now.date())
    slots = everything.filter(around(wish.place, wish.reach_km)) if wish.place else everything
    return search(slots.filter(about(wish.topics)) if wish.topics else slots, everything, wish, now)


def next_days(outcome) -> list[date]:
    return [entry.next.day for entry in outcome.entries]


# The next date


def next_of(slot: Slot, now: datetime = NOW):
    (entry,) = entries_of(slots_for_families(now.date()).filter(pk=slot.pk), now)
    return entry


def test_a_slot_shows_its_next_date_and_three_more(municipality):
    entry = next_of(make_slot(make_institution(municipality)))
    assert entry.next.day == TUESDAY
    assert [one.day for one in entry.then] == [date(2026, 10, 6), date(2026, 10, 13), date(2026, 10, 20)]


@pytest.mark.parametrize(("hour", "minute", "day"), [(13, 0, 29), (14, 0, 29), (15, 59, 29), (16, 0, 6), (23, 59, 6)])
def test_the_date_of_today_counts_until_it_ends(municipality, hour, minute, day):
    now = datetime(2026, 9, 29, hour, minute, tzinfo=BERLIN)
    entry = next_of(make_slot(make_institution(municipality)), now)
    assert entry.next.day.day == day
    assert len(entry.then) == 3


def test_a_cancelled_date_is_never_the_next_one_and_stays_visible(municipality):
    slot = make_slot(make_institution(municipality))
    make_exception(slot, TUESDAY, reason="Die Fachkraft ist verhindert.")
    entry = next_of(slot)
    assert entry.next.day == date(2026, 10, 6)
    assert [(group.days, group.text) for group in entry.announced] == [((TUESDAY,), "Die Fachkraft ist verhindert.")]
    assert entry.dropped == []


def test_dates_that_drop_out_are_told_up_to_the_last_one_shown(municipality):
    house = make_institution(municipality)
    slot = make_slot(house)
    for first, last, reason in [(6, 13, "Umbau"), (27, 27, "Umbau")]:
        days = {"first_day": date(2026, 10, first), "last_day": date(2026, 10, last)}
        Closure.objects.create(district=municipality.district, institution=house, reason=reason, **days)
    Closure.objects.create(
        district=municipality.district, first_day=date(2026, 11, 24), last_day=date(2026, 11, 24), reason="Zu spät"
    )
    entry = next_of(slot)
    told = [(group.days, group.text) for group in entry.dropped]
    assert told == [((date(2026, 10, 6), date(2026, 10, 13), date(2026, 10, 27)), "Umbau")]


def test_a_moved_date_leaves_a_word_where_it_was(municipality):
    slot = make_slot(make_institution(municipality))
    make_exception(slot, TUESDAY, SlotException.Kind.MOVED, new_day=date(2026, 10, 1), reason="")
    entry = next_of(slot)
    assert entry.next.day == date(2026, 10, 1)
    assert "Verlegt von Dienstag, 29.\xa0September." in entry.next_differs
    assert entry.announced[0].text == "Verlegt auf Donnerstag, 1.\xa0Oktober."


def test_a_date_in_another_house_names_it_unless_it_is_confidential(municipality):
    slot = make_slot(make_institution(municipality))
    open_house = make_institution(municipality, name="Beispiel-Rathaus")
    hidden = make_institution(municipality, name="Beispiel-Zuflucht", address_is_public=False)
    for house, day in [(open_house, TUESDAY), (hidden, date(2026, 10, 6))]:
        make_exception(slot, day, SlotException.Kind.MOVED, new_institution=house, reason="")
    entry = next_of(slot)
    assert entry.next_differs == "Diesmal hier: Beispiel-Rathaus."
    page_text = str([difference(slot, one) for one in entry.soon])
    assert "Zuflucht" not in page_text
    assert "bitte anrufen" in page_text


# Near


def test_what_lies_within_the_radius_is_found_and_what_lies_beyond_is_not(municipality, elsewhere):
    inside = slot_at(elsewhere, RADIUS_KM - 0.01)
    slot_at(elsewhere, RADIUS_KM + 0.01)
    outcome = outcome_of(Wish(place_in(municipality)))
    assert [entry.slot for entry in outcome.entries] == [inside]
    assert outcome.entries[0].distance_km == pytest.approx(RADIUS_KM - 0.01, abs=0.001)


def test_a_corner_of_the_box_is_not_within_the_radius(municipality, elsewhere):
    slot_at(elsewhere, 9, house={"longitude": 10.0 + 9 * KM / 0.616})
    assert outcome_of(Wish(place_in(municipality))).entries == []


def test_the_own_municipality_counts_whatever_the_distance(municipality):
    slot = slot_at(municipality, 25)
    assert [entry.slot for entry in outcome_of(Wish(place_in(municipality))).entries] == [slot]


def test_a_house_entered_before_a_merger_counts_for_the_heir(district, municipality):
    old = make_municipality(district, name="Altbeispiel", successor=municipality, last_day=date(2014, 12, 31))
    slot = slot_at(old, 25)
    entries = outcome_of(Wish(place_in(municipality))).entries
    assert [entry.slot for entry in entries] == [slot]
    assert entries[0].municipality == municipality


def test_a_confidential_house_is_as_far_as_its_municipality(municipality, elsewhere):
    hidden = slot_at(elsewhere, 1, house={"address_is_public": False})
    assert outcome_of(Wish(place_in(municipality))).entries == []
    near = Wish(place_in(municipality, latitude=elsewhere.latitude))
    (entry,) = outcome_of(near).entries
    assert entry.slot == hidden
    assert entry.distance_km == pytest.approx(0)
    assert not entry.is_exact
    assert entry.where == "Ort auf Anfrage, Gemeinde Beispielferne"


def test_a_house_without_coordinates_is_where_its_municipality_is(municipality, elsewhere):
    slot = slot_at(elsewhere, 0, house={"latitude": None, "longitude": None})
    near = Wish(place_in(make_municipality(municipality.district), latitude=elsewhere.latitude))
    assert [entry.slot for entry in outcome_of(near).entries] == [slot]


def test_counselling_by_phone_needs_no_way(municipality, elsewhere):
    offer = make_offer(make_provider(municipality.district), drop_in=False, by_phone=True)
    slot_at(elsewhere, 30, offer)
    (entry,) = outcome_of(Wish(place_in(municipality))).entries
    assert entry.distance_km is None


def test_a_place_without_a_point_finds_its_municipality(municipality, elsewhere):
    slot = slot_at(municipality, 3)
    slot_at(elsewhere, 0)
    place = Place("Beispielort", municipality.pk, municipality.name, municipality.district_id, None)
    (entry,) = outcome_of(Wish(place)).entries
    assert (entry.slot, entry.distance_km) == (slot, None)


def test_proposed_agreed_withdrawn_and_ended_slots_are_not_found(municipality):
    house = make_institution(municipality)
    make_slot(house, published_on=None, agreed_on=None)
    make_slot(house, published_on=None)
    make_slot(house, withdrawn_on=NOW.date())
    make_slot(house, last_day=date(2026, 9, 23))
    assert outcome_of(Wish()).entries == []


# Weekday and hour


def test_a_weekday_is_compared_with_real_dates(municipality):
    slot = slot_at(municipality, 1)
    make_exception(slot, TUESDAY, SlotException.Kind.MOVED, new_day=date(2026, 10, 1))
    thursdays = outcome_of(Wish(place_in(municipality), weekday=3))
    assert next_days(thursdays) == [date(2026, 10, 1)]
    assert thursdays.entries[0].then == []
    assert next_days(outcome_of(Wish(place_in(municipality), weekday=1))) == [date(2026, 10, 6)]
    assert outcome_of(Wish(place_in(municipality), weekday=2)).entries == []


@pytest.mark.parametrize(("hour", "found"), [(13, 1), (14, 1), (15, 0)])
def test_the_hour_is_the_earliest_beginning(municipality, hour, found):
    slot_at(municipality, 1)
    assert len(outcome_of(Wish(place_in(municipality), from_hour=hour)).entries) == found


def test_a_date_moved_to_a_later_hour_fits_the_later_hour(municipality):
    slot = slot_at(municipality, 1)
    later = {"new_start_time": time(17), "new_end_time": time(19)}
    make_exception(slot, date(2026, 10, 6), SlotException.Kind.MOVED, **later)
    assert next_days(outcome_of(Wish(place_in(municipality), from_hour=16))) == [date(2026, 10, 6)]


# Order


def test_the_next_date_comes_first_then_the_nearer_then_the_title(municipality):
    provider = make_provider(municipality.district)
    b, a = (make_offer(provider, title=title) for title in "BA")
    far, near_b, near_a = slot_at(municipality, 5, a), slot_at(municipality, 1, b), slot_at(municipality, 1, a)
    friday = slot_at(municipality, 9, b, rule="FREQ=WEEKLY;BYDAY=FR")
    wish = Wish(place_in(municipality))
    assert [entry.slot for entry in outcome_of(wish).entries] == [friday, near_a, near_b, far]
    by_distance = Wish(place_in(municipality), by_distance=True)
    assert [entry.slot for entry in outcome_of(by_distance).entries] == [near_a, near_b, far, friday]


def test_a_slot_without_a_date_comes_last_but_is_left_out_where_days_matter(municipality):
    rule = "RDATE;VALUE=DATE:20260901"
    empty = slot_at(municipality, 1, rule=rule)
    held = slot_at(municipality, 9)
    assert [entry.slot for entry in outcome_of(Wish(place_in(municipality))).entries] == [held, empty]
    tuesdays = outcome_of(Wish(place_in(municipality), weekday=1))
    assert [entry.slot for entry in tuesdays.entries] == [held]


def test_in_order_keeps_slots_without_a_distance_in_order(municipality):
    entries = entries_of([slot_at(municipality, 1), slot_at(municipality, 2)], NOW)
    assert in_order(reversed(entries)) == entries


# Nothing found


def test_nothing_near_names_what_is_further_and_what_is_near_about_a_related_topic(municipality, elsewhere):
    debts, other, unlike = make_topic(), make_topic(), make_topic()
    provider = make_provider(municipality.district)
    further = slot_at(elsewhere, 12, make_offer(provider, (debts,)))
    furthest = slot_at(elsewhere, 30, make_offer(provider, (debts,)))
    slot_at(elsewhere, FURTHER_KM + 1, make_offer(provider, (debts,)))
    similar = slot_at(municipality, 1, make_offer(provider, (other,)))
    slot_at(municipality, 1, make_offer(provider, (unlike,)))
    slot_at(elsewhere, 12, make_offer(provider, (other,)))
    outcome = outcome_of(Wish(place_in(municipality), (debts,), related=(other,)))
    assert outcome.entries == []
    assert [entry.slot for entry in outcome.further] == [further, furthest]
    assert [entry.slot for entry in outcome.other_topics] == [similar]


def test_nothing_on_that_day_names_other_days_and_the_same_day_further_away(municipality, elsewhere):
    near = slot_at(municipality, 1)
    further = slot_at(elsewhere, 12, rule="FREQ=WEEKLY;BYDAY=WE")
    outcome = outcome_of(Wish(place_in(municipality), weekday=2))
    assert outcome.entries == []
    assert [entry.slot for entry in outcome.other_days] == [near]
    assert [entry.slot for entry in outcome.further] == [further]


def test_an_offer_on_two_of_the_topics_is_one_entry(municipality):
    topics = make_topic(), make_topic()
    slot_at(municipality, 1, make_offer(make_provider(municipality.district), topics))
    assert len(outcome_of(Wish(place_in(municipality), topics)).entries) == 1


@pytest.mark.parametrize("count", [1, 10])
def test_a_search_asks_the_database_the_same_however_many_slots(
    municipality, elsewhere, count, django_assert_max_num_queries
):
    topic = make_topic()
    for number in range(count):
        slot = slot_at(elsewhere, 12 + number / 10, make_offer(make_provider(municipality.district), (topic,)))
        make_exception(slot, TUESDAY)
        slot_at(municipality, number / 10)
    for wish in (Wish(place_in(municipality)), Wish(place_in(municipality), (topic,), weekday=1)):
        with django_assert_max_num_queries(5):
            outcome_of(wish)


# Pages


def page_of(entries: int, wanted: str):
    house = make_institution()
    slots = [make_slot(house) for _ in range(entries)]
    return sheet(entries_of(slots, NOW), wanted)


@pytest.mark.parametrize(
    ("wanted", "number", "has_note"),
    [
        ("", 1, False),
        ("1", 1, False),
        ("2", 2, False),
        ("3", 2, True),
        ("9999999", 2, True),
        ("9" * 5000, 1, True),
        ("-1", 1, True),
        ("0", 1, True),
        ("zwei", 1, True),
        ("²", 1, True),
    ],
)
def test_every_page_number_leads_to_a_page(db, wanted, number, has_note):
    shown = page_of(11, wanted)
    assert shown.page.number == number
    assert bool(shown.note) is has_note


def test_ten_entries_make_one_page_and_eleven_make_two(db):
    assert page_of(10, "").page.paginator.num_pages == 1
    assert page_of(11, "").page.paginator.num_pages == 2


def test_a_circle_of_successors_ends(district):
    first = make_municipality(district, last_day=date(2014, 12, 31))
    second = make_municipality(district, last_day=date(2014, 12, 31), successor=first)
    first.successor = second
    first.save()
    assert municipality_today(Institution(municipality=first), NOW.date()) in (first, second)
