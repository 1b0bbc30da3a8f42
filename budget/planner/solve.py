"""In which order is a question answered? Coverage, fewest euros, most need; then what else could be done."""

from __future__ import annotations

from budget.planner.answer import Alternative, Answer, Backup, Cancelled, NeedPlan, OnProgress, Status
from budget.planner.question import Question


def solve(question: Question, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None) -> Answer:
    """Return the whole answer: plan, proof, curve, alternatives, backup and, with extra money, stage 3."""
    return solve_coverage(question, on_progress, cancelled)


def solve_coverage(
    question: Question, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> Answer:
    """Return the plan of stages 1 and 2 with curve, reasons and closings; no alternatives, backup or stage 3."""
    return Answer(
        Status.FAILED, messages=("Der Planer ist noch nicht fertig.",), municipalities=len(question.municipalities)
    )


def alternatives(
    question: Question, answer: Answer, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> tuple[Alternative, ...]:
    """Return the two next-best plans that cover as many municipalities; fewer where there are fewer."""
    return ()


def survive_any_closing(
    question: Question, answer: Answer, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> Backup | None:
    """Return the cheapest plan that survives any single closing; None where the plan covers nothing new."""
    return None


def most_need(
    question: Question, answer: Answer, on_progress: OnProgress | None = None, cancelled: Cancelled | None = None
) -> NeedPlan | None:
    """Return what the extra sum buys beyond the plan; None without extra money."""
    return None
