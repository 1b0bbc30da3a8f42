"""Which model carries? The pilots and the plain fixed slots of a district over the same days, ready to be printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from operator import add
from typing import Final

from appointments.evidence import Evidence
from appointments.indicators import Activity, activity_within, together
from appointments.models import Attendance, Offer, Slot
from appointments.occurrences import Series
from beratung.figures import Whisker, draw_whisker, end_of_scale
from budget.costs import Line, Range, rounded
from budget.models import Budget, CostLine, Pilot
from budget.pilots import Cell, Column, Comparison, Indicator, borne, compare
from budget.pricing import Pricing, period
from locations.models import District
from locations.succession import municipality_on
from locations.wording import NBSP, euro, euro_exact, listed, number

WITH_WHISKER: Final = frozenset({Indicator.COST_PER_DATE, Indicator.COST_PER_HOUR, Indicator.COST_PER_CONVERSATION})
WITH_BAR: Final = frozenset({Indicator.DATES, Indicator.HOURS, Indicator.CONVERSATIONS, Indicator.COST})
CELL_WIDTH: Final = 160.0
PLAIN: Final = "Feste Termine"


@dataclass(frozen=True)
class Drawn:
    """A figure of the table with its bar or whisker, in pixels; None where there is nothing to draw."""

    column: str
    cell: Cell
    bar: float | None = None
    whisker: Whisker | None = None


@dataclass(frozen=True)
class Indicated:
    """One indicator of all models; `scale` says from where to where the drawings of the line go."""

    name: str
    scale: str
    cells: tuple[Drawn, ...]
    total: Cell | None

    @property
    def has_range(self) -> bool:
        """Return whether a whisker of the line is longer than its dot."""
        return any(one.whisker and one.whisker.low_x < one.whisker.high_x for one in self.cells)


@dataclass(frozen=True)
class Model:
    """A column's heading: the model's name, and what it is."""

    name: str
    what: str


@dataclass(frozen=True)
class Compared:
    """The table of the models from the first to the last day, both inclusive. `twice` are slots of two pilots."""

    first_day: date
    last_day: date
    models: tuple[Model, ...]
    table: Comparison
    lines: tuple[Indicated, ...]
    twice: tuple[str, ...]
    without_costs: tuple[str, ...] = ()
    held: int = 0
    minutes: int = 0

    def per_date(self, paid: Decimal) -> Decimal | None:
        """Return what was paid by date held, to the cent; None where none was held."""
        return rounded(paid / self.held) if self.held else None

    def per_hour(self, paid: Decimal) -> Decimal | None:
        """Return what was paid by hour held, to the cent; None where none was held."""
        return rounded(paid * 60 / self.minutes) if self.minutes else None

    def unit_costs(self, paid: Decimal) -> str:
        """Return what was paid by date held and by hour, of all slots together, as a sentence; "" where none was held."""
        per_date, per_hour = self.per_date(paid), self.per_hour(paid)
        if per_date is None or per_hour is None:
            return ""
        return (
            f"Bezahlt sind bisher {euro_exact(paid)} für {number(self.held)} gehaltene Termine mit "
            f"{number(Decimal(self.minutes) / 60, 1)} Stunden: {euro_exact(per_date)} je Termin und "
            f"{euro_exact(per_hour)} je Stunde, ohne Personal."
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what a reader must know before comparing."""
        shared = tuple(
            f"{name}: Ein Angebot gehört auch zu einem anderen Modell und zählt nur dort." for name in self.twice
        )
        return (*self.table.warnings, *self.without_costs, *shared)


def attendance(district: District, first: date, last: date) -> dict[int, dict[date, int]]:
    """Return the conversations by slot and day. One query."""
    rows = Attendance.objects.filter(
        slot__institution__municipality__district=district, day__gte=first, day__lte=last
    ).values_list("slot", "day", "conversations")
    found: dict[int, dict[date, int]] = {}
    for slot, day, conversations in rows:
        found.setdefault(slot, {})[day] = conversations
    return found


def topics_of_offers(slots: Iterable[Slot]) -> dict[int, set[int]]:
    """Return the topics of the slots' offers by offer. One query."""
    rows = Offer.topics.through.objects.filter(offer__in={slot.offer_id for slot in slots})
    found: dict[int, set[int]] = {}
    for offer, topic in rows.values_list("offer_id", "topic_id"):
        found.setdefault(offer, set()).add(topic)
    return found


def first_day_of(budget: Budget | None, day: date) -> date:
    """Return from when on is compared: the budget's first day, so that money and dates are of the same days."""
    return budget.first_day if budget else date(day.year, 1, 1)


class Comparer:
    """Adds up what each model did and bore from the first day to the day of the pricing."""

    def __init__(
        self,
        evidence: Evidence,
        pricing: Pricing,
        first: date,
        conversations: Mapping[int, Mapping[date, int]],
        topics: Mapping[int, set[int]],
    ) -> None:
        self.evidence = evidence
        self.pricing = pricing
        self.first = first
        self.conversations = conversations
        self.topics = {offer: frozenset(keys) for offer, keys in topics.items()}
        self.shown = {
            key: slot for key, slot in pricing.slots.items() if slot.published_on and slot.published_on <= pricing.day
        }

    def compared(
        self, pilots: Sequence[tuple[Pilot, set[int]]], rows: Sequence[CostLine], lines: Sequence[Line]
    ) -> Compared:
        """Return the table of the pilots and, last, of the fixed slots outside them."""
        models, groups, twice = self._groups(pilots)
        columns = [
            Column(model.name, frozenset(keys), self._activity(keys), self._cost(keys, rows, lines))
            for model, keys in zip(models, groups, strict=True)
        ]
        table = compare(columns)
        whole = self._activity(self.shown)
        return Compared(
            held=whole.held,
            minutes=whole.minutes,
            first_day=self.first,
            last_day=self.pricing.day,
            models=tuple(models),
            table=table,
            lines=tuple(_line(row.indicator, row.cells, row.total, table.columns) for row in table.rows),
            twice=tuple(twice),
            without_costs=tuple(self._without_costs(models, groups, rows)),
        )

    def _groups(self, pilots: Sequence[tuple[Pilot, set[int]]]) -> tuple[list[Model], list[set[int]], list[str]]:
        """Return the models with their slots, and the names of pilots that share an offer with an earlier one."""
        taken: set[int] = set()
        models, groups, twice = [], [], []
        for pilot, offers in pilots:
            if offers & taken:
                twice.append(pilot.name)
            mine = offers - taken
            taken |= offers
            models.append(Model(pilot.name, f"{pilot.get_model_display()}, {pilot.municipality.name}"))
            groups.append({key for key, slot in self.shown.items() if slot.offer_id in mine})
        plain = {
            key
            for key, slot in self.shown.items()
            if slot.offer_id not in taken and slot.offer.delivery_model == Offer.DeliveryModel.FIXED_SLOT
        }
        towns = {
            municipality_on(self.evidence.terms, self.shown[key].institution.municipality_id, self.pricing.day)
            for key in plain
        }
        models.append(Model(PLAIN, f"zum Vergleich, {len(towns)} Gemeinde{'n' if len(towns) != 1 else ''}"))
        return models, [*groups, plain], twice

    def _activity(self, keys: Iterable[int]) -> Activity:
        return together(self._activities[key] for key in sorted(keys))

    @cached_property
    def _activities(self) -> dict[int, Activity]:
        return {key: self._activity_of(key, slot) for key, slot in self.shown.items()}

    def _activity_of(self, key: int, slot: Slot) -> Activity:
        first = max(self.first, slot.published_on or self.first)
        counted = {day: count for day, count in self.conversations.get(key, {}).items() if day >= first}
        topics = self.topics.get(slot.offer_id, frozenset())
        return activity_within(self._series(slot), self.evidence.calendar, first, self.pricing.day, counted, topics)

    def _series(self, slot: Slot) -> Series:
        """Return the slot's dates as known on the day, those of the evidence where nothing came later."""
        if slot.withdrawn_on is not None and slot.withdrawn_on > self.pricing.day:
            return self.pricing.series(slot)
        return self.evidence.series[slot.pk]

    def _cost(self, keys: set[int], rows: Sequence[CostLine], lines: Sequence[Line]) -> Range | None:
        """Return what the dates held so far bear of the lines of their slots and houses; None where nobody knows."""
        parts = [part for row, line in zip(rows, lines, strict=True) for part in self._parts(keys, row, line)]
        if not parts or None in parts:
            return None
        return reduce(add, (part for part in parts if part is not None))

    def _without_costs(
        self, models: Iterable[Model], groups: Iterable[set[int]], rows: Sequence[CostLine]
    ) -> Iterable[str]:
        """Yield what the costs are of, and how many slots of which model have no line of their own."""
        with_costs = {key for row in rows for key in self._bearers(row)}
        free = [
            f"{number(len(keys - with_costs))} von {number(len(keys))} bei {model.name}"
            for model, keys in zip(models, groups, strict=True)
            if keys & with_costs and keys - with_costs
        ]
        if free:
            yield (
                "Kosten sind nur die aus diesem Haushalt, ohne Personal. Keine eigene Kostenposition und darum "
                f"0{NBSP}€ haben von den Terminreihen {listed(free)}."
            )

    def _parts(self, keys: set[int], row: CostLine, line: Line) -> Iterable[Range | None]:
        bearers = self._bearers(row)
        mine = bearers & keys
        first, last = period(row)
        planned = sum(len(self.pricing.dates(key, first, last)) for key in bearers)
        if mine and (planned or mine == bearers):
            done = sum(len(self.pricing.dates(key, first, min(last, self.pricing.day))) for key in mine)
            yield borne(line.amount_on(self.pricing.day), done, planned)

    def _bearers(self, row: CostLine) -> set[int]:
        """Return the slots whose dates bear the line: its slot, else those of its house; none for what all share."""
        if row.slot_id is not None:
            return {row.slot_id} & self.shown.keys()
        return {key for key, slot in self.shown.items() if slot.institution_id == row.institution_id}


def _line(indicator: Indicator, cells: Sequence[Cell], total: Cell | None, columns: Sequence[str]) -> Indicated:
    """Return the line with its drawings, all on one scale from zero."""
    named = list(zip(columns, cells, strict=True))
    amounts = [amount for cell in cells for amount in (cell.high, cell.value) if amount is not None]
    if not amounts or indicator not in WITH_BAR | WITH_WHISKER:
        return Indicated(indicator.value, "", tuple(Drawn(name, cell) for name, cell in named), total)
    if indicator in WITH_WHISKER:
        end = end_of_scale(max(amounts))
        drawn = tuple(Drawn(name, cell, whisker=_whisker(cell, end)) for name, cell in named)
        return Indicated(indicator.value, f"Skala 0 bis {euro(end)}", drawn, total)
    largest = max(*amounts, Decimal(1))
    bars = (None if cell.value is None else float(cell.value / largest) * CELL_WIDTH for cell in cells)
    drawn = tuple(
        Drawn(name, cell, None if bar is None else round(bar, 1)) for (name, cell), bar in zip(named, bars, strict=True)
    )
    return Indicated(indicator.value, "", drawn, total)


def _whisker(cell: Cell, end: Decimal) -> Whisker | None:
    if cell.value is None:
        return None
    low = cell.value if cell.low is None else cell.low
    high = cell.value if cell.high is None else cell.high
    return draw_whisker(Range(low, cell.value, high), end, CELL_WIDTH)
