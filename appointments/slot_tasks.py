"""Which slots wait for somebody: to be confirmed, to be published, to be freed of a clash?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from appointments.models import Slot, SlotQuerySet
from appointments.whole_districts import WholeDistricts
from locations.kept_findings import kept
from locations.models import District
from locations.scope import districts_of
from locations.task_filter import TaskFilter

Found = TypeVar("Found")
UNCONFIRMED, OVERDUE, CLASHING = "unbestaetigt", "begonnen", "konflikt"


def whole_districts_of(request: HttpRequest) -> WholeDistricts:
    """Return the slots of the account's districts, loaded once a request."""
    if not hasattr(request, "whole_districts"):
        request.whole_districts = WholeDistricts.load(own_districts(request), timezone.localdate())
    return request.whole_districts


def own_districts(request: HttpRequest) -> tuple[District, ...]:
    """Return the account's districts, loaded once a request."""
    if not hasattr(request, "own_districts"):
        request.own_districts = tuple(districts_of(request.user))
    return request.own_districts


def found_once(request: HttpRequest, question: str, find: Callable[[], Found]) -> Found:
    """Return what was found about the account's districts, reckoned anew only when something has been written."""
    return kept(request, question, [one.pk for one in own_districts(request)], timezone.localdate(), find)


def clashes_in_words(request: HttpRequest) -> dict[int, str]:
    """Return by slot what staff is told of what it clashes with."""
    return found_once(request, CLASHING, lambda: whole_districts_of(request).sentences())


def own(request: HttpRequest, slots: QuerySet[Slot]) -> SlotQuerySet:
    """Return those of the slots that lie in the account's districts."""
    return slots.filter(institution__municipality__district__in=districts_of(request.user))


class SlotTaskFilter(TaskFilter):
    tasks = {
        UNCONFIRMED: (
            "seit 6 Monaten unbestätigt",
            lambda request, slots: own(request, slots).unconfirmed(timezone.localdate()),
        ),
        OVERDUE: (
            "vereinbart, Beginn ist vorbei",
            lambda request, slots: own(request, slots).overdue(timezone.localdate()),
        ),
        CLASHING: (
            "im Konflikt mit einem anderen",
            lambda request, slots: slots.filter(pk__in=clashes_in_words(request).keys()),
        ),
    }
