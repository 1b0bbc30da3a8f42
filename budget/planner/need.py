"""Stub."""

from __future__ import annotations

from budget.planner.answer import NeedPlan
from budget.planner.coverage import Solved
from budget.planner.workspace import Workspace


def need_plan(workspace: Workspace, found: Solved) -> NeedPlan | None:
    """Return nothing yet."""
    return None
