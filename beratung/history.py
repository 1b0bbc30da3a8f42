"""How did the coverage come about since the decision, and what is already agreed for the days to come?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from appointments.coverage import CoverageState, SlotFact, TargetRule
from appointments.evidence import Evidence
from appointments.occurrences import horizon
from appointments.timeline import Lane, Span, Step, Timeline, timeline
from beratung.asked_day import AskedDay, read_day
from beratung.lanes import Happening, Lanes, draw_lanes
from beratung.paper_way import PaperWay, earliest_day, paper_ways, way_on
from budget.models import Pilot, Target
from locations.models import District, Municipality
from locations.succession import Term
from locations.wording import date_full

_Stretch = TypeVar("_Stretch", Span, Step)
MOST_LANES = 60  # rows of the drawing; more would be longer than anybody reads, and the tables say the same
WIDTHS = (1180.0, 704.0, 288.0)  # of the drawings: desktop, tablet and paper, phone


@dataclass(frozen=True)
class Stretch:
    """A line of the table twin: a municipality in one state. `last_day` None: nothing known ends it."""

    municipality: Municipality
    state: str
    first_day: date
    last_day: date | None
    becomes: str = ""


@dataclass(frozen=True)
class Count:
    """A line of the second table: how many of how many."""

    covered: int
    total: int
    first_day: date
    last_day: date | None

    @property
    def is_met(self) -> bool:
        return self.covered == self.total > 0


@dataclass(frozen=True)
class History:
    """The coverage from the target's first day on, with what happened; the drawings are wide, middle and narrow."""

    district: District
    timeline: Timeline
    whole: Timeline
    municipalities: dict[int, Municipality]
    happenings: tuple[Happening, ...]
    asked: AskedDay
    drawings: tuple[Lanes, ...]

    @property
    def query(self) -> str:
        """Return the query that keeps the day asked for."""
        return "" if self.asked.is_today else f"?stichtag={self.asked.day.isoformat()}"

    @property
    def last_day(self) -> date:
        """Return the last day any page can be asked for."""
        return max(self.asked.day, self.whole.last_day)

    @property
    def is_of_the_past(self) -> bool:
        """Return whether what became known after the day is left out."""
        return self.asked.day < self.asked.today

    @property
    def headline(self) -> str:
        """Return "2 von 8 auf 5 von 7"."""
        first, now = self.timeline.steps[0], self.timeline.step_on(self.asked.day) or self.timeline.steps[-1]
        return f"{first.covered} von {first.total} auf {now.covered} von {now.total}"

    @property
    def fulfilment(self) -> str:
        """Return since when the target is met without a break, or when it last was."""
        day = self.asked.day
        if since := self.whole.met_since(day):
            return f"Das Ziel ist seit dem {date_full(since)} ohne Unterbrechung erreicht."
        if last := self.whole.last_met_before(day):
            return f"Zuletzt war das Ziel vom {date_full(last.first_day)} bis {date_full(last.last_day)} erreicht."
        return f"Seit dem {date_full(self.timeline.first_day)} war das Ziel an keinem Tag erreicht."

    @property
    def next_fulfilment(self) -> str:
        """Return from when on the target will be met as far as dates are agreed; "" where it is met, or never will be."""
        day = self.asked.day
        if self.whole.met_since(day):
            return ""
        ahead = next((one for one in self.whole.fulfilments if one.first_day > day), None)
        return f"Nach dem, was vereinbart ist, wird es am {date_full(ahead.first_day)} erreicht." if ahead else ""

    @property
    def stretches(self) -> list[Stretch]:
        """Return every state of every municipality, in order."""
        return [self._stretch(lane, span) for lane in self.timeline.lanes for span in lane.spans]

    @property
    def counts(self) -> list[Count]:
        """Return every change of n of m."""
        return [
            Count(step.covered, step.total, step.first_day, self._known_end(step.last_day))
            for step in self.timeline.steps
        ]

    def since(self, municipality: int) -> date | None:
        """Return the first day of the unbroken state the municipality is in on the day."""
        span = self._span(municipality)
        return span.first_day if span else None

    def uncovered_since(self, municipality: int) -> date | None:
        """Return the day after the last one on which it was covered before the day; None where it never was."""
        ends = [
            span.last_day
            for lane in self.timeline.lanes
            if lane.municipality == municipality
            for span in lane.spans
            if span.state is CoverageState.COVERED and span.last_day < self.asked.day
        ]
        return max(ends) + timedelta(days=1) if ends else None

    def _span(self, municipality: int) -> Span | None:
        lanes = (lane for lane in self.whole.lanes if lane.municipality == municipality)
        return next((span for lane in lanes if (span := lane.span_on(self.asked.day))), None)

    def _stretch(self, lane: Lane, span: Span) -> Stretch:
        is_last = span is lane.spans[-1]
        into = lane.flows_into if is_last else None
        return Stretch(
            municipality=self.municipalities[lane.municipality],
            state=span.state.value,
            first_day=span.first_day,
            last_day=span.last_day if into is not None else self._known_end(span.last_day),
            becomes=self.municipalities[into].name if into is not None else "",
        )

    def _known_end(self, last: date) -> date | None:
        return None if last == self.timeline.last_day else last


def history_of(
    evidence: Evidence,
    way: PaperWay,
    pilots: Iterable[Pilot],
    asked: AskedDay,
    of: Collection[int] | None = None,
) -> History | None:
    """Return the history of the target; None where no municipality ever existed in it.

    `of` are the municipalities wanted, None all; of more than MOST_LANES nothing is drawn.
    """
    end = last_day_of_all(way.target, asked)
    # What is entered for days to come is known today; of a past day, what came after it was not.
    known_until = asked.day if asked.day < asked.today else date.max
    terms = evidence.terms if of is None else with_predecessors(evidence.terms, of)
    whole = timeline(
        way.looks_back_to,
        end,
        rule_of(way.target),
        terms,
        evidence.houses,
        [
            as_known(fact, known_until)
            for fact in evidence.facts
            if evidence.houses[fact.house].municipality in terms and fact.proposed_on <= known_until
        ],
        evidence.calendar,
    )
    if not whole.lanes:
        return None
    shown = within(whole, way.target.first_day, _end_worth_showing(whole, asked))
    if not shown.lanes:
        return None
    known = (one for one in _happenings(way, pilots) if one.day <= known_until)
    happenings = tuple(sorted(known, key=lambda one: one.day))
    names = {key: row.name for key, row in evidence.municipalities.items()}
    return History(
        district=evidence.district,
        timeline=shown,
        whole=whole,
        municipalities=evidence.municipalities,
        happenings=happenings,
        asked=asked,
        drawings=tuple(
            draw_lanes(shown, names, happenings, asked.day, min(asked.day, asked.today), width)
            for width in WIDTHS
            if len(shown.lanes) <= MOST_LANES
        ),
    )


def with_predecessors(terms: Mapping[int, Term], of: Collection[int]) -> dict[int, Term]:
    """Return the terms of these municipalities and of all that became part of them."""
    wanted = set(of)
    while more := {key for key, term in terms.items() if term.successor in wanted} - wanted:
        wanted |= more
    return {key: term for key, term in terms.items() if key in wanted}


def rule_of(target: Target) -> TargetRule:
    """Return what counts for the target."""
    return TargetRule(frozenset(target.qualifying_kinds), target.minimum_institutions)


def last_day_of_all(target: Target, asked: AskedDay) -> date:
    """Return the last day of the target that any page can be asked for."""
    latest = max(horizon(asked.today), target.first_day, asked.day)
    return min(latest, target.last_day or latest)


def as_known(fact: SlotFact, day: date) -> SlotFact:
    """Return the slot as known on the day: what was agreed or published later had not happened yet."""
    agreed = fact.agreed_on if fact.is_agreed(day) else None
    published = fact.published_on if fact.is_published(day) else None
    if (agreed, published) == (fact.agreed_on, fact.published_on):
        return fact
    return replace(fact, agreed_on=agreed, published_on=published)


def within(whole: Timeline, first: date, last: date) -> Timeline:
    """Return the timeline without the days before the first and after the last."""
    lanes = [
        Lane(lane.municipality, cut(lane.spans, first, last), lane.flows_into if lane.last_day < last else None)
        for lane in whole.lanes
        if lane.first_day <= last and first <= lane.last_day
    ]
    return Timeline(first, last, tuple(lanes), cut(whole.steps, first, last))


def cut(stretches: Iterable[_Stretch], first: date, last: date) -> tuple[_Stretch, ...]:
    """Return the stretches as far as they lie between the days, both inclusive."""
    return tuple(
        replace(one, first_day=max(one.first_day, first), last_day=min(one.last_day, last))
        for one in stretches
        if one.first_day <= last and first <= one.last_day
    )


def _end_worth_showing(whole: Timeline, asked: AskedDay) -> date:
    """Return the end of the year in which, as far as anybody knew on the day, the last thing changes."""
    turns = [span.first_day for lane in whole.lanes for span in lane.spans]
    latest = max(asked.day, *turns)
    return min(whole.last_day, date(latest.year, 12, 31))


def _happenings(way: PaperWay, pilots: Iterable[Pilot]) -> Iterator[Happening]:
    if way.paper.date:
        yield Happening(way.paper.date, f"Vorlage {way.paper.reference}")
    for step in way.steps_on(date.max):
        if step.meeting_on:
            yield Happening(step.meeting_on, step.committee)
    for pilot in pilots:
        if pilot.first_day:
            yield Happening(pilot.first_day, f"{pilot.name} beginnt")
        if pilot.last_day:
            yield Happening(pilot.last_day, f"{pilot.name} endet")


def history(slug: str, raw_day: str, today: date) -> tuple[District, AskedDay, History | None]:
    """Return the history for its own page. At most six queries. District.DoesNotExist: unknown slug."""
    municipalities = list(Municipality.objects.filter(district__slug=slug).select_related("district"))
    district = municipalities[0].district if municipalities else District.objects.get(slug=slug)
    ways = paper_ways(slug)
    asked = read_day(raw_day, today, earliest_day(ways))
    way = way_on(ways, asked.day)
    if way is None:
        return district, asked, None
    evidence = Evidence.load(
        district, way.looks_back_to, last_day_of_all(way.target, asked), municipalities=municipalities
    )
    pilots = Pilot.objects.filter(paper__district=district)
    return district, asked, history_of(evidence, way, pilots, asked)
