"""In which order is a question answered? Coverage, fewest euros, most need; then what else could be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from budget.planner.alternatives import next_best
from budget.planner.answer import (
    Alternative,
    Answer,
    Backup,
    Cancelled,
    CurvePoint,
    NeedPlan,
    NextMoney,
    OnProgress,
    Progress,
    Proof,
    ProofStatus,
    StageResult,
    Status,
)
from budget.planner.backup import backup_plan
from budget.planner.chance import chance
from budget.planner.checks import refusals
from budget.planner.coverage import Solved, money_needed, points_of, solved
from budget.planner.curve import municipalities_of
from budget.planner.exact import Found
from budget.planner.greedy import greedy
from budget.planner.master import Master, SolverError
from budget.planner.need import need_plan
from budget.planner.question import Question
from budget.planner.reasons import closings, euros, uncovered, with_reasons
from budget.planner.tables import StoppedError
from budget.planner.workspace import Workspace
from locations.wording import NBSP

STOPPED = "Die Berechnung wurde abgebrochen. Es wurde nichts geändert."


def solve(question: Question, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None) -> Answer:
    """Return the whole answer: plan, proof, curve, alternatives, backup and, with extra money, stage 3."""

    def whole() -> Answer:
        workspace = Workspace(question, cancelled)
        answer, found = _coverage(workspace, on_progress)
        if found is None:
            return answer
        _tell(on_progress, "alternatives", "Nächstbeste Pläne")
        answer = replace(answer, alternatives=next_best(workspace, found))
        _tell(on_progress, "backup", "Plan, der jede Schließung übersteht")
        answer = replace(answer, backup=backup_plan(workspace, found))
        if question.extra_money:
            _tell(on_progress, "need", "Mehr Termine, wo der Bedarf am größten ist")
            answer = _with_need(answer, need_plan(workspace, found))
        return answer

    return _answered(question, whole)


def solve_coverage(
    question: Question, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> Answer:
    """Return the plan of stages 1 and 2 with curve, reasons and closings; no alternatives, backup or stage 3."""
    return _answered(question, lambda: _coverage(Workspace(question, cancelled), on_progress)[0])


def curve_of(
    question: Question, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> tuple[CurvePoint, ...]:
    """Return only what each number of municipalities costs; StoppedError or SolverError where that failed."""
    workspace = Workspace(question, cancelled)
    master, points = points_of(workspace, on_progress)
    return _points(workspace, master, points)


def alternatives(
    question: Question, answer: Answer, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> tuple[Alternative, ...]:
    """Return the two next-best plans that cover as many municipalities; fewer where there are fewer."""
    workspace, found = _again(question, answer, on_progress, cancelled)
    return () if found is None else next_best(workspace, found)


def survive_any_closing(
    question: Question, answer: Answer, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> Backup | None:
    """Return the cheapest plan that survives any single closing; None where there is nothing to cover."""
    workspace, found = _again(question, answer, on_progress, cancelled)
    return None if found is None else backup_plan(workspace, found)


def most_need(
    question: Question, answer: Answer, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> NeedPlan | None:
    """Return what the extra sum buys beyond the plan; None without extra money."""
    workspace, found = _again(question, answer, on_progress, cancelled)
    return None if found is None or not question.extra_money else need_plan(workspace, found)


def _again(
    question: Question, answer: Answer, on_progress: OnProgress | None, cancelled: Cancelled | None
) -> tuple[Workspace, Solved | None]:
    """Return the solved question once more: the same question gives the same plan."""
    workspace = Workspace(question, cancelled)
    return workspace, solved(workspace, on_progress) if answer.status is Status.SOLVED else None


def _answered(question: Question, work: Callable[[], Answer]) -> Answer:
    """Return what the work finds, or the sentence why it cannot."""
    whole = len(question.municipalities)
    if reasons := refusals(question):
        return Answer(Status.REFUSED, reasons, municipalities=whole)
    try:
        return work()
    except StoppedError:
        return Answer(Status.CANCELLED, (STOPPED,), municipalities=whole)
    except SolverError as error:
        return Answer(Status.FAILED, (str(error),), municipalities=whole)


def _tell(on_progress: OnProgress | None, part: str, sentence: str) -> None:
    if on_progress is not None:
        on_progress(Progress(part, sentence, 0, 1))


def _coverage(workspace: Workspace, on_progress: OnProgress | None) -> tuple[Answer, Solved | None]:
    question = workspace.question
    _tell(on_progress, "tours", "Kosten aller möglichen Fahrten")
    found = solved(workspace, on_progress)
    if found is None:
        sentence = "Die gewünschten Einrichtungen lassen sich nicht alle zugleich einplanen: " + ", ".join(
            sorted(house.name for house in question.candidates if house.key in question.wishes.wanted)
        )
        return Answer(Status.REFUSED, (sentence + ".",), municipalities=len(question.municipalities)), None
    left = uncovered(workspace, found)
    compared = greedy(found.master, workspace.nodes, workspace.instance.money, workspace.most)
    base = len(workspace.covered)
    answer = Answer(
        status=Status.SOLVED,
        messages=workspace.usable.hints,
        stages=_stages(workspace, found),
        proof=_whole_proof(workspace, found),
        slots=with_reasons(workspace, found.drafts, found.plan.slots),
        cost=found.plan.cost,
        existing_change=found.plan.existing_change,
        measured=found.measured,
        chance=chance(found.plan, question.money),
        covered=base + found.gained,
        municipalities=len(question.municipalities),
        uncovered=left,
        curve=_points(workspace, found.master, found.points),
        next_money=_next_money(workspace, found),
        closings=closings(question, found.plan.slots),
        greedy_cost=sum(tour.cost for tour in compared),
        greedy_covered=base + sum(workspace.nodes[at].gain for at in municipalities_of(found.master, compared)),
    )
    return answer, found


def _coverage_proof(workspace: Workspace, found: Solved) -> Proof:
    """Return whether more municipalities could be covered for the money: not where the next point's bound exceeds it."""
    value = float(len(workspace.covered) + found.gained)
    following = found.points.get(found.gained + 1)
    if following is None or not following.is_possible or following.bound > workspace.instance.money:
        return Proof(ProofStatus.OPTIMAL, value, value, 0.0)
    most = max(
        (
            count
            for count, point in found.points.items()
            if point.is_possible and point.bound <= workspace.instance.money
        ),
        default=found.gained,
    )
    bound = float(len(workspace.covered) + most)
    if bound == value:
        return Proof(ProofStatus.OPTIMAL, value, value, 0.0)
    return Proof(ProofStatus.BOUNDED, value, bound, (bound - value) / max(1.0, bound))


def _whole_proof(workspace: Workspace, found: Solved) -> Proof:
    """Return the proof of cost; proven only where coverage is, too."""
    proof = found.points[found.gained].proof
    if proof.is_proven and not _coverage_proof(workspace, found).is_proven:
        return replace(proof, status=ProofStatus.BOUNDED)
    return proof


def _stages(workspace: Workspace, found: Solved) -> tuple[StageResult, ...]:
    base, whole = len(workspace.covered), len(workspace.question.municipalities)
    coverage = _coverage_proof(workspace, found)
    first = f"{base + found.gained} von {whole}{NBSP}Gemeinden haben dann mindestens einen festen Termin"
    first += (
        "; mehr ist für das Geld nicht möglich, das ist bewiesen."
        if coverage.is_proven
        else (f"; ob {coverage.bound:.0f} möglich sind, ist nicht bewiesen.")
    )
    cost = found.points[found.gained].proof
    second = f"Der Plan kostet {euros(found.measured)}"
    if cost.is_proven:
        second += "; es gibt keinen günstigeren, das ist bewiesen."
    else:
        second += f"; bewiesen ist nur, dass keiner weniger als {euros(cost.bound or 0)} kostet."
    return StageResult("coverage", coverage, first), StageResult("cost", cost, second)


def _points(workspace: Workspace, master: Master, points: Mapping[int, Found]) -> tuple[CurvePoint, ...]:
    base = len(workspace.covered)
    free = tuple(CurvePoint(count, 0, 0, True) for count in range(base)) if not workspace.question.wishes.wanted else ()
    return (*free, *(_point(workspace, master, base + count, point) for count, point in sorted(points.items())))


def _point(workspace: Workspace, master: Master, count: int, point: Found) -> CurvePoint:
    if point.tours is None:
        return CurvePoint(count, None, point.bound if point.is_possible else None, point.is_proven)
    served = {workspace.nodes[node].municipality for node in municipalities_of(master, point.tours)}
    return CurvePoint(count, point.cost, point.bound, point.is_proven, tuple(sorted(served | workspace.covered)))


def _next_money(workspace: Workspace, found: Solved) -> NextMoney:
    """Return what the next sum buys beyond the money there is."""
    question = workspace.question
    limit = workspace.instance.within(question.money + question.next_money)
    within = [count for count, one in found.points.items() if one.cost is not None and one.cost <= limit]
    more = max(within, default=found.gained) - found.gained
    following = found.points.get(found.gained + 1)
    amount, proven = euros(question.next_money), all(one.is_proven for one in found.points.values())
    if more > 0:
        extra = (found.points[found.gained + more].cost or 0) - found.measured
        towns = "eine weitere Gemeinde" if more == 1 else f"{more}{NBSP}weitere Gemeinden"
        return NextMoney(question.next_money, more, extra, 0, f"Für {amount} mehr: {towns}.", proven)
    if following is None or following.cost is None:
        text = f"{amount} mehr brächten keine weitere Gemeinde: mehr sind nicht möglich."
        return NextMoney(question.next_money, 0, None, None, text, proven)
    missing = max(0, money_needed(question, following.cost) - question.money)
    text = f"{amount} mehr reichen nicht für eine weitere Gemeinde; dafür fehlen {euros(missing)}."
    return NextMoney(question.next_money, 0, None, missing, text, proven)


def _with_need(answer: Answer, need: NeedPlan | None) -> Answer:
    if need is None:
        return answer
    return replace(answer, need=need, stages=(*answer.stages, StageResult("need", need.proof, need.sentence)))
