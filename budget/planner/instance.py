"""How does the question look to arithmetic? Houses, nodes, counsellors and dates as arrays, in the order of their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property

import numpy as np

from appointments.occurrences import Series, held
from appointments.recurrence import Weekly
from budget.costs import Range, months_between
from budget.planner.question import Candidate, Cents, CounsellorOffer, Question, Safety, Window
from budget.planner.ways import Bools, Floats, Ints, kilometres, minutes
from locations.geo import Point

DAY_MINUTES = 24 * 60
WEEKDAYS = range(7)
NOON = time(12)
NOWHERE = Point(0.0, 0.0)


def minute(moment: time) -> int:
    """Return the minutes since midnight."""
    return moment.hour * 60 + moment.minute


@dataclass(frozen=True, slots=True)
class Visit:
    """A date of an existing slot, in minutes of its day; `row` is its row in the matrices."""

    slot: int
    day: date
    start: int
    end: int
    row: int


@dataclass(frozen=True, slots=True)
class Node:
    """What is served at most once: a municipality, or one house of it.

    `gain` is what serving it adds to coverage; a forced node must be served.
    """

    municipality: int
    houses: tuple[int, ...]
    gain: int = 1
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """The days of one weekday in the period: which houses are open, and cents for a kilometre in the measured cost."""

    days: tuple[date, ...]
    is_open: Bools  # house × day
    cents_per_km: Floats  # day


class Instance:
    """The usable part of a question: houses and counsellors with coordinates, by row."""

    def __init__(self, question: Question, houses: Sequence[Candidate], counsellors: Sequence[CounsellorOffer]) -> None:
        self.question = question
        self.houses = tuple(sorted(houses, key=lambda house: house.key))
        self.counsellors = tuple(sorted(counsellors, key=lambda counsellor: counsellor.key))
        self.existing = tuple(sorted(question.existing, key=lambda slot: slot.key))

    @property
    def length(self) -> int:
        """Return the minutes of a slot."""
        return self.question.slot_minutes

    @property
    def step(self) -> int:
        """Return the minutes from one possible start to the next."""
        return self.question.step_minutes

    def measured(self, cents: Cents) -> int:
        """Return the cost that is held against the money; a surcharge is taken off the money instead."""
        return cents.high if self.question.safety is Safety.HIGH else cents.likely

    def rate(self, price: Range) -> float:
        """Return the measured cents for a kilometre."""
        return float(price.high if self.question.safety is Safety.HIGH else price.likely) * 100

    @property
    def money(self) -> int:
        """Return what the measured cost must not exceed."""
        return self.within(self.question.money)

    def within(self, money: int) -> int:
        """Return what the measured cost may be, with the surcharge taken off."""
        if self.question.safety is Safety.MARGIN:
            return money * 100 // (100 + self.question.margin_percent)
        return money

    def base_row(self, counsellor: int) -> int:
        """Return the row of a counsellor's base in the matrix of kilometres."""
        return len(self.houses) + len(self.existing) + counsellor

    @cached_property
    def km(self) -> Floats:
        """Return kilometres between houses, existing slots and bases, in this order.

        Where a slot has no point, its days get no new stops (lanes.py), so that its row is never used.
        """
        points = [house.point for house in self.houses]
        points += [slot.point for slot in self.existing]
        points += [counsellor.base for counsellor in self.counsellors]
        return kilometres([point or NOWHERE for point in points], self.question.travel.detour_factor)

    @cached_property
    def minutes(self) -> Ints:
        """Return minutes between houses and existing slots, in this order."""
        keys = [house.key for house in self.houses] + [slot.institution for slot in self.existing]
        return minutes(keys, self.question.travel)

    @cached_property
    def hops(self) -> Ints:
        """Return in steps how much later a slot may begin in one house than in another before it."""
        ways = self.minutes[: len(self.houses), : len(self.houses)]
        return -(-(self.length + ways) // self.step)

    @cached_property
    def rent(self) -> Ints:
        """Return each house's measured rent for a date."""
        return np.array([self.measured(house.rent_per_date) for house in self.houses], dtype=np.int64)

    @cached_property
    def opening(self) -> Ints:
        """Return what each house costs once: equipment, and rent by the month over the period."""
        return np.array([self.measured(self.opening_of(house)) for house in self.houses], dtype=np.int64)

    def opening_of(self, house: Candidate) -> Cents:
        """Return what falls due once; nothing where the house has a slot already."""
        if house.key in self._opened:
            return Cents()
        return house.equipment + house.rent_per_month.times(self.months)

    @cached_property
    def months(self) -> int:
        """Return the months of the period; a month once begun is paid."""
        return months_between(self.question.first_day, self.question.last_day)

    @cached_property
    def _opened(self) -> frozenset[int]:
        return frozenset(slot.institution for slot in self.existing)

    @cached_property
    def municipality(self) -> tuple[int, ...]:
        """Return the key of each house's municipality."""
        return tuple(house.municipality for house in self.houses)

    def week(self, weekday: int) -> Week:
        """Return the days of a weekday."""
        return self._weeks[weekday]

    @cached_property
    def _weeks(self) -> tuple[Week, ...]:
        return tuple(self._week(weekday) for weekday in WEEKDAYS)

    def _week(self, weekday: int) -> Week:
        question = self.question
        days = tuple(Weekly((weekday,)).days(question.first_day, question.last_day))
        profiles: dict[tuple[object, ...], Bools] = {}
        rows = []
        for house in self.houses:
            profile = (house.pauses_in_school_holidays, house.closures, house.first_day, house.last_day)
            if profile not in profiles:
                open_days = {
                    one.day for one in held(series_of(question, house, weekday), question.calendar, *_ends(question))
                }
                profiles[profile] = np.array([day in open_days for day in days], dtype=bool)
            rows.append(profiles[profile])
        return Week(days, np.array(rows, dtype=bool).reshape(len(rows), len(days)), self._rates(days))

    def _rates(self, days: Sequence[date]) -> Floats:
        prices = self.question.prices
        return np.array(
            [next(self.rate(p.eur_per_km) for p in prices if p.first_day <= day <= p.last_day) for day in days]
        )

    @cached_property
    def house_starts(self) -> Bools:
        """Return whether a slot may begin: house × weekday × step of the day."""
        return np.array([self._starts(house.windows) for house in self.houses], dtype=bool)

    @cached_property
    def counsellor_starts(self) -> Bools:
        """Return whether a slot may begin: counsellor × weekday × step of the day."""
        return np.array([self._starts(one.windows) for one in self.counsellors], dtype=bool)

    def _starts(self, windows: tuple[Window, ...]) -> Bools:
        begins = np.arange(0, DAY_MINUTES, self.step)
        found = np.zeros((7, len(begins)), dtype=bool)
        for window in windows:
            found[window.weekday] |= (begins >= minute(window.start)) & (begins + self.length <= minute(window.end))
        return found

    @cached_property
    def visits(self) -> dict[date, tuple[Visit, ...]]:
        """Return the dates of existing slots by day, in order of time."""
        found: dict[date, list[Visit]] = {}
        for number, slot in enumerate(self.existing):
            row = len(self.houses) + number
            for one in held(slot.series, self.question.calendar, *_ends(self.question)):
                found.setdefault(one.day, []).append(Visit(number, one.day, minute(one.start), minute(one.end), row))
        return {
            day: tuple(sorted(visits, key=lambda visit: (visit.start, visit.slot))) for day, visits in found.items()
        }

    def visits_of(self, counsellor: int, day: date) -> tuple[Visit, ...]:
        """Return where the counsellor is already expected on the day."""
        key = self.counsellors[counsellor].key
        return tuple(one for one in self.visits.get(day, ()) if key in self.existing[one.slot].counsellors)


def series_of(question: Question, house: Candidate, weekday: int) -> Series:
    """Return every date of a weekday in a house, as the product will compute it for the slot."""
    return Series(
        rule=Weekly((weekday,)),
        start=NOON,
        end=NOON,
        first_day=max(question.first_day, house.first_day or question.first_day),
        last_day=min(question.last_day, house.last_day or question.last_day),
        pauses_in_school_holidays=house.pauses_in_school_holidays,
        closures=house.closures,
    )


def _ends(question: Question) -> tuple[date, date]:
    return question.first_day, question.last_day
