"""In which houses can counselling take place, and how long is the way between them?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from locations.models.history import History
from locations.models.municipalities import Locality, Municipality
from locations.models.shared import Placed, Recorded, in_force, period_constraint, point_constraint


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def in_operation(self, day: date) -> InstitutionQuerySet:
        """Return the institutions that are in operation on the day."""
        return self.filter(in_force(day))

    def of_kinds(self, kinds: Iterable[str]) -> InstitutionQuerySet:
        """Return the institutions of the kinds a target asks for."""
        return self.filter(kind__in=list(kinds))


class Institution(Placed, Recorded):
    """A house in which counselling can take place (Einrichtung)."""

    class Kind(models.TextChoices):
        SCHOOL = "school", _("Schule")
        KITA = "kita", _("Kita")
        FAMILY_CENTRE = "family_centre", _("Familienzentrum")
        TOWN_HALL = "town_hall", _("Rathaus")
        ASSOCIATION = "association", _("Verein")
        OTHER = "other", _("andere Einrichtung")

    # A Kita or family centre closes by its own dates, entered as closures; a school by the state's holidays.
    KINDS_THAT_FOLLOW_SCHOOL_HOLIDAYS = frozenset({Kind.SCHOOL})

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField("Kurzname in Adressen", max_length=140, unique=True)
    name = models.CharField("Name", max_length=200)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    register_number = models.CharField(
        "Nummer im Register",
        max_length=40,
        blank=True,
        help_text="Etwa die Schulnummer. Daran erkennt der Import die Einrichtung wieder, auch wenn sie anders heißt.",
    )
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        related_name="institutions",
        verbose_name="Gemeinde",
        help_text="Die Gemeinde, in der die Einrichtung an ihrem ersten Tag lag.",
    )
    locality = models.ForeignKey(
        Locality,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="institutions",
        verbose_name="Ortsteil",
    )
    street = models.CharField("Straße und Hausnummer", max_length=200, blank=True)
    postal_code = models.CharField(
        "Postleitzahl",
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{5}\Z", "Eine Postleitzahl hat genau fünf Ziffern.")],
    )
    carrier = models.CharField("Träger der Einrichtung", max_length=200, blank=True)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    email = models.EmailField("E-Mail", blank=True)
    website = models.URLField("Website", blank=True)
    step_free = models.BooleanField("stufenlos erreichbar", null=True, blank=True)
    step_free_note = models.CharField(
        "Hinweis zum Zugang", max_length=200, blank=True, help_text="Etwa: 3 Stufen am Eingang"
    )
    lift = models.BooleanField("Aufzug", null=True, blank=True)
    accessible_toilet = models.BooleanField("WC stufenlos", null=True, blank=True)
    parking = models.BooleanField("Parkplatz", null=True, blank=True)
    accessibility_checked_on = models.DateField("Zugang geprüft am", null=True, blank=True)
    address_is_public = models.BooleanField(
        "Adresse ist öffentlich",
        default=True,
        help_text="Eine vertrauliche Adresse wird nirgends gezeigt, nur die Telefonnummer.",
    )
    closes_in_school_holidays = models.BooleanField(
        "schließt in den Schulferien",
        null=True,
        blank=True,
        help_text="Leer: wie bei dieser Art üblich (Schulen schließen, andere nicht).",
    )
    first_day = models.DateField("in Betrieb seit")
    last_day = models.DateField("in Betrieb bis", null=True, blank=True)

    history = History()
    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = "Einrichtung"
        verbose_name_plural = "Einrichtungen"
        ordering = ["name"]
        indexes = [models.Index(fields=["latitude", "longitude"]), models.Index(fields=["name"])]
        constraints = [
            period_constraint("institution_ends_after_it_begins"),
            point_constraint("institution_lies_on_the_globe"),
            models.UniqueConstraint(
                name="register_number_once_per_kind_and_municipality",
                fields=["municipality", "kind", "register_number"],
                condition=~Q(register_number=""),
                violation_error_message="Diese Nummer im Register hat in der Gemeinde schon eine andere Einrichtung.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_address(self) -> str:
        """Return name and address on one line, or only the municipality of a confidential house."""
        if not self.address_is_public:
            return f"Ort auf Anfrage, {self.municipality.name}"
        town = f"{self.postal_code} {self.municipality.name}".strip()
        return ", ".join(part for part in (self.name, self.street, town) if part)

    @property
    def follows_school_holidays(self) -> bool:
        """Return whether the house is closed in school holidays: its own word, else the habit of its kind."""
        if self.closes_in_school_holidays is None:
            return self.kind in self.KINDS_THAT_FOLLOW_SCHOOL_HOLIDAYS
        return self.closes_in_school_holidays


class RoomQuerySet(models.QuerySet["Room"]):
    """Rooms, deleted like one row each."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            for row in self:
                row.touch_house()
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True


class Room(models.Model):
    """A room of an institution (Raum).

    Calendars print its name; who holds a copy of one learns of a change by the day on which its house last changed.
    """

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="rooms", verbose_name="Einrichtung"
    )
    name = models.CharField("Name", max_length=120)
    note = models.CharField("Wegbeschreibung", max_length=200, blank=True)

    history = History()
    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = "Raum"
        verbose_name_plural = "Räume"
        ordering = ["institution__name", "name"]
        constraints = [
            models.UniqueConstraint(
                name="room_once_per_institution",
                fields=["institution", "name"],
                violation_error_message="Diesen Raum gibt es in der Einrichtung schon.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.touch_house()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self.touch_house()
            return super().delete(*args, **kwargs)

    def touch_house(self) -> None:
        """Note at the house that something has changed."""
        Institution.objects.filter(pk=self.institution_id).update(changed_at=timezone.now())


class DriveTime(models.Model):
    """How long the way between two houses really takes, where staff know better than the estimate (Fahrzeit)."""

    first = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+", verbose_name="Einrichtung")
    second = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+", verbose_name="und")
    minutes = models.PositiveSmallIntegerField(
        "Minuten", validators=[MaxValueValidator(600)], help_text="Gilt in beiden Richtungen."
    )

    history = History()

    class Meta:
        verbose_name = "Fahrzeit"
        verbose_name_plural = "Fahrzeiten"
        ordering = ["first__name", "second__name"]
        constraints = [
            models.UniqueConstraint(
                name="drive_time_once_per_pair",
                fields=["first", "second"],
                violation_error_message="Für diese beiden Einrichtungen ist schon eine Fahrzeit eingetragen.",
            ),
            models.CheckConstraint(
                name="drive_time_joins_two_houses_in_order",
                condition=Q(first__lt=F("second")),
                violation_error_message="Bitte zwei verschiedene Einrichtungen angeben.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}: {self.minutes} Minuten"

    def clean(self) -> None:
        # One row a pair: the way back takes as long.
        if self.first_id and self.second_id and self.first_id > self.second_id:
            self.first, self.second = self.second, self.first
