"""How does a provider answer without an account? By the link of its letter, which ends with the round."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from appointments.confirmation_rounds import letter_of, slots_asked, take_answers
from appointments.cookieless import is_from_our_own_page
from appointments.models import ProviderLetter, Slot
from appointments.round_form import RoundForm
from appointments.schedule import dates_from
from locations.rate_limits import Limit, sender_of, wait_after_counting

NEXT_DATES = 3
STALE = "Die Seite war zu lange offen. Bitte prüfen Sie Ihre Angaben und senden Sie sie noch einmal."
TOO_OFTEN = "Von Ihrem Anschluss kamen gerade sehr viele Antworten. Bitte senden Sie diese in einer Stunde noch einmal."
ANSWERS = Limit("confirmation round", most=30, seconds=3600)


@csrf_exempt  # its token would set a cookie; `cookieless` answers instead
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm_slots(request: HttpRequest, token: str) -> HttpResponse:
    """Show a provider its slots, and take what it says of them."""
    letter = letter_of(token)
    if letter is None:
        return render(request, "appointments/rounds/closed.html", {"letter": None}, status=404)
    now = timezone.localtime()
    if not letter.round.is_open_on(now.date()):
        return render(request, "appointments/rounds/closed.html", _context(letter), status=410)
    slots = list(slots_asked(letter, now.date()).with_dates().with_confirmations())
    form = RoundForm(letter, slots, now, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, letter, form, slots)
    if not is_from_our_own_page(request) or form.is_stale:
        return _page(request, letter, form, slots, problem=STALE, status=403)
    if seconds := wait_after_counting(ANSWERS, sender_of(request), now):
        response = _page(request, letter, form, slots, problem=TOO_OFTEN, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response
    if not form.is_valid():
        return _page(request, letter, form, slots, problem="Bitte prüfen Sie die markierten Angaben.", status=400)
    number = take_answers(letter=letter, answers=form.answers, today=now.date())
    return redirect(f"{request.path}?gespeichert={number}")


def _page(
    request: HttpRequest,
    letter: ProviderLetter,
    form: RoundForm,
    slots: list[Slot],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    dates = {one.slot.pk: one for one in dates_from(slots, form.now.date())}
    proposals = {proposal.slot_id: proposal for proposal in letter.proposals.all()}
    parts = [
        {
            "form": part,
            "slot": part.slot,
            "dates": [one for one in dates[part.slot.pk].soon if one.takes_place][:NEXT_DATES],
            "proposal": proposals.get(part.slot.pk),
            "confirmed_on": _confirmed_on(part.slot, letter),
        }
        for part in form.parts
    ]
    context = _context(letter) | {"form": form, "parts": parts, "problem": problem, "saved": _saved(request)}
    return render(request, "appointments/rounds/letter.html", context, status=status)


def _confirmed_on(slot: Slot, letter: ProviderLetter) -> Any:
    days = [row.confirmed_on for row in slot.confirmations.all() if row.confirmed_on >= letter.round.opened_on]
    return max(days, default=None)


def _saved(request: HttpRequest) -> int | None:
    text = request.GET.get("gespeichert", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def _context(letter: ProviderLetter) -> dict[str, Any]:
    return {"letter": letter, "site_district": letter.round.district, "is_example": letter.round.district.is_example}
