"""What do several models have in common: periods, points, and when they last changed?"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import In

from locations.geo import Point

LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]
LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]


def in_force(day: date) -> Q:
    """Return the condition that a period (both ends inclusive, open where empty) contains the day."""
    return (Q(first_day__isnull=True) | Q(first_day__lte=day)) & (Q(last_day__isnull=True) | Q(last_day__gte=day))


def period_constraint(name: str) -> models.CheckConstraint:
    """Return the rule that a period does not end before it begins."""
    return models.CheckConstraint(
        name=name,
        condition=Q(first_day__isnull=True) | Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
        violation_error_message="Der letzte Tag liegt vor dem ersten Tag.",
    )


def point_constraint(name: str) -> models.CheckConstraint:
    """Return the rule that a point is whole, on the globe, or absent."""
    return models.CheckConstraint(
        name=name,
        condition=Q(latitude__isnull=True, longitude__isnull=True)
        | Q(
            latitude__isnull=False,
            longitude__isnull=False,
            latitude__gte=-90,
            latitude__lte=90,
            longitude__gte=-180,
            longitude__lte=180,
        ),
        violation_error_message="Bitte Breite (-90 bis 90) und Länge (-180 bis 180) zusammen angeben oder beide leer lassen.",
    )


@models.BigAutoField.register_lookup
class Among(In):
    """`pk__among=rows` is `pk__in=rows`, but the rows are looked up first.

    PostgreSQL otherwise joins ten tables as they stand and looks afterwards which of the country's slots were wanted.
    """

    lookup_name = "among"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        if connection.vendor == "postgresql":
            return f"= ANY(ARRAY{rhs})"
        return super().get_rhs_op(connection, rhs)


class Placed(models.Model):
    """Something with a point on the map, or none that is known."""

    latitude = models.FloatField("Breite", null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField("Länge", null=True, blank=True, validators=LONGITUDE)

    class Meta:
        abstract = True

    @property
    def point(self) -> Point | None:
        """Return the point in degrees (WGS 84), None where it is not known."""
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.latitude, self.longitude)


class Recorded(models.Model):
    """Something others hold a copy of: when it last changed is said to them."""

    changed_at = models.DateTimeField("geändert am", auto_now=True, editable=False)

    class Meta:
        abstract = True
