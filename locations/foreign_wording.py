"""How are days, times, numbers and distances written in English, Turkish, Arabic and Ukrainian?

The siblings of the functions in `wording`, by the same names. Babel (Unicode CLDR) knows names, numbers and plurals; the
order of a date is ours, for the fuzzy search of Babel loses weekdays. Times have 24 hours, digits are western.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from locations.wording import NBSP

_AFTER_A_NUMBER: Final = re.compile(r"(?<=\d) (?=\S)")
_ARABIC_ARTICLE: Final = "ال"


@dataclass(frozen=True, slots=True)
class ForeignWording:
    """One language; the patterns are those of CLDR, "~" is a space at which no line breaks."""

    locale: Locale
    yesterday_today_tomorrow: tuple[str, str, str]
    comma: str = ", "
    semicolon: str = "; "
    long_pattern: str = "{weekday}, {date}"
    full_pattern: str = "d~MMMM~y"
    digits_pattern: str = "dd.MM.y"

    def weekday(self, day: date) -> str:
        """Return "Tuesday", "Salı", "الثلاثاء", "вівторок"."""
        return self._formatted(day, "cccc")

    def weekday_short(self, day: date) -> str:
        """Return "Tue", "Sal", "ثلاثاء", "вт": what fits into a narrow cell."""
        return self._formatted(day, "ccc").removeprefix(_ARABIC_ARTICLE)

    def month(self, day: date) -> str:
        """Return the month as it stands alone: "October", "жовтень"."""
        return self._formatted(day, "LLLL")

    def date_text(self, day: date) -> str:
        """Return "6 October", "6 Ekim", "6 أكتوبر", "6 жовтня"."""
        return self._formatted(day, "d~MMMM")

    def date_full(self, day: date) -> str:
        """Return "6 October 2026", "6 жовтня 2026 року"."""
        return self._formatted(day, self.full_pattern)

    def date_long(self, day: date) -> str:
        """Return "Tuesday, 6 October", "6 Ekim Salı"."""
        return self.long_pattern.format(weekday=self.weekday(day), date=self.date_text(day))

    def date_long_full(self, day: date) -> str:
        """Return "Tuesday, 6 October 2026", "6 Ekim 2026 Salı"."""
        return self.long_pattern.format(weekday=self.weekday(day), date=self.date_full(day))

    def date_short(self, day: date) -> str:
        """Return "6 Oct", "6 жовт."."""
        return self._formatted(day, "d~MMM")

    def date_with_weekday(self, day: date) -> str:
        """Return "Tue, 6 October", "6 Ekim Sal"; Arabic has no short weekday."""
        return self.long_pattern.format(weekday=self._formatted(day, "ccc"), date=self.date_text(day))

    def date_digits(self, day: date) -> str:
        """Return "06/10/2026" or "06.10.2026"."""
        return self._formatted(day, self.digits_pattern)

    def relative_day(self, day: date, today: date) -> str:
        """Return how far the day is from today: "in 12 days", "tomorrow", "3 дні тому"."""
        distance = (day - today).days
        if abs(distance) <= 1:
            return self.yesterday_today_tomorrow[distance + 1]
        # Weeks and months would be rounded: the threshold keeps Babel at days.
        said = format_timedelta(day - today, granularity="day", threshold=1e9, add_direction=True, locale=self.locale)
        # CLDR's "خلال" also means "within"; an appointment is after these days, not during them.
        return _AFTER_A_NUMBER.sub(NBSP, said).replace("خلال", "بعد")

    def clock(self, moment: time) -> str:
        """Return "14:00" or "8:30"."""
        return f"{moment.hour}:{moment.minute:02}"

    def time_text(self, moment: time) -> str:
        return self.clock(moment)

    def time_range(self, start: time, end: time | None) -> str:
        """Return "14:00–16:00"; without an end, "14:00"."""
        return f"{self.clock(start)}–{self.clock(end)}" if end else self.clock(start)

    def number(self, value: Decimal | int, places: int = 0) -> str:
        """Return "10,000" or "10.000", rounded half up."""
        rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        pattern = f"#,##0.{'0' * places}" if places else "#,##0"
        return format_decimal(rounded, pattern, locale=self.locale)

    def km(self, distance_km: float) -> str:
        """Return "4.7 km", "4,7 км", "4.7 كم"."""
        rounded = Decimal(str(distance_km)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        said = format_unit(rounded, "length-kilometer", "short", format="#,##0.0", locale=self.locale)
        return _AFTER_A_NUMBER.sub(NBSP, said)

    def listed(self, words: Sequence[str]) -> str:
        """Return "a, b and c", "a وb وc"."""
        return format_list(list(words), locale=self.locale)

    def alternatives(self, words: Sequence[str]) -> str:
        """Return "a, b or c"."""
        return format_list(list(words), "or", locale=self.locale)

    def breakable(self, text: str) -> str:
        """Return the text as it is: soft hyphens are for German compounds."""
        return text

    def sentence_case(self, text: str) -> str:
        """Return the text with a capital at the start; the capital of the Turkish "i" is "İ"."""
        first = "İ" if self.locale.language == "tr" and text[:1] == "i" else text[:1].upper()
        return first + text[1:]

    def language_name(self, code: str, german: str) -> str:
        """Return "Arabic", "Arapça", "арабська" for "ar"; the German name of a language that CLDR does not know."""
        return self.sentence_case(self.locale.languages.get(code, german))

    def _formatted(self, day: date, pattern: str) -> str:
        return format_date(day, pattern.replace("~", NBSP), locale=self.locale)


# British English: the day before the month, and 24 hours.
FOREIGN: Final[dict[str, ForeignWording]] = {
    "en": ForeignWording(Locale("en", "GB"), ("yesterday", "today", "tomorrow"), digits_pattern="dd/MM/y"),
    "tr": ForeignWording(Locale("tr"), ("dün", "bugün", "yarın"), long_pattern="{date} {weekday}"),
    "ar": ForeignWording(
        Locale("ar"),
        ("أمس", "اليوم", "غدًا"),
        comma="، ",
        semicolon="؛ ",
        long_pattern="{weekday}، {date}",
        digits_pattern="d/M/y",
    ),
    "uk": ForeignWording(Locale("uk"), ("вчора", "сьогодні", "завтра"), full_pattern="d~MMMM~y~'року'"),
}
