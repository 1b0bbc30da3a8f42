"""How is a rule said in Ukrainian?"""

from __future__ import annotations

from datetime import date, time
from typing import Final

from appointments.recurrence import Monthly, Rule, SingleDates, Weekly
from appointments.wordings.parts import by_year, is_run
from locations.foreign_wording import FOREIGN

WORDS: Final = FOREIGN["uk"]
# Genitive, for "щовівторка" and "кожного першого вівторка"; accusative, for "у вівторок" and "по пʼятницю".
OF_DAY: Final = ("понеділка", "вівторка", "середи", "четверга", "пʼятниці", "суботи", "неділі")
ON_DAY: Final = ("понеділок", "вівторок", "середу", "четвер", "пʼятницю", "суботу", "неділю")
FEMININE: Final = frozenset({2, 4, 5, 6})
ORDINALS: Final = {1: "першого", 2: "другого", 3: "третього", 4: "четвертого", -1: "останнього"}
FEMININE_ORDINALS: Final = {1: "першої", 2: "другої", 3: "третьої", 4: "четвертої", -1: "останньої"}
NUMBERS: Final = (
    *("два", "три", "чотири", "пʼять", "шість", "сім", "вісім", "девʼять", "десять"),
    *("одинадцять", "дванадцять"),
)
WEEKS: Final = {"one": "тиждень", "few": "тижні"}


class Ukrainian:
    """Ukrainian wording."""

    comma = WORDS.comma

    def rhythm(self, rule: Rule) -> str:
        """Return "щовівторка", "раз на два тижні у вівторок" or "кожного першого та третього вівторка місяця"."""
        match rule:
            case Weekly(interval=1):
                return self._every_week(rule.weekdays)
            case Weekly():
                return f"раз на {self._weeks(rule.interval)} {self._on(rule.weekdays)}"
            case Monthly():
                return f"{_listed([self._nth(rule.ordinals, day) for day in rule.weekdays], ', а також ')} місяця"
            case SingleDates():
                years = [f"{_listed(days)} {year} року" for days, year in by_year(rule.dates, WORDS.date_text)]
                return _listed(years, ", а також ")

    def counted_from(self, day: date) -> str:
        """Return "починаючи з 7 січня 2026 року"."""
        return f"починаючи з {WORDS.date_full(day)}"

    def span(self, start: time, end: time | None) -> str:
        """Return "14:00–16:00"."""
        return WORDS.time_range(start, end)

    def from_to(self, start: time, end: time | None) -> str:
        """Return "з 14:00 до 16:00", or "о 14:00" where the end is not known."""
        if end is None:
            # "об одинадцятій": the hour begins with a vowel.
            return f"{'об' if start.hour == 11 else 'о'} {WORDS.clock(start)}"
        return f"з {WORDS.clock(start)} до {WORDS.clock(end)}"

    def _every_week(self, weekdays: tuple[int, ...]) -> str:
        if len(weekdays) == 7:
            return "щодня"
        if is_run(weekdays):
            return f"щотижня {self._on(weekdays)}"
        return _listed([f"що{OF_DAY[day]}" for day in weekdays])

    def _on(self, weekdays: tuple[int, ...]) -> str:
        if is_run(weekdays):
            return f"{'із' if weekdays[0] == 2 else 'з'} {OF_DAY[weekdays[0]]} по {ON_DAY[weekdays[-1]]}"
        return f"у {_listed([ON_DAY[day] for day in weekdays])}"

    def _nth(self, ordinals: tuple[int, ...], day: int) -> str:
        if day in FEMININE:
            return f"кожної {_listed([FEMININE_ORDINALS[ordinal] for ordinal in ordinals])} {OF_DAY[day]}"
        return f"кожного {_listed([ORDINALS[ordinal] for ordinal in ordinals])} {OF_DAY[day]}"

    def _weeks(self, number: int) -> str:
        said = NUMBERS[number - 2] if number < len(NUMBERS) + 2 else str(number)
        return f"{said} {WEEKS.get(WORDS.locale.plural_form(number), 'тижнів')}"


def _listed(parts: list[str], last_word: str = " та ") -> str:
    return last_word.join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
