"""When is a house closed?"""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from locations.models.history import History
from locations.models.institutions import Institution
from locations.models.municipalities import District
from locations.models.shared import Recorded, period_constraint


class DaysOffQuerySet(models.QuerySet):
    """Rows that close houses, deleted like one row each."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            for row in self:
                row.touch_houses()
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True


class DaysOff(Recorded):
    """Something that closes houses.

    Deleting it brings dates back, and a deleted row cannot say when: the houses it closed say so instead.
    """

    objects = DaysOffQuerySet.as_manager()

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self.touch_houses()
            return super().delete(*args, **kwargs)

    def touch_houses(self) -> None:
        """Note at every house that was closed that something has changed."""
        self.houses.update(changed_at=timezone.now())


class Closure(DaysOff):
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

    history = History()

    class Meta:
        verbose_name = "Schließzeit"
        verbose_name_plural = "Schließzeiten"
        ordering = ["first_day", "last_day"]
        indexes = [models.Index(fields=["district", "first_day"])]
        constraints = [period_constraint("closure_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"{self.reason}, {self.first_day:%d.%m.%Y} bis {self.last_day:%d.%m.%Y}"

    @property
    def houses(self) -> models.QuerySet[Institution]:
        """Return the houses it closes, as a selection."""
        if self.institution_id:
            return Institution.objects.filter(pk=self.institution_id)
        return Institution.objects.filter(municipality__district=self.district_id)

    def clean(self) -> None:
        if self.institution_id and self.district_id and self.institution.municipality.district_id != self.district_id:
            raise ValidationError({"institution": "Diese Einrichtung liegt in einem anderen Landkreis."})


class SchoolHoliday(DaysOff):
    """A stretch of school holidays of one federal state (Schulferien)."""

    federal_state = models.CharField("Land", max_length=5)
    name = models.CharField("Name", max_length=80)
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    source = models.CharField("Quelle", max_length=300)

    history = History()

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

    @property
    def houses(self) -> models.QuerySet[Institution]:
        """Return the houses of the state, as a selection."""
        return Institution.objects.filter(municipality__district__federal_state=self.federal_state)
