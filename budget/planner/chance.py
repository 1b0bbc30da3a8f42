"""How likely does the money suffice for a plan? With the triangles of budget.forecast."""

from __future__ import annotations

from decimal import Decimal

from budget.costs import Range
from budget.forecast import Sum, Triangle
from budget.planner.question import NO_CENTS, Cents
from budget.planner.slots import Priced


def chance(plan: Priced, money: int) -> float:
    """Return the probability, 0 to 1, that the plan costs at most the money (cents).

    All ways move together, rents and equipment are agreed one by one, as in the forecast.
    """
    travel = sum((slot.cost.travel for slot in plan.slots), start=NO_CENTS) + plan.existing_change
    amounts = [_upwards(travel)]
    amounts += [one for slot in plan.slots for one in (slot.cost.rent, slot.cost.equipment)]
    low, high = sum(amount.low for amount in amounts), sum(amount.high for amount in amounts)
    if money >= high or money < low:
        return float(money >= high)
    uncertain = [Triangle.of(_euros(amount)) for amount in amounts if amount.high > amount.low]
    return Sum(uncertain).below(float(money - low) / 100)


def _upwards(amount: Cents) -> Cents:
    """Return the amount from low to high: what is saved is saved most where a kilometre is dearest."""
    low, likely, high = sorted((amount.low, amount.likely, amount.high))
    return Cents(low, likely, high)


def _euros(amount: Cents) -> Range:
    return Range(*(Decimal(cents) / 100 for cents in (amount.low, amount.likely, amount.high)))
