"""Which row of another directory did one of ours come from?"""

from __future__ import annotations

from django.db import models

from locations.models.municipalities import District


class ForeignId(models.Model):
    """Which row of a peer's directory one of ours was read from (fremde Kennung)."""

    class Kind(models.TextChoices):
        PROVIDER = "provider", "Träger"
        INSTITUTION = "institution", "Einrichtung"
        OFFER = "offer", "Angebot"
        SLOT = "slot", "fester Termin"

    district = models.ForeignKey(
        District, on_delete=models.CASCADE, related_name="foreign_ids", verbose_name="Landkreis"
    )
    source = models.CharField("Quelle", max_length=300)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    foreign_id = models.CharField("Kennung dort", max_length=100)
    own_uuid = models.UUIDField("Kennung hier")
    read_as = models.JSONField("zuletzt gelesen", default=dict)

    class Meta:
        verbose_name = "fremde Kennung"
        verbose_name_plural = "fremde Kennungen"
        ordering = ["source", "kind", "foreign_id"]
        constraints = [
            models.UniqueConstraint(
                name="foreign_id_once_per_source_and_kind",
                fields=["district", "source", "kind", "foreign_id"],
                violation_error_message="Diese fremde Kennung ist schon eingetragen.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.foreign_id} aus {self.source}"
