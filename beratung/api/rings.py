"""Which way round does the outline of a municipality run? RFC 7946: outer rings counterclockwise, holes clockwise."""

from __future__ import annotations

from typing import Any

Ring = list[list[float]]


def right_handed(boundary: dict[str, Any]) -> dict[str, Any]:
    """Return the Polygon or MultiPolygon with every ring the right way round; ValueError for anything else."""
    rings = boundary["coordinates"]
    match boundary["type"]:
        case "Polygon":
            return {"type": "Polygon", "coordinates": _polygon(rings)}
        case "MultiPolygon":
            return {"type": "MultiPolygon", "coordinates": [_polygon(one) for one in rings]}
        case other:
            raise ValueError(f"{other} is no outline of a municipality")


def _polygon(rings: list[Ring]) -> list[Ring]:
    return [_turned(ring, counterclockwise=number == 0) for number, ring in enumerate(rings)]


def _turned(ring: Ring, *, counterclockwise: bool) -> Ring:
    return ring if (twice_the_area(ring) > 0) == counterclockwise else ring[::-1]


def twice_the_area(ring: Ring) -> float:
    """Return twice the signed area in square degrees: positive where the ring runs counterclockwise."""
    pairs = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    return sum(start[0] * end[1] - end[0] * start[1] for start, end in pairs)
