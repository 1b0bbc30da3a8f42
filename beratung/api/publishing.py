"""What is true of every address of the interface: what it takes, what it refuses, and how it is described?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import ValidationError

from beratung.api.answers import JSON, refuse_unacceptable
from beratung.api.parameters import Nothing, as_problem, refuse_unknown
from beratung.api.problems import MEDIA_TYPE, Problem

View = Callable[..., HttpResponse]
VERSION: Final = "1.0.0"
LICENCE: Final = {
    "name": "Datenlizenz Deutschland – Namensnennung – Version 2.0",
    "url": "https://www.govdata.de/dl-de/by-2-0",
}
ABOUT: Final = (
    "Feste Beratungstermine, ihre Orte und die Abdeckung der Gemeinden, in den Sprachen des Fachs. Nur zum Lesen, ohne "
    "Anmeldung, ohne Schlüssel. Unbekannte Angaben fehlen; `null` gibt es nicht. Jede Antwort trägt ein ETag; wer es mit "
    "`If-None-Match` zurückschickt, bekommt 304, solange sich nichts geändert hat."
)
PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "detail"],
                "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}

api = NinjaAPI(
    title="Beratung vor Ort: offene Schnittstellen",
    version=VERSION,
    description=ABOUT,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    openapi_extra={"info": {"license": LICENCE}},
)


@api.exception_handler(Problem)
def _say_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.response()


@api.exception_handler(ValidationError)
def _say_what_was_wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return as_problem(error).response()


def published(
    path: str,
    *,
    summary: str,
    tag: str,
    name: str,
    asked: type[Schema] = Nothing,
    media_type: str = JSON,
    schema: dict[str, Any] | None = None,
    more: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Return the decorator that puts a view under the path: it refuses what nobody knows.

    `media_type` is what it answers in, `more` what it can answer in besides or may be asked for as; `schema` describes it.
    """

    def register(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refuse_unacceptable(request, media_type, *more)
            refuse_unknown(request, asked)
            return view(request, *args, **kwargs)

        # Its annotations are words of the view's own module, which ninja would look up in this one.
        guarded.__signature__ = signature(view, eval_str=True)
        api.get(
            path,
            summary=summary,
            tags=[tag],
            url_name=name,
            operation_id=name,
            openapi_extra={"responses": _responses(media_type, schema, more)},
        )(guarded)
        return guarded

    return register


def _responses(media_type: str, schema: dict[str, Any] | None, more: tuple[str, ...]) -> dict[Any, Any]:
    content = {media_type: {"schema": schema or {"type": "object"}}}
    content |= {other: {"schema": {}} for other in more if other != JSON}
    return {
        200: {"description": "Die Daten.", "content": content},
        304: {"description": "Nichts hat sich geändert (If-None-Match)."},
        "4XX": {
            "description": "Die Anfrage war nicht verständlich, oder es gibt hier nichts.",
            "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}},
        },
    }
