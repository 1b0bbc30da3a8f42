"""Which entries of the history are too old to be kept?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from locations.history_steps import kept_models, linked_fields


def start_of(day: date, kept_days: int) -> datetime:
    """Return the first moment that is kept: what is older is this many days old or older."""
    return timezone.make_aware(datetime.combine(day - timedelta(days=kept_days - 1), time.min))


@transaction.atomic
def forget_history(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete what was written this many days before the day, or earlier, and return how many entries that is."""
    first_kept = start_of(day, kept_days)
    number = 0
    for model in kept_models():
        old = model.history.filter(history_date__lt=first_kept)
        number += old.count()
        if not dry_run:
            for field in linked_fields(model):
                getattr(model.history.model, field.name).model.objects.filter(history__in=old.values("pk")).delete()
            old.delete()
    return number
