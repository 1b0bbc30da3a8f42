"""Which rows of a list wait for somebody? The filter `?aufgabe=…` the start page links to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

Selection = Callable[[HttpRequest, QuerySet], QuerySet]


class TaskFilter(admin.SimpleListFilter):
    """`tasks` tells by the value in the address what the filter is called and which rows it leaves."""

    title = "Aufgabe"
    parameter_name = "aufgabe"
    tasks: ClassVar[dict[str, tuple[str, Selection]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.tasks.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        task = self.tasks.get(self.value() or "")
        return task[1](request, queryset) if task else queryset
