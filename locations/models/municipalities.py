"""Which districts, municipalities, localities and postal codes are there?"""

from __future__ import annotations

import uuid
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify

from locations.models.history import History
from locations.models.shared import Placed, Recorded, in_force, period_constraint, point_constraint
from locations.origins import check_origins
from locations.place_names import fold, folded


class District(models.Model):
    """The district that plans (Landkreis, kreisfreie Stadt)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField("Name", max_length=120)
    slug = models.SlugField("Kurzname in Adressen", unique=True)
    key = models.CharField(
        "Kreisschlüssel",
        max_length=5,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{5}\Z", "Der Kreisschlüssel hat genau fünf Ziffern.")],
    )
    federal_state = models.CharField(
        "Land",
        max_length=5,
        validators=[RegexValidator(r"^DE-[A-Z]{2}\Z", "Bitte wie in ISO 3166-2 angeben, etwa DE-NI.")],
        help_text="Nach ISO 3166-2, etwa DE-NI. Davon hängen Feiertage und Ferien ab.",
    )
    phone = models.CharField("Telefon", max_length=40, blank=True)
    phone_hours = models.CharField("Telefonzeiten", max_length=120, blank=True)
    email = models.EmailField("E-Mail", blank=True)
    website = models.URLField("Website", blank=True)
    needs_second_person = models.BooleanField(
        "Vier-Augen-Prinzip",
        default=False,
        help_text="Wer einen Termin zuletzt bearbeitet hat, veröffentlicht ihn nicht selbst.",
    )
    is_example = models.BooleanField(
        "Beispieldaten", default=False, help_text="Jede Seite sagt dann, dass die Termine nicht echt sind."
    )
    embedding_sites = models.TextField(
        "Websites, die Termine einbetten dürfen",
        blank=True,
        validators=[check_origins],
        help_text="Je Zeile eine Adresse ohne Pfad, etwa https://schule.example.org oder https://*.example.org.",
    )

    history = History()

    class Meta:
        verbose_name = "Landkreis"
        verbose_name_plural = "Landkreise"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="district_key_has_five_digits",
                condition=Q(key__regex=r"^[0-9]{5}$"),
                violation_error_message="Der Kreisschlüssel hat genau fünf Ziffern.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HelpLine(models.Model):
    """A number for people who cannot wait (Hilfetelefon)."""

    district = models.ForeignKey(
        District, on_delete=models.CASCADE, related_name="help_lines", verbose_name="Landkreis"
    )
    name = models.CharField("Name", max_length=120)
    phone = models.CharField("Telefon", max_length=40)
    position = models.PositiveSmallIntegerField("Reihenfolge", default=0)

    history = History()

    class Meta:
        verbose_name = "Hilfetelefon"
        verbose_name_plural = "Hilfetelefone"
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                name="help_line_once_per_district",
                fields=["district", "name"],
                violation_error_message="Dieses Hilfetelefon ist schon eingetragen.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.phone}"


class ServicePoint(Placed):
    """Where counsellors set out from (Dienststelle)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(
        District, on_delete=models.CASCADE, related_name="service_points", verbose_name="Landkreis"
    )
    name = models.CharField("Name", max_length=200)
    street = models.CharField("Straße und Ort", max_length=200, blank=True)

    history = History()

    class Meta:
        verbose_name = "Dienststelle"
        verbose_name_plural = "Dienststellen"
        ordering = ["name"]
        constraints = [point_constraint("service_point_lies_on_the_globe")]

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def existing(self, day: date) -> MunicipalityQuerySet:
        """Return the municipalities that exist on the day."""
        return self.filter(in_force(day))


class Municipality(Placed, Recorded):
    """A town or municipality of the district for as long as it existed (Gemeinde)."""

    class Kind(models.TextChoices):
        TOWN = "town", "Stadt"
        MUNICIPALITY = "municipality", "Gemeinde"
        MARKET_TOWN = "market_town", "Flecken"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(
        District, on_delete=models.PROTECT, related_name="municipalities", verbose_name="Landkreis"
    )
    name = models.CharField("Name", max_length=120)
    search_name = models.GeneratedField(
        expression=folded("name"),
        output_field=models.CharField(max_length=200),
        db_persist=True,
        verbose_name="Suchform",
    )
    kind = models.CharField("Art", max_length=20, choices=Kind.choices, default=Kind.MUNICIPALITY)
    ags = models.CharField(
        "Gemeindeschlüssel (AGS)",
        max_length=8,
        unique=True,
        validators=[
            RegexValidator(
                r"^[0-9]{8}\Z", "Der Gemeindeschlüssel (AGS) hat genau acht Ziffern, führende Null inbegriffen."
            )
        ],
    )
    population = models.PositiveIntegerField("Einwohner", null=True, blank=True)
    population_on = models.DateField("Einwohner am", null=True, blank=True)
    population_source = models.CharField("Quelle der Einwohnerzahl", max_length=300, blank=True)
    boundary = models.JSONField(
        "Grenze (GeoJSON)", null=True, blank=True, help_text="Polygon oder MultiPolygon in WGS 84."
    )
    first_day = models.DateField("besteht seit", null=True, blank=True)
    last_day = models.DateField("bestand bis", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="Nachfolgerin",
    )

    history = History(excluded_fields=["search_name"])
    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = "Gemeinde"
        verbose_name_plural = "Gemeinden"
        ordering = ["name", "ags"]
        indexes = [models.Index(fields=["search_name"]), models.Index(fields=["latitude", "longitude"])]
        constraints = [
            models.CheckConstraint(
                name="municipality_ags_has_eight_digits",
                condition=Q(ags__regex=r"^[0-9]{8}$"),
                violation_error_message="Der Gemeindeschlüssel (AGS) hat genau acht Ziffern, führende Null inbegriffen.",
            ),
            models.CheckConstraint(
                name="municipality_with_a_successor_has_ended",
                condition=Q(successor__isnull=True) | Q(last_day__isnull=False),
                violation_error_message="Eine Gemeinde mit Nachfolgerin braucht einen letzten Tag.",
            ),
            models.CheckConstraint(
                name="municipality_is_not_its_own_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                violation_error_message="Eine Gemeinde kann nicht ihre eigene Nachfolgerin sein.",
            ),
            period_constraint("municipality_ends_after_it_begins"),
            point_constraint("municipality_lies_on_the_globe"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    @property
    def slug(self) -> str:
        """Return the name as it stands in addresses."""
        return slugify(fold(self.name))

    def clean(self) -> None:
        # A key of another length has its own sentence.
        if self.district_id and len(self.ags) == 8 and not self.ags.startswith(self.district.key):
            raise ValidationError(
                {
                    "ags": f"Der Gemeindeschlüssel {self.ags} gehört nicht zu {self.district.name} "
                    f"(er müsste mit {self.district.key} beginnen)."
                }
            )


class Locality(Placed):
    """A village or quarter within a municipality (Ortsteil)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="localities", verbose_name="Gemeinde"
    )
    name = models.CharField("Name", max_length=120)
    search_name = models.GeneratedField(
        expression=folded("name"),
        output_field=models.CharField(max_length=200),
        db_persist=True,
        verbose_name="Suchform",
    )
    slug = models.SlugField("Kurzname in Adressen", max_length=140)
    note = models.CharField("Anmerkung", max_length=300, blank=True)

    history = History(excluded_fields=["search_name"])

    class Meta:
        verbose_name = "Ortsteil"
        verbose_name_plural = "Ortsteile"
        ordering = ["name"]
        indexes = [models.Index(fields=["search_name"])]
        constraints = [
            models.UniqueConstraint(
                name="locality_once_per_municipality",
                fields=["municipality", "name"],
                violation_error_message="Diesen Ortsteil gibt es in der Gemeinde schon.",
            ),
            models.UniqueConstraint(
                name="locality_slug_once_per_municipality",
                fields=["municipality", "slug"],
                violation_error_message="Dieser Kurzname ist in der Gemeinde schon vergeben.",
            ),
            point_constraint("locality_lies_on_the_globe"),
        ]

    def __str__(self) -> str:
        return self.name


class PostalCode(models.Model):
    """A postal code in one municipality, with the localities known to have it (Postleitzahl)."""

    code = models.CharField(
        "Postleitzahl",
        max_length=5,
        validators=[RegexValidator(r"^[0-9]{5}\Z", "Eine Postleitzahl hat genau fünf Ziffern.")],
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, related_name="postal_codes", verbose_name="Gemeinde"
    )
    localities = models.ManyToManyField(Locality, blank=True, related_name="postal_codes", verbose_name="Ortsteile")

    history = History(m2m_fields=["localities"])

    class Meta:
        verbose_name = "Postleitzahl"
        verbose_name_plural = "Postleitzahlen"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                name="postal_code_once_per_municipality",
                fields=["code", "municipality"],
                violation_error_message="Diese Postleitzahl ist in der Gemeinde schon eingetragen.",
            ),
            models.CheckConstraint(
                name="postal_code_has_five_digits",
                condition=Q(code__regex=r"^[0-9]{5}$"),
                violation_error_message="Eine Postleitzahl hat genau fünf Ziffern.",
            ),
        ]

    def __str__(self) -> str:
        return self.code
