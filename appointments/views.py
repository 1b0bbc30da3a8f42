"""Which page answers a family's request? The clock is read here, and nowhere further in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from appointments import pages
from appointments.demand import note_missing
from appointments.entries import municipality_today, town_line
from appointments.filters import asks_for_something
from appointments.models import (
    Provider,
    Slot,
    Topic,
    with_translated_offers,
    with_translated_topics,
)
from appointments.structured_data import as_script, slot_terms
from appointments.templatetags.contents import said
from locations.models import Institution, Municipality
from locations.rate_limits import Limit, sender_of, wait_after_counting
from locations.templatetags.german import german

# So many of one sender in an hour are counted as demand; more would be a robot's.
SEARCHES_IN_VAIN = Limit("search in vain", most=30, seconds=3600, share=5)


def read_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view for GET and HEAD. Anything else is 405, before a token is asked for that no page here hands out."""
    return csrf_exempt(require_safe(view))


@read_only
def home(request: HttpRequest) -> HttpResponse:
    """Show the search, and what comes next in the district; with a query string, the answer to it."""
    if asks_for_something(request.GET):
        return results(request)
    now = timezone.localtime()
    page = pages.home(now)
    return _render(request, "home", "search", page=page, site_district=page.district, today=now.date())


def results(request: HttpRequest) -> HttpResponse:
    now = timezone.localtime()
    page = pages.results(request.GET, now)
    too_often = partial(wait_after_counting, SEARCHES_IN_VAIN, sender_of(request), now)
    is_counted = _is_read(request) and note_missing(page.outcome, now.date(), too_often=too_often)
    kept = request.GET.copy()
    kept.pop("seite", None)
    response = _render(
        request,
        "results",
        "search",
        page=page,
        today=now.date(),
        kept=kept.urlencode(),
        canonical=_absolute(request, {name: kept[name] for name in ("ort", "thema") if kept.get(name)}),
        **_district(page.district),
    )
    # Such a page is not kept for the next visitor, whose search counts as well.
    response.is_counted = is_counted
    return response


@read_only
def slot(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one slot as long as the public may know of it, and after it has ended."""
    now = timezone.localtime()
    rows = Slot.objects.with_dates().with_languages().with_last_confirmation(now.date())
    found = get_object_or_404(_with_topics(rows), uuid=uuid)
    if not pages.was_published(found, now.date()):
        raise Http404
    page = pages.slot_page(found, now)
    municipality = page.entry.municipality
    crumbs = [
        (_("Suche"), reverse("home")),
        (german(municipality), _address(municipality)),
        (said(found, "title"), None),
    ]
    return _render(
        request,
        "slot",
        "search",
        page=page,
        crumbs=crumbs,
        today=now.date(),
        site_district=municipality.district,
        structured_data=_structured_data(request, page),
    )


def _structured_data(request: HttpRequest, page: pages.SlotPage) -> str:
    """Return what machines read of the slot; of one that has ended, nothing."""
    if page.entry.is_over:
        return ""
    return as_script(slot_terms(page.entry, page.ahead, _absolute(request), timezone.get_default_timezone()))


@read_only
def institution(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a house and its slots; a confidential one has no page."""
    now = timezone.localtime()
    houses = Institution.objects.filter(address_is_public=True, first_day__lte=now.date())
    houses = houses.select_related("municipality__district", "municipality__successor__successor", "locality")
    house = get_object_or_404(houses, slug=slug)
    municipality = municipality_today(house, now.date())
    shown = pages.sheet(pages.institution_entries(house, now), request.GET.get("seite", ""))
    return _render(
        request,
        "institution",
        "municipalities",
        house=house,
        municipality=municipality,
        town=town_line(house, now.date()),
        sheet=shown,
        has_closed=house.last_day is not None and house.last_day < now.date(),
        crumbs=[
            (_("Suche"), reverse("home")),
            (german(municipality), _address(municipality)),
            (german(house.name), None),
        ],
        today=now.date(),
        site_district=municipality.district,
    )


@read_only
def municipalities(request: HttpRequest) -> HttpResponse:
    """Show the municipalities by district; in a whole country the districts first, each with a list of its own."""
    found = pages.municipality_list(timezone.localdate(), request.GET.get("kreis", ""))
    if found is None:
        raise Http404
    crumbs = [(_("Suche"), reverse("home")), (_("Gemeinden"), None)]
    return _render(request, "municipalities", "municipalities", found=found, crumbs=crumbs)


@read_only
def municipality(request: HttpRequest, ags: str, slug: str) -> HttpResponse:
    """Show what takes place in a municipality, or what became of it."""
    now = timezone.localtime()
    rows = Municipality.objects.select_related("district", "successor").defer("boundary", "successor__boundary")
    found = get_object_or_404(rows.filter(first_day__lte=now.date()) | rows.filter(first_day=None), ags=ags)
    if slug != found.slug:
        return redirect(_address(found), permanent=True)
    page = pages.municipality_page(found, now)
    return _render(
        request,
        "municipality",
        "municipalities",
        page=page,
        sheet=pages.sheet(page.entries, request.GET.get("seite", "")),
        crumbs=[(_("Suche"), reverse("home")), (_("Gemeinden"), reverse("municipalities")), (german(found), None)],
        today=now.date(),
        site_district=found.district,
    )


@read_only
def locality(request: HttpRequest, ags: str, slug: str, village: str) -> HttpResponse:
    """Show what takes place in and around a village; under a former municipality's address, its heir's is named."""
    now = timezone.localtime()
    rows = Municipality.objects.select_related("district", "successor").defer("boundary", "successor__boundary")
    municipality = get_object_or_404(rows.filter(first_day__lte=now.date()) | rows.filter(first_day=None), ags=ags)
    has_ended = municipality.last_day is not None and municipality.last_day < now.date()
    current = municipality.successor if has_ended and municipality.successor else municipality
    found = pages.find_locality(current, village)
    if found is None:
        raise Http404
    if current != municipality or slug != current.slug:
        return redirect("locality", ags=current.ags, slug=current.slug, village=village, permanent=True)
    page = pages.locality_page(found, current, request.GET.get("seite", ""), now)
    crumbs = [(_("Suche"), reverse("home")), (_("Gemeinden"), reverse("municipalities"))]
    crumbs += [(german(current), _address(current)), (german(found.name), None)]
    return _render(
        request,
        "locality",
        "municipalities",
        page=page,
        sheet=page.sheet,
        crumbs=crumbs,
        today=now.date(),
        site_district=current.district,
    )


@read_only
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who counsels, and where and when."""
    now = timezone.localtime()
    found = get_object_or_404(Provider.objects.select_related("district"), slug=slug)
    return _render(
        request,
        "provider",
        "search",
        provider=found,
        sheet=pages.sheet(pages.provider_entries(found, now), request.GET.get("seite", "")),
        crumbs=[(_("Suche"), reverse("home")), (german(found.name), None)],
        today=now.date(),
        site_district=found.district,
    )


@read_only
def topics(request: HttpRequest) -> HttpResponse:
    crumbs = [(_("Suche"), reverse("home")), (_("Themen"), None)]
    return _render(request, "topics", "topics", topics=pages.all_topics(), crumbs=crumbs)


@read_only
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.localtime()
    page = pages.topic_page(slug, now)
    if page is None:
        raise Http404
    return _render(
        request,
        "topic",
        "topics",
        page=page,
        sheet=pages.sheet(page.entries, request.GET.get("seite", "")),
        crumbs=[
            (_("Suche"), reverse("home")),
            (_("Themen"), reverse("topics")),
            (said(page.topic, "short_name"), None),
        ],
        today=now.date(),
        **_district(page.district),
    )


def _render(request: HttpRequest, name: str, nav: str, **context: Any) -> HttpResponse:
    """Return the page with what every page of ours has: its place in the menu and its canonical address."""
    return render(
        request, f"appointments/{name}.html", {"nav": nav, "canonical": _absolute(request), "kept": ""} | context
    )


def _is_read(request: HttpRequest) -> bool:
    """Return whether somebody is to see the answer: not for HEAD, nor for what a browser fetches ahead."""
    return request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")


def _with_topics(slots: Any) -> Any:
    language = get_language() or "de"
    topics = Prefetch("offer__topics", queryset=with_translated_topics(Topic.objects.all(), language))
    places = slots.select_related("institution__municipality__successor__successor")
    return with_translated_offers(places, language).prefetch_related(topics)


def _absolute(request: HttpRequest, query: dict[str, str] | None = None) -> str:
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}" if query else request.path)


def _address(municipality: Municipality) -> str:
    return reverse("municipality", kwargs={"ags": municipality.ags, "slug": municipality.slug})


def _district(district: Any) -> dict[str, Any]:
    """Return the district for the header, where it is known; otherwise the context processor looks for it."""
    return {"site_district": district} if district else {}
