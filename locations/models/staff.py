"""Which district may an account work for?"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from locations.models.history import History
from locations.models.municipalities import District


class DistrictStaff(models.Model):
    """An account's district. Without one an account of the staff sees no district's rows; superusers see all."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="districts", verbose_name="Konto"
    )
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="staff", verbose_name="Landkreis")

    history = History()

    class Meta:
        verbose_name = "Zuständigkeit"
        verbose_name_plural = "Zuständigkeiten"
        constraints = [
            models.UniqueConstraint(
                name="district_staff_once_per_district",
                fields=["user", "district"],
                violation_error_message="Dieses Konto ist für diesen Landkreis schon zuständig.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} für {self.district}"
