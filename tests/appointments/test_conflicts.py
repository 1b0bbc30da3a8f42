"""Is every clash of counsellor, room and way found, to the minute, and none invented?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.conflicts import (
    Booking,
    Conflict,
    ConflictKind,
    Diary,
    Findings,
    Names,
    TravelTime,
    UncheckedWay,
    conflicts,
    message,
    unchecked_message,
)
from appointments.occurrences import Calendar, Change, ChangeKind, Series, held
from appointments.recurrence import Monthly, SingleDates, Weekly
from locations.calendars import DayOff
from locations.geo import Point, distance_km
from tests.appointments import strategies

FIRST, LAST = date(2026, 8, 1), date(2028, 7, 31)
TUESDAYS = Weekly((1,))
TUE_1, TUE_8 = date(2026, 12, 1), date(2026, 12, 8)
HERE, THERE, NOWHERE = 1, 2, 3
# 19.99 km apart on a meridian as the crow flies: by road 25.99 km, 31.2 minutes at 50 km/h.
POINTS = {HERE: Point(52.0, 10.0), THERE: Point(52.0 + 19.99 / 111.195, 10.0)}
TRAVEL = TravelTime(POINTS)
C = 30


def booking(slot: int | None, start: time, end: time, *changes: Change, **given) -> Booking:
    defaults = {"rule": TUESDAYS, "first_day": date(2026, 12, 1), "calendar": Calendar()}
    defaults |= {"place": HERE, "counsellors": frozenset({C}), "room": None, "closures": ()}
    values = defaults | given
    series = Series(
        values["rule"], start, end, values["first_day"], closures=values["closures"], changes=tuple(changes)
    )
    return Booking(slot, series, values["calendar"], values["place"], values["counsellors"], values["room"])


def check(new: Booking, *others: Booking, travel: TravelTime = TRAVEL) -> Findings:
    return conflicts(new, others, travel, FIRST, LAST)


def clash(new: Booking, *others: Booking, travel: TravelTime = TRAVEL) -> Conflict:
    (found,) = check(new, *others, travel=travel).conflicts
    return found


MORNING = booking(2, time(9), time(12))


@pytest.mark.parametrize(
    ("start", "end", "missing"),
    [
        (time(8), time(9), None),
        (time(8), time(9, 1), 1),
        (time(11, 59), time(13), 1),
        (time(12), time(13), None),
        (time(10), time(11), 120),
        (time(9), time(12), 180),
        (time(8), time(13), 240),
        (time(11), time(14), 60),
    ],
)
def test_touching_times_in_one_house_are_fine_and_every_minute_more_is_not(start, end, missing):
    found = check(booking(1, start, end), MORNING).first
    assert (found.missing_minutes if found else None) == missing
    assert found is None or (found.kind, found.resource, found.slot) == (ConflictKind.COUNSELLOR, C, 2)


def test_the_first_clashing_day_is_named_and_the_days_are_counted():
    found = clash(booking(1, time(10), time(11), rule=Monthly((1,), (2,))), MORNING)
    assert (found.day, found.start, found.end, found.place) == (TUE_8, time(9), time(12), HERE)
    assert found.days == 20
    assert (found.earliest_start, found.latest_end, found.travel_minutes) == (time(12), time(9), 0)


def test_another_counsellor_is_free():
    other = booking(2, time(9), time(12), counsellors=frozenset({C + 1}))
    assert check(booking(1, time(9), time(12)), other) == Findings()
    assert check(booking(1, time(9), time(12), counsellors=frozenset()), MORNING) == Findings()


def test_two_counsellors_in_common_are_two_conflicts():
    both = frozenset({C, C + 1})
    found = check(booking(1, time(9), time(10), counsellors=both), booking(2, time(9), time(10), counsellors=both))
    assert [conflict.resource for conflict in found.conflicts] == [C, C + 1]


@pytest.mark.parametrize(
    ("start", "is_free"), [(time(12), False), (time(12, 31), False), (time(12, 32), True), (time(12, 33), True)]
)
def test_the_way_takes_as_many_minutes_as_it_does_and_not_one_less(start, is_free):
    found = check(booking(1, start, time(14), place=THERE), MORNING)
    assert (found == Findings()) == is_free
    if not is_free:
        conflict = found.conflicts[0]
        assert (conflict.kind, conflict.travel_minutes) == (ConflictKind.TRAVEL, 32)
        assert conflict.missing_minutes == 32 - start.minute
        assert (conflict.earliest_start, conflict.comes_later) == (time(12, 32), True)


@pytest.mark.parametrize(("end", "is_free"), [(time(8, 27), True), (time(8, 28), True), (time(8, 29), False)])
def test_the_way_counts_before_the_other_date_too(end, is_free):
    found = check(booking(1, time(7), end, place=THERE), MORNING)
    assert (found == Findings()) == is_free
    if not is_free:
        conflict = found.conflicts[0]
        assert (conflict.kind, conflict.missing_minutes) == (ConflictKind.TRAVEL, 1)
        assert (conflict.latest_end, conflict.comes_later) == (time(8, 28), False)


def test_an_overlap_elsewhere_is_a_clash_in_time_that_knows_the_way():
    found = clash(booking(1, time(11), time(14), place=THERE), MORNING)
    assert (found.kind, found.travel_minutes, found.missing_minutes) == (ConflictKind.COUNSELLOR, 32, 92)
    assert found.earliest_start == time(12, 32)


def test_the_minutes_that_staff_entered_win_in_both_directions():
    travel = TravelTime(POINTS, overrides={frozenset({THERE, HERE}): 45})
    assert travel.minutes(HERE, THERE) == travel.minutes(THERE, HERE) == 45
    assert check(booking(1, time(12, 45), time(14), place=THERE), MORNING, travel=travel) == Findings()
    assert clash(booking(1, time(12, 44), time(14), place=THERE), MORNING, travel=travel).missing_minutes == 1
    assert TravelTime(overrides={frozenset({HERE, NOWHERE}): 0}).minutes(HERE, NOWHERE) == 0


def test_detour_and_speed_are_settings():
    assert TRAVEL.minutes(HERE, THERE) == 32
    assert TravelTime(POINTS, detour_factor=1.0).minutes(HERE, THERE) == 24
    assert TravelTime(POINTS, speed_kmh=100).minutes(HERE, THERE) == 16
    assert TravelTime(POINTS, speed_kmh=0.01).minutes(HERE, THERE) == 24 * 60
    assert TRAVEL.minutes(THERE, THERE) == 0


def test_a_way_of_whole_minutes_is_not_rounded_up_by_a_breath():
    distance = distance_km(POINTS[HERE], POINTS[THERE])
    for minutes in range(1, 91):
        travel = TravelTime(POINTS, detour_factor=1.0, speed_kmh=distance / minutes * 60)
        assert travel.minutes(HERE, THERE) == minutes


@pytest.mark.parametrize(
    "settings_",
    [{"speed_kmh": 0}, {"speed_kmh": -5}, {"detour_factor": 0.9}, {"overrides": {frozenset({1, 2}): -1}}],
)
def test_nonsense_settings_are_refused(settings_):
    with pytest.raises(ValueError, match="Umwegfaktor ab 1"):
        TravelTime(POINTS, **settings_)


def test_a_house_without_coordinates_leaves_the_way_unchecked_and_says_so():
    found = check(booking(1, time(12), time(14), place=NOWHERE), MORNING)
    assert found.conflicts == ()
    assert found.unchecked == (UncheckedWay(2, C, TUE_1, NOWHERE, HERE),)


def test_an_overlap_counts_where_the_way_is_unknown():
    found = check(booking(1, time(11), time(14), place=NOWHERE), MORNING)
    assert [(conflict.kind, conflict.travel_minutes) for conflict in found.conflicts] == [
        (ConflictKind.COUNSELLOR, None)
    ]
    assert found.unchecked == ()


def test_one_house_without_coordinates_has_no_way():
    found = check(booking(1, time(12), time(14), place=NOWHERE), booking(2, time(9), time(12), place=NOWHERE))
    assert found == Findings()


def test_a_room_is_taken_once_at_a_time_whoever_counsels():
    other = booking(2, time(9), time(12), room=5)
    found = clash(booking(1, time(11), time(13), room=5, counsellors=frozenset()), other)
    assert (found.kind, found.resource, found.missing_minutes) == (ConflictKind.ROOM, 5, 60)
    assert check(booking(1, time(12), time(13), room=5, counsellors=frozenset()), other) == Findings()
    assert check(booking(1, time(11), time(13), room=6, counsellors=frozenset()), other) == Findings()


def test_counsellor_and_room_can_clash_at_once():
    found = check(booking(1, time(9), time(10), room=5), booking(2, time(9), time(12), room=5))
    assert [conflict.kind for conflict in found.conflicts] == [ConflictKind.COUNSELLOR, ConflictKind.ROOM]


def test_a_cancelled_date_frees_counsellor_and_room():
    new = booking(1, time(10), time(11), rule=SingleDates((TUE_8,)), room=5)
    other = booking(2, time(9), time(12), Change(TUE_8, ChangeKind.CANCELLED), room=5)
    assert check(new, other) == Findings()
    assert len(check(new, replace(other, series=replace(other.series, changes=()))).conflicts) == 2


def test_a_holiday_and_a_closure_free_the_counsellor():
    new = booking(1, time(10), time(11), rule=SingleDates((TUE_8,)))
    assert check(new, booking(2, time(9), time(12), closures=(DayOff(TUE_8, TUE_8, "Umbau"),))) == Findings()
    assert check(new, booking(2, time(9), time(12), calendar=Calendar({TUE_8: "Feiertag"}))) == Findings()


@pytest.mark.parametrize("turned", [False, True])
def test_a_moved_date_clashes_where_it_went_and_not_where_it_was(turned):
    wednesday = date(2026, 12, 9)
    moved = booking(2, time(9), time(12), Change(TUE_8, ChangeKind.MOVED, new_day=wednesday))
    on_wednesday = booking(1, time(10), time(11), rule=SingleDates((wednesday,)))
    on_tuesday = booking(1, time(10), time(11), rule=SingleDates((TUE_8,)))
    pair = (moved, on_wednesday) if turned else (on_wednesday, moved)
    assert clash(*pair).day == wednesday
    assert check(on_tuesday, moved) == Findings()


def test_a_date_moved_in_time_alone_clashes_then():
    moved = booking(2, time(9), time(12), Change(TUE_8, ChangeKind.MOVED, new_start=time(14), new_end=time(15)))
    found = clash(booking(1, time(14), time(16)), moved)
    assert (found.day, found.start, found.days) == (TUE_8, time(14), 1)


def test_a_date_moved_to_another_house_needs_the_way_and_frees_the_room():
    moved = booking(2, time(9), time(12), Change(TUE_8, ChangeKind.MOVED, new_place=THERE), room=5)
    found = clash(booking(1, time(12), time(13), room=5), moved)
    assert (found.kind, found.day, found.place) == (ConflictKind.TRAVEL, TUE_8, THERE)
    in_room = booking(1, time(10), time(11), rule=SingleDates((TUE_8,)), room=5, counsellors=frozenset())
    assert check(in_room, moved) == Findings()
    assert check(moved, replace(in_room, slot=4)) == Findings()


def test_an_extra_date_clashes():
    thursday = date(2026, 12, 10)
    extra = booking(2, time(9), time(12), Change(thursday, ChangeKind.EXTRA))
    assert clash(booking(1, time(9), time(12), rule=SingleDates((thursday,))), extra).day == thursday


def test_rules_that_meet_once_a_year_are_found():
    weeks_52 = booking(1, time(9), time(10), rule=Weekly((1,), 52, date(2027, 3, 9)))
    found = clash(weeks_52, booking(2, time(9), time(10), rule=Monthly((1,), (2,))))
    assert (found.day, found.days) == (date(2027, 3, 9), 1)
    assert clash(weeks_52, booking(2, time(9), time(10), rule=Monthly((1,), (1,)))).day == date(2028, 3, 7)
    assert check(weeks_52, booking(2, time(9), time(10), rule=Monthly((1,), (3, -1)))) == Findings()


def test_a_day_with_two_clashes_counts_once():
    twice = booking(2, time(9), time(10), Change(TUE_1, ChangeKind.MOVED, new_day=TUE_8))
    assert clash(booking(1, time(9), time(12), rule=SingleDates((TUE_8,))), twice).days == 1


def test_both_ends_of_the_window_count():
    new, other = booking(1, time(9), time(10)), booking(2, time(9), time(10))
    assert conflicts(new, [other], TRAVEL, TUE_1, TUE_1).conflicts[0].days == 1
    assert conflicts(new, [other], TRAVEL, TUE_1, TUE_8).conflicts[0].days == 2
    assert conflicts(new, [other], TRAVEL, date(2026, 12, 2), date(2026, 12, 7)) == Findings()


def test_a_slot_does_not_clash_with_what_it_was_before():
    assert check(booking(2, time(9), time(12)), MORNING) == Findings()
    assert check(booking(None, time(9), time(12)), MORNING).first is not None
    assert clash(booking(None, time(9), time(12)), booking(None, time(9), time(12))).slot is None
    unsaved = booking(None, time(9), time(12))
    assert check(unsaved, unsaved) == Findings()


def test_conflicts_come_by_day_and_the_first_one_is_the_earliest():
    later = booking(2, time(9), time(12), first_day=TUE_8)
    sooner = booking(3, time(9), time(12))
    found = check(booking(1, time(9), time(12)), later, sooner)
    assert [(conflict.slot, conflict.day) for conflict in found.conflicts] == [(3, TUE_1), (2, TUE_8)]
    assert found.first == found.conflicts[0]
    assert Findings().first is None


def test_a_diary_grows_row_by_row():
    diary = Diary([], TRAVEL, FIRST, LAST)
    assert diary.conflicts(MORNING) == Findings()
    diary.add(MORNING)
    assert diary.conflicts(MORNING) == Findings()
    assert len(diary.conflicts(replace(MORNING, slot=9)).conflicts) == 1


@pytest.mark.parametrize(("start", "end"), [(time(0), time(0, 20)), (time(23, 40), time(23, 59))])
def test_a_day_can_be_too_short_for_the_way(start, end):
    found = clash(booking(1, start, end, place=THERE), booking(2, start, end))
    assert (found.earliest_start is None) == (start.hour == 23)
    assert (found.latest_end is None) == (start.hour == 0)


def test_a_way_that_ends_at_midnight_leaves_no_time():
    late = clash(booking(1, time(23), time(23, 20), place=THERE), booking(2, time(22), time(23, 28)))
    assert (late.earliest_start, late.latest_end) == (None, time(21, 28))
    early = clash(booking(1, time(0, 5), time(0, 10), place=THERE), booking(2, time(0, 32), time(1)))
    assert (early.earliest_start, early.latest_end) == (time(1, 32), None)


NAMES = Names(
    slots={2: "Beispiel-Beratung", None: "Zeile 7"},
    counsellors={C: "Fachkraft C"},
    rooms={5: "Raum 5"},
    places={HERE: "Hohenhameln", THERE: "Beispielort", NOWHERE: "Beispielhausen"},
)


@pytest.mark.parametrize(
    ("new", "other", "expected"),
    [
        (
            booking(1, time(14), time(16), place=THERE, rule=SingleDates((TUE_8,))),
            booking(2, time(9), time(13, 45)),
            "Konflikt am 8.\xa0Dezember\xa02026 mit „Beispiel-Beratung“: Fachkraft C ist bis 13.45\xa0Uhr in Hohenhameln. "
            "Die Fahrt dauert 32\xa0Minuten, es fehlen 17\xa0Minuten, frühester Beginn: 14.17\xa0Uhr.",
        ),
        (
            booking(1, time(7), time(8, 29), place=THERE),
            MORNING,
            "Konflikt am 1.\xa0Dezember\xa02026 mit „Beispiel-Beratung“: Fachkraft C ist ab 9\xa0Uhr in Hohenhameln. "
            "Die Fahrt dauert 32\xa0Minuten, es fehlt 1\xa0Minute, spätestes Ende: 8.28\xa0Uhr. "
            "Das geschieht an 87\xa0Tagen.",
        ),
        (
            booking(1, time(11), time(13), rule=SingleDates((TUE_8,))),
            MORNING,
            "Konflikt am 8.\xa0Dezember\xa02026 mit „Beispiel-Beratung“: Fachkraft C ist von 9 bis 12\xa0Uhr in Hohenhameln. "
            "Es fehlen 60\xa0Minuten, frühester Beginn: 12\xa0Uhr.",
        ),
        (
            booking(1, time(11), time(13), rule=SingleDates((TUE_8,)), place=NOWHERE),
            MORNING,
            "Konflikt am 8.\xa0Dezember\xa02026 mit „Beispiel-Beratung“: Fachkraft C ist von 9 bis 12\xa0Uhr in Hohenhameln. "
            "Die Dauer der Fahrt ist nicht bekannt; ohne sie fehlen 60\xa0Minuten, frühester Beginn: 12\xa0Uhr.",
        ),
        (
            booking(1, time(11), time(13), rule=SingleDates((TUE_8,)), counsellors=frozenset(), room=5),
            booking(2, time(9), time(12), room=5),
            "Konflikt am 8.\xa0Dezember\xa02026 mit „Beispiel-Beratung“: Raum 5 ist von 9 bis 12\xa0Uhr belegt. "
            "Es fehlen 60\xa0Minuten, frühester Beginn: 12\xa0Uhr.",
        ),
        (
            booking(1, time(22), time(23, 50), rule=SingleDates((TUE_8,)), place=THERE),
            booking(None, time(21, 30), time(23, 45)),
            "Konflikt am 8.\xa0Dezember\xa02026 mit „Zeile 7“: Fachkraft C ist von 21.30 bis 23.45\xa0Uhr in Hohenhameln. "
            "Die Fahrt dauert 32\xa0Minuten, es fehlen 137\xa0Minuten; an diesem Tag bleibt dafür keine Zeit.",
        ),
    ],
)
def test_the_message_names_day_slot_missing_minutes_and_what_would_do(new, other, expected):
    assert message(clash(new, other), NAMES) == expected


def test_the_message_about_an_unknown_way_names_both_houses():
    (way,) = check(booking(1, time(12), time(14), place=NOWHERE), MORNING).unchecked
    assert unchecked_message(way, NAMES) == (
        "Nicht geprüft: Am 1.\xa0Dezember\xa02026 hat Fachkraft C auch den Termin „Beispiel-Beratung“. Der Weg zwischen "
        "Beispielhausen und Hohenhameln ist nicht bekannt, weil Koordinaten fehlen."
    )


bookings = st.builds(
    Booking,
    slot=st.integers(1, 50),
    series=strategies.series(most_changes=3),
    calendar=strategies.calendars(),
    place=st.sampled_from(strategies.HOUSES),
    counsellors=st.frozensets(st.integers(1, 3), max_size=2),
    room=st.none() | st.integers(1, 2),
)
travels = st.builds(
    TravelTime,
    points=st.dictionaries(
        st.sampled_from(strategies.HOUSES), st.builds(Point, st.floats(52, 52.3), st.floats(10, 10.3))
    ),
    overrides=st.dictionaries(
        st.sampled_from([frozenset({1, 2}), frozenset({2, 3}), frozenset({1, 3})]), st.integers(0, 90), max_size=2
    ),
)


def minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def naive(new, others, travel, first, last):
    """Return (kind, slot, resource) -> days of clashes, and (slot, counsellor) -> days unchecked, pair by pair."""
    found, unchecked = {}, {}
    for other in others:
        for a in held(new.series, new.calendar, first, last):
            for b in held(other.series, other.calendar, first, last):
                if a.day == b.day and other.slot != new.slot:
                    compare(new, a, other, b, travel, found, unchecked)
    return found, unchecked


def compare(new, a, other, b, travel, found, unchecked):
    a_place, b_place = a.place or new.place, b.place or other.place
    gap = max(minute(b.start) - minute(a.end), minute(a.start) - minute(b.end))
    way = travel.minutes(a_place, b_place)
    for counsellor in new.counsellors & other.counsellors:
        if gap < 0 or (way is not None and gap < way):
            kind = "counsellor" if gap < 0 else "travel"
            found.setdefault((kind, other.slot, counsellor), set()).add(a.day)
        elif way is None:
            unchecked.setdefault((other.slot, counsellor), set()).add(a.day)
    if (new.room, a_place, b_place) == (other.room or 0, new.place, other.place) and gap < 0:
        found.setdefault(("room", other.slot, new.room), set()).add(a.day)


@settings(max_examples=150, deadline=None)
@given(bookings, st.lists(bookings, max_size=4, unique_by=lambda one: one.slot), travels, strategies.windows())
def test_every_clash_is_found_that_comparing_all_dates_in_pairs_finds(new, others, travel, window):
    findings = conflicts(new, others, travel, *window)
    found, unchecked = naive(new, others, travel, *window)
    assert {(c.kind.value, c.slot, c.resource): (c.day, c.days) for c in findings.conflicts} == {
        key: (min(days), len(days)) for key, days in found.items()
    }
    assert {(way.slot, way.counsellor): way.day for way in findings.unchecked} == {
        key: min(days) for key, days in unchecked.items()
    }


@settings(max_examples=150, deadline=None)
@given(bookings, bookings, travels)
def test_who_comes_second_clashes_all_the_same(one, two, travel):
    there = conflicts(one, [replace(two, slot=99)], travel, FIRST, LAST)
    back = conflicts(two, [replace(one, slot=99)], travel, FIRST, LAST)
    assert [(c.kind, c.resource, c.day, c.days) for c in there.conflicts] == [
        (c.kind, c.resource, c.day, c.days) for c in back.conflicts
    ]


near_times = strategies.times(8, 12)


@settings(max_examples=200, deadline=None)
@given(near_times, near_times, st.sampled_from((HERE, THERE)))
def test_the_time_that_the_message_offers_is_free_and_a_minute_more_is_not(mine, theirs, place):
    other = booking(2, *theirs, rule=SingleDates((TUE_8,)))
    found = check(booking(1, *mine, rule=SingleDates((TUE_8,)), place=place), other).first
    if found is None:
        return

    def is_free(start: int, end: int) -> bool:
        times = (time(start // 60, start % 60), time(end // 60, end % 60))
        return check(booking(1, *times, rule=SingleDates((TUE_8,)), place=place), other) == Findings()

    shift = found.missing_minutes * (1 if found.comes_later else -1)
    start, end = minute(mine[0]), minute(mine[1])
    assert is_free(start + shift, end + shift)
    assert not is_free(start + shift - (1 if shift > 0 else -1), end + shift - (1 if shift > 0 else -1))
    if found.comes_later:
        assert found.earliest_start is not None
        assert minute(found.earliest_start) == start + shift
    else:
        assert found.latest_end is not None
        assert minute(found.latest_end) == end + shift
