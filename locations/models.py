"""Where is it? Districts, municipalities, localities and the institutions that open their doors."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify

from locations.geo import Point
from locations.place_names import fold, folded

LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]
LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]


def in_force(day: date) -> Q:
    """Return the condition that a period (both ends inclusive, open where empty) contains the day."""
    return (Q(first_day__isnull=True) | Q(first_day__lte=day)) & (Q(last_day__isnull=True) | Q(last_day__gte=day))


def period_constraint(name: str) -> models.CheckConstraint:
    """Return the rule that a period does not end before it begins."""
    return models.CheckConstraint(
        name=name,
        condition=Q(first_day__isnull=True) | Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
        violation_error_message="Der letzte Tag liegt vor dem ersten Tag.",
    )


def point_constraint(name: str) -> models.CheckConstraint:
    """Return the rule that a point is whole, on the globe, or absent."""
    return models.CheckConstraint(
        name=name,
        condition=Q(latitude__isnull=True, longitude__isnull=True)
        | Q(
            latitude__isnull=False,
            longitude__isnull=False,
            latitude__gte=-90,
            latitude__lte=90,
            longitude__gte=-180,
            longitude__lte=180,
        ),
        violation_error_message="Bitte Breite (-90 bis 90) und Länge (-180 bis 180) zusammen angeben oder beide leer lassen.",
    )


class Placed(models.Model):
    """Something with a point on the map, or none that is known."""

    latitude = models.FloatField("Breite", null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField("Länge", null=True, blank=True, validators=LONGITUDE)

    class Meta:
        abstract = True

    @property
    def point(self) -> Point | None:
        """Return the point in degrees (WGS 84), None where it is not known."""
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.latitude, self.longitude)


class Recorded(models.Model):
    """Something others hold a copy of: when it last changed is said to them."""

    changed_at = models.DateTimeField("geändert am", auto_now=True, editable=False)

    class Meta:
        abstract = True


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
    is_example = models.BooleanField(
        "Beispieldaten", default=False, help_text="Jede Seite sagt dann, dass die Termine nicht echt sind."
    )

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

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = "Gemeinde"
        verbose_name_plural = "Gemeinden"
        ordering = ["name", "ags"]
        indexes = [models.Index(fields=["search_name"])]
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
        if self.district_id and self.ags and not self.ags.startswith(self.district.key):
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
        SCHOOL = "school", "Schule"
        KITA = "kita", "Kita"
        FAMILY_CENTRE = "family_centre", "Familienzentrum"
        TOWN_HALL = "town_hall", "Rathaus"
        ASSOCIATION = "association", "Verein"
        OTHER = "other", "andere Einrichtung"

    # A Kita or family centre closes by its own dates, entered as closures; a school by the state's holidays.
    KINDS_THAT_FOLLOW_SCHOOL_HOLIDAYS = frozenset({Kind.SCHOOL})

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField("Kurzname in Adressen", max_length=140, unique=True)
    name = models.CharField("Name", max_length=200)
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
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

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = "Einrichtung"
        verbose_name_plural = "Einrichtungen"
        ordering = ["name"]
        indexes = [models.Index(fields=["latitude", "longitude"]), models.Index(fields=["name"])]
        constraints = [
            period_constraint("institution_ends_after_it_begins"),
            point_constraint("institution_lies_on_the_globe"),
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


class Room(models.Model):
    """A room of an institution (Raum)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="rooms", verbose_name="Einrichtung"
    )
    name = models.CharField("Name", max_length=120)
    note = models.CharField("Wegbeschreibung", max_length=200, blank=True)

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


class DriveTime(models.Model):
    """How long the way between two houses really takes, where staff know better than the estimate (Fahrzeit)."""

    first = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+", verbose_name="Einrichtung")
    second = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+", verbose_name="und")
    minutes = models.PositiveSmallIntegerField(
        "Minuten", validators=[MaxValueValidator(600)], help_text="Gilt in beiden Richtungen."
    )

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


class Closure(Recorded):
    """Days on which a house, or every house of the district, is closed (Schließzeit)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="closures", verbose_name="Landkreis")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="closures",
        verbose_name="Einrichtung",
        help_text="Leer: gilt für alle Einrichtungen des Landkreises.",
    )
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    reason = models.CharField("Grund (öffentlich)", max_length=200)

    class Meta:
        verbose_name = "Schließzeit"
        verbose_name_plural = "Schließzeiten"
        ordering = ["first_day", "last_day"]
        indexes = [models.Index(fields=["district", "first_day"])]
        constraints = [period_constraint("closure_ends_after_it_begins")]

    def __str__(self) -> str:
        return f"{self.reason}, {self.first_day:%d.%m.%Y} bis {self.last_day:%d.%m.%Y}"

    def clean(self) -> None:
        if self.institution_id and self.district_id and self.institution.municipality.district_id != self.district_id:
            raise ValidationError({"institution": "Diese Einrichtung liegt in einem anderen Landkreis."})


class SchoolHoliday(Recorded):
    """A stretch of school holidays of one federal state (Schulferien)."""

    federal_state = models.CharField("Land", max_length=5)
    name = models.CharField("Name", max_length=80)
    first_day = models.DateField("erster Tag")
    last_day = models.DateField("letzter Tag")
    source = models.CharField("Quelle", max_length=300)

    class Meta:
        verbose_name = "Schulferien"
        verbose_name_plural = "Schulferien"
        ordering = ["federal_state", "first_day"]
        constraints = [
            period_constraint("school_holiday_ends_after_it_begins"),
            models.UniqueConstraint(
                name="school_holiday_once_per_state_and_first_day",
                fields=["federal_state", "first_day"],
                violation_error_message="Für dieses Land beginnen an diesem Tag schon Ferien.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day:%d.%m.%Y} bis {self.last_day:%d.%m.%Y}"
