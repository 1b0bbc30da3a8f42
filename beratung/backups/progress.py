"""How far is it, when it takes long?"""

from __future__ import annotations

import time
from typing import Final, TextIO

from locations.wording import number

EVERY: Final = 2.0  # seconds


class Teller:
    """Writes a line every two seconds; what is done sooner needs none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._began = stream, time.monotonic()
        self._told = self._began

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told >= EVERY:
            self._told = now
            self._stream.write(f"{number(done)} von {number(total)} Zeilen ({what})\n")

    @property
    def seconds(self) -> float:
        """Return how long it has taken so far."""
        return time.monotonic() - self._began
