"""Do the schedules, expanded by somebody who knows nothing of us, give the dates of the page and no other?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import given, settings

from appointments.occurrences import Calendar, Change, ChangeKind, Series, held
from appointments.recurrence import Monthly, SingleDates, Weekly
from beratung.api.hsds_schedules import Schedule, schedules, still_to_come
from locations.calendars import DayOff
from tests.appointments import strategies

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 8, 1), date(2027, 7, 31)
AUTUMN = Calendar({}, (DayOff(date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),))


def tuesdays(*changes: Change, **given) -> Series:
    defaults = {"rule": Weekly((1,)), "start": time(14), "end": time(16), "first_day": date(2026, 9, 1)}
    return Series(**(defaults | {"changes": changes} | given))


def rebuilt(piece: Schedule) -> list[tuple[datetime, datetime]]:
    """Return the dates of one schedule as dateutil reads it, with the offsets written in it."""
    text = f"FREQ={piece.freq};INTERVAL={piece.interval};BYDAY={piece.byday};WKST=MO"
    text += ";COUNT=1" if piece.is_single else f";UNTIL={piece.last_day:%Y%m%d}T235959"
    opens, closes = time.fromisoformat(piece.opens_at), time.fromisoformat(piece.closes_at)
    days = rrulestr(text, dtstart=datetime.combine(piece.first_day, time()))
    return [(datetime.combine(day.date(), opens), datetime.combine(day.date(), closes)) for day in days]


def of_the_page(
    series: Series, calendar: Calendar, first: date, last: date
) -> list[tuple[datetime, datetime, int | None]]:
    return sorted(
        (datetime.combine(one.day, one.start, BERLIN), datetime.combine(one.day, one.end, BERLIN), one.place or 0)
        for one in held(series, calendar, first, last)
    )


@settings(deadline=None)
@given(series=strategies.series(), calendar=strategies.calendars(), window=strategies.windows())
def test_the_schedules_give_exactly_the_dates_of_the_page(series, calendar, window):
    found = schedules(series, calendar, BERLIN, *window)
    dates = sorted((start, end, piece.place or 0) for piece in found for start, end in rebuilt(piece))
    assert dates == of_the_page(series, calendar, *window)


@settings(deadline=None)
@given(series=strategies.series(), calendar=strategies.calendars(), window=strategies.windows())
def test_every_schedule_begins_and_ends_with_a_date_and_has_a_name_of_its_own(series, calendar, window):
    found = schedules(series, calendar, BERLIN, *window)
    for piece in found:
        days = [start.date() for start, _end in rebuilt(piece)]
        assert (days[0], days[-1]) == (piece.first_day, piece.last_day)
    # A date moved onto another one of the slot is refused by the form; without such, names differ.
    if len({(piece.first_day, piece.opens_at, piece.place) for piece in found}) == len(found):
        assert len({piece.name for piece in found}) == len(found)


def test_a_slot_without_anything_unusual_is_cut_only_where_the_clocks_change():
    found = schedules(tuesdays(), Calendar(), BERLIN, FIRST, LAST)
    assert [(one.first_day, one.last_day, one.opens_at) for one in found] == [
        (date(2026, 9, 1), date(2026, 10, 20), "14:00+02:00"),
        (date(2026, 10, 27), date(2027, 3, 23), "14:00+01:00"),
        (date(2027, 3, 30), date(2027, 7, 27), "14:00+02:00"),
    ]


def test_school_holidays_cut_the_rule_and_stand_in_the_notes():
    first, second, *_ = schedules(tuesdays(pauses_in_school_holidays=True), AUTUMN, BERLIN, FIRST, LAST)
    assert (first.last_day, second.first_day) == (date(2026, 10, 6), date(2026, 10, 27))
    assert first.notes == "Fällt aus: 13.10.2026 (Herbstferien); 20.10.2026 (Herbstferien)."
    assert second.notes == ""


def test_what_drops_out_before_the_first_date_is_said_by_the_first_schedule():
    series = tuesdays(Change(date(2026, 9, 1), ChangeKind.CANCELLED, "Umbau"))
    first = schedules(series, Calendar(), BERLIN, FIRST, LAST)[0]
    assert first.first_day == date(2026, 9, 8)
    assert first.notes == "Fällt aus: 01.09.2026 (Umbau)."


def test_the_phase_of_an_interval_survives_a_cut():
    series = tuesdays(
        Change(date(2026, 9, 15), ChangeKind.CANCELLED), rule=Weekly((1, 3), interval=2, anchor=date(2026, 9, 1))
    )
    days = [
        start.date()
        for piece in schedules(series, Calendar(), BERLIN, FIRST, date(2026, 10, 20))
        for start, _ in rebuilt(piece)
    ]
    assert days == [date(2026, 9, day) for day in (1, 3, 17, 29)] + [date(2026, 10, day) for day in (1, 13, 15)]


def test_a_moved_date_is_a_schedule_with_one_date_at_its_new_place():
    moved = Change(date(2026, 9, 8), ChangeKind.MOVED, "Elternabend", date(2026, 9, 10), time(9), time(10), 7)
    one = next(piece for piece in schedules(tuesdays(moved), Calendar(), BERLIN, FIRST, LAST) if piece.is_single)
    assert (one.first_day, one.opens_at, one.closes_at, one.place) == (
        date(2026, 9, 10),
        "09:00+02:00",
        "10:00+02:00",
        7,
    )
    assert (one.byday, one.notes) == ("TH", "Verlegt von 08.09.2026. Elternabend")


def test_single_dates_are_schedules_with_one_date_each():
    series = tuesdays(rule=SingleDates((date(2026, 9, 1), date(2026, 12, 1))))
    found = schedules(series, Calendar(), BERLIN, FIRST, LAST)
    assert [(one.is_single, one.byday, one.opens_at) for one in found] == [
        (True, "TU", "14:00+02:00"),
        (True, "TU", "14:00+01:00"),
    ]


def test_several_ordinals_stay_one_monthly_rule():
    series = tuesdays(rule=Monthly((1,), (1, 3)))
    first = schedules(series, Calendar(), BERLIN, FIRST, LAST)[0]
    assert (first.freq, first.interval, first.byday) == ("MONTHLY", 1, "1TU,3TU")


def test_a_slot_whose_every_date_drops_out_has_no_schedule():
    closed = tuesdays(closures=(DayOff(FIRST, LAST, "Umbau"),))
    assert schedules(closed, Calendar(), BERLIN, FIRST, LAST) == []


def test_a_schedule_whose_last_date_is_today_is_still_to_come():
    found = schedules(tuesdays(), Calendar(), BERLIN, FIRST, LAST)
    assert list(still_to_come(found, date(2026, 10, 20))) == found
    assert list(still_to_come(found, date(2026, 10, 20) + timedelta(days=1))) == found[1:]
