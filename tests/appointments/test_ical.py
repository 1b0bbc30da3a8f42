"""Does an independent calendar program read exactly the dates of the page from our calendars?"""

from __future__ import annotations

import io
import re
import warnings
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.tz import tzical
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from appointments.ical import CalendarEntry, feed, feed_window
from appointments.occurrences import Calendar, Change, ChangeKind, Series, held
from appointments.recurrence import Monthly, SingleDates, Weekly
from appointments.wall_time import dst_problem
from locations.calendars import DayOff
from tests.appointments import strategies

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 8, 1), date(2027, 7, 31)
WINDOW = (FIRST, LAST)
TUE_6, TUE_13, TUE_20, TUE_27 = (date(2026, 10, day) for day in (6, 13, 20, 27))
AUTUMN = Calendar({}, (DayOff(date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),))
HOUSES = {house: f"Beispiel-Haus {house}, Beispielweg {house}" for house in (*strategies.HOUSES, 7)}
MODIFIED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def tuesdays(*changes: Change, **given) -> Series:
    defaults = {"rule": Weekly((1,)), "start": time(14), "end": time(16), "first_day": date(2026, 9, 1)}
    return Series(**(defaults | {"changes": changes} | given))


def entry(series: Series | None = None, calendar: Calendar | None = None, **given) -> CalendarEntry:
    defaults = {
        "uid": "11111111-2222-4333-8444-555555555555@example.org",
        "summary": "Beispiel-Beratung",
        "location": "Beispiel-Schule, Beispielweg 1",
        "series": series or tuesdays(),
        "calendar": calendar or Calendar(),
        "last_modified": MODIFIED,
        "places": HOUSES,
    }
    return CalendarEntry(**(defaults | given))


def written(*entries: CalendarEntry, name: str = "Beispiel-Kalender", window: tuple[date, date] = WINDOW) -> bytes:
    return feed(entries, name=name, zone=BERLIN, first=window[0], last=window[1])


def parsed(octets: bytes) -> icalendar.Calendar:
    """Return what the independent parser reads; fail on the slightest complaint."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calendar = icalendar.Calendar.from_ical(octets)
    assert [component.errors for component in calendar.walk() if component.errors] == []
    return calendar


def events(*entries: CalendarEntry, window: tuple[date, date] = WINDOW) -> list[icalendar.Event]:
    return parsed(written(*entries, window=window)).walk("VEVENT")


def expanded(octets: bytes, first: date, last: date) -> list[icalendar.Event]:
    """Return what a calendar program shows from first to last (inclusive)."""
    return recurring_ical_events.of(parsed(octets)).between(first, last + timedelta(days=1))


def dates_in(octets: bytes, first: date, last: date) -> list[tuple[datetime, datetime, str]]:
    """Return start, end and place of what takes place."""
    shown = [event for event in expanded(octets, first, last) if event["STATUS"] != "CANCELLED"]
    return sorted((event.start, event.end, str(event["LOCATION"])) for event in shown)


def dates_of(one: CalendarEntry, first: date, last: date) -> list[tuple[datetime, datetime, str]]:
    return sorted(
        (
            datetime.combine(date_.day, date_.start, BERLIN),
            datetime.combine(date_.day, date_.end, BERLIN),
            one.location if date_.place is None else one.places[date_.place],
        )
        for date_ in held(one.series, one.calendar, first, last)
    )


def assert_same_dates(one: CalendarEntry, first: date = FIRST, last: date = LAST) -> None:
    found = dates_in(written(one, window=(first, last)), first, last)
    assert found == dates_of(one, first, last)
    assert [moment.utcoffset() for found_date in found for moment in found_date[:2]] == [
        moment.utcoffset() for held_date in dates_of(one, first, last) for moment in held_date[:2]
    ]


@settings(max_examples=200, deadline=None)
@given(
    strategies.series(hours=strategies.times() | strategies.times(0, 4)), strategies.calendars(), strategies.windows()
)
def test_a_calendar_program_shows_exactly_the_dates_held(series, calendar, window):
    first, last = window
    assume(dst_problem(series, BERLIN, first, date(2028, 12, 31)) is None)
    assert_same_dates(entry(series, calendar), first, last)


@settings(max_examples=30, deadline=None)
@given(st.lists(strategies.series(), max_size=4), strategies.calendars())
def test_a_feed_shows_the_dates_of_all_its_slots(many, calendar):
    entries = [entry(series, calendar, uid=f"{n}@example.org") for n, series in enumerate(many)]
    expected = sorted(found for one in entries for found in dates_of(one, *WINDOW))
    assert dates_in(written(*entries), *WINDOW) == expected


@settings(max_examples=100, deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows())
def test_what_staff_cancelled_stays_visible_and_what_a_holiday_dropped_does_not(series, calendar, window):
    first, last = window
    shown = expanded(written(entry(series, calendar), window=window), first, last)
    cancelled = sorted(event.start.date() for event in shown if event["STATUS"] == "CANCELLED")
    valid_first, valid_last = series.window(first, last)
    on_rule = series.rule.days(valid_first, valid_last) if valid_first <= valid_last else []
    lost = [
        change.day
        for change in series.changes
        if change.day in on_rule
        and (
            change.kind is ChangeKind.CANCELLED
            or (change.new_day and not series.first_day <= change.new_day <= (series.last_day or date.max))
        )
    ]
    assert cancelled == sorted(lost)


@settings(max_examples=100, deadline=None)
@given(strategies.series(), strategies.calendars(), strategies.windows())
def test_no_date_is_both_excluded_and_overridden_and_every_override_meets_its_series(series, calendar, window):
    found = events(entry(series, calendar), window=window)
    masters = [event for event in found if "RRULE" in event]
    overridden = [event["RECURRENCE-ID"].dt for event in found if "RECURRENCE-ID" in event]
    assert len(masters) <= 1
    assert len(set(overridden)) == len(overridden)
    if overridden:
        (master,) = masters
        days = series.rule.days(master.start.date(), master["RRULE"]["UNTIL"][0].date())
        assert {moment.date() for moment in overridden} <= set(days)
        assert not set(overridden) & set(excluded(master))
    uids = [str(event["UID"]) for event in found if "RECURRENCE-ID" not in event]
    assert len(set(uids)) == len(uids)


def excluded(event: icalendar.Event) -> list[datetime]:
    return [value.dt for value in event["EXDATE"].dts] if "EXDATE" in event else []


def test_a_slot_is_one_series_from_its_first_date_to_the_end_of_the_window():
    (event,) = events(entry())
    assert event.start == datetime(2026, 9, 1, 14, tzinfo=BERLIN)
    assert event.end == datetime(2026, 9, 1, 16, tzinfo=BERLIN)
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270731T215959Z;BYDAY=TU"
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert "EXDATE" not in event


@pytest.mark.parametrize(
    ("last_day", "until"), [(date(2026, 10, 27), "20261027T225959Z"), (date(2026, 10, 24), "20261024T215959Z")]
)
def test_the_series_ends_with_the_validity(last_day, until):
    (event,) = events(entry(tuesdays(last_day=last_day)))
    assert f"UNTIL={until}".encode() in event["RRULE"].to_ical()


def test_the_first_date_is_one_that_takes_place_and_in_the_phase_of_the_interval():
    rule = Weekly((1, 6), 3, date(2026, 7, 6))
    one = entry(tuesdays(rule=rule, first_day=date(2026, 1, 1), closures=(DayOff(FIRST, date(2026, 9, 14), "Umbau"),)))
    (event,) = events(one)
    assert event.start.date() == date(2026, 9, 29)
    assert b"WKST=MO" in event["RRULE"].to_ical()
    assert "EXDATE" not in event
    assert_same_dates(one)


@pytest.mark.parametrize(
    "rule",
    [
        Monthly((4,), (-1,)),
        Monthly((0, 3), (4, -1)),
        Monthly((6,), (1, 2, 3, 4, -1)),
        Weekly((0, 6), 2, date(2026, 8, 2)),
        Weekly((0, 6), 2, date(2026, 8, 3)),
        Weekly(tuple(range(7)), 52, date(2020, 2, 29)),
    ],
)
def test_every_kind_of_rule_is_read_in_its_phase(rule):
    assert_same_dates(entry(tuesdays(rule=rule, first_day=date(2020, 1, 1))))


@pytest.mark.parametrize("start", [time(0), time(1), time(3), time(14), time(23)])
def test_the_local_time_survives_both_clock_changes(start):
    one = entry(tuesdays(rule=Weekly(tuple(range(7))), start=start, end=start.replace(minute=59)))
    found = dates_in(written(one), *WINDOW)
    assert {(begin.hour, end.minute) for begin, end, _ in found} == {(start.hour, 59)}
    assert {begin.utcoffset() for begin, _, _ in found} == {timedelta(hours=1), timedelta(hours=2)}
    assert_same_dates(one)


def test_holidays_are_excluded_with_the_reason_and_the_dates_in_the_description():
    series = tuesdays(pauses_in_school_holidays=True, closures=(DayOff(TUE_27, TUE_27, "Umbau; Türen"),))
    calendar = Calendar({date(2026, 12, 1): "Feiertag"}, AUTUMN.school_holidays)
    (event,) = events(entry(series, calendar, description="Bitte klingeln."))
    assert [moment.day for moment in excluded(event)] == [13, 20, 27, 1]
    assert event["EXDATE"].dts[0].dt == datetime(2026, 10, 13, 14, tzinfo=BERLIN)
    assert event["DESCRIPTION"] == (
        "Fällt aus: 13.10.2026 bis 20.10.2026 Herbstferien; 27.10.2026 Umbau; Türen; 01.12.2026 Feiertag"
        "\n\nBitte klingeln."
    )
    assert_same_dates(entry(series, calendar))


def test_a_date_that_takes_place_parts_two_stretches_and_an_extra_one_does_not():
    closures = (DayOff(TUE_6, TUE_6, "Umbau"), DayOff(TUE_20, TUE_27, "Umbau"))
    extra = Change(date(2026, 10, 22), ChangeKind.EXTRA)
    master, _ = events(entry(tuesdays(extra, closures=closures)))
    assert master["DESCRIPTION"] == "Fällt aus: 06.10.2026 Umbau; 20.10.2026 bis 27.10.2026 Umbau"


def test_a_date_held_anyway_is_not_excluded_and_said():
    series = tuesdays(Change(TUE_13, ChangeKind.HELD_ANYWAY), pauses_in_school_holidays=True)
    (event,) = events(entry(series, AUTUMN))
    assert [moment.date() for moment in excluded(event)] == [TUE_20]
    assert event["DESCRIPTION"] == (
        "Fällt aus: 20.10.2026 Herbstferien\nFindet trotzdem statt: 13.10.2026 (Herbstferien)"
    )


def test_a_cancelled_date_stays_visible_with_the_reason():
    series = tuesdays(Change(TUE_13, ChangeKind.CANCELLED, "Die Fachkraft ist verhindert."))
    master, override = events(entry(series))
    assert override["RECURRENCE-ID"].dt == override.start == datetime(2026, 10, 13, 14, tzinfo=BERLIN)
    assert override["STATUS"] == "CANCELLED"
    assert override["SUMMARY"] == "Fällt aus: Beispiel-Beratung"
    assert override["DESCRIPTION"] == "Fällt aus: Die Fachkraft ist verhindert."
    assert override["UID"] == master["UID"]
    assert excluded(master) == []
    assert master["STATUS"] == "CONFIRMED"
    assert master["SUMMARY"] == "Beispiel-Beratung"


def test_a_date_cancelled_by_staff_on_a_holiday_is_not_excluded():
    series = tuesdays(Change(TUE_13, ChangeKind.CANCELLED), pauses_in_school_holidays=True)
    master, override = events(entry(series, AUTUMN))
    assert [moment.date() for moment in excluded(master)] == [TUE_20]
    assert master["DESCRIPTION"] == "Fällt aus: 20.10.2026 Herbstferien"
    assert override["DESCRIPTION"] == "Fällt aus."


def test_a_moved_date_is_an_override_with_its_day_time_and_place():
    change = Change(TUE_13, ChangeKind.MOVED, "Umbau", date(2026, 10, 15), time(9), time(10, 30), 7)
    _, override = events(entry(tuesdays(change)))
    assert override["RECURRENCE-ID"].dt == datetime(2026, 10, 13, 14, tzinfo=BERLIN)
    assert override["RECURRENCE-ID"].params["TZID"] == "Europe/Berlin"
    assert override.start == datetime(2026, 10, 15, 9, tzinfo=BERLIN)
    assert override.end == datetime(2026, 10, 15, 10, 30, tzinfo=BERLIN)
    assert override["LOCATION"] == "Beispiel-Haus 7, Beispielweg 7"
    assert override["DESCRIPTION"] == "Verlegt, sonst am 13.10.2026, 14–16\xa0Uhr: Umbau"
    assert override["STATUS"] == "CONFIRMED"


def test_a_date_moved_beyond_the_window_is_an_override_there():
    last = date(2026, 10, 31)
    change = Change(TUE_27, ChangeKind.MOVED, new_day=date(2026, 11, 5))
    _, override = events(entry(tuesdays(change)), window=(FIRST, last))
    assert (override["STATUS"], override.start.date()) == ("CONFIRMED", date(2026, 11, 5))


def test_two_dates_moved_to_one_day_beyond_the_window_stay_two():
    day = date(2026, 11, 5)
    changes = (
        Change(TUE_20, ChangeKind.MOVED, new_day=day, new_start=time(9), new_end=time(10)),
        Change(TUE_27, ChangeKind.MOVED, new_day=day),
    )
    overrides = events(entry(tuesdays(*changes)), window=(FIRST, date(2026, 10, 31)))[1:]
    assert [(event["RECURRENCE-ID"].dt.date(), event.start.hour) for event in overrides] == [(TUE_20, 9), (TUE_27, 14)]


@pytest.mark.parametrize("window", [(FIRST, TUE_20), (TUE_20, LAST)])
def test_a_date_moved_into_the_window_is_an_event_of_its_own(window):
    outside = TUE_27 if window[1] == TUE_20 else TUE_13
    one = entry(tuesdays(Change(outside, ChangeKind.MOVED, new_day=TUE_20, new_place=7)))
    found = events(one, window=window)
    assert [event["UID"] for event in found if "RRULE" not in event] == [
        f"11111111-2222-4333-8444-555555555555-{outside:%Y%m%d}@example.org"
    ]
    assert all("RECURRENCE-ID" not in event for event in found)
    assert_same_dates(one, *window)


def test_a_date_moved_out_of_the_validity_falls_out_visibly():
    change = Change(TUE_13, ChangeKind.MOVED, "Umbau", new_day=date(2026, 12, 1))
    _, override = events(entry(tuesdays(change, last_day=TUE_27)))
    assert (override["STATUS"], override.start.date()) == ("CANCELLED", TUE_13)
    assert override["DESCRIPTION"] == "Fällt aus: Umbau"


def test_an_extra_date_is_an_event_of_its_own_with_a_stable_uid():
    extra = Change(date(2026, 10, 16), ChangeKind.EXTRA, "Nachholtermin", None, time(9), time(10), 7)
    _, event = events(entry(tuesdays(extra)))
    assert event["UID"] == "11111111-2222-4333-8444-555555555555-20261016@example.org"
    assert event.start == datetime(2026, 10, 16, 9, tzinfo=BERLIN)
    assert event["LOCATION"] == "Beispiel-Haus 7, Beispielweg 7"
    assert event["DESCRIPTION"] == "Zusätzlicher Termin: Nachholtermin"


def test_single_dates_are_events_of_their_own_and_say_which_of_them_drop_out():
    rule = SingleDates((TUE_6, TUE_13, TUE_27))
    series = tuesdays(Change(TUE_27, ChangeKind.CANCELLED), rule=rule, pauses_in_school_holidays=True)
    found = events(entry(series, AUTUMN))
    assert [(event.start.date(), str(event["STATUS"]), str(event["DESCRIPTION"])) for event in found] == [
        (TUE_6, "CONFIRMED", "Fällt aus: 13.10.2026 Herbstferien"),
        (TUE_27, "CANCELLED", "Fällt aus."),
    ]
    assert not any("RRULE" in event or "RECURRENCE-ID" in event for event in found)


def test_a_slot_whose_dates_all_drop_out_is_left_out_of_a_calendar_that_stays_valid():
    octets = written(entry(tuesdays(closures=(DayOff(FIRST, LAST, "Umbau"),))), entry(tuesdays(first_day=LAST)))
    assert [component.name for component in parsed(octets).subcomponents] == ["VTIMEZONE"]
    assert expanded(octets, *WINDOW) == []
    assert parsed(written()).walk("VEVENT") == []


def test_a_series_of_cancelled_dates_alone_keeps_them():
    changes = [Change(day, ChangeKind.CANCELLED) for day in (TUE_6, TUE_13)]
    found = events(entry(tuesdays(*changes, first_day=TUE_6, last_day=TUE_13)))
    assert [event.get("STATUS") for event in found] == ["CONFIRMED", "CANCELLED", "CANCELLED"]
    assert dates_in(written(entry(tuesdays(*changes, first_day=TUE_6, last_day=TUE_13))), *WINDOW) == []


def test_the_head_says_what_calendar_programs_need():
    calendar = parsed(written(entry(), name="Termine, Landkreis Beispiel"))
    assert calendar["VERSION"] == "2.0"
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["CALSCALE"] == "GREGORIAN"
    assert calendar["PRODID"] == "-//Beratungslandschaft//Termine//DE"
    octets = written(entry(), name="Termine, Landkreis Beispiel")
    assert b"\r\nNAME:Termine\\, Landkreis Beispiel\r\nX-WR-CALNAME:Termine\\, Landkreis Beispiel\r\n" in octets
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:P1D\r\nX-PUBLISHED-TTL:P1D\r\n" in octets


def test_an_event_says_where_it_comes_from_and_how_recent_it_is():
    one = entry(
        sequence=3,
        url="https://example.org/termine/1/",
        contact="030 23125 000",
        organizer_name='Beispiel "Träger"; e. V.',
        organizer_email="beratung@example.org",
        categories=("Schulden, Geld", "Familie"),
    )
    (event,) = events(one)
    assert event["SEQUENCE"] == 3
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == MODIFIED
    assert event["URL"] == "https://example.org/termine/1/"
    assert event["CONTACT"] == "030 23125 000"
    assert event["ORGANIZER"] == "mailto:beratung@example.org"
    assert event["ORGANIZER"].params["CN"] == "Beispiel 'Träger'; e. V."
    assert list(event["CATEGORIES"].cats) == ["Schulden, Geld", "Familie"]
    assert event["TRANSP"] == "TRANSPARENT"


def test_what_is_not_known_is_left_out():
    (event,) = events(entry(location=""))
    assert not {"LOCATION", "DESCRIPTION", "URL", "CONTACT", "ORGANIZER", "CATEGORIES"} & set(event)


def test_a_moment_in_another_zone_is_written_in_utc():
    (event,) = events(entry(last_modified=datetime(2026, 7, 1, 1, tzinfo=BERLIN)))
    assert event["LAST-MODIFIED"].dt == datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_the_same_data_in_any_order_gives_the_same_bytes():
    one, two = entry(uid="a@example.org"), entry(uid="b@example.org")
    assert written(one, two) == written(two, one) == written(one, two)


@example(date(2026, 7, 31))
@example(date(2026, 8, 1))
@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_window_of_a_feed_moves_on_1_august_alone(day):
    first, last = feed_window(day)
    assert (first.month, first.day, last.month, last.day) == (8, 1, 7, 31)
    assert first <= day <= last
    assert last.year - first.year == 2
    moved = feed_window(day + timedelta(days=1)) != (first, last)
    assert moved == ((day.month, day.day) == (7, 31))


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_text_stays_inside_its_property(summary, location, description):
    one = entry(tuesdays(last_day=TUE_27), summary=summary, location=location, description=description)
    octets = written(one)
    assert_lines_are_sound(octets)
    (event,) = parsed(octets).walk("VEVENT")
    assert len(octets.decode().splitlines()) == octets.count(b"\r\n")
    if summary.isprintable() and "\\" not in summary:
        assert event["SUMMARY"] == summary


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028"])
def test_a_line_break_of_any_kind_cannot_begin_a_property(line_break):
    one = entry(
        summary=f"Eins{line_break}STATUS:CANCELLED",
        url=f"https://example.org/{line_break}STATUS:CANCELLED",
        organizer_name=f"Beispiel{line_break}STATUS:CANCELLED",
        organizer_email="beratung@example.org",
    )
    (event,) = events(one)
    assert event["SUMMARY"] == "Eins\nSTATUS:CANCELLED"
    assert event["STATUS"] == "CONFIRMED"


@pytest.mark.parametrize("text", ["ä" * 200, "🎉" * 100, "👩‍👧‍👦" * 40, "a" * 66, "a" * 67, "a" * 68, "a" * 1000])
def test_long_lines_are_folded_between_characters_at_75_octets(text):
    octets = written(entry(summary=text))
    assert_lines_are_sound(octets)
    assert events(entry(summary=text))[0]["SUMMARY"] == text


def test_a_line_of_75_octets_is_not_folded_and_a_full_line_is_used():
    assert b"SUMMARY:" + b"a" * 67 + b"\r\n" in written(entry(summary="a" * 67))
    assert b"SUMMARY:" + b"a" * 67 + b"\r\n a\r\n" in written(entry(summary="a" * 68))
    assert b"\r\n " + b"a" * 74 + b"\r\nSTATUS" in written(entry(summary="a" * (67 + 74)))
    assert b"\r\n " + b"a" * 74 + b"\r\n a\r\n" in written(entry(summary="a" * (67 + 75)))


def assert_lines_are_sound(octets: bytes) -> None:
    assert octets.endswith(b"END:VCALENDAR\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", octets)
    lines = octets.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert not any(line[:1] == b" " and len(line) == 1 for line in lines)


@lru_cache
def zone_in(octets: bytes) -> object:
    block = octets.decode()
    begin, end = block.index("BEGIN:VTIMEZONE"), block.index("END:VTIMEZONE")
    return tzical(io.StringIO(block[begin:end] + "END:VTIMEZONE\r\n")).get()


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(2026, 8, 1), datetime(2040, 1, 1))  # noqa: DTZ001 - local times of the zone
    | st.sampled_from([date(2027, 3, 28), date(2026, 10, 25), date(2027, 10, 31)]).flatmap(
        lambda day: st.integers(0, 479).map(lambda minute: datetime.combine(day, time(minute // 60, minute % 60)))
    )
)
def test_the_time_zone_in_the_file_is_that_of_berlin(moment):
    local = moment.replace(tzinfo=BERLIN, fold=0)
    assume(local.utcoffset() == local.replace(fold=1).utcoffset())
    assert moment.replace(tzinfo=zone_in(written())).utcoffset() == local.utcoffset()


def test_the_time_zone_is_written_as_calendar_programs_expect_it():
    block = written().decode().replace("\r\n", "\n")
    assert (
        "BEGIN:DAYLIGHT\nDTSTART:20250330T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n"
        "TZNAME:CEST\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\n"
        "BEGIN:STANDARD\nDTSTART:20251026T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\n"
        "TZNAME:CET\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n"
    ) in block


@pytest.mark.parametrize("key", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_other_zones_are_written_too(key):
    zone = ZoneInfo(key)
    octets = feed([entry()], name="Beispiel", zone=zone, first=FIRST, last=LAST)
    in_file = zone_in(octets)
    for day in range(365):
        moment = datetime.combine(FIRST + timedelta(days=day), time(12))
        assert moment.replace(tzinfo=in_file).utcoffset() == moment.replace(tzinfo=zone).utcoffset()
    assert parsed(octets).walk("VEVENT")[0].start == datetime(2026, 9, 1, 14, tzinfo=zone)
