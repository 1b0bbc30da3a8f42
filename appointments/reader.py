"""Which rules and times does a German phrase state, and if none, why not?

Nothing is guessed. A phrase is read only when every part of it is understood or cannot change the rhythm: numbers are times,
ordinals or dates, words are names (written with a capital) or known to be harmless. Everything else gives the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import combinations
from typing import Final

from appointments.reading.groups import Days, Group, Phrase, Span, grouped, resolved_dates
from appointments.reading.riders import Riders, SchoolHolidays, parsed_date, refusal, split_riders
from appointments.reading.tokens import NotReadableError, lowered, normalised, shown, tokens
from appointments.recurrence import Monthly, Rule, RuleError, SingleDates, Weekly

MAX_LENGTH: Final = 9_999
_NO_TIME: Final[tuple[Span | None, ...]] = (None,)


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One rule with its times.

    `start` is None where the phrase names no time, `end` where it names only the start. `season` is first and last month
    ("April bis Oktober", over New Year if the first is the later one), None for the whole year. `first_day` is the day
    from which an interval begins ("alle zwei Wochen dienstags ab 6.1.2026"), None if the phrase says nothing.
    """

    rule: Rule
    start: time | None
    end: time | None
    season: tuple[int, int] | None = None
    school_holidays: SchoolHolidays = ""
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phrase states: items, or in `unclear` the German reason why there are none, never both."""

    items: tuple[ReadItem, ...] = ()
    unclear: str | None = None
    also_by_appointment: bool = False


def read_phrase(text: str, *, anchor: date | None = None, year: int | None = None) -> Reading:
    """Return what the phrase states.

    `anchor` is any day of a week in which an interval happens, used where the phrase names none; `year` likewise for
    single dates without a year.
    """
    try:
        return _read(text, anchor, year)
    except (NotReadableError, RuleError) as problem:
        return Reading(unclear=str(problem))


def _read(text: str, anchor: date | None, year: int | None) -> Reading:
    if len(text) > MAX_LENGTH:
        raise NotReadableError("", f"Mehr als {MAX_LENGTH} Zeichen werden nicht gelesen.")
    plain = normalised(text)
    if not plain:
        raise NotReadableError("", "Es steht nichts da.")
    riders = split_riders(plain, lowered(plain))
    if refused := refusal(riders.low):
        start, end, reason = refused
        raise NotReadableError(plain[start:end], reason)
    phrase = grouped(tokens(riders.text, riders.low))
    items = _items(phrase, riders, plain, anchor, year)
    _check_riders(riders, items, plain)
    return Reading(items, None, riders.also_by_appointment)


def _items(phrase: Phrase, riders: Riders, plain: str, anchor: date | None, year: int | None) -> tuple[ReadItem, ...]:
    _complete(phrase, plain)
    _check_marks(phrase)
    _check_untimed(phrase)
    first_day = _day(riders.counted_from, year) if riders.counted_from else None
    pairs = [
        (rule, span)
        for group in phrase.groups
        for rule in _rules(group, phrase, first_day, anchor, year)
        for span in group.times or _NO_TIME
    ]
    _check_day_parts(riders.low, pairs)
    _check_overlaps(pairs)
    begins = first_day if riders.counting_starts else None
    return tuple(
        ReadItem(
            rule, span[0] if span else None, span[1] if span else None, riders.season, riders.school_holidays, begins
        )
        for rule, span in pairs
    )


def _complete(phrase: Phrase, plain: str) -> None:
    """Give daily phrases their days and a single group the times that stand before it; refuse what stays open."""
    if "daily" in phrase.marks and not phrase.groups:
        phrase.groups.append(Group([Days("täglich", list(range(7)), recurs=True)]))
    if not phrase.groups:
        raise NotReadableError(phrase.marks.get("once_a_month", plain), "Es fehlt ein Wochentag.")
    if phrase.leading:
        if len(phrase.groups) > 1 or phrase.groups[0].times:
            raise NotReadableError(plain, "Zu welchem Wochentag gehört die erste Uhrzeit?")
        phrase.groups[0].times = phrase.leading
    timed = [bool(group.times) for group in phrase.groups]
    if any(timed) and not all(timed):
        raise NotReadableError(phrase.groups[timed.index(False)].days[0].text, "Dazu fehlt die Uhrzeit.")


def _check_untimed(phrase: Phrase) -> None:
    if phrase.groups[0].times or not phrase.free or phrase.interval:
        return
    for group in phrase.groups:
        for days in group.days:
            if not (days.every or days.recurs or days.ordinals or days.dates):
                raise NotReadableError(days.text, "Neben diesem Wochentag steht keine Uhrzeit.")


def _check_marks(phrase: Phrase) -> None:
    everything = [days for group in phrase.groups for days in group.days]
    recurs = phrase.marks or phrase.interval or any(days.every or days.recurs for days in everything)
    for days in everything:
        if days.on and not recurs and not days.ordinals and not days.dates:
            raise NotReadableError(days.text, "Ist jede Woche gemeint oder nur ein Tag? Bitte „jeden“ schreiben.")
    single = len(everything) == 1 and len(everything[0].weekdays) == 1 and len(everything[0].ordinals) <= 1
    if "once_a_month" in phrase.marks:
        if not single or not everything[0].ordinals:
            raise NotReadableError(phrase.marks["once_a_month"], "Es fehlt, an welchem Tag im Monat.")
        phrase.groups[0].month = True
    if "once_a_week" in phrase.marks and (not single or everything[0].ordinals):
        raise NotReadableError(phrase.marks["once_a_week"], "Genannt ist nicht genau ein Wochentag.")
    if "weekly" in phrase.marks and (phrase.interval or any(days.ordinals or days.dates for days in everything)):
        raise NotReadableError(phrase.marks["weekly"], "Daneben steht ein anderer Rhythmus.")
    if "daily" in phrase.marks and (len(everything) > 1 or not everything[0].recurs or len(everything[0].weekdays) < 3):
        raise NotReadableError(phrase.marks["daily"], "Daneben stehen einzelne Tage.")


def _rules(group: Group, phrase: Phrase, first_day: date | None, anchor: date | None, year: int | None) -> list[Rule]:
    kinds = {(bool(days.dates), bool(days.ordinals)) for days in group.days}
    if len(kinds) > 1:
        raise NotReadableError(
            group.days[-1].text, "Verschiedene Rhythmen nebeneinander bitte einzeln mit Uhrzeit nennen."
        )
    if phrase.interval and (len(phrase.groups) > 1 or kinds != {(False, False)} or group.month):
        raise NotReadableError("alle … Wochen", "Daneben steht ein anderer Rhythmus.")
    # "alle zwei Wochen dienstags und jeden Donnerstag": the second one every week.
    if phrase.interval and len(group.days) > 1 and any(days.every for days in group.days):
        raise NotReadableError("alle … Wochen", "Gilt das für alle genannten Tage?")
    if (True, False) in kinds:
        return [SingleDates(resolved_dates([token for days in group.days for token in days.dates], year))]
    if (False, True) in kinds:
        return _monthly(group)
    if group.month:
        raise NotReadableError(group.days[-1].text, "Der wievielte im Monat ist gemeint?")
    weekdays = tuple(weekday for days in group.days for weekday in days.weekdays)
    return [Weekly(weekdays, phrase.interval or 1, _anchor(phrase.interval, weekdays, first_day, anchor))]


def _monthly(group: Group) -> list[Rule]:
    """Return the monthly rules of a group, as few as possible."""
    ordinals: dict[int, list[int]] = {}
    for days in group.days:
        if not group.month:
            _check_ordinals_without_month(days)
        ordinals.setdefault(days.weekdays[0], []).extend(days.ordinals)
    weekdays: dict[tuple[int, ...], list[int]] = {}
    for weekday, numbers in ordinals.items():
        weekdays.setdefault(tuple(sorted(numbers)), []).append(weekday)
    return [Monthly(tuple(days), numbers) for numbers, days in weekdays.items()]


def _check_ordinals_without_month(days: Days) -> None:
    if not days.every or (len(days.ordinals) == 1 and days.ordinals[0] not in (1, -1)):
        raise NotReadableError(days.text, "Bitte „im Monat“ ergänzen, denn es wird verschieden verstanden.")


def _anchor(interval: int, weekdays: Sequence[int], first_day: date | None, anchor: date | None) -> date | None:
    if interval < 2:
        return None
    if first_day is None:
        if anchor is None:
            raise NotReadableError(f"alle {interval} Wochen", "Es fehlt ein Tag, von dem an gezählt wird.")
        return anchor
    # "dienstags, ab Donnerstag, 1. Januar": the week of this day or the next one? Only the first weekday itself is sure.
    if first_day.weekday() != min(weekdays):
        raise NotReadableError(f"{first_day:%d.%m.%Y}", "Bitte als Beginn den ersten Termin nennen.")
    return first_day


def _day(written: str, year: int | None) -> date:
    try:
        return parsed_date(written, year)
    except LookupError:
        raise NotReadableError(written, "Es fehlt das Jahr.") from None
    except ValueError:
        raise NotReadableError(written, "Diesen Tag gibt es nicht.") from None


def _check_day_parts(low: str, pairs: Sequence[tuple[Rule, Span | None]]) -> None:
    """Refuse "nachmittags von 2 bis 4 Uhr": two o'clock is meant by day, but written by night."""
    starts = [span[0].hour for _, span in pairs if span]
    if re.search(r"nachmittag|(?<!sonn)abend", low) and any(hour < 12 for hour in starts):
        raise NotReadableError("nachmittags", "Uhrzeiten am Nachmittag bitte als 13 bis 23 Uhr schreiben.")
    if "vormittag" in low and any(hour > 12 for hour in starts):
        raise NotReadableError("vormittags", "Dazu passt die Uhrzeit nicht.")


def _check_overlaps(pairs: Sequence[tuple[Rule, Span | None]]) -> None:
    for (one, one_span), (other, other_span) in combinations(pairs, 2):
        if _shares_day(one, other) and _overlap(one_span, other_span):
            raise NotReadableError("", "Die genannten Zeiten überschneiden sich; es bleibt offen, welche gilt.")
        # "Do 14-16, letzter Do im Monat 16-18": as well, or instead?
        if _shares_day(one, other) and type(one) is not type(other):
            raise NotReadableError("", "Ein Wochentag steht in zwei Rhythmen; es bleibt offen, ob beide gelten.")


def _shares_day(one: Rule, other: Rule) -> bool:
    if isinstance(one, SingleDates) or isinstance(other, SingleDates):
        return isinstance(one, SingleDates) and isinstance(other, SingleDates) and bool({*one.dates} & {*other.dates})
    if isinstance(one, Monthly) and isinstance(other, Monthly) and not {*one.ordinals} & {*other.ordinals}:
        return False
    return bool({*one.weekdays} & {*other.weekdays})


def _overlap(one: Span | None, other: Span | None) -> bool:
    if one is None or other is None:
        return True
    return one[0] < (other[1] or time.max) and other[0] < (one[1] or time.max) if one[1] else one[0] == other[0]


def _check_riders(riders: Riders, items: Sequence[ReadItem], plain: str) -> None:
    several = len({item.rule for item in items}) > 1
    if riders.school_holidays and several:
        raise NotReadableError("Ferien", "Gilt das für alle genannten Tage?")
    if riders.season and several and not riders.season_leads:
        raise NotReadableError(shown(plain), "Gilt der Zeitraum für alle genannten Tage?")
    if riders.counted_from and not isinstance(items[0].rule, Weekly):
        raise NotReadableError(riders.counted_from, "Die Gültigkeit bitte bei „gültig ab“ und „gültig bis“ eintragen.")
