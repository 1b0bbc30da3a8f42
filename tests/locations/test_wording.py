"""Does German text come out as an administration writes it, with the spaces that must not break?"""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locations import wording

TUESDAY = date(2026, 10, 6)


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (wording.date_long, "Dienstag, 6.\xa0Oktober"),
        (wording.date_text, "6.\xa0Oktober"),
        (wording.date_full, "6.\xa0Oktober\xa02026"),
        (wording.date_short, "6.\xa0Okt."),
        (wording.date_with_weekday, "Di, 6.\xa0Oktober"),
        (wording.date_digits, "06.10.2026"),
    ],
)
def test_a_day_is_written_in_each_length(write, text):
    assert write(TUESDAY) == text


def test_short_months_are_written_out_where_duden_does():
    assert wording.date_short(date(2026, 3, 1)) == "1.\xa0März"
    assert wording.date_short(date(2026, 9, 28)) == "28.\xa0Sept."


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (-2, "vor 2\xa0Tagen"),
        (-1, "gestern"),
        (0, "heute"),
        (1, "morgen"),
        (2, "in 2\xa0Tagen"),
        (12, "in 12\xa0Tagen"),
    ],
)
def test_a_day_is_told_relative_to_today(days, text):
    assert wording.relative_day(date.fromordinal(TUESDAY.toordinal() + days), TUESDAY) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (time(14), time(16), "14–16\xa0Uhr"),
        (time(8, 30), time(10, 30), "8.30–10.30\xa0Uhr"),
        (time(8, 5), time(9), "8.05–9\xa0Uhr"),
        (time(0), None, "0\xa0Uhr"),
    ],
)
def test_hours_are_written_without_needless_zeros(start, end, text):
    assert wording.time_range(start, end) == text


@pytest.mark.parametrize(
    ("amount", "short", "exact"),
    [
        (Decimal("10000.00"), "10.000\xa0€", "10.000,00\xa0€"),
        (Decimal("4180.5"), "4.180,50\xa0€", "4.180,50\xa0€"),
        (Decimal("0.005"), "0,01\xa0€", "0,01\xa0€"),
        (Decimal("-938.80"), "−938,80\xa0€", "−938,80\xa0€"),
        (Decimal("-0.001"), "0\xa0€", "0,00\xa0€"),
        (0, "0\xa0€", "0,00\xa0€"),
        (1_234_567, "1.234.567\xa0€", "1.234.567,00\xa0€"),
        (None, "nicht bekannt", "nicht bekannt"),
    ],
)
def test_money_is_rounded_half_up_and_grouped(amount, short, exact):
    assert wording.euro(amount) == short
    assert wording.euro_exact(amount) == exact


@pytest.mark.parametrize(
    ("distance_km", "text"),
    [(0.0, "0,0\xa0km"), (0.35, "0,4\xa0km"), (4.7, "4,7\xa0km"), (12.44, "12,4\xa0km"), (None, "nicht bekannt")],
)
def test_a_distance_has_one_decimal(distance_km, text):
    assert wording.km(distance_km) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0\xa0%"), (0.925, "93\xa0%"), (1, "100\xa0%"), (None, "nicht bekannt")]
)
def test_a_share_is_written_as_whole_percent(share, text):
    assert wording.percent(share) == text


def test_yes_no_and_unknown_are_three_words():
    assert [wording.yes_no(fact) for fact in (True, False, None)] == ["Ja", "Nein", "Nicht bekannt"]


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a und b"), (["a", "b", "c"], "a, b und c")]
)
def test_a_list_is_joined_with_und(words, text):
    assert wording.listed(words) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_an_exact_amount_can_be_read_back(amount):
    digits = wording.euro_exact(amount).removesuffix("\xa0€").translate(str.maketrans({".": "", ",": ".", "−": "-"}))
    assert Decimal(digits) == amount


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Schuldner- und Insolvenzberatung", "Schuldner- und Insolvenz\xadberatung"),
        ("Schwangerschaftskonfliktberatung", "Schwangerschafts\xadkonflikt\xadberatung"),
        ("Beratung, Stelle, Grundschule", "Beratung, Stelle, Grund\xadschule"),
        ("", ""),
    ],
)
def test_a_long_compound_may_break_between_its_halves(text, broken):
    assert wording.breakable(text) == broken
