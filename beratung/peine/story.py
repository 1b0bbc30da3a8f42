"""On which day does something in the example happen, counted from the day it is loaded for?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from locations.calendars import DayOff, public_holidays

# The fixed part of the example ends in 2025; the part that is counted from the day must come after it.
EARLIEST_DAY = date(2026, 1, 1)
LATEST_DAY = date(2099, 12, 31)

FEDERAL_STATE = "DE-NI"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
COUNTED = re.compile(r"(day|month-end|" + "|".join(WEEKDAYS) + r")([+-]\d+)")


class StoryError(ValueError):
    """A day in the data files cannot be read, or the story cannot be told for the day asked for."""


@dataclass(frozen=True, slots=True)
class Story:
    """The example as of a day. Days of the files become dates:

    "day-20" is twenty days before; "monday+35" the first Monday, no holiday and not in the school holidays, at least 35
    days after; "month-end-3" the last day of the third month before. A date stays itself, an empty text is None.
    """

    day: date
    school_holidays: tuple[DayOff, ...]

    def __post_init__(self) -> None:
        if not EARLIEST_DAY <= self.day <= LATEST_DAY:
            raise StoryError(
                f"Das Beispiel lässt sich für Tage vom {EARLIEST_DAY:%d.%m.%Y} bis {LATEST_DAY:%d.%m.%Y} laden, "
                f"nicht für den {self.day:%d.%m.%Y}."
            )

    def day_of(self, value: date | str | None) -> date | None:
        """Return the date a value of the files stands for. StoryError: it stands for none."""
        if not isinstance(value, str):
            return value
        if not value:
            return None
        match = COUNTED.fullmatch(value)
        if match is None:
            raise StoryError(f"„{value}“ ist kein Tag der Geschichte.")
        return self._counted(match[1], int(match[2]))

    def on(self, value: date | str) -> date:
        """Return the date a value of the files stands for, where there must be one."""
        if (day := self.day_of(value)) is None:
            raise StoryError("Hier muss ein Tag stehen.")
        return day

    def _counted(self, word: str, count: int) -> date:
        if word == "month-end":
            return last_of_month(self.day, count)
        start = self.day + timedelta(days=count)
        return start if word == "day" else self._first_open(start, WEEKDAYS.index(word))

    def _first_open(self, start: date, weekday: int) -> date:
        day = start + timedelta(days=(weekday - start.weekday()) % 7)
        while self._is_off(day):
            day += timedelta(days=7)
        return day

    def _is_off(self, day: date) -> bool:
        return bool(public_holidays(FEDERAL_STATE, day, day)) or any(off.contains(day) for off in self.school_holidays)


def last_of_month(day: date, months: int) -> date:
    """Return the last day of the month that lies so many months after the day's (before it where negative)."""
    years, month = divmod(day.month + months, 12)
    return date(day.year + years, month + 1, 1) - timedelta(days=1)


def school_holidays(rows: Iterable[dict[str, str]]) -> tuple[DayOff, ...]:
    """Return the stretches of a file of school holidays."""
    return tuple(
        DayOff(date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]), row["name"]) for row in rows
    )
