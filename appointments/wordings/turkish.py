"""How is a rule said in Turkish?"""

from __future__ import annotations

from datetime import date, time
from typing import Final

from appointments.recurrence import LAST, Monthly, Rule, SingleDates, Weekly
from appointments.wordings.parts import by_year, is_run
from locations.foreign_wording import FOREIGN

WORDS: Final = FOREIGN["tr"]
# Weekdays are written small, except in a full date (TDK).
WEEKDAYS: Final = ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar")
# The endings follow the last vowel.
FROM: Final = ("pazartesiden", "salıdan", "çarşambadan", "perşembeden", "cumadan", "cumartesiden", "pazardan")
UNTIL: Final = ("pazartesiye", "salıya", "çarşambaya", "perşembeye", "cumaya", "cumartesiye", "pazara")
NUMBERS: Final = ("iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz", "on", "on bir", "on iki")


class Turkish:
    """Turkish wording."""

    comma = WORDS.comma

    def rhythm(self, rule: Rule) -> str:
        """Return "her salı", "iki haftada bir salı günü" or "her ayın 1. ve 3. salı günü"."""
        match rule:
            case Weekly(interval=1):
                return self._every_week(rule.weekdays)
            case Weekly():
                return f"{self._number(rule.interval)} haftada bir {self._on(rule.weekdays)}"
            case Monthly():
                return self._monthly(rule)
            case SingleDates():
                return self._dates(rule.dates)

    def counted_from(self, day: date) -> str:
        """Return "7 Ocak 2026 tarihinden başlayarak"."""
        return f"{WORDS.date_full(day)} tarihinden başlayarak"

    def span(self, start: time, end: time | None) -> str:
        """Return "14:00–16:00"."""
        return WORDS.time_range(start, end)

    def from_to(self, start: time, end: time | None) -> str:
        """Return "saat 14:00 ile 16:00 arasında": so no ending hangs on a number."""
        return f"saat {WORDS.clock(start)} ile {WORDS.clock(end)} arasında" if end else f"saat {WORDS.clock(start)}"

    def _every_week(self, weekdays: tuple[int, ...]) -> str:
        if len(weekdays) == 7:
            return "her gün"
        if is_run(weekdays):
            return f"her hafta {self._on(weekdays)}"
        return f"her {WORDS.listed([WEEKDAYS[day] for day in weekdays])}"

    def _on(self, weekdays: tuple[int, ...]) -> str:
        if is_run(weekdays):
            return f"{FROM[weekdays[0]]} {UNTIL[weekdays[-1]]} kadar"
        return f"{WORDS.listed([WEEKDAYS[day] for day in weekdays])} {'günü' if len(weekdays) == 1 else 'günleri'}"

    def _monthly(self, rule: Monthly) -> str:
        ordinals = WORDS.listed(["son" if ordinal == LAST else f"{ordinal}." for ordinal in rule.ordinals])
        days = [f"{ordinals} {WEEKDAYS[day]}" for day in rule.weekdays]
        return f"her ayın {_with(days)} {'günü' if len(days) == 1 else 'günleri'}"

    def _dates(self, dates: tuple[date, ...]) -> str:
        years = [f"{WORDS.listed(days)} {year}" for days, year in by_year(dates, WORDS.date_text)]
        return f"{_with(years)} {'tarihinde' if len(dates) == 1 else 'tarihlerinde'}"

    def _number(self, number: int) -> str:
        return NUMBERS[number - 2] if number < len(NUMBERS) + 2 else str(number)


def _with(parts: list[str]) -> str:
    """Return "a, b ile c": parts that hold a "ve" themselves."""
    return " ile ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
