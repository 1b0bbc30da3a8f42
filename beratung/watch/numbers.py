"""Which request does a line of the log belong to? Loaded with the logs, before any model."""

import logging
from contextvars import ContextVar

current = ContextVar("request_number", default="-")


class RequestNumber(logging.Filter):
    """Writes the number of the request at hand into every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_number = current.get()
        return True
