"""Is there a fixed appointment in every municipality on that day, and which rows prove it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from appointments.occurrences import Calendar, Series, is_held_within
from locations.succession import Term, municipality_on

DAYS_LOOKED_AHEAD = 92  # DESIGN rule 4: at least one date really held in the 92 days from the day, the day included


class CoverageState(StrEnum):
    """How far a municipality has come, best first."""

    COVERED = "covered"
    AGREED = "agreed"
    PROPOSED = "proposed"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class TargetRule:
    """What counts: houses of these kinds, at least so many of them in a municipality."""

    kinds: frozenset[str]
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class House:
    """An institution as coverage sees it; `municipality` is the one it was entered under."""

    key: int
    municipality: int
    kind: str
    first_day: date
    last_day: date | None = None

    def operates(self, day: date) -> bool:
        """Return whether the house is in operation on the day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def ends_before(self, day: date) -> bool:
        """Return whether the house is gone for good before the day."""
        return self.last_day is not None and self.last_day < day


@dataclass(frozen=True, slots=True)
class SlotFact:
    """A slot as coverage sees it. `series` ends with the validity, the house, or the withdrawal, whichever is first."""

    key: int
    house: int
    series: Series
    proposed_on: date
    agreed_on: date | None = None
    published_on: date | None = None
    withdrawn_on: date | None = None

    def is_known(self, day: date) -> bool:
        """Return whether it had been proposed, and not withdrawn, by the day."""
        return self.proposed_on <= day and (self.withdrawn_on is None or day < self.withdrawn_on)

    def is_published(self, day: date) -> bool:
        """Return whether families could see it by the day."""
        return self.published_on is not None and self.published_on <= day

    def is_agreed(self, day: date) -> bool:
        """Return whether house and provider had agreed by the day."""
        return self.agreed_on is not None and self.agreed_on <= day

    def is_valid(self, day: date) -> bool:
        """Return whether the day lies in its validity."""
        return self.series.first_day <= day and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Return whether its last day lies before the day."""
        return self.series.last_day is not None and self.series.last_day < day


@dataclass(frozen=True, slots=True)
class MunicipalityCoverage:
    """One municipality on one day. Tuples hold keys of slots, `institutions` those of the houses that count."""

    municipality: int
    state: CoverageState
    institutions: tuple[int, ...] = ()
    proving_slots: tuple[int, ...] = ()
    agreed_slots: tuple[int, ...] = ()
    proposed_slots: tuple[int, ...] = ()
    slots_not_counting: tuple[int, ...] = ()
    hangs_on_one: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """All municipalities that exist on the day. The denominator is `total`."""

    day: date
    municipalities: tuple[MunicipalityCoverage, ...]

    @property
    def covered(self) -> int:
        """Return how many municipalities are covered."""
        return sum(row.state is CoverageState.COVERED for row in self.municipalities)

    @property
    def total(self) -> int:
        """Return how many municipalities exist on the day."""
        return len(self.municipalities)

    @property
    def target_met(self) -> bool | None:
        """Return whether every municipality is covered; None where there is none to count."""
        return self.covered == self.total if self.municipalities else None


class Placed(NamedTuple):
    """A slot that adds something on a day: its house, the municipality it lies in by then, and what it adds."""

    fact: SlotFact
    house: House
    municipality: int
    state: CoverageState


class _Tally:
    """What one municipality has on the day."""

    def __init__(self) -> None:
        self.houses: dict[CoverageState, set[int]] = defaultdict(set)
        self.slots: dict[CoverageState, list[int]] = defaultdict(list)
        self.not_counting: list[int] = []

    def add(self, state: CoverageState, fact: SlotFact) -> None:
        self.houses[state].add(fact.house)
        self.slots[state].append(fact.key)


def best_state(houses: Mapping[CoverageState, Collection[int]], minimum: int) -> CoverageState:
    """Return the best state the distinct houses reach, each step counting those of the steps above."""
    reached: set[int] = set()
    for state in (CoverageState.COVERED, CoverageState.AGREED, CoverageState.PROPOSED):
        reached.update(houses.get(state, ()))
        if len(reached) >= minimum:
            return state
    return CoverageState.GAP


def coverage(
    day: date,
    target: TargetRule,
    terms: Mapping[int, Term],
    houses: Mapping[int, House],
    slots: Iterable[SlotFact],
    calendar: Calendar,
) -> Coverage:
    """Return the coverage on the day of every municipality that exists then, in the order of `terms`."""
    return counted(day, target, terms, placed(day, terms, houses, slots, calendar))


def placed(
    day: date,
    terms: Mapping[int, Term],
    houses: Mapping[int, House],
    slots: Iterable[SlotFact],
    calendar: Calendar,
) -> list[Placed]:
    """Return the slots known on the day that add something then, whatever a target asks for."""
    homes = {
        entered: municipality_on(terms, entered, day) for entered in {house.municipality for house in houses.values()}
    }
    found = []
    for fact in slots:
        house = houses[fact.house]
        # A slot that begins later is looked for where its house will be by then.
        municipality = homes[house.municipality]
        if municipality is None or not fact.is_known(day):
            continue
        if state := contribution(day, fact, house, calendar):
            found.append(Placed(fact, house, municipality, state))
    return found


def counted(day: date, target: TargetRule, terms: Mapping[int, Term], slots: Iterable[Placed]) -> Coverage:
    """Return the coverage on the day from the slots placed on it."""
    tallies = {key: _Tally() for key, term in terms.items() if term.contains(day)}
    for fact, house, municipality, state in slots:
        if can_count(fact, house, target):
            tallies[municipality].add(state, fact)
        elif state is CoverageState.COVERED:
            tallies[municipality].not_counting.append(fact.key)
    return Coverage(day, tuple(_row(key, tally, target.minimum) for key, tally in tallies.items()))


def can_count(fact: SlotFact, house: House, target: TargetRule) -> bool:
    """Return whether the slot is of the sort the target asks for: a rhythm, in a house of its kinds."""
    return house.kind in target.kinds and fact.series.rule.is_recurring


def contribution(day: date, fact: SlotFact, house: House, calendar: Calendar) -> CoverageState | None:
    """Return what the slot, known on the day, adds then; None where it adds nothing."""
    if fact.is_over(day) or house.ends_before(max(day, fact.series.first_day)):
        return None
    if fact.is_published(day) and fact.is_valid(day) and house.operates(day):
        last = day + timedelta(days=DAYS_LOOKED_AHEAD - 1)
        return CoverageState.COVERED if is_held_within(fact.series, calendar, day, last) else None
    if not _takes_place_at_all(fact.series, calendar):
        return None
    return CoverageState.AGREED if fact.is_agreed(day) else CoverageState.PROPOSED


def _takes_place_at_all(series: Series, calendar: Calendar) -> bool:
    """Return whether a slot that has not begun has a date in its first year: one that never takes place is no promise."""
    return is_held_within(series, calendar, series.first_day, series.first_day + timedelta(days=365))


def _row(key: int, tally: _Tally, minimum: int) -> MunicipalityCoverage:
    state = best_state(tally.houses, minimum)
    houses = tally.houses[CoverageState.COVERED]
    return MunicipalityCoverage(
        municipality=key,
        state=state,
        institutions=tuple(sorted(houses)),
        proving_slots=tuple(tally.slots[CoverageState.COVERED]),
        agreed_slots=tuple(tally.slots[CoverageState.AGREED]),
        proposed_slots=tuple(tally.slots[CoverageState.PROPOSED]),
        slots_not_counting=tuple(tally.not_counting),
        hangs_on_one=state is CoverageState.COVERED and len(houses) == minimum,
    )
