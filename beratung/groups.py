"""Which groups are ready-made, and what may each do? The one table of rights; docs/rights.md shows it.

A group gives rights, the responsibility for a district (or the binding to a provider) says for which rows. `migrate` makes
the groups and adds rights that are missing; it never takes away what an operator has added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

READ: Final = ("view",)
KEEP: Final = ("view", "change")
EDIT: Final = ("view", "add", "change", "delete")
ROOMS: Final = ("locations", "appointments", "budget")

SHARED = {
    "locations.schoolholiday",
    "appointments.language",
    "appointments.guideline",
    "appointments.topic",
    "appointments.topictranslation",
    "appointments.texttranslation",
    "budget.travelrate",
}
EDITED = {
    "locations.helpline",
    "locations.servicepoint",
    "locations.municipality",
    "locations.population",
    "locations.locality",
    "locations.postalcode",
    "locations.institution",
    "locations.room",
    "locations.drivetime",
    "locations.closure",
    "appointments.provider",
    "appointments.offer",
    "appointments.offertranslation",
    "appointments.counsellor",
    "appointments.slot",
    "appointments.slotexception",
    "appointments.confirmation",
    "appointments.attendance",
    "budget.institutionwindow",
    "budget.counsellorwindow",
}
MONEY = {
    "budget.committee",
    "budget.paper",
    "budget.paperfile",
    "budget.consultation",
    "budget.target",
    "budget.pilot",
    "budget.budget",
    "budget.budgetamendment",
    "budget.costline",
    "budget.institutionterms",
}
PLANS = {"budget.plan", "budget.planitem"}
READ_BY_STAFF = {"locations.importrun", "appointments.missingdemand", "locations.district"}


def rights(models: set[str], actions: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the permissions for these actions on these models."""
    named = (model.split(".") for model in models)
    return frozenset(f"{room}.{action}_{model}" for room, model in named for action in actions)


REDAKTION: Final = (
    rights(EDITED, EDIT)
    | rights(READ_BY_STAFF | SHARED | MONEY | PLANS, READ)
    | rights({"appointments.mistakereport", "appointments.slotproposal"}, KEEP)
    | rights({"appointments.confirmationround"}, ("view", "add", "change"))
)


@dataclass(frozen=True)
class ReadyMade:
    """A group as it comes: what it is for, whether its members work in the administration, and its rights."""

    name: str
    purpose: str
    permissions: frozenset[str]
    is_staff: bool = True


GROUPS: Final = (
    ReadyMade("Redaktion", "pflegt Orte, Angebote und Termine; Geld und Pläne liest sie nur", REDAKTION),
    ReadyMade(
        "Leitung",
        "darf alles, was die Redaktion darf, und veröffentlicht Termine, führt den Haushalt und plant",
        REDAKTION
        | rights(MONEY | PLANS | SHARED, EDIT)
        | rights({"locations.district"}, KEEP)
        | {"appointments.publish_slot"},
    ),
    ReadyMade(
        "Träger",
        "schlägt Termine für eigene Angebote vor, liest eigene Angebote und Termine",
        frozenset(
            {"appointments.view_offer", "appointments.view_slot", "appointments.add_slot", "appointments.change_slot"}
        ),
    ),
    ReadyMade(
        "Ausschuss",
        "liest auf den Seiten für den Ausschuss auch interne Zahlen; kein Zugang zur Verwaltung",
        rights({"budget.costline"}, READ),
        is_staff=False,
    ),
    ReadyMade(
        "Betrieb",
        "legt Konten an, ordnet Gruppen, Landkreise und Träger zu, hebt Sperren auf",
        rights({"auth.user"}, ("view", "add", "change"))
        | rights({"auth.group"}, READ)
        | rights({"locations.districtstaff", "appointments.providerstaff"}, EDIT)
        | rights({"locations.district", "appointments.provider"}, READ),
    ),
)
NAMES: Final = tuple(group.name for group in GROUPS)


def make_groups(using: str = "default", verbosity: int = 0, **kwargs: Any) -> None:
    """Make the groups that are missing and add the rights they lack. Called after each `migrate`; done twice it is done."""
    # Each room's permissions are made after its own migration, which may be later than this.
    for room in (*ROOMS, "auth"):
        create_permissions(apps.get_app_config(room), verbosity=0, using=using)
    with transaction.atomic(using=using):
        known = _permissions(using)
        for ready_made in GROUPS:
            added = _make(ready_made, known, using)
            if added and verbosity:
                print(f"  Gruppe {ready_made.name}: {added} Rechte ergänzt")


def _permissions(using: str) -> dict[str, int]:
    rows = Permission.objects.using(using).filter(content_type__app_label__in=[*ROOMS, "auth"])
    return {f"{room}.{code}": key for key, room, code in rows.values_list("pk", "content_type__app_label", "codename")}


def _make(ready_made: ReadyMade, known: dict[str, int], using: str) -> int:
    """Return how many rights the group lacked; a right that does not exist is a mistake in the table: KeyError."""
    group, _ = Group.objects.using(using).get_or_create(name=ready_made.name)
    wanted = {known[name] for name in ready_made.permissions}
    lacking = wanted - set(group.permissions.values_list("pk", flat=True))
    group.permissions.add(*lacking)
    return len(lacking)
