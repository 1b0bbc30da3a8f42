"""HSDS 3.0: which services are there, by whom, where and when? The addresses of the standard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Query

from appointments.models import Offer, Provider, Slot, Topic
from beratung.api import hsds_rows as rows
from beratung.api.answers import NDJSON, answer, as_json, stream
from beratung.api.changes import said_today, state_of
from beratung.api.counts import counted
from beratung.api.hsds_names import TAXONOMY, TAXONOMY_ID
from beratung.api.hsds_parts import organization, term
from beratung.api.hsds_terms import Speaker, Terms
from beratung.api.links import site_of
from beratung.api.paging import Page
from beratung.api.parameters import (
    OneOrganization,
    OrganizationFilters,
    Paged,
    Searched,
    ServiceAtLocationFilters,
    ServiceListFilters,
    TermFilters,
)
from beratung.api.problems import Problem, wrong
from beratung.api.publishing import published
from beratung.api.schemas import HSDS, page_of

TAG = "HSDS 3.0"


def speaker(request: HttpRequest, offers: Iterable[Offer] = ()) -> Speaker:
    """Return who says rows in HSDS today; `offers` are those whose changes are to be dated."""
    day = timezone.localdate()
    offers = list(offers)
    moments = rows.slot_moments(offers, day) if offers else []
    timetable = rows.timetable_of(moments, day)
    times = rows.ServiceTimes.load(offers, timetable, moments)
    return Speaker(day, timezone.get_default_timezone(), site_of(request), timetable, times)


def _said(request: HttpRequest, value: Any) -> HttpResponse:
    return answer(request, as_json(value), changed_at=said_today(state_of(request)[0]))


def _listed(request: HttpRequest, page: Page, contents: list[Terms]) -> HttpResponse:
    """Return a page; how many entries one has at most is said in a header, for HSDS has no word for it."""
    response = _said(request, page.envelope(contents))
    response["X-Per-Page"] = str(page.per_page)
    return response


def _not_found(what: str) -> Problem:
    return Problem(404, f"{what} mit dieser Kennung gibt es hier nicht, oder nicht mehr.")


@published("/hsds/", summary="Was ist das für eine Schnittstelle?", tag=TAG, name="hsds", schema=HSDS["about"])
def about(request: HttpRequest) -> HttpResponse:
    site = site_of(request)
    terms = {"version": "3.0", "profile": f"{site}{reverse('data')}", "openapi_url": f"{site}{reverse('openapi')}"}
    return answer(request, as_json(terms), changed_at=said_today(state_of(request)[0]))


# Services


@published(
    "/hsds/services",
    summary="Angebote",
    tag=TAG,
    name="hsds_services",
    asked=ServiceListFilters,
    schema=page_of("service"),
    more=(NDJSON,),
)
def services(request: HttpRequest, asked: Query[ServiceListFilters]) -> HttpResponse:
    day = timezone.localdate()
    found = rows.narrowed_offers(rows.offers_shown(day), asked, day)
    if asked.full:
        found = rows.offers_with_everything(found, day)
    if asked.format == "ndjson":
        return _stream(request, _spoken_in_chunks(request, found, asked))
    page = _page(request, asked, found)
    chosen = list(found if asked.minimal else found[page.rows])
    return _listed(request, page, _spoken(speaker(request, chosen), chosen, asked))


def _page(request: HttpRequest, asked: Paged, found: QuerySet) -> Page:
    """Return the page asked for; a mirror that only compares gets everything at once."""
    total = counted(request, found)
    is_minimal = getattr(asked, "minimal", False)
    return Page(1, max(total, 1), total) if is_minimal else Page.of(asked.page, asked.per_page, total)


def _spoken(voice: Speaker, offers: Iterable[Offer], asked: ServiceListFilters) -> list[Terms]:
    if asked.minimal:
        return [voice.minimal(offer) for offer in offers]
    if asked.full:
        return [voice.full_service(offer, offer.shown_slots) for offer in offers]
    return [voice.service(offer) for offer in offers]


def _spoken_in_chunks(request: HttpRequest, found: QuerySet, asked: ServiceListFilters) -> Iterator[Terms]:
    everyone = found.iterator(chunk_size=rows.CHUNK)
    while chunk := list(islice(everyone, rows.CHUNK)):
        yield from _spoken(speaker(request, chunk), chunk, asked)


def _stream(request: HttpRequest, lines: Iterator[Terms]) -> HttpResponse:
    changed_at, number = state_of(request)
    return stream(request, lines, [timezone.localdate(), number], said_today(changed_at))


@published("/hsds/services/{id}", summary="Ein Angebot mit allem", tag=TAG, name="hsds_service", schema=HSDS["service"])
def service(request: HttpRequest, id: UUID) -> HttpResponse:
    day = timezone.localdate()
    offer = rows.offers_with_everything(rows.offers_shown(day), day).filter(uuid=id).first()
    if offer is None:
        raise _not_found("Ein Angebot")
    return _said(request, speaker(request, [offer]).full_service(offer, offer.shown_slots))


# Services at locations


@published(
    "/hsds/service_at_locations",
    summary="Feste Termine: ein Angebot an einem Ort",
    tag=TAG,
    name="hsds_service_at_locations",
    asked=ServiceAtLocationFilters,
    schema=page_of("service_at_location"),
    more=(NDJSON,),
)
def service_at_locations(request: HttpRequest, asked: Query[ServiceAtLocationFilters]) -> HttpResponse:
    if asked.proximity and not asked.postcode:
        detail = "„proximity“ geht nur zusammen mit „postcode“: von dessen Mitte wird gemessen."
        raise Problem(400, detail, [wrong("proximity", detail)])
    day = timezone.localdate()
    found = rows.narrowed_slots(rows.slots_shown(day), asked, day)
    found = rows.with_everything(found, day) if asked.full else rows.with_places(found)
    if asked.format == "ndjson":
        return _stream(request, _slots_in_chunks(request, found, asked))
    page = _page(request, asked, found)
    return _listed(request, page, _spoken_slots(request, list(found[page.rows]), asked))


def _spoken_slots(request: HttpRequest, slots: list[Slot], asked: ServiceAtLocationFilters) -> list[Terms]:
    voice = speaker(request, {slot.offer_id: slot.offer for slot in slots}.values())
    say = voice.full_service_at_location if asked.full else voice.service_at_location
    return [say(slot) for slot in slots]


def _slots_in_chunks(request: HttpRequest, found: QuerySet, asked: ServiceAtLocationFilters) -> Iterator[Terms]:
    everyone = found.iterator(chunk_size=rows.CHUNK)
    while chunk := list(islice(everyone, rows.CHUNK)):
        yield from _spoken_slots(request, chunk, asked)


@published(
    "/hsds/service_at_locations/{id}",
    summary="Ein fester Termin mit allem",
    tag=TAG,
    name="hsds_service_at_location",
    schema=HSDS["service_at_location"],
)
def service_at_location(request: HttpRequest, id: UUID) -> HttpResponse:
    day = timezone.localdate()
    slot = rows.with_everything(rows.slots_shown(day), day).filter(uuid=id).first()
    if slot is None:
        raise _not_found("Einen festen Termin")
    return _said(request, speaker(request, [slot.offer]).full_service_at_location(slot))


# Organizations


@published(
    "/hsds/organizations",
    summary="Träger",
    tag=TAG,
    name="hsds_organizations",
    asked=OrganizationFilters,
    schema=page_of("organization"),
    more=(NDJSON,),
)
def organizations(request: HttpRequest, asked: Query[OrganizationFilters]) -> HttpResponse:
    found = rows.providers_shown(timezone.localdate())
    if asked.search:
        found = found.filter(rows.any_of(("name",), asked.search))
    if asked.format == "ndjson":
        return _stream(request, iter(_providers(request, list(found), asked.full, asked.full_service)))
    page = _page(request, asked, found)
    chosen = list(found[page.rows])
    return _listed(request, page, _providers(request, chosen, asked.full, asked.full_service))


def _providers(request: HttpRequest, providers: list[Provider], full: bool, full_service: bool) -> list[Terms]:
    """Return the providers, with their offers where somebody asks for either."""
    if not (full or full_service):
        return [organization(provider) for provider in providers]
    day = timezone.localdate()
    offers = rows.offers_shown(day).filter(provider__in=providers)
    if full_service:
        offers = rows.offers_with_everything(offers, day)
    by_provider: dict[int, list[Offer]] = defaultdict(list)
    for offer in offers:
        by_provider[offer.provider_id].append(offer)
    voice = speaker(request, [offer for found in by_provider.values() for offer in found])
    return [_with_offers(voice, provider, by_provider[provider.pk], full_service) for provider in providers]


def _with_offers(voice: Speaker, provider: Provider, offers: list[Offer], full_service: bool) -> Terms:
    slots = {offer.pk: offer.shown_slots for offer in offers} if full_service else None
    return voice.full_organization(provider, offers, slots)


@published(
    "/hsds/organizations/{id}",
    summary="Ein Träger mit seinen Angeboten",
    tag=TAG,
    name="hsds_organization",
    asked=OneOrganization,
    schema=HSDS["organization"],
)
def organization_by_id(request: HttpRequest, id: UUID, asked: Query[OneOrganization]) -> HttpResponse:
    provider = rows.providers_shown(timezone.localdate()).filter(uuid=id).first()
    if provider is None:
        raise _not_found("Einen Träger")
    return _said(request, _providers(request, [provider], full=True, full_service=asked.full_service)[0])


# Taxonomies


@published(
    "/hsds/taxonomies",
    summary="Systematiken",
    tag=TAG,
    name="hsds_taxonomies",
    asked=Searched,
    schema=page_of("taxonomy"),
    more=(NDJSON,),
)
def taxonomies(request: HttpRequest, asked: Query[Searched]) -> HttpResponse:
    found = [TAXONOMY] if asked.search.casefold() in f"{TAXONOMY['name']} {TAXONOMY['description']}".casefold() else []
    if asked.format == "ndjson":
        return _stream(request, iter(found))
    page = Page.of(asked.page, asked.per_page, len(found))
    return _listed(request, page, found[page.rows])


@published("/hsds/taxonomies/{id}", summary="Eine Systematik", tag=TAG, name="hsds_taxonomy", schema=HSDS["taxonomy"])
def taxonomy(request: HttpRequest, id: UUID) -> HttpResponse:
    if id != TAXONOMY_ID:
        raise _not_found("Eine Systematik")
    return _said(request, TAXONOMY)


@published(
    "/hsds/taxonomy_terms",
    summary="Beratungsfelder",
    tag=TAG,
    name="hsds_taxonomy_terms",
    asked=TermFilters,
    schema=page_of("taxonomy_term"),
    more=(NDJSON,),
)
def taxonomy_terms(request: HttpRequest, asked: Query[TermFilters]) -> HttpResponse:
    found = _topics(asked)
    if asked.format == "ndjson":
        return _stream(request, (term(topic) for topic in found))
    page = _page(request, asked, found)
    return _listed(request, page, [term(topic) for topic in found[page.rows]])


def _topics(asked: TermFilters) -> QuerySet[Topic]:
    """Return the topics that meet every filter; none lies under another, so that all are top terms."""
    if asked.parent_id or asked.taxonomy_id not in {None, TAXONOMY_ID}:
        return Topic.objects.none()
    found = rows.topics_shown()
    return found.filter(rows.any_of(("name", "explanation"), asked.search)) if asked.search else found


@published(
    "/hsds/taxonomy_terms/{id}",
    summary="Ein Beratungsfeld",
    tag=TAG,
    name="hsds_taxonomy_term",
    schema=HSDS["taxonomy_term"],
)
def taxonomy_term(request: HttpRequest, id: UUID) -> HttpResponse:
    topic = rows.topics_shown().filter(uuid=id).first()
    if topic is None:
        raise _not_found("Ein Beratungsfeld")
    return _said(request, term(topic))
