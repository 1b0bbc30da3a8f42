"""Which filters and tags write days, times, amounts and coverage states in templates?

Filters pass an empty value of a missing variable on as an empty text, and say `None` (unknown) as a word.
"""

from collections.abc import Callable
from typing import Any

from django import template

from locations import wording

register = template.Library()


def _shown(write: Callable[..., str]) -> Callable[..., str]:
    """Return the filter around a wording function: unknown is a word, a missing variable stays empty."""

    def shown(value: Any, *argument: Any) -> str:
        if value is None:
            return wording.UNKNOWN
        return "" if value == "" else write(value, *argument)

    return shown


DATE_FILTERS: dict[str, Callable[..., str]] = {
    "weekday": wording.weekday,
    "weekday_short": wording.weekday_short,
    "month_name": wording.month,
    "date_text": wording.date_text,
    "date_full": wording.date_full,
    "date_long": wording.date_long,
    "date_short": wording.date_short,
    "date_weekday_short": wording.date_with_weekday,
    "date_digits": wording.date_digits,
    "time_text": wording.time_text,
    "euro": wording.euro,
    "euro_exact": wording.euro_exact,
    "km": wording.km,
    "percent": wording.percent,
    "listed": wording.listed,
    "breakable": wording.breakable,
}
for name, write in DATE_FILTERS.items():
    register.filter(name, _shown(write))


@register.filter
def relative_day(day: Any, today: Any) -> str:
    """{{ day|relative_day:today }} writes "in 12 Tagen"."""
    return _shown(wording.relative_day)(day, today)


@register.filter
def time_range(start: Any, end: Any = None) -> str:
    """{{ start|time_range:end }} writes "14–16 Uhr"."""
    return _shown(wording.time_range)(start, end or None)


@register.filter
def number(value: Any, places: int = 0) -> str:
    """{{ 51521|number }} writes "51.521", {{ hours|number:1 }} "31,5"."""
    return _shown(wording.number)(value, places)


@register.filter
def yes_no(fact: bool | None) -> str:
    return wording.yes_no(fact)


@register.inclusion_tag("_state_sign.html")
def state_sign(state: str, word: str = "") -> dict[str, str]:
    """{% state_sign "gap" %} draws the sign of a coverage state with its word beside it."""
    return {"state": state, "word": word}
