"""Which addresses may be asked for only so often, and what does somebody see who asks more often?

Forms that keep what was typed (a family's report, a provider's answers, the login) ask `locations.rate_limits` themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from beratung.api.problems import problem
from locations.rate_limits import Limit, sender_of, wait_after_counting

MINUTE: Final = 60
# Typesetting takes a second of a processor.
FILES: Final = Limit("typeset file", most=60, seconds=10 * MINUTE, share=5)
UPLOADS: Final = Limit("upload", most=60, seconds=60 * MINUTE)
# By the name of the address: what is counted when it is read, and what when something is sent.
READ: Final = {"district_report": FILES, "municipality_flyer": FILES, "institution_notice": FILES}
SENT: Final = {"import_upload": UPLOADS, "import_decide": UPLOADS, "archive": UPLOADS}
API: Final = "api"


class RateLimitMiddleware:
    """Asks before the view is called; a page that is kept costs nothing and is never refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        limit = _limit_of(request)
        if limit is None:
            return None
        seconds = wait_after_counting(limit, _counted_as(request, limit), timezone.now())
        return too_many(request, seconds) if seconds else None


def _limit_of(request: HttpRequest) -> Limit | None:
    match = request.resolver_match
    if request.method == "POST":
        return SENT.get(match.url_name)
    if match.namespace == API:
        return api_limit()
    return READ.get(match.url_name)


def api_limit() -> Limit | None:
    """Return how many requests of one sender the interface answers in a minute; None: any number."""
    most = settings.API_PER_MINUTE
    return Limit("api", most=most, seconds=MINUTE, share=max(1, most // 30)) if most else None


def _counted_as(request: HttpRequest, limit: Limit) -> str | None:
    """Return whose requests count together: those of an account behind the login, elsewhere those of a network."""
    if limit is UPLOADS and request.user.is_authenticated:
        return f"account {request.user.pk}"
    return sender_of(request)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Say that it was too often, and when it goes on."""
    if request.resolver_match and request.resolver_match.namespace == API:
        response = problem(429)
    else:
        minutes = -(-seconds // MINUTE)
        response = render(request, "429.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response
