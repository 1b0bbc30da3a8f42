"""Is what is being sent too large even to be read? A stranger's file would fill the disk before any form sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

UPLOADS: Final = "/admin/importe/"
# Up to here the form itself says at its field by how much a file is too large.
TIMES_THE_LARGEST_FILE: Final = 3


class BodyLimitMiddleware:
    """Refuses by the announced length; without one Django reads nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _length(request) > largest(request.path_info):
            return render(request, "413.html", status=413)
        return self.get_response(request)


def largest(path: str) -> int:
    """Return how many bytes may be sent to the path."""
    if path.startswith(UPLOADS):
        return int(settings.IMPORT_MAX_MB * 1_000_000 * TIMES_THE_LARGEST_FILE)
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0
