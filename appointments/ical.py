"""How does a calendar program learn the dates? One RFC 5545 calendar for one slot or for many.

A recurring slot is one series: RRULE up to the last day of the window, EXDATE for holidays and closures, an override for
each date that staff moved or cancelled. Extra dates, single dates and dates that were moved here from outside the window
are events of their own, for calendar programs disagree about RDATE.

The lines are written here, not by the `icalendar` package that the tests read them with: for 500 slots that is ten times
faster, and its time zones begin summer time an hour late. Same data, same bytes: nothing here reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from appointments.occurrences import Calendar, ChangeKind, Occurrence, Series, State, horizon, occurrences
from appointments.recurrence import WEEKDAY_CODES, Weekly
from appointments.wall_time import ClockChange, clock_changes
from locations.wording import date_digits, time_range

PRODID: Final = "-//Beratungslandschaft//Termine//DE"
REFRESH: Final = "P1D"
MAX_OCTETS: Final = 75  # RFC 5545 section 3.1, without the line break
CANCELLED_PREFIX: Final = "Fällt aus: "

_LINE_BREAK: Final = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CONTROL: Final = re.compile("[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_FALLS_OUT: Final = frozenset({State.CANCELLED, State.MOVED_AWAY})
_UNLIKE_THE_SERIES: Final = _FALLS_OUT | {State.MOVED}


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A slot as a calendar shows it.

    `uid` is stable ("<uuid>@<host>"). `last_modified` (with a zone) and `sequence` come from the data and rise whenever
    the slot, its changes or a closure that concerns it do. `places` names the houses that dates were moved to.
    """

    uid: str
    summary: str
    location: str
    series: Series
    calendar: Calendar
    last_modified: datetime
    sequence: int = 0
    description: str = ""
    url: str = ""
    contact: str = ""
    organizer_name: str = ""
    organizer_email: str = ""
    categories: tuple[str, ...] = ()
    places: Mapping[int, str] = field(default_factory=dict)


def feed_window(day: date) -> tuple[date, date]:
    """Return the first and last day of a calendar fetched on the day: the school year it lies in, and on to the horizon.

    Both move once a year, on 1 August, so that a calendar whose data is unchanged stays the same to the byte.
    """
    return date(day.year if (day.month, day.day) >= (8, 1) else day.year - 1, 8, 1), horizon(day)


def feed(entries: Iterable[CalendarEntry], *, name: str, zone: ZoneInfo, first: date, last: date) -> bytes:
    """Return the calendar of the entries from first to last (inclusive) as UTF-8 with CRLF, in the order of their UIDs.

    An entry without a date in the window is left out; a calendar without any is still a valid one.
    """
    lines = [
        *_head(name),
        *_timezone(zone, first.year, last.year),
        *(
            line
            for entry in sorted(entries, key=lambda entry: entry.uid)
            for event in _Events(entry, zone, first, last).all()
            for line in event
        ),
        "END:VCALENDAR",
    ]
    return b"\r\n".join(map(_folded, lines)) + b"\r\n"


def _head(name: str) -> list[str]:
    return [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODID}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]


@dataclass(frozen=True, slots=True)
class _Events:
    """The events of one entry."""

    entry: CalendarEntry
    zone: ZoneInfo
    first: date
    last: date

    def all(self) -> Iterator[list[str]]:
        """Yield the lines of each event: the series, then what is unlike it by the day it stands for."""
        dates = self._dates()
        in_series = self._in_series(dates)
        note = _note(dates)
        if any(occurrence.state is not State.DROPPED for occurrence in in_series):
            yield self._series_event(in_series, note)
        of_series = {occurrence.rule_day for occurrence in in_series}
        for occurrence in dates if not in_series or self.entry.series.changes else ():
            if occurrence.rule_day in of_series:
                if occurrence.state in _UNLIKE_THE_SERIES:
                    yield self._override(occurrence)
            elif occurrence.state is not State.DROPPED:
                yield self._own_event(occurrence, note)

    def _dates(self) -> list[Occurrence]:
        """Return one occurrence for each day of the rule and each extra day, in that order.

        A date moved elsewhere stands for its day, even beyond the window; MOVED_AWAY remains only where its new day is
        not valid, so that the date falls out.
        """
        found = occurrences(self.entry.series, self.entry.calendar, self.first, self.last)
        if not any(change.kind is ChangeKind.MOVED for change in self.entry.series.changes):
            return found
        arrived = {occurrence.rule_day for occurrence in found if occurrence.state is State.MOVED}
        dates = [
            self._wherever_it_went(occurrence) if occurrence.state is State.MOVED_AWAY else occurrence
            for occurrence in found
            if occurrence.state is not State.MOVED_AWAY or occurrence.rule_day not in arrived
        ]
        return sorted(dates, key=lambda occurrence: occurrence.key_day)

    def _in_series(self, dates: list[Occurrence]) -> list[Occurrence]:
        """Return the dates that RRULE, EXDATE and RECURRENCE-ID speak of; none for single dates."""
        if not self.entry.series.rule.is_recurring:
            return []
        return [o for o in dates if o.rule_day is not None and self.first <= o.rule_day <= self.last]

    def _wherever_it_went(self, away: Occurrence) -> Occurrence:
        day = away.moved_to or away.day
        there = occurrences(self.entry.series, self.entry.calendar, day, day)
        return next((o for o in there if o.state is State.MOVED and o.rule_day == away.rule_day), away)

    def _series_event(self, in_series: list[Occurrence], note: str) -> list[str]:
        """Return the event that recurs. It begins on the first date not dropped, which keeps the phase of an interval."""
        series = self.entry.series
        start = next(o.key_day for o in in_series if o.state is not State.DROPPED)
        dropped = [o.key_day for o in in_series if o.state is State.DROPPED and o.key_day > start]
        lines = [*self._from_to(start, series.start, series.end), f"RRULE:{_rule(series)};UNTIL={self._until()}"]
        if dropped:
            values = ",".join(_local(day, series.start) for day in dropped)
            lines.append(f"EXDATE;TZID={self.zone.key}:{values}")
        return self._event(self.entry.uid, lines, note)

    def _until(self) -> str:
        last = min(self.last, self.entry.series.last_day or self.last)
        return _utc(datetime.combine(last, time(23, 59, 59), self.zone))

    def _override(self, occurrence: Occurrence) -> list[str]:
        recurrence = _local(occurrence.key_day, self.entry.series.start)
        lines = [f"RECURRENCE-ID;TZID={self.zone.key}:{recurrence}"]
        return self._changed_event(self.entry.uid, lines, occurrence, _why(occurrence, self.entry.series))

    def _own_event(self, occurrence: Occurrence, note: str) -> list[str]:
        local, at, host = self.entry.uid.partition("@")
        uid = f"{local}-{_digits(occurrence.key_day)}{at}{host}"
        return self._changed_event(uid, [], occurrence, _why(occurrence, self.entry.series) or note)

    def _changed_event(self, uid: str, lines: list[str], occurrence: Occurrence, note: str) -> list[str]:
        times = self._from_to(occurrence.day, occurrence.start, occurrence.end)
        place = self.entry.location if occurrence.place is None else self.entry.places[occurrence.place]
        return self._event(uid, [*lines, *times], note, place, falls_out=occurrence.state in _FALLS_OUT)

    def _from_to(self, day: date, start: time, end: time) -> list[str]:
        return [
            f"DTSTART;TZID={self.zone.key}:{_local(day, start)}",
            f"DTEND;TZID={self.zone.key}:{_local(day, end)}",
        ]

    def _event(
        self, uid: str, when: list[str], note: str, place: str | None = None, *, falls_out: bool = False
    ) -> list[str]:
        entry = self.entry
        modified = _utc(entry.last_modified)
        return [
            "BEGIN:VEVENT",
            f"UID:{_clean(uid)}",
            f"DTSTAMP:{modified}",
            f"LAST-MODIFIED:{modified}",
            f"SEQUENCE:{entry.sequence}",
            *when,
            f"SUMMARY:{CANCELLED_PREFIX if falls_out else ''}{_text(entry.summary)}",
            f"STATUS:{'CANCELLED' if falls_out else 'CONFIRMED'}",
            "TRANSP:TRANSPARENT",
            *_optional(entry, entry.location if place is None else place, note),
            "END:VEVENT",
        ]


def _optional(entry: CalendarEntry, place: str, note: str) -> Iterator[str]:
    if place:
        yield f"LOCATION:{_text(place)}"
    if description := "\n\n".join(part for part in (note, entry.description) if part):
        yield f"DESCRIPTION:{_text(description)}"
    if entry.url:
        yield f"URL:{_clean(entry.url)}"
    if entry.categories:
        yield f"CATEGORIES:{','.join(map(_text, entry.categories))}"
    if entry.contact:
        yield f"CONTACT:{_text(entry.contact)}"
    if entry.organizer_email:
        name = _clean(entry.organizer_name).replace('"', "'")
        yield f'ORGANIZER;CN="{name}":mailto:{_clean(entry.organizer_email)}'


def _rule(series: Series) -> str:
    rule = series.rule
    # Weeks count from Monday here and by default; said all the same where a Sunday would change the phase.
    return f"{rule.text};WKST=MO" if isinstance(rule, Weekly) and rule.interval > 1 else rule.text


def _why(occurrence: Occurrence, series: Series) -> str:
    """Return what is unlike the rule on one date, "" when nothing is."""
    reason = f": {occurrence.reason}" if occurrence.reason else "."
    match occurrence.state:
        case State.CANCELLED | State.MOVED_AWAY:
            return f"Fällt aus{reason}"
        case State.EXTRA:
            return f"Zusätzlicher Termin{reason}"
        case State.MOVED:
            usual = f"{date_digits(occurrence.key_day)}, {time_range(series.start, series.end)}"
            return f"Verlegt, sonst am {usual}{reason}"
        case _:
            return ""


def _note(dates: Iterable[Occurrence]) -> str:
    """Return which dates of the rule drop out and why, neighbours with the same reason as one stretch."""
    dropped: list[str] = []
    anyway: list[str] = []
    for run in _runs(dates):
        state, reason = run[0].state, run[0].closed_for
        if state is State.DROPPED:
            dropped.append(f"{_stretch(run)} {reason}")
        elif state is State.HELD_ANYWAY:
            anyway.append(f"{_stretch(run)} ({reason})")
    lines = (("Fällt aus: ", dropped), ("Findet trotzdem statt: ", anyway))
    return "\n".join(label + "; ".join(parts) for label, parts in lines if parts)


def _runs(dates: Iterable[Occurrence]) -> list[list[Occurrence]]:
    """Return the dates on which the house is closed, neighbours of the rule with the same fate and reason together."""
    runs: list[list[Occurrence]] = []
    before = None
    for occurrence in dates:
        if occurrence.rule_day is None:
            continue
        if occurrence.closed_for:
            fate = (occurrence.state, occurrence.closed_for)
            if fate == before:
                runs[-1].append(occurrence)
            else:
                runs.append([occurrence])
            before = fate
        else:
            before = None
    return runs


def _stretch(run: list[Occurrence]) -> str:
    first, last = run[0].key_day, run[-1].key_day
    return date_digits(first) if first == last else f"{date_digits(first)} bis {date_digits(last)}"


@lru_cache(maxsize=64)
def _timezone(zone: ZoneInfo, first_year: int, last_year: int) -> tuple[str, ...]:
    """Return the VTIMEZONE of the zone, right from the start of the first year on."""
    changes = [change for year in range(first_year - 1, last_year + 2) for change in clock_changes(zone, year)]
    kinds = sorted({(change.before, change.after) for change in changes})
    observances = [
        line
        for before, after in kinds
        for line in _observance(zone, [c for c in changes if (c.before, c.after) == (before, after)])
    ]
    return (
        "BEGIN:VTIMEZONE",
        f"TZID:{zone.key}",
        *(observances or _only_offset(zone, first_year)),
        "END:VTIMEZONE",
    )


def _observance(zone: ZoneInfo, changes: list[ClockChange]) -> list[str]:
    first = changes[0]
    local = first.moment.astimezone(zone)
    kind = "DAYLIGHT" if local.dst() else "STANDARD"
    # The onset is written in the local time that ends with it.
    onsets = [(change.moment + change.before).replace(tzinfo=None) for change in changes]
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{_local(onsets[0].date(), onsets[0].time())}",
        _every_year(onsets),
        f"TZNAME:{local.tzname()}",
        f"TZOFFSETFROM:{_offset(first.before)}",
        f"TZOFFSETTO:{_offset(first.after)}",
        f"END:{kind}",
    ]


def _every_year(onsets: list[datetime]) -> str:
    """Return the onsets as a rule where they all fall on the last such weekday of the month, else one by one."""
    alike = {(onset.month, onset.weekday(), onset.time()) for onset in onsets}
    is_last = all((onset + timedelta(days=7)).month != onset.month for onset in onsets)
    if len(alike) == 1 and is_last:
        return f"RRULE:FREQ=YEARLY;BYMONTH={onsets[0].month};BYDAY=-1{WEEKDAY_CODES[onsets[0].weekday()]}"
    return "RDATE:" + ",".join(_local(onset.date(), onset.time()) for onset in onsets)


def _only_offset(zone: ZoneInfo, year: int) -> list[str]:
    local = datetime(year, 1, 1, tzinfo=zone)
    offset = _offset(local.utcoffset() or timedelta())
    return [
        "BEGIN:STANDARD",
        "DTSTART:19700101T000000",
        f"TZNAME:{local.tzname()}",
        f"TZOFFSETFROM:{offset}",
        f"TZOFFSETTO:{offset}",
        "END:STANDARD",
    ]


def _offset(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _digits(day: date) -> str:
    return day.isoformat().replace("-", "")


def _local(day: date, moment: time) -> str:
    return f"{_digits(day)}T{moment.hour:02}{moment.minute:02}{moment.second:02}"


def _utc(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{_local(moment.date(), moment.time())}Z"


@lru_cache(maxsize=512)  # the slots of a feed share their offers and houses
def _text(value: str) -> str:
    """Return the value as RFC 5545 TEXT; line breaks of every kind become one, other control characters go."""
    return _clean(_LINE_BREAK.sub("\n", value).translate(_ESCAPES))


def _clean(value: str) -> str:
    """Return the value without control characters: none of them may end a line."""
    return _CONTROL.sub("", value)


def _folded(line: str) -> bytes:
    """Return the line as UTF-8, folded after at most 75 octets and never inside a character."""
    octets = line.encode()
    if len(octets) <= MAX_OCTETS:
        return octets
    pieces = []
    start, room = 0, MAX_OCTETS
    while len(octets) - start > room:
        stop = start + room
        while octets[stop] & 0xC0 == 0x80:
            stop -= 1
        pieces.append(octets[start:stop])
        start, room = stop, MAX_OCTETS - 1
    return b"\r\n ".join([*pieces, octets[start:]])
