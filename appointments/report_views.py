"""How does a family say that a slot is not as published, without a cookie and without a trace?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from appointments import pages
from appointments.cookieless import fingerprint, is_from_our_own_page
from appointments.entries import Entry
from appointments.models import Slot, with_translated_offers
from appointments.report_form import ReportForm
from appointments.reports import TooManyReportsError, file_report, is_full
from appointments.templatetags.contents import said
from locations.rate_limits import Limit, sender_of, wait_after_counting
from locations.templatetags.german import german

LARGEST_BODY = 64 * 1024  # bytes; 500 characters are at most 6 KB on the wire
REPORTS = Limit("mistake report", most=20, seconds=3600)  # a whole school may share one address


@csrf_exempt  # its token would set a cookie; `cookieless` answers instead
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the form, or take what was sent."""
    now = timezone.localtime()
    entry = _entry(uuid, now)
    if request.method == "POST":
        return _receive(request, entry)
    if is_full(entry.slot, now.date()):
        return _page(request, entry, None, problem=_full())
    return _page(request, entry, ReportForm(slot=entry.slot, now=now))


@csrf_exempt
@require_safe
def thanks(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what happens next; to whoever opens it without having reported anything, too."""
    entry = _entry(uuid, timezone.localtime())
    return render(request, "appointments/report_thanks.html", _context(entry))


def _receive(request: HttpRequest, entry: Entry) -> HttpResponse:
    slot, now = entry.slot, entry.now
    if _bytes_sent(request) > LARGEST_BODY:
        problem = _("Das war zu viel auf einmal. Bitte schreiben Sie höchstens 500 Zeichen.")
        return _page(request, entry, ReportForm(slot=slot, now=now), problem=problem, status=413)
    if not is_from_our_own_page(request):
        problem = _("Der Hinweis kam nicht von dieser Seite. Bitte füllen Sie das Formular hier aus.")
        return _page(request, entry, ReportForm(slot=slot, now=now), problem=problem, status=403)
    form = ReportForm(request.POST, slot=slot, now=now)
    if seconds := wait_after_counting(REPORTS, sender_of(request), now):
        return _page(request, entry, form, problem=_too_often(), status=429, wait=seconds)
    if not form.is_valid():
        return _page(request, entry, form, status=400)
    sent = form.cleaned_data
    try:
        file_report(
            slot=slot, kind=sent["kind"], text=sent["text"], token_hash=fingerprint(sent["token"]), day=now.date()
        )
    except TooManyReportsError:
        return _page(request, entry, form, problem=_full(), status=429)
    return redirect("report_thanks", uuid=slot.uuid)


def _entry(uuid: UUID, now: datetime) -> Entry:
    """Return the slot as its page shows it; 404 where it has none."""
    rows = Slot.objects.with_dates().prefetch_related(None)
    rows = with_translated_offers(rows, get_language() or "de")
    slot = get_object_or_404(rows.select_related("institution__municipality__successor__successor"), uuid=uuid)
    if not pages.was_published(slot, now.date()):
        raise Http404
    return Entry(slot, (), now, now.date())


def _page(
    request: HttpRequest,
    entry: Entry,
    form: ReportForm | None,
    *,
    problem: str = "",
    status: int = 200,
    wait: int = 0,
) -> HttpResponse:
    context = _context(entry) | {"form": form, "problem": problem}
    response = render(request, "appointments/report.html", context, status=status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _context(entry: Entry) -> dict[str, Any]:
    municipality = entry.municipality
    town = reverse("municipality", kwargs={"ags": municipality.ags, "slug": municipality.slug})
    return {
        "nav": "search",
        "entry": entry,
        "site_district": municipality.district,
        "crumbs": [
            (_("Suche"), reverse("home")),
            (german(municipality), town),
            (said(entry.slot, "title"), reverse("slot", args=[entry.slot.uuid])),
            (_("Fehler melden"), None),
        ],
    }


def _full() -> str:
    return _("Heute sind schon viele Hinweise eingegangen. Mehr nehmen wir hier bis morgen nicht an.")


def _too_often() -> str:
    return _(
        "Von Ihrem Anschluss kamen gerade sehr viele Hinweise. Bitte versuchen Sie es in einer Stunde noch einmal."
    )


def _bytes_sent(request: HttpRequest) -> int:
    """Return the size announced; without a number Django reads nothing."""
    size = request.headers.get("Content-Length", "")
    return int(size) if size.isascii() and size.isdigit() else 0
