"""What does each line of a budget come to? Quantities from dates, months and ways, as known on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.db.models import DecimalField, OuterRef, Prefetch, Subquery, Sum, Value, prefetch_related_objects
from django.db.models.functions import Coalesce

from appointments.models import Counsellor, Slot
from appointments.occurrences import Occurrence, Series, held
from appointments.schedule import Timetable
from budget.costs import ZERO, Line, Range, Stage, months_between
from budget.models import Budget, BudgetAmendment, CostLine
from budget.travel import Stop, shared_km
from locations.geo import Point
from locations.models import District, Institution, Municipality

EURO = DecimalField(max_digits=14, decimal_places=2)


def amended_by(day: date, budget: str) -> Coalesce:
    """Return the expression for the sum of the amendments decided by the day; `budget` names the key in the outer query."""
    decided = BudgetAmendment.objects.filter(budget=OuterRef(budget), decided_on__lte=day).order_by()
    total = decided.values("budget").annotate(total=Sum("amount_eur")).values("total")
    return Coalesce(Subquery(total, output_field=EURO), Value(ZERO), output_field=EURO)


def budget_and_lines(district: District, day: date) -> tuple[Budget | None, list[CostLine]]:
    """Return the budget whose period contains the day, with `amended_eur` as of the day, and its lines. One query.

    A second one only where there is no line.
    """
    inside = {"budget__first_day__lte": day, "budget__last_day__gte": day, "budget__district": district}
    lines = CostLine.objects.filter(**inside).select_related("budget__paper", "institution")
    rows = list(lines.annotate(amended_eur=amended_by(day, "budget")).order_by("kind", "planned_on", "pk"))
    if rows:
        rows[0].budget.amended_eur = rows[0].amended_eur
        return rows[0].budget, rows
    budgets = district.budgets.containing(day).select_related("paper")
    return budgets.annotate(amended_eur=amended_by(day, "pk")).first(), []


def period(row: CostLine) -> tuple[date, date]:
    """Return the days the line pays for, both inclusive: its own, else those of its budget."""
    return row.first_day or row.budget.first_day, row.last_day or row.budget.last_day


def window(rows: Iterable[CostLine], day: date) -> tuple[date, date]:
    """Return the shortest window that contains the day and the period of every line."""
    ends = [(day, day), *(period(row) for row in rows)]
    return min(first for first, _ in ends), max(last for _, last in ends)


def without_quantity(row: CostLine, day: date) -> Line:
    """Return the line as it stands in its row, its quantity left open."""
    likely = row.unit_likely_eur
    return Line(
        key=row.pk,
        kind=row.kind,
        quantity=None,
        unit=Range(
            likely if row.unit_low_eur is None else row.unit_low_eur,
            likely,
            likely if row.unit_high_eur is None else row.unit_high_eur,
        ),
        planned_on=row.planned_on,
        committed_on=row.committed_on,
        committed_eur=row.committed_eur,
        paid_on=row.paid_on,
        paid_eur=row.paid_eur,
    )


class Pricing:
    """The quantities of lines as known on a day, from slots loaded with `with_dates()`.

    What was proposed later is not known yet, nor is a withdrawal that came later.
    """

    def __init__(
        self, slots: Mapping[int, Slot], timetable: Timetable, municipalities: Mapping[int, Municipality], day: date
    ) -> None:
        self.slots = {key: slot for key, slot in slots.items() if slot.proposed_on <= day}
        self.timetable = timetable
        self.municipalities = municipalities
        self.day = day
        self.dates = cache(self._dates)

    def lines(self, rows: Iterable[CostLine]) -> list[Line]:
        """Return the lines with their quantities. One query where kilometres are asked for, else none."""
        rows = list(rows)
        if any(row.basis == CostLine.Basis.PER_KM and self._asks(row) for row in rows):
            counsellors = Counsellor.objects.select_related("service_point")
            prefetch_related_objects(list(self.slots.values()), Prefetch("counsellors", queryset=counsellors))
        return [replace(without_quantity(row, self.day), quantity=self._quantity(row)) for row in rows]

    def _asks(self, row: CostLine) -> bool:
        """Return whether the quantity matters: it is only planned, and nobody entered one."""
        return row.quantity is None and without_quantity(row, self.day).stage_on(self.day) is Stage.PLANNED

    def _quantity(self, row: CostLine) -> Decimal | None:
        if not self._asks(row):
            return row.quantity
        match row.basis:
            case CostLine.Basis.ONE_OFF:
                return Decimal(1)
            case CostLine.Basis.PER_MONTH:
                return Decimal(months_between(*period(row)))
        if row.slot_id not in self.slots:
            return None
        if row.basis == CostLine.Basis.PER_DATE:
            return Decimal(len(self.dates(row.slot_id, *period(row))))
        kilometres = self.kilometres(row.slot_id, *period(row))
        return None if kilometres is None else Decimal(str(kilometres))

    def kilometres(self, slot: int, first: date, last: date) -> float | None:
        """Return the slot's part of its counsellors' tours from first to last (inclusive).

        None: no counsellor is named, one has no service point, or a house on a tour has no point.
        """
        counsellors = self.slots[slot].counsellors.all()
        parts = [self._part(slot, counsellor, first, last) for counsellor in counsellors]
        return None if None in parts or not parts else sum(parts)

    def _part(self, slot: int, counsellor: Counsellor, first: date, last: date) -> float | None:
        """Return the slot's part of the tours of one counsellor."""
        base = counsellor.service_point.point if counsellor.service_point else None
        if base is None:
            return None
        total = 0.0
        for stops in self._tours(counsellor, first, last).values():
            if not any(key == slot for key, _, _ in stops):
                continue
            known = [Stop(key, date_.start, point) for key, date_, point in stops if point is not None]
            if len(known) < len(stops):
                return None
            total += shared_km(base, known, settings.ROAD_DETOUR_FACTOR)[slot]
        return total

    def _tours(
        self, counsellor: Counsellor, first: date, last: date
    ) -> dict[date, list[tuple[int, Occurrence, Point | None]]]:
        """Return where the counsellor has to be on each day."""
        tours: dict[date, list[tuple[int, Occurrence, Point | None]]] = defaultdict(list)
        for key, slot in self.slots.items():
            if counsellor in slot.counsellors.all():
                for occurrence in self.dates(key, first, last):
                    tours[occurrence.day].append((key, occurrence, self._point(slot, occurrence)))
        return tours

    def _dates(self, slot: int, first: date, last: date) -> list[Occurrence]:
        row = self.slots[slot]
        return held(self.series(row), self.timetable.calendar(row), first, last)

    def series(self, slot: Slot) -> Series:
        """Return the slot's dates as known on the day: without a withdrawal that came later."""
        return _as_known(self.timetable.series(slot), slot, self.day)

    def _point(self, slot: Slot, occurrence: Occurrence) -> Point | None:
        """Return where the date takes place; for a confidential address, the point of its municipality."""
        house = _house(slot, occurrence)
        return house.point if house.address_is_public else self.municipalities[house.municipality_id].point


def _as_known(series: Series, slot: Slot, day: date) -> Series:
    """Return the series without a withdrawal that came after the day."""
    if slot.withdrawn_on is None or slot.withdrawn_on <= day:
        return series
    ends = [end for end in (slot.last_day, slot.institution.last_day) if end is not None]
    return replace(series, last_day=min(ends, default=None))


def _house(slot: Slot, occurrence: Occurrence) -> Institution:
    """Return the house in which the date takes place, from the rows loaded with the slot."""
    if occurrence.place is None:
        return slot.institution
    moved_to = {row.new_institution_id: row.new_institution for row in slot.exceptions.all()}
    return moved_to[occurrence.place]
