"""What is offered, by whom, and about what? Topics, providers, offers and counsellors."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from locations.models import District, History, Recorded, ServicePoint


class Language(models.Model):
    """A language spoken in counselling (Sprache)."""

    code = models.CharField("Kürzel", max_length=8, unique=True, help_text="Nach ISO 639, etwa de, tr, ar.")
    name = models.CharField("Name", max_length=60)
    native_name = models.CharField("Eigenname", max_length=60)

    history = History()

    class Meta:
        verbose_name = "Sprache"
        verbose_name_plural = "Sprachen"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Guideline(models.Model):
    """A guideline of the council paper that an offer can serve (Leitlinie)."""

    slug = models.SlugField("Kurzname", unique=True)
    name = models.CharField("Name", max_length=120)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)

    history = History()

    class Meta:
        verbose_name = "Leitlinie"
        verbose_name_plural = "Leitlinien"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Topic(Recorded):
    """A field of counselling (Beratungsfeld)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField("Kurzname in Adressen", max_length=80, unique=True)
    name = models.CharField("Name", max_length=160)
    short_name = models.CharField("Name im Alltag", max_length=80)
    explanation = models.TextField("Erklärung in einfachen Worten", blank=True)
    everyday_words = models.TextField(
        "Wörter im Alltag",
        blank=True,
        help_text="Wonach Eltern suchen, mit Komma getrennt: Mahnungen, Pfändung, Insolvenz",
    )
    legal_basis = models.CharField("Rechtsgrundlage", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)

    history = History()

    class Meta:
        verbose_name = "Beratungsfeld"
        verbose_name_plural = "Beratungsfelder"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> list[str]:
        """Return the everyday words one by one, as staff ordered them."""
        return [word.strip() for word in self.everyday_words.split(",") if word.strip()]


class Provider(Recorded):
    """Who counsels (Träger)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="providers", verbose_name="Landkreis")
    slug = models.SlugField("Kurzname in Adressen", max_length=140, unique=True)
    name = models.CharField("Name", max_length=200)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    email = models.EmailField("E-Mail", blank=True)
    website = models.URLField("Website", blank=True)

    history = History()

    class Meta:
        verbose_name = "Träger"
        verbose_name_plural = "Träger"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Offer(Recorded):
    """What a provider offers, wherever it takes place (Angebot)."""

    class DeliveryModel(models.TextChoices):
        FIXED_SLOT = "fixed_slot", "fester Termin"
        TEAM = "team", "multiprofessionelles Team"
        VOLUNTEER = "volunteer", "Ehrenamt (Kümmerer)"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField("Titel", max_length=200)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="offers", verbose_name="Träger")
    topics = models.ManyToManyField(Topic, related_name="offers", verbose_name="Beratungsfelder")
    summary = models.TextField("Worum es geht", blank=True, help_text="Zwei Sätze in einfachen Worten.")
    audience = models.CharField("Für wen", max_length=200, blank=True)
    age_from = models.PositiveSmallIntegerField("Alter von", null=True, blank=True, validators=[MaxValueValidator(120)])
    age_to = models.PositiveSmallIntegerField("Alter bis", null=True, blank=True, validators=[MaxValueValidator(120)])
    languages = models.ManyToManyField(Language, related_name="offers", verbose_name="Sprachen")
    drop_in = models.BooleanField("offen: einfach kommen", default=False)
    by_appointment = models.BooleanField("nach Anmeldung", default=False)
    by_phone = models.BooleanField("am Telefon", default=False)
    online = models.BooleanField("online", default=False)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    email = models.EmailField("E-Mail", blank=True)
    anonymous = models.BooleanField("auf Wunsch ohne Namen", null=True, blank=True)
    free = models.BooleanField("kostenlos", null=True, blank=True)
    fee_text = models.CharField("Kosten", max_length=200, blank=True)
    bring_along = models.CharField("Mitbringen", max_length=200, blank=True)
    delivery_model = models.CharField(
        "Modell", max_length=20, choices=DeliveryModel.choices, default=DeliveryModel.FIXED_SLOT
    )
    guidelines = models.ManyToManyField(Guideline, blank=True, related_name="offers", verbose_name="Leitlinien")

    history = History(m2m_fields=["topics", "languages", "guidelines"])

    class Meta:
        verbose_name = "Angebot"
        verbose_name_plural = "Angebote"
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                name="offer_ages_run_upwards",
                condition=Q(age_from__isnull=True) | Q(age_to__isnull=True) | Q(age_to__gte=F("age_from")),
                violation_error_message="Das Alter „bis“ liegt unter dem Alter „von“.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def contact_phone(self) -> str:
        """Return the number to call: the offer's own, else the provider's."""
        return self.phone or self.provider.phone

    @property
    def needs_no_way(self) -> bool:
        """Return whether the counselling takes place by phone or online alone."""
        return (self.by_phone or self.online) and not (self.drop_in or self.by_appointment)


class Counsellor(models.Model):
    """A person who counsels, known by function only (Fachkraft); never shown in public."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="counsellors", verbose_name="Träger")
    label = models.CharField("Bezeichnung", max_length=120, help_text="Eine Funktion genügt, etwa Fachkraft C.")
    weekly_hours = models.DecimalField(
        "Wochenstunden",
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(60)],
    )
    service_point = models.ForeignKey(
        ServicePoint,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="counsellors",
        verbose_name="Dienststelle",
        help_text="Hier beginnt und endet der Weg.",
    )

    history = History()

    class Meta:
        verbose_name = "Fachkraft"
        verbose_name_plural = "Fachkräfte"
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(
                name="counsellor_label_once_per_provider",
                fields=["provider", "label"],
                violation_error_message="Diese Bezeichnung gibt es bei dem Träger schon.",
            ),
        ]

    def __str__(self) -> str:
        return self.label
