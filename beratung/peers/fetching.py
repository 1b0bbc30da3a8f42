"""How does a peer's directory come into the house? From a file or over HTTP, never more than one can bear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
)

MEGABYTE: Final = 1_000_000
MOST_BYTES: Final = 50 * MEGABYTE
MOST_PAGES: Final = 1_000
SECONDS: Final = 20
SCHEMES: Final = ("http", "https")


class PeerError(ValueError):
    """Nothing can be read there; the message is a German sentence."""


class NotThereError(PeerError):
    """The address leads nowhere (404)."""


class _Redirects(HTTPRedirectHandler):
    """Follows other web addresses only: a redirect to a file would read this computer's."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        refuse_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def refuse_scheme(address: str) -> None:
    """Raise a PeerError for all that is not http or https."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError as error:
        raise PeerError(f"„{address[:100]}“ ist keine Adresse.") from error
    if scheme not in SCHEMES:
        raise PeerError(f"„{scheme}:“ wird nicht gelesen, nur http: und https:.")


def entries(source: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file, or of an address with all its pages. PeerError: it cannot be read."""
    if "://" not in source and not source.lower().startswith(("file:", "data:")):
        yield from _unpacked(_read_file(Path(source)))
        return
    refuse_scheme(source)
    first = _parsed(_first(source))
    if isinstance(first, dict) and "openapi_url" in first:
        yield from _all_pages(f"{source.rstrip('/')}/services")
    else:
        yield from _unpacked(first)


def _first(source: str) -> bytes:
    """Return what stands at the address; many interfaces have theirs only with a slash at the end."""
    try:
        return _download(source)
    except NotThereError:
        if source.endswith("/") or "?" in source:
            raise
        return _download(f"{source}/")


def _all_pages(address: str) -> Iterator[dict[str, Any]]:
    """Yield every service of an HSDS interface, each with all that belongs to it."""
    for number in range(1, MOST_PAGES + 1):
        page = _parsed(_download(f"{address}?{urlencode({'full': 'true', 'page': number})}"))
        for entry in _unpacked(page):
            whole = "service_at_locations" in entry or "id" not in entry
            yield entry if whole else _one(_parsed(_download(f"{address}/{entry['id']}")))
        if not isinstance(page, dict) or page.get("last_page", True) or page.get("empty"):
            return
    raise PeerError(f"Das Verzeichnis hat mehr als {MOST_PAGES} Seiten.")


def _one(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PeerError("Statt eines Angebots kam etwas anderes.")
    return value


def _unpacked(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a page, of a list, or the one there is."""
    found = value.get("contents", [value]) if isinstance(value, dict) else value
    if not isinstance(found, list):
        raise PeerError("Das ist kein HSDS: erwartet wird ein Objekt, eine Liste oder eine Seite mit „contents“.")
    for entry in found:
        yield _one(entry)


def _read_file(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PeerError(f"{path} lässt sich nicht lesen: {error.strerror}.") from error
    return _parsed(octets)


def _download(address: str) -> bytes:
    opener = OpenerDirector()
    for handler in (HTTPHandler(), HTTPSHandler(), _Redirects(), HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310 - refuse_scheme looked at it
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            octets: bytes = answer.read(MOST_BYTES + 1)
    except HTTPError as error:
        if 300 <= error.code < 400:
            refuse_scheme(error.headers.get("Location", ""))
        kind = NotThereError if error.code == 404 else PeerError
        raise kind(f"{address} antwortet mit {error.code}.") from error
    except TimeoutError as error:
        raise PeerError(f"{address} antwortet nicht innerhalb von {SECONDS} Sekunden.") from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        if isinstance(error, PeerError):
            raise
        if isinstance(getattr(error, "reason", None), TimeoutError):
            raise PeerError(f"{address} antwortet nicht innerhalb von {SECONDS} Sekunden.") from error
        raise PeerError(f"{address} ist nicht zu erreichen: {getattr(error, 'reason', error)}.") from error
    return octets


def _parsed(octets: bytes) -> Any:
    """Return the JSON, or the list of what stands in each line."""
    if len(octets) > MOST_BYTES:
        raise PeerError(f"Das sind mehr als {MOST_BYTES // MEGABYTE} MB.")
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PeerError("Das ist kein Text in UTF-8.") from error
    try:
        return json.loads(text)
    except RecursionError as error:
        raise PeerError("Das JSON ist zu tief verschachtelt.") from error
    except json.JSONDecodeError as error:
        return _lines(text, error)


def _lines(text: str, error: json.JSONDecodeError) -> list[Any]:
    try:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (json.JSONDecodeError, RecursionError):
        found = []
    if len(found) < 2:
        raise PeerError(f"Das ist kein JSON: Fehler in Zeile {error.lineno}, Spalte {error.colno}.") from error
    return found
