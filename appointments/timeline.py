"""Since when is each municipality covered, and how many of how many were it on each day?

The state is not computed anew for every day: it can change only on a few days of each slot, and between two of them it
stands still. What it is on such a day says `coverage.contribution`, the same as for a single day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TypeVar

from appointments.coverage import (
    DAYS_LOOKED_AHEAD,
    CoverageState,
    House,
    SlotFact,
    TargetRule,
    best_state,
    can_count,
    contribution,
)
from appointments.occurrences import Calendar, Series, held
from locations.succession import Term, municipality_on

ONE_DAY = timedelta(days=1)
AHEAD = timedelta(days=DAYS_LOOKED_AHEAD)
_Stretch = TypeVar("_Stretch", "Span", "Step", "Fulfilment")


@dataclass(frozen=True, slots=True)
class Span:
    """A municipality's state from the first to the last day, both inclusive; the neighbours have another one."""

    state: CoverageState
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Lane:
    """A municipality as a row: the days of the timeline on which it exists, without a hole.

    `flows_into` is the municipality it becomes part of on the day after its last one, where that is on the timeline.
    """

    municipality: int
    spans: tuple[Span, ...]
    flows_into: int | None = None

    @property
    def first_day(self) -> date:
        """Return its first day on the timeline."""
        return self.spans[0].first_day

    @property
    def last_day(self) -> date:
        """Return its last day on the timeline."""
        return self.spans[-1].last_day

    def span_on(self, day: date) -> Span | None:
        """Return the unbroken stretch the day lies in: its first day is "since when". None: no such row on the day."""
        return _of_day(self.spans, day)


@dataclass(frozen=True, slots=True)
class Step:
    """How many of how many municipalities are covered from the first to the last day, both inclusive."""

    covered: int
    total: int
    first_day: date
    last_day: date

    @property
    def target_met(self) -> bool | None:
        """Return whether all are covered; None where there is none to count."""
        return self.covered == self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A stretch of days, both inclusive, on each of which the target is met."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Timeline:
    """The coverage of every day from the first to the last. Nothing is known of the days before and after."""

    first_day: date
    last_day: date
    lanes: tuple[Lane, ...]
    steps: tuple[Step, ...]

    def step_on(self, day: date) -> Step | None:
        """Return how many of how many on the day; None outside the timeline."""
        return _of_day(self.steps, day)

    @property
    def fulfilments(self) -> tuple[Fulfilment, ...]:
        """Return the stretches in which the target is met without a break, whatever the number of municipalities."""
        runs = (list(run) for met, run in groupby(self.steps, key=lambda step: step.target_met) if met)
        return tuple(Fulfilment(run[0].first_day, run[-1].last_day) for run in runs)

    def met_since(self, day: date) -> date | None:
        """Return the first day of the unbroken fulfilment the day lies in; None where the target is not met on it."""
        found = _of_day(self.fulfilments, day)
        return found.first_day if found else None

    def last_met_before(self, day: date) -> Fulfilment | None:
        """Return the last stretch of fulfilment that was over before the day."""
        return next((one for one in reversed(self.fulfilments) if one.last_day < day), None)


def timeline(
    first: date,
    last: date,
    target: TargetRule,
    terms: Mapping[int, Term],
    houses: Mapping[int, House],
    slots: Iterable[SlotFact],
    calendar: Calendar,
) -> Timeline:
    """Return the coverage of every day from first to last (inclusive), rows in the order of `terms`.

    It says of each day what `coverage()` says. The calendar must reach DAYS_LOOKED_AHEAD days beyond the last.
    """
    pieces: dict[int, list[_Piece]] = defaultdict(list)
    homes: dict[int, list[tuple[int, date, date]]] = {}
    for fact in slots:
        house = houses[fact.house]
        if house.municipality not in homes:
            homes[house.municipality] = list(_homes(terms, house.municipality, first, last))
        if can_count(fact, house, target):
            for piece in _pieces(fact, house, calendar, first, last):
                for home, start, end in homes[house.municipality]:
                    if start <= piece.last and piece.first <= end:
                        pieces[home].append(piece.within(start, end))
    lanes = [
        Lane(
            municipality=key,
            spans=tuple(_spans(pieces[key], target.minimum, *existence)),
            flows_into=_flows_into(terms, key, last),
        )
        for key, existence in _existing(terms, first, last)
    ]
    return Timeline(first, last, tuple(lanes), tuple(_steps(lanes, first, last)))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one slot adds in a house from the first to the last day, both inclusive."""

    state: CoverageState
    house: int
    first: date
    last: date

    def within(self, first: date, last: date) -> _Piece:
        return _Piece(self.state, self.house, max(first, self.first), min(last, self.last))


def _pieces(fact: SlotFact, house: House, calendar: Calendar, first: date, last: date) -> Iterator[_Piece]:
    """Yield what the slot adds, piece by piece."""
    start = max(first, fact.proposed_on)
    end = last if fact.withdrawn_on is None else min(last, fact.withdrawn_on - ONE_DAY)
    turns = {fact.agreed_on, fact.published_on, *_edges(fact.series), *_edges(house)}
    if fact.published_on is not None:
        shown = max(start, fact.published_on, fact.series.first_day, house.first_day)
        turns.update(_turns(fact.series, calendar, shown, end))
    for turn, stop in _between(turns, start, end):
        if state := contribution(turn, fact, house, calendar):
            yield _Piece(state, house.key, turn, stop)


def _edges(of: Series | House | Term) -> Iterator[date]:
    """Yield its first day and the day after its last one."""
    if of.first_day is not None:
        yield of.first_day
    if of.last_day is not None and of.last_day < date.max:
        yield of.last_day + ONE_DAY


def _turns(series: Series, calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """Yield the days from first to last on which it starts or stops that a date lies in the days looked ahead.

    A date h serves the days from h - 91 to h. So only a break of 93 days from one held date to the next leaves a day
    unserved, and most dates need not be looked at: from each the last one within 92 days follows.
    """
    if not series.changes:
        yield from _turns_of_rhythm(series, calendar, first, last)
        return
    at = first - ONE_DAY  # as if a date had been held: the day after it is asked in any case
    while at < last:
        later = _last_held(series, calendar, at + ONE_DAY, at + AHEAD)
        if later is None:
            yield at + ONE_DAY
            later = _first_held(series, calendar, at + AHEAD + ONE_DAY, last + AHEAD)
            if later is None:
                return
            yield later - AHEAD + ONE_DAY
        at = later


def _turns_of_rhythm(series: Series, calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """Yield the same turns where no single date was changed: breaks are then those of all series alike."""
    rhythm = calendar.rhythm(series)
    start, stop = series.window(first, last + AHEAD)
    begin = rhythm.first(start, stop)
    if begin is None or begin >= first + AHEAD:
        yield first
    if begin is None:
        return
    yield begin - AHEAD + ONE_DAY
    breaks = rhythm.breaks(date(first.year, 1, 1), date((last + AHEAD).year, 12, 31), DAYS_LOOKED_AHEAD)
    for before, after in breaks[bisect_left(breaks, begin, key=_before) :]:
        if before >= last or after > stop:
            break
        yield before + ONE_DAY
        yield after - AHEAD + ONE_DAY
    end = rhythm.last(begin, stop)
    if end is not None:
        yield end + ONE_DAY


def _before(pause: tuple[date, date]) -> date:
    return pause[0]


def _last_held(series: Series, calendar: Calendar, first: date, last: date) -> date | None:
    """Return the last day from first to last (inclusive) on which a date is held."""
    return max((one.day for one in held(series, calendar, first, last)), default=None)


def _first_held(series: Series, calendar: Calendar, first: date, last: date) -> date | None:
    """Return the first day from first to last (inclusive) on which a date is held."""
    first, last = series.window(first, last)
    while first <= last:
        peek = min(last, first + AHEAD)
        if found := held(series, calendar, first, peek):
            return found[0].day
        first = peek + ONE_DAY
    return None


def _between(turns: Collection[date | None], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the stretches into which the turns cut the days from first to last, each from first to last day."""
    if first <= last:
        days = sorted({first, *(turn for turn in turns if turn is not None and first < turn <= last)})
        for start, following in pairwise(days):
            yield start, following - ONE_DAY
        yield days[-1], last


def _homes(terms: Mapping[int, Term], entered: int, first: date, last: date) -> Iterator[tuple[int, date, date]]:
    """Yield in which municipality a house entered under that one lies, and from when to when."""
    chain: list[int] = []
    current: int | None = entered
    while current is not None and current in terms and current not in chain:
        chain.append(current)
        current = terms[current].successor
    turns = {edge for key in chain for edge in _edges(terms[key])}
    for start, end in _between(turns, first, last):
        home = municipality_on(terms, entered, start)
        if home is not None:
            yield home, start, end


def _existing(terms: Mapping[int, Term], first: date, last: date) -> Iterator[tuple[int, tuple[date, date]]]:
    """Yield the municipalities that exist on a day of the timeline, with the first and the last such day."""
    for key, term in terms.items():
        start = first if term.first_day is None else max(first, term.first_day)
        end = last if term.last_day is None else min(last, term.last_day)
        if start <= end:
            yield key, (start, end)


def _flows_into(terms: Mapping[int, Term], key: int, last: date) -> int | None:
    """Return what the municipality becomes part of, where that happens on the timeline."""
    end = terms[key].last_day
    return municipality_on(terms, key, end + ONE_DAY) if end is not None and end < last else None


def _spans(pieces: Iterable[_Piece], minimum: int, first: date, last: date) -> Iterator[Span]:
    """Yield the states of a municipality from first to last without a hole."""
    turns: dict[date, Counter[tuple[CoverageState, int]]] = defaultdict(Counter)
    for piece in pieces:
        turns[piece.first][piece.state, piece.house] += 1
        turns[piece.last + ONE_DAY][piece.state, piece.house] -= 1
    there: Counter[tuple[CoverageState, int]] = Counter()
    found: Span | None = None
    for start, end in _between(turns, first, last):
        there.update(turns.get(start, ()))
        state = _state(there, minimum)
        if found and found.state is not state:
            yield found
            found = None
        found = Span(state, found.first_day if found else start, end)
    if found:
        yield found


def _state(there: Mapping[tuple[CoverageState, int], int], minimum: int) -> CoverageState:
    houses: dict[CoverageState, set[int]] = defaultdict(set)
    for (state, house), slots in there.items():
        if slots:
            houses[state].add(house)
    return best_state(houses, minimum)


def _steps(lanes: Iterable[Lane], first: date, last: date) -> Iterator[Step]:
    """Yield n of m from first to last without a hole, neighbours different."""
    total: Counter[date] = Counter()
    covered: Counter[date] = Counter()
    for lane in lanes:
        _count(total, lane)
        for span in lane.spans:
            if span.state is CoverageState.COVERED:
                _count(covered, span)
    so_far = (0, 0)
    found: Step | None = None
    for start, end in _between({*total, *covered}, first, last):
        so_far = so_far[0] + covered[start], so_far[1] + total[start]
        if found and (found.covered, found.total) != so_far:
            yield found
            found = None
        found = Step(*so_far, found.first_day if found else start, end)
    if found:
        yield found


def _count(turns: Counter[date], stretch: Lane | Span) -> None:
    turns[stretch.first_day] += 1
    turns[stretch.last_day + ONE_DAY] -= 1


def _of_day(stretches: Sequence[_Stretch], day: date) -> _Stretch | None:
    """Return the stretch the day lies in, from stretches in order."""
    at = bisect_right(stretches, day, key=lambda one: one.first_day) - 1
    return stretches[at] if at >= 0 and day <= stretches[at].last_day else None
