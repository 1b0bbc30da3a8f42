"""What does the extra sum buy? Further slots where most need is met, beside the plan that covers (stage 3).

The plan stays; its slots are stops on the tours like existing ones. Dates are bought, not furniture: only houses that are
in use already or cost nothing once. A house may hold two slots in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from appointments.recurrence import Monthly, Rule, Weekly
from budget.planner.answer import NeedPlan, Proof, ProofStatus
from budget.planner.coverage import Solved
from budget.planner.demands import Cap, limits
from budget.planner.instance import Instance, Node
from budget.planner.lanes import Lane, LaneView, all_lanes
from budget.planner.need_greedy import greedy_need
from budget.planner.need_master import NeedFound, NeedMaster
from budget.planner.need_rooms import Placed, Rooms, rooms_of
from budget.planner.question import NO_CENTS, Candidate, ExistingSlot, Question, Rhythm
from budget.planner.reasons import euros
from budget.planner.segments import hours_of_existing, need_met, segments, worth
from budget.planner.slots import Draft, clashes, priced, series
from budget.planner.tables import Table, table
from budget.planner.tours import NEVER
from budget.planner.ways import Floats
from budget.planner.workspace import Workspace, caps_of
from locations.wording import number

MOST_CELLS = 40_000_000
MOST_REPAIRS = 10
MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything stage 3 works with."""

    workspace: Workspace
    nodes: tuple[Node, ...]
    table: Table
    master: NeedMaster
    money: list[int]  # what may be spent, a little less than asked where rounding exceeded it


def need_plan(workspace: Workspace, found: Solved) -> NeedPlan | None:
    """Return what the extra sum buys; None where there is no extra sum or no house for more dates."""
    inner = Workspace(with_plan(workspace, found), workspace.cancelled)
    if not inner.question.extra_money or not inner.instance.houses or not inner.instance.counsellors:
        return None
    stage = stage_of(inner)
    if stage is None:
        return None
    effort = inner.question.effort
    best = stage.master.whole(stage.money[0], greedy_need(stage.master, stage.money[0]), effort)
    rooms = Rooms(inner.instance, stage.nodes, stage.master)
    for _ in range(MOST_REPAIRS):
        placed = rooms.best(stage.money[0], best, effort)
        drafts = rooms.drafts(placed)
        if not _forbid_clashes(rooms, placed, drafts) and not _over(stage, drafts):
            tours = tuple(one.tour for one in placed)
            return _told(stage, replace(best, tours=tours, points=stage.master.points(tours)), drafts)
    return None


def _over(stage: Stage, drafts: Sequence[Draft]) -> int:
    """Return by how many cents the printed lines exceed the sum, and ask for that much less the next time."""
    instance = stage.workspace.instance
    measured = instance.measured(priced(instance, merged(instance, drafts)).total)
    over = max(0, measured - instance.within(stage.workspace.question.extra_money))
    stage.money[0] -= over
    return over


def with_plan(workspace: Workspace, found: Solved) -> Question:
    """Return the question with the plan's slots as existing ones, and only houses that cost nothing more once."""
    question, instance = workspace.question, workspace.instance
    planned = []
    for place, draft in enumerate(found.drafts, start=1):
        house, counsellor = instance.houses[draft.house], instance.counsellors[draft.lane.counsellor]
        dates = series(instance, draft)
        planned.append(
            ExistingSlot(-place, house.name, house.key, house.municipality, (counsellor.key,), dates, house.point)
        )
    opened = {slot.institution for slot in (*question.existing, *planned)}
    free = [house for house in question.candidates if house.key in opened or _costs_nothing_once(house)]
    # Each house stands twice, so that two slots can follow each other in it.
    return replace(question, candidates=(*free, *free), existing=(*question.existing, *planned))


def _costs_nothing_once(house: Candidate) -> bool:
    return house.equipment == NO_CENTS and house.rent_per_month == NO_CENTS


def stage_of(inner: Workspace) -> Stage | None:
    """Return all lanes, nodes, tours and rows of stage 3; None where there is nothing to buy."""
    instance = inner.instance
    lanes_ = _lanes(instance)
    nodes = _nodes(instance, len(lanes_))
    if not nodes or not lanes_:
        return None
    costs = table(instance, nodes, lanes_, inner.cancelled)
    if not costs.lanes:
        return None
    _second_after_first(costs, nodes)
    left = segments(
        inner.question.municipalities, inner.question.need, hours_of_existing(instance, inner.question.need)
    )
    towns = [node.municipality for node in nodes]
    hours, rooms = _hours(instance, costs, nodes), rooms_of(instance, nodes, costs.lanes)
    master = NeedMaster(costs, limits(costs, together=False), _caps(inner, costs), left, hours, towns, rooms)
    return Stage(inner, nodes, costs, master, [instance.within(inner.question.extra_money)])


def _lanes(instance: Instance) -> list[Lane]:
    """Return all lanes; weekly is fortnightly twice where that is allowed."""
    found = [
        lane
        for counsellor in range(len(instance.counsellors))
        for weekday in range(7)
        if instance.counsellor_starts[counsellor, weekday].any()
        for lane in all_lanes(instance, counsellor, weekday)
    ]
    if Rhythm.FORTNIGHTLY in instance.question.rhythms:
        return [lane for lane in found if lane.rhythm is not Rhythm.WEEKLY]
    return found


def _nodes(instance: Instance, lanes_: int) -> tuple[Node, ...]:
    """Return a node for houses of one municipality that are open on the same days, twice where the table allows it."""
    alike: dict[tuple[int, bytes], list[int]] = {}
    for row, house in enumerate(instance.houses):
        days = b"".join(instance.week(weekday).is_open[row].tobytes() for weekday in range(7))
        alike.setdefault((house.municipality, days), []).append(row)
    firsts = [Node(key, tuple(rows[0::2])) for (key, _), rows in sorted(alike.items())]
    seconds = [Node(key, tuple(rows[1::2])) for (key, _), rows in sorted(alike.items())]
    if _cells(2 * len(firsts), lanes_) <= MOST_CELLS:
        return (*firsts, *seconds)
    return tuple(firsts) if _cells(len(firsts), lanes_) <= MOST_CELLS else ()


def _cells(nodes: int, lanes_: int) -> int:
    return lanes_ * (nodes + nodes * (nodes - 1) // 2 + nodes * (nodes - 1) * (nodes - 2) // 6)


def _second_after_first(costs: Table, nodes: Sequence[Node]) -> None:
    """Forbid sets with the second of two like nodes but not the first, for they say the same twice."""
    half = len(nodes) // 2
    if half == 0 or nodes[0].municipality != nodes[half].municipality:
        return
    members = costs.sets.members
    for second in range(half, len(nodes)):
        lonely = (members == second).any(axis=1) & ~(members == second - half).any(axis=1)
        costs.costs[:, lonely] = NEVER


def _caps(inner: Workspace, costs: Table) -> list[Cap]:
    """Return one cap for each set of lanes of a counsellor that meet in some week."""
    found: dict[frozenset[int], Cap] = {}
    for place, counsellor in enumerate(inner.instance.counsellors):
        for cap in caps_of(inner, costs, place) if counsellor.weekly_minutes is not None else ():
            found[cap.lanes] = min(found.get(cap.lanes, cap), cap, key=lambda one: one.stops)
    return list(found.values())


def _hours(instance: Instance, costs: Table, nodes: Sequence[Node]) -> Floats:
    """Return the hours a month, lane × node, that a slot of the node on the lane counts."""
    found = np.zeros((len(costs.lanes), len(nodes)))
    for place, lane in enumerate(costs.lanes):
        counts = LaneView(instance, lane).counts
        for at, node in enumerate(nodes):
            dates = int(counts[node.houses[0]])
            found[place, at] = dates * worth(instance, lane.counsellor, node.municipality)
    return found * instance.length / MINUTES_AN_HOUR / instance.months


def _forbid_clashes(rooms: Rooms, placed: Sequence[Placed], drafts: Sequence[Draft]) -> bool:
    """Forbid the tours in which the product finds a clash all the same, say by travel times that are no distances."""
    lanes_ = {drafts[place].lane for place, _ in clashes(rooms.instance, drafts)}
    rooms.forbidden |= {(one.tour.group, one.tour.number) for one in placed if rooms.lane(one.tour) in lanes_}
    return bool(lanes_)


def merged(instance: Instance, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Return the drafts with those of one counsellor, house and time written as one slot where a rule can say it."""
    alike: dict[tuple[int, int, int, int], list[Draft]] = {}
    for draft in drafts:
        key = (draft.lane.counsellor, draft.lane.weekday, instance.houses[draft.house].key, draft.start)
        alike.setdefault(key, []).append(draft)
    return tuple(one for _, group in sorted(alike.items()) for one in _joined(group))


def _joined(group: Sequence[Draft]) -> list[Draft]:
    by_rhythm = {
        rhythm: [one for one in group if one.lane.rhythm is rhythm] for rhythm in (Rhythm.FORTNIGHTLY, Rhythm.MONTHLY)
    }
    joined = [one for one in group if one.lane.rhythm is Rhythm.WEEKLY]
    fortnightly, monthly = by_rhythm[Rhythm.FORTNIGHTLY], by_rhythm[Rhythm.MONTHLY]
    if len(fortnightly) == 2:
        joined.append(_as(fortnightly, Rhythm.WEEKLY, Weekly((group[0].lane.weekday,))))
    else:
        joined += fortnightly
    if monthly:
        ordinals = [n for one in monthly if isinstance(one.lane.rule, Monthly) for n in one.lane.rule.ordinals]
        joined.append(_as(monthly, Rhythm.MONTHLY, Monthly((group[0].lane.weekday,), tuple(sorted(ordinals)))))
    return joined


def _as(group: Sequence[Draft], rhythm: Rhythm, rule: Rule) -> Draft:
    days = tuple(sorted({day for one in group for day in one.lane.days}))
    return replace(group[0], lane=replace(group[0].lane, rhythm=rhythm, rule=rule, days=days))


def _told(stage: Stage, best: NeedFound, drafts: Sequence[Draft]) -> NeedPlan:
    instance, question = stage.workspace.instance, stage.workspace.question
    plan = priced(instance, merged(instance, drafts))
    before = hours_of_existing(instance, question.need)
    after = dict(before)
    for tour in best.tours:
        for node in stage.table.sets.members[tour.number][: stage.table.sets.sizes[tour.number]]:
            hours = float(stage.master.hours[stage.master.lane_of[tour.group], node])
            key = stage.nodes[node].municipality
            after[key] = after.get(key, 0.0) + hours
    met = sum(need_met(one, question.need, before.get(one.key, 0.0)) for one in question.municipalities)
    value, bound = met + best.points, met + best.bound
    gap = (bound - value) / max(1.0, bound)
    is_proven = bound - value <= 1e-6 * max(1.0, bound)
    status = ProofStatus.OPTIMAL if is_proven else ProofStatus.BOUNDED
    measured = instance.measured(plan.total)
    sentence = f"Für {euros(measured)} mehr steigt der gedeckte Bedarf von {_points(met)} auf {_points(value)} Punkte; "
    sentence += (
        "mehr ist nicht möglich, das ist bewiesen."
        if is_proven
        else f"bewiesen ist, dass es mit weiteren Fahrten dieser Art höchstens {_points(bound)} werden könnten."
    )
    by_town = tuple((one.key, before.get(one.key, 0.0), after.get(one.key, 0.0)) for one in question.municipalities)
    return NeedPlan(
        slots=plan.slots,
        cost=plan.cost,
        before=met,
        proof=Proof(status, value, bound, 0.0 if is_proven else gap),
        hours_by_municipality=by_town,
        sentence=sentence,
        existing_change=plan.existing_change,
        measured=measured,
    )


def _points(value: float) -> str:
    return number(Decimal(round(value)))
