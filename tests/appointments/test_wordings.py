"""Does every rule have its own sentence in every language, with the right endings?"""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.describe import WORDINGS, describe, describe_briefly, describe_rule, describe_times
from appointments.recurrence import Monthly, Rule, SingleDates, Weekly
from tests.appointments.strategies import opening_hours, rules

FOREIGN = sorted(set(WORDINGS) - {"de"})
NBSP = "\N{NO-BREAK SPACE}"
TUESDAY = (1,)
SENTENCES = {
    "en": (
        (Weekly(TUESDAY), "every Tuesday"),
        (Weekly((1, 3)), "every Tuesday and Thursday"),
        (Weekly((0, 1, 2, 3, 4)), "every week Monday to Friday"),
        (Weekly(tuple(range(7))), "every day"),
        (Weekly(TUESDAY, 2, date(2026, 1, 6)), "every two weeks on Tuesdays, counted from 6 January 2026"),
        (Weekly((2, 3, 4), 13, date(2026, 1, 6)), "every 13 weeks Wednesday to Friday, counted from 7 January 2026"),
        (Monthly(TUESDAY, (1, 3)), "every first and third Tuesday of the month"),
        (Monthly((1, 4), (2, -1)), "every second and last Tuesday and every second and last Friday of the month"),
        (SingleDates((date(2026, 3, 5),)), "on 5 March 2026"),
        (
            SingleDates((date(2026, 3, 5), date(2026, 4, 2), date(2027, 1, 7))),
            "on 5 March and 2 April 2026 and on 7 January 2027",
        ),
    ),
    "tr": (
        (Weekly(TUESDAY), "her salı"),
        (Weekly((1, 3)), "her salı ve perşembe"),
        (Weekly((0, 1, 2, 3, 4)), "her hafta pazartesiden cumaya kadar"),
        (Weekly(tuple(range(7))), "her gün"),
        (Weekly(TUESDAY, 2, date(2026, 1, 6)), "iki haftada bir salı günü, 6 Ocak 2026 tarihinden başlayarak"),
        (
            Weekly((1, 3), 12, date(2026, 1, 6)),
            "on iki haftada bir salı ve perşembe günleri, 6 Ocak 2026 tarihinden başlayarak",
        ),
        (Monthly(TUESDAY, (1, 3)), "her ayın 1. ve 3. salı günü"),
        (Monthly((1, 4), (2, -1)), "her ayın 2. ve son salı ile 2. ve son cuma günleri"),
        (SingleDates((date(2026, 3, 5),)), "5 Mart 2026 tarihinde"),
        (SingleDates((date(2026, 3, 5), date(2027, 1, 7))), "5 Mart 2026 ile 7 Ocak 2027 tarihlerinde"),
    ),
    "ar": (
        (Weekly(TUESDAY), "كل ثلاثاء"),
        (Weekly((1, 3)), "كل ثلاثاء وخميس"),
        (Weekly((0, 1, 2, 3, 4)), "كل أسبوع من الاثنين إلى الجمعة"),
        (Weekly(tuple(range(7))), "كل يوم"),
        (Weekly(TUESDAY, 2, date(2026, 1, 6)), "كل أسبوعين يوم الثلاثاء، ابتداءً من 6 يناير 2026"),
        (Weekly((1, 3), 3, date(2026, 1, 6)), "كل ثلاثة أسابيع يومي الثلاثاء والخميس، ابتداءً من 6 يناير 2026"),
        (
            Weekly((0, 2, 4), 11, date(2026, 1, 5)),
            "كل 11 أسبوعًا أيام الاثنين والأربعاء والجمعة، ابتداءً من 5 يناير 2026",
        ),
        (Monthly(TUESDAY, (1, 3)), "أول وثالث ثلاثاء من كل شهر"),
        (Monthly((4,), (-1,)), "آخر جمعة من كل شهر"),
        (SingleDates((date(2026, 3, 5), date(2026, 4, 2))), "في 5 مارس و 2 أبريل 2026"),
    ),
    "uk": (
        (Weekly(TUESDAY), "щовівторка"),
        (Weekly((1, 3)), "щовівторка та щочетверга"),
        (Weekly((0, 1, 2, 3, 4)), "щотижня з понеділка по пʼятницю"),
        (Weekly(tuple(range(7))), "щодня"),
        (Weekly(TUESDAY, 2, date(2026, 1, 6)), "раз на два тижні у вівторок, починаючи з 6 січня 2026 року"),
        (
            Weekly((2, 3, 4), 5, date(2026, 1, 7)),
            "раз на пʼять тижнів із середи по пʼятницю, починаючи з 7 січня 2026 року",
        ),
        (Weekly((4,), 21, date(2026, 1, 9)), "раз на 21 тиждень у пʼятницю, починаючи з 9 січня 2026 року"),
        (Monthly(TUESDAY, (1, 3)), "кожного першого та третього вівторка місяця"),
        (Monthly((4,), (-1,)), "кожної останньої пʼятниці місяця"),
        (Monthly((1, 4), (2,)), "кожного другого вівторка, а також кожної другої пʼятниці місяця"),
        (SingleDates((date(2026, 3, 5), date(2027, 1, 7))), "5 березня 2026 року, а також 7 січня 2027 року"),
    ),
}


@pytest.mark.parametrize(
    ("language", "rule", "sentence"),
    [(language, rule, sentence) for language, pairs in SENTENCES.items() for rule, sentence in pairs],
)
def test_a_rule_reads_naturally(language: str, rule: Rule, sentence: str) -> None:
    assert describe_rule(rule, language).replace(NBSP, " ") == sentence


@pytest.mark.parametrize(
    ("language", "whole", "open_end", "at_eleven"),
    [
        ("en", "every Tuesday from 14:00 to 16:30", "every Tuesday at 8:30", "every Tuesday at 11:00"),
        ("tr", "her salı saat 14:00 ile 16:30 arasında", "her salı saat 8:30", "her salı saat 11:00"),
        ("ar", "كل ثلاثاء من الساعة 14:00 إلى 16:30", "كل ثلاثاء في الساعة 8:30", "كل ثلاثاء في الساعة 11:00"),
        ("uk", "щовівторка з 14:00 до 16:30", "щовівторка о 8:30", "щовівторка об 11:00"),
    ],
)
def test_times_have_24_hours_and_western_digits(language: str, whole: str, open_end: str, at_eleven: str) -> None:
    rule = Weekly(TUESDAY)
    assert describe_briefly(rule, time(14), time(16, 30), language) == whole
    assert describe(rule, time(8, 30), None, language) == open_end
    assert describe(rule, time(11), None, language) == at_eleven
    assert describe_times(time(14), time(16, 30), language) == "14:00–16:30"
    assert describe_times(time(8, 30), None, language) == "8:30"


@pytest.mark.parametrize("language", FOREIGN)
@given(rule=rules, hours=opening_hours)
def test_every_rule_has_a_sentence_that_is_not_german(language: str, rule: Rule, hours: tuple[time, time]) -> None:
    sentence = describe(rule, *hours, language)
    assert sentence == sentence.strip()
    assert "  " not in sentence
    assert sentence != describe(rule, *hours, "de")
    for moment in hours:
        assert f"{moment.hour}:{moment.minute:02}" in sentence


@pytest.mark.parametrize("language", FOREIGN)
@given(one=rules, other=rules)
def test_distinct_rules_have_distinct_sentences(language: str, one: Rule, other: Rule) -> None:
    same = describe_rule(one) == describe_rule(other)  # German is told apart by its own tests: it can be read back
    assert (describe_rule(one, language) == describe_rule(other, language)) == same


@pytest.mark.parametrize("language", FOREIGN)
def test_all_rules_of_a_few_weekdays_are_told_apart(language: str) -> None:
    """Chance would rarely draw two neighbours; here stand all of them."""
    days = [(day,) for day in range(7)] + [(a, b) for a in range(7) for b in range(a + 1, 7)]
    runs = [tuple(range(a, b)) for a in range(7) for b in range(a + 4, 8)]
    runs += combinations(range(7), 3)
    ordinals = [(n,) for n in (1, 2, 3, 4, -1)] + [(1, 3), (2, 4), (1, -1)]
    anchor = date(2026, 1, 5)
    found = [Weekly(some) for some in (*days, *runs)]
    found += [Weekly(some, interval, anchor) for some in (*days, *runs) for interval in range(2, 53)]
    said = {describe_rule(rule, language) for rule in found}
    assert len(said) == len(found)
    monthly = {describe_rule(Monthly(some, which), language) for some in days for which in ordinals}
    assert len(monthly) == len(days) * len(ordinals)
    first = date(2026, 1, 1)
    single = {describe_rule(SingleDates((first + timedelta(days=n),)), language) for n in range(800)}
    assert len(single) == 800


@pytest.mark.parametrize("language", FOREIGN)
@given(anchor=st.dates(date(2020, 1, 1), date(2030, 12, 31)), weeks=st.integers(1, 51))
def test_the_week_from_which_an_interval_counts_is_said(language: str, anchor: date, weeks: int) -> None:
    one, other = (Weekly(TUESDAY, 52, anchor + timedelta(weeks=shift)) for shift in (0, weeks))
    assert describe_rule(one, language) != describe_rule(other, language)
