"""How far and how long between all places at once? The same figures as locations.geo and TravelTime, as matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from appointments.conflicts import MINUTES_A_DAY, TravelTime
from locations.geo import EARTH_RADIUS_KM, Point

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[Any]  # of whole numbers, 32 or 64 bits
Bools = npt.NDArray[np.bool_]


def kilometres(points: Sequence[Point], detour_factor: float) -> Floats:
    """Return road_km between each two points."""
    latitude = np.radians([point.latitude for point in points])
    longitude = np.radians([point.longitude for point in points])
    half_lat = (latitude[:, None] - latitude[None, :]) / 2
    half_lon = (longitude[:, None] - longitude[None, :]) / 2
    scale = np.cos(latitude)[:, None] * np.cos(latitude)[None, :]
    chord = np.sin(half_lat) ** 2 + scale * np.sin(half_lon) ** 2
    way: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, chord))) * detour_factor
    return way


def minutes(places: Sequence[int], travel: TravelTime) -> Ints:
    """Return the minutes between each two places by key, as TravelTime does; 0 where a place has no coordinates."""
    nowhere = Point(0.0, 0.0)
    points = [travel.points.get(place, nowhere) for place in places]
    hours = kilometres(points, travel.detour_factor) / travel.speed_kmh
    found = np.minimum(np.ceil(np.round(hours * 60, 6)), MINUTES_A_DAY).astype(np.int32)
    unknown = np.array([place not in travel.points for place in places], dtype=bool)
    found[unknown, :] = 0
    found[:, unknown] = 0
    keys = np.array(places)
    found[keys[:, None] == keys[None, :]] = 0
    _override(found, places, travel)
    return found


def _override(found: Ints, places: Sequence[int], travel: TravelTime) -> None:
    """Write what staff entered over the estimate."""
    rows: dict[int, list[int]] = {}
    for row, place in enumerate(places):
        rows.setdefault(place, []).append(row)
    for pair, known in travel.overrides.items():
        one, other = (*pair, *pair)[:2]
        if one != other and one in rows and other in rows:
            found[np.ix_(rows[one], rows[other])] = known
            found[np.ix_(rows[other], rows[one])] = known
