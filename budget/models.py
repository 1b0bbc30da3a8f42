"""Who decided, and what does it cost? Papers, targets, pilots, budgets and their lines."""

from __future__ import annotations

import uuid
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from appointments.models import Counsellor, Offer, Slot
from locations.models import District, Institution, Municipality, in_force, period_constraint

NOT_NEGATIVE = [MinValueValidator(0)]


class Committee(models.Model):
    """A committee of the council (Ausschuss; OParl 1.1 Organization)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(
        District, on_delete=models.CASCADE, related_name="committees", verbose_name="Landkreis"
    )
    short_name = models.CharField("Kurzname", max_length=40)
    name = models.CharField("Name", max_length=200)
    remit = models.CharField("Aufgabe", max_length=300, blank=True)

    class Meta:
        verbose_name = "Ausschuss"
        verbose_name_plural = "Ausschüsse"
        ordering = ["short_name"]
        constraints = [
            models.UniqueConstraint(
                name="committee_once_per_district",
                fields=["district", "short_name"],
                violation_error_message="Diesen Ausschuss gibt es schon.",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class Paper(models.Model):
    """A council paper (Vorlage; OParl 1.1 Paper)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="papers", verbose_name="Landkreis")
    reference = models.CharField("Nummer", max_length=40, help_text="Etwa 2014/026.")
    slug = models.SlugField("Kurzname in Adressen", help_text="Etwa 2014-026.")
    name = models.CharField("Betreff", max_length=300)
    paper_type = models.CharField("Art", max_length=80, blank=True)
    date = models.DateField("Datum", null=True, blank=True, help_text="Leer: nicht bekannt.")
    lead = models.CharField("Federführung", max_length=120, blank=True)
    proposal = models.TextField("Beschlussvorschlag", blank=True)
    facts = models.TextField("Aus dem Sachverhalt", blank=True)
    url = models.URLField("Fundstelle", blank=True, max_length=500)
    note = models.TextField("Anmerkung", blank=True)

    class Meta:
        verbose_name = "Vorlage"
        verbose_name_plural = "Vorlagen"
        ordering = ["-reference"]
        constraints = [
            models.UniqueConstraint(
                name="paper_reference_once_per_district",
                fields=["district", "reference"],
                violation_error_message="Diese Vorlage gibt es schon.",
            ),
            models.UniqueConstraint(
                name="paper_slug_once_per_district",
                fields=["district", "slug"],
                violation_error_message="Dieser Kurzname ist schon vergeben.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"


class Consultation(models.Model):
    """One station of a paper's way through the committees (Beratungsfolge; OParl 1.1 Consultation)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="consultations", verbose_name="Vorlage")
    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="consultations", verbose_name="Ausschuss"
    )
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)
    meeting_on = models.DateField("Sitzung am", null=True, blank=True, help_text="Leer: nicht bekannt.")
    agenda_item = models.CharField("Tagesordnungspunkt", max_length=40, blank=True)
    role = models.CharField("Rolle", max_length=80, blank=True, help_text="Etwa: Vorberatung, Entscheidung.")
    result = models.CharField("Ergebnis", max_length=200, blank=True, help_text="Leer: nicht bekannt.")
    url = models.URLField("Fundstelle", blank=True, max_length=500)

    class Meta:
        verbose_name = "Beratung einer Vorlage"
        verbose_name_plural = "Beratungsfolge"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="consultation_position_once_per_paper",
                fields=["paper", "position"],
                violation_error_message="Diese Stelle der Beratungsfolge ist schon vergeben.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper.reference} im {self.committee}"


class Target(models.Model):
    """What a paper wants to be true in every municipality (Ziel)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="targets", verbose_name="Vorlage")
    quote = models.TextField("Wortlaut")
    source_place = models.CharField("Stelle in der Vorlage", max_length=80, blank=True)
    qualifying_kinds = models.JSONField(
        "Einrichtungen, die zählen", help_text="Liste von Arten, etwa school, kita, family_centre."
    )
    minimum_institutions = models.PositiveSmallIntegerField(
        "Einrichtungen je Gemeinde, mindestens", default=1, validators=[MinValueValidator(1)]
    )
    first_day = models.DateField("gilt ab")
    last_day = models.DateField("gilt bis", null=True, blank=True)

    class Meta:
        verbose_name = "Ziel"
        verbose_name_plural = "Ziele"
        ordering = ["first_day"]
        constraints = [
            period_constraint("target_ends_after_it_begins"),
            models.CheckConstraint(
                name="target_asks_for_at_least_one_institution",
                condition=Q(minimum_institutions__gte=1),
                violation_error_message="Ein Ziel verlangt mindestens eine Einrichtung je Gemeinde.",
            ),
        ]

    def __str__(self) -> str:
        return self.quote

    def clean(self) -> None:
        kinds = self.qualifying_kinds
        if not isinstance(kinds, list) or not kinds or not set(kinds) <= set(Institution.Kind.values):
            known = ", ".join(Institution.Kind.values)
            raise ValidationError({"qualifying_kinds": f"Bitte mindestens eine Art aus dieser Liste: {known}."})


class Pilot(models.Model):
    """A model that is tried out in one municipality (Modellversuch)."""

    class Model(models.TextChoices):
        TEAM = "team", "multiprofessionelles Team"
        VOLUNTEER = "volunteer", "Ehrenamt (Kümmerer)"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="pilots", verbose_name="Vorlage")
    name = models.CharField("Name", max_length=120)
    model = models.CharField("Modell", max_length=20, choices=Model.choices)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="pilots", verbose_name="Gemeinde"
    )
    partner = models.CharField("Partner", max_length=200, blank=True)
    question = models.TextField("Frage, die er beantworten soll", blank=True)
    first_day = models.DateField("erster Tag", null=True, blank=True)
    last_day = models.DateField("letzter Tag", null=True, blank=True)
    offers = models.ManyToManyField(Offer, blank=True, related_name="pilots", verbose_name="Angebote")

    class Meta:
        verbose_name = "Modellversuch"
        verbose_name_plural = "Modellversuche"
        ordering = ["name"]
        constraints = [period_constraint("pilot_ends_after_it_begins")]

    def __str__(self) -> str:
        return self.name


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
