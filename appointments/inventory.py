"""Who counsels where on what, how many hours a month: what is missing, and what may be there twice?

What counts as there: a slot that runs on the day as `coverage.contribution` says, whatever the house. Its hours are those of
the dates held in the twelve months from the day.

A gap is an empty field for which the data themselves say that the topic is wanted there (nobody's searches are stored): a
slot is under way, one ended within the last twelve months, or more than half of the municipalities have the topic. A topic
that nobody offers anywhere is told once and not as a gap of every municipality.

Possibly double: two providers, one topic, one municipality, at the same time on at least three days of the twelve months.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Final

from appointments.coverage import CoverageState, House, SlotFact, contribution
from appointments.occurrences import Calendar, Occurrence, Series, held
from locations.succession import Term, municipality_on
from locations.wording import NBSP, date_full, number, time_range, weekday

MONTHS: Final = 12
FEWEST_DAYS_ALIKE: Final = 3  # a single date moved onto another is no double structure
LATE: Final = 16 * 60  # from 16 Uhr on, when most parents are back from work


@dataclass(frozen=True, slots=True)
class Stock:
    """A slot as the inventory sees it. `step_free` is of its house; None: not known."""

    fact: SlotFact
    provider: int
    topics: frozenset[int]
    guidelines: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    step_free: bool | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One topic in one municipality: the slots that run, who offers them, and the minutes held in twelve months."""

    topic: int
    municipality: int
    slots: tuple[int, ...] = ()
    providers: tuple[int, ...] = ()
    minutes: int = 0

    @property
    def hours_a_month(self) -> Decimal:
        """Return the hours a month, not rounded."""
        return hours_a_month(self.minutes)


class GapReason(StrEnum):
    """Why an empty field is a gap, the strongest first."""

    UNDER_WAY = "under_way"
    LOST = "lost"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty field where the topic is wanted, with the reason in words."""

    topic: int
    municipality: int
    reason: GapReason
    text: str


@dataclass(frozen=True, slots=True)
class Double:
    """Two slots that may be one too many: `days` is on how many days both are held at the same time.

    Where each speaks a language the other does not, both are needed and probably wanted.
    """

    municipality: int
    topics: tuple[int, ...]
    slots: tuple[int, int]
    days: int
    is_in_one_house: bool
    each_speaks_more: bool
    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """n of m, where of some it is not known."""

    count: int
    total: int
    unknown: int = 0

    @property
    def text(self) -> str:
        """Return "15 von 24, bei 4 nicht bekannt"."""
        rest = f", bei {number(self.unknown)} nicht bekannt" if self.unknown else ""
        return f"{number(self.count)} von {number(self.total)}{rest}"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The matrix and what follows from it. `fields` has every topic in every municipality, empty ones too.

    `minutes` are of all slots and `minutes_of` by municipality: a slot with two topics counts in both rows and here once.
    `guidelines` and `languages` tell on how many of the running slots they are named. `late` is of hours held.
    """

    first_day: date
    last_day: date
    topics: tuple[int, ...]
    municipalities: tuple[int, ...]
    fields: Mapping[tuple[int, int], Field]
    gaps: tuple[Gap, ...]
    nowhere: tuple[int, ...]
    doubles: tuple[Double, ...]
    slots: int
    minutes: int
    minutes_of: Mapping[int, int]
    guidelines: Mapping[int, int]
    languages: Mapping[str, int]
    step_free: Share
    late: Share

    @property
    def empty(self) -> Share:
        """Return how many of the fields are empty."""
        return Share(sum(not field.slots for field in self.fields.values()), len(self.fields))

    def minutes_of_topic(self, topic: int) -> int:
        """Return the minutes of the topic in all municipalities."""
        return sum(self.fields[topic, municipality].minutes for municipality in self.municipalities)


def hours_a_month(minutes: int) -> Decimal:
    """Return the hours a month for the minutes of twelve months, not rounded."""
    return Decimal(minutes) / 60 / MONTHS


def per_thousand(minutes: int, people: int | None) -> Decimal | None:
    """Return the hours a month per 1,000 people, not rounded; None where nobody knows how many, or there are none."""
    return hours_a_month(minutes) * 1000 / people if people else None


def year_from(day: date) -> tuple[date, date]:
    """Return the twelve months from the day, both ends inclusive."""
    leap_day = (day.month, day.day) == (2, 29)
    return day, date(day.year + 1, 2, 28) if leap_day else day.replace(year=day.year + 1) - timedelta(days=1)


def inventory(
    day: date,
    topics: Sequence[int],
    terms: Mapping[int, Term],
    houses: Mapping[int, House],
    stocks: Iterable[Stock],
    calendar: Calendar,
) -> Inventory:
    """Return the inventory of the day, in the order of topics and terms. The calendar must reach a year beyond the day."""
    municipalities = tuple(key for key, term in terms.items() if term.contains(day))
    placed = _placed(day, terms, houses, stocks, calendar)
    running = [one for one in placed if one.state is CoverageState.COVERED]
    fields = {
        (topic, key): _field(topic, key, [one for one in group if topic in one.stock.topics])
        for key, group in _by_municipality(running, municipalities).items()
        for topic in topics
    }
    return Inventory(
        *year_from(day),
        topics=tuple(topics),
        municipalities=municipalities,
        fields=fields,
        gaps=tuple(_gaps(day, topics, municipalities, fields, placed)),
        nowhere=tuple(topic for topic in topics if not any(fields[topic, key].slots for key in municipalities)),
        doubles=tuple(_doubles(running, municipalities)),
        slots=len(running),
        minutes=sum(one.dates.minutes for one in running),
        minutes_of={
            key: sum(one.dates.minutes for one in group)
            for key, group in _by_municipality(running, municipalities).items()
        },
        guidelines=Counter(guideline for one in running for guideline in one.stock.guidelines),
        languages=Counter(language for one in running for language in one.stock.languages),
        step_free=Share(
            count=sum(one.stock.step_free is True for one in running),
            total=len(running),
            unknown=sum(one.stock.step_free is None for one in running),
        ),
        late=Share(sum(one.dates.late_minutes for one in running), sum(one.dates.minutes for one in running)),
    )


@dataclass(frozen=True, slots=True)
class _Dates:
    """The dates of a slot held in the twelve months, with their minutes and those from 16 Uhr on."""

    held: Sequence[Occurrence] = ()
    minutes: int = 0
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A slot in the municipality of the day; `ended_on` is the last day of one that is over."""

    stock: Stock
    municipality: int
    state: CoverageState | None
    dates: _Dates
    ended_on: date | None = None


def _placed(
    day: date,
    terms: Mapping[int, Term],
    houses: Mapping[int, House],
    stocks: Iterable[Stock],
    calendar: Calendar,
) -> list[_Placed]:
    """Return the slots known on the day, or ended before it, in a municipality of the day."""
    expanded = _expander(calendar, *year_from(day))
    found = []
    for stock in stocks:
        house = houses[stock.fact.house]
        municipality = municipality_on(terms, house.municipality, day)
        if municipality is None or stock.fact.proposed_on > day:
            continue
        state = contribution(day, stock.fact, house, calendar) if stock.fact.is_known(day) else None
        dates = expanded(stock.fact.series) if state is CoverageState.COVERED else _Dates()
        found.append(_Placed(stock, municipality, state, dates, _ended_on(day, stock.fact, house)))
    return found


def _expander(calendar: Calendar, first: date, last: date) -> Callable[[Series], _Dates]:
    """Return what expands a series over the window: many slots of a large district have the same dates."""
    known: dict[object, _Dates] = {}

    def expand(series: Series) -> _Dates:
        closed = series.pauses_in_school_holidays, series.closures, series.changes
        key = (series.rule, series.start, series.end, series.window(first, last), closed)
        if key not in known:
            known[key] = _dates(held(series, calendar, first, last))
        return known[key]

    return expand


def _dates(found: Sequence[Occurrence]) -> _Dates:
    hours = [(_minute(one.start), _minute(one.end)) for one in found]
    return _Dates(
        held=found,
        minutes=sum(end - start for start, end in hours),
        late_minutes=sum(max(0, end - max(LATE, start)) for start, end in hours),
    )


def _ended_on(day: date, fact: SlotFact, house: House) -> date | None:
    """Return the last day of a slot families could see, where it lies before the day."""
    withdrawn = fact.withdrawn_on - timedelta(days=1) if fact.withdrawn_on else None
    end = min((one for one in (fact.series.last_day, house.last_day, withdrawn) if one), default=date.max)
    begun = fact.published_on is not None and max(fact.published_on, fact.series.first_day, house.first_day) <= end
    return end if begun and end < day else None


def _by_municipality(placed: Iterable[_Placed], municipalities: Iterable[int]) -> dict[int, list[_Placed]]:
    found: dict[int, list[_Placed]] = {key: [] for key in municipalities}
    for one in placed:
        found[one.municipality].append(one)
    return found


def _field(topic: int, municipality: int, running: Sequence[_Placed]) -> Field:
    return Field(
        topic=topic,
        municipality=municipality,
        slots=tuple(one.stock.fact.key for one in running),
        providers=tuple(sorted({one.stock.provider for one in running})),
        minutes=sum(one.dates.minutes for one in running),
    )


# Gaps


def _gaps(
    day: date,
    topics: Iterable[int],
    municipalities: Sequence[int],
    fields: Mapping[tuple[int, int], Field],
    placed: Sequence[_Placed],
) -> Iterator[Gap]:
    """Yield the empty fields where the topic is wanted, each with the strongest reason."""
    under_way, ended = dict(_under_way(placed)), dict(_ended(day, placed))
    for topic in topics:
        having = sum(bool(fields[topic, key].slots) for key in municipalities)
        where = f"{number(having)} von {number(len(municipalities))}"
        for place in ((topic, key) for key in municipalities if not fields[topic, key].slots):
            if place in under_way:
                yield Gap(*place, GapReason.UNDER_WAY, under_way[place])
            elif place in ended:
                yield Gap(*place, GapReason.LOST, f"Bis zum {date_full(ended[place])} gab es hier einen festen Termin.")
            elif 2 * having > len(municipalities):
                yield Gap(*place, GapReason.USUAL, f"In {where} Gemeinden gibt es einen festen Termin, hier nicht.")


_UNDER_WAY: Final = {
    CoverageState.PROPOSED: "Ein fester Termin ist vorgeschlagen, läuft aber noch nicht.",
    CoverageState.AGREED: "Ein fester Termin ist vereinbart, läuft aber noch nicht.",
}


def _under_way(placed: Iterable[_Placed]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield where a slot of which topic is under way; what is agreed comes last and so stands."""
    placed = list(placed)
    for state, text in _UNDER_WAY.items():
        for one in placed:
            if one.state is state:
                yield from (((topic, one.municipality), text) for topic in one.stock.topics)


def _ended(day: date, placed: Iterable[_Placed]) -> Iterator[tuple[tuple[int, int], date]]:
    """Yield where a slot of which topic ended in the twelve months before the day, the latest end last."""
    ended = [(one.ended_on, one) for one in placed if one.ended_on and day <= year_from(one.ended_on)[1]]
    for end, one in sorted(ended, key=lambda pair: pair[0]):
        yield from (((topic, one.municipality), end) for topic in one.stock.topics)


# What may be there twice


def _doubles(running: Iterable[_Placed], municipalities: Iterable[int]) -> Iterator[Double]:
    """Yield the pairs of slots that may be one too many."""
    for group in _by_municipality(running, municipalities).values():
        for one, other in combinations(group, 2):
            if found := _possibly_double(one, other):
                yield found


def possibly_double(day: date, one: Stock, other: Stock, municipality: int, calendar: Calendar) -> Double | None:
    """Return what two slots of one municipality have in common in the twelve months from the day; None: nothing to tell.

    The same rule as in the inventory, for a slot that may not run yet.
    """
    expanded = _expander(calendar, *year_from(day))
    placed = [_Placed(stock, municipality, None, expanded(stock.fact.series)) for stock in (one, other)]
    return _possibly_double(*placed)


def _possibly_double(one: _Placed, other: _Placed) -> Double | None:
    topics = one.stock.topics & other.stock.topics
    if not topics or one.stock.provider == other.stock.provider:
        return None
    meetings = list(_meetings(one.dates.held, other.dates.held))
    enough = len({day for day, _, _ in meetings}) >= FEWEST_DAYS_ALIKE
    return _double(one, other, topics, meetings) if enough else None


def _meetings(dates: Iterable[Occurrence], others: Iterable[Occurrence]) -> Iterator[tuple[date, time, time]]:
    """Yield when two dates are held at the same time: day, start and end of what they share."""
    by_day: dict[date, list[Occurrence]] = defaultdict(list)
    for one in dates:
        by_day[one.day].append(one)
    for other in others:
        for one in by_day.get(other.day, ()):
            start, end = max(one.start, other.start), min(one.end, other.end)
            if start < end:
                yield other.day, start, end


def _double(
    one: _Placed, other: _Placed, topics: frozenset[int], meetings: Sequence[tuple[date, time, time]]
) -> Double:
    days = len({day for day, _, _ in meetings})
    usual = Counter((day.weekday(), start, end) for day, start, end in meetings).most_common(1)[0][0]
    in_one_house = one.stock.fact.house == other.stock.fact.house
    languages, others = one.stock.languages, other.stock.languages
    each_speaks_more = not languages <= others and not others <= languages
    day = next(day for day, _, _ in meetings if day.weekday() == usual[0])
    where = " im selben Haus" if in_one_house else ""
    when = f"meist {weekday(day).lower()}s {time_range(*usual[1:])}"
    wanted = (
        " Jeder spricht eine Sprache, die der andere nicht spricht: vermutlich gewollt." if each_speaks_more else ""
    )
    return Double(
        municipality=one.municipality,
        topics=tuple(sorted(topics)),
        slots=(one.stock.fact.key, other.stock.fact.key),
        days=days,
        is_in_one_house=in_one_house,
        each_speaks_more=each_speaks_more,
        text=f"Zwei Träger{where}, an {number(days)}{NBSP}Tagen in zwölf Monaten zur selben Zeit, {when}.{wanted}",
    )


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
