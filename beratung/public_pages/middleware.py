"""Can a public page be answered as it was made before? Only while nothing it shows has changed, and only to strangers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date

from beratung.public_pages.moments import Moment, times_of_day
from locations.models import PublicVersion, Version
from locations.public_state import seen

KEPT_FOR = 24 * 60 * 60  # seconds; by then the day is another, and so is the key
LARGEST = 1024 * 1024  # bytes
LONGEST_ADDRESS = 2000  # letters; longer ones are nobody's links
NEVER = ("/admin/", "/api/", "/static/")
# Made anew for every answer.
NOT_KEPT = {"last-modified"}
Kept = tuple[bytes, dict[str, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class State:
    """What a page depends on beside its address."""

    version: Version
    moment: Moment

    @property
    def changed_at(self) -> datetime:
        return max(self.version.changed_at, self.moment.began_at)


class PublicPagesMiddleware:
    """Keeps whole public pages; the version is asked of the database every time, so no page is ever old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            return _private(self.get_response(request))
        state = _state() if _is_public(request) else None
        if state is None:
            return self.get_response(request)
        key = _key(request, state)
        if (kept := caches["whole_pages"].get(key)) is not None:
            return _conditional(request, _thawed(kept), state)
        token = seen.set(state.version.number)
        try:
            response = self.get_response(request)
        finally:
            seen.reset(token)
        if not _is_keepable(response):
            return response
        patch_cache_control(response, public=True, no_cache=True)
        response.headers.setdefault("ETag", _etag(response))
        if request.method == "GET":
            caches["whole_pages"].set(key, _frozen(response), KEPT_FOR)
        return _conditional(request, response, state)


def _is_public(request: HttpRequest) -> bool:
    path = request.get_full_path()
    return request.method in {"GET", "HEAD"} and len(path) <= LONGEST_ADDRESS and not path.startswith(NEVER)


def _state() -> State | None:
    """Return the state, None where the database does not tell: the page itself then says what is wrong."""
    try:
        version = PublicVersion.objects.current()
        if version is None:
            return None
        return State(version, Moment.at(timezone.localtime(), times_of_day(version)))
    except DatabaseError:
        return None


def _key(request: HttpRequest, state: State) -> str:
    parts = (
        request.scheme,
        request.get_host(),
        request.get_full_path(),
        "gzip" if "gzip" in request.headers.get("Accept-Encoding", "") else "",
        str(state.version.number),
        state.moment.began_at.isoformat(),
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _is_keepable(response: HttpResponse) -> bool:
    """A page that sets a cookie, says that nobody may keep it, or counted the visit has to be made anew."""
    said = response.headers.get("Cache-Control", "")
    counted = getattr(response, "is_counted", False)
    plain = response.status_code == 200 and not response.streaming and not response.cookies
    return (
        plain and not counted and "no-store" not in said and "private" not in said and len(response.content) <= LARGEST
    )


def _etag(response: HttpResponse) -> str:
    # Weak: what is compressed differs byte by byte from what is not.
    return f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'


def _frozen(response: HttpResponse) -> Kept:
    """Return body, headers, and what the view wishes of the Content-Security-Policy, which is written further out."""
    headers = {name: value for name, value in response.headers.items() if name.lower() not in NOT_KEPT}
    return response.content, headers, _policy(response)


def _policy(response: HttpResponse) -> dict[str, Any]:
    return {name: value for name, value in vars(response).items() if name.startswith("_csp")}


def _thawed(kept: Kept) -> HttpResponse:
    body, headers, policy = kept
    response = HttpResponse(body, headers=headers)
    vars(response).update(policy)
    return response


def _conditional(request: HttpRequest, response: HttpResponse, state: State) -> HttpResponse:
    """Return 304 to whom has this page already."""
    changed = int(state.changed_at.timestamp())
    # Within the second of a change a second change could follow that the date would not tell.
    if timezone.now() - state.changed_at > timedelta(seconds=1):
        response.headers.setdefault("Last-Modified", http_date(changed))
    else:
        changed = None
    answer = get_conditional_response(request, etag=response.headers["ETag"], last_modified=changed, response=response)
    # A browser takes over the headers of a 304: without its policy the page would lose it on the second visit.
    vars(answer).update(_policy(response))
    return answer


def _private(response: HttpResponse) -> HttpResponse:
    if "no-store" not in response.headers.get("Cache-Control", ""):
        patch_cache_control(response, private=True, no_store=True)
    return response
