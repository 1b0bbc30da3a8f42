"""What does a small district need so that the planner can plan for it? Two villages, three houses, two counsellors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from appointments.models import Counsellor
from budget.models import Budget, CounsellorWindow, InstitutionTerms, InstitutionWindow, Plan, TravelRate
from budget.planning_asked import Asked
from locations.models import District, Institution
from tests import builders

TODAY = date(2026, 3, 2)  # a Monday


@dataclass
class Plannable:
    """The rows a test may change."""

    district: District
    budget: Budget
    near: Institution
    far: Institution
    other: Institution
    first: Counsellor
    second: Counsellor
    asked: Asked


def make_plannable(today: date = TODAY) -> Plannable:
    """Return a district with two villages without an appointment and money for both, planned for 26 weeks."""
    district = builders.make_district()
    builders.make_target(builders.make_paper(district), qualifying_kinds=["kita"])
    first_day, last_day = today + timedelta(days=7), today + timedelta(days=7 + 26 * 7 - 1)
    budget = builders.make_budget(
        district, first_day=today - timedelta(days=30), last_day=last_day, ansatz_eur=Decimal(2000)
    )
    TravelRate.objects.create(jurisdiction="DE-NI", name="Beispielsatz", eur_per_km=Decimal("0.38"), source="Beispiel")
    near_town = builders.make_municipality(district, name="Beispieldorf Nah", latitude=52.34, longitude=10.25)
    far_town = builders.make_municipality(district, name="Beispieldorf Fern", latitude=52.40, longitude=10.35)
    near = house(near_town, "Beispiel-Kita Nah", (52.34, 10.25), rent_likely_eur=10, rent_high_eur=15)
    far = house(far_town, "Beispiel-Kita Fern", (52.40, 10.35), equipment_likely_eur=100, equipment_high_eur=140)
    other = house(far_town, "Beispiel-Kita Ferner", (52.41, 10.36), equipment_likely_eur=200, equipment_high_eur=200)
    provider = builders.make_provider(district)
    builders.make_offer(provider, title="Beispielberatung für Familien")
    point = builders.make_service_point(district)
    return Plannable(
        district=district,
        budget=budget,
        near=near,
        far=far,
        other=other,
        first=person(provider, point, "Beispiel-Fachkraft A", 1),
        second=person(provider, point, "Beispiel-Fachkraft B", 3),
        asked=Asked(today, first_day, last_day, 200_000),
    )


def house(town: Any, name: str, point: tuple[float, float], **terms: Any) -> Institution:
    """Return a Kita that is free on Tuesdays and Thursdays from 9 to 15 Uhr."""
    row = builders.make_institution(town, name=name, kind="kita", latitude=point[0], longitude=point[1])
    for weekday in (1, 3):
        InstitutionWindow.objects.create(institution=row, weekday=weekday, start_time=time(9), end_time=time(15))
    InstitutionTerms.objects.create(institution=row, **terms)
    return row


def person(provider: Any, point: Any, label: str, weekday: int) -> Counsellor:
    """Return a counsellor who is free from 8 to 17 Uhr on one day of the week."""
    row = builders.make_counsellor(provider, label=label, service_point=point, weekly_hours=20)
    CounsellorWindow.objects.create(counsellor=row, weekday=weekday, start_time=time(8), end_time=time(17))
    return row


def make_plan(rows: Plannable, **asked: Any) -> Plan:
    """Return a plan that waits, with these choices; nothing is queued."""
    question = replace(rows.asked, **asked).stored()
    return Plan.objects.create(district=rows.district, name="Beispielplan", question=question)
