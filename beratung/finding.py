"""What is the answer of the page, and what needs saying of the municipalities?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from appointments.coverage import Coverage, CoverageState
from beratung.coverage_table import Row
from beratung.history import History
from budget.models import Target
from locations.wording import date_full, listed, number


@dataclass(frozen=True)
class Sentence:
    """A sentence with the name that stands out in it."""

    before: str
    name: str
    after: str


@dataclass(frozen=True)
class Finding:
    """The answer of the page."""

    headline: str
    state: str
    sentences: tuple[Sentence, ...]
    fulfilment: tuple[str, ...] = ()


def finding(
    coverage: Coverage | None, rows: list[Row], target: Target | None, day: date, history: History | None = None
) -> Finding:
    """Return the headline and what explains it."""
    if coverage is None or coverage.target_met is None or target is None:
        why = " gilt kein Ziel." if target is None else " ist keine Gemeinde eingetragen."
        return Finding(
            "Ob das Ziel erreicht ist, lässt sich nicht bestimmen", "", (Sentence("Am", date_full(day), why),)
        )
    count = f"{coverage.covered} von {coverage.total} {'Gemeinde' if coverage.total == 1 else 'Gemeinden'}"
    headline = f"Ziel {'erreicht' if coverage.target_met else 'noch nicht erreicht'}: {count}"
    state = CoverageState.COVERED if coverage.target_met else CoverageState.GAP
    fulfilment = filter(None, (history.fulfilment, history.next_fulfilment)) if history else ()
    told = sentences(rows, day) if len(rows) == coverage.total else counted(coverage)
    return Finding(headline, state, tuple(told), tuple(fulfilment))


def counted(coverage: Coverage) -> Iterable[Sentence]:
    """Yield how many municipalities are in which state, where they are too many to be named."""
    of = Counter(row.state for row in coverage.municipalities)
    hanging = sum(row.hangs_on_one for row in coverage.municipalities)
    for count, one, many in (
        (of[CoverageState.GAP], " hat keinen festen Termin, der zählt.", " haben keinen festen Termin, der zählt."),
        (of[CoverageState.PROPOSED], ": Ein fester Termin ist vorgeschlagen.", ": Feste Termine sind vorgeschlagen."),
        (of[CoverageState.AGREED], ": Ein fester Termin ist vereinbart.", ": Feste Termine sind vereinbart."),
        (hanging, " hängt an einer einzigen Einrichtung.", " hängen an je einer einzigen Einrichtung."),
    ):
        if count:
            name = f"{number(count)} {'Gemeinde' if count == 1 else 'Gemeinden'}"
            yield Sentence("", name, one if count == 1 else many)


def sentences(rows: Iterable[Row], day: date) -> Iterable[Sentence]:
    """Yield what needs saying of the municipalities: gaps, what is agreed, what hangs on one house."""
    rows = list(rows)
    for row in rows:
        name = row.municipality.name
        if row.state is CoverageState.GAP and row.last_ended_on:
            first = row.uncovered_since or row.last_ended_on + timedelta(days=1)
            yield Sentence("", name, f" hat seit dem {date_full(first)} keinen festen Termin mehr, der zählt.")
        elif row.state is CoverageState.AGREED:
            yield Sentence("In", name, _agreed_sentence(row, day))
    never = [row for row in rows if row.state is CoverageState.GAP and not row.last_ended_on]
    yield from _together(never, "hat keinen festen Termin, der zählt", "haben keinen festen Termin, der zählt")
    proposed = [row for row in rows if row.state is CoverageState.PROPOSED]
    yield from _together(
        proposed, "ist ein fester Termin erst vorgeschlagen", "sind feste Termine erst vorgeschlagen", "In"
    )
    hanging = [row for row in rows if row.hangs_on_one]
    yield from _together(
        hanging,
        "hängt das Ziel an einer einzigen Einrichtung",
        "hängt das Ziel an je einer einzigen Einrichtung",
        "In",
    )


def _agreed_sentence(row: Row, day: date) -> str:
    if row.starts_on is not None and row.starts_on > day:
        return f" ist ein fester Termin vereinbart; er beginnt am {date_full(row.starts_on)}."
    return " ist ein fester Termin vereinbart, aber noch nicht veröffentlicht."


def _together(rows: list[Row], one: str, many: str, before: str = "") -> Iterable[Sentence]:
    if rows:
        names = listed([row.municipality.name for row in rows])
        yield Sentence(before, names, f" {one if len(rows) == 1 else many}.")
