"""What would a slot as typed cost in its budget year, and what would be left?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from appointments.models import Slot
from appointments.occurrences import held
from appointments.surroundings import Draft, Effect, Surroundings
from beratung.desk_money import slots_priced_with
from budget.costs import Account, account
from budget.models import Budget, CostLine, TravelRate
from budget.pricing import Pricing, budget_and_lines
from locations.models import in_force
from locations.wording import NBSP, euro, listed, number


@dataclass(frozen=True)
class Purse:
    """The budget of the year in which the slot begins, or runs today, with its lines."""

    budget: Budget | None
    rows: tuple[CostLine, ...]
    day: date

    @classmethod
    def of(cls, draft: Draft, today: date) -> Purse:
        """Return the purse. One query, a second one where the budget has no line."""
        day = max(today, draft.slot.first_day)
        district = draft.slot.institution.municipality.district
        budget, rows = budget_and_lines(district, day)
        return cls(budget, tuple(rows), day)

    @property
    def period(self) -> tuple[date, date]:
        """Return the days the budget is for; without one the day alone."""
        return (self.budget.first_day, self.budget.last_day) if self.budget else (self.day, self.day)

    @property
    def slots(self) -> Q | None:
        """Return which slots its lines are priced with."""
        return slots_priced_with(self.rows)


def cost_effects(around: Surroundings, purse: Purse) -> list[Effect]:
    """Return what the slot costs in the budget's period and what is left of it. At most one query."""
    if purse.budget is None:
        year = purse.day.year
        return [Effect("info", f"Kosten {year} nicht bekannt", f"Für {year} ist noch kein Ansatz eingetragen.")]
    return [_effect(around, purse, purse.budget)]


def _effect(around: Surroundings, purse: Purse, budget: Budget) -> Effect:
    title = f"Kosten {_period(budget)}"
    rows = [*purse.rows, *_travel(around, purse, budget)]
    typed = _account(around, rows, budget, around.draft.as_stored(around.today))
    without = _without(around, rows, budget)
    own = [row for row in rows if row.slot_id == around.draft.key]
    if missing := _missing(around, own):
        return Effect("warning", f"{title} nicht bekannt", missing)
    cost = typed.total().likely - without.total().likely
    left = typed.available - typed.total().likely
    told = f"{_dates(around, budget)} {_compared(around, purse, budget, cost)}{_left(left)}"
    return Effect("success" if left >= 0 else "warning", f"{title}: {euro(cost)}", told)


def _period(budget: Budget) -> str:
    first, last = budget.first_day, budget.last_day
    return str(first.year) if first.year == last.year else f"{first.year}/{last.year}"


def _travel(around: Surroundings, purse: Purse, budget: Budget) -> list[CostLine]:
    """Return the ways of a slot that nobody has planned the costs of yet, at the price that holds. One query."""
    if any(row.slot_id == around.draft.key and row.kind == CostLine.Kind.TRAVEL for row in purse.rows):
        return []
    state = around.district.federal_state
    rates = list(TravelRate.objects.filter(in_force(purse.day), jurisdiction=state).order_by("eur_per_km"))
    if not rates:
        return []
    usual = next((rate for rate in rates if not rate.condition), rates[0])
    return [
        CostLine(
            pk=-1,
            budget=budget,
            kind=CostLine.Kind.TRAVEL,
            basis=CostLine.Basis.PER_KM,
            slot_id=around.draft.key,
            unit_low_eur=rates[0].eur_per_km,
            unit_likely_eur=usual.eur_per_km,
            unit_high_eur=rates[-1].eur_per_km,
            planned_on=around.today,
        )
    ]


def _account(around: Surroundings, rows: Iterable[CostLine], budget: Budget, slot: Slot | None) -> Account:
    """Return the account of the budget with the slot like this, or without it."""
    slots = {key: other for key, other in around.slots.items() if key != around.draft.key}
    if slot is not None:
        slots[around.draft.key] = slot
    pricing = Pricing(slots, around.timetable, around.municipalities, around.today)
    return account(pricing.lines(rows), budget.ansatz_eur + budget.amended_eur, around.today)


def _without(around: Surroundings, rows: Iterable[CostLine], budget: Budget) -> Account:
    """Return the account as if neither the slot nor its lines were there."""
    return _account(around, [row for row in rows if row.slot_id != around.draft.key], budget, None)


def _missing(around: Surroundings, own: list[CostLine]) -> str:
    """Return why the ways cannot be priced, "" where they can."""
    if not any(row.basis == CostLine.Basis.PER_KM and row.quantity is None for row in own):
        return "" if own else "Es ist kein Kilometersatz eingetragen."
    counsellors = around.draft.counsellors
    if not counsellors:
        return "Es ist keine Fachkraft genannt, deren Weg sich rechnen ließe."
    homeless = [str(one) for one in counsellors if one.service_point is None or one.service_point.point is None]
    if homeless:
        return f"Von {listed(homeless)} ist nicht bekannt, wo der Weg beginnt (Dienststelle)."
    return "" if around.draft.slot.institution.point else "Die Einrichtung hat keine Koordinaten."


def _dates(around: Surroundings, budget: Budget) -> str:
    slot = around.draft.as_stored(around.today)
    series = around.timetable.series(slot)
    found = len(held(series, around.timetable.calendar(slot), budget.first_day, budget.last_day))
    return f"{number(found)}{NBSP}{'Termin' if found == 1 else 'Termine'} in diesem Zeitraum."


def _compared(around: Surroundings, purse: Purse, budget: Budget, cost: Decimal) -> str:
    """Return how much more or less that is than as stored, "" where nothing changes."""
    if around.stored is None:
        return ""
    rows = [*purse.rows, *_travel(around, purse, budget)]
    stored = _account(around, rows, budget, around.stored).total().likely
    before = stored - _without(around, rows, budget).total().likely
    if before == cost:
        return ""
    return f"Das sind {euro(abs(cost - before))} {'mehr' if cost > before else 'weniger'} als bisher. "


def _left(left: Decimal) -> str:
    return f"Danach bleiben {euro(left)} vom Ansatz." if left >= 0 else f"Damit fehlen {euro(-left)}."
