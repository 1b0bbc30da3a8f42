"""Which parts of a rule does every language ask for?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby


def is_run(weekdays: tuple[int, ...]) -> bool:
    """Return whether more than two weekdays follow each other, so that "Monday to Wednesday" is shorter."""
    return len(weekdays) > 2 and weekdays[-1] - weekdays[0] + 1 == len(weekdays)


def by_year(dates: tuple[date, ...], said: Callable[[date], str]) -> Iterator[tuple[list[str], int]]:
    """Yield the days of each year in words, with the year."""
    for year, days in groupby(dates, key=lambda day: day.year):
        yield [said(day) for day in days], year
