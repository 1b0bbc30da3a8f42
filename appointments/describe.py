"""How is a rule said in words?

`describe_rule` and `describe` say everything: `reader.read_phrase` turns their sentence back into the same rule. The brief
forms leave out from which day an interval is counted; they suit pages that show the dates anyway.
A further language is one more module in `wordings/`, entered in WORDINGS.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import groupby
from typing import Final, Protocol

from appointments.recurrence import FIRST_YEAR, LAST, LAST_YEAR, Monthly, Rule, SingleDates, Weekly
from appointments.wordings.arabic import Arabic
from appointments.wordings.english import English
from appointments.wordings.turkish import Turkish
from appointments.wordings.ukrainian import Ukrainian

NBSP: Final = "\N{NO-BREAK SPACE}"


class Wording(Protocol):
    """What a language must be able to say; all answers are parts of a sentence, without capital letter and full stop."""

    comma: str

    def rhythm(self, rule: Rule) -> str:
        """Return on which days it happens, without the day from which an interval is counted."""

    def counted_from(self, day: date) -> str:
        """Return the addition from which day an interval is counted."""

    def span(self, start: time, end: time | None) -> str:
        """Return the times in short, as they stand in a list."""

    def from_to(self, start: time, end: time | None) -> str:
        """Return the times as part of a sentence."""


def describe_rule(rule: Rule, language: str = "de") -> str:
    """Return the whole rule, such as "alle zwei Wochen mittwochs, gezählt ab dem 7. Januar 2026"."""
    return _whole(rule, "", language)


def describe_rule_briefly(rule: Rule, language: str = "de") -> str:
    """Return the rule without the day from which an interval is counted, such as "alle zwei Wochen mittwochs"."""
    return _wording(language).rhythm(rule)


def describe_times(start: time, end: time | None, language: str = "de") -> str:
    """Return the times in short, such as "8.30–10.30 Uhr"."""
    return _wording(language).span(start, end)


def describe(rule: Rule, start: time, end: time | None, language: str = "de") -> str:
    """Return rule and times, such as "jeden 1. und 3. Dienstag im Monat von 14 bis 16 Uhr"."""
    return _whole(rule, f" {_wording(language).from_to(start, end)}", language)


def describe_briefly(rule: Rule, start: time, end: time | None, language: str = "de") -> str:
    """Return rule and times without the day from which an interval is counted."""
    return f"{describe_rule_briefly(rule, language)} {_wording(language).from_to(start, end)}"


def _whole(rule: Rule, times: str, language: str) -> str:
    wording = _wording(language)
    if not isinstance(rule, Weekly) or rule.anchor is None:
        return wording.rhythm(rule) + times
    return f"{wording.rhythm(rule)}{times}{wording.comma}{wording.counted_from(_counting_day(rule, rule.anchor))}"


def _counting_day(rule: Weekly, anchor: date) -> date:
    """Return the first day of the rule in the anchor's week, moved by one interval where it would leave the known years."""
    day = anchor + timedelta(days=rule.weekdays[0] - anchor.weekday())
    if day.year < FIRST_YEAR:
        return day + timedelta(weeks=rule.interval)
    return day - timedelta(weeks=rule.interval) if day.year > LAST_YEAR else day


class German:
    """German wording."""

    comma = ", "
    WEEKDAYS: Final = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
    MONTHS: Final = (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    )
    NUMBERS: Final = ("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")

    def rhythm(self, rule: Rule) -> str:
        """Return "jeden Montag", "alle zwei Wochen mittwochs", "jeden letzten Freitag im Monat" or "am 5. März 2026"."""
        match rule:
            case Weekly(interval=1):
                return self._every_week(rule.weekdays)
            case Weekly():
                return f"alle {self._number(rule.interval)} Wochen {self._adverbs(rule.weekdays)}"
            case Monthly():
                return self._monthly(rule)
            case SingleDates():
                return self._dates(rule.dates)

    def counted_from(self, day: date) -> str:
        """Return "gezählt ab dem 7. Januar 2026"."""
        return f"gezählt ab dem {self._day(day)} {day.year}"

    def span(self, start: time, end: time | None) -> str:
        """Return "14–16 Uhr", or "14 Uhr" where the end is not known."""
        return f"{_clock(start)}–{_clock(end)}{NBSP}Uhr" if end else f"{_clock(start)}{NBSP}Uhr"

    def from_to(self, start: time, end: time | None) -> str:
        """Return "von 14 bis 16 Uhr", or "um 14 Uhr" where the end is not known."""
        return f"von {_clock(start)} bis {_clock(end)}{NBSP}Uhr" if end else f"um {_clock(start)}{NBSP}Uhr"

    def _every_week(self, weekdays: tuple[int, ...]) -> str:
        if len(weekdays) == 7:
            return "täglich"
        if len(weekdays) > 2 and weekdays[-1] - weekdays[0] + 1 == len(weekdays):
            return self._adverbs(weekdays)
        return f"jeden {_joined([self.WEEKDAYS[day] for day in weekdays])}"

    def _adverbs(self, weekdays: tuple[int, ...]) -> str:
        names = [f"{self.WEEKDAYS[day].lower()}s" for day in weekdays]
        if len(weekdays) > 2 and weekdays[-1] - weekdays[0] + 1 == len(weekdays):
            return f"{names[0]} bis {names[-1]}"
        return _joined(names)

    def _monthly(self, rule: Monthly) -> str:
        ordinals = _joined(["letzten" if n == LAST else f"{n}." for n in rule.ordinals])
        # The ordinals are repeated for each weekday: "jeden 1. Dienstag und Donnerstag" could mean every Thursday.
        return f"{_joined([f'jeden {ordinals} {self.WEEKDAYS[day]}' for day in rule.weekdays], 'sowie')} im Monat"

    def _dates(self, dates: tuple[date, ...]) -> str:
        years = [
            f"am {_joined([self._day(day) for day in days])} {year}"
            for year, days in groupby(dates, key=lambda day: day.year)
        ]
        return _joined(years, "sowie")

    def _day(self, day: date) -> str:
        return f"{day.day}.{NBSP}{self.MONTHS[day.month - 1]}"

    def _number(self, number: int) -> str:
        return self.NUMBERS[number - 2] if number < len(self.NUMBERS) + 2 else str(number)


WORDINGS: Final[dict[str, Wording]] = {
    "de": German(),
    "en": English(),
    "tr": Turkish(),
    "ar": Arabic(),
    "uk": Ukrainian(),
}


def _wording(language: str) -> Wording:
    """Return the wording of the language, German where there is none yet."""
    return WORDINGS.get(language, WORDINGS["de"])


def _clock(moment: time) -> str:
    return f"{moment.hour}.{moment.minute:02}" if moment.minute else f"{moment.hour}"


def _joined(parts: Sequence[str], last_word: str = "und") -> str:
    return f"{', '.join(parts[:-1])} {last_word} {parts[-1]}" if len(parts) > 1 else parts[0]
