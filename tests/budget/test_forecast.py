"""Is the chance that the money suffices right, and is it never said too certainly?

The independent calculation: the density of a triangle has three jumps of slope, so the distribution function of a sum of n
triangles is a sum of 3**n powers. Exact with fractions, and of no use beyond a few lines, which is why the product does
otherwise.
"""

from __future__ import annotations

from cmath import exp
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import factorial, isclose, sqrt
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.costs import Line, Range, account
from budget.forecast import Forecast, Sum, Triangle, chance_text, forecast

DAY = date(2026, 9, 24)
UNTIL = date(2026, 12, 31)
PLANNED = DAY - timedelta(days=100)


def line(low, likely, high, kind="rent", **given) -> Line:
    return Line(
        **{
            "key": 1,
            "kind": kind,
            "quantity": Decimal(1),
            "unit": Range(Decimal(low), Decimal(likely), Decimal(high)),
            "planned_on": PLANNED,
        }
        | given
    )


def foresee(*lines, available=1000) -> Forecast:
    return forecast(lines, Decimal(available), DAY, UNTIL)


def exact_below(amount: Fraction, triangles: list[tuple[int, int]]) -> Fraction:
    """Return the probability that independent triangles (peak, width; peak strictly between) stay below the amount."""
    jumps = []
    for peak, width in triangles:
        up, down = Fraction(2, width * peak), Fraction(2, width * (width - peak))
        jumps.append([(0, up), (peak, -up - down), (width, down)])
    power = 2 * len(triangles)
    total = Fraction(0)
    for chosen in product(*jumps):
        beyond = amount - sum(place for place, _ in chosen)
        if beyond > 0:
            weight = Fraction(1)
            for _, slope in chosen:
                weight *= slope
            total += weight * beyond**power / factorial(power)
    return total


def test_the_oracle_knows_the_triangle():
    assert exact_below(Fraction(5), [(5, 10)]) == Fraction(1, 2)
    assert exact_below(Fraction(2), [(5, 10)]) == Fraction(2, 25)
    assert exact_below(Fraction(40), [(5, 10), (7, 30)]) == 1


triangles = st.integers(2, 300).flatmap(lambda width: st.tuples(st.integers(1, width - 1), st.just(width)))


@settings(max_examples=200, deadline=None)
@given(st.lists(triangles, min_size=1, max_size=4), st.integers(1, 99))
def test_the_distribution_is_that_of_an_exact_calculation(drawn, hundredths):
    total = Sum([Triangle(*one) for one in drawn])
    amount = Fraction(sum(width for _, width in drawn) * hundredths, 100)
    assert isclose(total.below(float(amount)), exact_below(amount, drawn), abs_tol=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.lists(triangles, min_size=1, max_size=3), st.sampled_from((0.05, 0.5, 0.95)))
def test_the_range_is_that_of_an_exact_calculation(drawn, share):
    amount = Sum([Triangle(*one) for one in drawn]).quantile(share)
    near = max(0.01, 0.0005 * sum(width for _, width in drawn))
    below, above = (exact_below(Fraction(amount + by), drawn) for by in (-near, near))
    assert below <= share <= above


@pytest.mark.parametrize("peak", [0, 1000])
def test_a_price_whose_likely_one_is_its_bound_is_a_right_angled_triangle(peak):
    total = Sum([Triangle(peak, 1000)])
    for amount in (1, 50, 300, 700, 950, 999):
        share = amount / 1000
        expected = share**2 if peak else 1 - (1 - share) ** 2
        assert isclose(total.below(amount), expected, abs_tol=2e-4)


@pytest.mark.parametrize("frequency", [1e-5, 0.0009, 0.0099, 0.0101, 0.05, 3])
def test_a_wave_is_the_mean_of_its_turns(frequency):
    # The midpoint rule over the density of the triangle (peak 0.4, width 1).
    steps = 4000
    middles = [(step + 0.5) / steps for step in range(steps)]
    density = [2 * x / 0.4 if x < 0.4 else 2 * (1 - x) / 0.6 for x in middles]
    mean = sum(exp(-1j * frequency * x) * weight for x, weight in zip(middles, density, strict=True)) / steps
    assert abs(Triangle(0.4, 1).wave(frequency) - mean) < 2e-7


def test_two_equal_symmetrical_triangles_do_not_end_the_series_early():
    # Every second coefficient of a symmetrical triangle vanishes.
    total = Sum([Triangle(5, 10)])
    assert isclose(total.below(2.5), 0.125, abs_tol=1e-5)


def test_many_lines_come_near_the_normal_distribution():
    total = Sum([Triangle(30, 100)] * 400)
    normal = NormalDist(total.mean, sqrt(total.variance))
    for share in (0.05, 0.5, 0.95):
        assert isclose(total.quantile(share), normal.inv_cdf(share), rel_tol=1e-3)


@given(st.lists(triangles, min_size=1, max_size=4))
def test_mean_and_variance_are_those_of_the_moments(drawn):
    total = Sum([Triangle(*one) for one in drawn])
    first = sum(Fraction(peak + width, 3) for peak, width in drawn)
    # E[X²] of a triangle from 0: (peak² + peak·width + width²) / 6
    second = [Fraction(peak**2 + peak * width + width**2, 6) for peak, width in drawn]
    variance = sum(m - Fraction(p + w, 3) ** 2 for m, (p, w) in zip(second, drawn, strict=True))
    assert isclose(total.mean, first)
    assert isclose(total.variance, variance)


def test_a_simulation_comes_to_the_same():
    lines = [line(100, 200, 500), line(0, 50, 60, "other"), line(80, 100, 300, "travel"), line(40, 90, 100, "travel")]
    found = foresee(*lines, available=620)
    draws = Random(26)  # noqa: S311 - a simulation, not a secret
    sums = sorted(
        draws.triangular(100, 500, 200) + draws.triangular(0, 60, 50) + draws.triangular(120, 400, 190)
        for _ in range(40_000)
    )
    assert isclose(found.chance, sum(one <= 620 for one in sums) / 40_000, abs_tol=0.01)
    assert isclose(float(found.low), sums[2_000], abs_tol=4)
    assert isclose(float(found.high), sums[38_000], abs_tol=4)
    assert isclose(float(found.expected), sum(sums) / 40_000, abs_tol=2)


def test_travel_moves_together_and_so_ranges_wider_than_rents():
    ways = foresee(*[line(0, 50, 100, "travel")] * 10)
    rents = foresee(*[line(0, 50, 100, "rent")] * 10)
    assert (ways.likely, ways.expected) == (rents.likely, rents.expected)
    assert ways.high - ways.low > 2 * (rents.high - rents.low)


def test_ten_ways_are_one_triangle():
    found = foresee(*[line(0, 50, 100, "travel")] * 10)
    # The 5 % quantile of a symmetrical triangle of 1000: 1000 * sqrt(0.05 / 2) = 158.11…
    assert (found.low, found.high) == (Decimal(158), Decimal(842))


def test_paid_and_committed_lines_do_not_range():
    paid = line(1, 2, 900, committed_on=DAY, committed_eur=Decimal("3"), paid_on=DAY, paid_eur=Decimal("419.99"))
    committed = line(1, 2, 900, committed_on=DAY, committed_eur=Decimal("80.01"))
    found = foresee(paid, committed)
    assert (found.least, found.low, found.likely, found.high, found.most) == (
        Decimal("500.00"),
        Decimal(500),
        Decimal("500.00"),
        Decimal(500),
        Decimal("500.00"),
    )
    assert found.sentences == ("Bis Jahresende sind es 500\xa0€.",)


def test_what_is_planned_after_the_day_is_not_known_yet():
    assert foresee(line(100, 200, 300, planned_on=DAY + timedelta(days=1))).most == 0
    assert foresee(line(100, 200, 300, planned_on=DAY)).most == 300


@pytest.mark.parametrize(
    ("available", "chance", "certain", "impossible"),
    [
        ("99.99", 0, False, True),
        ("100", 1e-4, False, False),
        ("299.99", 1 - 1e-4, False, False),
        ("300", 1, True, False),
    ],
)
def test_only_what_the_bounds_prove_is_certain(available, chance, certain, impossible):
    found = foresee(line(100, 200, 300), available=available)
    assert (found.chance, found.is_certain, found.is_impossible) == (chance, certain, impossible)


@pytest.mark.parametrize(
    ("chance", "text"),
    [
        (0, "0\xa0%"),
        (1e-4, "unter 1\xa0%"),
        (0.00999, "unter 1\xa0%"),
        (0.01, "1\xa0%"),
        (0.93, "93\xa0%"),
        (0.99, "99\xa0%"),
        (0.9901, "über 99\xa0%"),
        (1 - 1e-4, "über 99\xa0%"),
        (1, "100\xa0%"),
    ],
)
def test_a_chance_is_never_said_too_certainly(chance, text):
    assert chance_text(chance) == text


@pytest.mark.parametrize(
    ("available", "headline"),
    [
        (99, "Das Geld reicht nicht"),
        (101, "Das Geld reicht mit unter 1\xa0% Wahrscheinlichkeit"),
        (200, "Das Geld reicht mit 50\xa0% Wahrscheinlichkeit"),
        (299, "Das Geld reicht mit über 99\xa0% Wahrscheinlichkeit"),
        (300, "Das Geld reicht"),
    ],
)
def test_the_headline_is_a_finding(available, headline):
    assert foresee(line(100, 200, 300), available=available).headline == headline


def test_the_range_is_said_in_words():
    found = foresee(line(7900, 9000, 10100), available=10_000)
    assert found.sentences == (
        "Bis Jahresende werden es wahrscheinlich 9.000\xa0€.",
        "In 9 von 10 Fällen sind es 8.248 bis 9.752\xa0€.",
    )


def test_a_period_that_does_not_end_with_the_year_is_named():
    found = replace(foresee(line(1, 1, 1)), until=date(2027, 7, 31))
    assert found.sentences == ("Bis zum 31.\xa0Juli\xa02027 sind es 1\xa0€.",)


def test_a_likely_sum_outside_its_range_is_not_called_likely():
    found = foresee(*[line(100, 100, 200)] * 10, available=2000)
    assert found.likely == 1000 < found.low
    assert found.sentences[0] == (
        "Nach den wahrscheinlichen Preisen werden es 1.000\xa0€, im Mittel aber 1.333\xa0€: "
        "Die Preise können weit über den wahrscheinlichen liegen."
    )
    assert "unter den wahrscheinlichen" in foresee(*[line(100, 200, 200)] * 10, available=2000).sentences[0]


def test_an_unknown_amount_makes_the_chance_an_upper_bound():
    unknown = line(100, 200, 300, quantity=None)
    found = foresee(line(100, 200, 300), unknown, available=200)
    assert found.unknown == 1
    assert found.headline == "Das Geld reicht mit höchstens 50\xa0% Wahrscheinlichkeit"
    assert found.sentences[-1] == "Nicht enthalten ist der Betrag von einer geplanten Position: Er ist nicht bekannt."
    assert not foresee(unknown).is_certain
    assert foresee(unknown).headline == "Ob das Geld reicht, ist nicht bekannt"
    assert foresee(unknown, line(1, 1, 1), available=0).headline == "Das Geld reicht nicht"


def test_a_budget_without_lines_costs_nothing():
    found = foresee(available=0)
    assert (found.likely, found.low, found.high, found.chance, found.is_certain) == (0, 0, 0, 1, True)


lines = st.builds(
    lambda prices, kind, stage: replace(
        line(*sorted(prices), kind),
        committed_on=DAY if stage else None,
        committed_eur=prices[0] if stage else None,
    ),
    st.lists(st.decimals(0, 500, places=2), min_size=3, max_size=3),
    st.sampled_from(("travel", "rent", "equipment", "other")),
    st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(lines, max_size=8), st.decimals(0, 2000, places=2))
def test_the_figures_agree_with_the_account(drawn, available):
    found = forecast(drawn, available, DAY, UNTIL)
    whole = account(drawn, available, DAY).total()
    assert (found.least, found.likely, found.most) == (whole.low, whole.likely, whole.high)
    assert whole.low - 1 <= found.low <= found.high <= whole.high + 1
    assert whole.low <= found.expected <= whole.high
    assert 0 <= found.chance <= 1
    assert (found.chance == 1) == (whole.high <= available)
    assert (found.chance == 0) == (whole.low > available)


@settings(max_examples=50, deadline=None)
@given(st.lists(lines, max_size=6), st.decimals(0, 1500, places=2), st.decimals(0, 500, places=2))
def test_more_money_never_lowers_the_chance(drawn, available, more):
    assert forecast(drawn, available, DAY, UNTIL).chance <= forecast(drawn, available + more, DAY, UNTIL).chance + 2e-4


def test_the_order_of_the_lines_does_not_matter():
    drawn = [line(1, 20, 33), line(0, 5, 90, "travel"), line(4, 4, 70, "other"), line(1, 2, 3, "travel")]
    one, other = foresee(*drawn, available=80), foresee(*reversed(drawn), available=80)
    assert replace(one, chance=0) == replace(other, chance=0)
    assert isclose(one.chance, other.chance)
