"""Which plans did nobody take up for so long that they may go?"""

from __future__ import annotations

from datetime import date

from budget.models import Plan
from locations.history_retention import start_of


def forget_plans(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete the plans made this many days ago or earlier and never accepted, and return how many.

    Accepted ones say why slots are where they are, and are kept.
    """
    old = Plan.objects.filter(accepted_at__isnull=True, created_at__lt=start_of(day, kept_days))
    number = old.count()
    if not dry_run:
        old.delete()
    return number
