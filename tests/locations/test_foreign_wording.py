"""Are days, times, numbers and distances written as each language writes them?"""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations import wording
from locations.foreign_wording import FOREIGN, ForeignWording

DAY = date(2026, 10, 6)  # a Tuesday
NBSP = "\N{NO-BREAK SPACE}"
LANGUAGES = sorted(FOREIGN)


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "date_long", "Tuesday, 6 October"),
        ("tr", "date_long", "6 Ekim Salı"),
        ("ar", "date_long", "الثلاثاء، 6 أكتوبر"),
        ("uk", "date_long", "вівторок, 6 жовтня"),
        ("en", "date_full", "6 October 2026"),
        ("tr", "date_full", "6 Ekim 2026"),
        ("ar", "date_full", "6 أكتوبر 2026"),
        ("uk", "date_full", "6 жовтня 2026 року"),
        ("en", "date_long_full", "Tuesday, 6 October 2026"),
        ("tr", "date_long_full", "6 Ekim 2026 Salı"),
        ("en", "date_short", "6 Oct"),
        ("uk", "date_short", "6 жовт."),
        ("en", "date_with_weekday", "Tue, 6 October"),
        ("tr", "date_with_weekday", "6 Ekim Sal"),
        ("uk", "date_with_weekday", "вт, 6 жовтня"),
        ("ar", "weekday", "الثلاثاء"),
        ("ar", "weekday_short", "ثلاثاء"),
        ("uk", "month", "жовтень"),
        ("en", "date_digits", "06/10/2026"),
        ("ar", "date_digits", "6/10/2026"),
        ("uk", "date_digits", "06.10.2026"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(language: str, name: str, text: str) -> None:
    assert getattr(FOREIGN[language], name)(DAY).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("language", "days", "text"),
    [
        ("en", 0, "today"),
        ("en", 1, "tomorrow"),
        ("en", -1, "yesterday"),
        ("en", 12, "in 12 days"),
        ("en", 40, "in 40 days"),
        ("en", -3, "3 days ago"),
        ("tr", 12, "12 gün sonra"),
        ("tr", -2, "2 gün önce"),
        # Dual, 3 to 10, 11 to 99, hundreds: after these days, not "within" them.
        ("ar", 1, "غدًا"),
        ("ar", 2, "بعد يومين"),
        ("ar", 3, "بعد 3 أيام"),
        ("ar", 10, "بعد 10 أيام"),
        ("ar", 11, "بعد 11 يومًا"),
        ("ar", 100, "بعد 100 يوم"),
        ("ar", 103, "بعد 103 أيام"),
        ("uk", 2, "через 2 дні"),
        ("uk", 5, "через 5 днів"),
        ("uk", 12, "через 12 днів"),
        ("uk", 21, "через 21 день"),
        ("uk", 22, "через 22 дні"),
        ("uk", -1, "вчора"),
    ],
)
def test_how_far_a_day_is_has_the_right_plural(language: str, days: int, text: str) -> None:
    assert FOREIGN[language].relative_day(DAY + timedelta(days=days), DAY).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("language", "km", "many", "listed", "alternatives"),
    [
        ("en", "4.7 km", "12,506", "a, b and c", "a, b or c"),
        ("tr", "4,7 km", "12.506", "a, b ve c", "a, b veya c"),
        ("ar", "4.7 كم", "12,506", "a وb وc", "a أو b أو c"),
        ("uk", "4,7 км", "12 506", "a, b і c", "a, b або c"),
    ],
)
def test_numbers_and_lists_follow_the_language(
    language: str, km: str, many: str, listed: str, alternatives: str
) -> None:
    words = FOREIGN[language]
    assert words.km(4.65).replace(NBSP, " ") == km  # half up
    assert words.number(12506).replace(NBSP, " ") == many
    assert words.listed(["a", "b", "c"]) == listed
    assert words.alternatives(["a", "b", "c"]) == alternatives


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_does_not_break_between_a_number_and_its_word(language: str) -> None:
    words = FOREIGN[language]
    for said in (
        words.date_text(DAY),
        words.date_full(DAY),
        words.km(4.7),
        words.relative_day(date(2026, 10, 20), DAY),
    ):
        assert NBSP in said
        assert not any(before.isdigit() and after == " " for before, after in zip(said, said[1:], strict=False))


def test_places_after_the_point_are_rounded_half_up() -> None:
    assert FOREIGN["en"].number(Decimal("31.25"), 1) == "31.3"
    assert FOREIGN["tr"].number(Decimal("4180.5"), 2) == "4.180,50"


def test_the_capital_of_the_turkish_i_keeps_its_dot() -> None:
    assert FOREIGN["tr"].sentence_case("iki haftada bir") == "İki haftada bir"
    assert FOREIGN["en"].sentence_case("in two weeks") == "In two weeks"
    assert FOREIGN["en"].sentence_case("") == ""


def test_a_time_without_an_end_stands_alone() -> None:
    assert FOREIGN["en"].time_range(time(8, 30), None) == "8:30"
    assert FOREIGN["en"].time_range(time(8, 30), time(10)) == "8:30–10:00"


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_digits_are_western_and_day_and_year_are_said(language: str, day: date) -> None:
    said = FOREIGN[language].date_long_full(day)
    assert str(day.day) in said
    assert str(day.year) in said
    assert not any("\u0660" <= sign <= "\u0669" for sign in said)


def test_every_function_that_templates_use_exists_in_both() -> None:
    foreign = {name for name in dir(ForeignWording) if not name.startswith("_")}
    assert foreign - {"locale", "yesterday_today_tomorrow", "comma"} - {
        n for n in foreign if n.endswith("_pattern")
    } <= set(dir(wording))
