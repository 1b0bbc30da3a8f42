"""How fast are dates: rules, occurrences, conflicts and feeds?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import cycle, islice

from dateutil.rrule import rrulestr
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment

from appointments.conflicts import Booking, TravelTime, conflicts
from appointments.occurrences import Calendar, Series, occurrences
from appointments.recurrence import Monthly, Rule, Weekly
from bench.measuring import Measurement, best_seconds
from locations.calendars import DayOff, public_holidays
from locations.geo import Point

FIRST, LAST = date(2026, 8, 1), date(2027, 7, 31)
SLOTS = 100_000
SAMPLE = 2_000  # dateutil is slow: it expands these, and its time is scaled up
RULES: tuple[Rule, ...] = (
    Weekly((1,)),
    Weekly((0, 2, 4)),
    Weekly((3,), interval=2, anchor=date(2026, 1, 8)),
    Monthly((1,), (1, 3)),
    Monthly((4,), (-1,)),
    Monthly((2,), (2,)),
)
FEED_SLOTS = 500
HOUSES = 100
OFFERS = 40
OTHERS = 2_000
COUNSELLORS = 40


def measurements() -> Iterator[Measurement]:
    yield from expansion()
    yield whole_occurrences()
    yield conflict_check("verteilt auf 40 Fachkräfte", COUNSELLORS)
    yield conflict_check("alle derselben Fachkraft", 1)
    yield from district_feed()


def expansion() -> Iterator[Measurement]:
    """Ours against dateutil, over the same rules and the same twelve months."""
    rules = list(islice(cycle(RULES), SLOTS))
    assert [rule.days(FIRST, LAST) for rule in RULES] == [_dateutil_days(rule) for rule in RULES]  # noqa: S101
    ours = best_seconds(lambda: [rule.days(FIRST, LAST) for rule in rules])
    theirs = best_seconds(lambda: [_dateutil_days(rule) for rule in rules[:SAMPLE]], runs=2) * SLOTS / SAMPLE
    yield Measurement("12 Monate von 100.000 Terminen", f"{ours:.2f} s", "< 2 s", ours < 2)
    yield Measurement("… gegen dateutil.rrule", f"{theirs / ours:.0f}-mal", ">= 20-mal", theirs / ours >= 20)


def _dateutil_days(rule: Rule) -> list[date]:
    anchor = getattr(rule, "anchor", None) or FIRST
    start = datetime.combine(anchor, time())
    found = rrulestr(rule.text, dtstart=start).between(
        datetime.combine(FIRST, time()), datetime.combine(LAST, time()), inc=True
    )
    return [moment.date() for moment in found]


def whole_occurrences() -> Measurement:
    """With holidays and reasons: what a page really asks for."""
    calendar = Calendar(
        public_holidays("DE-NI", FIRST, LAST),
        (DayOff(date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),),
    )
    series = [
        Series(rule=rule, start=time(14), end=time(16), first_day=FIRST, pauses_in_school_holidays=True)
        for rule in islice(cycle(RULES), SLOTS // 10)
    ]
    seconds = best_seconds(lambda: [occurrences(one, calendar, FIRST, LAST) for one in series], runs=3)
    return Measurement(
        "… mit Ferien, Feiertagen und Gründen, je Termin", f"{seconds / len(series) * 1e6:.0f} µs", "", None
    )


def conflict_check(whose: str, counsellors: int) -> Measurement:
    """One new slot against 2,000 of so many counsellors, over a year; nothing expanded before.

    That all belong to one counsellor does not happen: it is the worst case.
    """
    hours = [time(hour, minute) for hour in range(8, 18) for minute in (0, 15, 30, 45)]

    def booking(number: int) -> Booking:
        start = hours[number % len(hours)]
        rule = RULES[number % len(RULES)]
        series = Series(rule=rule, start=start, end=start.replace(hour=start.hour + 1), first_day=FIRST)
        return Booking(number, series, Calendar(), place=number % 40, counsellors=frozenset({number % counsellors}))

    points = {place: Point(52.2 + place / 200, 10.1 + place / 150) for place in range(40)}
    travel = TravelTime(points=points)
    others = [booking(number) for number in range(1, OTHERS + 1)]
    new = Series(rule=Weekly((1,)), start=time(14), end=time(16), first_day=FIRST)
    draft = Booking(None, new, Calendar(), place=3, counsellors=frozenset({0}))
    seconds = best_seconds(lambda: conflicts(draft, others, travel, FIRST, LAST))
    name = f"Konfliktprüfung gegen {OTHERS} Termine, {whose}"
    return Measurement(name, f"{seconds * 1000:.0f} ms", "< 50 ms", seconds < 0.05)


def district_feed() -> Iterator[Measurement]:
    """The calendar of a district with 500 slots, from the database, nothing cached."""
    call_command("migrate", verbosity=0)
    setup_test_environment()
    from tests import builders

    district = builders.make_district()
    towns = [builders.make_municipality(district) for _ in range(8)]
    houses = [builders.make_institution(town) for town in islice(cycle(towns), HOUSES)]
    offers = [builders.make_offer(builders.make_provider(district)) for _ in range(OFFERS)]
    choices = zip(cycle(RULES), cycle(houses), cycle(offers), strict=False)
    for rule, house, offer in islice(choices, FEED_SLOTS):
        anchor = getattr(rule, "anchor", None)
        slot = builders.make_slot(house, offer, rule=rule.text, anchor_day=anchor)
        builders.make_exception(slot, rule.days(FIRST, LAST)[5])
    address = f"/kalender/kreis/{district.slug}.ics"
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        size = len(client.get(address).content)
        count = len(queries)  # the next request empties the log
    seconds = best_seconds(lambda: client.get(address))
    yield Measurement(
        f"Kalender eines Kreises mit 500 Terminen ({size // 1000} kB)",
        f"{seconds * 1000:.0f} ms",
        "< 150 ms",
        seconds < 0.15,
    )
    yield Measurement("… Abfragen", str(count), "<= 8", count <= 8)
