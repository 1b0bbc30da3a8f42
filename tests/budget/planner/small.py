"""What do small questions look like, and what would one find who tries everything?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from itertools import product

from appointments.conflicts import TravelTime
from appointments.occurrences import Series, held
from appointments.recurrence import Monthly, Rule, Weekly
from budget.costs import Range
from budget.planner import (
    Candidate,
    CounsellorOffer,
    ExistingSlot,
    MunicipalityAsked,
    Question,
    Rhythm,
    TravelPrice,
    Window,
)
from budget.planner.instance import Instance, minute, series_of
from budget.travel import Stop, tour_km
from locations.geo import Point

FIRST, LAST = date(2027, 1, 4), date(2027, 3, 28)  # twelve whole weeks
PRICE = TravelPrice(FIRST, LAST, Range(Decimal("0.25"), Decimal("0.30"), Decimal("0.38")))
BASE = Point(52.32, 10.23)


def point(x: int, y: int) -> Point:
    """Return a point so many kilometres, roughly, east and north of the base."""
    return Point(BASE.latitude + y / 111, BASE.longitude + x / 68)


def house(key: int, town: int, where: Point, windows: Sequence[Window], **more: object) -> Candidate:
    return Candidate(key, f"Beispiel-Haus {key}", town, where, tuple(windows), **more)  # type: ignore[arg-type]


def question(
    houses: Sequence[Candidate],
    counsellors: Sequence[CounsellorOffer],
    existing: Sequence[ExistingSlot] = (),
    **more: object,
) -> Question:
    towns = sorted({one.municipality for one in houses})
    asked = tuple(MunicipalityAsked(town, f"Beispielort {town}", 1000 * town + 500) for town in towns)
    points = {one.key: one.point for one in houses if one.point}
    points |= {one.institution: one.point for one in existing if one.point}
    return Question(
        **{
            "district": "Beispielkreis",
            "first_day": FIRST,
            "last_day": LAST,
            "money": 10**9,
            "municipalities": asked,
            "candidates": tuple(houses),
            "counsellors": tuple(counsellors),
            "existing": tuple(existing),
            "travel": TravelTime(points),
            "prices": (PRICE,),
            "step_minutes": 60,
            "slot_minutes": 60,
            "floor_of_dates": 1,
        }
        | more  # type: ignore[arg-type]
    )


def days(weekday: int, start: int, end: int) -> Window:
    return Window(weekday, time(start), time(end))


def existing_slot(
    weekday: int, where: Point, start: int = 10, rule: Rule | None = None, counsellor: int = 1
) -> ExistingSlot:
    series = Series(rule or Weekly((weekday,)), time(start), time(start + 1), FIRST)
    return ExistingSlot(900, "Beispiel-Bestand", 900, 99, (counsellor,), series, where)


@dataclass(frozen=True)
class Option:
    """One way to serve a municipality."""

    house: Candidate
    counsellor: CounsellorOffer
    weekday: int
    rule: Rule
    start: int
    days: frozenset[date]


def rules(asked: Question, weekday: int) -> Iterator[Rule]:
    if Rhythm.MONTHLY in asked.rhythms:
        yield from (Monthly((weekday,), (n,)) for n in (1, 2, 3, 4))
    if Rhythm.FORTNIGHTLY in asked.rhythms:
        yield from (Weekly((weekday,), 2, day) for day in (date(2027, 1, 4), date(2027, 1, 11)))
    if Rhythm.WEEKLY in asked.rhythms:
        yield Weekly((weekday,))


def options(asked: Question, town: int) -> Iterator[Option]:
    """Yield every house, counsellor, weekday, rhythm and time that the windows allow."""
    length = asked.slot_minutes
    for one, counsellor in product(asked.candidates, asked.counsellors):
        for weekday, start in product(range(7), range(0, 24 * 60, asked.step_minutes)):
            fits = all(
                any(
                    window.weekday == weekday and minute(window.start) <= start and start + length <= minute(window.end)
                    for window in windows
                )
                for windows in (one.windows, counsellor.windows)
            )
            if one.municipality == town and fits:
                for rule in rules(asked, weekday):
                    found = held_days(asked, one, weekday, rule)
                    if len(found) >= asked.dates_needed:
                        yield Option(one, counsellor, weekday, rule, start, found)


def held_days(asked: Question, one: Candidate, weekday: int, rule: Rule) -> frozenset[date]:
    every = series_of(asked, one, weekday)
    series = Series(
        rule, every.start, every.end, every.first_day, every.last_day, every.pauses_in_school_holidays, every.closures
    )
    return frozenset(day.day for day in held(series, asked.calendar, asked.first_day, asked.last_day))


class Everything:
    """Tries every combination of options, with any mixture of rhythms, and adds up the cost day by day."""

    def __init__(self, asked: Question, mixed: bool = True) -> None:
        self.asked = asked
        self.mixed = mixed
        self.instance = Instance(asked, asked.candidates, asked.counsellors)
        self.tour = cache(self._tour)

    def curve(self) -> dict[int, float]:
        """Return the least cents for each number of municipalities."""
        towns = [one.key for one in self.asked.municipalities]
        best: dict[int, float] = {0: 0.0}
        choices: list[list[Option | None]] = [[None, *options(self.asked, town)] for town in towns]
        for plan in self._plans(choices, ()):
            cost = self.cost(plan)
            best[len(plan)] = min(best.get(len(plan), cost), cost)
        return best

    def _plans(self, choices: list[list[Option | None]], plan: tuple[Option, ...]) -> Iterator[tuple[Option, ...]]:
        if not choices:
            yield plan
            return
        for option in choices[0]:
            if option is None:
                yield from self._plans(choices[1:], plan)
            elif self._fits(option, plan):
                yield from self._plans(choices[1:], (*plan, option))

    def _fits(self, option: Option, plan: Sequence[Option]) -> bool:
        return all(self._together(option, other) for other in plan) and all(
            self._beside_visits(option, plan, day) for day in option.days
        )

    def _together(self, one: Option, other: Option) -> bool:
        if one.counsellor != other.counsellor or not (one.days & other.days or self._share_nominal(one, other)):
            return True
        if not self.mixed and one.rule != other.rule:
            return False
        if not one.days & other.days:
            return True
        way = self.asked.travel.minutes(one.house.key, other.house.key) or 0
        apart = abs(one.start - other.start)
        return apart >= self.asked.slot_minutes + way

    def _share_nominal(self, one: Option, other: Option) -> bool:
        ends = self.asked.first_day, self.asked.last_day
        return bool(set(one.rule.days(*ends)) & set(other.rule.days(*ends)))

    def _beside_visits(self, option: Option, plan: Sequence[Option], day: date) -> bool:
        visits = self._visits(option.counsellor, day)
        for visit in visits:
            way = self.asked.travel.minutes(option.house.key, self.instance.existing[visit.slot].institution) or 0
            if option.start < visit.end + way and visit.start < option.start + self.asked.slot_minutes + way:
                return False
        same = [one for one in plan if one.counsellor == option.counsellor and day in one.days]
        return len(visits) + len(same) < self.asked.most_stops

    def _visits(self, counsellor: CounsellorOffer, day: date):
        return self.instance.visits_of(self.instance.counsellors.index(counsellor), day)

    def cost(self, plan: Sequence[Option]) -> float:
        """Return rent, equipment, and kilometres day by day beyond those of existing slots."""
        cents = float(sum(one.house.rent_per_date.likely * len(one.days) + one.house.equipment.likely for one in plan))
        for counsellor in {one.counsellor for one in plan}:
            mine = [one for one in plan if one.counsellor == counsellor]
            for day in {day for one in mine for day in one.days}:
                stops = tuple(sorted((one.start, one.house.key) for one in mine if day in one.days))
                cents += self.tour(counsellor, day, stops)
        return cents

    def _tour(self, counsellor: CounsellorOffer, day: date, stops: tuple[tuple[int, int], ...]) -> float:
        points = {one.key: one.point for one in self.asked.candidates}
        old = [
            Stop(-at, time(visit.start // 60), self.instance.existing[visit.slot].point)
            for at, visit in enumerate(self._visits(counsellor, day), start=1)
        ]
        new = [Stop(at, time(start // 60), points[key]) for at, (start, key) in enumerate(stops)]
        return 30 * (tour_km(counsellor.base, [*old, *new]) - tour_km(counsellor.base, old))
