"""Are the models compared by the same measure, and does no cell give a small count away?"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.indicators import Activity, Count
from budget.costs import Range
from budget.pilots import Cell, Column, Indicator, SharedSlotError, borne, compare

FIRST = date(2026, 1, 6)


def done(*conversations, held=None, **given) -> Activity:
    """Return an activity of dates of two hours, the first ones counted."""
    counts = tuple(Count(FIRST + timedelta(days=7 * week), one, 120) for week, one in enumerate(conversations))
    held = len(counts) if held is None else held
    return Activity(**({"held": held, "minutes": 120 * held, "counts": counts} | given))


def column(activity, cost=None, name="Modell", slot=1) -> Column:
    return Column(name, frozenset({slot}), activity, cost)


def euros(low, likely, high) -> Range:
    return Range(Decimal(low), Decimal(likely), Decimal(high))


def cell(indicator, *given, **more) -> Cell:
    return compare([column(*given, **more)]).row(indicator).cells[0]


def test_dates_are_told_of_those_families_could_expect():
    found = cell(Indicator.DATES, done(held=33, cancelled=3, closed=8))
    assert (found.text, found.value) == ("33 von 36", 33)
    assert found.note == "3 abgesagt; 8 fielen auf Ferien, Feiertage oder Schließzeiten"
    assert cell(Indicator.DATES, done(held=2)).note == ""


@pytest.mark.parametrize(("minutes", "text"), [(3960, "66"), (1890, "31,5"), (50, "0,8"), (0, "0")])
def test_hours_are_told_with_one_place_where_needed(minutes, text):
    assert cell(Indicator.HOURS, done(minutes=minutes)).text == text


def test_costs_are_divided_by_dates_hours_and_conversations_and_rounded_once():
    given = (done(10, 20), euros(100, 200, 300))
    assert cell(Indicator.COST_PER_DATE, *given) == Cell("100\xa0€", "50 bis 150\xa0€", *map(Decimal, (100, 50, 150)))
    assert cell(Indicator.COST_PER_HOUR, *given) == Cell("50\xa0€", "25 bis 75\xa0€", *map(Decimal, (50, 25, 75)))
    found = cell(Indicator.COST_PER_CONVERSATION, *given)
    assert (found.text, found.note) == ("6,67\xa0€", "3,33 bis 10\xa0€")


def test_a_cost_without_doubt_has_no_range():
    assert cell(Indicator.COST, done(), euros(5, 5, 5)).note == ""


def test_counted_dates_bear_their_part_of_the_costs():
    # Two of four dates counted: half the costs for ten conversations.
    found = cell(Indicator.COST_PER_CONVERSATION, done(4, 6, held=4), euros(200, 200, 200))
    assert (found.text, found.note) == ("10\xa0€", "gezählt an 2 von 4 Terminen, bis 13.\xa0Januar\xa02026")


def test_what_waits_for_the_next_step_is_not_divided_by():
    found = cell(Indicator.COST_PER_CONVERSATION, done(10, 3), euros(200, 200, 200))
    assert found.text == "10\xa0€"  # the first date's half of the costs, its ten conversations


@pytest.mark.parametrize(
    ("activity", "conversations", "each"),
    [
        (done(held=3), "nicht bekannt", "nicht bekannt"),
        (done(0, 0), "0", "–"),
        (done(1), "unter 5", "nicht gezeigt"),
        (done(4), "unter 5", "nicht gezeigt"),
        (done(5), "5", "20\xa0€"),
        (done(), "0", "–"),
    ],
)
def test_conversations_are_unknown_zero_small_or_told(activity, conversations, each):
    given = (activity, euros(100, 100, 100))
    assert cell(Indicator.CONVERSATIONS, *given).text == conversations
    assert cell(Indicator.COST_PER_CONVERSATION, *given).text == each


def test_zero_of_few_counted_dates_is_said_so():
    assert cell(Indicator.CONVERSATIONS, done(0, held=9)).note == "gezählt an 1 von 9 Terminen"


def test_unknown_costs_stay_unknown_and_no_date_is_not_divided_by():
    assert {cell(one, done(9)).text for one in Indicator if "Kosten" in one} == {"nicht bekannt"}
    assert cell(Indicator.COST_PER_HOUR, done(), euros(1, 1, 1)).text == "–"
    assert cell(Indicator.COST_PER_DATE, done(), euros(1, 1, 1)).text == "–"


def test_totals_add_what_can_be_added():
    one = column(done(10, topics=frozenset({1, 2})), euros(1, 2, 3), "Team", 1)
    other = column(done(20, cancelled=1, topics=frozenset({2, 3})), euros(1, 2, 3), "Kümmerer", 2)
    found = compare([one, other])
    assert [(row.indicator, row.total.text) for row in found.rows if row.total] == [
        (Indicator.DATES, "2 von 3"),
        (Indicator.HOURS, "4"),
        (Indicator.TOPICS, "3"),
        (Indicator.CONVERSATIONS, "30"),
        (Indicator.COST, "4\xa0€"),
    ]
    assert found.row(Indicator.CONVERSATIONS).total.note == ""


def test_a_total_with_an_unknown_part_says_without_whom():
    total = compare([column(done(10), name="Team"), column(done(held=2), name="Kümmerer", slot=2)])
    found = total.row(Indicator.CONVERSATIONS).total
    assert (found.text, found.value) == ("mindestens 10", None)
    assert found.note == "ohne Kümmerer; gezählt an 1 von 3 Terminen"
    assert total.row(Indicator.COST).total.text == "nicht bekannt"
    one_known = compare([column(done(10), euros(1, 2, 3)), column(done(2), slot=2)])
    assert one_known.row(Indicator.COST).total.text == "nicht bekannt"


def test_a_line_of_the_year_is_borne_by_its_dates_alike():
    assert borne(euros(10, 20, 40), 1, 3) == Range(Decimal("3.33"), Decimal("6.67"), Decimal("13.33"))
    assert borne(euros(10, 20, 40), 3, 3) == euros(10, 20, 40)
    assert borne(euros(10, 20, 40), 0, 3) == euros(0, 0, 0)


def test_a_line_without_dates_is_borne_whole_and_an_unknown_one_stays_unknown():
    assert borne(euros(10, 20, 40), 0, 0) == euros(10, 20, 40)
    assert borne(None, 1, 3) is None


def test_the_third_model_cannot_be_worked_out_from_the_total():
    found = compare([column(done(118), slot=1), column(done(188), slot=2), column(done(3), slot=3)])
    row = found.row(Indicator.CONVERSATIONS)
    assert ([one.text for one in row.cells], row.total.text) == (["118", "188", "unter 5"], "307 bis 310")


def test_a_slot_in_two_models_is_refused():
    with pytest.raises(SharedSlotError):
        compare([column(done(5)), column(done(6))])


@pytest.mark.parametrize(("held", "warned"), [(29, True), (30, False)])
def test_few_dates_are_warned_of(held, warned):
    assert bool(compare([column(done(held=held))]).warnings) is warned
    assert "Zufall sein: Modell." in "".join(compare([column(done(held=1))]).warnings)


def test_no_model_makes_an_empty_table():
    assert all(row.cells == () and row.total is None for row in compare([]).rows)


activities = st.builds(
    lambda counts, more, cancelled: done(*counts, held=len(counts) + more, cancelled=cancelled),
    st.lists(st.integers(0, 9), max_size=4),
    st.integers(0, 2),
    st.integers(0, 2),
)
costs = st.none() | st.lists(st.decimals(0, 500, places=2), min_size=3, max_size=3).map(lambda p: Range(*sorted(p)))


def small_totals(counts):
    """Return every other way in which the same counted days can hold 1 to 4 conversations together."""
    return [other for other in product(range(5), repeat=len(counts)) if 1 <= sum(other) <= 4]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(activities, costs), min_size=1, max_size=3))
def test_no_cell_changes_with_a_hidden_count(drawn):
    """What an attacker sees is the same for every value of each hidden count: nothing can be worked out from it."""
    columns = [column(activity, cost, f"Modell {slot}", slot) for slot, (activity, cost) in enumerate(drawn)]
    published = compare(columns)
    for place, one in enumerate(columns):
        if 1 <= (one.activity.conversations or 0) <= 4:
            for other in small_totals(one.activity.counts):
                counts = tuple(
                    replace(count, conversations=number)
                    for count, number in zip(one.activity.counts, other, strict=True)
                )
                changed = replace(one, activity=replace(one.activity, counts=counts))
                assert compare([*columns[:place], changed, *columns[place + 1 :]]) == published


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(activities, costs), min_size=1, max_size=3))
def test_every_published_count_is_true(drawn):
    columns = [column(activity, cost, f"Modell {slot}", slot) for slot, (activity, cost) in enumerate(drawn)]
    row = compare(columns).row(Indicator.CONVERSATIONS)
    for one, shown in zip(columns, row.cells, strict=True):
        truth = one.activity.conversations
        if shown.value is not None:
            assert 0 <= truth - shown.value < 5
            assert shown.value == 0 or shown.value >= 5
        else:
            assert (truth is None) == (shown.text == "nicht bekannt")
