"""How is the administration put together? What only the whole knows is added here to lists of the rooms below."""

from __future__ import annotations

from django.contrib import admin

from appointments import admin as appointments_admin  # noqa: F401 - its lists have to be there already
from beratung.desk_filters import BudgetTaskFilter, CostLineTaskFilter, MunicipalityTaskFilter
from budget.admin import BudgetAdmin, CostLineAdmin
from budget.models import Budget, CostLine
from locations.admin import MunicipalityAdmin
from locations.models import Municipality

admin.site.index_template = "admin/desk.html"
admin.site.unregister([Municipality, Budget, CostLine])


@admin.register(Municipality)
class MunicipalityDesk(MunicipalityAdmin):
    list_filter = [MunicipalityTaskFilter, *MunicipalityAdmin.list_filter]


@admin.register(Budget)
class BudgetDesk(BudgetAdmin):
    list_filter = [BudgetTaskFilter, *BudgetAdmin.list_filter]


@admin.register(CostLine)
class CostLineDesk(CostLineAdmin):
    list_filter = [CostLineTaskFilter, *CostLineAdmin.list_filter]
