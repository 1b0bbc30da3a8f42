"""Which municipalities, budgets and cost lines wait for somebody? Filters of lists whose rooms do not know why."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from appointments.slot_tasks import found_once
from beratung.desk import desk_of
from budget.models import Budget, CostLine
from locations.models import Municipality
from locations.task_filter import TaskFilter

UNCOVERED, LOSING, OVERDRAWN = "ohne-abdeckung", "faellt-heraus", "geld-reicht-nicht"


def uncovered_keys(request: HttpRequest) -> list[int]:
    """Return the keys of the municipalities without coverage today."""
    return found_once(request, UNCOVERED, lambda: [one.municipality.pk for one in desk_of(request).uncovered])


def losing_keys(request: HttpRequest) -> list[int]:
    """Return the keys of the municipalities that are about to lose their coverage."""
    return found_once(request, LOSING, lambda: [one.municipality.pk for one in desk_of(request).losing])


def overdrawn(request: HttpRequest) -> list[int]:
    """Return the keys of the budgets with a warning."""
    return found_once(request, OVERDRAWN, lambda: [one.budget.pk for one in desk_of(request).purses if one.warning])


def uncovered(request: HttpRequest, rows: QuerySet[Municipality]) -> QuerySet[Municipality]:
    return rows.filter(pk__in=uncovered_keys(request))


def losing(request: HttpRequest, rows: QuerySet[Municipality]) -> QuerySet[Municipality]:
    return rows.filter(pk__in=losing_keys(request))


class MunicipalityTaskFilter(TaskFilter):
    tasks = {UNCOVERED: ("heute ohne Abdeckung", uncovered), LOSING: ("fällt in 90 Tagen heraus", losing)}


def overdrawn_budgets(request: HttpRequest, rows: QuerySet[Budget]) -> QuerySet[Budget]:
    return rows.filter(pk__in=overdrawn(request))


def overdrawn_lines(request: HttpRequest, rows: QuerySet[CostLine]) -> QuerySet[CostLine]:
    return rows.filter(budget__in=overdrawn(request))


class BudgetTaskFilter(TaskFilter):
    tasks = {OVERDRAWN: ("das Geld reicht vielleicht nicht", overdrawn_budgets)}


class CostLineTaskFilter(TaskFilter):
    tasks = {OVERDRAWN: ("das Geld reicht vielleicht nicht", overdrawn_lines)}
