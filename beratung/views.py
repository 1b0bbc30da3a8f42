"""Which page of the whole answers which address? The committee's pages, the lost page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from beratung.access import answer, sees_amounts_of_single_lines
from beratung.cost_lines import costs
from beratung.dashboard import dashboard
from beratung.history import history
from beratung.paper_way import pilots_of
from beratung.stock import stock
from budget.models import Consultation, Paper
from locations.models import District

LAYERS = ("stunden", "unter18")  # of the map, beside the states


@require_safe
def districts(request: HttpRequest) -> HttpResponse:
    """Show the districts, or go to the only one."""
    found = list(District.objects.all())
    if len(found) == 1:
        return redirect("district", found[0].slug)
    return render(request, "beratung/districts.html", {"districts": found, "nav": "committee"})


@require_safe
def district(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the committee whether the decision is carried out on the day asked for."""
    today = timezone.localdate()
    try:
        page = dashboard(slug, request.GET.get("stichtag", ""), today, read_page(request.GET.get("seite", "")))
    except District.DoesNotExist as error:
        raise Http404 from error
    crumbs = [("Für den Ausschuss", reverse("districts")), (page.district.name, None)]
    layer = request.GET.get("karte", "")
    layer = layer if layer in LAYERS else ""
    return answer(request, "beratung/district.html", _context(page.district, crumbs, page=page, layer=layer))


def read_page(text: str) -> int:
    """Return the page of rows asked for, 1 where that is not a number."""
    return int(text) if text.isdecimal() and len(text) < 6 else 1


@require_safe
def district_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the timeline as tables."""
    try:
        found, asked, told = history(slug, request.GET.get("stichtag", ""), timezone.localdate())
    except District.DoesNotExist as error:
        raise Http404 from error
    context = _context(found, _crumbs(found, "Verlauf"), history=told, asked=asked)
    return answer(request, "beratung/history.html", context)


@require_safe
def district_stock(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the inventory: topics by municipality."""
    try:
        page = stock(slug, request.GET.get("stichtag", ""), timezone.localdate())
    except District.DoesNotExist as error:
        raise Http404 from error
    context = _context(page.district, _crumbs(page.district, "Bestandsaufnahme"), page=page)
    return answer(request, "beratung/stock.html", context)


@require_safe
def district_costs(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what stands behind a figure of the budget."""
    asked = [request.GET.get(name, "") for name in ("stichtag", "art", "stufe")]
    is_internal = sees_amounts_of_single_lines(request.user, slug)
    try:
        page = costs(slug, *asked, timezone.localdate(), is_internal=is_internal)
    except District.DoesNotExist as error:
        raise Http404 from error
    context = _context(page.district, _crumbs(page.district, "Kosten"), page=page)
    return answer(request, "budget/costs.html", context)


@require_safe
def district_method(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how the figures of the committee's pages are computed."""
    found = get_object_or_404(District, slug=slug)
    return answer(request, "beratung/method.html", _context(found, _crumbs(found, "So wird gerechnet")))


@require_safe
def paper(request: HttpRequest, slug: str, paper: str) -> HttpResponse:
    """Show a council paper, its way, and what hangs on it."""
    papers = Paper.objects.select_related("district").prefetch_related(
        "targets", "budgets", "pilots__municipality", "pilots__offers", "amendments__budget", "files"
    )
    found = get_object_or_404(papers, district__slug=slug, slug=paper)
    crumbs = [
        ("Für den Ausschuss", reverse("districts")),
        (found.district.name, reverse("district", args=[slug])),
        (f"Vorlage {found.reference}", None),
    ]
    consultations = Consultation.objects.filter(paper=found).select_related("committee")
    return answer(
        request,
        "beratung/paper.html",
        _context(
            found.district,
            crumbs,
            paper=found,
            consultations=consultations,
            pilots=pilots_of(found, timezone.localdate()),
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show what to do at an address that leads nowhere."""
    return render(request, "404.html", status=404)


def _context(district: District, crumbs: list[tuple[str, str | None]], **more: Any) -> dict[str, Any]:
    # The example bar and the navigation would load the district once more.
    return {"site_district": district, "is_example": district.is_example, "crumbs": crumbs, "nav": "committee"} | more


def _crumbs(district: District, here: str) -> list[tuple[str, str | None]]:
    return [
        ("Für den Ausschuss", reverse("districts")),
        (district.name, reverse("district", args=[district.slug])),
        (here, None),
    ]
