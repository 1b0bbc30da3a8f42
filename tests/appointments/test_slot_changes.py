"""Do ending, moving and carrying over keep the past, and refuse what cannot be?"""

from datetime import date, time

import pytest

from appointments.conflict_check import ConflictError
from appointments.models import Attendance, Slot, SlotException
from appointments.slot_changes import SlotChangeError, carry_over, end_slot, move_slot, school_year_end
from locations.models import Room, SchoolHoliday
from tests.builders import make_counsellor, make_exception, make_institution, make_slot

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)  # a Tuesday, the day of the slots here


def reason(error):
    return str(error.value).replace("\N{NO-BREAK SPACE}", " ")


# Ending


def test_the_last_day_still_takes_place_and_every_later_date_is_gone():
    slot = make_slot()
    outcome = end_slot(slot=slot, last_day=date(2026, 9, 29), today=TODAY)
    assert outcome.gone[0].day == date(2026, 10, 6)
    slot.refresh_from_db()
    assert slot.last_day == date(2026, 9, 29)


def test_dates_that_would_have_dropped_out_anyway_are_not_called_gone():
    slot = make_slot()
    make_exception(slot, date(2026, 10, 6))
    outcome = end_slot(slot=slot, last_day=date(2026, 9, 29), today=TODAY)
    assert outcome.gone[0].day == date(2026, 10, 13)


def test_what_is_entered_for_later_days_is_named_and_kept():
    slot = make_slot()
    last = make_exception(slot, date(2026, 9, 29))
    later = make_exception(slot, date(2026, 10, 6))
    moved_out = make_exception(slot, date(2026, 9, 22), kind="moved", new_day=date(2026, 9, 30))
    outcome = end_slot(slot=slot, last_day=date(2026, 9, 29), today=TODAY)
    assert set(outcome.without_effect) == {later, moved_out}
    assert set(slot.exceptions.all()) == {last, later, moved_out}


def test_a_slot_may_end_on_its_first_day():
    slot = make_slot(first_day=date(2026, 9, 29))
    end_slot(slot=slot, last_day=date(2026, 9, 29), today=TODAY)


@pytest.mark.parametrize(
    ("given", "last_day", "message"),
    [
        (
            {"first_day": date(2026, 9, 29)},
            date(2026, 9, 28),
            "Der Termin beginnt erst am 29. September 2026; bitte zurückziehen.",
        ),
        ({"last_day": date(2026, 9, 29)}, date(2026, 9, 29), "Der Termin endet schon am 29. September 2026."),
        ({"withdrawn_on": TODAY}, date(2026, 9, 29), "Der Termin ist seit 1. September 2026 zurückgezogen."),
    ],
)
def test_an_end_that_makes_no_sense_is_refused(given, last_day, message):
    with pytest.raises(SlotChangeError) as error:
        end_slot(slot=make_slot(**given), last_day=last_day, today=TODAY)
    assert reason(error) == message


def test_a_slot_cannot_have_ended_before_conversations_were_counted():
    slot = make_slot()
    Attendance.objects.create(slot=slot, day=date(2026, 8, 25), conversations=3)
    with pytest.raises(SlotChangeError, match="fand er noch statt"):
        end_slot(slot=slot, last_day=date(2026, 8, 24), today=TODAY)
    end_slot(slot=slot, last_day=date(2026, 8, 25), today=TODAY)


def test_a_slot_is_read_afresh_before_it_ends():
    slot = make_slot()
    Slot.objects.update(last_day=date(2026, 9, 15))
    with pytest.raises(SlotChangeError, match="endet schon"):
        end_slot(slot=slot, last_day=date(2026, 9, 29), today=TODAY)


@pytest.mark.parametrize("change", [lambda slot: end_slot(slot=slot, last_day=date(2026, 9, 29), today=TODAY), None])
def test_calendars_learn_that_a_slot_changed(change):
    slot = make_slot(last_day=date(2027, 7, 31))
    before = slot.changed_at
    change(slot) if change else carry_over(slot=slot, today=TODAY)
    slot.refresh_from_db()
    assert slot.changed_at > before


# Moving


def test_moving_splits_the_slot_without_a_gap_or_an_overlap():
    counsellor = make_counsellor()
    slot, house = make_slot(last_day=date(2027, 7, 31), counsellors=[counsellor]), make_institution()
    outcome = move_slot(slot=slot, institution=house, first_day=date(2026, 10, 6), today=TODAY)
    slot.refresh_from_db()
    follower = outcome.follower
    follower.refresh_from_db()
    assert slot.last_day == date(2026, 10, 5)
    assert (follower.first_day, follower.last_day) == (date(2026, 10, 6), date(2027, 7, 31))
    assert (follower.institution, follower.room) == (house, None)
    assert (follower.rule, follower.start_time, follower.offer) == (slot.rule, slot.start_time, slot.offer)
    assert list(follower.counsellors.all()) == [counsellor]
    assert follower.uuid != slot.uuid


def test_the_rhythm_keeps_its_phase_when_it_moves():
    slot = make_slot(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", anchor_day=date(2026, 9, 1))
    follower = move_slot(slot=slot, institution=make_institution(), first_day=date(2026, 9, 8), today=TODAY).follower
    assert follower.recurrence.days(date(2026, 9, 8), date(2026, 9, 20)) == [date(2026, 9, 15)]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, Slot.Status.PUBLISHED),
        ({"published_on": None}, Slot.Status.AGREED),
        ({"agreed_on": None, "published_on": None}, Slot.Status.PROPOSED),
    ],
)
def test_the_follower_is_as_public_as_the_slot_was_but_not_before_today(given, status):
    follower = move_slot(
        slot=make_slot(**given), institution=make_institution(), first_day=date(2026, 10, 6), today=TODAY
    ).follower
    assert follower.status_on(TODAY) is status
    assert follower.status_on(date(2026, 8, 31)) is None


def test_what_is_entered_from_that_day_on_moves_along_and_the_past_stays():
    slot = make_slot()
    before = make_exception(slot, date(2026, 9, 29))
    on_the_day = make_exception(slot, date(2026, 10, 6))
    outcome = move_slot(slot=slot, institution=make_institution(), first_day=date(2026, 10, 6), today=TODAY)
    assert list(slot.exceptions.all()) == [before]
    assert list(outcome.follower.exceptions.all()) == [on_the_day] == list(outcome.moved_along)


def test_a_date_moved_across_the_day_is_named_as_lost():
    slot = make_slot()
    late = make_exception(slot, date(2026, 9, 29), kind=SlotException.Kind.MOVED, new_day=date(2026, 10, 7))
    make_exception(slot, date(2026, 9, 22), kind=SlotException.Kind.MOVED, new_day=date(2026, 9, 23))
    outcome = move_slot(slot=slot, institution=make_institution(), first_day=date(2026, 10, 6), today=TODAY)
    assert outcome.without_effect == (late,)


def test_the_dates_that_drop_out_at_the_new_house_are_told():
    SchoolHoliday.objects.create(
        federal_state="DE-NI",
        name="Herbstferien",
        first_day=date(2026, 10, 12),
        last_day=date(2026, 10, 24),
        source="Beispiel",
    )
    slot = make_slot(last_day=date(2026, 10, 31), school_holiday_policy="as_institution")
    outcome = move_slot(slot=slot, institution=make_institution(), first_day=date(2026, 10, 6), today=TODAY)
    assert (outcome.total, [day.day.day for day in outcome.dropped]) == (4, [13, 20])


@pytest.mark.parametrize(
    ("given", "house", "first_day", "message"),
    [
        (
            {"first_day": date(2026, 10, 6)},
            {},
            date(2026, 10, 6),
            "Der Termin beginnt erst am 6. Oktober 2026; bitte die Einrichtung im Termin selbst ändern.",
        ),
        ({"last_day": date(2026, 10, 5)}, {}, date(2026, 10, 6), "Der Termin endet schon am 5. Oktober 2026."),
        (
            {},
            {"name": "Beispiel-Haus", "first_day": date(2026, 10, 7)},
            date(2026, 10, 6),
            "Beispiel-Haus ist am 6. Oktober 2026 nicht in Betrieb.",
        ),
        (
            {},
            {"name": "Beispiel-Haus", "last_day": date(2026, 10, 5)},
            date(2026, 10, 6),
            "Beispiel-Haus ist am 6. Oktober 2026 nicht in Betrieb.",
        ),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(given, house, first_day, message):
    with pytest.raises(SlotChangeError) as error:
        move_slot(slot=make_slot(**given), institution=make_institution(**house), first_day=first_day, today=TODAY)
    assert reason(error) == message
    assert Slot.objects.count() == 1


def test_a_move_begins_today_at_the_earliest_since_the_past_stays():
    slot, house = make_slot(), make_institution()
    with pytest.raises(SlotChangeError, match="Ein Umzug beginnt frühestens heute"):
        move_slot(slot=slot, institution=house, first_day=date(2026, 8, 31), today=TODAY)
    assert Slot.objects.get().last_day is None
    assert move_slot(slot=slot, institution=house, first_day=TODAY, today=TODAY).follower.first_day == TODAY


def test_a_slot_cannot_move_to_where_it_is_nor_into_a_room_elsewhere():
    slot = make_slot()
    with pytest.raises(SlotChangeError, match="findet schon in"):
        move_slot(slot=slot, institution=slot.institution, first_day=date(2026, 10, 6), today=TODAY)
    room = Room.objects.create(institution=slot.institution, name="Raum 1")
    with pytest.raises(SlotChangeError, match="gehört zu einer anderen Einrichtung"):
        move_slot(slot=slot, institution=make_institution(), room=room, first_day=date(2026, 10, 6), today=TODAY)


def test_a_move_that_would_clash_leaves_everything_as_it_was():
    counsellor, near, far = make_counsellor(), make_institution(), make_institution(latitude=53.5)
    slot = make_slot(near, counsellors=[counsellor])
    make_slot(near, start_time=time(16), end_time=time(17), counsellors=[counsellor])
    with pytest.raises(ConflictError, match="Konflikt am 6"):
        move_slot(slot=slot, institution=far, first_day=date(2026, 10, 6), today=TODAY)
    slot.refresh_from_db()
    assert slot.last_day is None
    assert Slot.objects.count() == 2


# Carrying over


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 7, 31), date(2026, 7, 31)),
        (date(2026, 8, 1), date(2027, 7, 31)),
        (date(2027, 1, 1), date(2027, 7, 31)),
    ],
)
def test_a_school_year_ends_on_31_july(day, end):
    assert school_year_end(day) == end


@pytest.mark.parametrize(
    ("last_day", "until"),
    [
        (date(2027, 7, 31), date(2028, 7, 31)),
        (date(2027, 7, 7), date(2028, 7, 31)),
        (date(2026, 12, 15), date(2028, 7, 31)),
        (TODAY, date(2028, 7, 31)),
    ],
)
def test_a_running_slot_goes_on_to_the_end_of_the_next_school_year(last_day, until):
    slot = make_slot(last_day=last_day)
    outcome = carry_over(slot=slot, today=TODAY)
    slot.refresh_from_db()
    assert slot.last_day == until
    assert outcome.follower is None
    assert Slot.objects.count() == 1


def test_a_slot_that_is_over_gets_a_follower_as_a_proposal_and_no_past():
    slot = make_slot(last_day=date(2026, 7, 31))
    follower = carry_over(slot=slot, today=TODAY).follower
    slot.refresh_from_db()
    assert slot.last_day == date(2026, 7, 31)
    assert (follower.first_day, follower.last_day) == (TODAY, date(2027, 7, 31))
    assert follower.status_on(TODAY) is Slot.Status.PROPOSED


def test_dates_that_drop_out_of_the_time_won_are_told():
    for year in (2026, 2027):
        SchoolHoliday.objects.create(
            federal_state="DE-NI",
            name="Herbstferien",
            first_day=date(year, 10, 18),
            last_day=date(year, 10, 29),
            source="Beispiel",
        )
    slot = make_slot(last_day=date(2027, 7, 31), school_holiday_policy="pauses")
    outcome = carry_over(slot=slot, today=TODAY)
    assert outcome.total == 52
    assert [dropped.day for dropped in outcome.dropped] == [date(2027, 10, 19), date(2027, 10, 26)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Der Termin läuft ohne Ende weiter; es ist nichts zu tun."),
        (
            {"rule": "RDATE;VALUE=DATE:20260929", "last_day": date(2026, 9, 30)},
            "Einzelne Tage wiederholen sich nicht; bitte die neuen Tage eintragen.",
        ),
    ],
)
def test_what_cannot_be_carried_over_is_refused(given, message):
    with pytest.raises(SlotChangeError) as error:
        carry_over(slot=make_slot(**given), today=TODAY)
    assert str(error.value) == message


def test_carrying_over_into_a_clash_is_refused():
    counsellor = make_counsellor()
    slot = make_slot(last_day=date(2027, 7, 31), counsellors=[counsellor])
    make_slot(first_day=date(2027, 8, 1), counsellors=[counsellor])
    with pytest.raises(ConflictError):
        carry_over(slot=slot, today=TODAY)
    slot.refresh_from_db()
    assert slot.last_day == date(2027, 7, 31)
