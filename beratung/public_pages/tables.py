"""Which tables can be seen on public pages, and which cannot?"""

from __future__ import annotations

from django.apps import apps

ROOMS = ("locations", "appointments", "budget")
# Everything else can be seen. A table that is named here never empties the cache; each with its reason.
NOT_PUBLIC = {
    "locations.PublicVersion": "the version itself",
    "locations.RequestCount": "how often something was tried; written by visitors",
    "locations.DistrictStaff": "accounts of the staff",
    "locations.ForeignId": "where rows came from",
    "locations.ImportRun": "a diary of imports",
    "locations.ImportChunk": "files on their way in",
    "locations.ImportFinding": "rows that were refused",
    "appointments.ProviderStaff": "accounts of providers",
    "appointments.MistakeReport": "read by staff alone",
    "appointments.MissingDemand": "read by staff and planner alone; written by visitors' searches",
    "appointments.ConfirmationRound": "letters to providers",
    "appointments.ProviderLetter": "letters to providers",
    "appointments.SlotProposal": "what providers propose to staff",
    "budget.InstitutionWindow": "input of the planner",
    "budget.CounsellorWindow": "input of the planner",
    "budget.InstitutionTerms": "input of the planner",
    "budget.Plan": "not yet decided",
    "budget.PlanItem": "not yet decided",
}


def public_tables() -> list[str]:
    """Return the names of the tables whose rows can stand on a public page, in a fixed order."""
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models(include_auto_created=True)]
    return sorted(
        model._meta.db_table
        for model in models
        if model._meta.label not in NOT_PUBLIC and not _is_history(model.__name__)
    )


def _is_history(name: str) -> bool:
    return name.startswith("Historical")
