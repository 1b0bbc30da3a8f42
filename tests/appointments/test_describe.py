"""Does every rule have a German sentence that families understand?"""

from __future__ import annotations

from datetime import date, time

import pytest

from appointments.describe import describe, describe_briefly, describe_rule, describe_rule_briefly, describe_times
from appointments.recurrence import Monthly, Rule, SingleDates, Weekly

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (Weekly((0,)), "jeden Montag"),
        (Weekly((5, 6)), "jeden Samstag und Sonntag"),
        (Weekly((0, 2, 4)), "jeden Montag, Mittwoch und Freitag"),
        (Weekly((0, 1, 2)), "montags bis mittwochs"),
        (Weekly((0, 1, 2, 3, 4)), "montags bis freitags"),
        (Weekly(tuple(range(7))), "täglich"),
        (Weekly((2,), 2, date(2026, 1, 5)), "alle zwei Wochen mittwochs, gezählt ab dem 7. Januar 2026"),
        (
            Weekly((0, 2, 4), 3, date(2026, 1, 11)),
            "alle drei Wochen montags, mittwochs und freitags, gezählt ab dem 5. Januar 2026",
        ),
        (Weekly((1,), 12, date(2026, 1, 6)), "alle zwölf Wochen dienstags, gezählt ab dem 6. Januar 2026"),
        (Weekly((1,), 13, date(2026, 1, 6)), "alle 13 Wochen dienstags, gezählt ab dem 6. Januar 2026"),
        (
            Weekly(tuple(range(7)), 2, date(2026, 1, 6)),
            "alle zwei Wochen montags bis sonntags, gezählt ab dem 5. Januar 2026",
        ),
        (Weekly((0,), 2, date(1970, 1, 1)), "alle zwei Wochen montags, gezählt ab dem 12. Januar 1970"),
        (Weekly((6,), 2, date(2199, 12, 31)), "alle zwei Wochen sonntags, gezählt ab dem 22. Dezember 2199"),
        (Monthly((1,), (1, 3)), "jeden 1. und 3. Dienstag im Monat"),
        (Monthly((4,), (-1,)), "jeden letzten Freitag im Monat"),
        (Monthly((3,), (1, 2, -1)), "jeden 1., 2. und letzten Donnerstag im Monat"),
        (Monthly((1, 3), (1, 3)), "jeden 1. und 3. Dienstag sowie jeden 1. und 3. Donnerstag im Monat"),
        (Monthly((0, 1, 2), (4,)), "jeden 4. Montag, jeden 4. Dienstag sowie jeden 4. Mittwoch im Monat"),
        (SingleDates((date(2026, 3, 5),)), "am 5. März 2026"),
        (SingleDates((date(2026, 3, 5), date(2026, 4, 2), date(2026, 5, 7))), "am 5. März, 2. April und 7. Mai 2026"),
        (
            SingleDates((date(2026, 11, 5), date(2026, 12, 3), date(2027, 1, 7), date(2028, 1, 6))),
            "am 5. November und 3. Dezember 2026, am 7. Januar 2027 sowie am 6. Januar 2028",
        ),
    ],
)
def test_a_rule_reads_like_german(rule: Rule, sentence: str) -> None:
    assert describe_rule(rule).replace(NBSP, " ") == sentence


@pytest.mark.parametrize(
    ("start", "end", "span", "from_to"),
    [
        (time(14), time(16), "14–16 Uhr", "von 14 bis 16 Uhr"),
        (time(8, 30), time(10, 30), "8.30–10.30 Uhr", "von 8.30 bis 10.30 Uhr"),
        (time(9, 5), time(10), "9.05–10 Uhr", "von 9.05 bis 10 Uhr"),
        (time(14), None, "14 Uhr", "um 14 Uhr"),
        (time(0), time(23, 59), "0–23.59 Uhr", "von 0 bis 23.59 Uhr"),
    ],
)
def test_times_are_written_with_a_point_and_without_idle_zeros(
    start: time, end: time | None, span: str, from_to: str
) -> None:
    assert describe_times(start, end).replace(NBSP, " ") == span
    assert describe(Weekly((0,)), start, end).replace(NBSP, " ") == f"jeden Montag {from_to}"


def test_lines_do_not_break_between_a_number_and_its_word() -> None:
    assert describe_times(time(14), time(16)) == f"14–16{NBSP}Uhr"
    assert describe(SingleDates((date(2026, 10, 6),)), time(14), None) == f"am 6.{NBSP}Oktober 2026 um 14{NBSP}Uhr"


def test_the_whole_form_counts_the_weeks_and_the_brief_form_does_not() -> None:
    rule = Weekly((2,), 2, date(2026, 1, 5))
    whole = describe(rule, time(14), time(16)).replace(NBSP, " ")
    assert whole == "alle zwei Wochen mittwochs von 14 bis 16 Uhr, gezählt ab dem 7. Januar 2026"
    assert (
        describe_briefly(rule, time(14), time(16)).replace(NBSP, " ") == "alle zwei Wochen mittwochs von 14 bis 16 Uhr"
    )
    assert describe_rule_briefly(rule) == "alle zwei Wochen mittwochs"


def test_a_language_without_own_wording_gets_german() -> None:
    assert describe_rule(Weekly((0,)), "fr") == "jeden Montag"
