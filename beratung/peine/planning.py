"""When are the houses and counsellors of the example free, and what would a new appointment cost?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from beratung.peine import files
from beratung.peine.counselling import Counselling
from beratung.peine.files import picked
from beratung.peine.keeper import Keeper
from beratung.peine.places import Places
from beratung.peine.story import WEEKDAYS
from budget.models import CounsellorWindow, InstitutionTerms, InstitutionWindow


def keep_planning(keeper: Keeper, places: Places, counselling: Counselling) -> None:
    """Make the free times and terms that are missing."""
    content = files.example("planning")
    houses = {places.institutions[slug]: row for slug, row in content["houses"].items()}
    people = {counselling.counsellors[name]: times for name, times in content["counsellors"].items()}
    keeper.keep(
        InstitutionWindow,
        _windows("institution", {house: row["windows"] for house, row in houses.items()}),
        natural=("institution", "weekday", "start_time"),
    )
    keeper.keep(CounsellorWindow, _windows("counsellor", people), natural=("counsellor", "weekday", "start_time"))
    keeper.keep(
        InstitutionTerms,
        {house.slug: {"institution": house, **_terms(row)} for house, row in houses.items()},
        natural=("institution",),
    )


def _windows(owner: str, times: dict[Any, Iterable[str]]) -> dict[str, dict[str, Any]]:
    return {f"{row.pk} {text}": {owner: row, **_window(text)} for row, texts in times.items() for text in texts}


def _window(text: str) -> dict[str, Any]:
    weekday, _, hours = text.partition(" ")
    start, _, end = hours.partition("-")
    return {
        "weekday": WEEKDAYS.index(weekday),
        "start_time": time.fromisoformat(start),
        "end_time": time.fromisoformat(end),
    }


def _terms(row: files.Table) -> dict[str, Any]:
    values = picked(row, "rent_basis", "note")
    for name in ("rent", "equipment"):
        if name in row:
            values |= dict(zip((f"{name}_low_eur", f"{name}_likely_eur", f"{name}_high_eur"), row[name], strict=True))
    return values
