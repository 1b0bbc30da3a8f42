"""Does the money of the running budgets suffice, and if not, what is wrong with it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q, QuerySet

from appointments.models import Slot
from appointments.schedule import Timetable
from budget.costs import Account, Line, Stage, account
from budget.forecast import Forecast, chance_text, forecast
from budget.models import Budget, CostLine
from budget.pricing import Pricing, amended_by, window
from locations.models import District, Municipality
from locations.wording import euro

LOW_CHANCE = 0.8  # below four in five somebody should know before the money is gone
COMPUTED = (CostLine.Basis.PER_DATE, CostLine.Basis.PER_KM)


@dataclass(frozen=True)
class Purse:
    """A budget that runs or is to come, as of the day."""

    budget: Budget
    account: Account
    forecast: Forecast

    @property
    def is_overspent(self) -> bool:
        """Return whether more is bound or paid than there is: that cannot wait."""
        return self.account.is_overspent

    @property
    def warning(self) -> str:
        """Return the worst that can be said of it, "" where the money suffices."""
        paid = self.account.total(stage=Stage.PAID).likely
        if paid > self.account.available:
            return f"überplanmäßig bezahlt, {euro(paid - self.account.available)} mehr, als da ist"
        if self.account.is_overspent:
            return f"gebunden und bezahlt sind {euro(-self.account.left)} mehr, als da ist"
        if self.account.is_overplanned:
            over = self.account.total().likely - self.account.available
            return f"mit dem Geplanten fehlen {euro(over)}"
        if self.forecast.chance < LOW_CHANCE:
            return f"das Geld reicht nur mit {chance_text(self.forecast.chance)} Wahrscheinlichkeit"
        return ""


def purses(
    districts: Iterable[District], municipalities: Mapping[int, Municipality], known: Timetable, today: date
) -> list[Purse]:
    """Return the budgets of the districts that are not over and have lines, priced as of today. At most five queries.

    One less where the timetable known already reaches over the budgets.
    """
    districts = list(districts)
    rows = list(_lines(districts, today))
    first, last = window(rows, today)
    reaches = known.first <= first and last <= known.last
    timetable = known if reaches else Timetable.of_districts(districts, first, last)
    pricing = Pricing({slot.pk: slot for slot in _slots(rows, today)}, timetable, municipalities, today)
    lines = {line.key: line for line in pricing.lines(rows)}
    return [
        _purse(group[0].budget, group[0].amended_eur, [lines[row.pk] for row in group], today)
        for group in (list(found) for _, found in groupby(rows, key=lambda row: row.budget_id))
    ]


def _lines(districts: Iterable[District], today: date) -> QuerySet[CostLine]:
    rows = CostLine.objects.filter(budget__district__in=[district.pk for district in districts])
    current = rows.filter(budget__last_day__gte=today).select_related("budget")
    return current.annotate(amended_eur=amended_by(today, "budget")).order_by("budget__first_day", "budget", "pk")


def slots_priced_with(rows: Iterable[CostLine]) -> Q | None:
    """Return which slots the lines count the dates of, and those of the same counsellors where ways are shared.

    None: there is nothing to count.
    """
    budgets = {row.budget_id for row in rows if row.slot_id and row.quantity is None and row.basis in COMPUTED}
    if not budgets:
        return None
    counted = CostLine.objects.filter(budget__in=budgets, quantity__isnull=True, basis__in=COMPUTED)
    driven = counted.filter(basis=CostLine.Basis.PER_KM).values("slot")
    booked = Slot.counsellors.through.objects.all()
    tours = booked.filter(counsellor__in=booked.filter(slot__in=driven).values("counsellor")).values("slot")
    return Q(pk__in=counted.values("slot")) | Q(pk__in=tours)


def _slots(rows: Iterable[CostLine], today: date) -> list[Slot]:
    wanted = slots_priced_with(rows)
    return [] if wanted is None else list(Slot.objects.filter(wanted, proposed_on__lte=today).with_dates())


def _purse(budget: Budget, amended_eur: object, lines: list[Line], today: date) -> Purse:
    sums = account(lines, budget.ansatz_eur + amended_eur, today)
    return Purse(budget, sums, forecast(lines, sums.available, today, budget.last_day))
