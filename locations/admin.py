"""How do staff edit districts, municipalities, institutions and the days on which houses are closed?"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.urls import path
from django.utils import timezone

from locations.admin_conflicting_edits import ConflictingEdits
from locations.admin_endings import Endings, KeepsWhatIsUsed
from locations.admin_export import ExportedList
from locations.admin_history import HistoryAdmin, operation_view
from locations.admin_scope import Scoped, ScopedChoices
from locations.models import (
    Closure,
    District,
    DriveTime,
    HelpLine,
    Institution,
    Locality,
    Municipality,
    Population,
    PostalCode,
    Room,
    SchoolHoliday,
    ServicePoint,
)
from locations.wording import date_digits

FIRST_DAY = date(1800, 1, 1)
LAST_DAY = date(2199, 12, 31)
OVERLAPS_TOLD = 3
YEARS = f"Das Jahr muss zwischen {FIRST_DAY.year} und {LAST_DAY.year} liegen."
SENSIBLE_YEARS = [MinValueValidator(FIRST_DAY, YEARS), MaxValueValidator(LAST_DAY, YEARS)]


# The start page lists everything; beside a form the list of all models only takes the room of the dates.
admin.site.enable_nav_sidebar = False


class DeskFields(ScopedChoices):
    """Fields as a desk needs them: decimal commas, times to the minute, no year that is a slip, no deleting in passing."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.DecimalField | models.FloatField):
            kwargs["localize"] = True
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.DateField):
            field.validators = [*field.validators, *SENSIBLE_YEARS]
        elif isinstance(field, forms.TimeField):
            field.widget.format = "%H:%M"
        elif field is not None and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field


# The choices are named once more, or Django's own would come before them: ExportedList is a ModelAdmin already.
class DeskAdmin(
    ConflictingEdits, HistoryAdmin, Endings, ExportedList, Scoped, DeskFields, ScopedChoices, admin.ModelAdmin
):
    """What every list of the administration has in common."""

    list_per_page = 50
    empty_value_display = "–"


class DeskInline(KeepsWhatIsUsed, DeskFields, admin.TabularInline):
    """Rows beside their owner; one empty row is there without script."""

    extra = 1


class HelpLineInline(DeskInline):
    model = HelpLine


class ServicePointInline(DeskInline):
    model = ServicePoint
    extra = 0


@admin.register(District)
class DistrictAdmin(DeskAdmin):
    district_path = "pk"
    list_display = ["name", "key", "federal_state", "phone", "needs_second_person", "is_example"]
    search_fields = ["name", "key"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [HelpLineInline, ServicePointInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A new district would be nobody's; whoever runs the installation adds it, and says who is responsible.
        return request.user.is_superuser

    def get_urls(self) -> list[Any]:
        undo = self.admin_site.admin_view(operation_view)
        return [path("vorgang/<uuid:operation_id>/", undo, name="locations_operation"), *super().get_urls()]


@admin.register(HelpLine)
class HelpLineAdmin(DeskAdmin):
    district_path = "district"
    list_display = ["name", "phone", "district", "position"]
    list_filter = ["district"]
    search_fields = ["name", "phone"]
    autocomplete_fields = ["district"]


@admin.register(ServicePoint)
class ServicePointAdmin(DeskAdmin):
    district_path = "district"
    list_display = ["name", "street", "district"]
    list_filter = ["district"]
    search_fields = ["name", "street"]
    autocomplete_fields = ["district"]


class MunicipalityForm(forms.ModelForm):
    def clean_boundary(self) -> Any:
        boundary = self.cleaned_data["boundary"]
        kind = boundary.get("type") if isinstance(boundary, dict) else None
        if boundary is not None and (kind not in ("Polygon", "MultiPolygon") or not boundary.get("coordinates")):
            raise forms.ValidationError(
                "Erwartet wird ein GeoJSON-Objekt der Art Polygon oder MultiPolygon mit „coordinates“."
            )
        return boundary


class PostalCodeInline(DeskInline):
    model = PostalCode
    fields = ["code"]


class PopulationInline(DeskInline):
    model = Population


@admin.register(Municipality)
class MunicipalityAdmin(DeskAdmin):
    form = MunicipalityForm
    district_path = "district"
    list_display = ["name", "kind", "ags", "population", "first_day", "last_day", "successor"]
    list_filter = ["district", "kind"]
    list_select_related = ["successor"]
    search_fields = ["name", "ags"]
    autocomplete_fields = ["district", "successor"]
    inlines = [PopulationInline, PostalCodeInline]
    fieldsets = [
        (None, {"fields": ["district", "kind", "name", "ags"]}),
        ("Bestand", {"fields": ["first_day", "last_day", "successor"]}),
        ("Einwohner", {"fields": ["population", "population_on", "population_source"]}),
        ("Karte", {"fields": ["latitude", "longitude", "boundary"]}),
    ]


@admin.register(Locality)
class LocalityAdmin(DeskAdmin):
    district_path = "municipality__district"
    list_display = ["name", "municipality", "note"]
    list_filter = ["municipality"]
    search_fields = ["name", "municipality__name"]
    autocomplete_fields = ["municipality"]
    prepopulated_fields = {"slug": ["name"]}


class PostalCodeForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        municipality = cleaned.get("municipality")
        strangers = [
            locality.name
            for locality in cleaned.get("localities") or []
            if municipality and locality.municipality_id != municipality.pk
        ]
        if strangers:
            self.add_error("localities", f"Nicht in {municipality}: {', '.join(strangers)}.")
        return cleaned


@admin.register(PostalCode)
class PostalCodeAdmin(DeskAdmin):
    form = PostalCodeForm
    district_path = "municipality__district"
    list_display = ["code", "municipality"]
    list_filter = ["municipality"]
    search_fields = ["code", "municipality__name", "localities__name"]
    autocomplete_fields = ["municipality", "localities"]


class InstitutionForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        locality, municipality = cleaned.get("locality"), cleaned.get("municipality")
        if locality and municipality and locality.municipality_id != municipality.pk:
            self.add_error("locality", f"Dieser Ortsteil gehört nicht zu {municipality}.")
        return cleaned


class RoomInline(DeskInline):
    model = Room


class ClosureInline(DeskInline):
    """Closures of one house; its district follows from the house."""

    model = Closure
    counts_from = "first_day"
    fields = ["first_day", "last_day", "reason"]


@admin.register(Institution)
class InstitutionAdmin(DeskAdmin):
    form = InstitutionForm
    district_path = "municipality__district"
    list_display = ["name", "kind", "municipality", "locality", "step_free", "first_day", "last_day"]
    list_filter = ["kind", "step_free", "address_is_public", "municipality"]
    list_select_related = ["municipality", "locality"]
    search_fields = ["name", "street", "municipality__name", "locality__name"]
    autocomplete_fields = ["municipality", "locality"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [RoomInline, ClosureInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "carrier", "register_number"]}),
        (
            "Wo",
            {
                "fields": [
                    "municipality",
                    "locality",
                    "street",
                    "postal_code",
                    "latitude",
                    "longitude",
                    "address_is_public",
                ]
            },
        ),
        ("Erreichbar", {"fields": ["phone", "email", "website"]}),
        (
            "Zugang",
            {
                "description": "„Unbekannt“ wird so gezeigt; „Nein“ nur eintragen, wenn es geprüft ist.",
                "fields": [
                    "step_free",
                    "step_free_note",
                    "lift",
                    "accessible_toilet",
                    "parking",
                    "accessibility_checked_on",
                ],
            },
        ),
        ("Betrieb", {"fields": ["first_day", "last_day", "closes_in_school_holidays"]}),
    ]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the rows; a closure typed here belongs to the district of the house."""
        if formset.model is Closure:
            for closure_form in formset.forms:
                closure_form.instance.district_id = form.instance.municipality.district_id
        super().save_formset(request, form, formset, change)
        if formset.model is Closure:
            for closure in [*formset.new_objects, *(closure for closure, _ in formset.changed_objects)]:
                warn_of_overlaps(request, closure)


@admin.register(Room)
class RoomAdmin(DeskAdmin):
    district_path = "institution__municipality__district"
    list_display = ["name", "institution", "note"]
    search_fields = ["name", "institution__name"]
    autocomplete_fields = ["institution"]


@admin.register(DriveTime)
class DriveTimeAdmin(DeskAdmin):
    district_path = ("first__municipality__district", "second__municipality__district")
    list_display = ["first", "second", "minutes"]
    list_select_related = ["first", "second"]
    search_fields = ["first__name", "second__name"]
    autocomplete_fields = ["first", "second"]


@admin.register(Closure)
class ClosureAdmin(DeskAdmin):
    counts_from_first_day = True
    district_path = "district"
    list_display = ["reason", "first_day", "last_day", "whose", "district"]
    list_filter = ["district", "first_day"]
    list_select_related = ["district", "institution"]
    search_fields = ["reason", "institution__name"]
    autocomplete_fields = ["district", "institution"]

    @admin.display(description="gilt für", ordering="institution__name")
    def whose(self, closure: Closure) -> str:
        return str(closure.institution or "alle Einrichtungen")

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        warn_of_overlaps(request, obj)


class HolidayYearFilter(admin.SimpleListFilter):
    """The holidays that have a day in a year."""

    title = "Jahr"
    parameter_name = "jahr"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        this = timezone.localdate().year
        years = {str(year) for year in range(this, this + 3)} | {self.value() or str(this)}
        return [(year, year) for year in sorted(years)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        year = self.value() or ""
        if not (year.isascii() and year.isdigit() and 1800 <= int(year) <= 2199):
            return queryset
        return queryset.filter(first_day__lte=date(int(year), 12, 31), last_day__gte=date(int(year), 1, 1))


@admin.register(SchoolHoliday)
class SchoolHolidayAdmin(DeskAdmin):
    counts_from_first_day = True
    shared_because = "Schulferien gelten im ganzen Land."
    list_display = ["name", "federal_state", "first_day", "last_day", "source"]
    list_filter = ["federal_state", HolidayYearFilter]
    search_fields = ["name", "federal_state"]


def overlapping_closures(closure: Closure) -> models.QuerySet[Closure]:
    """Return the other closures that share a day and a house with this one: a district's closes each of its houses."""
    others = Closure.objects.filter(
        district_id=closure.district_id, first_day__lte=closure.last_day, last_day__gte=closure.first_day
    ).select_related("institution")
    if closure.institution_id is not None:
        others = others.filter(models.Q(institution=closure.institution_id) | models.Q(institution__isnull=True))
    return others.exclude(pk=closure.pk)


def warn_of_overlaps(request: HttpRequest, closure: Closure) -> None:
    """Tell staff about overlapping closures; two reasons for one day are unusual, not forbidden."""
    found = list(overlapping_closures(closure)[: OVERLAPS_TOLD + 1])
    for other in found[:OVERLAPS_TOLD]:
        period = f"{date_digits(other.first_day)} bis {date_digits(other.last_day)}"
        messages.warning(
            request,
            f"Die Schließzeit „{closure.reason}“ überschneidet sich mit „{other.reason}“ ({_whose(closure, other)}{period}). "
            f"Beide gelten; genannt wird {_told_first(closure, other)}.",
        )
    if len(found) > OVERLAPS_TOLD:
        messages.warning(request, "Sie überschneidet sich noch mit weiteren; die Liste der Schließzeiten zeigt sie.")


def _whose(closure: Closure, other: Closure) -> str:
    """Return whose the other closure is, where it is not of the same house."""
    if closure.institution_id == other.institution_id:
        return ""
    return f"{other.institution or 'alle Einrichtungen'}, "


def _told_first(closure: Closure, other: Closure) -> str:
    if closure.institution_id == other.institution_id:
        return "der Grund, der früher beginnt"
    return "der Grund, der für alle Einrichtungen gilt"
