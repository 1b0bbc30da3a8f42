"""When is everything closed? Public holidays by federal state, and days off with their reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays


@dataclass(frozen=True, slots=True, order=True)
class DayOff:
    """A stretch of days, both inclusive, on which nothing takes place, and why."""

    first_day: date
    last_day: date
    reason: str

    def contains(self, day: date) -> bool:
        """Return whether the day lies in the stretch."""
        return self.first_day <= day <= self.last_day


class UnknownStateError(ValueError):
    """There is no such federal state."""


@lru_cache(maxsize=512)
def _public_holidays_of_year(state: str, year: int) -> dict[date, str]:
    country, _, subdivision = state.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=year, language="de")
    except (NotImplementedError, KeyError) as error:
        raise UnknownStateError(f"Das Land „{state}“ ist nicht bekannt.") from error
    return dict(sorted(found.items()))


def public_holidays(state: str, first: date, last: date) -> dict[date, str]:
    """Return the statutory holidays from first to last (inclusive) of a state such as "DE-NI", by day, with their German name.

    UnknownStateError: no such state. Source: the `holidays` package.
    """
    return {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in _public_holidays_of_year(state, year).items()
        if first <= day <= last
    }


def years_without(school_holidays: Iterable[DayOff], first: date, last: date) -> tuple[int, ...]:
    """Return the calendar years from first to last for which no summer holidays are known.

    A year is known when a stretch of at least 30 days lies in it (summer holidays last six weeks in every state);
    a lone Christmas week reaching in from the year before says nothing about the rest.
    """
    known = {off.first_day.year for off in school_holidays if (off.last_day - off.first_day).days >= 29}
    return tuple(year for year in range(first.year, last.year + 1) if year not in known)
