"""Does a slot clash with another: the same counsellor or room at the same time, or too little time for the way?

Admin form, import and planner ask here. Dates of one day are compared, for slots do not cross midnight. A Diary holds the
slots to compare with; it expands a slot once, and only when its times or its changes can meet those of the new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from appointments.occurrences import Calendar, Occurrence, Series, held
from locations.geo import ROAD_DETOUR_FACTOR, Point, road_km
from locations.wording import NBSP, clock, date_full, time_text

MINUTES_A_DAY = 24 * 60


class ConflictKind(StrEnum):
    """What two slots cannot share."""

    COUNSELLOR = "counsellor"
    ROOM = "room"
    TRAVEL = "travel"


@dataclass(frozen=True, slots=True)
class TravelTime:
    """How long a counsellor drives from house to house.

    `points` are the houses whose coordinates are known. `overrides` are the minutes that staff entered for a pair of
    houses, valid in both directions; they win over the estimate.
    """

    points: Mapping[int, Point] = field(default_factory=dict)
    detour_factor: float = ROAD_DETOUR_FACTOR
    speed_kmh: float = 50
    overrides: Mapping[frozenset[int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.detour_factor >= 1 and self.speed_kmh > 0 and min(self.overrides.values(), default=0) >= 0):
            raise ValueError("Umwegfaktor ab 1, Geschwindigkeit über 0 und Fahrzeiten ab 0 Minuten.")

    def minutes(self, start: int, end: int) -> int | None:
        """Return the way in whole minutes, rounded up; 0 within a house, None where a house has no coordinates."""
        if start == end:
            return 0
        if (known := self.overrides.get(frozenset((start, end)))) is not None:
            return known
        here, there = self.points.get(start), self.points.get(end)
        if here is None or there is None:
            return None
        hours = road_km(here, there, self.detour_factor) / self.speed_kmh
        return min(ceil(round(hours * 60, 6)), MINUTES_A_DAY)


@dataclass(frozen=True, slots=True)
class Booking:
    """A slot with what it occupies. `slot` is None for one that is not saved yet; `place` is its usual house.

    The room belongs to the usual house: a date that moved elsewhere does not occupy it.
    """

    slot: int | None
    series: Series
    calendar: Calendar
    place: int
    counsellors: frozenset[int] = frozenset()
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """The first of the days on which a slot clashes with the same other slot for the same reason.

    `resource` is the key of the counsellor or room. `day`, `start`, `end` and `place` are those of the other slot's date.
    `missing_minutes` is the least shift of the new date that would do. `earliest_start` and `latest_end` are the limits
    that the other date sets to the new one on that day, None where the day is too short. `travel_minutes` is None where
    the way is not known; then only the overlap counted.
    """

    kind: ConflictKind
    slot: int | None
    resource: int
    day: date
    start: time
    end: time
    place: int
    travel_minutes: int | None
    missing_minutes: int
    earliest_start: time | None
    latest_end: time | None
    comes_later: bool
    days: int = 1


@dataclass(frozen=True, slots=True)
class UncheckedWay:
    """Two dates of a counsellor on one day without an overlap, between houses of which one has no coordinates."""

    slot: int | None
    counsellor: int
    day: date
    place: int
    other_place: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found, by day; `unchecked` is what it could not check, once for each other slot and counsellor."""

    conflicts: tuple[Conflict, ...] = ()
    unchecked: tuple[UncheckedWay, ...] = ()

    @property
    def first(self) -> Conflict | None:
        """Return the conflict on the earliest day, None where there is none."""
        return self.conflicts[0] if self.conflicts else None


@dataclass(frozen=True, slots=True)
class Names:
    """How slots, counsellors, rooms and places are called in a message, by their keys."""

    slots: Mapping[int | None, str]
    counsellors: Mapping[int, str]
    rooms: Mapping[int, str]
    places: Mapping[int, str]


def conflicts(booking: Booking, others: Iterable[Booking], travel: TravelTime, first: date, last: date) -> Findings:
    """Return the clashes of the slot with the others from first to last (inclusive), exceptions included.

    One of the others that has the slot's own key is the slot before the change, and left out.
    """
    return Diary(others, travel, first, last).conflicts(booking)


class Diary:
    """Slots to compare with over a window (inclusive), grouped by what they occupy."""

    def __init__(self, bookings: Iterable[Booking], travel: TravelTime, first: date, last: date) -> None:
        self._travel = travel
        self._ways: dict[tuple[int, int], int | None] = {}
        self._window = first, last
        self._by_counsellor: dict[int, list[_Pages]] = defaultdict(list)
        self._by_room: dict[int, list[_Pages]] = defaultdict(list)
        for booking in bookings:
            self.add(booking)

    def add(self, booking: Booking) -> None:
        """Take a further slot into the diary, as an import or a plan does row by row."""
        pages = _Pages(booking, *self._window)
        for counsellor in booking.counsellors:
            self._by_counsellor[counsellor].append(pages)
        if booking.room is not None:
            self._by_room[booking.room].append(pages)

    def conflicts(self, booking: Booking) -> Findings:
        """Return the clashes of the slot with those in the diary, except one that has its own key."""
        new = _Pages(booking, *self._window)
        rooms = () if booking.room is None else (booking.room,)
        by_counsellor = [
            pair for key in booking.counsellors for pair in self._meetings(new, self._by_counsellor.get(key, ()), key)
        ]
        in_rooms = [pair for key in rooms for pair in self._meetings(new, self._by_room.get(key, ()), key)]
        found = [
            *((kind, pair) for pair in by_counsellor if (kind := pair.counsellor_clash())),
            *((ConflictKind.ROOM, pair) for pair in in_rooms if pair.is_room_clash),
        ]
        return Findings(_earliest_of_each(found), _unchecked(by_counsellor))

    def clashes(self) -> list[tuple[int | None, Conflict]]:
        """Return how those in the diary clash with each other: each pair once, told from one of the two, by day.

        The same rules as for a new slot. Nothing is expanded that cannot meet another one.
        """
        found: dict[int | None, list[tuple[ConflictKind, _Pair]]] = defaultdict(list)
        for pair in self._inner_meetings(self._by_counsellor):
            if kind := pair.counsellor_clash():
                found[pair.mine.slot].append((kind, pair))
        for pair in self._inner_meetings(self._by_room):
            if pair.is_room_clash:
                found[pair.mine.slot].append((ConflictKind.ROOM, pair))
        clashes = [(slot, conflict) for slot, pairs in found.items() for conflict in _earliest_of_each(pairs)]
        return sorted(clashes, key=lambda clash: (*_order(clash[1]), clash[0] or 0))

    def _inner_meetings(self, groups: Mapping[int, list[_Pages]]) -> Iterator[_Pair]:
        """Yield the pairs of dates on one day of slots that share something, each pair of slots once."""
        for resource, pages in groups.items():
            for place, one in enumerate(pages, start=1):
                yield from self._meetings(one, pages[place:], resource)

    def _meetings(self, new: _Pages, others: Iterable[_Pages], resource: int) -> Iterator[_Pair]:
        """Yield the pairs of dates on one day, of the slots that can clash at all."""
        for other in others:
            if other.is_the_same_slot(new) or not self._can_meet(new, other):
                continue
            for day in new.by_day.keys() & other.by_day.keys():
                for mine in new.by_day[day]:
                    for theirs in other.by_day[day]:
                        yield _Pair(resource, mine, theirs, self._way(mine.place, theirs.place))

    def _way(self, start: int, end: int) -> int | None:
        """Return the minutes from house to house, worked out once."""
        if (start, end) not in self._ways:
            self._ways[start, end] = self._travel.minutes(start, end)
        return self._ways[start, end]

    def _can_meet(self, new: _Pages, other: _Pages) -> bool:
        """Return False for slots that surely do not meet, known without their holidays: times far apart, or other days."""
        return self._times_can_meet(new.usual, other.usual) and not other.possible_days.isdisjoint(new.possible_days)

    def _times_can_meet(self, mine: _Visit | None, theirs: _Visit | None) -> bool:
        if mine is None or theirs is None:
            return True
        way = self._way(mine.place, theirs.place)
        return way is None or (mine.start < theirs.end + way and theirs.start < mine.end + way)


class _Visit(NamedTuple):
    """One date, in minutes from midnight."""

    slot: int | None
    day: date
    start: int
    end: int
    place: int
    room: int | None


class _Pages:
    """The dates of one slot, expanded when first looked at."""

    __slots__ = ("_booking", "_by_day", "_first", "_last", "_possible_days", "usual")

    def __init__(self, booking: Booking, first: date, last: date) -> None:
        self._booking = booking
        self._first = first
        self._last = last
        self._by_day: dict[date, list[_Visit]] | None = None
        self._possible_days: frozenset[date] | None = None
        series = booking.series
        # What every date is like, as long as no change can give one another day, time or place.
        self.usual = None if series.changes else self._visit(first, series.start, series.end)

    def is_the_same_slot(self, other: _Pages) -> bool:
        return self._booking is other._booking or (
            self._booking.slot is not None and self._booking.slot == other._booking.slot
        )

    @property
    def possible_days(self) -> frozenset[date]:
        """Return the days on which a date may lie, and no fewer; far cheaper than the dates themselves."""
        if self._possible_days is None:
            series = self._booking.series
            changed = {day for change in series.changes for day in (change.day, change.new_day) if day}
            self._possible_days = frozenset(series.rule.days(self._first, self._last)) | changed
        return self._possible_days

    @property
    def by_day(self) -> dict[date, list[_Visit]]:
        """Return the dates that take place, by day."""
        if self._by_day is None:
            self._by_day = defaultdict(list)
            for occurrence in held(self._booking.series, self._booking.calendar, self._first, self._last):
                self._by_day[occurrence.day].append(self._visit_of(occurrence))
        return self._by_day

    def _visit_of(self, occurrence: Occurrence) -> _Visit:
        return self._visit(occurrence.day, occurrence.start, occurrence.end, occurrence.place)

    def _visit(self, day: date, start: time, end: time, place: int | None = None) -> _Visit:
        usual = self._booking.place
        place = usual if place is None else place
        room = self._booking.room if place == usual else None
        return _Visit(self._booking.slot, day, _minutes(start), _minutes(end), place, room)


class _Pair(NamedTuple):
    """A date of the new slot and one of another, on the same day, and the way between them."""

    resource: int
    mine: _Visit
    theirs: _Visit
    way: int | None

    @property
    def overlaps(self) -> bool:
        return self._missing(0) > 0

    def counsellor_clash(self) -> ConflictKind | None:
        """Return how a counsellor clashes, in time or for lack of time for the way; None if not."""
        way = self.way or 0
        missing = self._missing(way)
        if missing <= 0:
            return None
        return ConflictKind.COUNSELLOR if missing > way else ConflictKind.TRAVEL

    @property
    def is_room_clash(self) -> bool:
        """Return whether both need the room at once; a date that moved elsewhere is not in it."""
        return self.overlaps and self.mine.room is not None and self.theirs.room is not None

    def unchecked_way(self) -> UncheckedWay:
        return UncheckedWay(self.theirs.slot, self.resource, self.theirs.day, self.mine.place, self.theirs.place)

    def _later_by(self, way: int) -> int:
        """Return how many minutes later mine would have to begin to come after theirs."""
        return self.theirs.end + way - self.mine.start

    def _earlier_by(self, way: int) -> int:
        return self.mine.end + way - self.theirs.start

    def _missing(self, way: int) -> int:
        return min(self._later_by(way), self._earlier_by(way))

    def conflict(self, kind: ConflictKind, days: int) -> Conflict:
        """Return the clash as it is told, with the number of days of its like."""
        way = 0 if kind is ConflictKind.ROOM else self.way
        minutes = way or 0
        return Conflict(
            kind=kind,
            slot=self.theirs.slot,
            resource=self.resource,
            day=self.theirs.day,
            start=_time(self.theirs.start),
            end=_time(self.theirs.end),
            place=self.theirs.place,
            travel_minutes=way,
            missing_minutes=self._missing(minutes),
            earliest_start=_limit(self.theirs.end + minutes),
            latest_end=_limit(self.theirs.start - minutes),
            comes_later=self._later_by(minutes) <= self._earlier_by(minutes),
            days=days,
        )


def message(conflict: Conflict, names: Names) -> str:
    """Return the German sentences that tell staff what clashes, on which day, and which time would do.

    "Konflikt am 8. Dezember 2026 mit „Beispiel-Beratung“: Fachkraft C ist bis 13.45 Uhr in Hohenhameln. Die Fahrt dauert
    31 Minuten, es fehlen 16 Minuten, frühester Beginn: 14.16 Uhr."
    """
    return f"{_where(conflict, names)} {_what_would_do(conflict)}{_how_often(conflict)}"


def unchecked_message(way: UncheckedWay, names: Names) -> str:
    """Return the German sentence that a way could not be checked."""
    return (
        f"Nicht geprüft: Am {date_full(way.day)} hat {names.counsellors[way.counsellor]} auch den Termin "
        f"„{names.slots[way.slot]}“. Der Weg zwischen {names.places[way.place]} und {names.places[way.other_place]} ist "
        "nicht bekannt, weil Koordinaten fehlen."
    )


def _where(conflict: Conflict, names: Names) -> str:
    beginning = f"Konflikt am {date_full(conflict.day)} mit „{names.slots[conflict.slot]}“:"
    times = f"von {clock(conflict.start)} bis {time_text(conflict.end)}"
    if conflict.kind is ConflictKind.ROOM:
        return f"{beginning} {names.rooms[conflict.resource]} ist {times} belegt."
    if conflict.kind is ConflictKind.TRAVEL:
        times = f"bis {time_text(conflict.end)}" if conflict.comes_later else f"ab {time_text(conflict.start)}"
    who, place = names.counsellors[conflict.resource], names.places[conflict.place]
    return f"{beginning} {who} ist {times} in {place}."


def _what_would_do(conflict: Conflict) -> str:
    limit = conflict.earliest_start if conflict.comes_later else conflict.latest_end
    if limit is None:
        return f"{_what_is_missing(conflict)}; an diesem Tag bleibt dafür keine Zeit."
    label = "frühester Beginn" if conflict.comes_later else "spätestes Ende"
    return f"{_what_is_missing(conflict)}, {label}: {time_text(limit)}."


def _what_is_missing(conflict: Conflict) -> str:
    missing = f"{'fehlt' if conflict.missing_minutes == 1 else 'fehlen'} {_minutes_text(conflict.missing_minutes)}"
    if conflict.travel_minutes is None:
        return f"Die Dauer der Fahrt ist nicht bekannt; ohne sie {missing}"
    if conflict.travel_minutes:
        return f"Die Fahrt dauert {_minutes_text(conflict.travel_minutes)}, es {missing}"
    return f"Es {missing}"


def _how_often(conflict: Conflict) -> str:
    return f" Das geschieht an {conflict.days}{NBSP}Tagen." if conflict.days > 1 else ""


def _minutes_text(minutes: int) -> str:
    return f"{minutes}{NBSP}{'Minute' if minutes == 1 else 'Minuten'}"


def _earliest_of_each(found: Iterable[tuple[ConflictKind, _Pair]]) -> tuple[Conflict, ...]:
    """Return the earliest conflict of each kind, other slot and resource with the number of its days, by day and time."""
    alike: dict[tuple[ConflictKind, int | None, int], list[_Pair]] = defaultdict(list)
    for kind, pair in found:
        alike[kind, pair.theirs.slot, pair.resource].append(pair)
    earliest = (
        min(group, key=_moment).conflict(kind, days=len({pair.theirs.day for pair in group}))
        for (kind, _, _), group in alike.items()
    )
    return tuple(sorted(earliest, key=_order))


def _moment(pair: _Pair) -> tuple[date, int]:
    return pair.theirs.day, pair.theirs.start


def _order(conflict: Conflict) -> tuple[date, time, ConflictKind, int, int]:
    return conflict.day, conflict.start, conflict.kind, conflict.slot or 0, conflict.resource


def _unchecked(pairs: Iterable[_Pair]) -> tuple[UncheckedWay, ...]:
    """Return the earliest way of unknown length for each other slot and counsellor, by day."""
    ways = sorted(
        (pair.unchecked_way() for pair in pairs if pair.way is None and not pair.overlaps),
        key=lambda way: (way.day, way.slot or 0, way.counsellor),
    )
    earliest: dict[tuple[int | None, int], UncheckedWay] = {}
    for way in ways:
        earliest.setdefault((way.slot, way.counsellor), way)
    return tuple(earliest.values())


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _limit(minutes: int) -> time | None:
    """Return the time a date may begin or must end, None outside the day."""
    return _time(minutes) if 0 < minutes < MINUTES_A_DAY else None
