"""Which lines stand behind a figure of the budget, and to whom may they be told?

Everybody sees counts and sums: in all, by month, and by municipality. A municipality's sum is told only where at least two
providers or houses stand behind it; the others are told together, because the sum of a single one would be its amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Final

from appointments.evidence import Evidence
from appointments.models import Slot
from beratung.asked_day import AskedDay, read_day
from beratung.paper_way import earliest_day, paper_ways
from budget.costs import NOTHING, Line, Range, Stage
from budget.models import Budget, CostLine
from budget.pricing import Pricing, budget_and_lines, period, window
from locations.models import District, Municipality
from locations.succession import municipality_on
from locations.wording import MONTHS, listed

FEWEST_BEARERS: Final = 2
NOBODY: Final = "keiner Gemeinde zugeordnet"
NO_PROVIDER: Final = "keinem Träger zugeordnet"
NO_SLOT: Final = "keinem festen Termin zugeordnet"
STAGE_WORDS: Final = {Stage.PAID: "bezahlt", Stage.COMMITTED: "gebunden", Stage.PLANNED: "geplant"}


@dataclass(frozen=True)
class Position:
    """A line of the budget with its stage and amount on the day; `amount` None: not known."""

    row: CostLine
    stage: Stage
    amount: Range | None
    slot: Slot | None
    municipality: Municipality | None

    @property
    def stage_word(self) -> str:
        return STAGE_WORDS[self.stage]

    @property
    def bearer(self) -> tuple[str, int] | None:
        """Return whose amount it is: a provider's, else a house's; None where it is of the whole."""
        if self.slot:
            return "provider", self.slot.offer.provider_id
        return ("institution", self.row.institution_id) if self.row.institution_id else None

    @property
    def month(self) -> date:
        """Return the first day of the month it was paid or committed in; planned, of the one in which its period ends."""
        day = {Stage.PAID: self.row.paid_on, Stage.COMMITTED: self.row.committed_on}.get(self.stage)
        return (day or period(self.row)[1]).replace(day=1)


@dataclass(frozen=True)
class Sum:
    """What some positions come to; `unknown` counts those whose amount nobody knows, which no sum contains."""

    label: str
    positions: int
    paid: Range
    committed: Range
    planned: Range
    unknown: int

    @property
    def total(self) -> Range:
        return self.paid + self.committed + self.planned


@dataclass(frozen=True)
class Costs:
    """The page: what was asked for, the sums, and for those allowed the positions."""

    district: District
    asked: AskedDay
    budget: Budget | None
    kind: str
    stage: str
    error: str
    total: Sum
    months: tuple[Sum, ...]
    municipalities: tuple[Sum, ...]
    providers: tuple[Sum, ...]
    slots: tuple[Sum, ...]
    positions: tuple[Position, ...]
    is_internal: bool

    @property
    def only_total(self) -> tuple[Sum]:
        """Return the whole sum as the only row of a table."""
        return (self.total,)

    @property
    def is_public(self) -> bool:
        return not self.is_internal

    @property
    def is_whole(self) -> bool:
        """Return whether all lines are asked for."""
        return not self.kind and not self.stage

    @property
    def headline(self) -> str:
        """Return what the sums are of."""
        return ", ".join(filter(None, (self.kind, self.stage))) or "alle Kosten"


def costs(slug: str, raw_day: str, kind: str, stage: str, today: date, *, is_internal: bool) -> Costs:
    """Return the page. At most nine queries. District.DoesNotExist: unknown slug."""
    municipalities = list(Municipality.objects.filter(district__slug=slug).select_related("district"))
    district = municipalities[0].district if municipalities else District.objects.get(slug=slug)
    asked = read_day(raw_day, today, earliest_day(paper_ways(slug)))
    budget, rows = budget_and_lines(district, asked.day)
    evidence = Evidence.load(district, *window(rows, asked.day), municipalities=municipalities)
    pricing = Pricing(evidence.slots, evidence.timetable, evidence.municipalities, asked.day)
    asked_kind = kind if kind in CostLine.Kind.values else ""
    asked_stage = stage if stage in list(Stage) else ""
    found = [
        one
        for one in _positions(rows, pricing.lines(rows), evidence, asked.day)
        if asked_kind in ("", one.row.kind) and asked_stage in ("", one.stage)
    ]
    is_whole = not asked_kind and not asked_stage
    told = is_internal or is_whole
    return Costs(
        district=district,
        asked=asked,
        budget=budget,
        kind=CostLine.Kind(asked_kind).label if asked_kind else "",
        stage=STAGE_WORDS[Stage(asked_stage)] if asked_stage else "",
        error=_error(kind, asked_kind, stage, asked_stage),
        total=_sum("Zusammen", found),
        months=tuple(_by_month(found)) if told else (),
        municipalities=tuple(by_municipality(found, all_told=is_internal)) if told else (),
        providers=tuple(_by(found, _provider)) if is_internal else (),
        slots=tuple(_by(found, _slot)) if is_internal else (),
        positions=tuple(found) if is_internal else (),
        is_internal=is_internal,
    )


def _error(kind: str, asked_kind: str, stage: str, asked_stage: str) -> str:
    wrong = [f"„{text[:40]}“" for text, read in ((kind, asked_kind), (stage, asked_stage)) if text and not read]
    return f"{listed(wrong)} gibt es hier nicht. Gezeigt wird, was sich lesen ließ." if wrong else ""


def _positions(rows: Sequence[CostLine], lines: Sequence[Line], evidence: Evidence, day: date) -> Iterable[Position]:
    """Yield the lines known on the day."""
    for row, line in zip(rows, lines, strict=True):
        stage = line.stage_on(day)
        if stage is None:
            continue
        slot = evidence.slots.get(row.slot_id) if row.slot_id else None
        house = slot.institution if slot else row.institution
        home = municipality_on(evidence.terms, house.municipality_id, day) if house else None
        yield Position(row, stage, line.amount_on(day), slot, evidence.municipalities.get(home) if home else None)


def _sum(label: str, positions: Sequence[Position]) -> Sum:
    def of(stage: Stage) -> Range:
        return reduce(add, (one.amount for one in positions if one.stage is stage and one.amount), NOTHING)

    return Sum(
        label=label,
        positions=len(positions),
        paid=of(Stage.PAID),
        committed=of(Stage.COMMITTED),
        planned=of(Stage.PLANNED),
        unknown=sum(one.amount is None for one in positions),
    )


def _by(positions: Iterable[Position], label: Callable[[Position], str]) -> Iterable[Sum]:
    groups: dict[str, list[Position]] = defaultdict(list)
    for one in positions:
        groups[label(one)].append(one)
    for name in sorted(groups, key=lambda name: (name in (NOBODY, NO_PROVIDER, NO_SLOT), name)):
        yield _sum(name, groups[name])


def _by_month(positions: Iterable[Position]) -> Iterable[Sum]:
    groups: dict[date, list[Position]] = defaultdict(list)
    for one in positions:
        groups[one.month].append(one)
    for month in sorted(groups):
        yield _sum(f"{MONTHS[month.month - 1]} {month.year}", groups[month])


def _provider(position: Position) -> str:
    return position.slot.offer.provider.name if position.slot else NO_PROVIDER


def _slot(position: Position) -> str:
    return f"{position.slot.offer.title}, {position.slot.institution.name}" if position.slot else NO_SLOT


def _municipality(position: Position) -> str:
    return position.municipality.name if position.municipality else NOBODY


def by_municipality(positions: Iterable[Position], *, all_told: bool) -> Iterable[Sum]:
    """Yield the sums by municipality; unless all are told, those behind which a single bearer stands together.

    Where even these together are of a single bearer, the municipality with the fewest positions joins them.
    """
    groups: dict[str, list[Position]] = defaultdict(list)
    for one in positions:
        groups[_municipality(one)].append(one)
    rest = groups.pop(NOBODY, [])
    together = [] if all_told else [name for name in groups if _bearers(groups[name]) < FEWEST_BEARERS]
    others = sorted((name for name in groups if name not in together), key=lambda name: len(groups[name]))
    while together and others and _bearers([one for name in together for one in groups[name]]) < FEWEST_BEARERS:
        together.append(others.pop(0))
    yield from (_sum(name, groups[name]) for name in sorted(others))
    pooled = [one for name in together for one in groups[name]]
    if together and _bearers(pooled) < FEWEST_BEARERS:
        # Nobody is left to hide among: told with what belongs to no municipality.
        yield _sum(f"{listed(sorted(together))}, und {NOBODY}", [*pooled, *rest])
        return
    if together:
        yield _sum(f"{listed(sorted(together))} zusammen", pooled)
    if rest:
        yield _sum(NOBODY, rest)


def _bearers(positions: Iterable[Position]) -> int:
    return len({one.bearer for one in positions})
