"""Is every question that cannot be answered told so in German, and nothing computed?"""

import sys
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from budget.costs import Range
from budget.planner import (
    Candidate,
    Cents,
    CounsellorOffer,
    NeedBand,
    NeedWeights,
    Question,
    Rhythm,
    Safety,
    Status,
    WhyUncovered,
    Window,
    Wishes,
    solve,
    solve_coverage,
)
from tests.budget.planner.small import BASE, FIRST, PRICE, days, house, point, question

ANNA = CounsellorOffer(1, "Fachkraft 1", BASE, (days(1, 8, 16), days(2, 8, 16)), topics=frozenset({5}))
NEAR, FAR = point(3, 0), point(12, 4)


def asked(**more: object) -> Question:
    houses = (
        house(11, 1, NEAR, [days(1, 9, 12)]),
        house(12, 1, FAR, [days(2, 9, 12)]),
        house(21, 2, FAR, [days(1, 9, 12)]),
    )
    return replace(question(houses, [ANNA]), **more)


def with_house(**more: object) -> Question:
    first, *others = asked().candidates
    return replace(asked(), candidates=(replace(first, **more), *others))


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (asked(counsellors=()), "Es ist keine Fachkraft angegeben. Ohne Fachkraft gibt es keine Termine."),
        (asked(candidates=()), "Es ist keine Einrichtung angegeben, in der Termine stattfinden könnten."),
        (asked(municipalities=(), candidates=()), "Der Landkreis hat in diesem Zeitraum keine Gemeinden."),
        (asked(money=-1), "Das verfügbare Geld darf nicht negativ sein."),
        (asked(extra_money=-1), "Der zusätzliche Betrag darf nicht negativ sein."),
        (asked(rhythms=frozenset()), "Es ist kein Rhythmus erlaubt. Bitte mindestens einen auswählen."),
        (asked(last_day=FIRST.replace(year=2026)), "Der Zeitraum endet, bevor er beginnt."),
        (asked(last_day=FIRST.replace(year=2031)), "Der Zeitraum darf höchstens drei Jahre lang sein."),
        (asked(prices=()), "Für den 04.01.2027 ist kein Kilometersatz bekannt."),
        (asked(slot_minutes=10), "Die Dauer eines Termins muss zwischen 15 und 480 Minuten liegen."),
        (asked(slot_minutes=481), "Die Dauer eines Termins muss zwischen 15 und 480 Minuten liegen."),
        (asked(floor_of_dates=0), "Die Mindestzahl der Termine im Jahr muss zwischen 1 und 53 liegen."),
        (asked(most_stops=4), "Auf einer Fahrt sind 1 bis 3 Halte möglich."),
        (asked(margin_percent=101), "Der Sicherheitszuschlag muss zwischen 0 und 100 Prozent liegen."),
        (
            asked(wishes=Wishes(frozenset({11}), frozenset({11}))),
            "Beispiel-Haus 11 ist zugleich gewünscht und ausgeschlossen.",
        ),
        (
            asked(wishes=Wishes(wanted=frozenset({77}))),
            "Die gewünschte Einrichtung 77 ist nicht unter den Einrichtungen.",
        ),
        (
            asked(wishes=Wishes(wanted=frozenset({11})), only_step_free=True),
            "Die gewünschte Einrichtung kann nicht eingeplant werden. Beispiel-Haus 11 ist nicht als stufenlos bekannt.",
        ),
        (
            asked(need=NeedWeights((NeedBand(1, 0.5), NeedBand(1, 1.0)))),
            "Die Bedarfskurve muss mit jeder weiteren Stunde flacher werden.",
        ),
        (
            with_house(rent_per_date=Cents(3, 2, 1)),
            "Beispiel-Haus 11: Preise dürfen nicht negativ sein und müssen von niedrig nach hoch steigen.",
        ),
        (
            with_house(windows=(Window(1, time(12), time(9)),)),
            "Beispiel-Haus 11: Ein Zeitfenster endet, bevor es beginnt.",
        ),
        (with_house(municipality=77), "Beispiel-Haus 11: Die Gemeinde gehört nicht zur Frage."),
        (with_house(key=12), "Einrichtung 12 kommt doppelt vor."),
    ],
)
def test_a_bad_question_is_refused_in_german(bad, sentence):
    answer = solve(bad)
    assert answer.status is Status.REFUSED
    assert sentence in answer.messages
    assert not answer.slots
    assert not answer.curve


def test_a_price_that_ends_within_the_period_is_missed_on_the_day_after():
    short = replace(PRICE, last_day=date(2027, 2, 1))
    assert solve(asked(prices=(short,))).messages == ("Für den 02.02.2027 ist kein Kilometersatz bekannt.",)
    dear = replace(PRICE, eur_per_km=Range(Decimal(3), Decimal(2), Decimal(1)))
    assert "Kilometersätze" in solve(asked(prices=(dear,))).messages[0]


def test_a_house_without_coordinates_is_said_and_not_placed_at_zero():
    answer = solve_coverage(with_house(point=None))
    sentence = "Beispiel-Haus 11: Die Koordinaten fehlen; ohne sie lassen sich Weg und Kosten nicht berechnen."
    assert sentence in answer.messages
    assert 11 not in {slot.institution for slot in answer.slots}
    assert answer.covered == 2


def test_a_window_shorter_than_the_slot_is_said():
    answer = solve_coverage(with_house(windows=(Window(1, time(9), time(9, 45)),)))
    assert "Beispiel-Haus 11: Jedes freie Zeitfenster ist kürzer als ein Termin (60 Minuten)." in answer.messages


def test_without_money_nothing_is_planned_and_the_least_sum_is_named():
    answer = solve_coverage(asked(money=0))
    assert (answer.covered, answer.slots) == (0, ())
    assert {one.why for one in answer.uncovered} == {WhyUncovered.NO_MONEY}
    least = answer.uncovered[0].extra_money
    assert solve_coverage(asked(money=least - 2)).covered == 0
    assert solve_coverage(asked(money=least + 2)).covered == 1


def test_each_uncovered_municipality_names_the_first_thing_missing():
    lonely = Candidate(31, "Beispiel-Haus 31", 3, FAR, (days(5, 9, 12),))
    base = asked()
    more = (
        replace(base.municipalities[0], key=3, name="Beispielort 3"),
        replace(base.municipalities[0], key=4, name="Beispielort 4"),
    )
    points = replace(base.travel, points={**base.travel.points, 31: FAR})
    answer = solve_coverage(
        replace(
            base, municipalities=(*base.municipalities, *more), candidates=(*base.candidates, lonely), travel=points
        )
    )
    assert {one.municipality: one.why for one in answer.uncovered} == {
        3: WhyUncovered.NO_COUNSELLOR,
        4: WhyUncovered.NO_CANDIDATE,
    }
    assert (
        solve_coverage(asked(floor_of_dates=53, rhythms=frozenset({Rhythm.MONTHLY}))).uncovered[0].why
        is WhyUncovered.NO_DATES
    )


def test_topics_choose_who_is_sent():
    assert solve_coverage(asked(topics=frozenset({5, 6}))).covered == 2
    answer = solve_coverage(asked(topics=frozenset({6})))
    assert answer.covered == 0
    assert "Fachkraft 1 berät zu keinem der gewünschten Themen." in answer.messages


def test_wishes_are_kept():
    assert {slot.institution for slot in solve_coverage(asked(wishes=Wishes(wanted=frozenset({12})))).slots} == {12, 21}
    both = solve_coverage(asked(wishes=Wishes(wanted=frozenset({11, 12}))))
    assert {slot.institution for slot in both.slots} == {11, 12, 21}
    without = solve_coverage(asked(wishes=Wishes(excluded=frozenset({11}))))
    assert {slot.institution for slot in without.slots} == {12, 21}


def test_a_wanted_house_is_in_even_where_the_municipality_is_covered_already():
    base = asked()
    covered = (replace(base.municipalities[0], covered_by=(900,)), base.municipalities[1])
    answer = solve_coverage(replace(base, municipalities=covered, wishes=Wishes(wanted=frozenset({12}))))
    assert answer.covered == 2
    assert {slot.institution for slot in answer.slots} == {12, 21}


def test_wishes_that_cannot_be_fulfilled_together_are_named():
    nobody = replace(ANNA, windows=(days(1, 8, 16),))
    answer = solve(asked(counsellors=(nobody,), wishes=Wishes(wanted=frozenset({12}))))
    assert answer.status is Status.REFUSED
    assert "Beispiel-Haus 12" in answer.messages[0]


def test_a_week_holds_no_more_than_the_counsellors_hours():
    free = solve_coverage(asked(rhythms=asked().rhythms))
    assert free.covered == 2
    one = replace(ANNA, weekly_minutes=60)
    answer = solve_coverage(asked(counsellors=(one,)))
    weeks = [day.isocalendar()[:2] for slot in answer.slots for day in slot.dates]
    assert answer.covered == 2
    assert len(weeks) == len(set(weeks))
    assert solve_coverage(asked(counsellors=(replace(ANNA, weekly_minutes=30),))).covered == 0


@pytest.mark.parametrize(("safety", "percent"), [(Safety.HIGH, 0), (Safety.MARGIN, 25)])
def test_a_cautious_asker_needs_more_money(safety, percent):
    likely = solve_coverage(asked())
    careful = asked(safety=safety, margin_percent=percent, money=likely.measured + 3)
    assert solve_coverage(careful).covered < likely.covered
    assert solve_coverage(replace(careful, money=likely.measured * 2)).covered == likely.covered


def test_a_missing_solver_is_a_german_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    answer = solve(asked())
    assert answer.status is Status.FAILED
    assert answer.messages == ("Das Rechenwerk HiGHS (Paket highspy) ist nicht installiert. Es wurde nichts geändert.",)


def test_who_cancels_gets_nothing_half_done():
    answer = solve(asked(), cancelled=lambda: True)
    assert (answer.status, answer.slots) == (Status.CANCELLED, ())


def test_progress_tells_value_and_bound():
    told = []
    solve(asked(extra_money=1000), on_progress=told.append)
    assert [one.part for one in told][0] == "tours"
    assert {"curve", "alternatives", "backup", "need"} <= {one.part for one in told}
    assert all(one.gap == 0 for one in told if one.part == "curve")
