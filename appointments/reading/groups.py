"""Which days and times of a phrase belong together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Final

from appointments.reading.tokens import NotReadableError, Token
from appointments.recurrence import MAX_INTERVAL

Span = tuple[time, time | None]


@dataclass(slots=True)
class Days:
    """One naming of days: weekdays with or without ordinals, or single dates."""

    text: str
    weekdays: list[int] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    dates: list[Token] = field(default_factory=list)
    every: bool = False
    on: bool = False
    recurs: bool = False


@dataclass(slots=True)
class Group:
    """Namings of days that share their times."""

    days: list[Days]
    times: list[Span] = field(default_factory=list)
    month: bool = False
    sealed: bool = False


@dataclass(slots=True)
class Phrase:
    """The whole phrase, cut into groups."""

    groups: list[Group] = field(default_factory=list)
    leading: list[Span] = field(default_factory=list)
    interval: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    free: bool = False


_CONNECTORS: Final = frozenset(("and", "every", "on", "month"))


def grouped(parts: Sequence[Token]) -> Phrase:
    """Return the phrase in groups; raise NotReadableError where a number or an order of parts is not understood."""
    reader = _Reader(parts)
    while reader.at < len(parts):
        reader.step()
    return reader.phrase


class _Reader:
    """Walks once over the parts; `at` is the next one."""

    def __init__(self, parts: Sequence[Token]) -> None:
        self.parts = parts
        self.at = 0
        self.phrase = Phrase()
        self.month_waits = False
        self.before = "break"

    def kind(self, ahead: int = 0) -> str:
        return self.parts[self.at + ahead].kind if 0 <= self.at + ahead < len(self.parts) else "end"

    def step(self) -> None:
        """Read one part, or several that belong together."""
        token = self.parts[self.at]
        kind = token.kind
        if kind in ("weekday", "date") or kind == "ordinal":
            self._days()
        elif kind in ("number", "clock"):
            self._time()
        elif kind in _SIMPLE:
            _SIMPLE[kind](self, token)
            self.at += 1
            self.before = kind
        else:
            raise NotReadableError(token.text, "Diese Angabe steht an einer Stelle, an der sie nicht gelesen wird.")

    def _days(self) -> None:
        before, first = self.before, self.at
        days = Days("", every=before == "every", on=self._stands_after_on())
        if self._date_follows(0):
            self._date_list(days)
        else:
            self._ordinal_list(days)
            self._weekday_list(days)
        start = first - (before in ("every", "on"))
        days.text = " ".join(token.text for token in self.parts[start : self.at] if token.kind != "break")
        self._file(days)
        self.before = "days"

    def _stands_after_on(self) -> bool:
        return self.at > 0 and self.parts[self.at - 1].kind == "on"

    def _date_list(self, days: Days) -> None:
        bare: list[Token] = []
        while self.kind() in ("date", "weekday", "ordinal"):
            weekday = self._weekday_of_date()
            token = self.parts[min(self.at, len(self.parts) - 1)]
            if token.kind == "ordinal":
                bare.append(token)
            elif token.kind == "date":
                days.dates += [Token("date", one.text, (one.numbers[0], token.numbers[1])) for one in bare]
                days.dates.append(_checked_weekday(token, weekday))
                bare = []
            else:
                raise NotReadableError(token.text, "Hier wird ein Tag mit Datum erwartet.")
            self.at += 1
            self._pass_to_next_date()
        if bare:
            raise NotReadableError(bare[0].text, "Zu diesem Tag fehlt der Monat.")

    def _weekday_of_date(self) -> Token | None:
        if self.kind() != "weekday":
            return None
        token = self.parts[self.at]
        self.at += 1
        while self.kind() in ("and", "filler") and self.parts[self.at].text.lower() in (",", "dem", "den", "der"):
            self.at += 1
        return token

    def _pass_to_next_date(self) -> None:
        ahead = 0
        while self.kind(ahead) in ("and", "on") and ahead < 3:
            ahead += 1
        if ahead and self._date_follows(ahead):
            self.at += ahead

    def _date_follows(self, ahead: int) -> bool:
        """Return whether a date stands there: "5. März", "5. und 12. März" or "Dienstag, 3. März"."""
        start = self.kind(ahead)
        between = {"weekday": ("and", "filler"), "ordinal": ("and", "ordinal")}.get(start, ())
        ahead += start != "date"
        while self.kind(ahead) in between:
            ahead += 1
        return self.kind(ahead) == "date"

    def _ordinal_list(self, days: Days) -> None:
        connectors: list[str] = []
        first = self.at
        while self.kind() == "ordinal":
            token = self.parts[self.at]
            days.ordinals.append(_checked_ordinal(token))
            self.at += 1
            if self.kind() == "and" and self.kind(1) == "and":
                self.at += 1
            # "der 2. und der 4. Dienstag", "jeden 1. und jeden 3. Dienstag"
            ahead = 2 if self.kind(1) in ("on", "every", "filler") else 1
            if self.kind() == "and" and self.kind(ahead) == "ordinal":
                connectors.append(self.parts[self.at].text.lower())
                self.at += ahead
            elif self.kind() == "ordinal":
                raise NotReadableError(f"{token.text} {self.parts[self.at].text}", "Es fehlt ein „und“ dazwischen.")
        if days.ordinals:
            text = "".join(token.text for token in self.parts[first : self.at])
            _check_connectors(text, days.ordinals, connectors)
            if self.kind() != "weekday":
                raise NotReadableError(self.parts[self.at - 1].text, "Zu dieser Ordnungszahl fehlt der Wochentag.")

    def _weekday_list(self, days: Days) -> None:
        days.weekdays += self._weekday_run(days)
        while self.kind() == "and":
            ahead = 2 if self.kind(1) == "and" else 1
            if self.kind(ahead) != "weekday" or self._dated(ahead):
                return
            self.at += ahead
            days.weekdays += self._weekday_run(days)
            if days.ordinals:
                raise NotReadableError(
                    self.parts[self.at - 1].text, "Gilt die Ordnungszahl auch hier? Bitte vor jedem Wochentag nennen."
                )

    def _dated(self, ahead: int) -> bool:
        return self.kind(ahead + 1) == "date"

    def _weekday_run(self, days: Days) -> list[int]:
        """Return one weekday, or those of a range such as "Mo-Fr"."""
        first = self._weekday(days)
        self._skip_full_stop()
        if not (self.kind() == "to" and self.kind(1) == "weekday"):
            return [first]
        self.at += 1
        last = self._weekday(days)
        self._skip_full_stop()
        days.recurs = True
        if last <= first or days.ordinals:
            raise NotReadableError(self.parts[self.at - 1].text, "Dieser Bereich von Wochentagen wird nicht gelesen.")
        return list(range(first, last + 1))

    def _weekday(self, days: Days) -> int:
        token = self.parts[self.at]
        weekday, adverb = token.numbers
        days.recurs = days.recurs or bool(adverb)
        self._refuse_adverb_so(token)
        self.at += 1
        if token.text.lower() == "fr" and self.kind() == "break" and self.kind(1) == "free":
            raise NotReadableError("Fr.", "Ist Freitag oder Frau gemeint?")
        return weekday

    def _refuse_adverb_so(self, token: Token) -> None:
        """Refuse "so 14 Uhr", which is Sunday only in a list such as "sa, so"."""
        listed = (
            self.kind(-1) in ("and", "to") and self.kind(-2) == "weekday" and self.parts[self.at - 2].text.islower()
        )
        if token.text == "so" and not listed:
            raise NotReadableError(token.text, "Ist Sonntag gemeint? Bitte großschreiben.")

    def _skip_full_stop(self) -> None:
        short = len(self.parts[self.at - 1].text) <= 4
        if short and self.kind() == "break" and self.parts[self.at].text == ".":
            self.at += 1

    def _file(self, days: Days) -> None:
        """Put the days into the group they belong to."""
        groups = self.phrase.groups
        if groups and not groups[-1].times and not groups[-1].sealed:
            groups[-1].days.append(days)
        else:
            groups.append(Group([days], month=self.month_waits))
            self.month_waits = False

    def _time(self) -> None:
        before, between = self.before, self.before == "between"
        token = self.parts[self.at]
        start, sure = self._point()
        end: time | None = None
        if (self.kind() == "to" or (between and self._is_and())) and self.kind(1) in ("number", "clock"):
            self.at += 1
            end, end_sure = self._point()
            sure = sure or end_sure or before in ("days", "and", "of", "every", "filler", "between")
        elif before == "to" or between:
            raise NotReadableError(token.text, "Es fehlt, wann der Termin beginnt.")
        elif token.kind == "clock" and ":" not in token.text:
            sure = sure or before in ("days", "at", "from")
        self._keep((start, end), token, sure)
        self.before = "time"

    def _is_and(self) -> bool:
        return self.kind() == "and" and self.parts[self.at].text.lower() == "und"

    def _point(self) -> tuple[time, bool]:
        """Return one time of day and whether it can be nothing else: it has a colon or "Uhr"."""
        token = self.parts[self.at]
        hour, minute = (*token.numbers, 0)[:2]
        if hour > 23 or minute > 59:
            raise NotReadableError(token.text, "Diese Uhrzeit gibt es nicht, möglich ist 0 bis 23.59 Uhr.")
        self.at += 1
        sure = ":" in token.text
        if self.kind() == "hour":
            self.at += 1
            sure = True
        return time(hour, minute), sure

    def _keep(self, span: Span, token: Token, sure: bool) -> None:
        start, end = span
        if not sure:
            raise NotReadableError(token.text, "Ist das eine Uhrzeit? Bitte „Uhr“ ergänzen.")
        if end is not None and end <= start:
            raise NotReadableError(f"{start:%H.%M} bis {end:%H.%M}", "Das Ende liegt nicht nach dem Beginn.")
        if not self.phrase.groups:
            self.phrase.leading.append(span)
            return
        times = self.phrase.groups[-1].times
        if times and self._separated_from_last_time():
            raise NotReadableError(token.text, "Zu welchem Wochentag gehört diese Uhrzeit?")
        if times and any((one[1] is None) != (end is None) for one in times):
            raise NotReadableError(token.text, "Zwei Uhrzeiten, von denen eine kein Ende hat, sind nicht eindeutig.")
        times.append(span)

    def _separated_from_last_time(self) -> bool:
        return self.before not in ("and", "of", "at", "between")

    def _month(self, _token: Token) -> None:
        if self.phrase.groups:
            self.phrase.groups[-1].month = True
        else:
            self.month_waits = True

    def _every(self, token: Token) -> None:
        self.phrase.marks["every"] = token.text

    def _mark(self, token: Token) -> None:
        self.phrase.marks[token.kind] = token.text

    def _set_interval(self, token: Token) -> None:
        if self.phrase.interval:
            raise NotReadableError(token.text, "Zwei Abstände in einem Rhythmus werden nicht gelesen.")
        if not 1 <= token.numbers[0] <= MAX_INTERVAL:
            raise NotReadableError(token.text, f"Der Abstand muss zwischen 1 und {MAX_INTERVAL} Wochen liegen.")
        self.phrase.interval = token.numbers[0]

    def _free(self, token: Token) -> None:
        self._refuse_missed_weekday(token)
        self.phrase.free = True
        self._seal(token)

    def _refuse_missed_weekday(self, token: Token) -> None:
        """Refuse a short unknown word where a weekday would stand: it may be a misspelt one."""
        before_time = self.kind(1) in ("number", "clock") or (
            self.kind(1) == "break" and self.kind(2) in ("number", "clock")
        )
        in_list = self.kind(1) in ("and", "to") and self.kind(2) == "weekday"
        after_list = self.kind(-1) in ("and", "to") and self.kind(-2) == "weekday"
        if len(token.text) <= 4 and (before_time or in_list or after_list):
            raise NotReadableError(token.text, "Ist das ein Wochentag?")

    def _seal(self, token: Token) -> None:
        if self.phrase.groups:
            self.phrase.groups[-1].sealed = True

    def _break(self, token: Token) -> None:
        if token.text != "." or self.before != "month":
            self._seal(token)

    def _needs_time(self, token: Token) -> None:
        if self.kind(1) not in ("number", "clock"):
            raise NotReadableError(token.text, "Diese Angabe wird ohne Uhrzeit nicht gelesen.")

    def _to(self, token: Token) -> None:
        if token.text.lower() == "bis":
            raise NotReadableError(token.text, "Es fehlt, wovon an das gilt.")
        self._seal(token)

    def _filler(self, token: Token) -> None:
        # "Mo, Die, Mi" lists three weekdays; "Mo in der Schule" lists one.
        if token.text.lower() not in ("in", "im", "an"):
            self._refuse_missed_weekday(token)

    def _nothing(self, token: Token) -> None:
        pass


_SIMPLE: Final = {
    "month": _Reader._month,
    "every": _Reader._every,
    "once_a_month": _Reader._mark,
    "once_a_week": _Reader._mark,
    "weekly": _Reader._mark,
    "daily": _Reader._mark,
    "interval": _Reader._set_interval,
    "free": _Reader._free,
    "break": _Reader._break,
    "to": _Reader._to,
    "from": _Reader._needs_time,
    "between": _Reader._needs_time,
    "and": _Reader._nothing,
    "at": _Reader._nothing,
    "on": _Reader._nothing,
    "filler": _Reader._filler,
    "of": _Reader._nothing,
    "hour": _Reader._nothing,
}


def _checked_ordinal(token: Token) -> int:
    if token.numbers[0] not in (1, 2, 3, 4, -1):
        raise NotReadableError(
            token.text, "Möglich sind der 1. bis 4. und der letzte; einen fünften hat nicht jeder Monat."
        )
    return token.numbers[0]


def _check_connectors(text: str, ordinals: list[int], connectors: list[str]) -> None:
    """Refuse "2., 3. Dienstag" and "2./3. Dienstag": it may mean one or the other. The common 1./3. and 2./4. cannot."""
    if not connectors or connectors[-1] in ("und", "u", "u.", "sowie", "&", "+"):
        return
    if connectors != ["/"] or ordinals not in ([1, 3], [2, 4]):
        raise NotReadableError(text, "Bitte „und“ zwischen die Ordnungszahlen schreiben.")


def _checked_weekday(token: Token, weekday: Token | None) -> Token:
    if weekday is not None and token.day is not None and token.day.weekday() != weekday.numbers[0]:
        raise NotReadableError(f"{weekday.text}, {token.text}", "Wochentag und Datum passen nicht zusammen.")
    return token if weekday is None else Token("date", token.text, (*token.numbers, weekday.numbers[0]), token.day)


def resolved_dates(tokens: Sequence[Token], year: int | None) -> tuple[date, ...]:
    """Return the days; one without a year has that of the next one that names it, else `year`."""
    found: list[date] = []
    for token in reversed(tokens):
        known = token.day.year if token.day else found[-1].year if found else year
        if known is None:
            raise NotReadableError(token.text, "Es fehlt das Jahr.")
        day = _day(token, known)
        if token.day is None and found and day >= found[-1]:
            raise NotReadableError(token.text, "Aus welchem Jahr ist dieser Tag?")
        found.append(day)
    return tuple(reversed(found))


def _day(token: Token, year: int) -> date:
    day_of_month, month, *weekday = token.numbers
    try:
        day = date(year, month, day_of_month)
    except ValueError:
        raise NotReadableError(f"{token.text} {year}", "Diesen Tag gibt es nicht.") from None
    if weekday and day.weekday() != weekday[0]:
        raise NotReadableError(token.text, "Wochentag und Datum passen nicht zusammen.")
    return day
