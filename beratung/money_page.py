"""What does the budget of the day say: by kind and stage, with the forecast?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from beratung.figures import Bar, draw_bar
from budget.costs import Account, Line, Range, Stage, account
from budget.forecast import Forecast, forecast
from budget.models import Budget, CostLine
from locations.wording import euro


@dataclass(frozen=True)
class MoneyRow:
    """One kind of costs: printed amounts by stage, their sum, and the range of what is only planned."""

    label: str
    kind: str
    paid: Decimal
    committed: Decimal
    planned: Range
    unknown: int

    @property
    def total(self) -> Decimal:
        return self.paid + self.committed + self.planned.likely


@dataclass(frozen=True)
class Money:
    """The budget of the day."""

    budget: Budget
    account: Account
    rows: tuple[MoneyRow, ...]
    total: MoneyRow
    bars: tuple[Bar, Bar]
    forecast: Forecast
    lines: int

    @property
    def is_amended(self) -> bool:
        return self.account.available != self.budget.ansatz_eur

    @property
    def is_approved(self) -> bool:
        """Return whether it had been approved by the day; an unknown day of approval is not one."""
        return self.budget.approved_on is not None and self.budget.approved_on <= self.account.day

    @property
    def over(self) -> Decimal:
        """Return by how much payments and commitments exceed the money."""
        return max(Decimal(0), -self.account.left)

    @property
    def overplanned(self) -> Decimal:
        """Return by how much everything together would exceed the money."""
        return max(Decimal(0), self.total.total - self.account.available)

    @property
    def overplanned_text(self) -> str:
        """Return by how much the plans exceed the money, as a sentence."""
        return f"Gebunden und geplant sind {euro(self.overplanned)} mehr, als da ist. Nicht alles kann gebunden werden."

    @property
    def is_range(self) -> bool:
        """Return whether the sum at the end of the period is uncertain."""
        return self.forecast.low != self.forecast.high


def money(budget: Budget, lines: Iterable[Line], day: date) -> Money:
    """Return the budget as of the day, from its priced lines. `budget.amended_eur` is the sum of its amendments by then."""
    lines = list(lines)
    sums = account(lines, budget.ansatz_eur + budget.amended_eur, day)
    kinds = [_money_row(sums, kind.label, kind.value) for kind in CostLine.Kind]
    ahead = forecast(lines, sums.available, day, budget.last_day)
    ends = Range(ahead.low, ahead.likely, ahead.high)
    return Money(
        budget=budget,
        account=sums,
        rows=tuple(kinds),
        total=_money_row(sums, "Zusammen"),
        bars=(draw_bar(sums, 720, ends), draw_bar(sums, 288, ends)),
        forecast=ahead,
        lines=sum(line.stage_on(day) is not None for line in lines),
    )


def _money_row(sums: Account, label: str, kind: str | None = None) -> MoneyRow:
    return MoneyRow(
        label=label,
        kind=kind or "",
        paid=sums.total(kind=kind, stage=Stage.PAID).likely,
        committed=sums.total(kind=kind, stage=Stage.COMMITTED).likely,
        planned=sums.total(kind=kind, stage=Stage.PLANNED),
        unknown=sum(sums.unknown.values()) if kind is None else sums.unknown.get(kind, 0),
    )
