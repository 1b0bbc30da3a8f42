"""Which institutions, which rhythm, which counsellor: what is the best plan for the money, and is it proven?

`solve` answers everything; `solve_coverage`, `curve_of`, `survive_any_closing` and `most_need` answer parts of it.
These are loaded where they are first used: without numpy and highspy every other page of the site works.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from budget.planner.answer import (
    Alternative,
    Answer,
    Backup,
    Cancelled,
    Closing,
    CostSplit,
    CurvePoint,
    NeedPlan,
    NextMoney,
    OnProgress,
    PlannedSlot,
    Progress,
    Proof,
    ProofStatus,
    StageResult,
    Status,
    Uncovered,
    WhyUncovered,
)
from budget.planner.question import (
    NEED_BANDS,
    NO_CENTS,
    Candidate,
    Cents,
    CounsellorOffer,
    Effort,
    ExistingSlot,
    MunicipalityAsked,
    NeedBand,
    NeedWeights,
    Question,
    Rhythm,
    Safety,
    TravelPrice,
    Window,
    Wishes,
)

if TYPE_CHECKING:
    from budget.planner.solve import curve_of, most_need, solve, solve_coverage, survive_any_closing

SOLVING = {"curve_of", "most_need", "solve", "solve_coverage", "survive_any_closing"}

__all__ = [
    "NEED_BANDS",
    "NO_CENTS",
    "Alternative",
    "Answer",
    "Backup",
    "Cancelled",
    "Candidate",
    "Cents",
    "Closing",
    "CostSplit",
    "CounsellorOffer",
    "CurvePoint",
    "Effort",
    "ExistingSlot",
    "MunicipalityAsked",
    "NeedBand",
    "NeedPlan",
    "NeedWeights",
    "NextMoney",
    "OnProgress",
    "PlannedSlot",
    "Progress",
    "Proof",
    "ProofStatus",
    "Question",
    "Rhythm",
    "Safety",
    "StageResult",
    "Status",
    "TravelPrice",
    "Uncovered",
    "WhyUncovered",
    "Window",
    "Wishes",
    "curve_of",
    "most_need",
    "solve",
    "solve_coverage",
    "survive_any_closing",
]


def __getattr__(name: str) -> Any:
    """Return a function of the solver, loaded only now."""
    if name not in SOLVING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module("budget.planner.solve")
    # All at once: loading the module has put it here under the name of its function.
    globals().update({one: getattr(module, one) for one in SOLVING})
    return globals()[name]
