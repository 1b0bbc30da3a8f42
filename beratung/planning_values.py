"""Of which values is the page of a computed plan made?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from beratung.planning_figures import RangeBar, Steps, TourMap


@dataclass(frozen=True)
class ProofWord:
    """What is known: "bewiesen", or how far from the best it can be at most."""

    text: str
    proven: bool


@dataclass(frozen=True)
class StageRow:
    """One of the three aims."""

    name: str
    value: str
    proof: ProofWord
    sentence: str


@dataclass(frozen=True)
class Item:
    """One appointment of the plan."""

    house: str
    municipality: str
    counsellor: str
    offer: str
    weekday: int
    times: str
    rhythm: str
    dates: int
    cost: str
    reason: str
    saving: str
    kilometres: str
    start: time
    step_free: bool | None


@dataclass(frozen=True)
class CurveRow:
    """One point of the curve as a row of its table."""

    count: int
    cost: str
    more: str
    proof: ProofWord | None
    municipalities: str
    is_plan: bool
    is_possible: bool


@dataclass(frozen=True)
class EuroRow:
    """One kind of costs with its range."""

    label: str
    low: Decimal
    likely: Decimal
    high: Decimal
    bar: RangeBar | None
    is_total: bool = False


@dataclass(frozen=True)
class OtherPlan:
    """A next-best plan, the backup, or the dates for the extra sum."""

    cost: str
    more: str
    sentences: tuple[str, ...]
    items: tuple[Item, ...]
    proof: ProofWord | None = None


@dataclass(frozen=True)
class TourRow:
    """A line of the map's legend."""

    style: int
    text: str


@dataclass(frozen=True, order=True)
class WeekEntry:
    """An appointment in a counsellor's week; `is_kept`: it is there already."""

    start: time
    times: str
    place: str
    detail: str
    is_kept: bool = False


@dataclass(frozen=True)
class WeekRow:
    """A counsellor's week: for each day its appointments."""

    counsellor: str
    days: tuple[tuple[str, tuple[WeekEntry, ...]], ...]


@dataclass(frozen=True)
class Page:
    """The page as values."""

    headline: str
    lead: tuple[str, ...]
    cost: Decimal
    stages: tuple[StageRow, ...]
    items: tuple[Item, ...]
    curve: tuple[CurveRow, ...]
    curves: tuple[Steps, Steps] | None
    curve_finding: str
    money_outside: str
    next_money: str
    alternatives: tuple[OtherPlan, ...]
    maps: tuple[TourMap, TourMap] | None
    tours: tuple[TourRow, ...]
    week: tuple[WeekRow, ...]
    days: tuple[str, ...]
    euros: tuple[EuroRow, ...]
    chance: str
    uncovered: tuple[tuple[str, str, str], ...]
    closings: tuple[str, ...]
    backup: OtherPlan | None
    need: OtherPlan | None
    bands: str
    notes: tuple[str, ...]
    slots: int
    asked: tuple[tuple[str, str], ...]
    floor: str
    reading: str
    for_all: str

    @property
    def has_something_new(self) -> bool:
        return bool(self.items)
