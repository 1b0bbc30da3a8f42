"""How far does a counsellor drive on a day, and which slot bears which part of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from locations.geo import ROAD_DETOUR_FACTOR, Point, road_km


@dataclass(frozen=True, slots=True)
class Stop:
    """A slot on a counsellor's way on one day."""

    slot: int
    start: time
    point: Point


def tour_km(base: Point, stops: Sequence[Stop], detour_factor: float = ROAD_DETOUR_FACTOR) -> float:
    """Return the kilometres from the base along the stops in order of time and back to it; 0 without a stop."""
    way = [base, *(stop.point for stop in sorted(stops, key=lambda stop: (stop.start, stop.slot))), base]
    return sum(road_km(start, end, detour_factor) for start, end in zip(way, way[1:], strict=False))


def shared_km(base: Point, stops: Sequence[Stop], detour_factor: float = ROAD_DETOUR_FACTOR) -> dict[int, float]:
    """Return each slot's part of the day's tour in kilometres, by its own distance from the base alone.

    The parts add up to the tour. Where every stop lies at the base, the tour is 0 and so is each part.
    """
    alone: dict[int, float] = {}
    for stop in stops:
        alone[stop.slot] = alone.get(stop.slot, 0.0) + road_km(base, stop.point, detour_factor)
    whole = sum(alone.values())
    tour = tour_km(base, stops, detour_factor)
    return {slot: tour * km / whole if whole else 0.0 for slot, km in alone.items()}
