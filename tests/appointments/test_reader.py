"""Is every determinate phrase read right, and every other one answered with the reason?"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appointments.describe import describe, describe_rule
from appointments.reader import MAX_LENGTH, Reading, ReadItem, read_phrase
from appointments.recurrence import MAX_DATES, Monthly, Rule, SingleDates, Weekly

TABLES = Path(__file__).parent
UNCLEAR = "unklar: "


def labelled(table: str) -> Iterator[tuple[str, str]]:
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["phrase"], row["expected"]


def notation(reading: Reading) -> str:
    """Return the reading as it is labelled in the tables."""
    if reading.unclear is not None:
        return UNCLEAR + reading.unclear
    items = " | ".join(map(item_notation, reading.items))
    first = reading.items[0]
    season = f" ; monate={first.season[0]}-{first.season[1]}" if first.season else ""
    holidays = f" ; ferien={first.school_holidays}" if first.school_holidays else ""
    return items + season + holidays + (" ; auch=vereinbarung" if reading.also_by_appointment else "")


def item_notation(item: ReadItem) -> str:
    times = f" {item.start:%H:%M}-" if item.start else ""
    return rule_notation(item.rule) + times + (f"{item.end:%H:%M}" if item.end else "")


def rule_notation(rule: Rule) -> str:
    if isinstance(rule, SingleDates):
        return ",".join(map(str, rule.dates))
    days = rule.text.split("BYDAY=")[1]
    return f"{rule.interval}W@{rule.anchor}:{days}" if isinstance(rule, Weekly) and rule.interval > 1 else days


def verdict(phrase: str, expected: str) -> str:
    """Return "right", "unread" (a determinate phrase called unclear) or "wrong"."""
    reading = read_phrase(phrase)
    if expected.startswith(UNCLEAR):
        return "right" if reading.unclear is not None else "wrong"
    if reading.unclear is not None:
        return "unread"
    return "right" if notation(reading) == expected else "wrong"


def test_no_real_phrase_is_read_wrongly_and_hardly_one_is_left_unread() -> None:
    table = list(labelled("phrases.tsv"))
    wrong, unread = with_verdict("wrong", table), with_verdict("unread", table)
    determinate = sum(not expected.startswith(UNCLEAR) for _, expected in table)
    print(f"{len(wrong)} wrong, {len(unread)} of {determinate} determinate phrases unread: {unread}")
    assert wrong == []
    assert len(unread) < 0.05 * determinate


def test_every_tricky_phrase_is_read_as_labelled() -> None:
    table = list(labelled("tricky_phrases.tsv"))
    assert with_verdict("wrong", table) == []
    assert with_verdict("unread", table) == []


def with_verdict(wanted: str, table: list[tuple[str, str]]) -> list[str]:
    return [phrase for phrase, expected in table if verdict(phrase, expected) == wanted]


TABLE_NAMES = ("phrases.tsv", "tricky_phrases.tsv")
UNCLEAR_ROWS = [row for name in TABLE_NAMES for row in labelled(name) if row[1].startswith(UNCLEAR)]


def test_the_table_holds_every_one_of_the_real_phrases() -> None:
    assert len(list(labelled("phrases.tsv"))) == 231
    assert len(list(labelled("tricky_phrases.tsv"))) >= 60


@pytest.mark.parametrize(("phrase", "expected"), UNCLEAR_ROWS)
def test_the_reason_names_the_part_that_stands_in_the_way(phrase: str, expected: str) -> None:
    reading = read_phrase(phrase)
    assert reading.items == ()
    assert reading.unclear is not None
    assert expected.removeprefix(UNCLEAR).lower() in reading.unclear.lower()
    assert reading.unclear.endswith((".", "?"))


some_day = st.dates(date(1970, 1, 1), date(2199, 12, 31))
weekdays = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple)
ordinals = st.lists(st.sampled_from((1, 2, 3, 4, -1)), min_size=1, max_size=5, unique=True).map(tuple)
rules = (
    st.builds(Weekly, weekdays, st.integers(1, 52), some_day)
    | st.builds(Monthly, weekdays, ordinals)
    | st.builds(SingleDates, st.lists(some_day, min_size=1, max_size=12, unique=True).map(tuple))
)
minutes = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
spans = st.lists(minutes, min_size=1, max_size=2, unique=True).map(lambda times: (*sorted(times), None)[:2])


@settings(max_examples=400, deadline=None)
@given(rule=rules, span=spans)
def test_what_the_describer_says_the_reader_reads_as_the_same_rule(rule: Rule, span: tuple[time, time | None]) -> None:
    reading = read_phrase(describe(rule, *span))
    assert reading.unclear is None
    assert [(item.rule, item.start, item.end) for item in reading.items] == [(rule, *span)]
    assert [(item.rule, item.start) for item in read_phrase(describe_rule(rule)).items] == [(rule, None)]


def test_every_weekly_and_every_monthly_rule_is_read_back() -> None:
    subsets = [tuple(day for day in range(7) if mask >> day & 1) for mask in range(1, 128)]
    monthly = [tuple(n for bit, n in enumerate((1, 2, 3, 4, -1)) if mask >> bit & 1) for mask in range(1, 32)]
    weekly: list[Rule] = [
        Weekly(days, interval, date(2026, 1, 8)) for days in subsets for interval in (1, 2, 12, 13, 52)
    ]
    for rule in [*weekly, *(Monthly(days, numbers) for days in subsets[:40] for numbers in monthly)]:
        assert [item.rule for item in read_phrase(describe_rule(rule)).items] == [rule]


def test_the_longest_list_of_dates_is_read_back() -> None:
    rule = SingleDates(tuple(date(1970 + n % 230, 9 + n // 230, 28) for n in range(MAX_DATES)))
    assert [item.rule for item in read_phrase(describe(rule, time(23, 30), time(23, 45))).items] == [rule]


VOCABULARY = """
Mo Di Dienstag dienstags Mi. So so 1. 3. 5. letzten jeden jeder im Monat monatlich einmal alle zwei 14 Tage Wochen ab am
bis von und oder 14 16 Uhr 8.30 19:00 5.3.2026 3. März April - – / , ; : ( ) & + nach Vereinbarung außer in den Ferien
Beratung Raum 12 findet statt ungerade KW nicht zwischen um täglich wöchentlich \x00 🙂 ² ١ Fr. Müller
"""
words = st.sampled_from(VOCABULARY.split())


@settings(max_examples=600, deadline=None)
@given(
    text=st.lists(words, max_size=14).map(" ".join) | st.lists(words, max_size=8).map("".join) | st.text(max_size=80)
)
def test_any_text_gets_items_or_a_reason_and_never_an_error(text: str) -> None:
    for reading in (read_phrase(text), read_phrase(text, anchor=date(2026, 1, 5), year=2026)):
        assert bool(reading.items) != bool(reading.unclear)


@pytest.mark.parametrize("text", ["Mo " * 5000, "9" * 20_000, "\x00" * 10_000, "🙂" * 10_000, "a" * (MAX_LENGTH + 1)])
def test_an_endless_text_is_refused_at_a_limit_that_is_named(text: str) -> None:
    assert read_phrase(text).unclear == "Mehr als 9999 Zeichen werden nicht gelesen."


@pytest.mark.parametrize(
    "part",
    ["Mo ", "Mo, ", "1. ", "1. und ", "9", "ab ", "1 € ", "findet ", "5. März, ", "Di 5. März ", "1.1., ", "und nach "],
)
def test_a_text_of_the_greatest_length_is_answered(part: str) -> None:
    assert read_phrase((part * MAX_LENGTH)[:MAX_LENGTH]).unclear
    assert read_phrase(("alle zwei Wochen " + part * MAX_LENGTH)[:MAX_LENGTH]).unclear


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "-", "\x00", "Mo 8-12\x00", "Mo\ufffd8-12"])
def test_nothing_or_nonsense_is_unclear(text: str) -> None:
    assert read_phrase(text).unclear
    assert "\x00" not in str(read_phrase(text).unclear)


@pytest.mark.parametrize(
    "text",
    [
        "Mo 8-12 Uhr",
        "Mo 8\x9612 Uhr",
        "Mo 8\u201312\u00a0Uhr",
        "Mo\u202f8 \u2212 12\u202fUhr",
        "Mo\t8--12 Uhr",
        "Mo\n8-12 Uhr",
        "\ufeffMo 8-12 Uhr",
        "Mo\u00adn\u00adtag 8-12 Uhr",
        "MONTAG 8-12 UHR",
        "„Mo“ 8—12 Uhr",
    ],
)
def test_other_dashes_spaces_and_quotes_change_nothing(text: str) -> None:
    assert notation(read_phrase(text)) == "MO 08:00-12:00"


def test_decomposed_umlauts_are_umlauts() -> None:
    assert notation(read_phrase("am 5. Ma\u0308rz 2026")) == "2026-03-05"


def test_two_lines_of_a_cell_are_two_items() -> None:
    assert notation(read_phrase("Mo 8-12\r\nDo 14-18 Uhr")) == "MO 08:00-12:00 | TH 14:00-18:00"


def test_an_interval_without_a_day_to_count_from_needs_the_anchor() -> None:
    phrase = "alle zwei Wochen mittwochs 14–16 Uhr"
    assert read_phrase(phrase).unclear == "„alle 2 Wochen“: Es fehlt ein Tag, von dem an gezählt wird."
    anchored = ReadItem(Weekly((2,), 2, date(2026, 1, 5)), time(14), time(16))
    assert read_phrase(phrase, anchor=date(2026, 1, 9)).items == (anchored,)


def test_a_day_in_the_phrase_goes_before_the_anchor_and_is_the_first_day() -> None:
    expected = ReadItem(Weekly((1,), 2, date(2026, 1, 6)), time(14), None, first_day=date(2026, 1, 6))
    assert read_phrase("alle 14 Tage dienstags 14 Uhr ab 6.1.2026", anchor=date(2026, 1, 13)).items == (expected,)
    counted = read_phrase("alle 14 Tage dienstags 14 Uhr, gezählt ab dem 6.1.2026").items
    assert counted == (replace(expected, first_day=None),)


def test_an_anchor_changes_nothing_where_no_interval_is_written() -> None:
    assert notation(read_phrase("Mo 8-12 Uhr", anchor=date(2026, 1, 6))) == "MO 08:00-12:00"
    assert read_phrase("jeden zweiten Dienstag", anchor=date(2026, 1, 6)).unclear


def test_single_dates_without_a_year_take_the_one_given() -> None:
    phrase = "am 5. März, 2. April und 7. Mai, 14 Uhr"
    assert read_phrase(phrase).unclear == "„7. Mai“: Es fehlt das Jahr."
    assert notation(read_phrase(phrase, year=2026)) == "2026-03-05,2026-04-02,2026-05-07 14:00-"
    assert read_phrase("am 29. Februar", year=2027).unclear == "„29. Februar 2027“: Diesen Tag gibt es nicht."
    assert read_phrase("am 5. November und 7. Januar", year=2026).unclear
    assert notation(read_phrase("Do, 5. März", year=2026)) == "2026-03-05"
    assert read_phrase("Di, 5. März", year=2026).unclear == "„5. März“: Wochentag und Datum passen nicht zusammen."


def test_a_season_and_the_school_holidays_stand_on_every_item() -> None:
    items = read_phrase("April bis Oktober: Mo 8–12 Uhr, Do 14–18 Uhr").items
    assert [item.season for item in items] == [(4, 10), (4, 10)]
    items = read_phrase("dienstags 9-12 Uhr und 13-18 Uhr, außer in den Schulferien").items
    assert [item.school_holidays for item in items] == ["pauses", "pauses"]
    assert read_phrase("Mo 8-12 Uhr, auch in den Schulferien").items[0].school_holidays == "continues"


def test_the_last_minute_of_the_day_is_a_time_and_midnight_at_its_end_is_none() -> None:
    assert notation(read_phrase("Mo 0-23.59 Uhr")) == "MO 00:00-23:59"
    assert read_phrase("Mo 20-24 Uhr").unclear
    assert read_phrase("Mo 20-23.60 Uhr").unclear
