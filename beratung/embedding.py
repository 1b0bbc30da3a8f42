"""How does a school show our dates on its own web site? A few lines to paste, or a frame."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from appointments.entries import Entry, municipality_today
from appointments.pages import institution_entries
from beratung.api.links import site_of
from locations.models import Institution
from locations.origins import origins_in


@require_safe
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what to paste: plain HTML without script and frame, and a frame."""
    now = timezone.localtime()
    house = _house(slug, now)
    shown = _shown(request, house, now)
    district = shown["district"]
    context = shown | {
        "snippet": render_to_string("beratung/_embed_snippet.html", shown).strip(),
        "frame": render_to_string("beratung/_embed_frame_tag.html", shown).strip(),
        "sites": origins_in(district.embedding_sites),
        "site_district": district,
        "nav": "municipalities",
        "crumbs": [("Suche", reverse("home")), (house.name, reverse("institution", args=[slug])), ("Einbetten", None)],
    }
    return render(request, "beratung/embed.html", context)


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the list alone, in a frame of the web sites that the district named and of no other; no cookie is set."""
    now = timezone.localtime()
    house = _house(slug, now)
    shown = _shown(request, house, now)
    response = render(request, "beratung/embed_frame.html", shown)
    sites = origins_in(shown["district"].embedding_sites)
    response._csp_replace = {"frame-ancestors": sites or ["'none'"]}
    return response


def _house(slug: str, now: datetime) -> Institution:
    """Return the house; a confidential one has no page to embed."""
    houses = Institution.objects.filter(address_is_public=True, first_day__lte=now.date())
    rows = houses.select_related("municipality__district", "municipality__successor__successor", "locality")
    return get_object_or_404(rows, slug=slug)


def _shown(request: HttpRequest, house: Institution, now: datetime) -> dict[str, Any]:
    site = site_of(request)
    entries: list[Entry] = institution_entries(house, now)
    return {
        "house": house,
        "district": municipality_today(house, now.date()).district,
        "entries": [(entry, f"{site}{reverse('slot', args=[entry.slot.uuid])}") for entry in entries],
        "address": f"{site}{reverse('institution', args=[house.slug])}",
        "frame_address": f"{site}{reverse('embed_frame', args=[house.slug])}",
        "calendar": f"{site}{reverse('institution_calendar', args=[house.slug])}",
        "today": now.date(),
    }
