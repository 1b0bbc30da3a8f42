"""What does each slot of a plan cost, line by line, and does the product itself see no clash? Its own functions decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal

from appointments.conflicts import Booking, Conflict, Diary
from appointments.occurrences import Series, held
from budget.costs import Range, rounded
from budget.planner.answer import CostSplit, PlannedSlot
from budget.planner.instance import Instance, series_of
from budget.planner.lanes import Lane
from budget.planner.question import NO_CENTS, Candidate, Cents, Question, TravelPrice
from budget.travel import Stop, shared_km

CENTS_A_EURO = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """A slot of a tour before it is priced: house by row, start in minutes of the day."""

    lane: Lane
    house: int
    start: int


@dataclass(frozen=True, slots=True)
class Priced:
    """The slots of a plan with their lines, and how the travel of existing slots changes."""

    slots: tuple[PlannedSlot, ...]
    cost: CostSplit
    existing_change: Cents

    @property
    def total(self) -> Cents:
        """Return what the district spends more."""
        return self.cost.total + self.existing_change


def clock(minutes: int) -> time:
    """Return the time of a minute of the day."""
    return time(minutes // 60, minutes % 60)


def series(instance: Instance, draft: Draft) -> Series:
    """Return the slot as dates see it."""
    house = instance.houses[draft.house]
    every = series_of(instance.question, house, draft.lane.weekday)
    return replace(every, rule=draft.lane.rule, start=clock(draft.start), end=clock(draft.start + instance.length))


def priced(instance: Instance, drafts: Sequence[Draft]) -> Priced:
    """Return the slots with dates and lines as the budget page prints them."""
    question = instance.question
    ends = question.first_day, question.last_day
    dates = [tuple(one.day for one in held(series(instance, draft), question.calendar, *ends)) for draft in drafts]
    shares, changes = _kilometres(instance, drafts, dates)
    paid_once: set[int] = set()
    slots = []
    for number, (draft, days) in enumerate(zip(drafts, dates, strict=True)):
        house = instance.houses[draft.house]
        once = _once(instance, house) if house.key not in paid_once else CostSplit()
        paid_once.add(house.key)
        slots.append(_slot(instance, draft, days, shares[number], once))
    return Priced(
        tuple(slots),
        sum((slot.cost for slot in slots), start=CostSplit()),
        sum((_travel(question, km) for km in changes.values()), start=NO_CENTS),
    )


def _slot(
    instance: Instance, draft: Draft, days: tuple[date, ...], km: dict[TravelPrice, float], once: CostSplit
) -> PlannedSlot:
    house, counsellor = instance.houses[draft.house], instance.counsellors[draft.lane.counsellor]
    rent = house.rent_per_date.times(len(days))
    return PlannedSlot(
        institution=house.key,
        municipality=house.municipality,
        counsellor=counsellor.key,
        weekday=draft.lane.weekday,
        rule=draft.lane.rule,
        start=clock(draft.start),
        end=clock(draft.start + instance.length),
        dates=days,
        kilometres=sum(km.values()),
        cost=CostSplit(travel=_travel(instance.question, km), rent=rent) + once,
        topics=counsellor.topics,
    )


def _once(instance: Instance, house: Candidate) -> CostSplit:
    """Return what a house costs once; nothing where it has a slot already."""
    if instance.opening_of(house) == NO_CENTS:
        return CostSplit()
    return CostSplit(rent=house.rent_per_month.times(instance.months), equipment=house.equipment)


def _travel(question: Question, kilometres: dict[TravelPrice, float]) -> Cents:
    """Return the travel lines, one a price, each rounded once as budget.costs does."""
    lines = [_line(kilometres[price], price.eur_per_km) for price in question.prices if price in kilometres]
    return sum(lines, start=NO_CENTS)


def _line(kilometres: float, price: Range) -> Cents:
    quantity = Decimal(str(kilometres))
    return Cents(*(int(rounded(quantity * unit) * CENTS_A_EURO) for unit in (price.low, price.likely, price.high)))


Kilometres = dict[TravelPrice, float]


def _kilometres(
    instance: Instance, drafts: Sequence[Draft], dates: Sequence[tuple[date, ...]]
) -> tuple[list[Kilometres], dict[int, Kilometres]]:
    """Return each new slot's part of the tours, and by how much the parts of existing slots change."""
    shares: list[Kilometres] = [defaultdict(float) for _ in drafts]
    changes: dict[int, Kilometres] = defaultdict(lambda: defaultdict(float))
    tours: dict[tuple[int, date], list[int]] = defaultdict(list)
    for number, (draft, days) in enumerate(zip(drafts, dates, strict=True)):
        for day in days:
            tours[draft.lane.counsellor, day].append(number)
    for (counsellor, day), numbers in sorted(tours.items()):
        price = next(one for one in instance.question.prices if one.first_day <= day <= one.last_day)
        old = _old_stops(instance, counsellor, day)
        new = [_new_stop(instance, drafts[number], number) for number in numbers]
        base = instance.counsellors[counsellor].base
        if base is None:
            raise ValueError("a counsellor without a base is not usable")
        detour = instance.question.travel.detour_factor
        before, after = shared_km(base, old, detour), shared_km(base, old + new, detour)
        for number in numbers:
            shares[number][price] += after[_key(number)]
        for key, km in before.items():
            changes[key][price] += after[key] - km
    return shares, changes


def _key(number: int) -> int:
    """Return a key for a new slot that no stored one has, nor one of the plan that stands as existing in stage 3."""
    return -(10**9) - number


def _new_stop(instance: Instance, draft: Draft, number: int) -> Stop:
    point = instance.houses[draft.house].point
    if point is None:
        raise ValueError("a house without a point is not usable")
    return Stop(_key(number), clock(draft.start), point)


def _old_stops(instance: Instance, counsellor: int, day: date) -> list[Stop]:
    visits = [(visit, instance.existing[visit.slot]) for visit in instance.visits_of(counsellor, day)]
    return [Stop(slot.key, clock(visit.start), slot.point) for visit, slot in visits if slot.point is not None]


def clashes(instance: Instance, drafts: Sequence[Draft]) -> list[tuple[int, Conflict]]:
    """Return the drafts, by number, that clash with existing slots or with earlier drafts. A house counts as one room."""
    question = instance.question
    diary = Diary(_existing(instance), question.travel, question.first_day, question.last_day)
    found = []
    for number, draft in enumerate(drafts):
        key = instance.houses[draft.house].key
        booking = Booking(
            slot=_key(number),
            series=series(instance, draft),
            calendar=question.calendar,
            place=key,
            counsellors=frozenset({instance.counsellors[draft.lane.counsellor].key}),
            room=key,
        )
        first = diary.conflicts(booking).first
        if first is not None:
            found.append((number, first))
        diary.add(booking)
    return found


def _existing(instance: Instance) -> list[Booking]:
    return [
        Booking(
            slot=slot.key,
            series=slot.series,
            calendar=instance.question.calendar,
            place=slot.institution,
            counsellors=frozenset(slot.counsellors),
            room=slot.institution,
        )
        for slot in instance.existing
    ]
