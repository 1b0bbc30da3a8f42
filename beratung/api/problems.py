"""How does the interface say no? One problem document (RFC 9457) for every refusal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpResponse

MEDIA_TYPE: Final = "application/problem+json"
LONGEST_ECHO: Final = 60
TITLES: Final = {
    400: "Die Anfrage ist nicht verständlich.",
    404: "Das gibt es hier nicht.",
    405: "Diese Methode ist hier nicht erlaubt.",
    406: "In diesem Format gibt es die Antwort nicht.",
    429: "Das waren zu viele Anfragen.",
    500: "Im Programm ist ein Fehler aufgetreten.",
    503: "Gerade sind keine Daten zu bekommen.",
}
DETAILS: Final = {
    400: "Die Anfrage verletzt HTTP oder nennt einen unbekannten Rechner.",
    404: "Unter dieser Adresse gibt es nichts. Alle Adressen stehen in /api/openapi.json.",
    405: "Diese Schnittstelle ist nur zum Lesen: GET, HEAD und OPTIONS.",
    429: "Mehr nimmt diese Schnittstelle von einem Absender in einer Minute nicht an. Retry-After sagt, wann es weitergeht.",
    500: "Der Fehler wurde aufgezeichnet.",
    503: "Die Datenbank antwortet nicht. Bitte nach der Zeit aus Retry-After noch einmal fragen.",
}


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """A refusal: the status, what was wrong in a German sentence, and each part that was wrong."""

    def __init__(self, status: int, detail: str, errors: Iterable[dict[str, str]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)

    def response(self) -> HttpResponse:
        """Return the answer."""
        return problem(self.status, self.detail, self.errors)


def problem(status: int, detail: str = "", errors: Iterable[dict[str, str]] = ()) -> HttpResponse:
    """Return the problem document; without a detail the usual one of the status."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Die Anfrage wurde nicht angenommen."),
        "status": status,
    }
    if text := detail or DETAILS.get(status, ""):
        document["detail"] = text
    if errors := list(errors):
        document["errors"] = errors
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)


def wrong(name: str, detail: str) -> dict[str, str]:
    """Return one part that was wrong, by its name in the address."""
    return {"parameter": shown(name), "detail": detail}


def shown(text: object) -> str:
    """Return what was sent, short enough to be repeated."""
    value = str(text).encode("utf-8", "replace").decode()
    return value if len(value) <= LONGEST_ECHO else f"{value[:LONGEST_ECHO]}…"
