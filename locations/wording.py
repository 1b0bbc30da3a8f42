"""How are days, times, amounts and distances written in German?

The text has no-break spaces where a line must not break. `None` means unknown and is said as a word.
"""

import re
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

UNKNOWN = "nicht bekannt"
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
comma = ", "
semicolon = "; "
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
# Second halves of the long words of this field; browsers without a German dictionary would cut them anywhere.
_SECOND_HALF = re.compile(
    r"(?<=[A-ZÄÖÜa-zäöüß]{5})(?=beratung|zentr|schul|stelle|betreuung|hilfe|konflikt|versicherung|einrichtung|ausschuss)"
)

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
# Duden: months of up to four letters are written out.
SHORT_MONTHS = ("Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def weekday_short(day: date) -> str:
    return weekday(day)[:2]


def month(day: date) -> str:
    return MONTHS[day.month - 1]


def date_text(day: date) -> str:
    """Return "6. Oktober"."""
    return f"{day.day}.{NBSP}{month(day)}"


def date_full(day: date) -> str:
    """Return "6. Oktober 2026"."""
    return f"{date_text(day)}{NBSP}{day.year}"


def date_long(day: date) -> str:
    """Return "Dienstag, 6. Oktober"."""
    return f"{weekday(day)}, {date_text(day)}"


def date_long_full(day: date) -> str:
    """Return "Dienstag, 6. Oktober 2026"."""
    return f"{weekday(day)}, {date_full(day)}"


def date_short(day: date) -> str:
    """Return "6. Okt."."""
    return f"{day.day}.{NBSP}{SHORT_MONTHS[day.month - 1]}"


def date_with_weekday(day: date) -> str:
    """Return "Di, 6. Oktober"."""
    return f"{weekday_short(day)}, {date_text(day)}"


def date_digits(day: date) -> str:
    """Return "06.10.2026", as administrations write it in tables."""
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def relative_day(day: date, today: date) -> str:
    """Return how far the day is from today: "in 12 Tagen", "morgen", "vor 3 Tagen"."""
    distance = (day - today).days
    near = {-1: "gestern", 0: "heute", 1: "morgen"}
    if distance in near:
        return near[distance]
    return f"{'in' if distance > 0 else 'vor'} {abs(distance)}{NBSP}Tagen"


def clock(moment: time) -> str:
    """Return "14" or "8.30", without "Uhr"."""
    return f"{moment.hour}.{moment.minute:02}" if moment.minute else str(moment.hour)


def time_text(moment: time) -> str:
    return f"{clock(moment)}{NBSP}Uhr"


def time_range(start: time, end: time | None) -> str:
    """Return "14–16 Uhr"; without an end, "14 Uhr"."""
    if end is None:
        return time_text(start)
    return f"{clock(start)}–{clock(end)}{NBSP}Uhr"


def number(value: Decimal | int, places: int = 0) -> str:
    """Return "10.000" or "4.180,00", rounded half up."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{places}f}".translate(str.maketrans(",.", ".,"))
    return f"{MINUS}{text}" if rounded < 0 else text


def euro(amount: Decimal | int | None) -> str:
    """Return "10.000 €"; cents only where there are any: "4.180,50 €"."""
    if amount is None:
        return UNKNOWN
    cents = Decimal(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{number(cents, 0 if cents == int(cents) else 2)}{NBSP}€"


def euro_exact(amount: Decimal | int | None) -> str:
    """Return "4.180,00 €", always with cents."""
    return UNKNOWN if amount is None else f"{number(amount, 2)}{NBSP}€"


def km(distance_km: float | None) -> str:
    """Return "4,7 km"."""
    if distance_km is None:
        return UNKNOWN
    return f"{number(Decimal(str(distance_km)), 1)}{NBSP}km"


def percent(share: float | Decimal | None) -> str:
    """Return "93 %" for the share 0.93."""
    if share is None:
        return UNKNOWN
    return f"{number(Decimal(str(share)) * 100)}{NBSP}%"


def yes_no(fact: bool | None) -> str:
    """Return "Ja", "Nein" or "Nicht bekannt"; unknown is a word of its own."""
    return {True: "Ja", False: "Nein", None: UNKNOWN.capitalize()}[fact]


def listed(words: list[str]) -> str:
    """Return "a, b und c"."""
    return " und ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def alternatives(words: list[str]) -> str:
    """Return "a, b oder c"."""
    return " oder ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def breakable(text: str) -> str:
    """Return the text with soft hyphens where a long compound may break on a narrow screen."""
    return _SECOND_HALF.sub(SOFT_HYPHEN, text)


def language_name(code: str, german: str) -> str:
    """Return the German name, which is stored."""
    return german


def sentence_case(text: str) -> str:
    """Return the text with a capital at the start."""
    return text[:1].upper() + text[1:]
