"""Which kinds of files can be imported, by whom, and with what at hand?"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from budget.imports.cost_lines import CostLineImport
from django.utils import timezone

from appointments.imports.slots import SlotImport
from appointments.status import PUBLISH
from locations.imports.boundaries import BoundaryImport
from locations.imports.institutions import InstitutionImport
from locations.imports.municipalities import MunicipalityImport
from locations.imports.running import ImportKind, Options
from locations.imports.school_holidays import SchoolHolidayImport
from locations.models import ImportRun
from locations.scope import districts_of

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
    return [kind for kind in KINDS.values() if user.has_perms(kind.permissions())]


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


def may_see(user: Any, run: ImportRun) -> bool:
    """Return whether the account may read the run: its own, and those of its districts."""
    if user.is_superuser or run.user_id == user.pk:
        return True
    kind = KINDS.get(run.kind)
    allowed = kind is not None and user.has_perms(kind.permissions())
    return allowed and run.district_id is not None and districts_of(user).filter(pk=run.district_id).exists()
