"""Which plans does a district have, how far are they, and how do several compare?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from string import ascii_uppercase

from beratung.planning_figures import Steps, draw_compared
from beratung.planning_page import NARROW, WIDE, page_of, proof_word
from beratung.planning_values import Item, Page
from budget.models import CounsellorWindow, InstitutionWindow, Plan
from budget.planning import UNDER_WAY, is_interrupted
from budget.planning_asked import Asked
from locations.models import District


@dataclass(frozen=True)
class PlanRow:
    """A plan in the list."""

    plan: Plan
    state: str
    is_under_way: bool
    covered: str
    proof: str
    cost: Decimal | None

    @property
    def can_be_compared(self) -> bool:
        return self.plan.state == Plan.State.DONE


def listed_plans(district: District, now: datetime) -> list[PlanRow]:
    """Return the plans, the newest first. One query."""
    return [_row(plan, now) for plan in district.plans.select_related("created_by")]


@dataclass(frozen=True)
class Times:
    """Whether anybody has entered free times yet; without both kinds nothing can be planned."""

    of_houses: bool
    of_counsellors: bool

    @property
    def are_there(self) -> bool:
        return self.of_houses and self.of_counsellors


def free_times(district: District) -> Times:
    """Return whose free times are entered. Two queries."""
    return Times(
        InstitutionWindow.objects.filter(institution__municipality__district=district).exists(),
        CounsellorWindow.objects.filter(counsellor__provider__district=district).exists(),
    )


def _row(plan: Plan, now: datetime) -> PlanRow:
    interrupted = is_interrupted(plan, now)
    answer = plan.answer or {}
    state = "übernommen" if plan.accepted_at else "unterbrochen" if interrupted else str(plan.get_state_display())
    return PlanRow(
        plan=plan,
        state=state,
        is_under_way=plan.state in UNDER_WAY and not interrupted,
        covered=f"{answer['covered']} von {answer['municipalities']}" if answer else "",
        proof=proof_word(answer.get("proof")).text if answer else "",
        cost=plan.cost_eur,
    )


@dataclass(frozen=True)
class Compared:
    """One of several plans side by side."""

    letter: str
    plan: Plan
    page: Page
    covered: str
    proof: str
    places: tuple[tuple[str, Item | None], ...]


@dataclass(frozen=True)
class Comparison:
    """The page as values. `places` are all municipalities that get something new in any of the plans."""

    plans: tuple[Compared, ...]
    drawings: tuple[Steps, Steps] | None
    places: tuple[str, ...]


def compared(plans: Sequence[Plan]) -> Comparison:
    """Return the plans side by side, the cheapest first."""
    rows = sorted(plans, key=lambda plan: (-(plan.answer or {})["covered"], plan.cost_eur or 0, plan.pk))
    pages = [page_of(plan, Asked.read(plan.question)) for plan in rows]
    places = tuple(sorted({item.municipality for page in pages for item in page.items}))
    points = [
        (letter, plan.answer["covered"], plan.answer["measured"], plan.proof == Plan.Proof.OPTIMAL)
        for letter, plan in zip(ascii_uppercase, rows, strict=False)
    ]
    highest = max((plan.answer["municipalities"] for plan in rows), default=0)
    wide, narrow = draw_compared(points, highest, WIDE), draw_compared(points, highest, NARROW)
    return Comparison(
        plans=tuple(
            Compared(
                letter=letter,
                plan=plan,
                page=page,
                covered=f"{plan.answer['covered']} von {plan.answer['municipalities']}",
                proof=proof_word(plan.answer["proof"]).text,
                places=tuple((place, _first(page, place)) for place in places),
            )
            for letter, plan, page in zip(ascii_uppercase, rows, pages, strict=False)
        ),
        drawings=(wide, narrow) if wide and narrow else None,
        places=places,
    )


def _first(page: Page, place: str) -> Item | None:
    return next((item for item in page.items if item.municipality == place), None)
