"""Has anything that families can see changed? One number, raised by the database itself with every write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connections, models
from django.utils.dateparse import parse_datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A state of the public data: no two states have the same number."""

    number: int
    changed_at: datetime


CURRENT = "SELECT SUM(number), MAX(changed_at) FROM locations_publicversion"


def _moment(value: datetime | str) -> datetime:
    """Return the moment as a value; SQLite keeps it as a text, in UTC."""
    if isinstance(value, datetime):
        return value
    found = parse_datetime(value)
    assert found is not None, value  # noqa: S101  # nosec B101
    return found.replace(tzinfo=UTC)


class PublicVersionQuerySet(models.QuerySet["PublicVersion"]):
    def current(self) -> Version | None:
        """Return the version committed by now, None where nobody counts (no triggers yet). One query.

        Every public page asks it, so it is asked in plain SQL: putting the statement together would take longer than it.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute(CURRENT)
            number, changed_at = cursor.fetchone()
        return None if number is None else Version(int(number), _moment(changed_at))


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
