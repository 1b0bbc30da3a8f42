"""Is a municipality called covered on exactly the days on which it is?"""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from appointments.coverage import CoverageState, House, SlotFact, TargetRule, coverage
from appointments.occurrences import Calendar, Series
from appointments.recurrence import Monthly, SingleDates, Weekly
from locations.calendars import DayOff
from locations.succession import Term

COVERED, AGREED, PROPOSED, GAP = CoverageState
TARGET = TargetRule(frozenset({"school", "kita", "family_centre"}))
TOWN, OLD, SISTER, NEW = 1, 2, 3, 4
ALWAYS = {TOWN: Term(None, None)}
MERGER = {
    OLD: Term(None, date(2014, 12, 31), NEW),
    SISTER: Term(None, date(2014, 12, 31), NEW),
    NEW: Term(date(2015, 1, 1), None),
}
SCHOOL = House(key=10, municipality=TOWN, kind="school", first_day=date(2010, 1, 1))
FIRST, LAST = date(2026, 3, 3), date(2026, 6, 30)  # both Tuesdays
SERIES = Series(rule=Weekly((1,)), start=time(14), end=time(16), first_day=FIRST, last_day=LAST)
SLOT = SlotFact(
    key=100,
    house=SCHOOL.key,
    series=SERIES,
    proposed_on=date(2026, 1, 5),
    agreed_on=date(2026, 2, 2),
    published_on=date(2026, 2, 16),
)


def rows(day, *slots, houses=(SCHOOL,), terms=ALWAYS, target=TARGET, calendar=Calendar()):
    return coverage(day, target, terms, {house.key: house for house in houses}, slots, calendar)


def state(day, *slots, **given):
    return rows(day, *slots, **given).municipalities[0].state


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 4), GAP),
        (date(2026, 1, 5), PROPOSED),
        (date(2026, 2, 1), PROPOSED),
        (date(2026, 2, 2), AGREED),
        (FIRST - timedelta(days=1), AGREED),
        (FIRST, COVERED),
        (LAST, COVERED),
        (LAST + timedelta(days=1), GAP),
    ],
)
def test_a_slot_covers_from_its_first_day_to_its_last(day, expected):
    assert state(day, SLOT) == expected


def test_a_slot_that_began_before_it_was_published_counts_from_its_publication():
    late = replace(SLOT, published_on=date(2026, 4, 1))
    assert [state(date(2026, 3, 31), late), state(date(2026, 4, 1), late)] == [AGREED, COVERED]


def test_a_withdrawn_slot_counts_until_the_day_before():
    withdrawn = replace(SLOT, withdrawn_on=date(2026, 5, 1), series=replace(SERIES, last_day=date(2026, 4, 30)))
    assert [state(date(2026, 4, 30), withdrawn), state(date(2026, 5, 1), withdrawn)] == [GAP, GAP]
    # The last Tuesday before the withdrawal is 28 April: after it nothing is held any more.
    assert state(date(2026, 4, 28), withdrawn) == COVERED


def test_one_date_held_on_the_92nd_day_is_enough_and_on_the_93rd_is_not():
    day = date(2026, 3, 3)
    series = replace(SERIES, last_day=None)
    closed_to = lambda last: Calendar(school_holidays=(DayOff(day, last, "Ferien"),))  # noqa: E731
    paused = replace(SLOT, series=replace(series, pauses_in_school_holidays=True, rule=Weekly((1,))))
    assert (day + timedelta(days=91)).weekday() == 1
    assert state(day, paused, calendar=closed_to(day + timedelta(days=90))) == COVERED
    assert state(day, paused, calendar=closed_to(day + timedelta(days=91))) == GAP


def test_single_dates_are_no_fixed_appointment():
    single = replace(SLOT, series=replace(SERIES, rule=SingleDates((date(2026, 4, 7),))))
    assert state(date(2026, 4, 1), single) == GAP


@pytest.mark.parametrize("published_on", [None, date(2026, 2, 16)])
def test_a_slot_whose_every_date_drops_out_is_no_promise(published_on):
    series = replace(SERIES, last_day=FIRST)
    closed = replace(SLOT, series=series, published_on=published_on)
    holiday = Calendar(public_holidays={FIRST: "Beispieltag"})
    assert state(date(2026, 2, 20), closed) == AGREED
    assert state(date(2026, 2, 20), closed, calendar=holiday) == GAP


def test_a_monthly_rule_is_recurring():
    assert state(FIRST, replace(SLOT, series=replace(SERIES, rule=Monthly((1,), (1,))))) == COVERED


def test_an_association_does_not_fulfil_the_target_but_is_named():
    office = replace(SCHOOL, kind="association")
    row = rows(FIRST, SLOT, houses=(office,)).municipalities[0]
    assert (row.state, row.slots_not_counting, row.proving_slots) == (GAP, (SLOT.key,), ())


@pytest.mark.parametrize("kind", sorted(TARGET.kinds))
def test_each_kind_of_the_target_counts(kind):
    assert state(FIRST, SLOT, houses=(replace(SCHOOL, kind=kind),)) == COVERED


def test_a_house_counts_only_while_it_is_in_operation():
    short = replace(SCHOOL, first_day=date(2026, 3, 10), last_day=date(2026, 3, 17))
    found = [state(date(2026, 3, day), SLOT, houses=(short,)) for day in (9, 10, 17, 18)]
    assert found == [AGREED, COVERED, COVERED, GAP]


def test_two_slots_in_one_house_are_one_institution():
    second = replace(SLOT, key=101)
    row = rows(FIRST, SLOT, second).municipalities[0]
    assert (row.institutions, row.proving_slots, row.hangs_on_one) == ((10,), (100, 101), True)


def test_two_houses_do_not_hang_on_one():
    other = replace(SCHOOL, key=11)
    row = rows(FIRST, SLOT, replace(SLOT, key=101, house=11), houses=(SCHOOL, other)).municipalities[0]
    assert (row.institutions, row.hangs_on_one) == ((10, 11), False)


def test_a_target_of_two_houses_needs_two_distinct_ones():
    two = replace(TARGET, minimum=2)
    other = replace(SCHOOL, key=11)
    second = replace(SLOT, key=101, house=11)
    pending = replace(second, published_on=None)
    idea = replace(pending, agreed_on=None)
    houses = (SCHOOL, other)
    assert state(FIRST, SLOT, replace(SLOT, key=101), houses=houses, target=two) == GAP
    assert state(FIRST, SLOT, second, houses=houses, target=two) == COVERED
    assert state(FIRST, SLOT, pending, houses=houses, target=two) == AGREED
    assert state(FIRST, SLOT, idea, houses=houses, target=two) == PROPOSED


def test_the_merger_turns_two_rows_into_one():
    old, sister = replace(SCHOOL, municipality=OLD), replace(SCHOOL, key=11, municipality=SISTER)
    slot = replace(SLOT, series=replace(SERIES, first_day=date(2014, 3, 4), last_day=None))
    slot = replace(slot, proposed_on=date(2014, 1, 7), agreed_on=date(2014, 1, 7), published_on=date(2014, 1, 7))
    before = rows(date(2014, 12, 31), slot, houses=(old, sister), terms=MERGER)
    after = rows(date(2015, 1, 1), slot, houses=(old, sister), terms=MERGER)
    assert [(row.municipality, row.state) for row in before.municipalities] == [(OLD, COVERED), (SISTER, GAP)]
    assert [(row.municipality, row.state) for row in after.municipalities] == [(NEW, COVERED)]
    assert [(before.covered, before.total), (after.covered, after.total)] == [(1, 2), (1, 1)]


def test_a_house_entered_under_the_new_municipality_does_not_count_before_it_existed():
    house = replace(SCHOOL, municipality=NEW)
    slot = replace(SLOT, series=replace(SERIES, first_day=date(2014, 3, 4), last_day=None))
    slot = replace(slot, proposed_on=date(2014, 1, 7), agreed_on=date(2014, 1, 7), published_on=date(2014, 1, 7))
    before = rows(date(2014, 12, 31), slot, houses=(house,), terms=MERGER)
    assert {row.state for row in before.municipalities} == {GAP}
    assert rows(date(2015, 1, 1), slot, houses=(house,), terms=MERGER).covered == 1


def test_the_target_is_met_when_every_municipality_is_covered():
    terms = {TOWN: Term(None, None), 5: Term(None, None)}
    other = replace(SCHOOL, key=11, municipality=5)
    assert rows(FIRST, SLOT, terms=terms).target_met is False
    both = rows(FIRST, SLOT, replace(SLOT, key=101, house=11), houses=(SCHOOL, other), terms=terms)
    assert both.target_met is True


def test_without_a_municipality_the_target_is_not_determinable():
    assert rows(FIRST, terms={}).target_met is None
