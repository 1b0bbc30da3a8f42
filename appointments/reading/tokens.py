"""Of which parts does a phrase consist?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from appointments.reading.riders import DATE, IN_MONTH, parsed_date
from appointments.reading.words import (
    ADVERB_ENDS,
    DAY_PARTS,
    EVERY,
    FILLERS,
    HARMLESS,
    MONTH_NAMES,
    NUMBER_WORDS,
    ORDINAL_WORDS,
    WEEKDAY_NAMES,
    WEEKDAY_SHORT,
    WEEKDAY_SHORT_DOTTED,
    is_risky,
    near_weekday,
)


class NotReadableError(Exception):
    """The phrase cannot be read; the message is a German sentence that names the part."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__(f"„{shown(part)}“: {reason}" if part else reason)


@dataclass(frozen=True, slots=True)
class Token:
    """One part of a phrase; `numbers` holds weekday, ordinal, interval or hour and minute, by kind."""

    kind: str
    text: str
    numbers: tuple[int, ...] = ()
    day: date | None = None


def shown(part: str) -> str:
    """Return the part as it stands in a message: on one line and not too long."""
    text = " ".join("".join(sign if sign.isprintable() else "\ufffd" for sign in part).split())
    return text if len(text) <= 40 else text[:39] + "…"


_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\x96\x97"), "-")
_QUOTES: Final = dict.fromkeys(map(ord, "\"'„“”‚‘’«»‹›´`\x84\x93\x94"), " ")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"))
_LINES: Final = dict.fromkeys(map(ord, "\r\n\x0b\x0c\x85\u2028\u2029"), ";")
_TRANSLATION: Final = _DASHES | _QUOTES | _INVISIBLE | _LINES
_GLUED: Final = re.compile(
    r"(?<=[a-zäöüß])(?=(?:Mo|Di|Mi|Do|Fr|Sa|So|Montags?|Dienstags?|Mittwochs?|Donnerstags?|Freitags?|Samstags?|Sonntags?)(?![a-zäöüß]))"
)


def normalised(text: str) -> str:
    """Return the text in one spelling of dashes, spaces and umlauts, without invisible characters."""
    plain = unicodedata.normalize("NFC", text).translate(_TRANSLATION)
    return " ".join(re.sub(r"-{2,}", "-", _GLUED.sub(" ", plain)).split())


def lowered(text: str) -> str:
    """Return the text in lower case, letter for letter, so that positions stay the same."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


_NUMBER_WORDS: Final = "|".join(NUMBER_WORDS)
_TOKEN: Final = re.compile(
    rf"(?P<once_a_month>\b(?:einmal|1 ?x|1 ?mal) (?:(?:im|pro|je|jeden) monat|monatlich)\b)"
    rf"|(?P<month>{IN_MONTH})"
    r"|(?P<once_a_week>\b(?:einmal|1 ?x|1 ?mal) (?:wöchentlich|(?:die|pro|je|in der) woche)\b)"
    r"|(?P<weekly>\bwöchentlich\b|\bjede woche\b)"
    r"|(?P<daily>\btägliche?[rmns]?\b|\bjeden tag\b)"
    rf"|(?P<weeks>\balle (?P<weeks_number>\d{{1,9}}|{_NUMBER_WORDS}) ?(?:wochen|wo\.)(?!\w)"
    rf"|\b(?P<weekly_number>\d{{1,9}}|{_NUMBER_WORDS}) ?-?(?:wöchig|wöchentlich)(?:e[rmns]?)?\b"
    r"|\bjede[rn]? (?P<nth_week>zweite|dritte|vierte|\d{1,2}\.)n? woche\b)"
    rf"|(?P<fortnight>\balle (?P<days_number>\d{{1,9}}|{_NUMBER_WORDS})[ -]?tage\b"
    rf"|\b(?P<daily_number>\d{{1,9}}|{_NUMBER_WORDS}) ?-?(?:tägig|täglich|tägl\.)(?:e[rmns]?)?(?!\w))"
    rf"|(?P<date>{DATE})"
    r"|(?P<clock>\d{1,2}[:.]\d{2}(?!\d))"
    r"|(?P<ordinal>\d{1,2}\.(?!\d))"
    r"|(?P<number>\d+)"
    r"|(?P<and>[&+,/]|\bu\.(?!\w))"
    r"|(?P<word>[^\W\d_]+(?:\*[^\W\d_]+)*(?:-[^\W\d_]+)*)"
    r"|(?P<to>-+)"
    r"|(?P<break>[.;:()\[\]!|·•*])"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)"
)
_WEEKDAY_WORD: Final = re.compile(rf"({'|'.join(WEEKDAY_NAMES)})(?:s?(?:{DAY_PARTS}))?(s?)")
_PLAIN_WORDS: Final = {
    **dict.fromkeys(("und", "u", "sowie"), "and"),
    **dict.fromkeys(("uhr", "h"), "hour"),
    **dict.fromkeys(EVERY, "every"),
    **{"bis": "to", "zwischen": "between", "ab": "from", "um": "at", "am": "on", "beginn": "at", "von": "of"},
    **dict.fromkeys(FILLERS, "filler"),
}
_NTH_WEEK: Final = {"zweite": 2, "dritte": 3, "vierte": 4}


def tokens(text: str, low: str) -> list[Token]:
    """Return the parts of the phrase; raise NotReadableError at the first that might change the rhythm and is not understood."""
    found: list[Token] = []
    for match in _TOKEN.finditer(low):
        if match.lastgroup != "space":
            found.extend(_token(match, text[match.start() : match.end()], low[match.end() : match.end() + 1]))
    for before, token in pairwise([Token("break", ""), *found]):
        if before.kind == "break" and token.kind == "free":
            _refuse_adverb(token)
    return found


def _refuse_adverb(token: Token) -> None:
    low = token.text.lower()
    if low.endswith(ADVERB_ENDS) and low not in HARMLESS:
        raise NotReadableError(token.text, "Die Angabe könnte den Rhythmus ändern und wird nicht gelesen.")


def _token(match: re.Match[str], text: str, after: str) -> Iterator[Token]:
    kind = next(name for name in _KINDS if match[name])
    if kind == "word":
        yield from _word_tokens(text, match[0], after)
    elif kind == "other":
        raise NotReadableError(text, "Dieses Zeichen wird nicht gelesen.")
    elif kind == "number" and len(text) > 2:
        raise NotReadableError(text, "Diese Zahl wird nicht gelesen.")
    elif kind == "date":
        yield Token("date", text, *_date_parts(match[0], text))
    elif kind in ("weeks", "fortnight"):
        yield Token("interval", text, (_interval(match, text),))
    else:
        yield Token(kind, text, tuple(map(int, re.findall(r"\d+", match[0]))))


_KINDS: Final = (
    *("once_a_month", "month", "once_a_week", "weekly", "daily", "weeks", "fortnight", "date", "clock", "ordinal"),
    *("number", "word", "to", "and", "break", "other"),
)


def _interval(match: re.Match[str], text: str) -> int:
    """Return the number of weeks."""
    if nth := match["nth_week"]:
        return _NTH_WEEK.get(nth) or int(nth[:-1])
    if weeks := match["weeks_number"] or match["weekly_number"]:
        return NUMBER_WORDS.get(weeks) or int(weeks)
    written = match["days_number"] or match["daily_number"]
    days = NUMBER_WORDS.get(written) or int(written)
    if days % 7:
        raise NotReadableError(text, "Nur ganze Wochen werden gelesen, also alle 7, 14, 21 … Tage.")
    return days // 7


def _date_parts(written: str, text: str) -> tuple[tuple[int, ...], date | None]:
    """Return day and month as numbers, and the day where its year is known; the year that is missing may come later."""
    try:
        leap = parsed_date(written, 2000)
    except ValueError:
        raise NotReadableError(text, "Diesen Tag gibt es nicht.") from None
    try:
        return (leap.day, leap.month), parsed_date(written, None)
    except LookupError:
        return (leap.day, leap.month), None
    except ValueError:
        raise NotReadableError(text, "Diesen Tag gibt es nicht.") from None


def _word_tokens(text: str, low: str, after: str) -> Iterator[Token]:
    parts = list(zip(text.split("-"), low.split("-"), strict=True))
    if len(parts) > 1 and all(_weekday(low_part, after) for _, low_part in parts):
        for number, (part, low_part) in enumerate(parts):
            if number:
                yield Token("to", "-")
            yield _word_token(part, low_part, after)
    elif len(parts) > 1:
        for _, low_part in parts:
            _refuse_risky(text, low_part)
        yield Token("free", text)
    else:
        yield _word_token(text, low, after)


def _word_token(text: str, low: str, after: str) -> Token:
    if weekday := _weekday(low, after):
        return Token("weekday", text, weekday)
    if low in ORDINAL_WORDS:
        return Token("ordinal", text, (ORDINAL_WORDS[low],))
    if low in _PLAIN_WORDS:
        return Token(_PLAIN_WORDS[low], text)
    if low in MONTH_NAMES:
        raise NotReadableError(text, "Monate werden nur als Zeitraum wie „April bis Oktober“ gelesen.")
    _refuse_risky(text, low)
    if len(low) == 1:
        raise NotReadableError(text, "Ein einzelner Buchstabe wird nicht gelesen.")
    if near := near_weekday(low):
        raise NotReadableError(text, f"Ist {near.capitalize()} gemeint?")
    if low not in HARMLESS and not _is_name(text):
        raise NotReadableError(text, "Das Wort könnte den Rhythmus ändern und wird nicht gelesen.")
    return Token("free", text)


def _weekday(low: str, after: str) -> tuple[int, int] | None:
    """Return weekday and whether the form itself says that it recurs ("montags")."""
    if low in WEEKDAY_SHORT:
        return WEEKDAY_SHORT[low], 0
    if low in WEEKDAY_SHORT_DOTTED and after == ".":
        return WEEKDAY_SHORT_DOTTED[low], 0
    if match := _WEEKDAY_WORD.fullmatch(low):
        return WEEKDAY_NAMES[match[1]], len(match[2])
    return None


def _refuse_risky(text: str, low: str) -> None:
    if is_risky(low):
        raise NotReadableError(text, "Die Angabe könnte den Rhythmus ändern und wird nicht gelesen.")


def _is_name(text: str) -> bool:
    """Return whether a word is written like a noun: German gives nouns a capital; words all in capitals say nothing."""
    return text[0].isupper() and (len(text) <= 4 or not text.isupper())
