"""Whose site is it? What every template may ask without a view's help."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from locations.models import District


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the district of the installation where there is only one, loaded when a template asks for it.

    A view that knows its district passes `site_district` itself, which wins and saves the query.
    """
    return {"site_district": SimpleLazyObject(_only_district)}


def _only_district() -> District | None:
    districts = list(District.objects.order_by("pk")[:2])
    return districts[0] if len(districts) == 1 else None
