"""How is a rule said in Arabic?"""

from __future__ import annotations

from datetime import date, time
from typing import Final

from appointments.recurrence import Monthly, Rule, SingleDates, Weekly
from appointments.wordings.parts import by_year, is_run
from locations.foreign_wording import FOREIGN

WORDS: Final = FOREIGN["ar"]
# Without the article: "كل ثلاثاء"; with it: "يوم الثلاثاء".
WEEKDAYS: Final = ("اثنين", "ثلاثاء", "أربعاء", "خميس", "جمعة", "سبت", "أحد")
ORDINALS: Final = {1: "أول", 2: "ثاني", 3: "ثالث", 4: "رابع", -1: "آخر"}
# Two weeks are a dual, three to ten a plural, more a singular.
WEEKS: Final = (
    "أسبوعين",
    *(f"{number} أسابيع" for number in ("ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة")),
)


class Arabic:
    """Arabic wording."""

    comma = WORDS.comma

    def rhythm(self, rule: Rule) -> str:
        """Return "كل ثلاثاء", "كل أسبوعين يوم الثلاثاء" or "أول وثالث ثلاثاء من كل شهر"."""
        match rule:
            case Weekly(interval=1):
                return self._every_week(rule.weekdays)
            case Weekly():
                return f"كل {self._weeks(rule.interval)} {self._on(rule.weekdays)}"
            case Monthly():
                ordinals = WORDS.listed([ORDINALS[ordinal] for ordinal in rule.ordinals])
                return f"{WORDS.listed([f'{ordinals} {WEEKDAYS[day]}' for day in rule.weekdays])} من كل شهر"
            case SingleDates():
                years = [f"في {_and(days)} {year}" for days, year in by_year(rule.dates, WORDS.date_text)]
                return WORDS.listed(years)

    def counted_from(self, day: date) -> str:
        """Return "ابتداءً من 7 يناير 2026"."""
        return f"ابتداءً من {WORDS.date_full(day)}"

    def span(self, start: time, end: time | None) -> str:
        """Return "14:00–16:00"."""
        return WORDS.time_range(start, end)

    def from_to(self, start: time, end: time | None) -> str:
        """Return "من الساعة 14:00 إلى 16:00", or "في الساعة 14:00" where the end is not known."""
        if end is None:
            return f"في الساعة {WORDS.clock(start)}"
        return f"من الساعة {WORDS.clock(start)} إلى {WORDS.clock(end)}"

    def _every_week(self, weekdays: tuple[int, ...]) -> str:
        if len(weekdays) == 7:
            return "كل يوم"
        if is_run(weekdays):
            return f"كل أسبوع {self._on(weekdays)}"
        return f"كل {WORDS.listed([WEEKDAYS[day] for day in weekdays])}"

    def _on(self, weekdays: tuple[int, ...]) -> str:
        if is_run(weekdays):
            return f"من {_the(weekdays[0])} إلى {_the(weekdays[-1])}"
        days = {1: "يوم", 2: "يومي"}.get(len(weekdays), "أيام")
        return f"{days} {WORDS.listed([_the(day) for day in weekdays])}"

    def _weeks(self, number: int) -> str:
        return WEEKS[number - 2] if number < len(WEEKS) + 2 else f"{number} أسبوعًا"


def _the(day: int) -> str:
    return f"ال{WEEKDAYS[day]}"


def _and(days: list[str]) -> str:
    """Return the dates joined by "و", which stands apart from a digit."""
    return " و\N{NO-BREAK SPACE}".join(days)
