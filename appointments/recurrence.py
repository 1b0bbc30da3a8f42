"""On which days does a rule fall, and how is it written as RFC 5545 text?

The subset, and nothing beyond it: weekly on one or more weekdays with an interval, monthly on the nth (1 to 4, or
last) given weekdays, or single dates. Weekdays count from Monday = 0 to Sunday = 6, weeks begin on Monday.
There is no fifth week.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import ClassVar, Final

WEEKDAY_CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST: Final = -1
ORDINALS: Final = (1, 2, 3, 4, LAST)
MAX_INTERVAL: Final = 52
MAX_DATES: Final = 366
MAX_TEXT: Final = 20_000
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
_INTERVAL_REASON: Final = f"Der Abstand muss zwischen 1 und {MAX_INTERVAL} Wochen liegen."
_TABLE_START: Final = date(2000, 1, 1).toordinal()
_TABLE_STOP: Final = date(2100, 1, 1).toordinal()


class RuleError(ValueError):
    """A rule outside the subset; the message is a German sentence that names the part."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week, or every nth week, on the given weekdays.

    `anchor` is any day of one week in which it happens; required when `interval` is above 1, dropped when it is 1.
    Two anchors in the same phase are the same rhythm, so equality compares `phase` and leaves the anchor out.
    """

    weekdays: tuple[int, ...]
    interval: int = 1
    anchor: date | None = field(default=None, compare=False)
    phase: int = field(init=False, repr=False, default=0)
    is_recurring: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", _checked_weekdays(self.weekdays))
        if not 1 <= self.interval <= MAX_INTERVAL:
            raise RuleError(f"„alle {_shown(self.interval)} Wochen“: {_INTERVAL_REASON}")
        if self.interval == 1:
            object.__setattr__(self, "anchor", None)
        else:
            object.__setattr__(self, "phase", _checked_phase(self.anchor, self.interval))

    @property
    def text(self) -> str:
        """Return the RRULE value; the anchor is not part of it."""
        interval = f"INTERVAL={self.interval};" if self.interval > 1 else ""
        return f"FREQ=WEEKLY;{interval}BYDAY={','.join(WEEKDAY_CODES[day] for day in self.weekdays)}"

    def days(self, first: date, last: date) -> list[date]:
        """Return the days from `first` to `last`, both inclusive, ascending."""
        start, stop, step = first.toordinal(), last.toordinal() + 1, 7 * self.interval
        # Ordinal 1 (0001-01-01) is a Monday: weekday w of the week numbered `phase` has the ordinal 1 + 7 * phase + w.
        origin = 1 + 7 * self.phase - start
        begins = sorted(start + (origin + weekday) % step for weekday in self.weekdays)
        runs = [_every(step, begin, stop) for begin in begins]
        if len(runs) == 1:
            return list(runs[0])
        # All runs have the same step, so they interleave in the order of their first day; earlier ones may be one longer.
        shortest = len(runs[-1])
        return [*chain.from_iterable(zip(*runs, strict=False)), *(run[-1] for run in runs if len(run) > shortest)]


@dataclass(frozen=True, slots=True)
class Monthly:
    """Every month on the nth given weekdays; each ordinal applies to each weekday."""

    weekdays: tuple[int, ...]
    ordinals: tuple[int, ...]
    is_recurring: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", _checked_weekdays(self.weekdays))
        object.__setattr__(self, "ordinals", _checked_ordinals(self.ordinals))

    @property
    def text(self) -> str:
        """Return the RRULE value."""
        days = (f"{ordinal}{WEEKDAY_CODES[weekday]}" for ordinal in self.ordinals for weekday in self.weekdays)
        return f"FREQ=MONTHLY;BYDAY={','.join(days)}"

    def days(self, first: date, last: date) -> list[date]:
        """Return the days from `first` to `last`, both inclusive, ascending; a fourth that is the last counts once."""
        years = range(first.year, last.year + 1)
        days = list(chain.from_iterable(_nth_weekdays(year, self.weekdays, self.ordinals) for year in years))
        return days[bisect_left(days, first) : bisect_right(days, last)]


@dataclass(frozen=True, slots=True)
class SingleDates:
    """One or more single dates."""

    dates: tuple[date, ...]
    is_recurring: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", _checked_dates(self.dates))

    @property
    def text(self) -> str:
        """Return the RDATE property."""
        return "RDATE;VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day in self.dates)

    def days(self, first: date, last: date) -> list[date]:
        """Return the days from `first` to `last`, both inclusive, ascending."""
        return list(self.dates[bisect_left(self.dates, first) : bisect_right(self.dates, last)])


Rule = Weekly | Monthly | SingleDates


@lru_cache(maxsize=1024)
def parse_rule(text: str, anchor: date | None = None) -> Rule:
    """Return the rule written in `text`, the inverse of `rule.text`; raise RuleError for all that is not in the subset.

    `anchor` is used for intervals above 1 only.
    """
    written = text.strip().upper() if len(text) <= MAX_TEXT else ""
    if not written:
        raise RuleError(
            f"Der Rhythmus ist länger als {MAX_TEXT} Zeichen." if text.strip() else "Der Rhythmus ist leer."
        )
    if written.startswith("RDATE"):
        return SingleDates(_parsed_dates(written))
    parts = _parsed_parts(written.removeprefix("RRULE:"))
    frequency = parts.pop("FREQ", "")
    if frequency == "WEEKLY":
        return _weekly_rule(parts, anchor)
    if frequency == "MONTHLY":
        return _monthly_rule(parts)
    raise RuleError(_frequency_reason(frequency))


# Parts of RFC 5545 that exist, but not here: each with the sentence that tells staff where the wish belongs.
_REFUSED_PARTS: Final = {
    "UNTIL": "Das Ende steht als „gültig bis“ am Termin, nicht im Rhythmus.",
    "COUNT": "Eine Anzahl von Terminen gibt es nicht; bitte „gültig bis“ am Termin eintragen.",
    "BYMONTHDAY": "Einen festen Tag im Monat gibt es nicht; möglich ist etwa der 1. Dienstag im Monat.",
    "BYWEEKNO": "Kalenderwochen gibt es nicht, denn nach einem Jahr mit 53 Wochen folgen zwei ungerade aufeinander.",
    "BYMONTH": "Einzelne Monate gibt es im Rhythmus nicht; bitte die Gültigkeit am Termin eintragen.",
}
_KNOWN_PARTS: Final = {"FREQ", "INTERVAL", "BYDAY", "BYSETPOS", "WKST"}


def _parsed_parts(written: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in written.split(";"):
        name, equals, value = part.partition("=")
        if name in _REFUSED_PARTS:
            raise RuleError(f"„{_shown(part)}“: {_REFUSED_PARTS[name]}")
        if name not in _KNOWN_PARTS or not equals:
            raise RuleError(f"„{_shown(part)}“ ist kein bekannter Teil eines Rhythmus.")
        if name in parts:
            raise RuleError(f"„{name}“ kommt doppelt vor.")
        parts[name] = value
    if parts.pop("WKST", "MO") != "MO":
        raise RuleError("„WKST“: Die Woche beginnt hier immer am Montag.")
    return parts


def _frequency_reason(frequency: str) -> str:
    if not frequency:
        return "„FREQ“ fehlt: Der Rhythmus braucht FREQ=WEEKLY oder FREQ=MONTHLY."
    return f"„FREQ={_shown(frequency)}“: Möglich sind nur wöchentlich (WEEKLY) und monatlich (MONTHLY)."


def _weekly_rule(parts: dict[str, str], anchor: date | None) -> Weekly:
    if "BYSETPOS" in parts:
        raise RuleError("„BYSETPOS“ gibt es nur bei monatlichen Rhythmen.")
    pairs = _parsed_by_day(parts)
    for ordinal, weekday in pairs:
        if ordinal:
            entry = f"{ordinal}{WEEKDAY_CODES[weekday]}"
            raise RuleError(f"„{entry}“: Eine Ordnungszahl gibt es nur bei monatlichen Rhythmen.")
    return Weekly(tuple(weekday for _, weekday in pairs), _parsed_interval(parts), anchor)


def _monthly_rule(parts: dict[str, str]) -> Monthly:
    if _parsed_interval(parts) != 1:
        raise RuleError(f"„INTERVAL={_shown(parts['INTERVAL'])}“: Monatliche Rhythmen finden in jedem Monat statt.")
    pairs = _parsed_by_day(parts)
    if "BYSETPOS" in parts:
        pairs = _positions(parts["BYSETPOS"], pairs)
    ordinals = tuple(dict.fromkeys(ordinal for ordinal, _ in pairs))
    if 0 in ordinals:
        raise RuleError(f"„BYDAY={_shown(parts['BYDAY'])}“: Es fehlt, der wievielte Wochentag im Monat gemeint ist.")
    weekdays = tuple(dict.fromkeys(weekday for _, weekday in pairs))
    if len(pairs) != len(set(pairs)) or len(pairs) != len(ordinals) * len(weekdays):
        raise RuleError(f"„BYDAY={_shown(parts['BYDAY'])}“: Zu jedem Wochentag gehören hier dieselben Ordnungszahlen.")
    return Monthly(weekdays, ordinals)


def _positions(value: str, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    # BYSETPOS equals an ordinal only beside one plain weekday: "BYDAY=MO,TU;BYSETPOS=1" means something else.
    if len(pairs) != 1 or pairs[0][0]:
        raise RuleError(f"„BYSETPOS={_shown(value)}“ ist nur mit genau einem Wochentag ohne Ordnungszahl eindeutig.")
    return [(_parsed_ordinal(position, position), pairs[0][1]) for position in value.split(",")]


def _parsed_interval(parts: dict[str, str]) -> int:
    value = parts.get("INTERVAL", "1")
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= MAX_INTERVAL and len(value) <= 9):
        raise RuleError(f"„INTERVAL={_shown(value)}“: {_INTERVAL_REASON}")
    return int(value)


def _parsed_by_day(parts: dict[str, str]) -> list[tuple[int, int]]:
    """Return (ordinal, weekday) for each entry of BYDAY, with 0 for no ordinal."""
    if "BYDAY" not in parts:
        raise RuleError("„BYDAY“ fehlt: Der Rhythmus nennt keinen Wochentag.")
    return [_parsed_day(entry) for entry in parts["BYDAY"].split(",")]


def _parsed_day(entry: str) -> tuple[int, int]:
    number, code = entry[:-2], entry[-2:]
    if code not in WEEKDAY_CODES:
        raise RuleError(f"„{_shown(entry)}“ ist kein Wochentag; erwartet wird etwa MO oder 1TU.")
    return (_parsed_ordinal(number, entry) if number else 0), WEEKDAY_CODES.index(code)


def _parsed_ordinal(number: str, entry: str) -> int:
    known = {sign + str(abs(n)): n for n in ORDINALS for sign in (("", "+") if n > 0 else ("-",))}
    if number not in known:
        raise RuleError(_ordinal_reason(entry))
    return known[number]


def _ordinal_reason(entry: object) -> str:
    return f"„{_shown(entry)}“: Möglich sind der 1. bis 4. und der letzte; einen fünften hat nicht jeder Monat."


def _parsed_dates(written: str) -> tuple[date, ...]:
    head, _, values = written.partition(":")
    if head != "RDATE;VALUE=DATE":
        raise RuleError(f"„{_shown(head)}“: Einzelne Tage werden als RDATE;VALUE=DATE:20260301 geschrieben.")
    return tuple(_parsed_date(value) for value in values.split(","))


def _parsed_date(value: str) -> date:
    try:
        if not (len(value) == 8 and value.isascii() and value.isdigit()):
            raise ValueError
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        raise RuleError(f"„{_shown(value)}“ ist kein Tag; erwartet wird etwa 20260301.") from None


@lru_cache(maxsize=1)
def _table() -> tuple[date, ...]:
    """Return every day of the usual years: slicing it is several times faster than making the dates anew."""
    return tuple(map(date.fromordinal, range(_TABLE_START, _TABLE_STOP)))


def _every(step: int, begin: int, stop: int) -> tuple[date, ...]:
    """Return every `step`-th day from the ordinal `begin` to before `stop`."""
    if begin >= _TABLE_START and stop <= _TABLE_STOP:
        return _table()[begin - _TABLE_START : max(stop - _TABLE_START, 0) : step]
    return tuple(map(date.fromordinal, range(begin, stop, step)))


@lru_cache(maxsize=4096)
def _nth_weekdays(year: int, weekdays: tuple[int, ...], ordinals: tuple[int, ...]) -> tuple[date, ...]:
    """Return the days of a monthly rule in one year, ascending."""
    months = range(1, 13)
    found = {_nth_weekday(year, month, weekday, n) for month in months for weekday in weekdays for n in ordinals}
    return tuple(map(date.fromordinal, sorted(found)))


def _nth_weekday(year: int, month: int, weekday: int, ordinal: int) -> int:
    if ordinal == LAST:
        # December has 31 days; asking for 1 January of the year 10000 would fail.
        last = date(year, 12, 31).toordinal() if month == 12 else date(year, month + 1, 1).toordinal() - 1
        return last - (last - 1 - weekday) % 7
    first = date(year, month, 1).toordinal()
    return first + (weekday - first + 1) % 7 + 7 * (ordinal - 1)


def _checked_weekdays(weekdays: Iterable[int]) -> tuple[int, ...]:
    given = tuple(weekdays)
    if not given:
        raise RuleError("Der Rhythmus nennt keinen Wochentag.")
    for weekday in given:
        if weekday not in range(7):
            raise RuleError(f"„{_shown(weekday)}“ ist kein Wochentag.")
    if len(set(given)) < len(given):
        raise RuleError("Ein Wochentag kommt doppelt vor.")
    return tuple(sorted(given))


def _checked_ordinals(ordinals: Iterable[int]) -> tuple[int, ...]:
    given = tuple(ordinals)
    if not given:
        raise RuleError("Es fehlt, der wievielte Wochentag im Monat gemeint ist.")
    for ordinal in given:
        if ordinal not in ORDINALS:
            raise RuleError(_ordinal_reason(ordinal))
    if len(set(given)) < len(given):
        raise RuleError("Eine Ordnungszahl kommt doppelt vor.")
    return tuple(sorted(given, key=ORDINALS.index))


def _checked_phase(anchor: date | None, interval: int) -> int:
    """Return the number of the first week since 0001-01-01 in which it would happen, 0 to interval - 1."""
    if anchor is None:
        raise RuleError(f"„alle {interval} Wochen“: Es fehlt ein Tag, von dem an gezählt wird.")
    if not FIRST_YEAR <= anchor.year <= LAST_YEAR:
        raise RuleError(f"„{anchor:%d.%m.}{anchor.year}“: Das Jahr muss zwischen {FIRST_YEAR} und {LAST_YEAR} liegen.")
    return (anchor.toordinal() - 1) // 7 % interval


def _checked_dates(dates: Iterable[date]) -> tuple[date, ...]:
    given = tuple(sorted(dates))
    if not given:
        raise RuleError("Es fehlt mindestens ein Tag.")
    if len(given) > MAX_DATES:
        raise RuleError(f"Mehr als {MAX_DATES} einzelne Tage sind nicht möglich.")
    for day in (given[0], given[-1]):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise RuleError(f"„{day:%d.%m.}{day.year}“: Das Jahr muss zwischen {FIRST_YEAR} und {LAST_YEAR} liegen.")
    if len(set(given)) < len(given):
        raise RuleError("Ein Tag kommt doppelt vor.")
    return given


def _shown(part: object) -> str:
    """Return the part as it stands in a message, cut to a readable length."""
    text = str(part)
    return text if len(text) <= 40 else text[:39] + "…"
