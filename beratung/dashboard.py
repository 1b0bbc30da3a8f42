"""What does the committee see of a district on a day? The page as values, from evidence and money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import F

from appointments.coverage import Coverage
from appointments.evidence import Evidence
from appointments.inventory import year_from
from appointments.models import Slot
from appointments.occurrences import horizon
from beratung.asked_day import AskedDay, read_day
from beratung.comparison import Compared, Comparer, attendance, first_day_of, topics_of_offers
from beratung.coverage_table import Proof, Row, Standing, Table, proof
from beratung.figures import Drawing
from beratung.finding import Finding, finding
from beratung.history import History, history_of, last_day_of_all, rule_of
from beratung.large import Part, part_of
from beratung.maps import HoursMap, hours_map, state_maps, young_map
from beratung.money_page import Money, money
from beratung.paper_way import PaperWay, Step, earliest_day, paper_ways, way_on
from budget.models import Budget, CostLine, Pilot
from budget.pricing import Pricing, budget_and_lines, window
from locations.models import District, Municipality, peopled


@dataclass(frozen=True)
class PilotRow:
    """A pilot with its slots that run on the day."""

    pilot: Pilot
    slots: tuple[Proof, ...]
    day: date

    @property
    def is_to_come(self) -> bool:
        return self.pilot.first_day is not None and self.pilot.first_day > self.day

    @property
    def is_over(self) -> bool:
        return self.pilot.last_day is not None and self.pilot.last_day < self.day


def pilots_with_offers(district: District) -> list[tuple[Pilot, set[int]]]:
    """Return the pilots of the district, each with the keys of its offers. One query."""
    rows = Pilot.objects.filter(paper__district=district).select_related("municipality").annotate(offer=F("offers"))
    found = []
    for _, group in groupby(rows.order_by("name", "pk"), key=lambda row: row.pk):
        pilots = list(group)
        found.append((pilots[0], {pilot.offer for pilot in pilots if pilot.offer is not None}))
    return found


@dataclass(frozen=True)
class Dashboard:
    """The page as values."""

    district: District
    asked: AskedDay
    way: PaperWay | None
    finding: Finding
    rows: tuple[Row, ...]
    standings: tuple[Standing, ...]
    part: Part | None
    late_starts: tuple[Municipality, ...]
    maps: tuple[Drawing, Drawing] | None
    money: Money | None
    pilots: tuple[PilotRow, ...]
    quick_days: tuple[date, ...]
    history: History | None
    compared: Compared

    @property
    def day(self) -> date:
        return self.asked.day

    @property
    def steps(self) -> list[Step]:
        return self.way.steps_on(self.day) if self.way else []

    @property
    def query(self) -> str:
        """Return the query that asks for the same day."""
        return f"?stichtag={self.day.isoformat()}"

    @property
    def unit_costs(self) -> str:
        """Return what a date and an hour cost so far; "" without a budget or a date held."""
        return self.compared.unit_costs(self.money.total.paid) if self.money else ""

    @property
    def hours_query(self) -> str:
        """Return the query that asks for the same day with the hours on the map."""
        return f"{self.query}&karte=stunden"

    @property
    def hours_map(self) -> HoursMap | None:
        """Return the second layer of the map: hours a month per 1,000 inhabitants."""
        return hours_map(self.standings)

    @property
    def knows_the_young(self) -> bool:
        """Return whether a source says of any municipality how many are under 18."""
        return any(row.under_18 is not None for row in self.standings)

    @property
    def young_query(self) -> str:
        """Return the query that asks for the same day with the hours per 1,000 under 18 on the map."""
        return f"{self.query}&karte=unter18"

    @property
    def young_map(self) -> HoursMap | None:
        """Return the second layer of the map by those under 18."""
        return young_map(self.standings)


def dashboard(slug: str, raw_day: str, today: date, part: int | None = None) -> Dashboard:
    """Return the page of the district. At most twelve queries, however many slots. District.DoesNotExist: unknown slug.

    `part` is which rows of a district too large for one page are wanted, from 1; None wants all.
    """
    ways = paper_ways(slug)
    asked = read_day(raw_day, today, earliest_day(ways))
    municipalities = peopled(Municipality.objects.filter(district__slug=slug).select_related("district"), asked.day)
    district = municipalities[0].district if municipalities else District.objects.get(slug=slug)
    way = way_on(ways, asked.day)
    budget, lines = budget_and_lines(district, asked.day)
    evidence = Evidence.load(
        district,
        *window_of_all(lines, asked, way),
        slots=Slot.objects.with_last_confirmation(asked.day),
        municipalities=municipalities,
    )
    first = first_day_of(budget, asked.day)
    return assemble(
        asked,
        ways,
        evidence,
        Pricing(evidence.slots, evidence.timetable, evidence.municipalities, asked.day),
        budget,
        lines,
        pilots_with_offers(district),
        attendance(district, first, asked.day),
        topics_of_offers(evidence.slots.values()),
        part,
    )


def window_of_all(lines: Iterable[CostLine], asked: AskedDay, way: PaperWay | None) -> tuple[date, date]:
    """Return the shortest window for money, hours of twelve months, and the whole time of the target."""
    days = [*window(lines, asked.day), date(asked.day.year, 1, 1), *year_from(asked.day)]
    if way:
        days += [way.looks_back_to, last_day_of_all(way.target, asked)]
    return min(days), max(days)


def assemble(
    asked: AskedDay,
    ways: list[PaperWay],
    evidence: Evidence,
    pricing: Pricing,
    budget: Budget | None,
    rows: list[CostLine],
    pilots: list[tuple[Pilot, set[int]]],
    conversations: Mapping[int, Mapping[date, int]],
    topics: Mapping[int, set[int]],
    wanted: int | None = None,
) -> Dashboard:
    """Return the page from what was loaded. At most two queries, for the ways of counsellors."""
    way = way_on(ways, asked.day)
    target = way.target if way else None
    minutes = evidence.minutes_of(*year_from(asked.day))
    coverage = evidence.coverage(asked.day, rule_of(target)) if target else None
    part = part_of(coverage, wanted) if coverage else None
    keys = part.municipalities if part else None
    history = history_of(evidence, way, [pilot for pilot, _ in pilots], asked, keys) if way else None
    table = Table(evidence, target, asked.day, asked.today, history, minutes) if target else None
    found = table.rows(coverage, keys) if table and coverage else []
    standings = found if part is None else _standings(evidence, coverage, minutes)
    lines = pricing.lines(rows)
    comparer = Comparer(evidence, pricing, first_day_of(budget, asked.day), conversations, topics)
    return Dashboard(
        district=evidence.district,
        asked=asked,
        way=way,
        finding=finding(coverage, found, target, asked.day, None if part else history),
        rows=tuple(found),
        standings=tuple(standings),
        part=part,
        late_starts=tuple(late_starts(evidence, asked.day)),
        maps=state_maps(standings),
        money=money(budget, lines, asked.day) if budget else None,
        pilots=tuple(_pilot_row(pilot, offers, evidence, asked) for pilot, offers in pilots),
        quick_days=tuple(quick_days(ways, evidence.municipalities, asked)),
        history=None if part else history,
        compared=comparer.compared(pilots, rows, lines),
    )


def _standings(evidence: Evidence, coverage: Coverage | None, minutes: Mapping[int, int]) -> list[Standing]:
    return [
        Standing(
            municipality=evidence.municipalities[row.municipality],
            state=row.state,
            minutes=minutes.get(row.municipality, 0),
        )
        for row in (coverage.municipalities if coverage else ())
    ]


def late_starts(evidence: Evidence, day: date) -> list[Municipality]:
    """Return the municipalities that did not exist yet on the day, though a slot was running under their name."""
    to_come = {row.pk: row for row in evidence.municipalities.values() if row.first_day and row.first_day > day}
    found = {
        slot.institution.municipality_id
        for slot in evidence.slots.values()
        if slot.institution.municipality_id in to_come
        and max(slot.first_day, slot.institution.first_day) <= day
        and slot.status_on(day) is Slot.Status.PUBLISHED
    }
    return [row for key, row in to_come.items() if key in found]


def _pilot_row(pilot: Pilot, offers: set[int], evidence: Evidence, asked: AskedDay) -> PilotRow:
    running = [
        slot
        for slot in evidence.slots.values()
        if slot.offer_id in offers
        and slot.status_on(asked.day) is Slot.Status.PUBLISHED
        and slot.first_day <= asked.day
        and slot.institution.first_day <= asked.day <= (slot.institution.last_day or date.max)
    ]
    return PilotRow(pilot, tuple(proof(slot, asked.today) for slot in running), asked.day)


def quick_days(ways: list[PaperWay], municipalities: Mapping[int, Municipality], asked: AskedDay) -> Iterable[date]:
    """Yield the days worth a link: today, before and after the last merger, and the last meeting on the paper."""
    latest = horizon(asked.today)
    ends = [row.last_day for row in municipalities.values() if row.last_day and row.successor_id]
    meetings = [step.meeting_on for way in ways for step in way.steps_on(asked.day) if step.meeting_on]
    days = [asked.today]
    if ends:
        days += [max(ends), max(ends) + timedelta(days=1)]
    if meetings:
        days.append(max(meetings))
    for day in days:
        if earliest_day(ways) <= day <= latest:
            yield day
