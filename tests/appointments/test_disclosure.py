"""Can anybody work out a count of 1 to 4 from what is published?"""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.disclosure import Published, Settled, settled
from appointments.indicators import Activity, Count

FIRST = date(2026, 1, 6)


def counted(*conversations, held=None) -> Activity:
    """Return the activity of one slot with a date of an hour every day."""
    days = [FIRST + timedelta(days=number) for number in range(len(conversations))]
    counts = tuple(Count(day, number, 60) for day, number in zip(days, conversations, strict=True))
    held = len(counts) if held is None else held
    return Activity(held=held, minutes=60 * held, counts=counts)


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "nicht bekannt"), (0, "0"), (1, "unter 5"), (4, "unter 5"), (5, "5"), (1234, "1.234")],
)
def test_a_count_of_one_to_four_is_not_told(count, text):
    assert Published.of(count).text == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((118, 188), "306"),
        ((118, 3), "119 bis 122"),
        ((118, 3, 2), "120 bis 126"),
        ((3, 0), "unter 5"),
        ((3, 2), "2 bis 8"),
        ((118, None), "mindestens 118"),
        ((3, None), "mindestens 1"),
        ((None, 0), "nicht bekannt"),
    ],
)
def test_a_total_is_a_sum_of_what_is_published(counts, text):
    total = Published(0, 0)
    for count in counts:
        total += Published.of(count)
    assert total.text == text


@given(st.lists(st.integers(0, 12) | st.none(), min_size=1, max_size=5), st.data())
def test_a_total_does_not_change_with_a_hidden_count(counts, data):
    others = [data.draw(st.integers(1, 4)) if count in (1, 2, 3, 4) else count for count in counts]

    def total(of):
        published = Published(0, 0)
        for count in of:
            published += Published.of(count)
        return published

    assert total(counts) == total(others)


def test_only_a_count_known_exactly_is_exact():
    assert [Published.of(count).exact for count in (None, 0, 1, 4, 5)] == [None, 0, None, None, 5]


def test_a_running_count_grows_by_five_at_least():
    steps = [settled(counted(*([3, 1, 1, 4, 0, 2][:number]))).conversations.text for number in range(7)]
    assert steps == ["0", "unter 5", "unter 5", "5", "5", "5", "11"]


def test_a_settled_count_says_of_which_days_it_is():
    found = settled(counted(3, 2, 4))
    assert found == Settled(Published(5, 5), FIRST + timedelta(days=1), dates=2, minutes=120)


def test_before_the_first_step_no_day_is_named():
    assert settled(counted(3)) == Settled(Published(1, 4), None, dates=1, minutes=60)


def test_where_nobody_counted_the_count_is_unknown():
    assert settled(counted(held=3)).conversations.text == "nicht bekannt"
    assert settled(counted()).conversations.text == "0"


def test_the_slots_of_one_day_step_together():
    one = Activity(held=2, counts=(Count(FIRST, 3, 60), Count(FIRST, 3, 60)))
    assert settled(one) == Settled(Published(6, 6), FIRST, dates=2, minutes=120)
    other = Activity(held=2, counts=(Count(FIRST, 3, 60), Count(FIRST, 5, 60)))
    assert (
        settled(other) == settled(replace(other, counts=other.counts[::-1])) == Settled(Published(8, 8), FIRST, 2, 120)
    )


def history(days):
    """Return what somebody sees who asks for every day of the period."""
    return tuple(settled(counted(*days[:number])) for number in range(1, len(days) + 1))


@pytest.mark.parametrize(("length", "most", "tried"), [(3, 13, 8), (4, 9, 4)])
def test_who_asks_for_every_day_cannot_work_out_a_small_count(length, most, tried):
    """Every history of so many days: of each, all sequences that look the same are what an attacker cannot tell apart."""
    alike = defaultdict(list)
    for days in product(range(most + 1), repeat=length):
        alike[history(days)].append(days)
    windows = [(start, end) for start in range(length) for end in range(start + 1, length + 1)]
    for candidates in alike.values():
        # Larger numbers would have doubles beyond the ones tried here.
        if max(map(max, candidates)) > tried:
            continue
        for start, end in windows:
            sums = {sum(days[start:end]) for days in candidates}
            assert sums - {1, 2, 3, 4} or len(sums) > 1, candidates
