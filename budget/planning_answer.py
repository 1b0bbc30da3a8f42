"""How is the planner's answer kept with the plan, so that the page can show it for years?"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from typing import Any

from appointments.recurrence import Monthly, SingleDates, Weekly
from budget.planner import Answer, ExistingSlot, Question
from budget.planning_rows import Prepared
from locations.geo import Point


def stored(answer: Answer, prepared: Prepared) -> dict[str, Any]:
    """Return the answer as JSON, with the names and points its keys stood for when it was computed."""
    question = prepared.question
    return {
        **as_json(answer),
        "notes": list(prepared.notes),
        "municipality_names": {str(row.key): row.name for row in question.municipalities},
        "house_names": {str(row.key): row.name for row in question.candidates},
        "counsellor_names": {str(row.key): row.name for row in question.counsellors},
        "bases": _points({row.key: row.base for row in question.counsellors}),
        "places": _points({row.key: row.point for row in question.candidates}),
        "stays": _points({row.institution: row.point for row in question.existing}),
        "step_free": {str(row.key): row.step_free for row in question.candidates},
        "existing": [_kept(row) for row in question.existing],
        "offers": {str(counsellor): offer.pk for counsellor, offer in prepared.offers.items()},
        "offer_names": {str(counsellor): offer.title for counsellor, offer in prepared.offers.items()},
        "already_covered": [row.key for row in question.municipalities if row.covered_by],
        "bands": as_json(question.need.bands),
        "prices": as_json(question.prices),
        "terms": {str(row.key): as_json(_terms(row)) for row in question.candidates},
        "question_sizes": sizes(question),
    }


def _kept(slot: ExistingSlot) -> dict[str, Any]:
    series = slot.series
    return {
        "name": slot.name,
        "municipality": slot.municipality,
        "counsellors": list(slot.counsellors),
        "rule": as_json(series.rule),
        "start": as_json(series.start),
        "end": as_json(series.end),
    }


def _terms(house: Any) -> dict[str, Any]:
    return {
        "rent_per_date": house.rent_per_date,
        "rent_per_month": house.rent_per_month,
        "equipment": house.equipment,
    }


def _points(points: dict[int, Point | None]) -> dict[str, list[float]]:
    return {str(key): [point.latitude, point.longitude] for key, point in points.items() if point is not None}


def sizes(question: Question) -> dict[str, int]:
    """Return among how many the planner could choose."""
    return {
        "municipalities": len(question.municipalities),
        "candidates": len(question.candidates),
        "counsellors": len(question.counsellors),
        "existing": len(question.existing),
        "dates_needed": question.dates_needed,
    }


def as_json(value: Any) -> Any:
    """Return dataclasses as objects, rules as text with their anchor, days and times as ISO, sets in order."""
    if isinstance(value, Weekly | Monthly | SingleDates):
        anchor = getattr(value, "anchor", None)
        return {"text": value.text, "anchor": anchor and anchor.isoformat()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): as_json(content) for key, content in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(as_json(one) for one in value)
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, int | float | str | bool | None) else str(value)
