"""Does the database side of the check see what matters, at a constant price, and does one of two writers win?"""

from datetime import date, time
from threading import Barrier, Thread

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.conflict_check import ConflictError, check_conflicts, refuse_conflicts
from appointments.models import Slot
from locations.models import DriveTime, Room
from tests.builders import make_counsellor, make_exception, make_institution, make_offer, make_slot

TODAY = date(2026, 9, 1)


def messages(slot, rows=None):
    rows = slot.exceptions.all() if rows is None else rows
    found = check_conflicts(slot, rows=rows, counsellors=slot.counsellors.all(), today=TODAY)
    return [sentence.replace("\N{NO-BREAK SPACE}", " ") for _, sentence in found.messages]


@pytest.mark.django_db
def test_the_message_names_the_other_slot_the_first_day_and_the_missing_minutes():
    counsellor = make_counsellor(label="Fachkraft C")
    other = make_slot(counsellors=[counsellor])
    slot = make_slot(start_time=time(15), end_time=time(17), counsellors=[counsellor])
    (message,) = messages(slot)
    assert message.startswith(
        f"Konflikt am 1. September 2026 mit „{other}“: Fachkraft C ist von 14 bis 16 Uhr in {other.institution}. "
        "Es fehlen 60 Minuten, frühester Beginn: 16 Uhr."
    )


@pytest.mark.django_db
def test_the_way_between_two_houses_needs_its_time():
    counsellor = make_counsellor()
    make_slot(make_institution(latitude=52.5), counsellors=[counsellor])
    slot = make_slot(start_time=time(16), end_time=time(17), counsellors=[counsellor])
    assert "Die Fahrt dauert" in messages(slot)[0]


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "clashes"), [(30, 0), (31, 1)])
def test_the_time_staff_entered_for_a_way_wins_in_both_directions(minutes, clashes):
    counsellor = make_counsellor()
    near, far = make_institution(), make_institution(latitude=54.0)
    DriveTime.objects.create(first=near, second=far, minutes=minutes)
    make_slot(far, counsellors=[counsellor])
    after = make_slot(near, start_time=time(16, 30), end_time=time(17, 30), counsellors=[counsellor])
    before = make_slot(near, start_time=time(12, 30), end_time=time(13, 30), counsellors=[counsellor])
    assert [len(messages(after)), len(messages(before))] == [clashes, clashes]


@pytest.mark.django_db
@pytest.mark.parametrize(("speed", "detour", "clashes"), [(100, 1.3, 0), (20, 1.3, 1), (100, 3, 1)])
def test_speed_and_detour_are_settings(settings, speed, detour, clashes):
    settings.ROAD_SPEED_KMH, settings.ROAD_DETOUR_FACTOR = speed, detour
    counsellor = make_counsellor()
    make_slot(make_institution(latitude=52.5), counsellors=[counsellor])  # 22 km as the crow flies
    slot = make_slot(start_time=time(16, 30), end_time=time(17), counsellors=[counsellor])
    assert len(messages(slot)) == clashes


@pytest.mark.django_db
def test_a_house_without_coordinates_gives_a_hint_and_no_refusal():
    counsellor = make_counsellor()
    make_slot(make_institution(latitude=None, longitude=None), counsellors=[counsellor])
    slot = make_slot(start_time=time(16), end_time=time(17), counsellors=[counsellor])
    found = check_conflicts(slot, rows=[], counsellors=[counsellor], today=TODAY)
    assert found.messages == []
    assert len(found.hints) == 1
    assert found.hints[0].startswith("Nicht geprüft:")


@pytest.mark.django_db
def test_nobody_clashes_over_another_persons_slot_or_a_slot_without_room():
    make_slot(counsellors=[make_counsellor()])
    assert messages(make_slot(counsellors=[make_counsellor()])) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", [{"last_day": date(2026, 8, 31)}, {"withdrawn_on": TODAY}, {"first_day": date(2028, 8, 1)}]
)
def test_slots_that_are_over_withdrawn_or_beyond_the_horizon_are_in_nobodys_way(given):
    counsellor = make_counsellor()
    make_slot(counsellors=[counsellor], **given)
    assert messages(make_slot(counsellors=[counsellor])) == []


@pytest.mark.django_db
def test_a_proposal_counts_like_a_published_slot():
    counsellor = make_counsellor()
    make_slot(counsellors=[counsellor], agreed_on=None, published_on=None)
    assert len(messages(make_slot(counsellors=[counsellor]))) == 1


@pytest.mark.django_db
def test_two_slots_share_a_room_only_one_after_the_other():
    house = make_institution()
    room = Room.objects.create(institution=house, name="Raum 1")
    make_slot(house, room=room)
    assert messages(make_slot(house, room=room, start_time=time(16), end_time=time(17))) == []
    slot = make_slot(house, room=room, start_time=time(15), end_time=time(17))
    assert any("Raum 1 ist von 14 bis 16 Uhr belegt." in message for message in messages(slot))


@pytest.mark.django_db
def test_a_cancelled_date_of_the_other_slot_frees_the_counsellor():
    counsellor = make_counsellor()
    other = make_slot(counsellors=[counsellor], last_day=TODAY)
    slot = make_slot(counsellors=[counsellor])
    assert len(messages(slot)) == 1
    make_exception(other, TODAY)
    assert messages(slot) == []


@pytest.mark.django_db
def test_a_stored_clash_is_refused():
    counsellor = make_counsellor()
    make_slot(counsellors=[counsellor])
    with pytest.raises(ConflictError, match="Konflikt am 1"):
        refuse_conflicts(make_slot(counsellors=[counsellor]), TODAY)


@pytest.mark.django_db
def test_the_check_costs_the_same_however_many_slots_share_the_counsellor():
    counsellor = make_counsellor()
    slot = make_slot(counsellors=[counsellor])
    costs = []
    for _ in range(2):
        for _ in range(10):
            make_exception(make_slot(counsellors=[counsellor]), TODAY)
        fresh = Slot.objects.with_dates().get(pk=slot.pk)
        with CaptureQueriesContext(connection) as queries:
            check_conflicts(fresh, rows=[], counsellors=[counsellor], today=TODAY)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 6


# Two people saving at the same moment


def typed(offer, institution, counsellors, room=None):
    return {
        "offer": offer.pk,
        "institution": institution.pk,
        "room": room.pk if room else "",
        "counsellors": [counsellor.pk for counsellor in counsellors],
        "rhythm": "weekly",
        "weekdays": ["1"],
        "interval": "1",
        "start_time": "14:00",
        "end_time": "16:00",
        "first_day": "01.10.2026",
        "school_holiday_policy": "continues",
        "proposed_on": "01.09.2026",
        "exceptions-TOTAL_FORMS": "0",
        "exceptions-INITIAL_FORMS": "0",
        "confirmations-TOTAL_FORMS": "0",
        "confirmations-INITIAL_FORMS": "0",
    }


def save_at_once(forms):
    """Return the status codes of saving each form in a thread with a connection of its own, all let go together."""
    user = get_user_model().objects.create_superuser("beispiel-admin")
    start, codes = Barrier(len(forms)), [0] * len(forms)

    def save(number, form):
        client = Client()
        client.force_login(user)
        start.wait(timeout=20)
        try:
            codes[number] = client.post("/admin/appointments/slot/add/", form).status_code
        finally:
            connection.close()

    threads = [Thread(target=save, args=pair) for pair in enumerate(forms)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return codes


@pytest.mark.usefixtures("_two_connections")
def test_of_two_people_booking_one_counsellor_at_once_exactly_one_wins():
    counsellors = [make_counsellor(), make_counsellor()]
    offers, house = [make_offer(), make_offer()], make_institution()
    # Named in opposite orders: whoever locked in the order of the form would wait for the other for ever.
    forms = [typed(offers[0], house, counsellors), typed(offers[1], house, counsellors[::-1])]
    assert sorted(save_at_once(forms)) == [200, 302]
    assert Slot.objects.count() == 1


@pytest.mark.usefixtures("_two_connections")
def test_of_two_people_booking_one_room_at_once_exactly_one_wins():
    house = make_institution()
    room = Room.objects.create(institution=house, name="Raum 1")
    forms = [typed(make_offer(), house, [], room), typed(make_offer(), house, [], room)]
    assert sorted(save_at_once(forms)) == [200, 302]
    assert Slot.objects.count() == 1


@pytest.mark.usefixtures("_two_connections")
def test_two_people_booking_different_counsellors_at_once_both_win():
    house = make_institution()
    forms = [typed(make_offer(), house, [make_counsellor()]), typed(make_offer(), house, [make_counsellor()])]
    assert save_at_once(forms) == [302, 302]
