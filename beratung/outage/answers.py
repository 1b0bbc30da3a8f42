"""What is answered while the database or the disk fails? One page made of nothing but itself, or one JSON document."""

from __future__ import annotations

import logging
import sys
import threading
import time

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error as usual_server_error

from beratung.api.middleware import PREFIX
from beratung.api.problems import problem
from beratung.outage.causes import Outage, code_of, outage_of

RETRY_AFTER = 30  # seconds; a database that was only started anew is back by then
LOGGED_EVERY = 60  # seconds; a line for each request would fill the disk that is full already
logger = logging.getLogger("beratung.outage")
_last_logged: dict[Outage, float] = {}
_lock = threading.Lock()


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody caught (Django's handler500): 503 where the program is not to blame, else as usual."""
    error = sys.exc_info()[1]
    found = outage_of(error)
    if found is None:
        return usual_server_error(request)
    _log(found, error)
    response = problem(503) if request.path_info.startswith(PREFIX) else _page()
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    # Django would write the whole traceback for each request.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _page() -> HttpResponse:
    """Return the page; without a request no context processor asks the database."""
    return HttpResponse(loader.get_template("503.html").render(), status=503)


def _log(found: Outage, error: BaseException | None) -> None:
    """Write one line a minute and process for each kind, without the error's text: it names servers, accounts, rows."""
    now = time.monotonic()
    with _lock:
        if now - _last_logged.get(found, -LOGGED_EVERY) < LOGGED_EVERY:
            return
        _last_logged[found] = now
    logger.error("%s (%s). Besucher bekommen 503, bis sie wieder arbeitet.", found.value, code_of(error))
