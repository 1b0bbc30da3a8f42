"""Which lines of the log would bury the others? What strangers cause as often as they like. Loaded with the logs."""

import logging
import time

EVERY = 60  # seconds


class OnceAMinute(logging.Filter):
    """Lets one line a minute of a logger through, without the traceback, which says nothing but where Django refused."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now - self.last.get(record.name, -EVERY) < EVERY:
            return False
        self.last[record.name] = now
        record.exc_info = None
        return True
