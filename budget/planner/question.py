"""What is asked of the planner? District, money, houses, counsellors and wishes, as plain data.

Keys are the database's. Days are inclusive, money is in whole cents, times are local.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from appointments.conflicts import TravelTime
from appointments.occurrences import Calendar, Series
from budget.costs import Range
from locations.calendars import DayOff
from locations.geo import Point

SLOT_MINUTES = 90
STEP_MINUTES = 30
FLOOR_OF_DATES = 9
MOST_STOPS = 3


class Rhythm(StrEnum):
    """How often a planned slot may take place."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


class Safety(StrEnum):
    """Which cost has to fit into the money: the likely one, the high one, or the likely one with a surcharge."""

    LIKELY = "likely"
    HIGH = "high"
    MARGIN = "margin"


@dataclass(frozen=True, slots=True)
class Cents:
    """An honest estimate in whole cents: low, likely, high."""

    low: int = 0
    likely: int = 0
    high: int = 0

    @classmethod
    def exactly(cls, amount: int) -> Cents:
        """Return an amount without doubt."""
        return cls(amount, amount, amount)

    def __add__(self, other: Cents) -> Cents:
        return Cents(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __sub__(self, other: Cents) -> Cents:
        return Cents(self.low - other.low, self.likely - other.likely, self.high - other.high)

    def times(self, count: int) -> Cents:
        """Return the estimate for so many units."""
        return Cents(self.low * count, self.likely * count, self.high * count)


NO_CENTS = Cents()


@dataclass(frozen=True, slots=True)
class Window:
    """A time of the week that is free; Monday is 0."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class MunicipalityAsked:
    """A municipality that shall have a fixed appointment.

    `covered_by` are the houses whose existing slots already fulfil the target there. `searches_without_result` and
    `missing_topics` are used only where `NeedWeights` switches them on.
    """

    key: int
    name: str
    population: int
    covered_by: tuple[int, ...] = ()
    searches_without_result: int = 0
    missing_topics: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An institution in which a slot may take place.

    `point` is where kilometres are counted to (for a confidential address its municipality's). `closures` are the
    stretches on which the house is closed, those of the whole district included. Equipment and monthly rent fall due once,
    and only where the house has no existing slot.
    """

    key: int
    name: str
    municipality: int
    point: Point | None
    windows: tuple[Window, ...]
    rent_per_date: Cents = NO_CENTS
    rent_per_month: Cents = NO_CENTS
    equipment: Cents = NO_CENTS
    step_free: bool | None = None
    pauses_in_school_holidays: bool = False
    closures: tuple[DayOff, ...] = ()
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class CounsellorOffer:
    """A counsellor who may be sent: from `base`, in these windows, at most `weekly_minutes` of counselling a week.

    `weekly_minutes` counts existing slots too; None: no limit is known. The way is not part of it.
    """

    key: int
    name: str
    base: Point | None
    windows: tuple[Window, ...]
    weekly_minutes: int | None = None
    topics: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ExistingSlot:
    """A slot that stays as it is: it occupies its counsellors and its house, and is a stop on their tours.

    `point` is where kilometres are counted to. Whether it covers its municipality says `MunicipalityAsked.covered_by`.
    """

    key: int
    name: str
    institution: int
    municipality: int
    counsellors: tuple[int, ...]
    series: Series
    point: Point | None


@dataclass(frozen=True, slots=True)
class TravelPrice:
    """What a kilometre costs in euro, from first to last day."""

    first_day: date
    last_day: date
    eur_per_km: Range


@dataclass(frozen=True, slots=True)
class Wishes:
    """Institutions that must not be used, and those that must be."""

    excluded: frozenset[int] = frozenset()
    wanted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class NeedBand:
    """The next `width` hours a month and 1,000 inhabitants count `weight` points an hour and 1,000 inhabitants."""

    width: float
    weight: float


# f: fixed, concave, piecewise linear. The first quarter of an hour a month and 1,000 inhabitants counts fully.
NEED_BANDS = (NeedBand(0.25, 1.0), NeedBand(0.25, 0.6), NeedBand(0.5, 0.3), NeedBand(1.0, 0.1))


@dataclass(frozen=True, slots=True)
class NeedWeights:
    """What counts as need in stage 3.

    `people_per_search`: so many inhabitants are added for each search without a result (0 switches it off).
    `missing_topic_bonus`: an hour by a counsellor with a topic missing there counts 1 + bonus hours (0 switches it off).
    """

    bands: tuple[NeedBand, ...] = NEED_BANDS
    people_per_search: int = 0
    missing_topic_bonus: float = 0.0


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop. Nodes make the same question give the same plan; seconds are an emergency stop for each part.

    `curve_seconds`: after so much processor time the rest of the curve is only bounded, and said to be. `most_cells`: of a
    larger table of tours only those with two stops are looked at, and nothing is called proven.
    """

    nodes: int = 20_000
    seconds: float = 60.0
    need_nodes: int = 50
    need_seconds: float = 20.0
    curve_seconds: float = 600.0
    most_cells: int = 100_000_000
    most_columns: int = 60_000


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the planner.

    `money` is what is left: Ansatz with amendments less what is committed and paid. `extra_money` is what the asker would
    add for more dates once every municipality has its appointment (stage 3). `floor_of_dates` is a year's; a shorter period
    asks for its share. `topics`: a counsellor must offer at least one of them; empty asks for none. `travel` gives minutes
    between houses by their keys; kilometres are counted from points with its detour factor.
    """

    district: str
    first_day: date
    last_day: date
    money: int
    municipalities: tuple[MunicipalityAsked, ...]
    candidates: tuple[Candidate, ...]
    counsellors: tuple[CounsellorOffer, ...]
    travel: TravelTime
    prices: tuple[TravelPrice, ...]
    calendar: Calendar = field(default_factory=Calendar)
    existing: tuple[ExistingSlot, ...] = ()
    rhythms: frozenset[Rhythm] = frozenset(Rhythm)
    slot_minutes: int = SLOT_MINUTES
    step_minutes: int = STEP_MINUTES
    wishes: Wishes = Wishes()
    safety: Safety = Safety.LIKELY
    margin_percent: int = 0
    extra_money: int = 0
    floor_of_dates: int = FLOOR_OF_DATES
    most_stops: int = MOST_STOPS
    only_step_free: bool = False
    topics: frozenset[int] = frozenset()
    need: NeedWeights = NeedWeights()
    effort: Effort = Effort()
    next_money: int = 50_000

    @property
    def names(self) -> Mapping[int, str]:
        """Return the names of the candidates by key."""
        return {house.key: house.name for house in self.candidates}

    @property
    def dates_needed(self) -> int:
        """Return how many real dates a slot needs in the period, at least one."""
        days = (self.last_day - self.first_day).days + 1
        return max(1, self.floor_of_dates * days // 365)
