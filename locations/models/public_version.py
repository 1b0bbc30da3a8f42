"""Has anything that families can see changed? One number, raised by the database itself with every write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models


@dataclass(frozen=True, slots=True)
class Version:
    """A state of the public data: no two states have the same number."""

    number: int
    changed_at: datetime


class PublicVersionQuerySet(models.QuerySet["PublicVersion"]):
    def current(self) -> Version | None:
        """Return the version committed by now, None where nobody counts (no triggers yet). One query."""
        found = self.aggregate(number=models.Sum("number"), changed_at=models.Max("changed_at"))
        return Version(**found) if found["number"] is not None else None


class PublicVersion(models.Model):
    """Steps of the version; their sum counts. Written by triggers alone, see `beratung/public_pages/triggers.py`.

    On PostgreSQL every statement adds a row: writers would otherwise wait for one another. On SQLite there is one row.
    """

    number = models.BigIntegerField("Schritte")
    changed_at = models.DateTimeField("zuletzt")

    objects = PublicVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "Stand der öffentlichen Daten"
        verbose_name_plural = "Stände der öffentlichen Daten"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
