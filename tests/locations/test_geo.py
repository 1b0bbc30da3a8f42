"""Are distances those of the globe, and does the box lose nobody?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations.geo import Point, bounding_box, distance_km

PEINE = Point(52.31928, 10.2352)  # GeoNames 2855047
VECHELDE = Point(52.26038, 10.36491)  # GeoNames 2817813

points = st.builds(Point, st.floats(-85, 85), st.floats(-179, 179))
german_points = st.builds(Point, st.floats(47, 55), st.floats(6, 15))


def test_peine_to_vechelde_is_eleven_kilometres_as_the_crow_flies():
    assert distance_km(PEINE, VECHELDE) == pytest.approx(11.0, abs=0.1)


def test_a_degree_of_latitude_is_111_kilometres():
    assert distance_km(Point(52, 10), Point(53, 10)) == pytest.approx(111.195, abs=0.01)


def test_opposite_ends_of_the_globe_are_half_its_circumference_apart():
    assert distance_km(Point(0, 0), Point(0, 180)) == pytest.approx(20015.1, abs=0.1)


@given(points, points)
def test_distance_is_symmetric_and_never_negative(start, end):
    assert distance_km(start, end) == pytest.approx(distance_km(end, start), abs=1e-6)
    assert distance_km(start, end) >= 0
    assert distance_km(start, start) == 0


@given(german_points, german_points, st.floats(0.1, 300))
def test_the_box_holds_every_point_within_the_radius(centre, point, radius):
    box = bounding_box(centre, radius)
    inside = box.south <= point.latitude <= box.north and box.west <= point.longitude <= box.east
    assert inside or distance_km(centre, point) > radius
