"""Which request does a line of the log belong to, and how long did it take?"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import translation

from beratung.watch import metrics
from beratung.watch.numbers import current

HEADER = "X-Request-ID"
SENSIBLE = re.compile(r"[A-Za-z0-9_-]{8,64}")
UNKNOWN_ROUTE = "(keine)"
logger = logging.getLogger("beratung.requests")


class WatchMiddleware:
    """Numbers every request, counts it, and logs it where asked for: its route, never its query or who it came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = _number(request)
        token, began = current.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            _record(request, response.status_code, time.perf_counter() - began)
        finally:
            current.reset(token)
        response.headers[HEADER] = number
        return response


def _number(request: HttpRequest) -> str:
    """Return the proxy's number where we trust the proxy, else a new one."""
    given = request.headers.get(HEADER, "")
    trusted = settings.SECURE_PROXY_SSL_HEADER is not None and SENSIBLE.fullmatch(given)
    return given if trusted else uuid.uuid4().hex


def _record(request: HttpRequest, status: int, seconds: float) -> None:
    if not (settings.METRICS_TOKEN or settings.LOG_REQUESTS):
        return
    route = _route(request)
    method = request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "(andere)"
    if settings.METRICS_TOKEN:
        metrics.count(method, route, status, seconds)
    if settings.LOG_REQUESTS:
        told = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1000)}
        logger.info("%(method)s %(route)s %(status)s in %(milliseconds)s ms", told, extra=told)


def _route(request: HttpRequest) -> str:
    """Return the pattern of the address; of a page that was kept nobody has asked for it yet."""
    if request.resolver_match:
        return request.resolver_match.route
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    try:
        with translation.override(language):
            return resolve(request.path_info).route
    except Resolver404:
        return UNKNOWN_ROUTE
