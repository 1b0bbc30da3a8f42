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
MOST_DISTRICTS = 20  # whose tasks one person can have
UNCONFIRMED, OVERDUE, CLASHING = "unbestaetigt", "begonnen", "konflikt"


def whole_districts_of(request: HttpRequest) -> WholeDistricts:
    """Return the slots of the account's districts, loaded once a request."""
    if not hasattr(request, "whole_districts"):
        request.whole_districts = WholeDistricts.load(own_districts(request), timezone.localdate())
    return request.whole_districts


def own_districts(request: HttpRequest) -> tuple[District, ...]:
    """Return the districts whose tasks are the account's, loaded once a request.

    Whoever keeps a whole country going has the tasks of the districts it is entered for, and not of all the others.
    """
    if not hasattr(request, "own_districts"):
        found = tuple(districts_of(request.user)[: MOST_DISTRICTS + 1])
        if len(found) > MOST_DISTRICTS:
            found = tuple(District.objects.filter(staff__user=request.user.pk))
        request.own_districts = found
    return request.own_districts


def found_once(request: HttpRequest, question: str, find: Callable[[], Found]) -> Found:
    """Return what was found about the account's districts, reckoned anew only when something has been written."""
    return kept(request, question, [one.pk for one in own_districts(request)], timezone.localdate(), find)


def clashes_in_words(request: HttpRequest) -> dict[int, str]:
    """Return by slot what staff is told of what it clashes with."""
    return found_once(request, CLASHING, lambda: whole_districts_of(request).sentences())


def own(request: HttpRequest, slots: QuerySet[Slot]) -> SlotQuerySet:
    """Return those of the slots that lie in the account's districts."""
    return slots.filter(institution__municipality__district__in=[one.pk for one in own_districts(request)])


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
