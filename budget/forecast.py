"""What will it all have cost by the end of the year, and does the money suffice?

The method in German, with formulae: docs/forecast.md. Paid and committed lines stand fixed. A planned line lies between its
low and its high amount and most probably at the likely one (triangular distribution). What moves together counts as one
line with the sums; everything else is independent. Nothing is drawn by lot: the same lines give the same figures.
"""

from __future__ import annotations

from cmath import exp
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from math import pi, prod
from typing import Final

from budget.costs import NOTHING, Line, Range, account, rounded
from locations.wording import NBSP, date_full, euro, percent

# Every way is paid by the same rate per kilometre, and costs more where more ways are needed: when one way becomes dearer,
# all do. Rents, equipment and the rest are agreed one by one.
MOVES_TOGETHER: Final = frozenset({"travel"})
TAIL: Final = 0.05  # below and above the range of "nine out of ten"
MOST_TERMS: Final = 1000  # of the Fourier series: a single line needs them, and is then right to 0.0001
NEGLIGIBLE: Final = 1e-8
NEGLIGIBLE_IN_A_ROW: Final = 6  # by symmetry a single coefficient may vanish
UNPROVEN: Final = 1e-4  # what is not certain is never called 0 or 1: the series is no better than that
CLOSE_ENOUGH: Final = 0.001  # euro, of a quantile


@dataclass(frozen=True, slots=True)
class Triangle:
    """An uncertain amount above a fixed one, in euro: from 0, most probably `peak`, at most `width` (above 0)."""

    peak: float
    width: float

    @classmethod
    def of(cls, amount: Range) -> Triangle:
        """Return what lies above the low amount."""
        return cls(float(amount.likely - amount.low), float(amount.high - amount.low))

    @property
    def mean(self) -> float:
        """Return the mean in euro."""
        return (self.peak + self.width) / 3

    @property
    def variance(self) -> float:
        """Return the variance in square euro."""
        return (self.peak**2 + self.width**2 - self.peak * self.width) / 18

    def wave(self, frequency: float) -> complex:
        """Return the mean of exp(-i · frequency · amount), the characteristic function at minus the frequency.

        The density is linear on both sides of the peak, so each side is a linear piece integrated exactly.
        """
        rise, fall = self.peak, self.width - self.peak
        upwards = rise * _ramp(frequency * rise)
        downwards = fall * exp(-1j * frequency * self.width) * _ramp(-frequency * fall)
        return 2 / self.width * (upwards + downwards)


def _ramp(turn: float) -> complex:
    """Return the integral of s · exp(-i · turn · s) over s from 0 to 1."""
    if abs(turn) < 0.01:  # the closed form would subtract nearly equal numbers
        return 1 / 2 - 1j * turn / 3 - turn**2 / 8 + 1j * turn**3 / 30
    wave = exp(-1j * turn)
    return (wave * (1 + 1j * turn) - 1) / turn**2


class Sum:
    """The sum of independent uncertain amounts, from 0 to `width`: how probable is it to stay below an amount?

    On its width the density is a Fourier series whose coefficients are products of those of the amounts; the series is
    cut off where they become negligible.
    """

    def __init__(self, amounts: Sequence[Triangle]) -> None:
        self.width = sum(amount.width for amount in amounts)
        self.mean = sum(amount.mean for amount in amounts)
        self.variance = sum(amount.variance for amount in amounts)
        self.amounts = Counter(amounts)

    @cached_property
    def coefficients(self) -> list[complex]:
        """Return the coefficients of the distribution function, from the first wave on."""
        found: list[complex] = []
        negligible = 0
        while negligible < NEGLIGIBLE_IN_A_ROW and len(found) < MOST_TERMS:
            number = len(found) + 1
            frequency = 2 * pi * number / self.width
            product = prod((one.wave(frequency) ** times for one, times in self.amounts.items()), start=complex(1))
            found.append(product / (1j * pi * number))
            negligible = negligible + 1 if abs(product) < NEGLIGIBLE else 0
        return found

    def below(self, amount: float) -> float:
        """Return how probable it is, 0 to 1, that the sum is at most the amount."""
        if amount <= 0:
            return 0.0
        if amount >= self.width:
            return 1.0
        step = exp(2j * pi * amount / self.width)
        wave, total = complex(1), amount / self.width
        for coefficient in self.coefficients:
            wave *= step
            total += (coefficient * (wave - 1)).real
        return min(max(total, 0.0), 1.0)

    def quantile(self, share: float) -> float:
        """Return the amount below which the sum stays with that probability, by halving."""
        low, high = 0.0, self.width
        while high - low > CLOSE_ENOUGH:
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < share else (low, middle)
        return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the lines known on the day will have come to by `until`, the end of the budget's period, in euro.

    `likely` is the sum of the likely amounts, the same as in the account; `expected` the mean of the distribution. From
    `low` to `high` the sum lies in nine out of ten cases, both in whole euro; `least` and `most` cannot be exceeded.
    `chance` is how probable it is, 0 to 1, that the money suffices. `unknown` counts lines whose amount nobody knows: with
    any of them the figures are only what is known, and the chance is at most that.
    """

    day: date
    until: date
    available: Decimal
    likely: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    least: Decimal
    most: Decimal
    chance: float
    unknown: int = 0

    @property
    def is_certain(self) -> bool:
        """Return whether the money suffices at the highest prices, and nothing is unknown."""
        return self.most <= self.available and not self.unknown

    @property
    def is_impossible(self) -> bool:
        """Return whether even the lowest prices exceed the money."""
        return self.least > self.available

    @property
    def headline(self) -> str:
        """Return the finding as a German heading, without a full stop."""
        if self.is_certain:
            return "Das Geld reicht"
        if self.is_impossible:
            return "Das Geld reicht nicht"
        if self.unknown and self.most <= self.available:
            return "Ob das Geld reicht, ist nicht bekannt"
        return (
            f"Das Geld reicht mit {'höchstens ' if self.unknown else ''}{chance_text(self.chance)} Wahrscheinlichkeit"
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return in German what it will be, its range, and what is not known."""
        return tuple(filter(None, (self._total, self._range, self._missing)))

    @property
    def _total(self) -> str:
        if self.least == self.most:
            return f"{self._when} sind es {euro(self.likely)}."
        if self.low <= _whole(self.likely) <= self.high:
            return f"{self._when} werden es wahrscheinlich {euro(self.likely)}."
        direction = "über" if self.expected > self.likely else "unter"
        return (
            f"Nach den wahrscheinlichen Preisen werden es {euro(self.likely)}, im Mittel aber {euro(_whole(self.expected))}: "
            f"Die Preise können weit {direction} den wahrscheinlichen liegen."
        )

    @property
    def _when(self) -> str:
        year_ends = (self.until.month, self.until.day) == (12, 31)
        return "Bis Jahresende" if year_ends else f"Bis zum {date_full(self.until)}"

    @property
    def _range(self) -> str:
        if self.low == self.high:
            return ""
        return f"In 9 von 10 Fällen sind es {euro(self.low).removesuffix(f'{NBSP}€')} bis {euro(self.high)}."

    @property
    def _missing(self) -> str:
        if not self.unknown:
            return ""
        lines = "einer geplanten Position" if self.unknown == 1 else f"{self.unknown} geplanten Positionen"
        return f"Nicht enthalten ist der Betrag von {lines}: Er ist nicht bekannt."


def forecast(lines: Iterable[Line], available: Decimal, day: date, until: date) -> Forecast:
    """Return the forecast from what is known on the day. `available` is the Ansatz with its amendments, in euro.

    `until` is the last day of the budget: all its lines count, however late in it they will be paid.
    """
    lines = list(lines)
    sums = account(lines, available, day)
    whole = sums.total()
    uncertain = Sum([Triangle.of(one) for one in _independent(lines, day) if one.high > one.low])
    return Forecast(
        day=day,
        until=until,
        available=available,
        likely=whole.likely,
        expected=rounded(whole.low + Decimal(uncertain.mean)),
        low=_whole(whole.low + Decimal(uncertain.quantile(TAIL))),
        high=_whole(whole.low + Decimal(uncertain.quantile(1 - TAIL))),
        least=whole.low,
        most=whole.high,
        chance=_chance(uncertain, whole, available),
        unknown=sum(sums.unknown.values()),
    )


def _independent(lines: Iterable[Line], day: date) -> list[Range]:
    """Return the known amounts that do not hang together, those that do as one. What is paid or committed has no width."""
    found: list[Range] = []
    together: dict[str, Range] = {}
    for line in lines:
        amount = line.amount_on(day)
        if amount is None:
            continue
        if line.kind in MOVES_TOGETHER:
            together[line.kind] = together.get(line.kind, NOTHING) + amount
        else:
            found.append(amount)
    return [*found, *together.values()]


def _chance(uncertain: Sum, whole: Range, available: Decimal) -> float:
    """Return how probable it is that the money suffices: 0 and 1 only where the bounds prove it."""
    if whole.high <= available:
        return 1.0
    if available < whole.low:
        return 0.0
    return min(max(uncertain.below(float(available - whole.low)), UNPROVEN), 1 - UNPROVEN)


def chance_text(chance: float) -> str:
    """Return "93 %"; what is not certain is "über 99 %" or "unter 1 %", never 100 or 0."""
    if 0.99 < chance < 1:
        return f"über 99{NBSP}%"
    if 0 < chance < 0.01:
        return f"unter 1{NBSP}%"
    return percent(chance)


def _whole(amount: Decimal) -> Decimal:
    """Return the amount in whole euro: a range to the cent would claim what nobody knows."""
    return amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
