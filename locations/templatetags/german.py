"""Which filters and tags write days, times, amounts and coverage states in templates, in the language of the page?

Filters pass an empty value of a missing variable on as an empty text, and say `None` (unknown) as a word.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from locations import wording
from locations.active_wording import active_wording, isolated

register = template.Library()


def _shown(name: str) -> Callable[..., str]:
    """Return the filter around a wording function: unknown is a word, a missing variable stays empty."""

    def shown(value: Any, *argument: Any) -> str:
        if value is None:
            return _("nicht bekannt")
        return "" if value == "" else _write(name)(value, *argument)

    return shown


def _write(name: str) -> Callable[..., str]:
    """Return the function of the page's language; German for what only the committee reads, such as amounts."""
    found: Callable[..., str] = getattr(active_wording(), name, None) or getattr(wording, name)
    return found


FILTERS = {
    "weekday": "weekday",
    "weekday_short": "weekday_short",
    "month_name": "month",
    "date_text": "date_text",
    "date_full": "date_full",
    "date_long": "date_long",
    "date_long_full": "date_long_full",
    "date_short": "date_short",
    "date_weekday_short": "date_with_weekday",
    "date_digits": "date_digits",
    "time_text": "time_text",
    "euro": "euro",
    "euro_exact": "euro_exact",
    "km": "km",
    "percent": "percent",
    "listed": "listed",
    "breakable": "breakable",
    "sentence_case": "sentence_case",
}
for filter_name, function_name in FILTERS.items():
    register.filter(filter_name, _shown(function_name))


@register.filter
def relative_day(day: Any, today: Any) -> str:
    """{{ day|relative_day:today }} writes "in 12 Tagen"."""
    return _shown("relative_day")(day, today)


@register.filter
def time_range(start: Any, end: Any = None) -> str:
    """{{ start|time_range:end }} writes "14–16 Uhr"."""
    return _shown("time_range")(start, end or None)


@register.filter
def number(value: Any, places: int = 0) -> str:
    """{{ 51521|number }} writes "51.521", {{ hours|number:1 }} "31,5"."""
    return _shown("number")(value, places)


@register.filter
def yes_no(fact: bool | None) -> str:
    return {True: _("Ja"), False: _("Nein"), None: _("Nicht bekannt")}[fact]


@register.simple_tag
def comma() -> str:
    """{% comma %} writes ", " between the parts of a list, "، " in Arabic."""
    return str(active_wording().comma)


@register.simple_tag
def semicolon() -> str:
    """{% semicolon %} writes "; " between the longer parts of a list, "؛ " in Arabic."""
    return str(active_wording().semicolon)


@register.simple_tag
def days_text(days: Iterable[date], today: date) -> str:
    """{% days_text days today as text %} writes the days of a list, years only where they are not this year's."""
    words = active_wording()
    return words.comma.join((words.date_text if day.year == today.year else words.date_full)(day) for day in days)


@register.filter
def german(name: Any, is_plain: bool = False) -> str:
    """{{ house.name|german }} keeps a German name readable in another language; `is_plain` where no markup may stand."""
    if name in (None, "") or get_language() in (None, "de"):
        return conditional_escape(name or "")
    return conditional_escape(isolated(name)) if is_plain else format_html('<bdi lang="de">{}</bdi>', name)


@register.inclusion_tag("_state_sign.html")
def state_sign(state: str, word: str = "") -> dict[str, str]:
    """{% state_sign "gap" %} draws the sign of a coverage state with its word beside it."""
    return {"state": state, "word": word}
