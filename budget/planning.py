"""How does a plan come about? Asked, queued, computed by a worker, cancelled, started again."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from budget.models import Plan
from budget.planner import Answer, Progress, ProofStatus, Status
from budget.planning_answer import stored
from budget.planning_asked import Asked, PlanningError
from budget.planning_child import SolverDiedError, Stopped, solve_apart
from budget.planning_rows import Prepared, prepare
from locations.models import District
from locations.wording import euro_exact, number, percent

SIGN_OF_LIFE = timedelta(seconds=30)  # a computation says something every second; after so long it is dead
LONG_WAIT = timedelta(seconds=20)
UNDER_WAY = (Plan.State.QUEUED, Plan.State.RUNNING)
NEED = "need"  # the part whose values are points, not cents
SOLVER_FAILED = "Der Rechenkern hat nicht geantwortet. Es wurde nichts geändert; bitte neu starten."

logger = logging.getLogger(__name__)


@transaction.atomic
def ask(*, district: District, name: str, asked: Asked, user: Any = None) -> Plan:
    """Return a new plan whose computation waits in the queue."""
    created_by = user if user is not None and user.pk else None
    plan = Plan.objects.create(district=district, name=name, question=asked.stored(), created_by=created_by)
    return start(plan)


@transaction.atomic
def start(plan: Plan) -> Plan:
    """Queue the computation (again). Whatever an earlier attempt still does is not listened to any more."""
    plan.state, plan.attempt = Plan.State.QUEUED, uuid4()
    plan.progress, plan.failure, plan.heartbeat_at = {}, "", timezone.now()
    plan.answer, plan.fingerprint, plan.proof = None, {}, ""
    plan.cost_eur = plan.bound_eur = plan.computed_at = None
    plan.save()
    compute.enqueue(plan.pk, str(plan.attempt))
    return plan


def cancel(plan: Plan) -> bool:
    """Stop the computation; False where there is none (any more). The worker notices within seconds."""
    return bool(Plan.objects.filter(pk=plan.pk, state__in=UNDER_WAY).update(state=Plan.State.CANCELLED))


def is_interrupted(plan: Plan, now: datetime) -> bool:
    """Return whether the computation began and nobody goes on with it: its worker was killed."""
    return plan.state == Plan.State.RUNNING and (plan.heartbeat_at is None or now - plan.heartbeat_at > SIGN_OF_LIFE)


def waits_long(plan: Plan, now: datetime) -> bool:
    """Return whether it waits so long that perhaps no worker runs."""
    return plan.state == Plan.State.QUEUED and (plan.heartbeat_at is None or now - plan.heartbeat_at > LONG_WAIT)


@task()
def compute(plan: int, attempt: str) -> None:
    """Compute the plan in a worker. Stopped by the operator it goes back into the queue."""
    rows = Plan.objects.filter(pk=plan, attempt=UUID(attempt))
    if not rows.filter(state=Plan.State.QUEUED).update(state=Plan.State.RUNNING, heartbeat_at=timezone.now()):
        return  # cancelled, deleted or started again meanwhile
    running = rows.filter(state=Plan.State.RUNNING)
    try:
        _compute(running)
    except Stopped:
        return
    except PlanningError as error:
        running.update(state=Plan.State.FAILED, failure=str(error))
    except (KeyboardInterrupt, SystemExit):
        if (found := running.first()) is not None:
            start(found)
        raise
    except Exception as error:
        # Not the error's text: it may name rows.
        logger.error("Plan %s nicht berechnet: %s", plan, type(error).__name__)
        running.update(state=Plan.State.FAILED, failure=_sentence(error))


def _compute(running: QuerySet[Plan]) -> None:
    plan = running.select_related("district").get()
    prepared = prepare(plan.district, Asked.read(plan.question))

    def look(said: Progress | None) -> bool:
        return bool(running.update(heartbeat_at=timezone.now(), progress=progress_of(said)))

    keep(running, solve_apart(prepared.question, look), prepared)


def _sentence(error: Exception) -> str:
    if isinstance(error, SolverDiedError):
        return SOLVER_FAILED
    return "Die Berechnung ist an einem Fehler gescheitert; er steht im Protokoll. Es wurde nichts geändert."


def keep(running: QuerySet[Plan], answer: Answer, prepared: Prepared) -> None:
    """Write the answer, unless somebody cancelled meanwhile."""
    match answer.status:
        case Status.SOLVED:
            running.update(**_done(answer, prepared))
        case Status.CANCELLED:
            running.update(state=Plan.State.CANCELLED)
        case _:
            running.update(state=Plan.State.FAILED, failure=" ".join(answer.messages) or SOLVER_FAILED)


def _done(answer: Answer, prepared: Prepared) -> dict[str, Any]:
    proof = answer.proof
    cost = euros(answer.measured)
    bound = proof.bound if proof and proof.bound is not None else None
    return {
        "state": Plan.State.DONE,
        "answer": stored(answer, prepared),
        "fingerprint": prepared.fingerprint,
        "proof": proof.status.value if proof else ProofStatus.BOUNDED.value,
        "cost_eur": cost,
        "bound_eur": None if bound is None else min(cost, euros(int(bound))),
        "computed_at": timezone.now(),
        "progress": {},
    }


def progress_of(said: Progress | None) -> dict[str, Any]:
    """Return what the solver said as the page shows it."""
    if said is None:
        return {}
    return {
        "part": said.part,
        "sentence": said.sentence,
        "done": said.done,
        "total": said.total,
        "value_text": _amount(said, said.value),
        "bound_text": _amount(said, said.bound),
        "gap_text": "" if said.gap is None else percent(said.gap),
    }


def _amount(said: Progress, amount: float | None) -> str:
    """Return cents as euro, and points of need as points."""
    if amount is None:
        return ""
    return f"{number(round(amount))} Punkte" if said.part == NEED else euro_exact(euros(round(amount)))


def euros(amount: int) -> Decimal:
    """Return cents as euro."""
    return (Decimal(amount) / 100).quantize(Decimal("0.01"))


def rest_of_the_year(district: District, today: date) -> tuple[date, date]:
    """Return the default period: from the Monday in a week to the end of the budget, at least to that of its year."""
    budget = district.budgets.containing(today).first()
    last = budget.last_day if budget else date(today.year, 12, 31)
    first = today + timedelta(days=7 + (-today.weekday()) % 7)
    return (first, last) if last - first >= timedelta(days=14) else (min(today + timedelta(days=1), last), last)
