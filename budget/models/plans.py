"""What did the planner propose? Plans with their question, proof and items."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from appointments.models import Counsellor
from locations.models import District, History, Institution


class Plan(models.Model):
    """A computed plan of new slots with its question and its proof (Plan)."""

    class Proof(models.TextChoices):
        OPTIMAL = "optimal", "bewiesen"
        BOUNDED = "bounded", "bester gefundener"
        INFEASIBLE = "infeasible", "nicht möglich"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="plans", verbose_name="Landkreis")
    name = models.CharField("Name", max_length=120)
    question = models.JSONField("Frage")
    computed_at = models.DateTimeField("berechnet am")
    proof = models.CharField("Nachweis", max_length=20, choices=Proof.choices)
    cost_eur = models.DecimalField("Kosten in Euro", max_digits=12, decimal_places=2, null=True, blank=True)
    bound_eur = models.DecimalField("untere Schranke in Euro", max_digits=12, decimal_places=2, null=True, blank=True)

    history = History()

    class Meta:
        verbose_name = "Plan"
        verbose_name_plural = "Pläne"
        ordering = ["-computed_at"]
        constraints = [
            models.CheckConstraint(
                name="plan_bound_does_not_exceed_its_cost",
                condition=Q(bound_eur__isnull=True) | Q(cost_eur__isnull=True) | Q(bound_eur__lte=F("cost_eur")),
                violation_error_message="Die untere Schranke liegt über den Kosten.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanItem(models.Model):
    """One slot a plan proposes."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items", verbose_name="Plan")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+", verbose_name="Einrichtung")
    counsellor = models.ForeignKey(Counsellor, on_delete=models.PROTECT, related_name="+", verbose_name="Fachkraft")
    rule = models.TextField("Rhythmus (RFC 5545)")
    anchor_day = models.DateField("gezählt ab der Woche vom", null=True, blank=True)
    start_time = models.TimeField("Beginn")
    end_time = models.TimeField("Ende")
    cost_eur = models.DecimalField("Kosten in Euro", max_digits=12, decimal_places=2)

    history = History()

    class Meta:
        verbose_name = "geplanter Termin"
        verbose_name_plural = "geplante Termine"
        ordering = ["plan", "institution__name"]
        constraints = [
            models.CheckConstraint(
                name="plan_item_ends_after_it_starts",
                condition=Q(end_time__gt=F("start_time")),
                violation_error_message="Das Ende liegt nicht nach dem Beginn.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution}, {self.counsellor}"
