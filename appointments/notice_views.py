"""Which PDF does somebody print and hang up, and has it changed since?"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import date
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from appointments import notices
from locations.models import Institution, Municipality
from locations.typesetting import qr_code, typeset


@require_safe
def institution_notice(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the notice; a confidential house has none, and without slots there is nothing to hang up."""
    day = timezone.localdate()
    house = get_object_or_404(Institution, slug=slug, address_is_public=True, first_day__lte=day)
    address = request.build_absolute_uri(reverse("institution", args=[slug]))
    sheet = notices.institution_notice(house, day)
    return _answer(request, sheet, address, _Print("notice", f"aushang-{slug}", day))


@require_safe
def municipality_flyer(request: HttpRequest, ags: str, slug: str) -> HttpResponse:
    """Answer with the flyer; that of a former municipality is its successor's."""
    day = timezone.localdate()
    rows = Municipality.objects.select_related("district", "successor").defer("boundary", "successor__boundary")
    found = get_object_or_404(rows.filter(first_day__lte=day) | rows.filter(first_day=None), ags=ags)
    if found.successor and found.last_day and found.last_day < day:
        return redirect("municipality_flyer", ags=found.successor.ags, slug=found.successor.slug)
    if slug != found.slug:
        return redirect("municipality_flyer", ags=ags, slug=found.slug, permanent=True)
    address = request.build_absolute_uri(reverse("municipality", args=[ags, slug]))
    sheet = notices.municipality_flyer(found, day)
    return _answer(request, sheet, address, _Print("flyer", f"flyer-{ags}-{slug}", day))


class _Print(NamedTuple):
    """How a sheet becomes a file."""

    template: str
    filename: str
    day: date


def _answer(request: HttpRequest, sheet: notices.Sheet | None, address: str, how: _Print) -> HttpResponse:
    """Return the PDF, or 304 where the reader has these very bytes.

    Without a slot there is no sheet: an empty notice would hang on a door long after the first slot has begun. The page
    for 404 says where to look and whom to call.
    """
    if sheet is None:
        raise Http404("Zurzeit gibt es hier keinen festen Termin.")
    body = typeset(how.template, asdict(sheet), day=how.day, untouched={"address": address, "qr": qr_code(address)})
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{how.filename}.pdf"'
    response["ETag"] = etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    patch_cache_control(response, public=True, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response
