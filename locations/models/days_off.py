"""When is a house closed?"""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import models

from locations.models.institutions import Institution
from locations.models.municipalities import District
from locations.models.shared import Recorded, period_constraint


class Closure(Recorded):
    """Days on which a house, or every house of the district, is closed (Schließzeit)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="closures", verbose_name="Landkreis")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name="Einrichtung",
        help_text="Leer: gilt für alle Einrichtungen des Landkreises.",
    )
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    reason = models.CharField("Grund (öffentlich)", max_length=200)

    class Meta:
        verbose_name = "Schließzeit"
        verbose_name_plural = "Schließzeiten"
        ordering = ["first_day", "last_day"]
        indexes = [models.Index(fields=["district", "first_day"])]
        constraints = [period_constraint("closure_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"{self.reason}, {self.first_day:%d.%m.%Y} bis {self.last_day:%d.%m.%Y}"

    def clean(self) -> None:
        if self.institution_id and self.district_id and self.institution.municipality.district_id != self.district_id:
            raise ValidationError({"institution": "Diese Einrichtung liegt in einem anderen Landkreis."})


class SchoolHoliday(Recorded):
    """A stretch of school holidays of one federal state (Schulferien)."""

    federal_state = models.CharField("Land", max_length=5)
    name = models.CharField("Name", max_length=80)
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    source = models.CharField("Quelle", max_length=300)

    class Meta:
        verbose_name = "Schulferien"
        verbose_name_plural = "Schulferien"
        ordering = ["federal_state", "first_day"]
        constraints = [
            period_constraint("school_holiday_ends_after_it_begins"),
            models.UniqueConstraint(
                name="school_holiday_once_per_state_and_first_day",
                fields=["federal_state", "first_day"],
                violation_error_message="Für dieses Land beginnen an diesem Tag schon Ferien.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day:%d.%m.%Y} bis {self.last_day:%d.%m.%Y}"
