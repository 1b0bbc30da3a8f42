"""Which methods and origins does the interface take, and what is said where an address leads nowhere?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.defaults import bad_request as usual_bad_request

from beratung.api.problems import MEDIA_TYPE, problem

PREFIX: Final = "/api/"
METHODS: Final = "GET, HEAD, OPTIONS"
A_DAY: Final = 24 * 60 * 60


class OpenInterfacesMiddleware:
    """Under /api/ alone: read-only, open to every origin, and JSON even where Django itself would answer in HTML."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        method = request.method
        response = _open(self._answer(request))
        if method == "HEAD" and isinstance(response, StreamingHttpResponse):
            # Nobody reads it: not one row is fetched.
            response.streaming_content = []
        request.method = method
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not _exists(request):
            return problem(404)
        if request.method in {"GET", "HEAD"}:
            request.method = "GET"  # the views know no other; whoever asked for the head drops the body
            response = self.get_response(request)
            return _as_problem(response) if response.status_code >= 400 else response
        response = HttpResponse(status=204) if request.method == "OPTIONS" else problem(405)
        response["Allow"] = METHODS
        return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is refused further out, before this middleware is asked: a foreign Host where TLS is demanded."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    if not request.path_info.startswith(PREFIX):
        return usual_bad_request(request, exception)
    return _open(problem(400))


def _exists(request: HttpRequest) -> bool:
    try:
        resolve(request.path_info)
    except Resolver404:
        return False
    return True


def _as_problem(response: HttpResponse) -> HttpResponse:
    if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        return response
    said = problem(response.status_code)
    if "Allow" in response:
        said["Allow"] = METHODS
    if "Retry-After" in response:
        said["Retry-After"] = response["Retry-After"]
    return said


def _open(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Methods"] = METHODS
    response["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
    response["Access-Control-Expose-Headers"] = "ETag, Last-Modified, X-Per-Page"
    response["Access-Control-Max-Age"] = str(A_DAY)
    return response
