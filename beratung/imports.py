"""Which kinds of files can be imported, by whom, and with what at hand?"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone

from appointments.imports.slots import SlotImport
from appointments.models import only_proposes
from appointments.status import PUBLISH
from budget.imports.cost_lines import CostLineImport
from locations.imports.boundaries import BoundaryImport
from locations.imports.institutions import InstitutionImport
from locations.imports.municipalities import MunicipalityImport
from locations.imports.running import ImportKind, Options
from locations.imports.school_holidays import SchoolHolidayImport
from locations.models import ImportRun
from locations.models.imports import ImportRunQuerySet
from locations.scope import districts_of, is_responsible_for_all

KINDS: Final[dict[str, ImportKind]] = {
    kind.key: kind
    for kind in (
        InstitutionImport(),
        SlotImport(),
        CostLineImport(),
        SchoolHolidayImport(),
        MunicipalityImport(),
        BoundaryImport(),
    )
}
DAYS: Final = frozenset({"since", "as_of"})


def kinds_for(user: Any) -> list[ImportKind]:
    """Return the kinds that the account may import."""
    return [kind for kind in KINDS.values() if may_import(user, kind)]


def may_import(user: Any, kind: ImportKind) -> bool:
    """Return whether the account may import this kind; what belongs to all districts only who is responsible for all."""
    if only_proposes(user) or not user.has_perms(kind.permissions()):
        return False
    own = admin.site._registry.get(kind.model)
    return not getattr(own, "shared_because", "") or is_responsible_for_all(user)


def options_of(run: ImportRun) -> Options:
    """Return the options with which the run began, as its account has rights now."""
    given = {
        name: date.fromisoformat(value) if name in DAYS and value else value for name, value in run.options.items()
    }
    return Options(
        today=timezone.localdate(),
        districts=tuple(districts_of(run.user)),
        district=run.district,
        user=run.user,
        may_publish=run.user.has_perm(PUBLISH),
        **{name: value for name, value in given.items() if value not in (None, "")},
    )


def runs_of(user: Any) -> ImportRunQuerySet:
    """Return the runs that the account may read: its own, and those of its districts."""
    if user.is_superuser:
        return ImportRun.objects.all()
    keys = [kind.key for kind in kinds_for(user)]
    return ImportRun.objects.filter(Q(district__in=districts_of(user), kind__in=keys) | Q(user=user))
