"""At which version of the public data is this page being made? Set by the web server, unknown elsewhere."""

from contextvars import ContextVar

seen: ContextVar[int | None] = ContextVar("public_version", default=None)
