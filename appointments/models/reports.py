"""What do families tell by the way? Mistakes they report, and searches that found nothing; never who they are."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.models.offers import Topic
from appointments.models.slots import Slot
from locations.models import History, Municipality


class MistakeReportQuerySet(models.QuerySet["MistakeReport"]):
    """Selections of reports; none of them knows who wrote."""

    def open(self) -> MistakeReportQuerySet:
        """Return what staff still has to look at."""
        return self.filter(resolved_on__isnull=True)

    def with_text_from_before(self, day: date) -> MistakeReportQuerySet:
        """Return the reports of the days before this one whose text is still there."""
        return self.filter(created_on__lt=day, text_deleted_on__isnull=True)


class MistakeReport(models.Model):
    """Somebody saw that a published slot is not as it says (Hinweis auf einen Fehler)."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("Die Tür war zu")
        GONE = "gone", _("Den Termin gibt es nicht mehr")
        TIME = "time", _("Tag oder Uhrzeit stimmt nicht")
        ADDRESS = "address", _("Adresse stimmt nicht")
        PHONE = "phone", _("Telefonnummer stimmt nicht")
        ACCESS = "access", _("Der Zugang ist anders, zum Beispiel Stufen")
        OTHER = "other", _("Etwas anderes")

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, related_name="mistake_reports", verbose_name="fester Termin"
    )
    created_on = models.DateField("eingegangen am", db_index=True)
    kind = models.CharField("Was nicht stimmt", max_length=20, choices=Kind.choices)
    text = models.TextField("Text", blank=True)
    # Of the form it came with, so that a second click is not a second report.
    token_hash = models.CharField("Prüfwert des Formulars", max_length=64, editable=False)
    resolved_on = models.DateField("erledigt am", null=True, blank=True)
    text_deleted_on = models.DateField("Text gelöscht am", null=True, blank=True)

    history = History(excluded_fields=["text", "token_hash"])
    objects = MistakeReportQuerySet.as_manager()

    class Meta:
        verbose_name = "Hinweis auf einen Fehler"
        verbose_name_plural = "Hinweise auf Fehler"
        ordering = ["-created_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="mistake_report_once_per_form",
                fields=["token_hash"],
                violation_error_message="Dieses Formular ist schon abgeschickt.",
            ),
            models.CheckConstraint(
                name="mistake_report_is_resolved_after_it_came",
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("created_on")),
                violation_error_message="Ein Hinweis kann nicht erledigt sein, bevor er eingegangen ist.",
            ),
            models.CheckConstraint(
                name="mistake_report_has_no_text_once_deleted",
                condition=Q(text_deleted_on__isnull=True) | Q(text=""),
                violation_error_message="Ein gelöschter Text bleibt leer.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.created_on:%d.%m.%Y})"


class MissingDemand(models.Model):
    """How often in a week a search found nothing (fehlendes Angebot); a bare number, nothing of what was typed."""

    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="missing_demand",
        verbose_name="Gemeinde",
    )
    topic = models.ForeignKey(
        Topic, on_delete=models.CASCADE, null=True, blank=True, related_name="missing_demand", verbose_name="Thema"
    )
    week_first_day = models.DateField("Woche ab Montag", db_index=True)
    count = models.PositiveIntegerField("Suchen ohne Ergebnis", default=0)

    class Meta:
        verbose_name = "Suchen ohne Ergebnis"
        verbose_name_plural = "Suchen ohne Ergebnis"
        ordering = ["-week_first_day", "-count", "pk"]
        # NULL differs from NULL in a unique constraint, and SQLite cannot be told otherwise: hence one for each case.
        constraints = [
            models.UniqueConstraint(
                name="missing_demand_once_per_municipality_topic_and_week",
                fields=["municipality", "topic", "week_first_day"],
                violation_error_message="Gemeinde und Thema sind in dieser Woche schon gezählt.",
            ),
            models.UniqueConstraint(
                name="missing_demand_once_per_municipality_and_week",
                fields=["municipality", "week_first_day"],
                condition=Q(topic__isnull=True),
                violation_error_message="Diese Gemeinde ist in dieser Woche schon gezählt.",
            ),
            models.UniqueConstraint(
                name="missing_demand_once_per_topic_and_week",
                fields=["topic", "week_first_day"],
                condition=Q(municipality__isnull=True),
                violation_error_message="Dieses Thema ist in dieser Woche schon gezählt.",
            ),
            models.CheckConstraint(
                name="missing_demand_is_about_a_municipality_or_a_topic",
                condition=Q(municipality__isnull=False) | Q(topic__isnull=False),
                violation_error_message="Gezählt wird nur, wenn Gemeinde oder Thema bekannt ist.",
            ),
        ]

    def __str__(self) -> str:
        known = [str(part) for part in (self.municipality, self.topic) if part]
        return f"{', '.join(known)}: {self.count} (Woche ab {self.week_first_day:%d.%m.%Y})"
