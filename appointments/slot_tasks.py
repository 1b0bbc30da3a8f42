"""Which slots wait for somebody: to be confirmed, to be published, to be freed of a clash?"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from appointments.models import Slot, SlotQuerySet
from appointments.whole_districts import WholeDistricts
from locations.scope import districts_of
from locations.task_filter import TaskFilter

UNCONFIRMED, OVERDUE, CLASHING = "unbestaetigt", "begonnen", "konflikt"


def whole_districts_of(request: HttpRequest) -> WholeDistricts:
    """Return the slots of the account's districts, loaded once a request."""
    if not hasattr(request, "whole_districts"):
        request.whole_districts = WholeDistricts.load(districts_of(request.user), timezone.localdate())
    return request.whole_districts


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
            lambda request, slots: slots.filter(pk__in=whole_districts_of(request).clashing),
        ),
    }
