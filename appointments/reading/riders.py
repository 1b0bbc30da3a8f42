"""What do the additions to a rhythm say (holidays, seasons, arrangements), and which phrases cannot be read at all?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from appointments.reading.words import MONTH_NAMES, WEEKDAY_NAMES

SchoolHolidays = Literal["", "pauses", "continues"]

MONTH: Final = "|".join(sorted(MONTH_NAMES, key=len, reverse=True))
WEEKDAY: Final = "|".join(WEEKDAY_NAMES)
IN_MONTH: Final = (
    r"\b(?:im|des|eines|pro|je|jeden|jedes|eines jeden|in jedem) (?:monat(?:e?s)?|mon\.)(?!\w)"
    r"|/ ?monat\b|\bi\. ?m\.(?!\w)|\bmonatlich\b"
)
DATE: Final = (
    r"\d{4}-\d{1,2}-\d{1,2}(?!\d)"
    r"|\d{1,2}\. ?(?:0?[1-9]|1[0-2])\. ?(?:[12]\d{3}|\d{2})?(?![\d:])"
    rf"|\d{{1,2}}\. ?(?:{MONTH})(?![^\W\d_])\.?(?: ?\d{{4}}(?!\d))?"
)


@dataclass(frozen=True, slots=True)
class Riders:
    """The additions found in a phrase, and the phrase without them."""

    text: str
    low: str
    school_holidays: SchoolHolidays = ""
    also_by_appointment: bool = False
    season: tuple[int, int] | None = None
    season_leads: bool = False
    counted_from: str = ""
    counting_starts: bool = False


_HARMLESS: Final = re.compile(
    r"\b(?:ab |von |für )?\d{1,2}(?: ?(?:-|bis) ?\d{1,2})? jahren?\b"
    r"|\b\d{1,4}(?:,\d{1,2}|,-)? ?(?:€|euro\b)(?: ?/ ?[a-z]{1,6}\b)?"
    r"|\b(?:raum|zimmer|saal|etage) ?\d{1,4}(?![\d:.-])(?! ?(?:uhr|h|bis|-)(?!\w))"
    r"|\b\d{1,2}\. ?(?:stock|etage|og|obergeschoss)\b"
    r"|\bohne (?:vorherige |telefonische )*(?:termin|terminvereinbarung|terminabsprache|voranmeldung|anmeldung)\b"
    r"|\b(?:vor)?anmeldung (?:ist )?nicht (?:erforderlich|nötig|notwendig)\b"
    r"|\bkeine (?:vor)?anmeldung (?:erforderlich|nötig|notwendig)\b"
    r"|\bkeine sommerschließzeit\b|\bvor ort\b|\bhilfe zu\b"
    r"|\b(?:außer|ausser|nicht) an (?:gesetzlichen )?feiertagen\b"
)
_TAKES_PLACE: Final = re.compile(r"\bfinde[tn]\b.*\bstatt\b")
_PLACE: Final = re.compile(r"\bstatt\b(?=[ .,;:!)]*$)")
_MOST_HARMLESS: Final = 50
_ALSO: Final = re.compile(
    r"(?:[,;] ?)?(?:\b(?:und|oder|sowie|bzw\.?)|\+) (?:auch )?(?:nach|mit) (?:tel\. ?|[a-zäöüß]+er )?"
    r"(?:termin)?(?:vereinbarung|absprache)\b"
)
_NO_MORE_TIMES: Final = re.compile(rf"\d|\b(?:{WEEKDAY})|\b(?:mo|di|mi|do|fr|sa|so)\b")
_HOLIDAYS: Final = r"(?:den |der )?(?:schul)?ferien\b"
_PAUSES: Final = re.compile(
    rf"\b(?:außer|ausser|ausgenommen|nicht) (?:in |während ){_HOLIDAYS}|\b(?:außerhalb|ausserhalb) {_HOLIDAYS}"
    rf"|\b(?:in|während) {_HOLIDAYS} (?:geschlossen|nicht|kein termin|keine termine|entfällt|pause)(?!\w)"
    rf"|\bkein(?:e|en)? [a-zäöüß]+ (?:in|während) {_HOLIDAYS}|\bgeschlossen (?:in|während) {_HOLIDAYS}"
)
_CONTINUES: Final = re.compile(rf"\bauch (?:in|während) {_HOLIDAYS}")
_SEASON: Final = re.compile(
    r"(?:\b(?:sommer|winter)(?:zeit|halbjahr|saison)?:? ?\(? ?)?(?<!\d\.)(?<!\d\. )(?:\b(?:von|vom) )?"
    rf"\b(?P<first>{MONTH})\.? ?(?:-|\bbis(?: zum)?\b) ?(?P<last>{MONTH})\b\.?(?! ?\d{{4}})"
)
_COUNTED: Final = re.compile(
    r"(?P<how>\bgezählt ab|\bgerechnet ab|\bab|\bbeginnend|\bbeginn|\bstart|\berstmals|\berster termin)\b[:,]?"
    rf"(?: (?:am|ab|dem|den|vom|(?:{WEEKDAY}),?|(?:mo|di|mi|do|fr|sa|so)\.?,?)(?!\w)){{0,4}}[ :]*(?P<date>{DATE})"
)
_INTERVAL_SIGN: Final = re.compile(r"\balle |tägig|täglich|wöch|woche")


def split_riders(text: str, low: str) -> Riders:
    """Return the riders of the phrase; `low` is `text` in lower case, letter for letter."""
    cut = _Cutter(text, low)
    also = cut.take(_ALSO, lambda rest: not _NO_MORE_TIMES.search(rest))
    pauses, continues = cut.take(_PAUSES), cut.take(_CONTINUES)
    counted = cut.take(_COUNTED) if _INTERVAL_SIGN.search(low) else None
    season = cut.take(_SEASON)
    cut.take_all(_HARMLESS)
    if _TAKES_PLACE.search(cut.low):
        cut.take(_PLACE)
    return Riders(
        cut.text,
        cut.low,
        "pauses" if pauses else "continues" if continues else "",
        also is not None,
        (MONTH_NAMES[season["first"]], MONTH_NAMES[season["last"]]) if season else None,
        season is not None and not _NO_MORE_TIMES.search(cut.low[: season.start()]),
        counted["date"] if counted else "",
        counted is not None and counted["how"] not in ("gezählt ab", "gerechnet ab"),
    )


class _Cutter:
    """A phrase from which recognised parts are blanked out, so that positions stay."""

    def __init__(self, text: str, low: str) -> None:
        self.text, self.low = text, low

    def take(self, pattern: re.Pattern[str], allowed: Callable[[str], bool] | None = None) -> re.Match[str] | None:
        match = pattern.search(self.low)
        if match is None or (allowed is not None and not allowed(self.low[match.end() :])):
            return None
        self._blank(match)
        return match

    def take_all(self, pattern: re.Pattern[str]) -> None:
        for match in list(pattern.finditer(self.low))[:_MOST_HARMLESS]:
            self._blank(match)

    def _blank(self, match: re.Match[str]) -> None:
        start, end = match.span()
        self.text = self.text[:start] + " " * (end - start) + self.text[end:]
        self.low = self.low[:start] + " " * (end - start) + self.low[end:]


_SINGLE_ORDINAL: Final = re.compile(
    rf"\b(?:jede[rnms]?|jeweils|am|jd\.?) (?:am )?(?:[2-4]\.|(?:zweit|dritt|viert)e[rnms]?) "
    rf"(?:{WEEKDAY}|mo|di|mi|do|fr|sa|so)(?!\w)"
)
_IN_MONTH: Final = re.compile(IN_MONTH)

# In this order: the first that is found names the reason.
_REFUSALS: Final = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (
            r"\b(?:un)?gerade[rnms]? monat\w*|\b(?:alle \w+|jede[nrms]? (?:zweite|dritte|\d{1,2}\.)n?) monate?\b",
            "Monatliche Rhythmen finden in jedem Monat statt.",
        ),
        (
            r"\b(?:un)?gerade[rnms]? \w+|\bkalenderwochen?\b|\bkws?\b",
            "Kalenderwochen werden nicht gelesen, denn nach einem Jahr mit 53 Wochen folgen zwei ungerade aufeinander. "
            "Möglich ist „alle zwei Wochen“ mit einem Tag, von dem an gezählt wird.",
        ),
        (r"\b(?:jede[rnms]? |am )?\w+ oder \w+|\boder\b", "Es bleibt offen, welche der Möglichkeiten gilt."),
        (
            r"\b\d{1,3} ?(?:-|bis) ?\d{1,3} ?(?:person\w*|teilnehm\w*|plätzen?|minuten|min|stunden|std|klassen?)\b",
            "Das ist keine Uhrzeit; bitte weglassen.",
        ),
        (
            r"\b(?:kind\w*|babys?|jugendliche[nr]?|alter)(?: von)? \d{1,2} ?(?:-|bis) ?\d{1,2}\b(?![:.]\d| ?uhr| ?h\b)",
            "Ist das ein Alter? Bitte „Jahre“ oder „Uhr“ ergänzen.",
        ),
        (r"\beinlass\b", "Bitte nur den Beginn nennen, nicht den Einlass."),
        (
            r"(?<!mit )(?<!nach )\b(?:(?:vor)?anmeld|telefon(?!isch)|büro|sekretariat)\w*:?"
            r"(?: (?:telefonisch|immer|jeweils|jeden|am|von|im \w+|bei \w+|unter))* "
            rf"(?:{WEEKDAY}|(?:mo|di|mi|do|fr|sa|so)\b)",
            "Anmelde- und Bürozeiten sind kein Termin; bitte weglassen.",
        ),
        (r"\bfast\b", "Es bleibt offen, wann es ausfällt."),
        (r"\b\d{1,3} ?- ?\d{1,3} ?(?:x|mal)\b(?: (?:im|pro|je|die) \w+)?", "Es fehlt, an welchen Tagen."),
        (r"\b(?:auf|nach) anfrage\b", "Ein Termin auf Anfrage ist kein fester Termin."),
        (
            r"\b(?:nach |mit )?(?:\w+er )?(?:termin)?(?:vereinbarung|absprache)\b",
            "Ein Termin nach Vereinbarung ist kein fester Termin.",
        ),
        (r"\b(?:ent)?f(?:ä|a)ll(?:t|en)\b", "Ausfälle gehören zu den einzelnen Tagen, nicht in den Rhythmus."),
        (r"\badvent\w*", "Der Advent wird nicht gelesen."),
        (rf"\bim (?:{MONTH})(?: und \w+)?(?!\w)", "Einzelne Monate werden nicht gelesen."),
        (r"\b(?:außer|ausser|ausgenommen)\w*(?: \w+)?", "Eine Ausnahme wird nicht gelesen."),
        (r"\b(?:nicht|keine?[nms]?)\b(?: \w+)?", "Eine Verneinung wird nicht gelesen."),
        (r"\b(?:in|während) (?:den|der) \w*ferien\b|\b\w*ferien\b", "Diese Angabe zu den Ferien wird nicht gelesen."),
        (r"\bgeschlossen\b", "Es bleibt offen, wann geöffnet ist."),
        (
            r"\bwerktags\b|\bwochentags\b|\b(?:am )?wochenende\b",
            "Bitte die Wochentage nennen, denn das Wort wird verschieden verstanden.",
        ),
        (
            rf"\b(?:ab|bis|seit|von|vom)(?: zum)?(?: (?:dem|{WEEKDAY}),?){{0,3}} (?:{DATE})",
            "Die Gültigkeit bitte bei „gültig ab“ und „gültig bis“ eintragen.",
        ),
    )
)


def refusal(low: str) -> tuple[int, int, str] | None:
    """Return start, end and reason of the first part that makes the phrase unreadable, None if there is none."""
    single = None if _IN_MONTH.search(low) else _SINGLE_ORDINAL.search(low)
    if single:
        return (
            *single.span(),
            "Bitte „im Monat“ ergänzen oder „alle zwei Wochen“ schreiben, es wird verschieden verstanden.",
        )
    for pattern, reason in _REFUSALS:
        if match := pattern.search(low):
            return match.start(), match.end(), reason
    return None


def parsed_date(written: str, year: int | None) -> date:
    """Return the day written as one of the forms of DATE, with `year` where it names none; ValueError if there is none."""
    numbers = [int(number) for number in re.findall(r"\d+", written)]
    if re.match(r"\d{4}-", written):
        return date(numbers[0], numbers[1], numbers[2])
    if name := re.search(r"[^\W\d_]+", written):
        numbers.insert(1, MONTH_NAMES[name[0]])
    if len(numbers) < 3 and year is None:
        raise LookupError(written)
    own = numbers[2] if len(numbers) > 2 else year or 0
    return date(own + 2000 if own < 100 else own, numbers[1], numbers[0])
