"""How many people lived in a municipality, and how many of them were under 18, as far as a source says?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import DateField, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from locations.models.history import History
from locations.models.municipalities import Municipality


class Population(models.Model):
    """The people of a municipality on a day (Einwohnerzahl). `under_18` None: no source says so."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="populations", verbose_name="Gemeinde"
    )
    on = models.DateField("am")
    total = models.PositiveIntegerField("Einwohner")
    under_18 = models.PositiveIntegerField("davon unter 18", null=True, blank=True, help_text="Leer: nicht bekannt.")
    source = models.CharField("Quelle", max_length=300)

    history = History()

    class Meta:
        verbose_name = "Einwohnerzahl"
        verbose_name_plural = "Einwohnerzahlen"
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(
                name="population_once_per_municipality_and_day",
                fields=["municipality", "on"],
                violation_error_message="Für diesen Tag gibt es schon eine Zahl.",
            ),
            models.CheckConstraint(
                name="population_under_18_is_part_of_it",
                condition=Q(under_18__isnull=True) | Q(under_18__lte=F("total")),
                violation_error_message="Unter 18 sind nicht mehr als alle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality.name} am {self.on:%d.%m.%Y}"


def peopled(rows: models.QuerySet[Municipality], day: date) -> list[Municipality]:
    """Return the municipalities with the people known for the day: the newest figure by then, else the first after it.

    `population` and `population_on` are those; where no year is stored, the municipality's own stay. `under_18` and
    `under_18_on` are the newest figures by the day, None where there is none. No further query.
    """
    known = Population.objects.filter(municipality=OuterRef("pk"))
    by_then = known.filter(on__lte=day).order_by("-on")
    young = by_then.filter(under_18__isnull=False)

    def first(name: str, field: models.Field, *choices: models.QuerySet[Population]) -> models.Expression:
        found = [Subquery(choice.values(name)[:1], output_field=field) for choice in choices]
        return Coalesce(*found) if len(found) > 1 else found[0]

    return _told(
        rows.annotate(
            people=first("total", IntegerField(), by_then, known.order_by("on")),
            people_on=first("on", DateField(), by_then, known.order_by("on")),
            under_18=first("under_18", IntegerField(), young),
            under_18_on=first("on", DateField(), young),
        )
    )


def _told(rows: Iterable[Municipality]) -> list[Municipality]:
    found = list(rows)
    for row in found:
        if row.people is not None:
            row.population, row.population_on = row.people, row.people_on
    return found
