"""What does the planner answer? The plan, what it costs, what is proven about it, and what else could be done.

Money is in whole cents. Sentences are German, for the page and the command alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from appointments.recurrence import Rule
from budget.planner.question import NO_CENTS, Cents

OnProgress = Callable[["Progress"], None]
Cancelled = Callable[[], bool]


class Status(StrEnum):
    """How an answer ended."""

    SOLVED = "solved"
    REFUSED = "refused"  # the question cannot be answered as asked; nothing was computed
    FAILED = "failed"  # the solver is missing or failed
    CANCELLED = "cancelled"


class ProofStatus(StrEnum):
    """What is known about the best value. A stop by node or time limit is never OPTIMAL."""

    OPTIMAL = "optimal"
    BOUNDED = "bounded"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Proof:
    """A value with its bound: cents for costs (never below `bound`), points for need (never above it).

    `gap` is the distance relative to the value, 0.0 when proven. `value` is None where nothing was found.
    """

    status: ProofStatus
    value: float | None
    bound: float | None
    gap: float | None

    @property
    def is_proven(self) -> bool:
        """Return whether nothing better exists, or nothing at all."""
        return self.status is not ProofStatus.BOUNDED


@dataclass(frozen=True, slots=True)
class CostSplit:
    """A cost by kind, each kind low, likely and high."""

    travel: Cents = NO_CENTS
    rent: Cents = NO_CENTS
    equipment: Cents = NO_CENTS

    @property
    def total(self) -> Cents:
        """Return the sum of the kinds."""
        return self.travel + self.rent + self.equipment

    def __add__(self, other: CostSplit) -> CostSplit:
        return CostSplit(self.travel + other.travel, self.rent + other.rent, self.equipment + other.equipment)


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot the plan proposes, valid over the whole period of the question.

    `kilometres` is its part of the counsellor's tours (budget.travel.shared_km), `cost` what its budget lines come to: one
    travel line for each travel price, rent, equipment. `saving` is what leaving it out would save, in the cost the money is
    held against; None where it was not asked for.
    """

    institution: int
    municipality: int
    counsellor: int
    weekday: int
    rule: Rule
    start: time
    end: time
    dates: tuple[date, ...]
    kilometres: float
    cost: CostSplit
    reason: str = ""
    saving: int | None = None
    topics: frozenset[int] = frozenset()


class WhyUncovered(StrEnum):
    """The first thing that is missing, in this order."""

    NO_CANDIDATE = "no_candidate"
    NO_DATES = "no_dates"
    NO_COUNSELLOR = "no_counsellor"
    NO_ROOM_IN_TOURS = "no_room_in_tours"
    NO_MONEY = "no_money"
    UNKNOWN = "unknown"  # not proven either way


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A municipality the plan leaves without an appointment, and why.

    `extra_money` is the least that would have to be added for one municipality more (the same for all that lack money).
    """

    municipality: int
    why: WhyUncovered
    sentence: str
    extra_money: int | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """So many municipalities cost at least so much. `cost` None: not possible, or not found where not proven."""

    count: int
    cost: int | None
    bound: int | None
    proven: bool
    municipalities: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NextMoney:
    """What the next sum would buy: municipalities more, or nothing and then how much is missing."""

    amount: int
    municipalities_more: int
    cost_more: int | None
    missing_for_one_more: int | None
    sentence: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """A next-best plan that differs visibly: other house, counsellor or weekday in at least one municipality."""

    slots: tuple[PlannedSlot, ...]
    cost: CostSplit
    extra_cost: int
    proof: Proof
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """What breaks if one institution closes."""

    institution: int
    name: str
    municipalities: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Backup:
    """The cheapest plan that keeps every municipality of the plan covered whichever single institution closes.

    `not_survivable` are municipalities with only one institution that can be used; they are covered once.
    """

    slots: tuple[PlannedSlot, ...]
    cost: CostSplit
    price: int
    proof: Proof
    not_survivable: tuple[int, ...]
    sentence: str
    fits_the_money: bool


@dataclass(frozen=True, slots=True)
class NeedPlan:
    """Stage 3: what the extra sum buys beyond the plan. `proof` is in points of need; `before` is the plan's without it.

    `hours_by_municipality` are key, hours a month before and after. `measured` is `cost` + `existing_change`.
    """

    slots: tuple[PlannedSlot, ...]
    cost: CostSplit
    before: float
    proof: Proof
    hours_by_municipality: tuple[tuple[int, float, float], ...]
    sentence: str
    existing_change: Cents = NO_CENTS
    measured: int = 0


@dataclass(frozen=True, slots=True)
class StageResult:
    """One of the three aims in order, with what is proven about it and a German sentence."""

    name: str
    proof: Proof
    sentence: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What the solver is at. `bound` and `value` are cents, or points of need in stage 3."""

    part: str
    sentence: str
    done: int
    total: int
    value: float | None = None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """Return the distance of value and bound relative to the value."""
        if self.value is None or self.bound is None:
            return None
        return 0.0 if self.value == self.bound else abs(self.value - self.bound) / max(abs(self.value), 1.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """All there is to say about a question.

    `slots` is the plan of stages 1 and 2, `cost` the sum of its lines, `existing_change` what changes in the travel of
    existing slots because trips are shared (mostly negative); the cost held against the money is `cost` + `existing_change`,
    as `measured` in the safety asked for. `chance` is how likely the money suffices for it. `covered` counts municipalities
    with the plan, existing ones included.
    """

    status: Status
    messages: tuple[str, ...] = ()
    stages: tuple[StageResult, ...] = ()
    proof: Proof | None = None
    slots: tuple[PlannedSlot, ...] = ()
    cost: CostSplit = CostSplit()
    existing_change: Cents = NO_CENTS
    measured: int = 0
    chance: float | None = None
    covered: int = 0
    municipalities: int = 0
    uncovered: tuple[Uncovered, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    next_money: NextMoney | None = None
    alternatives: tuple[Alternative, ...] = ()
    closings: tuple[Closing, ...] = ()
    backup: Backup | None = None
    need: NeedPlan | None = None
    greedy_cost: int | None = None
    greedy_covered: int | None = None
