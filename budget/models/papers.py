"""What did the council decide, and which pilots came of it? Papers, their way, targets and pilots."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from appointments.models import Offer
from locations.models import District, History, Institution, Municipality, period_constraint


class Committee(models.Model):
    """A committee of the council (Ausschuss; OParl 1.1 Organization)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(
        District, on_delete=models.CASCADE, related_name="committees", verbose_name="Landkreis"
    )
    short_name = models.CharField("Kurzname", max_length=40)
    name = models.CharField("Name", max_length=200)
    remit = models.CharField("Aufgabe", max_length=300, blank=True)

    history = History()

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

    history = History()

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

    history = History()

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


class PaperFile(models.Model):
    """A document of a paper (Anlage; OParl 1.1 File): where it can be read, not the document itself."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="files", verbose_name="Vorlage")
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)
    name = models.CharField("Name", max_length=200)
    access_url = models.URLField("Adresse", max_length=500)
    mime_type = models.CharField("Dateiart", max_length=80, blank=True, help_text="Etwa application/pdf.")
    date = models.DateField("Datum", null=True, blank=True, help_text="Leer: nicht bekannt.")
    is_main = models.BooleanField("ist die Vorlage selbst", default=False)

    history = History()

    class Meta:
        verbose_name = "Anlage"
        verbose_name_plural = "Anlagen"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="paper_file_once_per_paper",
                fields=["paper", "access_url"],
                violation_error_message="Diese Adresse ist bei der Vorlage schon eingetragen.",
            ),
            models.UniqueConstraint(
                name="paper_has_one_main_file",
                fields=["paper"],
                condition=Q(is_main=True),
                violation_error_message="Nur eine Datei ist die Vorlage selbst.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """Return "PDF" for application/pdf; "" where the sort of the file is not known."""
        return self.mime_type.rpartition("/")[2].rpartition(".")[2].upper()


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

    history = History()

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

    history = History(m2m_fields=["offers"])

    class Meta:
        verbose_name = "Modellversuch"
        verbose_name_plural = "Modellversuche"
        ordering = ["name"]
        constraints = [period_constraint("pilot_ends_after_it_begins")]

    def __str__(self) -> str:
        return self.name
