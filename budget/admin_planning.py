"""How do staff tell the planner when a house or a counsellor is free, and what a house would cost?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django_tasks_db.models import DBTaskResult

from appointments.admin import CounsellorAdmin
from appointments.models import Counsellor
from budget.models import CounsellorWindow, InstitutionTerms, InstitutionWindow, Plan, PlanItem
from locations.admin import DeskAdmin, DeskFields, DeskInline, InstitutionAdmin
from locations.models import Institution
from locations.wording import euro_exact

# The queue is machinery: plans and reports show how far they are on their own pages.
admin.site.unregister(DBTaskResult)
# The rooms to the left know nothing of money; here their desks get what planning needs.
admin.site.unregister([Institution, Counsellor])


class InstitutionTermsInline(DeskFields, admin.StackedInline):
    model = InstitutionTerms
    extra = 0
    fields = [
        ("rent_basis", "rent_low_eur", "rent_likely_eur", "rent_high_eur"),
        ("equipment_low_eur", "equipment_likely_eur", "equipment_high_eur"),
        "note",
    ]


class InstitutionWindowInline(DeskInline):
    model = InstitutionWindow
    extra = 0


class CounsellorWindowInline(DeskInline):
    model = CounsellorWindow
    extra = 0


@admin.register(Institution)
class PlannedInstitutionAdmin(InstitutionAdmin):
    inlines = [*InstitutionAdmin.inlines, InstitutionWindowInline, InstitutionTermsInline]


@admin.register(Counsellor)
class PlannedCounsellorAdmin(CounsellorAdmin):
    inlines = [*CounsellorAdmin.inlines, CounsellorWindowInline]


class ReadOnly:
    """Rows the planning page alone writes."""

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class PlanItemInline(ReadOnly, DeskInline):
    model = PlanItem
    fields = ["slot", "line"]


@admin.register(Plan)
class PlanAdmin(ReadOnly, DeskAdmin):
    district_path = "district"
    list_display = ["name", "district", "state", "computed_at", "proof", "cost", "accepted_at"]
    list_filter = ["district", "state"]
    search_fields = ["name"]
    fields = ["district", "name", "state", "proof", "cost_eur", "bound_eur", "created_by", "computed_at", "accepted_at"]
    inlines = [PlanItemInline]

    @admin.display(description="Kosten", ordering="cost_eur")
    def cost(self, plan: Plan) -> str | None:
        return None if plan.cost_eur is None else euro_exact(plan.cost_eur)
