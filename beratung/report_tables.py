"""Which tables does the committee's report have? Every value is one of the dashboard's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from appointments.coverage import CoverageState
from beratung.comparison import Compared
from beratung.coverage_table import STATE_WORDS, Proof, Row
from beratung.dashboard import Dashboard
from beratung.history import History
from beratung.money_page import Money, MoneyRow
from budget.forecast import Forecast
from budget.pilots import Cell, Comparison
from locations.tables import Column, Kind, Table, Value
from locations.wording import sentence_case

NONE: Final = "–"  # there is none, and that is known
OPEN_END: Final = "offen"
HIDDEN_HOUSE: Final = "Eine Einrichtung mit vertraulicher Adresse"

COVERAGE: Final = "Abdeckung"
PROOFS: Final = "Nachweise"
STRETCHES: Final = "Zeitstrahl"
COUNTS: Final = "Verlauf"
MONEY: Final = "Geld"
FORECAST: Final = "Prognose"
UNIT_COSTS: Final = "Kosten je Termin"
PILOTS: Final = "Modelle"
STEPS: Final = "Beratungsfolge"


def state_word(state: str) -> str:
    """Return "Abgedeckt", "Vereinbart", "Vorgeschlagen" or "Lücke"."""
    return sentence_case(STATE_WORDS[CoverageState(state)])


def tables(page: Dashboard) -> Iterator[Table]:
    """Yield the tables of the page; what it does not have is left out."""
    yield coverage_table(page)
    yield proofs_table(page)
    if page.history:
        yield stretches_table(page.history)
        yield counts_table(page.history)
    if page.money:
        yield money_table(page.money)
        yield forecast_table(page.money.forecast)
        yield unit_costs_table(page.compared, page.money.total.paid)
    yield pilots_table(page.compared.table)
    yield steps_table(page)


# Coverage


def coverage_table(page: Dashboard) -> Table:
    """Return a row for each municipality of the day."""
    columns = (
        Column("Stichtag", Kind.DATE, 12),
        Column("Gemeinde", width=24),
        Column("AGS", width=11),
        Column("Einwohner", Kind.NUMBER, 11),
        Column("Stand", width=15),
        Column("Stand seit", Kind.DATE, 14),
        Column("Stunden je Monat", Kind.TENTH, 12),
        Column("Stunden je 1.000 Einwohner", Kind.DECIMAL, 14),
        Column("Stunden je 1.000 unter 18", Kind.DECIMAL, 14),
        Column("Hängt an einer Einrichtung", width=14),
        Column("Unbestätigte Termine", Kind.NUMBER, 12),
        Column("Beginn vereinbart", Kind.DATE, 13),
        Column("Nachweis", width=70),
    )
    return Table(COVERAGE, columns, tuple(_coverage_row(page, row) for row in page.rows))


def _coverage_row(page: Dashboard, row: Row) -> tuple[Value, ...]:
    proofs = (*row.proofs, *row.more_proofs)
    return (
        page.day,
        row.municipality.name,
        row.municipality.ags,
        row.municipality.population,
        state_word(row.state),
        row.since or NONE,
        to_places(row.hours, 1),
        to_places(row.hours_per_thousand, 2),
        to_places(row.hours_per_thousand_young, 2),
        "ja" if row.hangs_on_one else "nein",
        sum(proof.unconfirmed_months is not None for proof in proofs),
        row.starts_on or NONE,
        "; ".join(proof_text(proof) for proof in proofs) or NONE,
    )


def to_places(amount: Decimal | None, places: int) -> Decimal | None:
    """Return the amount rounded half up as the page prints it."""
    return None if amount is None else amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def proof_text(proof: Proof) -> str:
    """Return the slot as a line of text: house, rhythm, and what is to be said of it."""
    words = [proof.institution.name, proof.sentence] if proof.institution else [HIDDEN_HOUSE]
    if proof.remark:
        words.append(proof.remark)
    if proof.unconfirmed_months is not None:
        words.append(f"unbestätigt seit {proof.unconfirmed_months} Monaten")
    return ", ".join(filter(None, words))


def proofs_table(page: Dashboard) -> Table:
    """Return a row for each slot that proves, is agreed, or does not count."""
    columns = (
        Column("Gemeinde", width=24),
        Column("Einrichtung", width=40),
        Column("Termin", width=48),
        Column("Was der Termin bedeutet", width=34),
        Column("Unbestätigt seit Monaten", Kind.NUMBER, 13),
    )
    rows = [line for row in page.rows for line in _proof_rows(row)]
    return Table(PROOFS, columns, tuple(rows))


def _proof_rows(row: Row) -> Iterable[tuple[Value, ...]]:
    groups = (("zählt", (*row.proofs, *row.more_proofs)), ("vereinbart", row.agreed), ("", row.not_counting))
    for meaning, proofs in groups:
        for proof in proofs:
            yield (
                row.municipality.name,
                proof.institution.name if proof.institution else HIDDEN_HOUSE,
                proof.sentence or NONE,
                ", ".join(filter(None, (meaning, proof.remark))),
                NONE if proof.unconfirmed_months is None else proof.unconfirmed_months,
            )


# Time


def stretches_table(history: History) -> Table:
    """Return every state of every municipality."""
    columns = (
        Column("Gemeinde", width=24),
        Column("Stand", width=15),
        Column("Von", Kind.DATE, 12),
        Column("Bis", Kind.DATE, 12),
        Column("Geht auf in", width=24),
    )
    rows = (
        (one.municipality.name, state_word(one.state), one.first_day, one.last_day or OPEN_END, one.becomes or NONE)
        for one in history.stretches
    )
    return Table(STRETCHES, columns, tuple(rows))


def counts_table(history: History) -> Table:
    """Return every change of n of m."""
    columns = (
        Column("Von", Kind.DATE, 12),
        Column("Bis", Kind.DATE, 12),
        Column("Abgedeckt", Kind.NUMBER, 12),
        Column("Gemeinden", Kind.NUMBER, 12),
        Column("Ziel erreicht", width=14),
    )
    rows = (
        (one.first_day, one.last_day or OPEN_END, one.covered, one.total, "ja" if one.is_met else "nein")
        for one in history.counts
    )
    return Table(COUNTS, columns, tuple(rows))


# Money


def money_table(money: Money) -> Table:
    """Return the amounts by kind, their sum last."""
    columns = (
        Column("Kostenart", width=20),
        Column("Bezahlt", Kind.EURO, 15),
        Column("Gebunden", Kind.EURO, 15),
        Column("Geplant", Kind.EURO, 15),
        Column("Geplant mindestens", Kind.EURO, 15),
        Column("Geplant höchstens", Kind.EURO, 15),
        Column("Zusammen", Kind.EURO, 15),
        Column("Positionen ohne Betrag", Kind.NUMBER, 13),
    )
    return Table(MONEY, columns, tuple(_money_line(row) for row in (*money.rows, money.total)))


def _money_line(row: MoneyRow) -> tuple[Value, ...]:
    planned = row.planned
    return row.label, row.paid, row.committed, planned.likely, planned.low, planned.high, row.total, row.unknown


def forecast_table(forecast: Forecast) -> Table:
    """Return the forecast as lines of name and amount."""
    columns = (Column("Größe", width=44), Column("Euro", Kind.EURO, 16), Column("Anteil", Kind.DECIMAL, 12))
    rows: list[tuple[Value, ...]] = [
        ("Verfügbar: Ansatz mit Nachträgen", forecast.available, NONE),
        ("Nach den wahrscheinlichen Preisen", forecast.likely, NONE),
        ("Im Mittel", forecast.expected, NONE),
        ("In 9 von 10 Fällen mindestens", forecast.low, NONE),
        ("In 9 von 10 Fällen höchstens", forecast.high, NONE),
        ("Auf jeden Fall mindestens", forecast.least, NONE),
        ("Auf jeden Fall höchstens", forecast.most, NONE),
        ("Wahrscheinlichkeit, dass das Geld reicht", NONE, Decimal(str(round(forecast.chance, 4)))),
    ]
    return Table(FORECAST, columns, tuple(rows))


def unit_costs_table(compared: Compared, paid: Decimal) -> Table:
    """Return what was paid by date and by hour held, of all slots together, with what it was computed from."""
    columns = (Column("Größe", width=44), Column("Wert", Kind.DECIMAL, 16))
    rows: list[tuple[Value, ...]] = [
        ("Bezahlt, Euro, ohne Personal", paid),
        ("Gehaltene Termine", Decimal(compared.held)),
        ("Gehaltene Stunden", to_places(Decimal(compared.minutes) / 60, 2)),
        ("Euro je gehaltenem Termin", _or_none(compared.per_date(paid))),
        ("Euro je gehaltener Stunde", _or_none(compared.per_hour(paid))),
    ]
    return Table(UNIT_COSTS, columns, tuple(rows))


def _or_none(amount: Decimal | None) -> Value:
    return NONE if amount is None else amount


# Models and papers


def pilots_table(comparison: Comparison) -> Table:
    """Return a row for each indicator of each model, with what may be told of it."""
    columns = (
        Column("Kennzahl", width=24),
        Column("Modell", width=28),
        Column("Anzeige", width=18),
        Column("Wert", Kind.DECIMAL, 12),
        Column("Mindestens", Kind.DECIMAL, 12),
        Column("Höchstens", Kind.DECIMAL, 12),
        Column("Hinweis", width=50),
    )
    rows = (
        (row.indicator.value, name, cell.text, *_values(cell), cell.note or NONE)
        for row in comparison.rows
        for name, cell in zip(comparison.columns, row.cells, strict=True)
    )
    return Table(PILOTS, columns, tuple(rows))


def _values(cell: Cell) -> tuple[Value, Value, Value]:
    """Return the numbers that may be told; a dash stands for those that may not."""
    value, low, high = (NONE if one is None else one for one in (cell.value, cell.low, cell.high))
    return value, low, high


def steps_table(page: Dashboard) -> Table:
    """Return the way of the paper as known on the day."""
    columns = (
        Column("Ausschuss", width=44),
        Column("Sitzung", Kind.DATE, 14),
        Column("Rolle", width=26),
        Column("Ergebnis", width=28),
    )
    rows = (
        (
            step.committee_name,
            step.meeting_on,
            NONE if step.is_to_come else step.role or None,
            "am Stichtag noch nicht beraten" if step.is_to_come else step.result or None,
        )
        for step in page.steps
    )
    return Table(STEPS, columns, tuple(rows))
