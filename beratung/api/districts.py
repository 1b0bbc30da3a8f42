"""Whose data is asked for, and as of which day?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from appointments.coverage import Coverage
from appointments.evidence import Evidence
from appointments.models import Slot
from appointments.occurrences import horizon
from beratung.api.parameters import OfDistrict, OfDistrictOnDay
from beratung.api.problems import Problem, shown, wrong
from beratung.history import rule_of
from beratung.paper_way import earliest_day, paper_ways, way_on
from budget.models import Target
from locations.models import District
from locations.wording import date_full, listed


def district_of(asked: OfDistrict) -> District:
    """Return the district named, or the only one. Problem: there is none of that name, or several and none named."""
    districts = list(District.objects.all())
    found = [one for one in districts if one.slug == asked.kreis] if asked.kreis else districts
    if len(found) == 1:
        return found[0]
    names = listed([one.slug for one in districts]) if districts else "keine"
    detail = f"Hier gibt es diese Landkreise: {names}."
    detail = f"„{shown(asked.kreis)}“ ist keiner davon. {detail}" if asked.kreis else f"Bitte einen nennen. {detail}"
    raise Problem(404 if asked.kreis or not districts else 400, detail, [wrong("kreis", detail)])


@dataclass(frozen=True)
class CoverageOnDay:
    """The coverage of a district, with the target it is measured by; both None where none is in force."""

    evidence: Evidence
    day: date
    target: Target | None
    coverage: Coverage | None


def coverage_of(asked: OfDistrictOnDay) -> CoverageOnDay:
    """Return the coverage as the committee's page has it: by the same target, from the same rows. Seven queries at most."""
    district = district_of(asked)
    ways = paper_ways(district.slug)
    today = timezone.localdate()
    day = asked.tag or today
    first, last = earliest_day(ways), max(horizon(today), earliest_day(ways))
    if not first <= day <= last:
        detail = f"Angaben gibt es vom {date_full(first)} bis zum {date_full(last)}."
        raise Problem(404, detail, [wrong("tag", detail)])
    way = way_on(ways, day)
    evidence = Evidence.load(district, day, day, slots=Slot.objects.with_last_confirmation(day))
    coverage = evidence.coverage(day, rule_of(way.target)) if way else None
    return CoverageOnDay(evidence, day, way.target if way else None, coverage)
