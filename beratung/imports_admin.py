"""Where do staff look up which files were imported?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from beratung.imports import runs_of
from locations.admin_export import ExportedList
from locations.models import ImportRun


class ToMendFilter(admin.SimpleListFilter):
    """Runs whose rejected rows wait to be mended."""

    title = "Abgelehnte Zeilen"
    parameter_name = "abgelehnt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ja", "mit abgelehnten Zeilen")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
        return queryset.filter(rejected__gt=0) if self.value() == "ja" else queryset


@admin.register(ImportRun)
class ImportRunAdmin(ExportedList):
    """The runs, to be read only; what a run did is on its own page."""

    list_display = ["page", "status", "district", "user", "started_at", "added", "changed", "unchanged", "rejected"]
    list_display_links = None
    list_filter = [ToMendFilter, "status", "kind_label", "district"]
    list_select_related = ["district", "user"]
    search_fields = ["file_name"]
    list_per_page = 50

    @admin.display(description="Datei", ordering="file_name")
    def page(self, run: ImportRun) -> str:
        return format_html('<a href="{}">{}</a>', reverse("import_run", args=[run.uuid]), run)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        return runs_of(request.user)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the page of the run."""
        run = self.get_object(request, object_id)
        return HttpResponseRedirect(reverse("import_run", args=[run.uuid]) if run else reverse("imports"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        return False
