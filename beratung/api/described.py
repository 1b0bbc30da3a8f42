"""Where is the interface described? OpenAPI 3.1 with ids of this very database, and a page to try it out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from appointments.models import Topic
from beratung.api import hsds_rows as rows
from beratung.api.answers import answer, as_json, refuse_unacceptable
from beratung.api.hsds_names import TAXONOMY_ID
from beratung.api.links import site_of
from beratung.api.parameters import Nothing, refuse_unknown
from beratung.api.problems import Problem
from beratung.api.publishing import api
from budget.models import Committee, Consultation, Paper
from locations.models import District, Municipality, PostalCode

OPENAPI: Final = "application/vnd.oai.openapi+json"


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Answer with the description; its examples are rows of this installation."""
    try:
        refuse_unacceptable(request, "application/json", OPENAPI)
        refuse_unknown(request, Nothing)
    except Problem as refused:
        return refused.response()
    return answer(request, as_json(description(site_of(request))))


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show the description as a page to try out, with files of our own alone."""
    return render(request, "beratung/api_docs.html")


def description(site: str) -> dict[str, Any]:
    """Return the OpenAPI document."""
    document = deepcopy(dict(api.get_openapi_schema(path_prefix="/api/")))
    document["servers"] = [{"url": site}]
    found = examples()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                _illustrate(parameter, path, found)
    return document


def _illustrate(parameter: dict[str, Any], path: str, found: dict[str, Any]) -> None:
    """Give the parameter an example: an id of the thing that the path or the parameter names."""
    parameter.pop("example", None)
    kind = path.partition("/{")[0].rpartition("/")[2]
    key = f"{kind}/{parameter['name']}" if parameter["in"] == "path" else parameter["name"]
    if (value := found.get(key)) is not None:
        parameter["example"] = value


def examples() -> dict[str, Any]:
    """Return one real value for each parameter; what this database does not have has no example."""
    day = timezone.localdate()
    found = {
        "service": rows.offers_shown(day),
        "slot": rows.slots_shown(day),
        "provider": rows.providers_shown(day),
        "topic": rows.topics_shown(),
        "body": District.objects.all(),
        "committee": Committee.objects.all(),
        "paper": Paper.objects.all(),
        "consultation": Consultation.objects.all(),
    }
    first = {name: _any(of, "uuid") for name, of in found.items()}
    ids = {name: str(value) if value else None for name, value in first.items()}
    return {
        "services/id": ids["service"],
        "service_at_locations/id": ids["slot"],
        "organizations/id": ids["provider"],
        "taxonomies/id": str(TAXONOMY_ID),
        "taxonomy_terms/id": ids["topic"],
        "body/id": ids["body"],
        "organization/id": ids["committee"],
        "paper/id": ids["paper"],
        "consultation/id": ids["consultation"],
        "taxonomy_term_id": ids["topic"],
        "taxonomy_id": str(TAXONOMY_ID),
        "organization_id": ids["provider"],
        "postcode": _any(PostalCode.objects.all(), "code"),
        "kreis": _any(District.objects.all(), "slug"),
        "gemeinde": _any(Municipality.objects.existing(day), "ags"),
        "thema": _any(Topic.objects.all(), "slug"),
        "tag": day.isoformat(),
    }


def _any(rows: QuerySet, field: str) -> Any:
    """Return the field of some row, whichever is found first: in order, all of a country's would be read."""
    return next(iter(rows.order_by().values_list(field, flat=True)[:1]), None)
