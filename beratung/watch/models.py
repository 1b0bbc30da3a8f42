"""When did a worker for long tasks last say that it lives?"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

ONLY_ROW = 1


class WorkerBeat(models.Model):
    """One row, which every worker on every machine writes to; neither exported nor shown at the desk."""

    beaten_at = models.DateTimeField("zuletzt gemeldet")

    class Meta:
        verbose_name = "Lebenszeichen"
        verbose_name_plural = "Lebenszeichen"

    def __str__(self) -> str:
        return f"{self.beaten_at:%d.%m.%Y %H:%M}"


def beat() -> None:
    """Say that a worker lives."""
    WorkerBeat.objects.update_or_create(pk=ONLY_ROW, defaults={"beaten_at": timezone.now()})


def last_beat() -> datetime | None:
    """Return when a worker last said so, None where none ever did."""
    return WorkerBeat.objects.filter(pk=ONLY_ROW).values_list("beaten_at", flat=True).first()
