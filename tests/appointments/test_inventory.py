"""Does the inventory count each hour once, and say why something is missing or may be double?"""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.coverage import House, SlotFact
from appointments.inventory import Double, Gap, GapReason, Share, Stock, inventory, per_thousand, year_from
from appointments.occurrences import Calendar, Change, ChangeKind, Series, held
from appointments.recurrence import Monthly, SingleDates, Weekly
from locations.succession import Term
from tests.appointments import strategies

TOWN, VILLAGE, HAMLET = 1, 2, 3
DEBT, FAMILY, CARE = 7, 8, 9
DAY = date(2026, 9, 24)
LONG_AGO = date(2024, 1, 2)
TERMS = {key: Term(None, None) for key in (TOWN, VILLAGE, HAMLET)}
HOUSES = {key: House(key=key, municipality=key, kind="association", first_day=LONG_AGO) for key in TERMS}
TUESDAYS = Series(rule=Weekly((1,)), start=time(14), end=time(16), first_day=LONG_AGO)


def stock(key=100, house=TOWN, topics=(DEBT,), provider=50, series=TUESDAYS, fact=(), **given) -> Stock:
    """Return a slot that runs since long ago, every Tuesday from 14 to 16."""
    dates = {"proposed_on": LONG_AGO, "agreed_on": LONG_AGO, "published_on": LONG_AGO} | dict(fact)
    return Stock(SlotFact(key=key, house=house, series=series, **dates), provider, frozenset(topics), **given)


def take(*stocks, day=DAY, topics=(DEBT, FAMILY, CARE), terms=TERMS, houses=HOUSES, calendar=Calendar()):
    return inventory(day, topics, terms, houses, stocks, calendar)


def ended(last_day, **given) -> Stock:
    return stock(series=replace(TUESDAYS, last_day=last_day), **given)


def test_the_window_is_twelve_months_from_the_day():
    assert year_from(DAY) == (DAY, date(2027, 9, 23))
    assert year_from(date(2028, 2, 29)) == (date(2028, 2, 29), date(2029, 2, 28))
    assert year_from(date(2027, 3, 1)) == (date(2027, 3, 1), date(2028, 2, 29))


def test_hours_a_month_are_a_twelfth_of_those_held_in_twelve_months():
    found = take(stock(series=replace(TUESDAYS, rule=Monthly((1,), (1,))))).fields[DEBT, TOWN]
    assert (found.minutes, found.hours_a_month) == (12 * 120, Decimal(2))
    assert (found.slots, found.providers) == ((100,), (50,))


def test_the_first_and_the_last_day_of_the_twelve_months_count():
    daily = replace(TUESDAYS, rule=SingleDates((DAY - timedelta(days=1), DAY, date(2027, 9, 23), date(2027, 9, 24))))
    assert take(stock(series=daily)).minutes == 240


def test_what_drops_out_is_not_counted():
    cancelled = replace(TUESDAYS, changes=(Change(date(2026, 9, 29), ChangeKind.CANCELLED),))
    assert take(stock()).minutes - take(stock(series=cancelled)).minutes == 120


def test_a_slot_with_two_topics_counts_in_both_rows_and_once_in_the_sum():
    found = take(stock(topics=(DEBT, FAMILY)))
    assert found.fields[DEBT, TOWN].minutes == found.fields[FAMILY, TOWN].minutes == found.minutes
    assert found.minutes_of == {TOWN: found.minutes, VILLAGE: 0, HAMLET: 0}
    assert found.minutes_of_topic(DEBT) == found.minutes


def test_a_topic_outside_the_list_counts_in_the_sum_alone():
    found = take(stock(topics=(99,)))
    assert (found.empty, found.slots, found.minutes > 0) == (Share(9, 9), 1, True)


def test_empty_fields_are_there():
    found = take(stock())
    assert len(found.fields) == 9
    assert found.empty == Share(8, 9)
    assert found.nowhere == (FAMILY, CARE)


def test_hours_lie_in_the_municipality_of_the_day():
    terms = {1: Term(None, date(2026, 9, 23), 2), 2: Term(DAY, None), 3: Term(DAY + timedelta(days=1), None)}
    found = take(stock(), terms=terms)
    assert (found.municipalities, found.fields[DEBT, 2].slots) == ((2,), (100,))
    assert take(stock(), terms=terms, day=DAY - timedelta(days=1)).municipalities == (1,)


@pytest.mark.parametrize(
    "fact",
    [
        {"published_on": None},
        {"published_on": DAY + timedelta(days=1)},
        {"proposed_on": DAY + timedelta(days=1), "agreed_on": None, "published_on": None},
        {"withdrawn_on": DAY},
    ],
)
def test_what_does_not_run_on_the_day_is_not_there(fact):
    assert take(stock(fact=fact)).slots == 0


# Gaps


def reasons(*stocks, **given):
    return [(gap.topic, gap.municipality, gap.reason) for gap in take(*stocks, **given).gaps]


def test_a_topic_more_than_half_of_the_municipalities_have_is_missed_by_the_others():
    assert reasons(stock(), stock(101, VILLAGE)) == [(DEBT, HAMLET, GapReason.USUAL)]
    assert reasons(stock()) == []
    four = TERMS | {4: Term(None, None)}
    assert reasons(stock(), stock(101, VILLAGE), terms=four) == []  # half is not more than half


def test_the_reason_is_said_in_words():
    gaps = take(stock(), stock(101, VILLAGE)).gaps
    assert gaps == (
        Gap(DEBT, HAMLET, GapReason.USUAL, "In 2 von 3 Gemeinden gibt es einen festen Termin, hier nicht."),
    )


def test_a_slot_under_way_shows_that_it_is_wanted():
    proposed = stock(fact={"agreed_on": None, "published_on": None})
    agreed = stock(101, fact={"published_on": None})
    for order in ([proposed, agreed], [agreed, proposed]):
        (gap,) = take(*order).gaps
        assert gap.text == "Ein fester Termin ist vereinbart, läuft aber noch nicht."
    assert take(proposed).gaps[0].text == "Ein fester Termin ist vorgeschlagen, läuft aber noch nicht."
    assert take(proposed, stock(102)).gaps == ()


@pytest.mark.parametrize(
    ("last_day", "lost"),
    [(date(2025, 9, 24), False), (date(2025, 9, 25), True), (date(2026, 9, 23), True)],
)
def test_a_slot_that_ended_in_the_last_twelve_months_is_lost(last_day, lost):
    assert bool(take(ended(last_day)).gaps) is lost


def test_the_latest_end_is_named():
    first, second = ended(date(2026, 6, 30)), ended(date(2026, 3, 31), key=101)
    (gap,) = take(first, second).gaps
    assert gap == Gap(DEBT, TOWN, GapReason.LOST, "Bis zum 30.\xa0Juni\xa02026 gab es hier einen festen Termin.")


def test_a_withdrawn_slot_ended_the_day_before():
    (gap,) = take(stock(fact={"withdrawn_on": DAY})).gaps
    assert "23.\xa0September\xa02026" in gap.text


def test_what_was_never_published_or_never_began_was_not_lost():
    assert take(ended(date(2026, 6, 30), fact={"published_on": None})).gaps == ()
    late = replace(TUESDAYS, first_day=date(2026, 12, 1))
    assert take(stock(series=late, fact={"withdrawn_on": date(2026, 9, 1)})).gaps == ()


def test_what_was_proposed_on_the_day_is_known():
    assert reasons(stock(fact={"proposed_on": DAY, "agreed_on": None, "published_on": None})) == [
        (DEBT, TOWN, GapReason.UNDER_WAY)
    ]


@pytest.mark.parametrize(("last_day", "withdrawn_on"), [(date(2026, 6, 30), DAY), (None, date(2026, 7, 1))])
def test_a_slot_ended_at_the_first_of_its_ends(last_day, withdrawn_on):
    (gap,) = take(ended(last_day, fact={"withdrawn_on": withdrawn_on})).gaps
    assert "30.\xa0Juni\xa02026" in gap.text


def test_a_slot_of_a_single_day_can_be_lost():
    day = date(2026, 6, 30)
    assert reasons(stock(series=replace(TUESDAYS, first_day=day, last_day=day))) == [(DEBT, TOWN, GapReason.LOST)]


def test_a_slot_is_not_lost_on_its_last_day():
    assert DAY.weekday() == 3  # it is held on Tuesdays: nothing comes any more, and yet it is not over
    found = take(ended(DAY))
    assert (found.slots, found.gaps) == (0, ())


def test_a_house_that_closed_ends_its_slots():
    houses = HOUSES | {TOWN: replace(HOUSES[TOWN], last_day=date(2026, 8, 31))}
    assert reasons(stock(), houses=houses) == [(DEBT, TOWN, GapReason.LOST)]


# What may be there twice


def doubles(other: Stock, one: Stock | None = None, **given):
    return take(one or stock(), other, **given).doubles


def test_two_providers_at_the_same_time_may_be_double():
    assert doubles(stock(101, provider=51, topics=(DEBT, FAMILY))) == (
        Double(
            municipality=TOWN,
            topics=(DEBT,),
            slots=(100, 101),
            days=52,
            is_in_one_house=True,
            each_speaks_more=False,
            text="Zwei Träger im selben Haus, an 52\xa0Tagen in zwölf Monaten zur selben Zeit, "
            "meist dienstags 14–16\xa0Uhr.",
        ),
    )


@pytest.mark.parametrize(
    "other",
    [
        stock(101),
        stock(101, VILLAGE, provider=51),
        stock(101, provider=51, topics=(FAMILY,)),
        stock(101, provider=51, series=replace(TUESDAYS, rule=Weekly((2,)))),
        stock(101, provider=51, series=replace(TUESDAYS, start=time(16), end=time(18))),
        stock(101, provider=51, series=replace(TUESDAYS, start=time(12), end=time(14))),
    ],
    ids=["same provider", "elsewhere", "other topic", "other day", "right after", "right before"],
)
def test_what_differs_in_one_of_these_is_not_double(other):
    assert doubles(other) == ()


def test_only_the_time_both_share_is_named():
    (double,) = doubles(stock(101, provider=51, series=replace(TUESDAYS, start=time(15, 30), end=time(18))))
    assert double.text.endswith("meist dienstags 15.30–16\xa0Uhr.")


@pytest.mark.parametrize(("days", "found"), [(2, 0), (3, 1)])
def test_a_date_or_two_at_the_same_time_are_no_double_structure(days, found):
    tuesdays = tuple(date(2026, 9, 29) + timedelta(days=7 * week) for week in range(days))
    assert len(doubles(stock(101, provider=51, series=replace(TUESDAYS, rule=SingleDates(tuesdays))))) == found


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ({"de", "ar"}, {"de", "tr"}, True),
        ({"de"}, {"de", "tr"}, False),
        ({"de", "tr"}, {"de"}, False),
        ({"de"}, {"de"}, False),
        ({"de"}, set(), False),
    ],
)
def test_two_slots_that_each_speak_more_are_probably_wanted(one, other, wanted):
    (double,) = doubles(stock(101, provider=51, languages=frozenset(other)), stock(languages=frozenset(one)))
    assert double.each_speaks_more is wanted
    assert ("vermutlich gewollt" in double.text) is wanted


# Access and guidelines


def test_an_unknown_step_is_neither_yes_nor_no():
    found = take(stock(step_free=True), stock(101, step_free=False), stock(102))
    assert (found.step_free, found.step_free.text) == (Share(1, 3, 1), "1 von 3, bei 1 nicht bekannt")
    assert take(stock(step_free=True)).step_free.text == "1 von 1"


@pytest.mark.parametrize(
    ("start", "end", "late"),
    [(time(14), time(16), 0), (time(15), time(17), 60), (time(16), time(18), 120), (time(17, 15), time(18), 45)],
)
def test_hours_after_16_are_counted_to_the_minute(start, end, late):
    once = replace(TUESDAYS, rule=SingleDates((date(2026, 9, 29),)), start=start, end=end)
    found = take(stock(series=once))
    assert found.late == Share(late, found.minutes)


def test_guidelines_and_languages_are_counted_by_slot():
    found = take(
        stock(guidelines=frozenset({1, 2}), languages=frozenset({"de"})),
        stock(101, VILLAGE, guidelines=frozenset({2}), languages=frozenset({"de", "tr"})),
        stock(102, guidelines=frozenset({3}), fact={"published_on": None}),
    )
    assert (found.guidelines, found.languages) == ({1: 1, 2: 2}, {"de": 2, "tr": 1})


def test_without_people_there_is_no_rate():
    assert per_thousand(720, 1000) == Decimal(1)
    assert per_thousand(720, None) is None
    assert per_thousand(720, 0) is None
    assert per_thousand(0, 1000) == 0


def test_without_a_municipality_the_inventory_is_empty():
    found = take(stock(), terms={})
    assert (found.empty, found.slots, found.gaps, found.minutes) == (Share(0, 0), 0, (), 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(strategies.series(), st.sets(st.sampled_from((DEBT, FAMILY)), min_size=1)), max_size=5))
def test_hours_are_those_of_the_occurrences(drawn):
    stocks = [
        stock(key, house=key % 3 + 1, topics=topics, series=series, provider=key)
        for key, (series, topics) in enumerate(drawn)
    ]
    found = take(*stocks)
    running = {key for field in found.fields.values() for key in field.slots}
    first, last = year_from(DAY)
    dates = [one for key in running for one in held(drawn[key][0], Calendar(), first, last)]
    assert found.minutes == sum(
        (one.end.hour - one.start.hour) * 60 + one.end.minute - one.start.minute for one in dates
    )
    assert sum(found.minutes_of.values()) == found.minutes
    assert len(running) == found.slots
