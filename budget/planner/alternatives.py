"""Stub."""

from __future__ import annotations

from budget.planner.answer import Alternative
from budget.planner.coverage import Solved
from budget.planner.workspace import Workspace


def next_best(workspace: Workspace, found: Solved) -> tuple[Alternative, ...]:
    """Return nothing yet."""
    return ()
