"""What families and providers told: when is it forgotten as a whole?

Texts of reports go earlier, see `appointments/reports.py`. Nothing here writes history: it would keep for years what was
just deleted.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from appointments.models import ConfirmationRound, MissingDemand, MistakeReport, ProviderLetter, SlotProposal

A_WEEK = timedelta(days=6)  # from its Monday to its Sunday


def forget_reports(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete the reports that staff settled this many days ago or earlier, and return how many."""
    old = MistakeReport.objects.filter(resolved_on__lte=day - timedelta(days=kept_days))
    return old.count() if dry_run else old._raw_delete(old.db)


def forget_demand(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete the counts of weeks that ended this many days ago or earlier, and return how many."""
    old = MissingDemand.objects.filter(week_first_day__lte=day - A_WEEK - timedelta(days=kept_days))
    return old.count() if dry_run else old._raw_delete(old.db)


@transaction.atomic
def forget_rounds(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete the rounds that closed this many days ago or earlier, with their letters and what came back, and return how
    many. A round stays while staff has to look at something in it; slots stay confirmed as they are.
    """
    waiting = SlotProposal.objects.filter(letter__round=OuterRef("pk"), resolved_on__isnull=True)
    old = ConfirmationRound.objects.filter(~Exists(waiting), closes_on__lte=day - timedelta(days=kept_days))
    keys = list(old.values_list("pk", flat=True))
    if not dry_run:
        for rows in (
            SlotProposal.objects.filter(letter__round__in=keys),
            ProviderLetter.objects.filter(round__in=keys),
            ConfirmationRound.objects.filter(pk__in=keys),
        ):
            rows.order_by()._raw_delete(rows.db)
    return len(keys)
