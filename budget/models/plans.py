"""What may the planner plan with, and what did it propose? Free times, terms of houses, and plans with question and answer."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from appointments.models import Counsellor, Slot
from budget.models.money import CostLine
from locations.models import District, History, Institution

NOT_NEGATIVE = [MinValueValidator(0)]


class Weekday(models.IntegerChoices):
    """The days of a week as the calendar counts them."""

    MONDAY = 0, "Montag"
    TUESDAY = 1, "Dienstag"
    WEDNESDAY = 2, "Mittwoch"
    THURSDAY = 3, "Donnerstag"
    FRIDAY = 4, "Freitag"
    SATURDAY = 5, "Samstag"
    SUNDAY = 6, "Sonntag"


class FreeWindow(models.Model):
    """A time of the week in which something new may be planned."""

    weekday = models.PositiveSmallIntegerField("Wochentag", choices=Weekday.choices)
    start_time = models.TimeField("frei von")
    end_time = models.TimeField("frei bis")

    class Meta:
        abstract = True
        ordering = ["weekday", "start_time"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.start_time:%H:%M}–{self.end_time:%H:%M}"


def window_constraints(owner: str) -> list[models.BaseConstraint]:
    """Return the rules of a free time of this owner."""
    return [
        models.CheckConstraint(
            name=f"{owner}_window_ends_after_it_starts",
            condition=Q(end_time__gt=F("start_time")),
            violation_error_message="Das Zeitfenster endet nicht nach seinem Beginn.",
        ),
        models.CheckConstraint(
            name=f"{owner}_window_is_on_a_day_of_the_week",
            condition=Q(weekday__gte=0, weekday__lte=6),
            violation_error_message="Diesen Wochentag gibt es nicht.",
        ),
        models.UniqueConstraint(
            name=f"{owner}_window_once_per_start",
            fields=[owner, "weekday", "start_time"],
            violation_error_message="Ein Zeitfenster mit diesem Beginn gibt es schon.",
        ),
    ]


class InstitutionWindow(FreeWindow):
    """When a room of a house is free (freies Zeitfenster)."""

    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="windows", verbose_name="Einrichtung"
    )

    history = History()

    class Meta(FreeWindow.Meta):
        verbose_name = "freies Zeitfenster der Einrichtung"
        verbose_name_plural = "Planung: freie Zeitfenster"
        constraints = window_constraints("institution")


class CounsellorWindow(FreeWindow):
    """When a counsellor may be sent somewhere (freies Zeitfenster)."""

    counsellor = models.ForeignKey(
        Counsellor, on_delete=models.CASCADE, related_name="windows", verbose_name="Fachkraft"
    )

    history = History()

    class Meta(FreeWindow.Meta):
        verbose_name = "freies Zeitfenster der Fachkraft"
        verbose_name_plural = "Planung: freie Zeitfenster"
        constraints = window_constraints("counsellor")


def price(name: str, *, empty: bool = False) -> models.DecimalField:
    """Return a field for an amount in euro."""
    return models.DecimalField(
        name,
        max_digits=10,
        decimal_places=2,
        null=empty,
        blank=empty,
        default=None if empty else 0,
        validators=NOT_NEGATIVE,
    )


class InstitutionTerms(models.Model):
    """What a new appointment in a house would cost (Bedingungen)."""

    class RentBasis(models.TextChoices):
        PER_DATE = "per_date", "je Termin"
        PER_MONTH = "per_month", "je Monat"

    institution = models.OneToOneField(
        Institution, on_delete=models.CASCADE, related_name="terms", verbose_name="Einrichtung"
    )
    rent_basis = models.CharField("Miete gilt", max_length=20, choices=RentBasis.choices, default=RentBasis.PER_DATE)
    rent_low_eur = price("Miete, niedrig", empty=True)
    rent_likely_eur = price("Miete, wahrscheinlich")
    rent_high_eur = price("Miete, hoch", empty=True)
    equipment_low_eur = price("Ausstattung einmalig, niedrig", empty=True)
    equipment_likely_eur = price("Ausstattung einmalig, wahrscheinlich")
    equipment_high_eur = price("Ausstattung einmalig, hoch", empty=True)
    note = models.CharField("Anmerkung", max_length=200, blank=True)

    history = History()

    class Meta:
        verbose_name = "Bedingungen der Einrichtung"
        verbose_name_plural = "Planung: Miete und Ausstattung"
        constraints = [
            models.CheckConstraint(
                name=f"institution_terms_{kind}_runs_upwards",
                condition=Q(**{f"{kind}_likely_eur__gte": 0})
                & (
                    Q(**{f"{kind}_low_eur__isnull": True})
                    | Q(**{f"{kind}_low_eur__gte": 0, f"{kind}_low_eur__lte": F(f"{kind}_likely_eur")})
                )
                & (Q(**{f"{kind}_high_eur__isnull": True}) | Q(**{f"{kind}_high_eur__gte": F(f"{kind}_likely_eur")})),
                violation_error_message=f"{label}: kein Betrag ist negativ; niedrig, wahrscheinlich, hoch steigen an.",
            )
            for kind, label in (("rent", "Miete"), ("equipment", "Ausstattung"))
        ]

    def __str__(self) -> str:
        return f"Bedingungen: {self.institution}"


class Plan(models.Model):
    """A question to the planner and, once it is computed, the answer with its proof (Plan, Szenario)."""

    class State(models.TextChoices):
        QUEUED = "queued", "wartet"
        RUNNING = "running", "wird berechnet"
        DONE = "done", "berechnet"
        CANCELLED = "cancelled", "abgebrochen"
        FAILED = "failed", "nicht berechnet"

    class Proof(models.TextChoices):
        OPTIMAL = "optimal", "bewiesen"
        BOUNDED = "bounded", "bester gefundener"
        INFEASIBLE = "infeasible", "nicht möglich"

    uuid = models.UUIDField("Kennung", default=uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="plans", verbose_name="Landkreis")
    name = models.CharField("Name", max_length=120)
    # What the asker chose in the form; the rest of the question is read from the rows when it is computed.
    question = models.JSONField("Frage")
    state = models.CharField("Stand", max_length=20, choices=State.choices, default=State.QUEUED)
    # Tells the attempts apart: what an earlier, given-up attempt still says is not listened to.
    attempt = models.UUIDField("Versuch", default=uuid4, editable=False)
    progress = models.JSONField("Fortschritt", default=dict, blank=True)
    heartbeat_at = models.DateTimeField("letztes Lebenszeichen", null=True, blank=True)
    failure = models.TextField("Grund", blank=True)
    answer = models.JSONField("Antwort", null=True, blank=True)
    # What the rows said when it was computed, as hashes by what they are about.
    fingerprint = models.JSONField("Stand der Daten", default=dict, blank=True)
    proof = models.CharField("Nachweis", max_length=20, choices=Proof.choices, blank=True)
    cost_eur = models.DecimalField("Kosten in Euro", max_digits=12, decimal_places=2, null=True, blank=True)
    bound_eur = models.DecimalField("untere Schranke in Euro", max_digits=12, decimal_places=2, null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="angelegt von",
    )
    created_at = models.DateTimeField("angelegt am", default=timezone.now, editable=False)
    computed_at = models.DateTimeField("berechnet am", null=True, blank=True)
    accepted_at = models.DateTimeField("übernommen am", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="übernommen von",
    )

    class Meta:
        verbose_name = "Plan"
        verbose_name_plural = "Pläne"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="plan_bound_does_not_exceed_its_cost",
                condition=Q(bound_eur__isnull=True) | Q(cost_eur__isnull=True) | Q(bound_eur__lte=F("cost_eur")),
                violation_error_message="Die untere Schranke liegt über den Kosten.",
            ),
            models.CheckConstraint(
                name="plan_is_done_with_an_answer",
                condition=~Q(state="done") | Q(answer__isnull=False, computed_at__isnull=False),
                violation_error_message="Ein berechneter Plan hat eine Antwort und den Zeitpunkt der Berechnung.",
            ),
            models.CheckConstraint(
                name="plan_is_accepted_once_it_is_done",
                condition=Q(accepted_at__isnull=True) | Q(state="done"),
                violation_error_message="Übernommen wird nur ein berechneter Plan.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanItem(models.Model):
    """One row that accepting a plan made, and what it said then: whoever changes it keeps it when the plan is taken back."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items", verbose_name="Plan")
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="fester Termin"
    )
    line = models.ForeignKey(
        CostLine, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="Kostenposition"
    )
    content = models.JSONField("Inhalt bei der Übernahme", default=dict)

    class Meta:
        verbose_name = "übernommener Teil eines Plans"
        verbose_name_plural = "übernommene Teile von Plänen"
        ordering = ["plan", "pk"]
        constraints = [
            models.CheckConstraint(
                name="plan_item_is_a_slot_or_a_line",
                condition=Q(slot__isnull=False, line__isnull=True) | Q(slot__isnull=True, line__isnull=False),
                violation_error_message="Ein Teil eines Plans ist ein Termin oder eine Kostenposition.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.slot or self.line)
