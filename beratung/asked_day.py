"""Which day does a visitor ask for, and what was wrong with it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from appointments.occurrences import horizon
from locations.wording import date_digits, date_full


@dataclass(frozen=True)
class AskedDay:
    """The day of the page: what was read, and what was wrong with it."""

    day: date
    today: date
    raw: str = ""
    error: str = ""

    @property
    def is_today(self) -> bool:
        return self.day == self.today


def read_day(raw: str, today: date, earliest: date) -> AskedDay:
    """Return the day written as 24.09.2026 or 2026-09-24; the nearest possible one, or today, where it cannot be shown."""
    text = raw.strip()
    if not text:
        return AskedDay(today, today)
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    match = re.fullmatch(r"([0-9]{1,2})\.\s*([0-9]{1,2})\.\s*([0-9]{4})", text)
    parts = match.group(3, 2, 1) if match else None
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text):
        parts = match.group(1, 2, 3)
    example = f"Bitte ein Datum wie {date_digits(today)} eingeben. Gezeigt wird der Stand von heute."
    if parts is None:
        return AskedDay(today, today, shown, f"„{shown}“ ist kein Datum. {example}")
    try:
        day = date(*map(int, parts))
    except ValueError:
        return AskedDay(today, today, shown, f"{shown} gibt es nicht. {example}")
    return _within(day, today, earliest, shown)


def _within(day: date, today: date, earliest: date, shown: str) -> AskedDay:
    latest = max(horizon(today), earliest)
    if day < earliest:
        return AskedDay(
            earliest,
            today,
            shown,
            f"Der {date_full(day)} liegt vor dem ersten Tag, zu dem es Angaben gibt. "
            f"Gezeigt wird der {date_full(earliest)}.",
        )
    if day > latest:
        return AskedDay(
            latest,
            today,
            shown,
            f"Bis zum {date_full(day)} reichen die Termine noch nicht. Gezeigt wird der {date_full(latest)}.",
        )
    return AskedDay(day, today, shown)
