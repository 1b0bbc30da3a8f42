"""Where on the page does what stand in the map and the bar? Pure geometry for SVG; a unit is a pixel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import cos, hypot, pi, radians, sin, sqrt
from typing import Any

from budget.costs import Account, Range, Stage
from locations.geo import Point

MARGIN = 10.0
DOT = 5.0
LINES_TRIED = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7)
LARGEST_RADIUS = 46.0
SMALLEST_RADIUS = 9.0
LEAST_SHARE = 0.75  # of the largest radius: two neighbours rather overlap than make every circle tiny
SIGN = 20.0
LABEL_HEIGHT = 28.0
LETTER = 9.8  # how wide a bold letter of 14 px is on average in the widest of the usual system fonts (DejaVu Sans)
FARTHEST_LABEL = 90.0
FARTHEST_WITHOUT_A_LEAD = 10.0
MOST_NAMES = 60  # of a map; more places are drawn as circles or areas alone, and the table names them
SIGNS_IN_LABELS_FROM = 300.0  # a narrower map writes the sign on the place and the name beside it

Ring = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality as the map sees it. `population` None: not known; `point` None: not on the map without a boundary."""

    key: int
    name: str
    point: Point | None
    population: int | None
    state: str
    word: str
    boundary: Any = None


@dataclass(frozen=True, slots=True)
class Label:
    """A white plate with sign and name, its upper left corner at x and y. An empty text: the sign alone."""

    x: float
    y: float
    width: float
    text: str
    height: float = LABEL_HEIGHT

    @property
    def middle(self) -> float:
        """Return where a text alone is centred."""
        return round(self.x + self.width / 2, 1)

    @property
    def baseline(self) -> float:
        """Return where a text alone stands."""
        return round(self.y + self.height / 2 + 5, 1)

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
    with_words: bool = False

    @property
    def has_signs_in_labels(self) -> bool:
        """Return whether the sign stands beside the name, not on the place."""
        return self.width >= SIGNS_IN_LABELS_FROM and not self.with_words

    @property
    def has_names(self) -> bool:
        """Return whether few enough places are drawn to write their names."""
        return len(self.shapes) <= MOST_NAMES

    @property
    def spoken(self) -> str:
        """Return every place with its word; of many places, how many have which word."""
        if self.has_names:
            return "".join(f"{shape.place.name}: {shape.place.word}. " for shape in self.shapes)
        counts = Counter(shape.place.word for shape in self.shapes)
        return f"{'; '.join(f'{word}: {count}' for word, count in counts.most_common(9))}. "

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


def draw_map(places: Iterable[Place], width: float, *, with_words: bool = False) -> Drawing | None:
    """Return the map that wide; None where no place can be shown. Its labels bear signs, or with words the words."""
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
    height = bottom + LABEL_HEIGHT + MARGIN
    signs = width >= SIGNS_IN_LABELS_FROM and not with_words
    spots = [Spot(_label(place, with_words), *centres[place.key], radii.get(place.key, 0.0)) for place in shown]
    if len(shown) > MOST_NAMES:
        labels = [Label(round(spot.x, 1), round(spot.y, 1), 0.0, "", 0.0) for spot in spots]
    else:
        labels = place_labels(spots, width, height, signs=signs, on_places=signs or with_words)
    shapes = [
        _shape(place, centres[place.key], radii.get(place.key, 0.0), _path(rings[place.key], projection), label)
        for place, label in zip(shown, labels, strict=True)
    ]
    return Drawing(
        width=width,
        height=round(height, 1),
        # Small ones above large ones, so that none is hidden.
        shapes=tuple(sorted(shapes, key=lambda shape: -shape.radius)),
        missing=tuple(place.name for place in places if place.key not in centres),
        unpeopled=tuple(place.name for place in shown if place.population is None and not rings[place.key]),
        with_words=with_words,
    )


def _label(place: Place, with_words: bool) -> str:
    return f"{place.name} {place.word}" if with_words else place.name


def boundary_rings(boundary: Any) -> list[Ring]:
    """Return the rings of a GeoJSON Polygon, MultiPolygon or Feature as (longitude, latitude); none where it is anything else."""
    if isinstance(boundary, dict) and boundary.get("type") == "Feature":
        boundary = boundary.get("geometry")
    if not isinstance(boundary, dict):
        return []
    coordinates = boundary.get("coordinates")
    polygons: Any = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(str(boundary.get("type")), [])
    try:
        rings = [[(float(pair[0]), float(pair[1])) for pair in ring] for polygon in polygons for ring in polygon]
    except (TypeError, ValueError, IndexError, KeyError):
        return []
    return [ring for ring in rings if len(ring) >= 4]


def _fit(places: Sequence[Place], rings: dict[int, list[Ring]], width: float) -> _Projection:
    """Return the projection that fills the width, with room for circles and labels at the edges."""
    points = [place.point for place in places if place.point is not None and not rings[place.key]]
    edge = max(MARGIN, width * 0.12 if points else MARGIN)
    points += [Point(lat, lon) for place in places for ring in rings[place.key] for lon, lat in ring]
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    squeeze = cos(radians((south + north) / 2))
    span = max((east - west) * squeeze, (north - south) / 1.4)
    scale = (width - 2 * edge) / span if span > 0 else 1.0
    left = (width - (east - west) * squeeze * scale) / 2
    return _Projection(west, north, squeeze, scale, left, edge)


def _centre(place: Place, rings: list[Ring], projection: _Projection) -> tuple[float, float]:
    """Return where the place is labelled: inside its largest ring, else at its point."""
    if not rings:
        assert place.point is not None  # noqa: S101 - callers only pass places that can be shown  # nosec B101
        return projection.at(place.point)
    largest = max(rings, key=lambda ring: abs(_area(ring)))
    lon, lat = _middle(largest)
    return projection.at(Point(lat, lon))


def _area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False)) / 2


def _middle(ring: Ring) -> tuple[float, float]:
    """Return a point in the ring with much room to its left and right: where a line of letters fits best.

    Of some horizontal lines through the ring the one with the widest stretch inside is taken, those in the middle first.
    """
    ys = [y for _, y in ring]
    south, north = min(ys), max(ys)
    best = (0.0, (ring[0][0], ring[0][1]))
    for share in LINES_TRIED:
        y = south + (north - south) * share
        crossings = sorted(
            x1 + (y - y1) / (y2 - y1) * (x2 - x1)
            for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True)
            if (y1 <= y) != (y2 <= y)
        )
        for left, right in zip(crossings[::2], crossings[1::2], strict=False):
            room = (right - left) * (1 - abs(share - 0.5))
            if room > best[0]:
                best = room, ((left + right) / 2, y)
    return best[1]


def _radii(places: Sequence[Place], centres: dict[int, tuple[float, float]], width: float) -> dict[int, float]:
    """Return radii whose areas are as the populations, so large that circles hardly overlap; unknown: the smallest."""
    roots = {place.key: sqrt(place.population or 0) for place in places}
    full = unit = LARGEST_RADIUS * width / 384 / max([1.0, *roots.values()])
    keys = list(roots)
    if len(keys) > MOST_NAMES:
        unit *= sqrt(MOST_NAMES / len(keys)) / 2
        keys = []
    for index, one in enumerate(keys):
        for other in keys[index + 1 :]:
            (x1, y1), (x2, y2) = centres[one], centres[other]
            both = roots[one] + roots[other]
            distance = hypot(x1 - x2, y1 - y2)
            if both and distance > SMALLEST_RADIUS:
                unit = min(unit, distance / both)
    if keys:
        unit = max(unit, full * LEAST_SHARE)
    unknown = SMALLEST_RADIUS if len(places) <= MOST_NAMES else 3.0
    return {place.key: unknown if place.population is None else max(2.0, unit * roots[place.key]) for place in places}


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
    aim = (min(max(x, label.x), label.x + label.width), min(max(y, label.y), label.y + label.height))
    touches = hypot(aim[0] - x, aim[1] - y) <= max(radius, SIGN / 2) + FARTHEST_WITHOUT_A_LEAD
    return Shape(
        place=place,
        x=round(x, 1),
        y=round(y, 1),
        radius=round(radius, 1),
        path=path,
        label=label,
        leads_to=None if touches else (round(aim[0], 1), round(aim[1], 1)),
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """What wants a label: its middle, and the radius of its circle (0: an area large enough to be written on)."""

    name: str
    x: float
    y: float
    radius: float = 0.0

    @property
    def core(self) -> Label:
        """Return the square in the circle that no other label should hide."""
        side = max(self.radius * sqrt(2), SIGN)
        return Label(self.x - side / 2, self.y - side / 2, side, "", side)


def place_labels(
    spots: Sequence[Spot], width: float, height: float, *, signs: bool = True, on_places: bool | None = None
) -> list[Label]:
    """Return a plate for each spot, as near as it can stand without touching another one, if possible beside all circles.

    A plate may stand on its own place where it bears a sign, or where `on_places` says so.
    The plates of large circles find their place first. A plate that finds no room is left without its name.
    """
    on_places = signs if on_places is None else on_places
    placed: dict[int, Label] = {}
    for index in sorted(range(len(spots)), key=lambda index: (-spots[index].radius, index)):
        spot = spots[index]
        cores = [other.core for other in spots if other is not spot or not _holds(spot, signs, on_places)]
        placed[index] = _first_free(spot, list(placed.values()), cores, (width, height), (signs, on_places))
    return [placed[index] for index in range(len(spots))]


def _first_free(
    spot: Spot, others: list[Label], cores: list[Label], room: tuple[float, float], how: tuple[bool, bool]
) -> Label:
    """Return the first plate that touches no other one and no core; else no other one; else one without the name."""
    free = None
    for nearby in _around(spot, *how):
        plate = _kept_within(nearby, room[0])
        if plate.y < 0 or plate.y + plate.height > room[1] or any(plate.overlaps(other) for other in others):
            continue
        if not any(plate.overlaps(core) for core in cores):
            return plate
        free = free or plate
    return free or _plate("", spot.x, spot.y, how[0])


def _plate(name: str, x: float, y: float, signs: bool) -> Label:
    """Return the plate with its middle at x and y."""
    letters = len(name) * LETTER
    plate_width = (SIGN + 8 if signs else 0) + (letters + 8 if name else 0)
    return Label(round(x - plate_width / 2, 1), round(y - LABEL_HEIGHT / 2, 1), round(plate_width, 1), name)


def _around(spot: Spot, signs: bool, on_places: bool) -> Iterator[Label]:
    """Yield the plate on a spot that is large enough, else below, above and beside its circle, then farther and farther away."""
    plate = _plate(spot.name, spot.x, spot.y, signs)
    if _holds(spot, signs, on_places):
        yield plate
    radius = spot.radius if signs else max(spot.radius, SIGN / 2 + 4)
    aside = radius + LABEL_HEIGHT / 2 - 4
    beside = radius + plate.width / 2 - 4
    for x, y in ((0, aside), (0, -aside), (beside, 0), (-beside, 0)):
        yield _plate(spot.name, spot.x + x, spot.y + y, signs)
    for distance in range(int(aside), int(aside + FARTHEST_LABEL), 6):
        for step in range(16):
            angle = step * pi / 8 + pi / 2
            yield _plate(spot.name, spot.x + 1.5 * distance * cos(angle), spot.y + distance * sin(angle), signs)


def _holds(spot: Spot, signs: bool, on_places: bool) -> bool:
    """Return whether the plate may stand on the spot itself: it is an area, or a circle large enough."""
    return on_places and (spot.radius == 0 or 2 * spot.radius > _plate(spot.name, 0, 0, signs).width)


def _kept_within(plate: Label, width: float) -> Label:
    """Return the plate moved sideways into the drawing."""
    return replace(plate, x=round(max(0.0, min(plate.x, width - plate.width)), 1))


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
    anchor: str
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

    @property
    def end_x(self) -> float:
        """Return where the word left of the whisker ends."""
        return self.low_x - 8


WORDS = {Stage.PAID: "bezahlt", Stage.COMMITTED: "gebunden", Stage.PLANNED: "geplant"}


def draw_bar(sums: Account, width: float, ends: Range | None = None) -> Bar:
    """Return the bar that wide. Its scale begins at zero and ends after the money and every amount.

    The whisker goes over `ends`, the range of the sum; without them from the lowest to the highest prices.
    """
    room = width - 2 * MARGIN
    bound = sums.total(stage=Stage.PAID) + sums.total(stage=Stage.COMMITTED)
    planned = sums.total(stage=Stage.PLANNED)
    ends = ends or Range(bound.likely + planned.low, bound.likely + planned.likely, bound.likely + planned.high)
    largest = max(sums.available, bound.likely + planned.likely, ends.high, Decimal(1))
    end = largest * Decimal("1.08")  # a line at the edge would look cut off
    step = _step(largest, 6 if width > 400 else 3)

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
        ticks=tuple(
            Tick(at(Decimal(amount)), amount, _anchor(at(Decimal(amount)), width), amount + step > largest)
            for amount in range(0, int(largest) + 1, step)
        ),
        money_x=money_x,
        money_anchor="end" if money_x > width / 2 else "start",
        low_x=at(ends.low),
        likely_x=at(ends.likely),
        high_x=at(ends.high),
    )


def _anchor(x: float, width: float) -> str:
    """Return how the number under a line is set so that it stays in the drawing."""
    return "start" if x <= MARGIN else "end" if x > width - 4 * LETTER else "middle"


def _step(largest: Decimal, steps: int) -> int:
    """Return the step of the scale in euro: 1, 2 or 5 times a power of ten, so that about `steps` of them fit."""
    step, turn = 1, 0
    while step * steps <= largest:
        step = step * 5 // 2 if turn % 3 == 1 else step * 2
        turn += 1
    return step


# Small drawings in a cell


@dataclass(frozen=True, slots=True)
class Whisker:
    """A range in a cell: a line from low to high with a dot at the likely value."""

    width: float
    low_x: float
    likely_x: float
    high_x: float


def draw_whisker(amount: Range, end: Decimal, width: float) -> Whisker:
    """Return the range on a scale from zero to `end` that wide, with room for the dot at both ends."""
    room = width - 2 * DOT

    def at(value: Decimal) -> float:
        return round(DOT + float(value / end) * room, 1)

    return Whisker(width, at(amount.low), at(amount.likely), at(amount.high))


def end_of_scale(largest: Decimal) -> Decimal:
    """Return the first of 1, 2, 3, 4, 6, 8 times a power of ten that is not below the amount."""
    unit = Decimal(1)
    while unit * 10 <= largest:
        unit *= 10
    return next(unit * times for times in (1, 2, 3, 4, 6, 8, 10) if unit * times >= largest)


def steps_up_to(largest: Decimal, steps: int = 4) -> tuple[Decimal, ...]:
    """Return the upper ends of equal steps, 1, 2 or 5 times a power of ten wide, the last not below the amount."""
    step, turn = Decimal("0.01"), 0
    while step * steps < largest:
        step *= Decimal("2.5") if turn % 3 == 1 else 2
        turn += 1
    return tuple(step * number for number in range(1, steps + 1))
