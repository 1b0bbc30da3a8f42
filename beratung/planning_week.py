"""What does a week of each counsellor look like with the plan: the new appointments among those there already?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any

from appointments.describe import describe_rule
from appointments.recurrence import SingleDates, parse_rule
from beratung.planning_values import Item, WeekEntry, WeekRow
from locations.wording import WEEKDAYS, time_range

FRIDAY = 4

Found = dict[tuple[str, int], list[WeekEntry]]


def week_of(items: Iterable[Item], answer: Mapping[str, Any]) -> tuple[WeekRow, ...]:
    """Return a row for each counsellor who gets something new; what is there already stands between it."""
    found: Found = defaultdict(list)
    for item in items:
        detail = f"{item.house}, {item.rhythm}"
        found[item.counsellor, item.weekday].append(WeekEntry(item.start, item.times, item.municipality, detail))
    people = sorted({person for person, _ in found})
    for person, weekday, entry in _kept(answer):
        if person in people:
            found[person, weekday].append(entry)
    days = range(max([FRIDAY, *(weekday for _, weekday in found)]) + 1)
    return tuple(
        WeekRow(person, tuple((WEEKDAYS[day], tuple(sorted(found.get((person, day), ())))) for day in days))
        for person in people
    )


def _kept(answer: Mapping[str, Any]) -> Iterator[tuple[str, int, WeekEntry]]:
    """Yield what is there already, by counsellor and weekday. Plans of an older version do not know it."""
    towns, people = answer["municipality_names"], answer["counsellor_names"]
    for row in answer.get("existing", ()):
        anchor = row["rule"]["anchor"]
        rule = parse_rule(row["rule"]["text"], date.fromisoformat(anchor) if anchor else None)
        if isinstance(rule, SingleDates):
            continue
        start, end = time.fromisoformat(row["start"]), time.fromisoformat(row["end"])
        place = towns.get(str(row["municipality"]), "")
        entry = WeekEntry(start, time_range(start, end), place, f"{row['name']}, {describe_rule(rule)}", is_kept=True)
        for key in row["counsellors"]:
            yield from ((people[str(key)], weekday, entry) for weekday in rule.weekdays if str(key) in people)
