"""How do the municipalities stand on the map: by state, and by hours?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beratung.coverage_table import STATE_WORDS, Standing
from beratung.figures import Drawing, Place, draw_map, steps_up_to
from locations.wording import UNKNOWN, number


@dataclass(frozen=True)
class HoursMap:
    """The map by hours a month per 1,000 of the people of `per`; `steps` are the upper ends of its colours."""

    drawings: tuple[Drawing, Drawing]
    steps: tuple[Decimal, ...]
    per: str = "Einwohner"

    @property
    def title(self) -> str:
        return f"Karte der Gemeinden: Stunden im Monat je 1.000 {self.per}"


def hours_map(rows: Sequence[Standing]) -> HoursMap | None:
    """Return the map by hours per 1,000 inhabitants; None where no place is known, or no rate."""
    return _map_by([(row, row.hours_per_thousand) for row in rows], "Einwohner")


def young_map(rows: Sequence[Standing]) -> HoursMap | None:
    """Return the map by hours per 1,000 people under 18; None where no place is known, or no rate."""
    return _map_by([(row, row.hours_per_thousand_young) for row in rows], "unter 18")


def _map_by(rows: Sequence[tuple[Standing, Decimal | None]], per: str) -> HoursMap | None:
    rates = [rate for _, rate in rows if rate is not None]
    steps = steps_up_to(max(rates, default=Decimal(0)))
    drawings = _drawn([_place(row, *_heat(rate, steps)) for row, rate in rows], with_words=True)
    return HoursMap(drawings, steps, per) if drawings and rates else None


def _heat(rate: Decimal | None, steps: Sequence[Decimal]) -> tuple[str, str]:
    """Return the colour of the rate, "0" to "4" or "unknown", and the rate in words."""
    if rate is None:
        return "unknown", UNKNOWN
    return (str(1 + sum(rate > step for step in steps[:-1])) if rate else "0"), number(rate, 2)


def state_maps(rows: Iterable[Standing]) -> tuple[Drawing, Drawing] | None:
    return _drawn([_place(row, row.state.value, STATE_WORDS[row.state]) for row in rows])


def _place(row: Standing, state: str, word: str) -> Place:
    return Place(
        key=row.municipality.pk,
        name=row.municipality.name,
        point=row.municipality.point,
        population=row.municipality.population,
        state=state,
        word=word,
        boundary=row.municipality.boundary,
    )


def _drawn(places: list[Place], *, with_words: bool = False) -> tuple[Drawing, Drawing] | None:
    wide, narrow = draw_map(places, 384, with_words=with_words), draw_map(places, 288, with_words=with_words)
    return (wide, narrow) if wide and narrow else None
