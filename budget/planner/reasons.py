"""Why is each item in, what does leaving it out save, what stays uncovered and why, and what breaks if a house closes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from budget.planner.answer import Closing, PlannedSlot, Uncovered, WhyUncovered
from budget.planner.checks import why_left_out
from budget.planner.coverage import Solved, money_needed
from budget.planner.lanes import LaneView
from budget.planner.question import Candidate, Question
from budget.planner.slots import Draft
from budget.planner.tours import NEVER
from budget.planner.unpack import TourStop, tour_cost
from budget.planner.workspace import Workspace
from locations.wording import NBSP, WEEKDAYS, euro


def euros(cents: float) -> str:
    """Return "1.234,50 €"."""
    return euro(Decimal(round(cents)) / 100)


def listed(names: Sequence[str]) -> str:
    """Return "A, B und C"."""
    return " und ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def with_reasons(
    workspace: Workspace, drafts: Sequence[Draft], slots: Sequence[PlannedSlot]
) -> tuple[PlannedSlot, ...]:
    """Return the slots with the reason why each is in and what leaving it out saves."""
    found = []
    for number, (draft, slot) in enumerate(zip(drafts, slots, strict=True)):
        same_tour = [at for at, other in enumerate(drafts) if other.lane == draft.lane]
        found.append(
            replace(
                slot,
                reason=_reason(workspace, draft, [drafts[at] for at in same_tour if at != number]),
                saving=_saving(workspace, draft, [drafts[at] for at in same_tour], number, drafts),
            )
        )
    return tuple(found)


def _saving(workspace: Workspace, draft: Draft, tour: Sequence[Draft], number: int, drafts: Sequence[Draft]) -> int:
    view = LaneView(workspace.instance, draft.lane)
    stops = [TourStop(one.house, one.start) for one in tour]
    without = [TourStop(one.house, one.start) for one in tour if one is not drafts[number]]
    return round(tour_cost(view, stops) - tour_cost(view, without))


def _reason(workspace: Workspace, draft: Draft, others: Sequence[Draft]) -> str:
    instance = workspace.instance
    house = instance.houses[draft.house]
    parts = [_choice(workspace, draft, house)]
    if others:
        parts.append(f"liegt auf einer Fahrt mit {listed([instance.houses[one.house].name for one in others])}")
    if not (house.rent_per_date.high or house.rent_per_month.high):
        parts.append("verlangt keine Miete")
    if not house.equipment.high:
        parts.append("braucht keine Ausstattung")
    if house.key in workspace.question.wishes.wanted:
        parts.append("ist gewünscht")
    text = listed([part for part in parts if part]) or "gehört zum günstigsten Plan"
    return f"{house.name} {text}."


def _choice(workspace: Workspace, draft: Draft, house: Candidate) -> str:
    """Return how much choice there was in the municipality."""
    instance = workspace.instance
    name = _name(workspace.question, house.municipality)
    rivals = [row for row, one in enumerate(instance.houses) if one.municipality == house.municipality]
    free = [row for row in rivals if instance.house_starts[row].any()]
    if free == [draft.house]:
        return f"ist die einzige nutzbare Einrichtung in {name}"
    on_the_day = [row for row in free if LaneView(instance, draft.lane).usable[row]]
    weekday = WEEKDAYS[draft.lane.weekday].lower()
    if on_the_day == [draft.house]:
        counsellor = instance.counsellors[draft.lane.counsellor].name
        return f"ist die einzige Einrichtung in {name}, die {weekday}s frei ist, wenn {counsellor} fahren kann"
    choice = f"{len(on_the_day)}{NBSP}{weekday}s freien Einrichtungen in {name}"
    return f"ist von {choice} die, mit der der Plan am wenigsten kostet" if on_the_day else ""


def _name(question: Question, municipality: int) -> str:
    return next(one.name for one in question.municipalities if one.key == municipality)


def uncovered(workspace: Workspace, found: Solved) -> tuple[Uncovered, ...]:
    """Return the municipalities left without an appointment, each with the first thing that is missing."""
    served = {slot.municipality for slot in found.plan.slots} | workspace.covered
    left = [one for one in workspace.question.municipalities if one.key not in served]
    return tuple(_why(workspace, found, one.key, one.name) for one in left)


def _why(workspace: Workspace, found: Solved, key: int, name: str) -> Uncovered:
    rows = [row for row, house in enumerate(workspace.instance.houses) if house.municipality == key]
    if not rows:
        return Uncovered(key, WhyUncovered.NO_CANDIDATE, _no_candidate(workspace.question, key, name))
    node = next((at for at, one in enumerate(workspace.nodes) if one.municipality == key), -1)
    costs = workspace.table.costs
    if node < 0 or not costs.size or int(costs[:, node].min(initial=NEVER)) >= NEVER:
        return _nobody_comes(workspace, rows, key, name)
    return _left_over(workspace, found, key, name)


def _no_candidate(question: Question, key: int, name: str) -> str:
    houses = [house for house in question.candidates if house.municipality == key]
    if not houses:
        return f"{name}: Es ist keine Einrichtung angegeben, die das Ziel erfüllt."
    reasons = [why_left_out(question, house) for house in houses if house.key not in question.wishes.excluded]
    return f"{name}: " + (" ".join(reasons) if reasons else "Alle Einrichtungen sind ausgeschlossen.")


def _nobody_comes(workspace: Workspace, rows: list[int], key: int, name: str) -> Uncovered:
    views = [LaneView(workspace.instance, lane) for lane in workspace.lanes]
    needed = workspace.question.dates_needed
    if all(int(np.max(view.counts[rows], initial=0)) < needed for view in views):
        dates = f"{needed}{NBSP}Termine" if needed > 1 else "ein Termin"
        sentence = f"{name}: In keinem erlaubten Rhythmus finden dort mindestens {dates} statt."
        return Uncovered(key, WhyUncovered.NO_DATES, sentence)
    sentence = f"{name}: Keine Fachkraft ist zu einer Zeit frei, zu der eine Einrichtung frei ist."
    return Uncovered(key, WhyUncovered.NO_COUNSELLOR, sentence)


def _left_over(workspace: Workspace, found: Solved, key: int, name: str) -> Uncovered:
    """Return that the tours or the money do not suffice for all."""
    point = found.points.get(found.gained + 1)
    if point is None or not point.is_possible:
        sentence = f"{name}: Die Fachkräfte können an ihren freien Tagen nicht alle Gemeinden anfahren."
        return Uncovered(key, WhyUncovered.NO_ROOM_IN_TOURS, sentence)
    if point.cost is None or not point.is_proven:
        return Uncovered(key, WhyUncovered.UNKNOWN, f"{name}: Ob das Geld reichen könnte, ist nicht bewiesen.")
    missing = max(0, money_needed(workspace.question, point.cost) - workspace.question.money)
    sentence = f"{name}: Das Geld reicht nicht; für eine weitere Gemeinde fehlen mindestens {euros(missing)}."
    return Uncovered(key, WhyUncovered.NO_MONEY, sentence, missing)


def closings(question: Question, slots: Sequence[PlannedSlot]) -> tuple[Closing, ...]:
    """Return, for each house in use, the municipalities that lose their only appointment when it closes."""
    in_use: dict[int, set[int]] = {one.key: set(one.covered_by) for one in question.municipalities}
    for slot in slots:
        in_use[slot.municipality].add(slot.institution)
    names = dict(question.names) | {slot.institution: slot.name.strip() for slot in question.existing}
    names |= dict(question.names)
    found = []
    for house in sorted({house for houses in in_use.values() for house in houses}):
        lost = [one for one in question.municipalities if in_use[one.key] == {house}]
        name = names.get(house, str(house))
        found.append(Closing(house, name, tuple(one.key for one in lost), _closing(name, [one.name for one in lost])))
    return tuple(found)


def _closing(name: str, lost: Sequence[str]) -> str:
    if not lost:
        return f"Schließt {name}, bleibt jede Gemeinde versorgt."
    verb = "verliert" if len(lost) == 1 else "verlieren"
    return f"Schließt {name}, {verb} {listed(lost)} den einzigen Termin."
