"""What money is there for a plan, and what does a kilometre cost in its period? In whole cents and euro."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from budget.costs import Range, rounded
from budget.ledger import free
from budget.models import Budget, TravelRate
from budget.planner import Cents, TravelPrice
from budget.planning_asked import PlanningError
from locations.models import District
from locations.wording import date_full, euro_exact

ONE_DAY = timedelta(days=1)


def remaining_cents(budget: Budget, day: date) -> int:
    """Return what is left of the budget on the day, in whole cents: Ansatz with amendments less committed and paid."""
    return int(free(budget, day) * 100)


def budget_for(district: District, first: date, last: date) -> Budget | None:
    """Return the budget that holds the whole period."""
    return district.budgets.filter(first_day__lte=first, last_day__gte=last).first()


def cents(low: Decimal | None, likely: Decimal, high: Decimal | None) -> Cents:
    """Return the estimate in cents; what is left open is as likely."""
    return Cents(*(int(Decimal(likely if amount is None else amount) * 100) for amount in (low, likely, high)))


def money_text(amount: int) -> str:
    """Return cents as "1.234,56 €"."""
    return euro_exact(Decimal(amount) / 100)


def travel_prices(jurisdiction: str, first: date, last: date, likely: str) -> tuple[TravelPrice, ...]:
    """Return the price of a kilometre on each stretch of the period; `likely` names the rate taken as likely.

    PlanningError: on some day there is none.
    """
    rates = [
        rate
        for rate in TravelRate.objects.filter(jurisdiction=jurisdiction)
        if (rate.first_day or first) <= last and (rate.last_day or last) >= first
    ]
    starts = {first, *(rate.first_day for rate in rates if rate.first_day and rate.first_day > first)}
    starts |= {rate.last_day + ONE_DAY for rate in rates if rate.last_day and rate.last_day < last}
    days = [*sorted(starts), last + ONE_DAY]
    return tuple(
        TravelPrice(start, end - ONE_DAY, _price_on(rates, start, likely))
        for start, end in zip(days, days[1:], strict=False)
    )


def _price_on(rates: Iterable[TravelRate], day: date, likely: str) -> Range:
    held = {
        rate.name: rounded(rate.eur_per_km)
        for rate in rates
        if (rate.first_day or day) <= day and (rate.last_day or day) >= day
    }
    if not held:
        raise PlanningError(f"Für den {date_full(day)} ist kein Kilometersatz eingetragen.")
    return Range(min(held.values()), held.get(likely, max(held.values())), max(held.values()))
