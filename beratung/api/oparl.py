"""OParl 1.1: which papers, consultations and committees stand behind the appointments? Every id is its own address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query

from beratung.api.answers import answer, as_json, day_text, known
from beratung.api.changes import last_change, said_today
from beratung.api.links import page, site_of
from beratung.api.parameters import OparlList
from beratung.api.problems import Problem
from beratung.api.publishing import LICENCE, published
from beratung.api.schemas import OPARL_LIST, oparl
from budget.models import Committee, Consultation, Paper
from locations.models import District

SCHEMA: Final = "https://schema.oparl.org/1.1/"
PER_PAGE: Final = 100
TAG: Final = "OParl 1.1"
Terms = dict[str, Any]


class Links:
    """Where each object of this installation lies."""

    def __init__(self, site: str) -> None:
        self.site = site

    def of(self, name: str, key: UUID | None = None) -> str:
        """Return the address of a thing, or of the one thing of its kind."""
        if key is None:
            return f"{self.site}{reverse(f'api:{name}')}"
        return page(self.site, f"api:{name}", str(key))


def _said(request: HttpRequest, terms: Terms) -> HttpResponse:
    return answer(request, as_json(terms), changed_at=said_today(last_change()))


@published("/oparl/", summary="Das System", tag=TAG, name="oparl_system", schema=oparl("oparlVersion", "body"))
def system(request: HttpRequest) -> HttpResponse:
    links = Links(site_of(request))
    return _said(
        request,
        {
            "id": links.of("oparl_system"),
            "type": f"{SCHEMA}System",
            "oparlVersion": SCHEMA,
            "name": "Beratung vor Ort",
            "license": LICENCE["url"],
            "body": links.of("oparl_bodies"),
            "website": f"{links.site}/",
        },
    )


def body_terms(district: District, links: Links) -> Terms:
    """Return the district as a body; it keeps neither persons nor terms of office here, so that those lists are empty."""
    lists = {name: links.of(f"oparl_{name}s", district.uuid) for name in LISTS}
    return known(
        {
            "id": links.of("oparl_body", district.uuid),
            "type": f"{SCHEMA}Body",
            "system": links.of("oparl_system"),
            "name": district.name,
            "rgs": district.key,
            "website": district.website,
            "license": LICENCE["url"],
            "contactEmail": district.email,
            "web": page(links.site, "district", district.slug),
        }
    ) | {**lists, "legislativeTerm": []}


def committee_terms(committee: Committee, links: Links) -> Terms:
    return known(
        {
            "id": links.of("oparl_organization", committee.uuid),
            "type": f"{SCHEMA}Organization",
            "body": links.of("oparl_body", committee.district.uuid),
            "name": committee.name,
            "shortName": committee.short_name,
            "organizationType": "Gremium",
            "classification": "Ausschuss",
        }
    )


def paper_terms(paper: Paper, links: Links) -> Terms:
    consultations = [consultation_terms(one, links, paper) for one in paper.consultations.all()]
    return known(
        {
            "id": links.of("oparl_paper", paper.uuid),
            "type": f"{SCHEMA}Paper",
            "body": links.of("oparl_body", paper.district.uuid),
            "name": paper.name,
            "reference": paper.reference,
            "date": day_text(paper.date),
            "paperType": paper.paper_type,
            "consultation": consultations,
            "web": f"{links.site}{reverse('paper', args=[paper.district.slug, paper.slug])}",
        }
    )


def consultation_terms(one: Consultation, links: Links, paper: Paper | None = None) -> Terms:
    """Return one station of the paper's way; the paper is told where the station stands alone."""
    alone = {"paper": links.of("oparl_paper", one.paper.uuid)} if paper is None else {}
    return alone | known(
        {
            "id": links.of("oparl_consultation", one.uuid),
            "type": f"{SCHEMA}Consultation",
            "organization": [links.of("oparl_organization", one.committee.uuid)],
            "role": one.role,
            "web": one.url,
        }
    )


COMMITTEES: Final = Committee.objects.select_related("district").order_by("pk")
PAPERS: Final = Paper.objects.select_related("district").prefetch_related("consultations__committee").order_by("pk")
CONSULTATIONS: Final = Consultation.objects.select_related("paper", "committee").order_by("pk")
# What a body has lists of, and where their rows are found.
LISTS: Final[dict[str, tuple[QuerySet | None, str, Callable[..., Terms] | None]]] = {
    "organization": (COMMITTEES, "district", committee_terms),
    "person": (None, "", None),
    "meeting": (None, "", None),
    "paper": (PAPERS, "district", paper_terms),
    "consultation": (CONSULTATIONS, "paper__district", consultation_terms),
}


def _one(rows: QuerySet, key: UUID, what: str) -> Any:
    found = rows.filter(uuid=key).first()
    if found is None:
        raise Problem(404, f"{what} mit dieser Kennung gibt es hier nicht.")
    return found


def _list(request: HttpRequest, number: int, rows: QuerySet | list[Model], say: Callable[[Any], Terms]) -> HttpResponse:
    """Return one page of an external list, with links to its neighbours."""
    total = len(rows) if isinstance(rows, list) else rows.count()
    pages = max(1, -(-total // PER_PAGE))
    start = min((number - 1) * PER_PAGE, total)
    here = request.build_absolute_uri(request.path)
    links = {"first": f"{here}?page=1", "last": f"{here}?page={pages}"}
    if number > 1:
        links["prev"] = f"{here}?page={min(number - 1, pages)}"
    if number < pages:
        links["next"] = f"{here}?page={number + 1}"
    data = [say(row) for row in rows[start : start + PER_PAGE]]
    numbers = {"totalElements": total, "elementsPerPage": PER_PAGE, "currentPage": number, "totalPages": pages}
    return _said(request, {"data": data, "pagination": numbers, "links": links})


@published(
    "/oparl/bodies", summary="Die Körperschaften", tag=TAG, name="oparl_bodies", asked=OparlList, schema=OPARL_LIST
)
def bodies(request: HttpRequest, asked: Query[OparlList]) -> HttpResponse:
    links = Links(site_of(request))
    return _list(request, asked.page, District.objects.order_by("pk"), lambda row: body_terms(row, links))


@published("/oparl/body/{id}", summary="Eine Körperschaft", tag=TAG, name="oparl_body", schema=oparl("name"))
def body(request: HttpRequest, id: UUID) -> HttpResponse:
    return _said(request, body_terms(_one(District.objects.all(), id, "Eine Körperschaft"), Links(site_of(request))))


def _list_of_body(name: str, summary: str) -> None:
    """Publish one of the lists that a body must have."""

    @published(
        f"/oparl/body/{{id}}/{name}",
        summary=summary,
        tag=TAG,
        name=f"oparl_{name}s",
        asked=OparlList,
        schema=OPARL_LIST,
    )
    def of_body(request: HttpRequest, id: UUID, asked: Query[OparlList]) -> HttpResponse:
        district = _one(District.objects.all(), id, "Eine Körperschaft")
        links = Links(site_of(request))
        rows, path, say = LISTS[name]
        found = [] if rows is None else rows.filter(**{path: district})
        return _list(request, asked.page, found, lambda row: say(row, links) if say else {})


for _name, _summary in (
    ("organization", "Die Gremien einer Körperschaft"),
    ("person", "Personen: hier keine"),
    ("meeting", "Sitzungen: hier keine"),
    ("paper", "Die Vorlagen einer Körperschaft"),
    ("consultation", "Die Beratungen einer Körperschaft"),
):
    _list_of_body(_name, _summary)


@published("/oparl/organization/{id}", summary="Ein Gremium", tag=TAG, name="oparl_organization", schema=oparl())
def committee(request: HttpRequest, id: UUID) -> HttpResponse:
    return _said(request, committee_terms(_one(COMMITTEES, id, "Ein Gremium"), Links(site_of(request))))


@published(
    "/oparl/paper/{id}", summary="Eine Vorlage mit ihrer Beratungsfolge", tag=TAG, name="oparl_paper", schema=oparl()
)
def paper(request: HttpRequest, id: UUID) -> HttpResponse:
    return _said(request, paper_terms(_one(PAPERS, id, "Eine Vorlage"), Links(site_of(request))))


@published("/oparl/consultation/{id}", summary="Eine Beratung", tag=TAG, name="oparl_consultation", schema=oparl())
def consultation(request: HttpRequest, id: UUID) -> HttpResponse:
    return _said(request, consultation_terms(_one(CONSULTATIONS, id, "Eine Beratung"), Links(site_of(request))))
