"""What has staff to look at today? The rows behind the start page of the administration, loaded once a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, IntegerField, Min, OuterRef, Q, Subquery, Sum
from django.http import HttpRequest
from django.utils import timezone

from appointments.coverage import Coverage, CoverageState
from appointments.models import MistakeReport, Slot, overdue_on, unconfirmed_on
from appointments.occurrences import horizon
from appointments.slot_tasks import whole_districts_of
from appointments.timeline import Timeline, timeline
from appointments.whole_districts import DAYS_AHEAD, WholeDistricts
from beratung.desk_money import Purse, purses
from beratung.history import rule_of
from budget.models import Target
from locations.calendars import years_without
from locations.models import District, Municipality, in_force


@dataclass(frozen=True)
class Uncovered:
    """A municipality without coverage on the day it says; `state` is what it has instead."""

    municipality: Municipality
    state: CoverageState
    on: date


class Desk:
    """What the tasks look at; everything is loaded when first asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.today = timezone.localdate()

    def may_see(self, permission: str) -> bool:
        """Return whether the account may see rows of this kind: "appointments.slot"."""
        room, model = permission.split(".")
        return any(self.request.user.has_perm(f"{room}.{action}_{model}") for action in ("view", "change"))

    @cached_property
    def whole(self) -> WholeDistricts:
        return whole_districts_of(self.request)

    @property
    def districts(self) -> tuple[District, ...]:
        return self.whole.districts

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Return how many slots wait, and how many open reports there are. One query."""
        reports = MistakeReport.objects.open().filter(slot=OuterRef("pk")).order_by().values("slot")
        slots = Slot.objects.filter(institution__municipality__district__in=[one.pk for one in self.districts])
        return slots.annotate(
            is_unconfirmed=_is(unconfirmed_on(self.today)),
            is_overdue=_is(overdue_on(self.today)),
            reports=Subquery(reports.annotate(found=Count("pk")).values("found"), output_field=IntegerField()),
            reported=Subquery(reports.annotate(first=Min("created_on")).values("first")),
        ).aggregate(
            unconfirmed=Count("pk", filter=Q(is_unconfirmed=True)),
            providers=Count("offer__provider", filter=Q(is_unconfirmed=True), distinct=True),
            overdue=Count("pk", filter=Q(is_overdue=True)),
            oldest=Min("first_day", filter=Q(is_overdue=True)),
            open_reports=Sum("reports"),
            first_report=Min("reported"),
        )

    @cached_property
    def targets(self) -> dict[int, Target]:
        """Return the target in force today by district, the newest where several are. One query."""
        keys = [one.pk for one in self.districts]
        rows = Target.objects.filter(in_force(self.today), paper__district__in=keys).select_related("paper")
        return {row.paper.district_id: row for row in rows.order_by("first_day", "pk")}

    @cached_property
    def timelines(self) -> dict[int, Timeline]:
        """Return the coverage of the days ahead by district, where a target is in force."""
        return {key: self._timeline(key, target) for key, target in self.targets.items()}

    def _timeline(self, district: int, target: Target) -> Timeline:
        evidence = self.whole.evidence[district]
        last = self.today + timedelta(days=DAYS_AHEAD)
        return timeline(
            self.today, last, rule_of(target), evidence.terms, evidence.houses, evidence.facts, evidence.calendar
        )

    def coverage(self, district: int) -> Coverage | None:
        """Return the coverage of today; None where no target is in force."""
        target = self.targets.get(district)
        return self.whole.evidence[district].coverage(self.today, rule_of(target)) if target else None

    @cached_property
    def uncovered(self) -> list[Uncovered]:
        """Return the municipalities without coverage today."""
        return [
            Uncovered(self.whole.municipalities[lane.municipality], span.state, span.first_day)
            for found in self.timelines.values()
            for lane in found.lanes
            if (span := lane.span_on(self.today)) and span.state is not CoverageState.COVERED
        ]

    @cached_property
    def losing(self) -> list[Uncovered]:
        """Return the municipalities that will be without coverage within the days ahead, but are not today."""
        found = []
        for lane in (lane for one in self.timelines.values() for lane in one.lanes):
            now = lane.span_on(self.today)
            lost = next((span for span in lane.spans if span.state is not CoverageState.COVERED), None)
            if lost and (now is None or now.state is CoverageState.COVERED):
                found.append(Uncovered(self.whole.municipalities[lane.municipality], lost.state, lost.first_day))
        return sorted(found, key=lambda one: one.on)

    @cached_property
    def years_without_holidays(self) -> list[tuple[str, int]]:
        """Return state and year of school holidays nobody entered, as far ahead as dates are computed."""
        calendars = sorted(self.whole.timetable.calendars.items())
        return [
            (state, year)
            for state, calendar in calendars
            for year in years_without(calendar.school_holidays, self.today, horizon(self.today))
        ]

    @cached_property
    def purses(self) -> list[Purse]:
        return purses(self.districts, self.whole.municipalities, self.whole.timetable, self.today)


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def desk_of(request: HttpRequest) -> Desk:
    """Return the desk of the account, the same one for page and filters of a request."""
    if not hasattr(request, "desk"):
        request.desk = Desk(request)
    return request.desk
