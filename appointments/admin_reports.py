"""How does staff see what families report, and what they look for in vain?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from appointments.models import MissingDemand, MistakeReport
from locations.admin import DeskAdmin

BEGINNING = 160  # characters of a text in the list


class ResolvedFilter(admin.SimpleListFilter):
    """Whether staff still has to look at it."""

    title = "Stand"
    parameter_name = "stand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("offen", "offen"), ("erledigt", "erledigt")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MistakeReport]) -> QuerySet[MistakeReport]:
        match self.value():
            case "offen":
                return queryset.filter(resolved_on__isnull=True)
            case "erledigt":
                return queryset.filter(resolved_on__isnull=False)
        return queryset


@admin.register(MistakeReport)
class MistakeReportAdmin(DeskAdmin):
    """Reports come from the public form alone; staff ticks them off, and may take that back."""

    district_path = "slot__institution__municipality__district"
    list_display = ["created_on", "kind", "beginning", "slot_link", "resolved_on"]
    list_filter = [ResolvedFilter, "kind", "slot__institution__municipality"]
    list_select_related = ["slot__offer", "slot__institution"]
    search_fields = ["slot__offer__title", "slot__institution__name", "text"]
    date_hierarchy = "created_on"
    actions = ["resolve"]
    fields = ["slot_link", "created_on", "kind", "words", "resolved_on"]
    readonly_fields = ["slot_link", "created_on", "kind", "words"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Als erledigt markieren", permissions=["change"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[MistakeReport]) -> None:
        number = queryset.filter(resolved_on__isnull=True).update(resolved_on=timezone.localdate())
        messages.success(request, "1 Hinweis ist erledigt." if number == 1 else f"{number} Hinweise sind erledigt.")

    @admin.display(description="Text")
    def beginning(self, report: MistakeReport) -> str:
        return truncatechars(self.words(report), BEGINNING)

    @admin.display(description="Text")
    def words(self, report: MistakeReport) -> str:
        if report.text_deleted_on:
            return f"Gelöscht am {report.text_deleted_on:%d.%m.%Y}"
        return report.text

    @admin.display(description="fester Termin", ordering="slot__offer__title")
    def slot_link(self, report: MistakeReport) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:appointments_slot_change", args=[report.slot_id]), report.slot
        )


@admin.register(MissingDemand)
class MissingDemandAdmin(DeskAdmin):
    """Numbers to read; above the weeks stand the sums of what is filtered."""

    district_path = "municipality__district"
    # Searches that named no municipality belong to no district, and say nothing of any.
    shows_rows_of_nobody = True
    change_list_template = "admin/appointments/missingdemand/change_list.html"
    list_display = ["week_first_day", "place", "subject", "count"]
    list_display_links = None
    list_filter = [
        ("municipality", admin.RelatedOnlyFieldListFilter),
        ("topic", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["municipality", "topic"]
    date_hierarchy = "week_first_day"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, (extra_context or {}) | {"title": "Suchen ohne Ergebnis"})
        # A filter that makes no sense is answered with a redirect, without a list.
        changes = (getattr(response, "context_data", None) or {}).get("cl")
        if changes is not None:
            response.context_data["totals"] = totals(changes.queryset)
        return response

    @admin.display(description="Gemeinde", ordering="municipality__name", empty_value="nicht angegeben")
    def place(self, row: MissingDemand) -> Any:
        return row.municipality

    @admin.display(description="Thema", ordering="topic__name", empty_value="ohne Thema")
    def subject(self, row: MissingDemand) -> Any:
        return row.topic


def totals(rows: QuerySet[MissingDemand]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return the sums per municipality and per topic, the most first. Two queries."""
    return [
        ("Gemeinde", _sums(rows, "municipality", "nicht angegeben")),
        ("Thema", _sums(rows, "topic", "ohne Thema")),
    ]


def _sums(rows: QuerySet[MissingDemand], field: str, unknown: str) -> list[tuple[str, int]]:
    """Return names and sums; two municipalities of one name stay two."""
    name = f"{field}__name"
    sums = (
        rows.order_by()
        .values(field, name)
        .annotate(total=Sum("count"))
        .order_by("-total", F(name).asc(nulls_last=True), field)
    )
    return [(row[name] or unknown, row["total"]) for row in sums]
