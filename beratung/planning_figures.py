"""Where on the page does what stand in the planner's figures? Pure geometry for SVG; a unit is a pixel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from beratung.figures import Label, Spot, boundary_rings, place_labels
from locations.geo import Point
from locations.wording import NBSP, number

ROW = 38.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 74.0, 50.0, 34.0
SHORTEST_LABEL_WAY = 76.0
STYLES = 3
MAP_MARGIN = 46.0
MOST_TICKS = 6


Place = Callable[[Point], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a figure with its label. `kind`: plan, proven or open."""

    x: float
    y: float
    text: str
    text_x: float
    text_y: float
    anchor: str
    kind: str


@dataclass(frozen=True, slots=True)
class Steps:
    """The curve "k municipalities cost at least", or the cost and coverage of several plans."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    path: str
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]
    money: float | None
    money_text: str
    money_anchor: str


def euro_text(cents: int) -> str:
    """Return whole euro, as a figure has room for."""
    return f"{number(round(cents / 100))}{NBSP}€"


def round_step(largest: float, ticks: int = MOST_TICKS) -> float:
    """Return the smallest of 1, 2, 5, 10, 20 … that reaches the largest value in so many steps."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if step * factor * ticks >= largest:
                return step * factor
        step *= 10


class Axes:
    """The scale of a figure: cents to the right, municipalities upwards."""

    def __init__(self, width: float, largest: int, lowest: int, highest: int, ticks: int) -> None:
        self.width, self.lowest, self.highest = width, lowest, max(highest, lowest + 1)
        self.step = round_step(max(largest, 100) / 100, ticks) * 100
        self.largest = max(self.step, -(-largest // self.step) * self.step)
        self.bottom = TOP + ROW * (self.highest - self.lowest)
        self.right = width - RIGHT / 2

    def x(self, cents: float) -> float:
        return round(LEFT + (self.right - LEFT) * cents / self.largest, 1)

    def y(self, count: float) -> float:
        return round(self.bottom - ROW * (count - self.lowest), 1)

    @property
    def across(self) -> tuple[Tick, ...]:
        amounts = [self.step * number_ for number_ in range(int(self.largest / self.step) + 1)]
        texts = [euro_text(int(amount)) if amount == amounts[-1] else number(round(amount / 100)) for amount in amounts]
        return tuple(Tick(self.x(amount), text) for amount, text in zip(amounts, texts, strict=True))

    @property
    def upwards(self) -> tuple[Tick, ...]:
        return tuple(Tick(self.y(count), str(count)) for count in range(self.lowest, self.highest + 1))

    def label(self, count: int, cents: int, text: str, kind: str) -> Dot:
        """Return the point with its label to the left where there is room, else to the right, above the line."""
        x, y = self.x(cents), self.y(count)
        is_left = x - LEFT > SHORTEST_LABEL_WAY
        return Dot(x, y, text, x - 11 if is_left else x + 11, y - 8, "end" if is_left else "start", kind)


def draw_steps(
    points: Sequence[tuple[int, int, bool]], plan: int | None, money: int | None, width: float, name: str = "Geld"
) -> Steps | None:
    """Return the curve through (count, cents, proven); None with fewer than two points. `plan` is the plan's count."""
    if len(points) < 2:
        return None
    counts = [count for count, _, _ in points]
    axes = Axes(
        width, max(money or 0, *(cents for _, cents, _ in points)), counts[0], counts[-1], 6 if width > 400 else 3
    )
    path = f"M{axes.x(points[0][1])} {axes.y(counts[0])}"
    for (count, _, _), (_, then, _) in zip(points, points[1:], strict=False):
        path += f"H{axes.x(then)}V{axes.y(count + 1)}"
    path += f"H{axes.right}"
    dots = tuple(
        axes.label(count, cents, euro_text(cents), "plan" if count == plan else "proven" if proven else "open")
        for count, cents, proven in points
    )
    return _drawn(axes, path, dots, money, "" if money is None else f"{name} {euro_text(money)}")


def draw_compared(plans: Sequence[tuple[str, int, int, bool]], highest: int, width: float) -> Steps | None:
    """Return cost and coverage of plans given as (letter, count, cents, proven); None without any."""
    if not plans:
        return None
    lowest = min(count for _, count, _, _ in plans)
    axes = Axes(width, max(cents for _, _, cents, _ in plans), max(0, lowest - 1), highest, 6 if width > 400 else 3)
    together: dict[tuple[int, int], list[str]] = {}
    for letter, count, cents, _ in plans:
        together.setdefault((count, cents), []).append(letter)
    proven = {(count, cents): is_proven for _, count, cents, is_proven in plans}
    dots = tuple(
        axes.label(count, cents, ", ".join(letters), "plan" if proven[count, cents] else "open")
        for (count, cents), letters in together.items()
    )
    return _drawn(axes, "", dots, None, "")


def _drawn(axes: Axes, path: str, dots: tuple[Dot, ...], money: int | None, text: str) -> Steps:
    money_x = None if money is None else axes.x(money)
    return Steps(
        width=axes.width,
        height=axes.bottom + BOTTOM,
        left=LEFT,
        right=axes.right,
        bottom=axes.bottom,
        path=path,
        dots=dots,
        across=axes.across,
        upwards=axes.upwards,
        money=money_x,
        money_text=text,
        money_anchor="end" if money_x is not None and money_x > axes.width / 2 else "start",
    )


# The map of the tours


@dataclass(frozen=True, slots=True)
class Tour:
    """A counsellor's trip on a weekday: from the base along the stops and back. `letter` names the counsellor."""

    letter: str
    style: int
    base: Point
    stops: tuple[tuple[str, Point], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A municipality on the map: its outline, or a circle where there is none."""

    name: str
    point: Point | None
    boundary: Any


@dataclass(frozen=True, slots=True)
class Sign:
    """A base or a stop on the map."""

    x: float
    y: float
    text: str
    style: int


@dataclass(frozen=True, slots=True)
class TourMap:
    """The map. `lines` are (path, style)."""

    width: float
    height: float
    outlines: tuple[str, ...]
    circles: tuple[tuple[float, float], ...]
    lines: tuple[tuple[str, int], ...]
    bases: tuple[Sign, ...]
    stops: tuple[Sign, ...]
    labels: tuple[Label, ...]


def draw_tours(areas: Sequence[Area], tours: Sequence[Tour], width: float) -> TourMap | None:
    """Return the map of the tours; None where no tour can be shown."""
    if not tours:
        return None
    rings = [ring for area in areas for ring in boundary_rings(area.boundary)]
    points = [Point(lat, lon) for ring in rings for lon, lat in ring]
    points += [area.point for area in areas if area.point and not boundary_rings(area.boundary)]
    points += [tour.base for tour in tours] + [point for tour in tours for _, point in tour.stops]
    place, height = _projection(points, width)
    bases = {tour.base: _sign(place, tour.base, "", 0) for tour in tours}
    stops = _stops(tours, place)
    names = [(area.name, *place(area.point)) for area in areas if area.point]
    spots = [Spot(name, x, y, 16.0) for name, x, y in names]
    blocked = [Spot("", sign.x, sign.y, 12.0) for sign in (*bases.values(), *stops)]
    labels = place_labels([*spots, *blocked], width, height, signs=False, on_places=False)[: len(spots)]
    return TourMap(
        width=width,
        height=height,
        outlines=tuple(_outline(ring, place) for ring in rings),
        circles=tuple((x, y) for _, x, y in names) if not rings else (),
        lines=tuple((_line(tour, place), tour.style) for tour in tours),
        bases=tuple(bases.values()),
        stops=tuple(stops),
        labels=tuple(label for label in labels if label.text),
    )


def _projection(points: Sequence[Point], width: float) -> tuple[Place, float]:
    """Return where a point stands on the map, and the height of the map."""
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    squeeze = cos(radians((south + north) / 2))
    span = max((east - west) * squeeze, (north - south) / 1.3, 0.001)
    scale = (width - 2 * MAP_MARGIN) / span
    left = (width - (east - west) * squeeze * scale) / 2

    def place(point: Point) -> tuple[float, float]:
        x = (point.longitude - west) * squeeze * scale + left
        return round(x, 1), round((north - point.latitude) * scale + MAP_MARGIN, 1)

    return place, round((north - south) * scale + 2 * MAP_MARGIN, 1)


def _stops(tours: Sequence[Tour], place: Place) -> list[Sign]:
    """Return the stops; several in one house stand as one sign."""
    texts: dict[Point, list[str]] = {}
    styles: dict[Point, int] = {}
    for tour in tours:
        for text, point in tour.stops:
            texts.setdefault(point, []).append(text)
            styles.setdefault(point, tour.style)
    return [_sign(place, point, "/".join(text), styles[point]) for point, text in texts.items()]


def _sign(place: Place, point: Point, text: str, style: int) -> Sign:
    x, y = place(point)
    return Sign(x, y, text, style)


def _outline(ring: Sequence[tuple[float, float]], place: Place) -> str:
    corners = [place(Point(lat, lon)) for lon, lat in ring]
    return "M" + "L".join(f"{x} {y}" for x, y in corners) + "Z"


def _line(tour: Tour, place: Place) -> str:
    way = [place(point) for point in (tour.base, *(point for _, point in tour.stops), tour.base)]
    return "M" + "L".join(f"{x} {y}" for x, y in way)


# Bars with ranges in a table


@dataclass(frozen=True, slots=True)
class RangeBar:
    """A likely amount as a bar with its range, on a scale all rows share."""

    likely: float
    low: float
    high: float


def draw_ranges(rows: Mapping[str, tuple[int, int, int]], width: float) -> dict[str, RangeBar]:
    """Return a bar for each row of (low, likely, high)."""
    scale = width / max(1, *(high for _, _, high in rows.values()))
    return {
        name: RangeBar(*(round(max(amount, 0) * scale, 1) for amount in (likely, low, high)))
        for name, (low, likely, high) in rows.items()
    }
