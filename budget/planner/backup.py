"""Stub."""

from __future__ import annotations

from budget.planner.answer import Backup
from budget.planner.coverage import Solved
from budget.planner.workspace import Workspace


def backup_plan(workspace: Workspace, found: Solved) -> Backup | None:
    """Return nothing yet."""
    return None
