"""What can somebody choose when asking for a plan? The form's values, as they are kept with the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from budget.planner import Rhythm, Safety
from budget.planner.question import FLOOR_OF_DATES

DEFAULT_SLOT_MINUTES = 120


class PlanningError(ValueError):
    """The question cannot be put; the message is a German sentence for the asker."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The asker's choices; everything else comes from the rows. Money in whole cents, keys of the database.

    Without `keeps_existing` it is planned as if there were no appointment yet: for comparison only.
    `rate` names the travel rate that counts as likely; "" takes the dearest in force.
    """

    asked_on: date
    first_day: date
    last_day: date
    money: int
    safety: Safety = Safety.LIKELY
    margin_percent: int = 10
    extra_money: int = 0
    rhythms: tuple[str, ...] = tuple(Rhythm)
    slot_minutes: int = DEFAULT_SLOT_MINUTES
    floor_of_dates: int = FLOOR_OF_DATES
    only_step_free: bool = False
    topics: tuple[int, ...] = ()
    counsellors: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    wanted: tuple[int, ...] = ()
    keeps_existing: bool = True
    with_searches: bool = False
    with_missing_topics: bool = False
    rate: str = ""

    def stored(self) -> dict[str, Any]:
        """Return the choices as JSON keeps them."""
        values = asdict(self)
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Asked:
        """Return the choices as they were stored; what an older version did not know has its default."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        for name in ("asked_on", "first_day", "last_day"):
            values[name] = date.fromisoformat(values[name])
        for name, value in values.items():
            if isinstance(value, list):
                values[name] = tuple(value)
        values["safety"] = Safety(values.get("safety", Safety.LIKELY))
        return cls(**values)
