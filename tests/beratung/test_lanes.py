"""Does the drawing of the years show what the timeline says?"""

from datetime import date

import pytest

from appointments.coverage import CoverageState
from appointments.timeline import Lane, Span, Step, Timeline
from beratung.lanes import BAR, Happening, draw_lanes

FIRST, LAST = date(2014, 1, 1), date(2016, 12, 31)
DAY = date(2016, 6, 30)
GAP, AGREED, COVERED = CoverageState.GAP, CoverageState.AGREED, CoverageState.COVERED
NAMES = {1: "Altdorf", 2: "Zweidorf", 3: "Neudorf", 4: "Beispielhausen"}
MERGER = date(2015, 1, 1)


def merged(width, day=DAY, today=DAY, happenings=(), names=NAMES):
    end = date(2014, 12, 31)
    lanes = (
        Lane(1, (Span(GAP, FIRST, end),), flows_into=3),
        Lane(2, (Span(COVERED, FIRST, end),), flows_into=3),
        Lane(3, (Span(COVERED, MERGER, LAST),)),
        Lane(4, (Span(GAP, FIRST, date(2016, 6, 30)), Span(COVERED, date(2016, 7, 1), LAST))),
    )
    steps = (Step(1, 3, FIRST, end), Step(1, 2, MERGER, date(2016, 6, 30)), Step(2, 2, date(2016, 7, 1), LAST))
    return draw_lanes(Timeline(FIRST, LAST, lanes, steps), names, happenings, day, today, width)


def row(drawing, name):
    return next(row for row in drawing.rows if row.full_name == name or row.name == name)


@pytest.mark.parametrize("width", [288.0, 704.0, 1180.0])
def test_everything_stands_in_the_drawing(width):
    drawing = merged(width, happenings=[Happening(date(2016, 12, 1), "Ein Beispielereignis mit langem Namen" * 3)])
    for piece in (piece for row in drawing.rows for piece in row.pieces):
        assert drawing.left <= piece.x
        assert piece.x + piece.width <= drawing.right + 0.2
        assert drawing.top <= piece.y
        assert piece.y + BAR <= drawing.bottom
    assert drawing.flag.plate_x >= 0
    assert drawing.flag.plate_x + drawing.flag.plate_width <= width
    assert all(20 <= year.middle <= width - 20 for year in drawing.years)


def test_a_bar_begins_where_the_one_before_ends():
    first, second = row(merged(1180.0), "Beispielhausen").pieces
    assert first.x + first.width == pytest.approx(second.x, abs=0.15)


def test_two_rows_flow_into_one_between_them():
    drawing = merged(1180.0)
    assert [(flow.name, flow.into, flow.state) for flow in drawing.flows] == [
        ("Altdorf", "Neudorf", "covered"),
        ("Zweidorf", "Neudorf", "covered"),
    ]
    old, other, new = (row(drawing, name).pieces[0].y for name in ("Altdorf", "Zweidorf", "Neudorf"))
    assert new == (old + other) / 2
    assert row(drawing, "Neudorf").name == ""
    assert row(drawing, "Neudorf").inside == ""  # no room
    assert row(merged(2000.0), "Neudorf").inside == (
        "Altdorf und Zweidorf bilden ab 1.\xa0Januar\xa02015 die neue Gemeinde Neudorf"
    )


def test_on_a_phone_the_row_says_what_it_was_and_is():
    drawing = merged(288.0)
    assert row(drawing, "Neudorf").name.startswith("Altdorf, dann")
    assert [one.name for one in drawing.rows].count("") == 1
    assert len({one.name_y for one in drawing.rows}) == 3


def test_a_municipality_that_takes_in_another_keeps_its_row():
    lanes = (
        Lane(1, (Span(GAP, FIRST, date(2014, 12, 31)),), flows_into=2),
        Lane(2, (Span(COVERED, FIRST, LAST),)),
    )
    drawing = draw_lanes(Timeline(FIRST, LAST, lanes, (Step(1, 2, FIRST, LAST),)), NAMES, (), DAY, DAY, 1180.0)
    assert row(drawing, "Zweidorf").name == "Zweidorf"
    assert row(drawing, "Zweidorf").pieces[0].y > row(drawing, "Altdorf").pieces[0].y
    assert drawing.flows[0].path.endswith("Z")


def test_each_year_tells_how_many_of_how_many_on_its_last_day():
    years = merged(1180.0).years
    assert [(year.day, year.text, year.is_met) for year in years] == [
        (date(2014, 12, 31), "1/3", False),
        (date(2015, 12, 31), "1/2", False),
        (date(2016, 12, 31), "2/2", True),
    ]
    assert years[0].label == "Stand am 31.\xa0Dezember\xa02014: 1 von 3 Gemeinden abgedeckt"


def test_the_state_of_the_day_stands_at_the_end():
    assert row(merged(1180.0), "Beispielhausen").says == "Lücke seit Januar 2014"
    assert row(merged(1180.0, day=date(2016, 7, 1)), "Beispielhausen").says == "seit Juli 2016"
    assert row(merged(288.0, day=date(2016, 7, 1)), "Beispielhausen").says == "seit 7/2016"
    assert row(merged(1180.0), "Altdorf").says is None


def test_what_is_agreed_says_from_when_on():
    spans = (Span(AGREED, FIRST, date(2016, 6, 30)), Span(COVERED, date(2016, 7, 1), LAST))
    history = Timeline(FIRST, LAST, (Lane(1, spans),), (Step(0, 1, FIRST, LAST),))
    drawing = draw_lanes(history, NAMES, (), date(2016, 1, 1), DAY, 1180.0)
    assert drawing.rows[0].says == "ab 1.\xa0Juli\xa02016"
    assert drawing.rows[0].spoken == "Altdorf: vereinbart, ab 1.\xa0Juli\xa02016"


def test_a_name_too_long_is_cut_and_spoken_whole():
    long = "Beispielhausen an der langen Straße im Landkreis"
    drawn = row(merged(288.0, names=NAMES | {4: long}), long)
    assert drawn.name.endswith("…")
    assert drawn.says == ""
    assert drawn.spoken == f"{long}: Lücke"


def test_the_days_to_come_begin_tomorrow():
    assert merged(704.0, today=LAST).ahead_x is None
    drawing = merged(704.0, today=date(2016, 12, 30))
    assert 0 < drawing.ahead_width < 2


def test_what_happened_outside_the_years_is_left_to_the_table():
    happened = [Happening(date(2013, 12, 31), "davor"), Happening(FIRST, "am ersten Tag")]
    drawing = merged(704.0, happenings=happened)
    assert [mark.text for mark in drawing.marks] == ["01.01.2014 am ersten Tag"]
    assert drawing.events_left_out == 1


def test_a_day_outside_the_years_has_no_flag():
    assert merged(704.0, day=date(2017, 1, 1)).flag is None
