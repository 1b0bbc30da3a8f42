"""How much money is there, and what is it spent on? Budgets, amendments, cost lines and travel rates."""

from __future__ import annotations

import uuid
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from appointments.models import Slot
from budget.models.papers import Paper
from locations.models import District, History, Institution, in_force, period_constraint

NOT_NEGATIVE = [MinValueValidator(0)]


class BudgetQuerySet(models.QuerySet["Budget"]):
    def containing(self, day: date) -> BudgetQuerySet:
        """Return the budgets whose period contains the day."""
        return self.filter(in_force(day))


class Budget(models.Model):
    """The money set aside for a period (Haushaltsansatz)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="budgets", verbose_name="Landkreis")
    paper = models.ForeignKey(
        Paper,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budgets",
        verbose_name="Vorlage",
    )
    name = models.CharField("Name", max_length=120)
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    ansatz_eur = models.DecimalField("Ansatz in Euro", max_digits=12, decimal_places=2, validators=NOT_NEGATIVE)
    approved_on = models.DateField("beschlossen am", null=True, blank=True, help_text="Leer: nicht bekannt.")
    note = models.TextField("Anmerkung", blank=True)

    history = History()
    objects = BudgetQuerySet.as_manager()

    class Meta:
        verbose_name = "Haushaltsansatz"
        verbose_name_plural = "Haushaltsansätze"
        ordering = ["-first_day"]
        constraints = [
            period_constraint("budget_ends_after_it_begins"),
            models.UniqueConstraint(
                name="budget_once_per_district_and_first_day",
                fields=["district", "first_day"],
                violation_error_message="Für diesen Zeitraum gibt es schon einen Ansatz.",
            ),
            models.CheckConstraint(
                name="budget_is_not_negative",
                condition=Q(ansatz_eur__gte=0),
                violation_error_message="Ein Ansatz ist nicht negativ.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not (self.district_id and self.first_day and self.last_day):
            return
        others = Budget.objects.filter(
            district_id=self.district_id, first_day__lte=self.last_day, last_day__gte=self.first_day
        ).exclude(pk=self.pk)
        if other := others.first():
            raise ValidationError(
                {
                    "first_day": f"Der Zeitraum überschneidet sich mit „{other}“ "
                    f"({other.first_day:%d.%m.%Y} bis {other.last_day:%d.%m.%Y})."
                }
            )


class BudgetAmendment(models.Model):
    """A later change of a budget, kept apart from it (Nachtrag)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    budget = models.ForeignKey(
        Budget, on_delete=models.CASCADE, related_name="amendments", verbose_name="Haushaltsansatz"
    )
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="amendments", verbose_name="Vorlage")
    amount_eur = models.DecimalField(
        "Betrag in Euro", max_digits=12, decimal_places=2, help_text="Negativ bei einer Kürzung."
    )
    decided_on = models.DateField("beschlossen am")
    reason = models.CharField("Grund", max_length=300, blank=True)

    history = History()

    class Meta:
        verbose_name = "Nachtrag"
        verbose_name_plural = "Nachträge"
        ordering = ["decided_on"]

    def __str__(self) -> str:
        return f"Nachtrag vom {self.decided_on:%d.%m.%Y}"


class CostLine(models.Model):
    """One position of a budget, from plan to payment (Kostenposition)."""

    class Kind(models.TextChoices):
        TRAVEL = "travel", "Fahrtkosten"
        EQUIPMENT = "equipment", "Büroausstattung"
        RENT = "rent", "Miete"
        OTHER = "other", "Sonstiges"

    class Basis(models.TextChoices):
        ONE_OFF = "one_off", "einmalig"
        PER_MONTH = "per_month", "je Monat"
        PER_DATE = "per_date", "je Termin"
        PER_KM = "per_km", "je Kilometer"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="lines", verbose_name="Haushaltsansatz")
    kind = models.CharField("Kostenart", max_length=20, choices=Kind.choices)
    description = models.CharField("Bezeichnung", max_length=200)
    basis = models.CharField("Berechnung", max_length=20, choices=Basis.choices, default=Basis.ONE_OFF)
    quantity = models.DecimalField(
        "Menge",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=NOT_NEGATIVE,
        help_text="Leer: bei „je Termin“ und „je Kilometer“ aus den Terminen berechnet, bei „je Monat“ aus dem Zeitraum.",
    )
    unit_low_eur = models.DecimalField(
        "Preis, niedrig", max_digits=10, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE
    )
    unit_likely_eur = models.DecimalField(
        "Preis, wahrscheinlich", max_digits=10, decimal_places=2, validators=NOT_NEGATIVE
    )
    unit_high_eur = models.DecimalField(
        "Preis, hoch", max_digits=10, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE
    )
    slot = models.ForeignKey(
        Slot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cost_lines",
        verbose_name="fester Termin",
    )
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cost_lines",
        verbose_name="Einrichtung",
    )
    first_day = models.DateField("für die Zeit ab", null=True, blank=True, help_text="Leer: ab Beginn des Ansatzes.")
    last_day = models.DateField("bis", null=True, blank=True, help_text="Leer: bis Ende des Ansatzes.")
    planned_on = models.DateField("geplant am")
    committed_on = models.DateField("gebunden am", null=True, blank=True)
    committed_eur = models.DecimalField(
        "gebunden in Euro", max_digits=12, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE
    )
    paid_on = models.DateField("verausgabt am", null=True, blank=True)
    paid_eur = models.DecimalField(
        "verausgabt in Euro", max_digits=12, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE
    )
    voucher = models.CharField("Beleg", max_length=120, blank=True)

    history = History()

    class Meta:
        verbose_name = "Kostenposition"
        verbose_name_plural = "Kostenpositionen"
        ordering = ["-planned_on", "kind"]
        indexes = [models.Index(fields=["budget", "kind"])]
        constraints = [
            period_constraint("cost_line_ends_after_it_begins"),
            models.CheckConstraint(
                name="cost_line_prices_run_upwards",
                condition=(Q(unit_low_eur__isnull=True) | Q(unit_low_eur__lte=F("unit_likely_eur")))
                & (Q(unit_high_eur__isnull=True) | Q(unit_high_eur__gte=F("unit_likely_eur"))),
                violation_error_message="Der niedrige Preis liegt nicht über dem wahrscheinlichen, der hohe nicht darunter.",
            ),
            models.CheckConstraint(
                name="cost_line_prices_are_not_negative",
                condition=Q(unit_likely_eur__gte=0) & (Q(unit_low_eur__isnull=True) | Q(unit_low_eur__gte=0)),
                violation_error_message="Ein Preis ist nicht negativ.",
            ),
            models.CheckConstraint(
                name="cost_line_commitment_has_day_and_amount",
                condition=Q(committed_on__isnull=True, committed_eur__isnull=True)
                | Q(committed_on__isnull=False, committed_eur__isnull=False, committed_eur__gte=0),
                violation_error_message="Zu einer Bindung gehören Tag und Betrag.",
            ),
            models.CheckConstraint(
                name="cost_line_payment_has_day_and_amount",
                condition=Q(paid_on__isnull=True, paid_eur__isnull=True)
                | Q(paid_on__isnull=False, paid_eur__isnull=False, paid_eur__gte=0),
                violation_error_message="Zu einer Zahlung gehören Tag und Betrag.",
            ),
            models.CheckConstraint(
                name="cost_line_stages_run_forwards",
                condition=(Q(committed_on__isnull=True) | Q(committed_on__gte=F("planned_on")))
                & (Q(paid_on__isnull=True) | Q(paid_on__gte=F("planned_on")))
                & (Q(paid_on__isnull=True) | Q(committed_on__isnull=True) | Q(paid_on__gte=F("committed_on"))),
                violation_error_message="Die Reihenfolge ist: geplant, gebunden, verausgabt.",
            ),
        ]

    def __str__(self) -> str:
        return self.description


class TravelRate(models.Model):
    """What a kilometre costs, by law and period (Wegstreckenentschädigung)."""

    jurisdiction = models.CharField("Land", max_length=5, help_text="Nach ISO 3166-2, etwa DE-NI.")
    name = models.CharField("Name", max_length=120)
    eur_per_km = models.DecimalField("Euro je Kilometer", max_digits=6, decimal_places=4, validators=NOT_NEGATIVE)
    first_day = models.DateField("gilt ab", null=True, blank=True)
    last_day = models.DateField("gilt bis", null=True, blank=True)
    condition = models.CharField("Bedingung", max_length=300, blank=True)
    source = models.CharField("Quelle", max_length=300)

    history = History()

    class Meta:
        verbose_name = "Kilometersatz"
        verbose_name_plural = "Kilometersätze"
        ordering = ["jurisdiction", "name", "first_day"]
        constraints = [
            period_constraint("travel_rate_ends_after_it_begins"),
            models.CheckConstraint(
                name="travel_rate_is_not_negative",
                condition=Q(eur_per_km__gte=0),
                violation_error_message="Ein Kilometersatz ist nicht negativ.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.jurisdiction})"
