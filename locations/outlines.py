"""How does the outline of a municipality become one that a map can draw: WGS 84, rings as RFC 7946 wants them, not too fine?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from locations.geo import Point, distance_km

Position = tuple[float, float]
Ring = list[Position]

DIGITS: Final = 5  # about a metre
MOST_POINTS: Final = 600
FARTHEST_KM: Final = 60
# Longitude and latitude that hold all of Germany.
GERMANY: Final = (5.5, 47.0, 15.5, 55.5)
_FIRST_TOLERANCE: Final = 0.0002  # degrees, about 20 metres
_COARSEST: Final = 0.1
_MOST_IN_A_RING: Final = 5_000


class OutlineError(ValueError):
    """The shape cannot be an outline; the message is a German sentence."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A Polygon or MultiPolygon with its number of points; `note` says where it was simplified."""

    geometry: dict[str, Any]
    points: int
    note: str = ""


def outline(geometries: Iterable[Any], centre: Point | None) -> Outline:
    """Return one outline of all parts. OutlineError: a part is none, or lies elsewhere than the municipality."""
    polygons = [polygon for geometry in geometries for polygon in _polygons(geometry)]
    rings = [[_ring(ring) for ring in polygon] for polygon in polygons]
    _check_place(rings, centre)
    before = _count(rings)
    rings = _simplified(rings)
    after = _count(rings)
    oriented = [[_turned(ring, outer=place == 0) for place, ring in enumerate(polygon)] for polygon in rings]
    note = f"Vereinfacht von {before} auf {after} Punkte." if after < before else ""
    return Outline(_geometry(oriented), after, note)


def _polygons(geometry: Any) -> list[Any]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise OutlineError(f"Erwartet wird eine Fläche (Polygon oder MultiPolygon), nicht {kind or 'nichts'}.")
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons or not all(isinstance(one, list) and one for one in polygons):
        raise OutlineError("Der Fläche fehlen die Koordinaten.")
    return polygons


def _ring(positions: Any) -> Ring:
    if not isinstance(positions, list):
        raise OutlineError("Ein Ring ist keine Liste von Punkten.")
    ring = [_position(position) for position in positions]
    ring = [point for place, point in enumerate(ring) if place == 0 or point != ring[place - 1]]
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    if len(ring) < 4:
        raise OutlineError("Ein Ring hat weniger als drei verschiedene Punkte.")
    return ring


def _position(position: Any) -> Position:
    if not isinstance(position, list) or len(position) < 2 or not all(_is_number(value) for value in position[:2]):
        raise OutlineError("Ein Punkt besteht nicht aus Länge und Breite.")
    longitude, latitude = round(float(position[0]), DIGITS), round(float(position[1]), DIGITS)
    west, south, east, north = GERMANY
    if not (west <= longitude <= east and south <= latitude <= north):
        raise OutlineError(
            f"Der Punkt {position[0]}, {position[1]} liegt nicht in Deutschland. "
            "Erwartet werden Grad, zuerst die Länge (WGS 84, EPSG:4326)."
        )
    return longitude, latitude


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _check_place(polygons: Sequence[Sequence[Ring]], centre: Point | None) -> None:
    if centre is None:
        return
    longitude, latitude = polygons[0][0][0]
    distance = distance_km(centre, Point(latitude, longitude))
    if distance > FARTHEST_KM:
        raise OutlineError(f"Die Grenze liegt {distance:.0f} km vom Mittelpunkt der Gemeinde entfernt.")


def _count(polygons: Iterable[Iterable[Ring]]) -> int:
    return sum(len(ring) for polygon in polygons for ring in polygon)


def _simplified(polygons: list[list[Ring]]) -> list[list[Ring]]:
    """Return the rings with fewer points, as few as need be; rings too small to be seen are left out."""
    tolerance = _FIRST_TOLERANCE
    while _count(polygons) > MOST_POINTS:
        coarser = [[_thinned(ring, tolerance) for ring in polygon] for polygon in polygons]
        polygons = [[ring for ring in polygon if ring] for polygon in coarser if polygon[0]] or [polygons[0][:1]]
        tolerance *= 1.6
        if tolerance > _COARSEST:
            break
    return polygons


def _thinned(ring: Ring, tolerance: float) -> Ring:
    """Return the ring without what lies within the tolerance of a straight line (Douglas and Peucker); [] if nothing is left."""
    ring = _spaced(ring)
    half = max(range(len(ring)), key=lambda place: _square(ring[0], ring[place]))
    kept = {0, half, len(ring) - 1}
    open_parts = [(0, half), (half, len(ring) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        farthest, distance = _farthest(ring, first, last)
        if distance > tolerance:
            kept.add(farthest)
            open_parts += [(first, farthest), (farthest, last)]
    thinned = [ring[place] for place in sorted(kept)]
    return thinned if len(thinned) >= 4 else []


def _spaced(ring: Ring) -> Ring:
    """Return the ring with so many points that the next step takes no minutes, whatever its form."""
    step = _FIRST_TOLERANCE / 4
    while len(ring) > _MOST_IN_A_RING:
        kept = ring[:1]
        for point in ring[1:-1]:
            if _square(kept[-1], point) > step * step:
                kept.append(point)
        ring, step = [*kept, ring[-1]], step * 2
    return ring


def _farthest(ring: Ring, first: int, last: int) -> tuple[int, float]:
    """Return which point between the two lies farthest from their line, and how far in degrees."""
    (x, y), (end_x, end_y) = ring[first], ring[last]
    run, rise = end_x - x, end_y - y
    length = (run * run + rise * rise) ** 0.5 or 1.0
    best, distance = first, 0.0
    for place in range(first + 1, last):
        away = abs(run * (ring[place][1] - y) - rise * (ring[place][0] - x)) / length
        if away > distance:
            best, distance = place, away
    return best, distance


def _square(one: Position, other: Position) -> float:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _turned(ring: Ring, *, outer: bool) -> Ring:
    """Return an outer ring counter-clockwise and a hole clockwise (RFC 7946, 3.1.6)."""
    area = sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in zip(ring, ring[1:], strict=False))
    return ring if (area > 0) == outer else ring[::-1]


def _geometry(polygons: list[list[Ring]]) -> dict[str, Any]:
    written = [[[list(point) for point in ring] for ring in polygon] for polygon in polygons]
    if len(written) == 1:
        return {"type": "Polygon", "coordinates": written[0]}
    return {"type": "MultiPolygon", "coordinates": written}
