"""Who travels where on which day with a plan: the trips, their legend and their map?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from string import ascii_uppercase
from typing import Any

from beratung.planning_figures import STYLES, Area, Tour, TourMap, draw_tours
from locations.geo import Point
from locations.models import Municipality
from locations.wording import WEEKDAYS, km

MAP_WIDE, MAP_NARROW = 430.0, 328.0


def tours_of(answer: Mapping[str, Any]) -> list[tuple[Tour, str]]:
    """Return each counsellor's trips by weekday, with the words of the legend."""
    trips: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in answer["slots"]:
        trips[row["counsellor"], row["weekday"]].append(row)
    letters = {person: index for index, person in enumerate(dict.fromkeys(person for person, _ in sorted(trips)))}
    numbers: dict[int, int] = defaultdict(int)
    found = []
    for person, day in sorted(trips):
        rows = sorted(trips[person, day], key=lambda row: row["start"])
        letter = ascii_uppercase[letters[person] % 26]
        stops = _stops(answer, letter, numbers[person], rows)
        numbers[person] += len(rows)
        base = answer["bases"].get(str(person))
        start = Point(*base) if base else stops[0][1]
        tour = Tour(letter, letters[person] % STYLES + 1, start, tuple(stops))
        found.append((tour, _legend(letter, answer["counsellor_names"][str(person)], day, rows)))
    return found


def _stops(
    answer: Mapping[str, Any], letter: str, before: int, rows: Iterable[Mapping[str, Any]]
) -> list[tuple[str, Point]]:
    """Return the houses of a trip that have a place, numbered on from the person's trips before."""
    places = answer["places"]
    numbered = enumerate((places.get(str(row["institution"])) for row in rows), start=before + 1)
    return [(f"{letter}{number}", Point(*place)) for number, place in numbered if place is not None]


def _legend(letter: str, person: str, weekday: int, rows: list[Mapping[str, Any]]) -> str:
    days = {day for row in rows for day in row["dates"]}
    return (
        f"{letter}: {person}, {WEEKDAYS[weekday].lower()}s: {len(rows)} {'Ort' if len(rows) == 1 else 'Orte'}, "
        f"{len(days)} {'Fahrt' if len(days) == 1 else 'Fahrten'}, zusammen {km(sum(row['kilometres'] for row in rows))}"
    )


def maps_of(tours: list[tuple[Tour, str]], towns: Iterable[str]) -> tuple[TourMap, TourMap] | None:
    """Return the wide and the narrow map; None without a place to draw. One query."""
    rows = Municipality.objects.filter(pk__in=[int(key) for key in towns])
    areas = [Area(row.name, row.point, row.boundary) for row in rows]
    drawn = [tour for tour, _ in tours]
    wide, narrow = draw_tours(areas, drawn, MAP_WIDE), draw_tours(areas, drawn, MAP_NARROW)
    return (wide, narrow) if wide and narrow else None
