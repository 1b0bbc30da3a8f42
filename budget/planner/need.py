"""What does the extra sum buy? Further slots where most need is met, beside the plan that covers (stage 3).

The plan stays; its slots are stops on the tours like existing ones. Dates are bought, not furniture: only houses that are
in use already or cost nothing once. A house may hold several slots in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from appointments.recurrence import Monthly, Rule, Weekly
from budget.planner.answer import NeedPlan, Proof, ProofStatus
from budget.planner.coverage import Solved
from budget.planner.demands import Cap
from budget.planner.instance import DAY_MINUTES, Instance
from budget.planner.lanes import Lane, LaneView, all_lanes
from budget.planner.need_master import ROUNDING, NeedFound, NeedMaster
from budget.planner.need_options import LaneOptions
from budget.planner.need_rows import Column, Rows
from budget.planner.question import NO_CENTS, Candidate, ExistingSlot, Question, Rhythm
from budget.planner.reasons import euros
from budget.planner.segments import hours_of_existing, need_met, segments
from budget.planner.slots import Draft, clashes, priced, series
from budget.planner.tables import StoppedError
from budget.planner.weeks import caps_of
from budget.planner.workspace import Workspace
from locations.wording import NBSP, number

MOST_PAIRS = 8_000_000  # of options in one tour, on all lanes together
MOST_REPAIRS = 10


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything stage 3 works with; starts in a house lie at least `every` steps apart."""

    workspace: Workspace
    rows: Rows
    every: int

    @property
    def money(self) -> int:
        """Return what the measured cost may be."""
        return self.workspace.instance.within(self.workspace.question.extra_money)


def need_plan(workspace: Workspace, found: Solved) -> NeedPlan | None:
    """Return what the extra sum buys; None where there is no extra sum or no house for more dates."""
    stage = stage_of(Workspace(with_plan(workspace, found), workspace.cancelled))
    if stage is None:
        return None
    master = NeedMaster(stage.rows, stage.money)
    relaxed = master.relaxed()
    best = master.whole(relaxed, workspace.question.effort)
    bound = best.bound  # for every plan, and so for those that follow with less money or fewer tours
    for _ in range(MOST_REPAIRS):
        drafts = drafts_of(stage.rows, best.columns)
        if not _over(stage, master, drafts) and not _forbid_clashes(stage, master, best, drafts):
            return _told(stage, replace(best, bound=bound), drafts)
        best = master.whole(relaxed, workspace.question.effort)
    return None


def drafts_of(rows: Rows, columns: Sequence[Column]) -> tuple[Draft, ...]:
    """Return the slots of the tours, in the order of counsellor, weekday and time."""
    found = [
        Draft(rows.lanes[column.lane], stop.house, stop.start)
        for column in columns
        for stop in rows.options[column.lane].stops(column.options)
    ]
    return tuple(sorted(found, key=lambda one: (one.lane.counsellor, one.lane.weekday, one.lane.days, one.start)))


def _over(stage: Stage, master: NeedMaster, drafts: Sequence[Draft]) -> int:
    """Return by how many cents the printed lines exceed the sum, and ask for that much less the next time."""
    instance = stage.workspace.instance
    over = max(0, instance.measured(priced(instance, merged(instance, drafts)).total) - stage.money)
    master.money -= over
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
    free = tuple(house for house in question.candidates if house.key in opened or _costs_nothing_once(house))
    return replace(question, candidates=free, existing=(*question.existing, *planned))


def _costs_nothing_once(house: Candidate) -> bool:
    return house.equipment == NO_CENTS and house.rent_per_month == NO_CENTS


def stage_of(inner: Workspace) -> Stage | None:
    """Return all options and rows of stage 3; None where there is nothing to buy."""
    instance, question = inner.instance, inner.question
    if not question.extra_money or not instance.houses or not instance.counsellors:
        return None
    views = [view for lane in _lanes(instance) if (view := LaneView(instance, lane)).stops_left and view.usable.any()]
    if not views:
        return None
    options, every = _options(inner, views)
    left = segments(question.municipalities, question.need, hours_of_existing(instance, question.need))
    return Stage(inner, Rows(instance, options, _caps(inner, [view.lane for view in views]), left), every)


def _options(inner: Workspace, views: Sequence[LaneView]) -> tuple[list[LaneOptions], int]:
    """Return the options of the lanes, with starts so far apart that all pairs can be held."""
    every = 1
    while True:
        found = []
        for view in views:
            if inner.cancelled is not None and inner.cancelled():
                raise StoppedError
            found.append(LaneOptions(view, every))
        if sum(len(one) ** 2 for one in found) // 2 <= MOST_PAIRS or every * inner.instance.step >= DAY_MINUTES:
            return found, every
        every += 1


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


def _caps(inner: Workspace, lanes: Sequence[Lane]) -> list[Cap]:
    """Return one cap for each set of lanes of a counsellor that meet in some week."""
    found: dict[frozenset[int], Cap] = {}
    for place, counsellor in enumerate(inner.instance.counsellors):
        for cap in caps_of(inner.instance, lanes, place) if counsellor.weekly_minutes is not None else ():
            found[cap.lanes] = min(found.get(cap.lanes, cap), cap, key=lambda one: one.stops)
    return list(found.values())


def _forbid_clashes(stage: Stage, master: NeedMaster, best: NeedFound, drafts: Sequence[Draft]) -> bool:
    """Forbid the tours in which the product finds a clash all the same, say by travel times that are no distances."""
    lanes = {drafts[place].lane for place, _ in clashes(stage.workspace.instance, drafts)}
    master.forbidden |= {(one.lane, one.options) for one in best.columns if stage.rows.lanes[one.lane] in lanes}
    return bool(lanes)


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
    after = _hours_after(stage.rows, best.columns, before)
    met = sum(need_met(one, question.need, before.get(one.key, 0.0)) for one in question.municipalities)
    proof = _proof(met + best.points, met + best.bound)
    measured = instance.measured(plan.total)
    return NeedPlan(
        slots=plan.slots,
        cost=plan.cost,
        before=met,
        proof=proof,
        hours_by_municipality=tuple(
            (one.key, before.get(one.key, 0.0), after.get(one.key, 0.0)) for one in question.municipalities
        ),
        sentence=_sentence(stage, met, proof, measured),
        existing_change=plan.existing_change,
        measured=measured,
    )


def _hours_after(rows: Rows, columns: Sequence[Column], before: dict[int, float]) -> dict[int, float]:
    """Return the hours a month of each municipality with the tours."""
    after = dict(before)
    for column in columns:
        for at in column.options:
            key = rows.instance.houses[int(rows.options[column.lane].house[at])].municipality
            after[key] = after.get(key, 0.0) + float(rows.hours[column.lane][at])
    return after


def _proof(value: float, bound: float) -> Proof:
    is_proven = bound - value <= 2 * ROUNDING * max(1.0, bound)
    status = ProofStatus.OPTIMAL if is_proven else ProofStatus.BOUNDED
    return Proof(status, value, bound, 0.0 if is_proven else (bound - value) / max(1.0, bound))


def _sentence(stage: Stage, met: float, proof: Proof, measured: int) -> str:
    value, bound = proof.value or 0.0, proof.bound or 0.0
    text = f"Für {euros(measured)} mehr steigt der gedeckte Bedarf von {_points(met)} auf {_points(value)} Punkte; "
    if stage.every > 1:
        minutes = stage.every * stage.workspace.instance.step
        text += f"gesucht wurde mit Anfängen im Abstand von {minutes}{NBSP}Minuten; "
    if proof.is_proven:
        return text + "mehr ist nicht möglich, das ist bewiesen."
    return text + f"bewiesen ist, dass es mit weiteren Fahrten dieser Art höchstens {_points(bound)} werden könnten."


def _points(value: float) -> str:
    return number(Decimal(round(value)))
