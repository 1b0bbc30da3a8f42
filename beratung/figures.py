"""Where on the page does what stand in the map and the bar? Pure geometry for SVG; a unit is a pixel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, pi, radians, sin, sqrt
from typing import Any

from budget.costs import Account, Stage
from locations.geo import Point

MARGIN = 10.0
LARGEST_RADIUS = 46.0
SMALLEST_RADIUS = 9.0
SIGN = 16.0
LABEL_HEIGHT = 24.0
LETTER = 7.9  # how wide a bold letter of 14 px is on average, on the safe side
FARTHEST_LABEL = 90.0

Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality as the map sees it. `population` None: not known; `point` None: not on the map without a boundary."""

    key: int
    name: str
    point: Point | None
    population: int | None
    state: str
    boundary: Any = None


@dataclass(frozen=True, slots=True)
class Label:
    """A white plate with sign and name, its upper left corner at x and y. An empty text: the sign alone."""

    x: float
    y: float
    width: float
    text: str
    height: float = LABEL_HEIGHT

    def overlaps(self, other: Label) -> bool:
        """Return whether the plates touch."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """A municipality on the map: a path where it has a boundary, else a circle. `leads_to`: the label stands aside."""

    place: Place
    x: float
    y: float
    radius: float
    path: str
    label: Label
    leads_to: tuple[float, float] | None = None

    @property
    def ring(self) -> float:
        """Return the radius of the ring that says: population not known."""
        return self.radius + 4


@dataclass(frozen=True, slots=True)
class Drawing:
    """The map. `missing` has neither point nor boundary, `unpeopled` no known population."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    missing: tuple[str, ...]
    unpeopled: tuple[str, ...]

    @property
    def is_schematic(self) -> bool:
        """Return whether at least one municipality is a circle."""
        return any(not shape.path for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class _Projection:
    """Degrees to pixels: equal scale in both directions around the middle latitude (good for a district)."""

    west: float
    north: float
    squeeze: float
    scale: float
    left: float
    top: float

    def at(self, point: Point) -> tuple[float, float]:
        x = (point.longitude - self.west) * self.squeeze * self.scale + self.left
        y = (self.north - point.latitude) * self.scale + self.top
        return x, y


def draw_map(places: Iterable[Place], width: float) -> Drawing | None:
    """Return the map that wide; None where no place can be shown."""
    places = list(places)
    rings = {place.key: boundary_rings(place.boundary) for place in places}
    shown = [place for place in places if place.point is not None or rings[place.key]]
    if not shown:
        return None
    projection = _fit(shown, rings, width)
    centres = {place.key: _centre(place, rings[place.key], projection) for place in shown}
    radii = _radii([place for place in shown if not rings[place.key]], centres, width)
    bottom = max(
        [y + radii.get(key, 0) for key, (_, y) in centres.items()]
        + [projection.at(Point(lat, lon))[1] for place in shown for ring in rings[place.key] for lon, lat in ring]
    )
    height = bottom + LARGEST_RADIUS / 4 + MARGIN
    labels = place_labels([(place.name, *centres[place.key]) for place in shown], width, height)
    shapes = [
        _shape(place, centres[place.key], radii.get(place.key, 0.0), _path(rings[place.key], projection), label)
        for place, label in zip(shown, labels, strict=True)
    ]
    return Drawing(
        width=width,
        height=round(height, 1),
        # Small ones above large ones, so that none is hidden.
        shapes=tuple(sorted(shapes, key=lambda shape: -shape.radius)),
        missing=tuple(place.name for place in places if place not in shown),
        unpeopled=tuple(place.name for place in shown if place.population is None and not rings[place.key]),
    )


def boundary_rings(boundary: Any) -> list[Ring]:
    """Return the rings of a GeoJSON Polygon, MultiPolygon or Feature as (longitude, latitude); none where it is anything else."""
    if isinstance(boundary, dict) and boundary.get("type") == "Feature":
        boundary = boundary.get("geometry")
    if not isinstance(boundary, dict):
        return []
    coordinates = boundary.get("coordinates")
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(str(boundary.get("type")))
    try:
        rings = [
            [(float(pair[0]), float(pair[1])) for pair in ring] for polygon in polygons or () for ring in polygon
        ]
    except (TypeError, ValueError, IndexError, KeyError):
        return []
    return [ring for ring in rings if len(ring) >= 4]


def _fit(places: Sequence[Place], rings: dict[int, list[Ring]], width: float) -> _Projection:
    """Return the projection that fills the width, with room for circles and labels at the edges."""
    points = [place.point for place in places if place.point is not None and not rings[place.key]]
    edge = max(MARGIN, width * 0.16 if points else MARGIN)
    points += [Point(lat, lon) for place in places for ring in rings[place.key] for lon, lat in ring]
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    squeeze = cos(radians((south + north) / 2))
    span = max((east - west) * squeeze, (north - south) / 1.4)
    scale = (width - 2 * edge) / span if span > 0 else 1.0
    left = (width - (east - west) * squeeze * scale) / 2
    return _Projection(west, north, squeeze, scale, left, edge)


def _centre(place: Place, rings: list[Ring], projection: _Projection) -> tuple[float, float]:
    """Return where the place is labelled: the middle of its largest ring, else its point."""
    if not rings:
        assert place.point is not None  # noqa: S101 - callers only pass places that can be shown
        return projection.at(place.point)
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    lon, lat = _middle(largest)
    return projection.at(Point(lat, lon))


def _area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False)) / 2


def _middle(ring: Ring) -> tuple[float, float]:
    """Return the middle of the ring's bounding box; robust where an area's centre of gravity is not."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _radii(places: Sequence[Place], centres: dict[int, tuple[float, float]], width: float) -> dict[int, float]:
    """Return radii whose areas are as the populations, so large that circles at most touch; unknown: the smallest."""
    roots = {place.key: sqrt(place.population or 0) for place in places}
    unit = LARGEST_RADIUS * width / 384 / max([1.0, *roots.values()])
    keys = list(roots)
    for index, one in enumerate(keys):
        for other in keys[index + 1 :]:
            (x1, y1), (x2, y2) = centres[one], centres[other]
            both = roots[one] + roots[other]
            distance = sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2)
            if both and distance > SMALLEST_RADIUS:
                unit = min(unit, distance / both)
    return {
        place.key: SMALLEST_RADIUS if place.population is None else max(2.0, unit * roots[place.key])
        for place in places
    }


def _path(rings: list[Ring], projection: _Projection) -> str:
    """Return the rings as path data with tenths of a pixel, points that fall together left out."""
    parts = []
    for ring in rings:
        corners: list[str] = []
        for lon, lat in ring:
            x, y = projection.at(Point(lat, lon))
            corner = f"{x:.1f} {y:.1f}"
            if not corners or corners[-1] != corner:
                corners.append(corner)
        parts.append(f"M{'L'.join(corners)}Z")
    return "".join(parts)


def _shape(place: Place, centre: tuple[float, float], radius: float, path: str, label: Label) -> Shape:
    x, y = centre
    inside = label.x <= x <= label.x + label.width and label.y <= y <= label.y + label.height
    aim = (min(max(x, label.x), label.x + label.width), min(max(y, label.y), label.y + label.height))
    return Shape(
        place=place,
        x=round(x, 1),
        y=round(y, 1),
        radius=round(radius, 1),
        path=path,
        label=label,
        leads_to=None if inside else (round(aim[0], 1), round(aim[1], 1)),
    )


def place_labels(wanted: Sequence[tuple[str, float, float]], width: float, height: float) -> list[Label]:
    """Return a plate for each (name, x, y), as near as it can stand without touching another.

    A plate that finds no room keeps its sign alone, on its own place.
    """
    placed: list[Label] = []
    for name, x, y in wanted:
        plate = next(_free(_around(name, x, y), placed, width, height), None)
        placed.append(plate or _plate("", x, y))
    return placed


def _plate(name: str, x: float, y: float) -> Label:
    """Return the plate with its middle at x and y."""
    plate_width = SIGN + 12 + (len(name) * LETTER if name else -4)
    return Label(round(x - plate_width / 2, 1), round(y - LABEL_HEIGHT / 2, 1), round(plate_width, 1), name)


def _around(name: str, x: float, y: float) -> Iterator[Label]:
    """Yield the plate at its place, then in growing circles around it."""
    yield _plate(name, x, y)
    for distance in range(6, int(FARTHEST_LABEL), 6):
        for step in range(16):
            angle = step * pi / 8 + pi / 2
            yield _plate(name, x + distance * cos(angle), y + distance * sin(angle))


def _free(plates: Iterable[Label], placed: Sequence[Label], width: float, height: float) -> Iterator[Label]:
    for plate in plates:
        inside = plate.x >= 0 and plate.y >= 0 and plate.x + plate.width <= width and plate.y + plate.height <= height
        if inside and not any(plate.overlaps(other) for other in placed):
            yield plate


# The bar of money


@dataclass(frozen=True, slots=True)
class Segment:
    """A stage of the money in the bar. `word` is empty where it would not fit."""

    stage: str
    x: float
    width: float
    word: str

    @property
    def middle(self) -> float:
        """Return where its word is centred."""
        return round(self.x + self.width / 2, 1)

    @property
    def plate_width(self) -> float:
        """Return how wide the ground under the word is."""
        return round(len(self.word) * LETTER + 12, 1)

    @property
    def plate_x(self) -> float:
        """Return where the ground under the word begins."""
        return round(self.middle - self.plate_width / 2, 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale."""

    x: float
    amount: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The bar: paid, committed, planned side by side, the money as a line, the range of the sum as a whisker."""

    width: float
    segments: tuple[Segment, ...]
    ticks: tuple[Tick, ...]
    money_x: float
    money_anchor: str
    low_x: float
    likely_x: float
    high_x: float


WORDS = {Stage.PAID: "bezahlt", Stage.COMMITTED: "gebunden", Stage.PLANNED: "geplant"}


def draw_bar(sums: Account, width: float) -> Bar:
    """Return the bar that wide. Its scale begins at zero and ends after the money and every amount."""
    room = width - 2 * MARGIN
    bound = sums.total(stage=Stage.PAID) + sums.total(stage=Stage.COMMITTED)
    planned = sums.total(stage=Stage.PLANNED)
    step, end = _scale(max(sums.available, bound.likely + planned.high), 6 if width > 400 else 3)

    def at(amount: Decimal) -> float:
        return round(MARGIN + float(amount / end) * room, 1)

    segments = []
    so_far = Decimal(0)
    for stage, word in WORDS.items():
        amount = sums.total(stage=stage).likely
        if amount > 0:
            x, right = at(so_far), at(so_far + amount)
            fits = right - x >= len(word) * LETTER + 16
            segments.append(Segment(stage.value, x, round(right - x, 1), word if fits else ""))
        so_far += amount
    money_x = at(max(sums.available, Decimal(0)))
    return Bar(
        width=width,
        segments=tuple(segments),
        ticks=tuple(Tick(at(Decimal(n)), n, n == end) for n in range(0, int(end) + 1, int(step))),
        money_x=money_x,
        money_anchor="end" if money_x > width / 2 else "start",
        low_x=at(bound.likely + planned.low),
        likely_x=at(bound.likely + planned.likely),
        high_x=at(bound.likely + planned.high),
    )


def _scale(largest: Decimal, steps: int) -> tuple[Decimal, Decimal]:
    """Return the step of the scale (1, 2 or 5 times a power of ten, in euro) and its end, a multiple of it."""
    step = Decimal(1)
    factors = (Decimal(2), Decimal("2.5"), Decimal(2))
    turn = 0
    while step * steps <= largest:
        step *= factors[turn % 3]
        turn += 1
    return step, max(step, (largest // step + 1) * step)
