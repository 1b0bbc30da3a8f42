"""Does everything in the map and the bar stand where it belongs, and nothing on top of anything?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beratung.figures import (
    Place,
    Spot,
    boundary_rings,
    draw_bar,
    draw_map,
    draw_whisker,
    end_of_scale,
    place_labels,
    steps_up_to,
)
from budget.costs import Account, Range, Stage, account
from locations.geo import Point

# As the real municipalities of Peine lie in 2014: eight of them, two only two kilometres apart.
EIGHT = [
    ("Edemissen", 52.38746, 10.263529, 12506),
    ("Hohenhameln", 52.258403, 10.062749, 9636),
    ("Ilsede", 52.2675, 10.22361, 11427),
    ("Lahstedt", 52.25, 10.21667, 9930),
    ("Lengede", 52.204873, 10.306207, 14575),
    ("Peine", 52.321764, 10.227076, 51521),
    ("Vechelde", 52.260798, 10.373038, 18419),
    ("Wendeburg", 52.326393, 10.385712, 10482),
]
SQUARE = {"type": "Polygon", "coordinates": [[[10.0, 52.2], [10.4, 52.2], [10.4, 52.4], [10.0, 52.4], [10.0, 52.2]]]}


def place(name="Beispieldorf", latitude=52.3, longitude=10.2, population=10_000, **given) -> Place:
    point = None if latitude is None else Point(latitude, longitude)
    plain = Place(key=hash(name), name=name, point=point, population=population, state="covered", word="abgedeckt")
    return replace(plain, **given)


def eight() -> list[Place]:
    return [place(*row) for row in EIGHT]


def by_name(drawing):
    return {shape.place.name: shape for shape in drawing.shapes}


@pytest.mark.parametrize("width", [384, 288])
def test_no_label_of_eight_municipalities_touches_another(width):
    labels = [shape.label for shape in draw_map(eight(), width).shapes]
    assert all(label.text for label in labels)
    assert not [pair for pair in combinations(labels, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize("width", [384, 288])
def test_every_label_and_circle_stays_in_the_drawing(width):
    drawing = draw_map(eight(), width)
    for shape in drawing.shapes:
        assert shape.label.x >= 0
        assert shape.label.x + shape.label.width <= drawing.width
        assert shape.label.y >= 0
        assert shape.label.y + shape.label.height <= drawing.height
        assert shape.radius <= shape.x <= drawing.width - shape.radius
        assert shape.radius <= shape.y <= drawing.height - shape.radius


def test_the_area_of_a_circle_is_as_the_population():
    shapes = by_name(draw_map(eight(), 384))
    ratio = (shapes["Peine"].radius / shapes["Lengede"].radius) ** 2
    assert ratio == pytest.approx(51521 / 14575, rel=0.02)


def test_north_is_up_and_east_is_right():
    shapes = by_name(draw_map(eight(), 384))
    assert shapes["Edemissen"].y < shapes["Peine"].y < shapes["Lengede"].y
    assert shapes["Hohenhameln"].x < shapes["Peine"].x < shapes["Wendeburg"].x


def test_a_kilometre_is_as_long_northwards_as_eastwards():
    # At 52.3° north, 0.1° of latitude are as long as 0.1635° of longitude.
    north = by_name(draw_map([place("a", 52.25, 10), place("b", 52.35, 10), place("c", 52.25, 10.1635)], 384))
    assert north["c"].x - north["a"].x == pytest.approx(north["a"].y - north["b"].y, rel=0.01)


def test_an_unknown_population_is_the_smallest_circle_and_said():
    drawing = draw_map([*eight(), place("Beispieldorf", 52.4, 10.1, None)], 384)
    assert drawing.unpeopled == ("Beispieldorf",)
    assert by_name(drawing)["Beispieldorf"].radius == 9


def test_a_population_of_zero_is_not_unknown():
    drawing = draw_map([*eight(), place("Beispieldorf", 52.4, 10.1, 0)], 384)
    assert drawing.unpeopled == ()
    assert by_name(drawing)["Beispieldorf"].radius == 2


def test_a_municipality_without_a_point_is_named_as_missing():
    drawing = draw_map([*eight(), place("Nirgendwo", None, None)], 384)
    assert drawing.missing == ("Nirgendwo",)
    assert len(drawing.shapes) == 8


def test_without_any_point_there_is_no_map():
    assert draw_map([], 384) is None
    assert draw_map([place("Nirgendwo", None, None)], 384) is None


def test_a_single_municipality_stands_in_the_middle():
    (shape,) = draw_map([place()], 384).shapes
    assert shape.x == 192


def test_two_municipalities_on_one_point_are_both_drawn():
    drawing = draw_map([place("a"), place("b")], 384)
    assert len({shape.label.y for shape in drawing.shapes}) == 2


def test_a_boundary_is_drawn_instead_of_the_circle():
    drawing = draw_map([place("Umriss", None, None, boundary=SQUARE), place("Kreis")], 384)
    shapes = by_name(drawing)
    assert shapes["Umriss"].path.startswith("M")
    assert shapes["Umriss"].path.endswith("Z")
    assert shapes["Umriss"].path.count("L") == 4
    assert shapes["Kreis"].path == ""
    assert drawing.is_schematic
    assert not draw_map([place("Umriss", boundary=SQUARE)], 384).is_schematic


def test_a_label_stands_on_its_boundary():
    (shape,) = draw_map([place("Umriss", boundary=SQUARE)], 384).shapes
    assert shape.label.x + shape.label.width / 2 == pytest.approx(192, abs=0.2)
    assert shape.leads_to is None


def test_a_multipolygon_and_a_feature_are_understood():
    several = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], SQUARE["coordinates"]]}
    assert len(boundary_rings(several)) == 2
    assert boundary_rings({"type": "Feature", "geometry": SQUARE}) == boundary_rings(SQUARE)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "Polygon",
        [],
        {},
        {"type": "Point", "coordinates": [10, 52]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": None},
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
        {"type": "Polygon", "coordinates": [[[1]]]},
        {"type": "MultiPolygon", "coordinates": 7},
        {"type": "Polygon", "coordinates": [[[10, 52], [11, 52]]]},
    ],
)
def test_a_broken_boundary_leaves_the_circle(broken):
    assert boundary_rings(broken) == []
    (shape,) = draw_map([place(boundary=broken)], 384).shapes
    assert shape.path == ""


SPOTS = st.builds(
    Spot, st.text("abc", min_size=1, max_size=12), st.floats(20, 360), st.floats(20, 360), st.floats(0, 40)
)


@given(st.lists(SPOTS, max_size=12), st.booleans())
def test_labels_with_names_never_touch(spots, signs):
    labels = [label for label in place_labels(spots, 384, 400, signs=signs) if label.text]
    assert not [pair for pair in combinations(labels, 2) if pair[0].overlaps(pair[1])]


def sums(paid="0", committed="0", low="0", likely="0", high="0", available="10000") -> Account:
    cells = {
        ("rent", Stage.PAID): Range.exactly(Decimal(paid)),
        ("rent", Stage.COMMITTED): Range.exactly(Decimal(committed)),
        ("rent", Stage.PLANNED): Range(Decimal(low), Decimal(likely), Decimal(high)),
    }
    return Account(date(2026, 9, 24), Decimal(available), cells)


@pytest.mark.parametrize("width", [720, 288])
def test_the_bar_is_as_long_as_the_money(width):
    bar = draw_bar(sums("4000", "2000", "900", "1000", "1300"), width)
    paid, committed, planned = bar.segments
    assert paid.x == 10
    assert paid.width == pytest.approx(2 * committed.width, abs=0.2)
    assert committed.x == pytest.approx(paid.x + paid.width, abs=0.1)
    assert planned.x + planned.width == pytest.approx(bar.likely_x, abs=0.2)
    assert bar.low_x < bar.likely_x < bar.high_x < bar.money_x < width


def test_the_scale_begins_at_zero_and_reaches_the_money():
    ticks = draw_bar(sums("4000"), 720).ticks
    assert [tick.amount for tick in ticks] == [0, 2000, 4000, 6000, 8000, 10000]
    assert [tick.is_last for tick in ticks] == [False] * 5 + [True]


@pytest.mark.parametrize("available", ["0", "1", "7", "999", "10000", "123456.78", "99999999.99"])
@pytest.mark.parametrize("width", [720, 288])
def test_the_scale_has_a_few_steps_for_any_money(available, width):
    bar = draw_bar(sums(available=available), width)
    assert 1 <= len(bar.ticks) <= 8
    assert bar.ticks[0].amount == 0
    assert sum(tick.is_last for tick in bar.ticks) == 1
    assert bar.segments == ()


def test_payments_above_the_money_stay_in_the_drawing():
    bar = draw_bar(sums("12000"), 720)
    assert bar.money_x < bar.segments[0].x + bar.segments[0].width < 720


def test_a_word_stands_in_its_segment_only_where_it_fits():
    words = [segment.word for segment in draw_bar(sums("8000", "10", "500", "500", "500"), 720).segments]
    assert words == ["bezahlt", "", ""]


# What the committee's later drawings need

BENT = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 1], [1, 1], [1, 4], [0, 4], [0, 0]]]}


def test_a_label_stands_inside_a_bent_area_not_in_the_middle_of_its_box():
    drawing = draw_map([place(latitude=None, boundary=BENT)], 384)
    shape = drawing.shapes[0]
    corners = [tuple(map(float, corner.split())) for corner in shape.path.strip("MZ").split("L")]
    crossings = sum(
        (y1 <= shape.y) != (y2 <= shape.y) and shape.x < x1 + (shape.y - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]])
    )
    assert crossings % 2 == 1


def test_a_map_of_words_writes_them_beside_the_names():
    drawing = draw_map([place("A", 52, 10), place("B", 52.3, 10.4)], 384, with_words=True)
    assert not drawing.has_signs_in_labels
    assert {shape.label.text for shape in drawing.shapes} == {
        f"{one.place.name} {one.place.word}" for one in drawing.shapes
    }


@pytest.mark.parametrize(
    ("largest", "end"),
    [("0.5", 1), ("1", 1), ("1.01", 2), ("4.5", 6), ("9", 10), ("14.62", 20), ("29.25", 30), ("101", 200)],
)
def test_a_scale_ends_at_a_round_amount(largest, end):
    assert end_of_scale(Decimal(largest)) == end


def test_a_whisker_stays_in_its_cell():
    whisker = draw_whisker(Range(Decimal(0), Decimal(5), Decimal(10)), Decimal(10), 160)
    assert (whisker.low_x, whisker.likely_x, whisker.high_x) == (5, 80, 155)


@pytest.mark.parametrize(("largest", "last"), [("0", "0.04"), ("2.68", "4"), ("4", "4"), ("4.01", "8"), ("17", "20")])
def test_equal_steps_reach_the_largest_amount(largest, last):
    steps = steps_up_to(Decimal(largest))
    assert steps[-1] == Decimal(last)
    assert len({two - one for one, two in pairwise((Decimal(0), *steps))}) == 1


def test_the_whisker_of_the_bar_goes_over_the_forecast():
    sums = account([], Decimal(100), date(2026, 1, 1))
    bar = draw_bar(sums, 720, Range(Decimal(50), Decimal(60), Decimal(200)))
    assert bar.low_x < bar.likely_x < bar.money_x < bar.high_x < 720
