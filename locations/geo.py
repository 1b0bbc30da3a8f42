"""How far is it? Points on the globe and the distance between them."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius R1
ROAD_DETOUR_FACTOR = 1.3  # roads against the straight line; 1.3 is the usual figure for rural Germany


@dataclass(frozen=True, slots=True)
class Point:
    """A point in degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees, all four sides inclusive."""

    south: float
    west: float
    north: float
    east: float


def distance_km(start: Point, end: Point) -> float:
    """Return the great-circle distance in kilometres (haversine formula)."""
    half_lat = radians(end.latitude - start.latitude) / 2
    half_lon = radians(end.longitude - start.longitude) / 2
    scale = cos(radians(start.latitude)) * cos(radians(end.latitude))
    chord = sin(half_lat) ** 2 + scale * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))


def road_km(start: Point, end: Point, detour_factor: float = ROAD_DETOUR_FACTOR) -> float:
    """Return the way by road in kilometres, estimated from the straight line."""
    return distance_km(start, end) * detour_factor


def bounding_box(centre: Point, radius_km: float) -> Box:
    """Return a rectangle that holds every point within the radius (slightly more, never less)."""
    lat_span = degrees(radius_km / EARTH_RADIUS_KM)
    narrowest = cos(radians(min(89.9, abs(centre.latitude) + lat_span)))
    lon_span = min(180.0, lat_span / narrowest)
    return Box(
        south=centre.latitude - lat_span,
        west=centre.longitude - lon_span,
        north=centre.latitude + lat_span,
        east=centre.longitude + lon_span,
    )
