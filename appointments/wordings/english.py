"""How is a rule said in English?"""

from __future__ import annotations

from datetime import date, time
from typing import Final

from appointments.recurrence import Monthly, Rule, SingleDates, Weekly
from appointments.wordings.parts import by_year, is_run
from locations.foreign_wording import FOREIGN

WORDS: Final = FOREIGN["en"]
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
NUMBERS: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class English:
    """English wording."""

    comma = WORDS.comma

    def rhythm(self, rule: Rule) -> str:
        """Return "every Tuesday", "every two weeks on Tuesdays" or "every first and third Tuesday of the month"."""
        match rule:
            case Weekly(interval=1):
                return self._every_week(rule.weekdays)
            case Weekly():
                return f"every {self._number(rule.interval)} weeks {self._on(rule.weekdays)}"
            case Monthly():
                ordinals = WORDS.listed([ORDINALS[ordinal] for ordinal in rule.ordinals])
                return f"{WORDS.listed([f'every {ordinals} {WEEKDAYS[day]}' for day in rule.weekdays])} of the month"
            case SingleDates():
                return WORDS.listed(
                    [f"on {WORDS.listed(days)} {year}" for days, year in by_year(rule.dates, WORDS.date_text)]
                )

    def counted_from(self, day: date) -> str:
        """Return "counted from 7 January 2026"."""
        return f"counted from {WORDS.date_full(day)}"

    def span(self, start: time, end: time | None) -> str:
        """Return "14:00–16:00"."""
        return WORDS.time_range(start, end)

    def from_to(self, start: time, end: time | None) -> str:
        """Return "from 14:00 to 16:00", or "at 14:00" where the end is not known."""
        return f"from {WORDS.clock(start)} to {WORDS.clock(end)}" if end else f"at {WORDS.clock(start)}"

    def _every_week(self, weekdays: tuple[int, ...]) -> str:
        if len(weekdays) == 7:
            return "every day"
        if is_run(weekdays):
            return f"every week {self._on(weekdays)}"
        return f"every {WORDS.listed([WEEKDAYS[day] for day in weekdays])}"

    def _on(self, weekdays: tuple[int, ...]) -> str:
        if is_run(weekdays):
            return f"{WEEKDAYS[weekdays[0]]} to {WEEKDAYS[weekdays[-1]]}"
        return f"on {WORDS.listed([f'{WEEKDAYS[day]}s' for day in weekdays])}"

    def _number(self, number: int) -> str:
        return NUMBERS[number - 2] if number < len(NUMBERS) + 2 else str(number)
