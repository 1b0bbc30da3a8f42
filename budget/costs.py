"""What does it cost? The one euro arithmetic for pages, reports, ledger and planner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class Stage(StrEnum):
    """How far a line has come; it counts once, at the last stage reached."""

    PLANNED = "planned"
    COMMITTED = "committed"
    PAID = "paid"


def rounded(amount: Decimal) -> Decimal:
    """Return the amount in whole cents, half a cent away from zero (kaufmännisch). Done once per printed line."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Range:
    """An honest estimate in euro: low, likely, high."""

    low: Decimal
    likely: Decimal
    high: Decimal

    @classmethod
    def exactly(cls, amount: Decimal) -> Range:
        """Return a range without doubt, rounded."""
        cents = rounded(amount)
        return cls(cents, cents, cents)

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


NOTHING = Range(ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Line:
    """A cost line as arithmetic sees it. Prices are euro per unit of `quantity`; None: nobody knows how many units."""

    key: int
    kind: str
    quantity: Decimal | None
    unit: Range
    planned_on: date
    committed_on: date | None = None
    committed_eur: Decimal | None = None
    paid_on: date | None = None
    paid_eur: Decimal | None = None

    def stage_on(self, day: date) -> Stage | None:
        """Return the last stage reached by the day; None before it was planned."""
        if self.paid_on is not None and self.paid_on <= day:
            return Stage.PAID
        if self.committed_on is not None and self.committed_on <= day:
            return Stage.COMMITTED
        return Stage.PLANNED if self.planned_on <= day else None

    def amount_on(self, day: date) -> Range | None:
        """Return the printed amount at the stage reached by the day, rounded once; nothing before it was planned.

        None: it is planned, but nobody knows how many units.
        """
        match self.stage_on(day):
            case Stage.PAID:
                return Range.exactly(self.paid_eur or ZERO)
            case Stage.COMMITTED:
                return Range.exactly(self.committed_eur or ZERO)
            case Stage.PLANNED:
                return self.planned
        return NOTHING

    @property
    def planned(self) -> Range | None:
        """Return quantity times price, each rounded once; None where the quantity is not known."""
        if self.quantity is None:
            return None
        return Range(
            rounded(self.quantity * self.unit.low),
            rounded(self.quantity * self.unit.likely),
            rounded(self.quantity * self.unit.high),
        )


@dataclass(frozen=True, slots=True)
class Account:
    """The lines of a budget as of a day: totals are sums of printed lines.

    `unknown` counts, by kind, the planned lines whose amount nobody knows; no total contains them.
    """

    day: date
    available: Decimal
    cells: dict[tuple[str, Stage], Range] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    def total(self, *, kind: str | None = None, stage: Stage | None = None) -> Range:
        """Return the sum of the cells of the kind and stage; None means all."""
        found = NOTHING
        for (cell_kind, cell_stage), amount in self.cells.items():
            if kind in (None, cell_kind) and stage in (None, cell_stage):
                found += amount
        return found

    @property
    def spoken_for(self) -> Decimal:
        """Return what is paid or committed."""
        return self.total(stage=Stage.PAID).likely + self.total(stage=Stage.COMMITTED).likely

    @property
    def left(self) -> Decimal:
        """Return what could still be committed; negative when payments exceed the money."""
        return self.available - self.spoken_for

    @property
    def is_overspent(self) -> bool:
        """Return whether payments and commitments exceed the money (überplanmäßig)."""
        return self.left < 0

    @property
    def is_overplanned(self) -> bool:
        """Return whether plans would exceed the money; allowed, with a warning."""
        return self.total().likely > self.available


def account(lines: Iterable[Line], available: Decimal, day: date) -> Account:
    """Return the lines summed by kind and stage as of the day. `available` is the Ansatz with its amendments, in euro."""
    cells: dict[tuple[str, Stage], Range] = defaultdict(lambda: NOTHING)
    unknown: dict[str, int] = defaultdict(int)
    for line in lines:
        stage = line.stage_on(day)
        if stage is None:
            continue
        amount = line.amount_on(day)
        if amount is None:
            unknown[line.kind] += 1
        else:
            cells[line.kind, stage] += amount
    return Account(day, available, dict(cells), dict(unknown))


def months_between(first: date, last: date) -> int:
    """Return the calendar months touched from first to last (inclusive): a month once begun is paid."""
    return max(0, (last.year - first.year) * 12 + last.month - first.month + 1) if first <= last else 0
