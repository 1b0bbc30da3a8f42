"""How is the administration put together? What only the whole knows is added here to lists of the rooms below."""

from __future__ import annotations

from datetime import date

from django.contrib import admin
from django.http import HttpRequest

from appointments.admin import SlotAdmin
from appointments.doubles import doubles
from appointments.models import Slot
from appointments.surroundings import Draft, Effect, Surroundings
from beratung.access import sees_amounts_of_single_lines
from beratung.desk_costs import Purse, cost_effects
from beratung.desk_coverage import coverage_effects
from beratung.desk_filters import BudgetTaskFilter, CostLineTaskFilter, MunicipalityTaskFilter
from budget.admin import BudgetAdmin, CostLineAdmin
from budget.models import Budget, CostLine, Target
from locations.admin import MunicipalityAdmin
from locations.models import District, Municipality, in_force

admin.site.index_template = "admin/desk.html"
admin.site.unregister([Municipality, Budget, CostLine, Slot])


@admin.register(Municipality)
class MunicipalityDesk(MunicipalityAdmin):
    list_filter = [MunicipalityTaskFilter, *MunicipalityAdmin.list_filter]


@admin.register(Budget)
class BudgetDesk(BudgetAdmin):
    list_filter = [BudgetTaskFilter, *BudgetAdmin.list_filter]


@admin.register(CostLine)
class CostLineDesk(CostLineAdmin):
    list_filter = [CostLineTaskFilter, *CostLineAdmin.list_filter]


@admin.register(Slot)
class SlotDesk(SlotAdmin):
    """The slot form whose panel also knows the target and the money."""

    def outlook(self, request: HttpRequest, draft: Draft, today: date) -> tuple[Surroundings, list[Effect]]:
        purse = Purse.of(draft, today)
        around = Surroundings.load(draft, today, period=purse.period, also=purse.slots)
        effects = [*doubles(around), *coverage_effects(around, _target(around.district, today))]
        if sees_amounts_of_single_lines(request.user, around.district.slug):
            effects += cost_effects(around, purse)
        return around, effects


def _target(district: District, today: date) -> Target | None:
    """Return the target in force today, the newest where several are. One query."""
    return Target.objects.filter(in_force(today), paper__district=district).order_by("first_day", "pk").last()
