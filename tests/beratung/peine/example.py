"""Which day is the example told for in the tests, and which rows does it have?"""

from __future__ import annotations

from datetime import date

from django.apps import apps
from django.db import models

from appointments.coverage import CoverageState, TargetRule
from appointments.evidence import Evidence

DAY = date(2026, 11, 22)

ROOMS = ("locations", "appointments", "budget")


def rows_of_all_models() -> list[type[models.Model]]:
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models()]


TARGET = TargetRule(frozenset({"school", "kita", "family_centre"}), 1)
COVERED, AGREED, GAP = CoverageState.COVERED, CoverageState.AGREED, CoverageState.GAP
STATES_ON_THE_DAY = {
    "Edemissen": GAP,
    "Hohenhameln": COVERED,
    "Ilsede": COVERED,
    "Lengede": AGREED,
    "Peine": COVERED,
    "Vechelde": COVERED,
    "Wendeburg": COVERED,
}


def states(evidence: Evidence, day: date) -> dict[str, CoverageState]:
    rows = evidence.coverage(day, TARGET).municipalities
    return {evidence.municipalities[row.municipality].name: row.state for row in rows}
