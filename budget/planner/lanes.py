"""On which dates could a counsellor drive a tour? One lane is a counsellor, a weekday and a rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from appointments.recurrence import Monthly, Rule, Weekly
from budget.planner.instance import Instance
from budget.planner.question import Rhythm
from budget.planner.ways import Bools, Floats, Ints

NTHS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Lane:
    """A counsellor's tour day: at most one new tour is driven on it. `days` are rows of the week's days."""

    counsellor: int
    weekday: int
    rhythm: Rhythm
    rule: Rule
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """An existing slot's time on a lane, and on which of the lane's days it takes place."""

    start: int
    end: int
    row: int
    days: Bools
    is_own: bool


@dataclass(frozen=True, slots=True)
class DaysAlike:
    """Days of a lane with the same open houses and the same own stays (start, row); cents for a kilometre on all of them."""

    is_open: Bools
    own: tuple[tuple[int, int], ...]
    cents_per_km: float


class LaneView:
    """What a lane offers: which houses are open when, at which starts, and which existing stops are on its way."""

    def __init__(self, instance: Instance, lane: Lane) -> None:
        self.instance = instance
        self.lane = lane
        week = instance.week(lane.weekday)
        days = list(lane.days)
        self.dates: tuple[date, ...] = tuple(week.days[day] for day in days)
        self.is_open: Bools = week.is_open[:, days]
        self.cents_per_km: Floats = week.cents_per_km[days]
        self.counts: Ints = self.is_open.sum(axis=1)

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """Return the existing slots on the lane's days: the counsellor's own, and others in houses of the plan."""
        found: dict[tuple[int, int, int, bool], Bools] = {}
        for number, day in enumerate(self.dates):
            own = set(self.instance.visits_of(self.lane.counsellor, day))
            for visit in self.instance.visits.get(day, ()):
                key = (visit.start, visit.end, visit.row, visit in own)
                found.setdefault(key, np.zeros(len(self.dates), dtype=bool))[number] = True
        return tuple(
            Stay(start, end, row, days, own) for (start, end, row, own), days in sorted(found.items(), key=_by_key)
        )

    @cached_property
    def own(self) -> tuple[Stay, ...]:
        """Return the counsellor's own stays, in order of time."""
        return tuple(stay for stay in self.stays if stay.is_own)

    @cached_property
    def days_alike(self) -> tuple[DaysAlike, ...]:
        """Return the days, those that cost the same together."""
        own = np.array([stay.days for stay in self.own], dtype=bool).reshape(len(self.own), len(self.dates))
        days, number = np.unique(np.vstack([self.is_open, own]), axis=1, return_inverse=True)
        rates = np.bincount(np.asarray(number).ravel(), weights=self.cents_per_km)
        houses = len(self.is_open)
        return tuple(
            DaysAlike(
                day[:houses],
                tuple((stay.start, stay.row) for stay, there in zip(self.own, day[houses:], strict=True) if there),
                float(rate),
            )
            for day, rate in zip(days.T, rates, strict=True)
        )

    @property
    def stops_left(self) -> int:
        """Return how many new stops the fullest day of the lane takes; none where a stay has no coordinates."""
        most = self.instance.question.most_stops
        existing = self.instance.existing
        if any(existing[stay.row - len(self.instance.houses)].point is None for stay in self.own):
            return 0
        fullest = max((sum(stay.days[day] for stay in self.own) for day in range(len(self.dates))), default=0)
        return max(0, most - int(fullest))

    @cached_property
    def starts(self) -> Bools:
        """Return whether a slot of the lane may begin: house × step of the day."""
        lane, instance = self.lane, self.instance
        found: Bools = (
            instance.house_starts[:, lane.weekday] & instance.counsellor_starts[lane.counsellor, lane.weekday]
        )
        for stay in self.stays:
            found = found & ~self._blocked(stay)
        return found

    def _blocked(self, stay: Stay) -> Bools:
        """Return the starts a stay forbids: to its counsellor everywhere, with the way; to others in its own house."""
        instance = self.instance
        begins = np.arange(instance.house_starts.shape[2]) * instance.step
        ways = instance.minutes[: len(instance.houses), stay.row][:, None] * int(stay.is_own)
        collides: Bools = (begins + instance.length + ways > stay.start) & (begins < stay.end + ways)
        meets: Bools = np.any(self.is_open & stay.days, axis=1)
        if not stay.is_own:
            institution = instance.existing[stay.row - len(instance.houses)].institution
            meets &= np.array([house.key == institution for house in instance.houses])
        blocked: Bools = collides & meets[:, None]
        return blocked

    @cached_property
    def usable(self) -> Bools:
        """Return the houses in which a slot of the lane has enough real dates and a start."""
        enough = self.counts >= self.instance.question.dates_needed
        usable: Bools = enough & self.starts.any(axis=1)
        return usable


def _by_key(item: tuple[tuple[int, int, int, bool], Bools]) -> tuple[int, int, int, bool]:
    return item[0]


def lanes(instance: Instance) -> list[Lane]:
    """Return the lanes worth looking at, in a fixed order."""
    return [
        lane
        for counsellor in range(len(instance.counsellors))
        for weekday in range(7)
        if instance.counsellor_starts[counsellor, weekday].any() and instance.week(weekday).days
        for lane in _lanes_of(instance, counsellor, weekday)
    ]


def all_lanes(instance: Instance, counsellor: int, weekday: int) -> list[Lane]:
    """Return a lane for each rhythm asked for: monthly ones first, then fortnightly, then weekly."""
    days = instance.week(weekday).days
    found = []
    for rhythm, rule in rules(instance, weekday):
        chosen = set(rule.days(instance.question.first_day, instance.question.last_day))
        rows = tuple(row for row, day in enumerate(days) if day in chosen)
        if rows:
            found.append(Lane(counsellor, weekday, rhythm, rule, rows))
    return found


def rules(instance: Instance, weekday: int) -> list[tuple[Rhythm, Rule]]:
    """Return the rules of a weekday: each is one rhythm as the product writes it."""
    question = instance.question
    found: list[tuple[Rhythm, Rule]] = []
    if Rhythm.MONTHLY in question.rhythms:
        found += [(Rhythm.MONTHLY, Monthly((weekday,), (n,))) for n in NTHS]
    if Rhythm.FORTNIGHTLY in question.rhythms:
        anchors = (question.first_day, question.first_day + timedelta(days=7))
        found += [(Rhythm.FORTNIGHTLY, Weekly((weekday,), 2, anchor)) for anchor in anchors]
    if Rhythm.WEEKLY in question.rhythms:
        found.append((Rhythm.WEEKLY, Weekly((weekday,))))
    return found


def _lanes_of(instance: Instance, counsellor: int, weekday: int) -> list[Lane]:
    """Return the lanes of a counsellor's weekday without those that never pay.

    A tour in a dense rhythm may be moved to a rarer one that is never dearer; two fortnightly tours need two of them. Days
    with existing stops keep every rhythm, for there a common trip may be cheaper than a rarer one.
    """
    found = all_lanes(instance, counsellor, weekday)
    if any(instance.visits_of(counsellor, day) for day in instance.week(weekday).days):
        return found
    kept: list[Lane] = [lane for lane in found if lane.rhythm is Rhythm.MONTHLY]
    for rhythm, needed in ((Rhythm.FORTNIGHTLY, 2), (Rhythm.WEEKLY, 1)):
        for lane in (one for one in found if one.rhythm is rhythm):
            if sum(_replaces(instance, rarer, lane) for rarer in kept if rarer.rhythm is not rhythm) < needed:
                kept.append(lane)
    return kept


def _replaces(instance: Instance, rarer: Lane, dense: Lane) -> bool:
    """Return whether every tour of the dense lane is possible on the rarer one and costs no more there.

    Sufficient: even if every house were open on all days any is, the rarer one drives no more than the dense one would on
    the days all are open. Room for existing slots of others must be the same.
    """
    few, many = LaneView(instance, rarer), LaneView(instance, dense)
    usable = many.usable
    if not usable.any():
        return True
    drives = few.cents_per_km[few.is_open[usable].any(axis=0)].sum()
    would_drive = many.cents_per_km[many.is_open[usable].all(axis=0)].sum()
    rents = bool((few.counts[usable] <= many.counts[usable]).all())
    starts = bool((few.starts[usable] >= many.starts[usable]).all())
    return bool(few.usable[usable].all()) and rents and starts and bool(drives <= would_drive)
