"""How does an answer leave the house, and has the reader got these very bytes already?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date

from beratung.api.problems import Problem, shown

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"


def refuse_unacceptable(request: HttpRequest, *media_types: str) -> None:
    """Raise a problem (406) where the reader takes none of these."""
    if not any(request.accepts(media_type) for media_type in media_types):
        wanted = shown(request.headers.get("Accept", ""))
        raise Problem(406, f"„{wanted}“ gibt es hier nicht, nur {' oder '.join(media_types)}.")


def as_json(value: Any) -> bytes:
    """Return the value as compact UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def answer(
    request: HttpRequest,
    body: bytes,
    *,
    media_type: str = JSON,
    changed_at: datetime | None = None,
    filename: str = "",
) -> HttpResponse:
    """Return the body, or 304 where the reader has it.

    The tag alone decides: a row that was deleted leaves no later date behind, so a date would keep readers with old news.
    """
    response = HttpResponse(body, content_type=_with_charset(media_type))
    if filename:
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return _conditional(request, response, f'"{hashlib.sha256(body).hexdigest()[:32]}"', changed_at)


def stream(request: HttpRequest, rows: Iterable[Any], state: Iterable[object], changed_at: datetime) -> HttpResponse:
    """Return a JSON value a line, made while it is sent; `state` is what the answer depends on, for its tag."""
    known = "|".join(map(str, (request.get_full_path(), *state, changed_at)))
    response = StreamingHttpResponse(_lines(rows), content_type=_with_charset(NDJSON))
    return _conditional(request, response, f'W/"{hashlib.sha256(known.encode()).hexdigest()[:32]}"', changed_at)


def _lines(rows: Iterable[Any]) -> Iterator[bytes]:
    """Yield lines by the hundred: one by one, a server would send a packet each."""
    batch: list[bytes] = []
    for row in rows:
        batch.append(as_json(row))
        if len(batch) == 100:
            yield b"\n".join(batch) + b"\n"
            batch.clear()
    if batch:
        yield b"\n".join(batch) + b"\n"


def _conditional(request: HttpRequest, response: HttpResponse, etag: str, changed_at: datetime | None) -> HttpResponse:
    response["ETag"] = etag
    if changed_at is not None:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    patch_cache_control(response, public=True, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response


def _with_charset(media_type: str) -> str:
    return media_type if media_type.endswith("json") else f"{media_type}; charset=utf-8"


def moment(value: datetime) -> str:
    """Return a moment as UTC to the millisecond, as HSDS wants it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_text(day: date | None) -> str | None:
    """Return a day as YYYY-MM-DD."""
    return day.isoformat() if day else None


def known(terms: dict[str, Any]) -> dict[str, Any]:
    """Return the terms without those nobody knows: an absent key, never null; False and 0 are known."""
    return {name: value for name, value in terms.items() if value is not None and value != "" and value != []}
