"""Which municipality was it on that day? Mergers as a chain of successors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Term:
    """How long a municipality existed (both days inclusive, None = open) and who came after it."""

    first_day: date | None
    last_day: date | None
    successor: int | None = None

    def contains(self, day: date) -> bool:
        """Return whether the municipality exists on the day."""
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)


class SuccessionError(ValueError):
    """The chain of successors runs in a circle."""


def municipality_on(terms: Mapping[int, Term], entered: int, day: date) -> int | None:
    """Return the municipality a house entered under `entered` belongs to on the day.

    None: the municipality did not exist yet (the past before a merger is not guessed), or it ended without a successor.
    SuccessionError: the chain runs in a circle.
    """
    current: int | None = entered
    seen: set[int] = set()
    while current is not None and (term := terms.get(current)) is not None:
        if term.contains(day):
            return current
        if term.last_day is None or day <= term.last_day:
            return None
        if current in seen:
            raise SuccessionError(f"Die Nachfolge der Gemeinde {entered} läuft im Kreis.")
        seen.add(current)
        current = term.successor
    return None
