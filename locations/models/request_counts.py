"""How often has something been tried in the running window of time?"""

from __future__ import annotations

from django.db import models


class RequestCount(models.Model):
    """One window of one sender at one limit. Whose it is cannot be read from the key, see `locations/rate_limits.py`."""

    key = models.CharField("Schlüssel", max_length=64, primary_key=True)
    count = models.PositiveIntegerField("Anzahl")
    ends_at = models.DateTimeField("endet", db_index=True)

    class Meta:
        verbose_name = "Zähler für Anfragen"
        verbose_name_plural = "Zähler für Anfragen"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.count)
