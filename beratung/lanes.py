"""Where on the drawing of the years does what stand? Pure geometry for SVG; a unit is a pixel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from appointments.coverage import CoverageState
from appointments.timeline import Lane, Span, Timeline
from locations.wording import date_digits, date_full, listed, month

LETTER: Final = (
    9.8  # how wide a bold letter of 14 px is on average in the widest of the usual system fonts (DejaVu Sans)
)
PLAIN_LETTER: Final = 8.4  # the same, not bold
BAR: Final = 22.0
LINE: Final = 18.0
SIGN: Final = 20.0
YEAR: Final = 40.0  # how wide the ground under a year is
GAP: Final = 8.0
FLAG: Final = 26.0
BESIDE_FROM: Final = 1000.0  # a narrower drawing writes name and state above the bar, not beside it
WIDEST_NAME: Final = 240.0
NECK: Final = 28.0  # how long two rows take to flow into one
MOST_EVENTS: Final = 8  # more would push the rows off the screen; the table has all
ONE_DAY: Final = timedelta(days=1)
WORDS: Final = {"covered": "abgedeckt", "agreed": "vereinbart", "proposed": "vorgeschlagen", "gap": "Lücke"}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened on a day, told in few words."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one state in a row: a bar from x on."""

    span: Span
    x: float
    y: float
    width: float

    @property
    def state(self) -> str:
        """Return the name of the state."""
        return self.span.state.value

    @property
    def sign(self) -> tuple[float, float] | None:
        """Return where its sign stands, upper left corner; None where a covered bar or a short one has none."""
        if self.span.state is CoverageState.COVERED or self.width < SIGN + GAP:
            return None
        return round(self.x + (self.width - SIGN) / 2, 1), self.y + (BAR - SIGN) / 2


@dataclass(frozen=True, slots=True)
class Row:
    """A municipality: its bars, its name, and at the end its state on the day; `says` is None where the row has ended."""

    name: str
    name_x: float
    name_anchor: str
    name_y: float
    pieces: tuple[Piece, ...]
    says: str | None = None
    state: str = ""
    sign_x: float = 0.0
    says_y: float = 0.0
    inside: str = ""
    full_name: str = ""

    @property
    def inside_x(self) -> float:
        """Return where the words in the bar begin."""
        return self.pieces[0].x + NECK + GAP

    @property
    def inside_y(self) -> float:
        """Return where the words in the bar stand."""
        return self.pieces[0].y + BAR / 2 + 5

    @property
    def spoken(self) -> str:
        """Return the whole name and the state, with the words beside it."""
        state = f"{WORDS[self.state]}, {self.says}" if self.says else WORDS[self.state]
        return f"{self.full_name}: {state}"

    @property
    def sign_y(self) -> float:
        """Return the upper edge of the sign."""
        return self.says_y - 15

    @property
    def says_x(self) -> float:
        """Return where the words after the sign begin."""
        return self.sign_x + SIGN + 6


@dataclass(frozen=True, slots=True)
class Flow:
    """A row that flows into another one."""

    path: str
    state: str
    name: str
    into: str


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the axis and how many of how many were covered on its last day on the drawing."""

    day: date
    x: float
    width: float
    middle: float
    covered: int
    total: int
    is_written: bool

    @property
    def plate_x(self) -> float:
        """Return where the ground under its words begins."""
        return round(self.middle - YEAR / 2, 1)

    @property
    def is_met(self) -> bool:
        """Return whether every municipality was covered."""
        return self.covered == self.total > 0

    @property
    def text(self) -> str:
        """Return "5/7"."""
        return f"{self.covered}/{self.total}"

    @property
    def label(self) -> str:
        """Return what the link to the day says."""
        return f"Stand am {date_full(self.day)}: {self.covered} von {self.total} Gemeinden abgedeckt"


@dataclass(frozen=True, slots=True)
class Mark:
    """A thin line down the rows with words at its top; `text_x` and `anchor` keep them in the drawing."""

    x: float
    y: float
    text: str
    text_x: float
    anchor: str

    @property
    def text_y(self) -> float:
        """Return where its words stand."""
        return self.y + 13


@dataclass(frozen=True, slots=True)
class Flag:
    """A plate on a line: the day asked for."""

    x: float
    plate_x: float
    plate_width: float
    text: str

    @property
    def middle(self) -> float:
        """Return where its words are centred."""
        return round(self.plate_x + self.plate_width / 2, 1)


@dataclass(frozen=True, slots=True)
class Lanes:
    """The drawing. Rows go from `top` to `bottom`; `ahead_x` is where the days to come begin, None where none do."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    rows: tuple[Row, ...]
    flows: tuple[Flow, ...]
    years: tuple[Year, ...]
    marks: tuple[Mark, ...]
    flag: Flag | None
    ahead_x: float | None
    events_left_out: int

    @property
    def plot_height(self) -> float:
        """Return how high the rows are together."""
        return round(self.bottom - self.top, 1)

    @property
    def ahead_width(self) -> float:
        """Return how wide the days to come are."""
        return round(self.right - (self.right if self.ahead_x is None else self.ahead_x), 1)

    @property
    def years_y(self) -> float:
        """Return where the years are written."""
        return self.bottom + 20

    @property
    def counts_y(self) -> float:
        """Return where n of m is written."""
        return self.bottom + 44

    @property
    def plate_y(self) -> float:
        """Return the upper edge of the ground under n of m."""
        return self.counts_y - 16

    @property
    def touch_y(self) -> float:
        """Return the upper edge of what a finger may touch to choose a year."""
        return self.bottom + 2

    @property
    def caption_x(self) -> float:
        """Return where the caption left of the years ends."""
        return self.left - GAP

    @property
    def note_x(self) -> float:
        """Return where the note right of the years begins."""
        return self.right + 12


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date
    left: float
    right: float

    def at(self, day: date) -> float:
        """Return where the day begins."""
        share = (day - self.first).days / ((self.last - self.first).days + 1)
        return round(self.left + share * (self.right - self.left), 1)


def draw_lanes(
    history: Timeline,
    names: Mapping[int, str],
    happenings: Sequence[Happening],
    day: date,
    today: date,
    width: float,
) -> Lanes:
    """Return the drawing that wide of a timeline with at least one row, its flag on the day."""
    beside = width >= BESIDE_FROM
    words = {lane.municipality: _says(lane, day, short=not beside) for lane in history.lanes}
    left, right = _margins(history.lanes, names, words, width) if beside else (1.0, width - 1)
    scale = _Scale(history.first_day, history.last_day, left, right)
    shown = [one for one in happenings if history.first_day <= one.day <= history.last_day]
    marks = tuple(_mark(one, number, scale) for number, one in enumerate(shown[:MOST_EVENTS]))
    top = FLAG + 6 + LINE * len(marks) + 6
    pitch = BAR + (12 if beside else 32)
    places = {key: top + place * pitch for key, place in _places(history.lanes, in_the_middle=beside).items()}
    bottom = top + pitch * max(1.0, len(places) - _shared(history.lanes))
    make = _Beside(names, words, places, scale) if beside else _Above(names, words, places, scale)
    into = _into(history.lanes)
    drawn = [make.row(lane, into[lane.municipality]) for lane in history.lanes]
    return Lanes(
        width=width,
        height=bottom + 62,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        rows=tuple(sorted(drawn, key=lambda row: row.name_y)),
        flows=tuple(_flows(history.lanes, names, places, scale, beside)),
        years=tuple(_years(history, scale)),
        marks=marks,
        flag=_flag(day, scale, width) if history.first_day <= day <= history.last_day else None,
        ahead_x=scale.at(today + ONE_DAY) if history.first_day <= today < history.last_day else None,
        events_left_out=len(happenings) - len(marks),
    )


# Rows


def _into(lanes: Iterable[Lane]) -> dict[int, list[Lane]]:
    found: dict[int, list[Lane]] = defaultdict(list)
    for lane in lanes:
        if lane.flows_into is not None:
            found[lane.flows_into].append(lane)
    return found


def _arises(lane: Lane, before: Sequence[Lane]) -> bool:
    """Return whether the row begins on the day after those that flow into it: then it needs no place of its own."""
    return bool(before) and all(one.last_day < lane.first_day for one in before)


def _shared(lanes: Sequence[Lane]) -> int:
    """Return how many rows stand where those before them stood."""
    into = _into(lanes)
    return sum(_arises(lane, into[lane.municipality]) for lane in lanes)


def _places(lanes: Sequence[Lane], *, in_the_middle: bool) -> dict[int, float]:
    """Return the place of each row from the top, those that flow into one together; that one in their middle, or first."""
    by_key = {lane.municipality: lane for lane in lanes}
    into = _into(lanes)
    found: dict[int, float] = {}
    taken = 0

    def place(lane: Lane) -> list[float]:
        nonlocal taken
        before = into[lane.municipality]
        above = [one for part in before for one in place(part)]
        if _arises(lane, before):
            found[lane.municipality] = (above[0] + above[-1]) / 2 if in_the_middle else above[0]
            return above
        found[lane.municipality] = float(taken)
        taken += 1
        return [*above, found[lane.municipality]]

    for lane in lanes:
        if lane.flows_into not in by_key:
            place(lane)
    return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a row is made of."""

    names: Mapping[int, str]
    words: Mapping[int, tuple[str, str] | None]
    places: Mapping[int, float]
    scale: _Scale

    def pieces(self, lane: Lane, y: float) -> tuple[Piece, ...]:
        return tuple(_piece(span, y, self.scale) for span in lane.spans)


class _Beside(_Rows):
    """Makes rows with the name left and the state right of the bar."""

    __slots__ = ()

    def row(self, lane: Lane, before: Sequence[Lane]) -> Row:
        pieces = self.pieces(lane, self.places[lane.municipality] + 6)
        y = pieces[0].y + BAR / 2 + 5
        room = min(WIDEST_NAME, pieces[0].x - GAP)
        arises = _arises(lane, before)
        name = "" if arises else _cut(self.names[lane.municipality], room)
        inside = self._inside(lane, before, pieces[0]) if arises else ""
        state, says = self.words[lane.municipality] or ("", None)
        full_name = self.names[lane.municipality]
        return Row(name, pieces[0].x - GAP, "end", y, pieces, says, state, self.scale.right + 12, y, inside, full_name)

    def _inside(self, lane: Lane, before: Sequence[Lane], bar: Piece) -> str:
        """Return what became of which rows, where the bar is dark and has room for the words."""
        old = listed([self.names[one.municipality] for one in before])
        verb = "bilden" if len(before) > 1 else "bildet"
        text = f"{old} {verb} ab {date_full(lane.first_day)} die neue Gemeinde {self.names[lane.municipality]}"
        fits = NECK + 2 * GAP + len(text) * LETTER <= bar.width
        return text if fits and bar.span.state is CoverageState.COVERED else ""


class _Above(_Rows):
    """Makes rows with name and state above the bar."""

    __slots__ = ()

    def row(self, lane: Lane, before: Sequence[Lane]) -> Row:
        y = self.places[lane.municipality]
        pieces = self.pieces(lane, y + 24)
        words = self.words[lane.municipality]
        left, room = self._name_x(lane), self.scale.right - self._name_x(lane)
        if words is None:
            return Row(_cut(self._name(lane, before), room), left, "start", y + 15, pieces)
        state, says = words
        needed = SIGN + 6 + len(says) * PLAIN_LETTER
        if len(self._name(lane, before)) * LETTER + GAP + needed > room:
            says, needed = "", SIGN
        name = _cut(self._name(lane, before), room - needed - GAP)
        sign_x, full_name = round(self.scale.right - needed, 1), self.names[lane.municipality]
        return Row(name, left, "start", y + 15, pieces, says, state, sign_x, y + 15, "", full_name)

    def _name(self, lane: Lane, before: Sequence[Lane]) -> str:
        """Return the name; nothing where the row it becomes stands in the same line and says it."""
        own = self.names[lane.municipality]
        if lane.flows_into is not None and self.places.get(lane.flows_into) == self.places[lane.municipality]:
            return ""
        old = self.names[before[0].municipality] if _arises(lane, before) else own
        return own if old == own else f"{old}, dann {own}"

    def _name_x(self, lane: Lane) -> float:
        """Return where the name begins: right of the band by which the row flows into another one."""
        if lane.flows_into is None:
            return self.scale.left
        return self.scale.at(lane.last_day + ONE_DAY) + NECK + GAP


def _piece(span: Span, y: float, scale: _Scale) -> Piece:
    x = scale.at(span.first_day)
    return Piece(span, x, y, round(max(1.0, scale.at(span.last_day + ONE_DAY) - x), 1))


def _says(lane: Lane, day: date, *, short: bool) -> tuple[str, str] | None:
    """Return the state on the day and since when, in words; None where the row has no such day."""
    span = lane.span_on(day)
    if span is None:
        return None
    since = (
        f"{span.first_day.month}/{span.first_day.year}" if short else f"{month(span.first_day)} {span.first_day.year}"
    )
    if span.state is CoverageState.GAP:
        return span.state.value, f"Lücke seit {since}"
    if span.state is CoverageState.COVERED:
        return span.state.value, f"seit {since}"
    after = next((one for one in lane.spans if one.first_day > day and one.state is CoverageState.COVERED), None)
    if span.state is CoverageState.AGREED and after:
        return span.state.value, f"ab {date_digits(after.first_day) if short else date_full(after.first_day)}"
    return span.state.value, "vereinbart" if span.state is CoverageState.AGREED else "vorgeschlagen"


def _margins(
    lanes: Iterable[Lane], names: Mapping[int, str], words: Mapping[int, tuple[str, str] | None], width: float
) -> tuple[float, float]:
    lanes = list(lanes)
    widest = max(len(names[lane.municipality]) for lane in lanes) * LETTER
    says = max((len(said[1]) for said in words.values() if said), default=0) * PLAIN_LETTER
    return round(min(WIDEST_NAME, widest) + GAP + 2, 1), width - 12 - SIGN - 6 - says


def _cut(name: str, room: float) -> str:
    """Return the name, shortened where it does not fit."""
    letters = int(room / LETTER)
    return name if len(name) <= letters else f"{name[: max(1, letters - 1)].rstrip()}…"


# Rows that flow into one


def _flows(
    lanes: Sequence[Lane], names: Mapping[int, str], places: Mapping[int, float], scale: _Scale, beside: bool
) -> Iterator[Flow]:
    """Yield how each row that ends flows into the one it becomes part of."""
    by_key = {lane.municipality: lane for lane in lanes}
    inset = 6 if beside else 24
    for target, before in _into(lanes).items():
        if target not in by_key:
            continue
        share = BAR / len(before) if _arises(by_key[target], before) else 0.0
        for number, lane in enumerate(sorted(before, key=lambda one: places[one.municipality])):
            x = scale.at(lane.last_day + ONE_DAY)
            y, end = places[lane.municipality] + inset, places[target] + inset
            first = end + share * number
            last = first + share if share else end + BAR
            span = by_key[target].span_on(lane.last_day + ONE_DAY)
            state = span.state if span else CoverageState.GAP
            yield Flow(_neck(x, y, first, last), state.value, names[lane.municipality], names[target])


def _neck(x: float, y: float, first: float, last: float) -> str:
    """Return the band from a bar at y to the part of another bar from first to last."""
    middle, end = round(x + NECK / 2, 1), round(x + NECK, 1)
    return (
        f"M{x} {y:.1f}C{middle} {y:.1f} {middle} {first:.1f} {end} {first:.1f}"
        f"V{last:.1f}C{middle} {last:.1f} {middle} {y + BAR:.1f} {x} {y + BAR:.1f}Z"
    )


# Axis, marks and flag


def _years(history: Timeline, scale: _Scale) -> Iterator[Year]:
    """Yield the years of the drawing; where they are narrow, only some are written."""
    years = range(history.first_day.year, history.last_day.year + 1)
    room = (scale.right - scale.left) / len(years)
    step = next((one for one in (1, 2, 3, 5, 10, 20, 50) if room * one >= 44), 100)
    for number, year in enumerate(years):
        first = max(history.first_day, date(year, 1, 1))
        last = min(history.last_day, date(year, 12, 31))
        found = history.step_on(last)
        x = scale.at(first)
        yield Year(
            day=last,
            x=x,
            width=round(scale.at(last + ONE_DAY) - x, 1),
            middle=_within((x + scale.at(last + ONE_DAY)) / 2, scale),
            covered=found.covered if found else 0,
            total=found.total if found else 0,
            is_written=number % step == 0,
        )


def _within(middle: float, scale: _Scale) -> float:
    """Return the middle of a year's words, so that they stay in the drawing."""
    return round(min(max(middle, scale.left + YEAR / 2), scale.right - YEAR / 2), 1)


def _mark(one: Happening, number: int, scale: _Scale) -> Mark:
    x = scale.at(one.day)
    after = x < (scale.left + scale.right) / 2
    room = scale.right - x if after else x - scale.left
    text = f"{date_digits(one.day)} {one.text}"
    letters = int((room - 5) / PLAIN_LETTER)
    return Mark(
        x=x,
        y=FLAG + 6 + LINE * number,
        text=text if len(text) <= letters else f"{text[: max(10, letters - 1)].rstrip()}…",
        text_x=round(x + 5 if after else x - 5, 1),
        anchor="start" if after else "end",
    )


def _flag(day: date, scale: _Scale, width: float) -> Flag:
    text = f"Stichtag {date_digits(day)}"
    plate = round(len(text) * LETTER + 16, 1)
    x = scale.at(day)
    return Flag(x, round(min(max(0.0, x - plate / 2), width - plate), 1), plate, text)
