"""Is a house counted in the right municipality on every day of a merger?"""

from datetime import date

import pytest

from locations.succession import SuccessionError, Term, municipality_on

OLD, SISTER, NEW, OTHER = 1, 2, 3, 4
LAST = date(2014, 12, 31)
FIRST = date(2015, 1, 1)
TERMS = {
    OLD: Term(date(1971, 2, 1), LAST, NEW),
    SISTER: Term(date(1971, 2, 1), LAST, NEW),
    NEW: Term(FIRST, None),
    OTHER: Term(None, None),
}


def test_the_last_day_still_belongs_to_the_old_municipality():
    assert municipality_on(TERMS, OLD, LAST) == OLD


def test_the_first_day_belongs_to_the_successor():
    assert municipality_on(TERMS, OLD, FIRST) == NEW
    assert municipality_on(TERMS, SISTER, FIRST) == NEW


def test_a_house_entered_under_the_new_municipality_is_nowhere_before_it_existed():
    assert municipality_on(TERMS, NEW, LAST) is None


def test_a_municipality_without_dates_exists_always():
    assert municipality_on(TERMS, OTHER, date(1900, 1, 1)) == OTHER


def test_a_municipality_that_ended_without_a_successor_is_nowhere():
    assert municipality_on({1: Term(None, LAST)}, 1, FIRST) is None


def test_an_unknown_municipality_is_nowhere():
    assert municipality_on(TERMS, 99, FIRST) is None


def test_a_chain_of_two_mergers_is_followed_to_its_end():
    terms = {1: Term(None, LAST, 2), 2: Term(FIRST, date(2019, 12, 31), 3), 3: Term(date(2020, 1, 1), None)}
    assert municipality_on(terms, 1, date(2020, 1, 1)) == 3


def test_a_gap_between_a_municipality_and_its_successor_belongs_to_nobody():
    terms = {1: Term(None, LAST, 2), 2: Term(date(2016, 1, 1), None)}
    assert municipality_on(terms, 1, FIRST) is None


def test_a_circle_of_successors_is_an_error_and_not_an_endless_loop():
    terms = {1: Term(None, LAST, 2), 2: Term(None, LAST, 1)}
    with pytest.raises(SuccessionError, match="im Kreis"):
        municipality_on(terms, 1, FIRST)
