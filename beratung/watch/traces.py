"""What does the log say of an error? Where in the program it happened and of what kind it was: never what it was about.

The text of an exception names what somebody typed, and PostgreSQL's even whole rows ("DETAIL: Key (email)=(…) already exists");
the path of a request may hold the link of a letter. Neither is written; the request's number and its route are.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def trace_of(error: BaseException) -> str:
    """Return the places the error came through, those of its causes first, each ending with its kind."""
    parts = []
    for one in reversed(list(_causes(error))):
        parts.append("".join(["Traceback:\n", *traceback.format_tb(one.__traceback__), type(one).__qualname__]))
    return "\n\n".join(parts)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class Traces:
    """Mixed into a formatter: without the texts of exceptions."""

    default_time_format = "%Y-%m-%dT%H:%M:%S%z"
    default_msec_format = ""

    def formatException(self, info: ExcInfo) -> str:  # noqa: N802 - the name is logging's
        return trace_of(info[1]) if info[1] is not None else ""


class Lines(Traces, logging.Formatter):
    """A line for each event, and its trace below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        # What was sent makes no line of its own.
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)


class Json(Traces, JsonFormatter):
    """An object for each event, its trace in `exc_info`; without the request Django hands over, which knows what was asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, reserved_attrs=[*RESERVED_ATTRS, "request"], **kwargs)


class RoutesForPaths(logging.Filter):
    """Writes the route where Django writes the path."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            route = match.route if match else "(keine)"
            record.args = tuple(route if one == path else one for one in record.args)
        return True
