"""Do the filters and tags of the library "german" say in a template what the wording functions return?"""

from datetime import date, time
from decimal import Decimal

import pytest
from django.template import Context, Template


def render(source: str, **context: object) -> str:
    return Template("{% load german %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ day|date_long }}", "Dienstag, 6.\xa0Oktober"),
        ("{{ day|date_short }}", "6.\xa0Okt."),
        ("{{ day|date_weekday_short }}", "Di, 6.\xa0Oktober"),
        ("{{ day|weekday_short }} {{ day|month_name }}", "Di Oktober"),
        ("{{ day|relative_day:today }}", "in 12\xa0Tagen"),
        ("{{ start|time_range:end }}", "14–16\xa0Uhr"),
        ("{{ start|time_range }}", "14\xa0Uhr"),
        ("{{ amount|euro }} {{ amount|euro_exact }}", "4.180\xa0€ 4.180,00\xa0€"),
        ("{{ 4.7|km }} {{ 51521|number }} {{ 0.93|percent }}", "4,7\xa0km 51.521 93\xa0%"),
        ("{{ unknown|yes_no }}", "Nicht bekannt"),
    ],
)
def test_a_filter_writes_german(source, text):
    context = {
        "day": date(2026, 10, 6),
        "today": date(2026, 9, 24),
        "start": time(14),
        "end": time(16),
        "amount": Decimal("4180.00"),
        "unknown": None,
    }
    assert render(source, **context) == text


@pytest.mark.parametrize(
    "name", ["date_long", "date_short", "weekday", "euro", "km", "percent", "number", "time_range", "relative_day:day"]
)
def test_unknown_is_a_word_and_a_missing_variable_is_empty(name):
    assert render("{{ value|" + name + " }}", value=None, day=date(2026, 1, 1)) == "nicht bekannt"
    assert render("{{ value|" + name + " }}", day=date(2026, 1, 1)) == ""


@pytest.mark.parametrize(
    ("state", "word"),
    [("covered", "Abgedeckt"), ("agreed", "Vereinbart"), ("proposed", "Vorgeschlagen"), ("gap", "Lücke")],
)
def test_a_state_is_a_sign_and_a_word(state, word):
    html = render("{% state_sign state %}", state=state)
    assert f"bl-sign--{state}" in html
    assert 'aria-hidden="true"' in html
    assert word in html


def test_the_word_of_a_state_can_be_replaced_and_is_escaped():
    assert "seit &lt;2014&gt;" in render("{% state_sign 'covered' word %}", word="seit <2014>")
