"""Which plans come next, and how do they differ visibly? As many municipalities, other counsellors or weekdays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from budget.planner.answer import Alternative, PlannedSlot, Proof, ProofStatus
from budget.planner.coverage import Solved, overfull
from budget.planner.exact import Cut, Found, among
from budget.planner.master import Master, Tour
from budget.planner.slots import clashes, priced
from budget.planner.ways import Floats
from budget.planner.workspace import Workspace
from locations.wording import WEEKDAYS

HOW_MANY = 2
SHARE_THAT_DIFFERS = 4  # at least every fourth municipality has another counsellor or weekday, or none

Visits = dict[int, tuple[int, int]]


def next_best(workspace: Workspace, found: Solved) -> tuple[Alternative, ...]:
    """Return the two next-best plans for as many municipalities, each visibly unlike the plan and one another."""
    if not found.tours:
        return ()
    plans = [found.tours]
    alternatives: list[Alternative] = []
    while len(alternatives) < HOW_MANY:
        following = _next(workspace, found, plans)
        if following.tours is None:
            break
        plans.append(following.tours)
        one = _alternative(workspace, found, following)
        if one is not None:
            alternatives.append(one)
        elif len(plans) > 3 * HOW_MANY:
            break
    return tuple(alternatives)


def visits(master: Master, tours: Sequence[Tour]) -> Visits:
    """Return the counsellor and weekday by which each node is served."""
    found: Visits = {}
    for tour in tours:
        lane = master.table.lanes[master.groups[tour.group].lanes[0]]
        for node in master.table.sets.members[tour.number][: master.sizes[tour.number]]:
            found[int(node)] = lane.counsellor, lane.weekday
    return found


def must_differ(served: int) -> int:
    """Return in how many municipalities a plan has to differ to be another one in a reader's eyes."""
    return max(1, -(-served // SHARE_THAT_DIFFERS))


def _next(workspace: Workspace, found: Solved, plans: Sequence[Sequence[Tour]]) -> Found:
    known = [visits(found.master, tours) for tours in plans]

    def cuts(tours: Sequence[Tour]) -> list[Cut]:
        return [Cut(_alike(found.master, tours, plan), len(plan) - must_differ(len(plan))) for plan in known]

    return among(found.master, found.gained, workspace.question.effort, cuts)


def _alike(master: Master, tours: Sequence[Tour], plan: Visits) -> Floats:
    """Return how many nodes each tour serves as the plan does."""
    own = [visits(master, [tour]) for tour in tours]
    return np.array([float(sum(plan.get(node) == how for node, how in one.items())) for one in own])


def _alternative(workspace: Workspace, found: Solved, following: Found) -> Alternative | None:
    drafts = workspace.drafts(found.master, following.tours or ())
    full = overfull(workspace, workspace.table, found.master, following.tours or ())
    if full or clashes(workspace.instance, drafts):
        return None
    plan = priced(workspace.instance, drafts)
    extra = workspace.instance.measured(plan.total) - found.measured
    proof = following.proof
    if proof.is_proven and not found.points[found.gained].is_proven:
        proof = Proof(ProofStatus.BOUNDED, proof.value, proof.bound, proof.gap)
    return Alternative(plan.slots, plan.cost, extra, proof, differences(workspace, found.plan.slots, plan.slots))


def differences(workspace: Workspace, plan: Sequence[PlannedSlot], other: Sequence[PlannedSlot]) -> tuple[str, ...]:
    """Return a German sentence for each municipality that is served differently."""
    before = {slot.municipality: slot for slot in plan}
    after = {slot.municipality: slot for slot in other}
    names = {one.key: one.name for one in workspace.question.municipalities}
    found = []
    for key in sorted(before.keys() | after.keys()):
        if (sentence := _difference(workspace, before.get(key), after.get(key))) is not None:
            found.append(f"{names[key]}: {sentence}")
    return tuple(found)


def _difference(workspace: Workspace, before: PlannedSlot | None, after: PlannedSlot | None) -> str | None:
    if after is None:
        return "kein Termin."
    if before is None:
        return f"zusätzlich {_told(workspace, after)}."
    if _seen(before) == _seen(after):
        return None
    return f"{_changed(workspace, before, after)}."


def _seen(slot: PlannedSlot) -> tuple[int, int, int]:
    return slot.institution, slot.counsellor, slot.weekday


def _changed(workspace: Workspace, before: PlannedSlot, after: PlannedSlot) -> str:
    """Return what is different: weekday, house or counsellor, each with what it takes the place of."""
    pairs = [
        (f"{WEEKDAYS[slot.weekday].lower()}s", workspace.question.names[slot.institution], _counsellor(workspace, slot))
        for slot in (after, before)
    ]
    return ", ".join(f"{new} statt {old}" for new, old in zip(*pairs, strict=True) if new != old)


def _told(workspace: Workspace, slot: PlannedSlot) -> str:
    house = workspace.question.names[slot.institution]
    return f"{WEEKDAYS[slot.weekday].lower()}s in {house} mit {_counsellor(workspace, slot)}"


def _counsellor(workspace: Workspace, slot: PlannedSlot) -> str:
    return next(one.name for one in workspace.question.counsellors if one.key == slot.counsellor)
