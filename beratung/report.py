"""What does the committee get on paper? The page of a day as finding, decisions and tables, with a checksum.

Nothing is computed here: every figure comes from the dashboard. PDF, XLSX and CSV print the same tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from appointments.coverage import CoverageState
from beratung.asked_day import read_day
from beratung.coverage_table import Row
from beratung.dashboard import Dashboard, dashboard
from beratung.figures import Drawing
from beratung.money_page import Money
from beratung.report_tables import NONE, state_word, tables
from budget.forecast import chance_text
from budget.pilots import Indicator
from locations.tables import Column, Kind, Table, printed
from locations.wording import UNKNOWN, date_digits, date_full, euro, listed

ROWS_ON_PAGE_ONE: Final = 9
NAMES_AT_ONCE: Final = 6
PROOFS_AT_ONCE: Final = 2
SAFE_ENOUGH: Final = 0.9  # below this chance the committee is asked about the money


class NotReadableDayError(ValueError):
    """The day asked for is none that can be shown; the text is a German sentence."""


# The report


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the three figures of the first page."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be decided, or comes next, with what it is about."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality on the first page."""

    name: str
    state: str
    word: str
    proof: str
    since: str


@dataclass(frozen=True)
class Report:
    """The report as values; texts are German and ready to print."""

    page: Dashboard
    district: str
    slug: str
    day: date
    is_example: bool
    paper: str
    headline: str
    state: str
    quote: str
    quote_source: str
    sentences: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    places: tuple[Place, ...]
    places_left_out: int
    decisions: tuple[Item, ...]
    next_steps: tuple[Item, ...]
    money_headline: str
    money_sentences: tuple[str, ...]
    pilot_sentences: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def title(self) -> str:
        """Return what stands in the file's properties."""
        return f"{self.district}: {self.headline}"

    def table(self, name: str) -> Table | None:
        """Return the table of that name, None where the report has none."""
        return next((table for table in self.tables if table.name == name), None)

    @cached_property
    def checksum(self) -> str:
        """Return the SHA-256 of everything the report says, outlines on the map included, as hexadecimal digits."""
        said = {name: value for name, value in vars(self).items() if name not in {"page", "tables"}}
        drawn = [asdict(shape.place) for drawing in (self.map,) if drawing for shape in drawing.shapes]
        whole = {**said, "tables": self.tables, "map": drawn}
        return hashlib.sha256(json.dumps(_plain(whole), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def short_checksum(self) -> str:
        """Return its first eight digits, as printed: "7f3a 91c2"."""
        return f"{self.checksum[:4]} {self.checksum[4:8]}"

    @property
    def overview(self) -> Table:
        """Return what the report is about and its checksum, as a table."""
        rows = [
            ("Landkreis", self.district),
            ("Stichtag", date_digits(self.day)),
            ("Bericht zu", self.paper or NONE),
            ("Ziel", self.quote or NONE),
            ("Befund", self.headline),
            *((figure.label, f"{figure.value} ({figure.note})") for figure in self.figures),
            *((f"Zu entscheiden: {item.about}", item.text) for item in self.decisions),
            *((f"Wie es weitergeht: {item.about}", item.text) for item in self.next_steps),
            ("Beispieldaten", "ja, Einrichtungen, Termine und Beträge sind erfunden" if self.is_example else "nein"),
            ("Prüfsumme der Daten (SHA-256)", self.checksum),
        ]
        return Table("Überblick", (Column("Angabe", width=34), Column("Wert", width=90)), tuple(rows))

    @property
    def map(self) -> Drawing | None:
        return self.page.maps[0] if self.page.maps else None


def _plain(value: Any) -> Any:
    """Return the value as JSON can hold it, each in one way only."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    return value if value is None or isinstance(value, str | int | float) else str(value)


def report(slug: str, raw_day: str, today: date) -> Report:
    """Return the report on the day asked for; an empty one is today.

    It sees the world as on its own day, so that it is the same whenever it is printed.
    District.DoesNotExist: unknown slug. NotReadableDayError: no day that can be shown.
    """
    asked = read_day(raw_day, today, date.min)
    page = dashboard(slug, asked.day.isoformat(), asked.day)
    if error := asked.error or page.asked.error:
        # What the page says it shows instead is no promise of a file.
        raise NotReadableDayError(error.partition(" Gezeigt wird")[0])
    return report_of(page)


def report_of(page: Dashboard) -> Report:
    """Return the report that says what the page says."""
    paper = page.way.paper if page.way else None
    places = tuple(_places(page))
    return Report(
        page=page,
        district=page.district.name,
        slug=page.district.slug,
        day=page.day,
        is_example=page.district.is_example,
        paper=f"Vorlage {paper.reference} „{paper.name}“" if paper else "",
        headline=page.finding.headline,
        state=page.finding.state,
        quote=page.way.target.quote if page.way else "",
        quote_source=_source(page),
        sentences=tuple(_sentences(page)),
        figures=tuple(_figures(page)),
        places=places,
        places_left_out=len(page.rows) - len(places),
        decisions=tuple(_decisions(page)) or (Item("Nichts", "Das Ziel ist erreicht, und nichts ist offen."),),
        next_steps=tuple(_next_steps(page)),
        money_headline=_money_headline(page),
        money_sentences=tuple(_money_sentences(page)),
        pilot_sentences=page.compared.warnings,
        tables=tuple(tables(page)),
    )


def _sentences(page: Dashboard) -> list[str]:
    found = [f"{one.before} {one.name}{one.after}".strip() for one in page.finding.sentences]
    for town in page.late_starts:
        found.append(
            f"Einrichtungen, die unter {town.name} eingetragen sind, zählen erst ab dem {date_full(town.first_day)}: "
            "Vorher gab es diese Gemeinde nicht."
        )
    return found


def _source(page: Dashboard) -> str:
    if page.way is None:
        return ""
    return ", ".join(filter(None, (f"Vorlage {page.way.paper.reference}", page.way.target.source_place)))


# The first page


def _figures(page: Dashboard) -> Iterator[KeyFigure]:
    covered = sum(row.state is CoverageState.COVERED for row in page.rows)
    value = f"{covered} von {len(page.rows)}" if page.rows else UNKNOWN
    yield KeyFigure("Gemeinden abgedeckt", value, _fulfilment(page))
    if page.money is None:
        yield KeyFigure("Ansatz", UNKNOWN, f"Für den {date_full(page.day)} ist keiner eingetragen.")
        yield KeyFigure("Das Geld reicht", UNKNOWN, "Ohne Ansatz lässt sich das nicht sagen.")
        return
    total = page.money.total
    name = "Ansatz mit Nachträgen" if page.money.is_amended else "Ansatz"
    stages = f"{euro(total.paid)} bezahlt, {euro(total.committed)} gebunden"
    yield KeyFigure(f"{name} {_period(page.money)}", euro(page.money.account.available), stages)
    yield KeyFigure(*_chance(page.money))


def _fulfilment(page: Dashboard) -> str:
    return page.history.fulfilment if page.history else "Seit wann, ist nicht bekannt."


def _period(money: Money) -> str:
    """Return "2026", or both days where the budget is not of one year."""
    first, last = money.budget.first_day, money.budget.last_day
    is_year = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year
    return str(first.year) if is_year else f"{date_digits(first)}–{date_digits(last)}"


def _chance(money: Money) -> tuple[str, str, str]:
    """Return label, value and note of the third figure."""
    found = money.forecast
    note = found.sentences[0]
    if found.is_certain:
        return "Das Geld reicht", "sicher", note
    if found.is_impossible:
        return "Das Geld reicht", "nicht", note
    most = "höchstens " if found.unknown else ""
    return "Das Geld reicht", f"mit {most}{chance_text(found.chance)}", note


def _places(page: Dashboard) -> Iterator[Place]:
    """Yield the rows of the first page: all where they fit, else those that are not covered."""
    rows = list(page.rows)
    if len(rows) > ROWS_ON_PAGE_ONE:
        rows = [row for row in rows if row.state is not CoverageState.COVERED][:ROWS_ON_PAGE_ONE]
    for row in rows:
        first = printed(row.since or NONE, Kind.DATE)
        yield Place(row.municipality.name, row.state.value, state_word(row.state), _proof(row), first)


def _proof(row: Row) -> str:
    """Return the proof of a municipality in few words."""
    if row.proofs:
        return _few_houses(row)
    if row.agreed:
        return f"{_house(row.agreed[0])}, {row.agreed[0].remark}"
    if row.proposed:
        return f"vorgeschlagen: {row.proposed} {'Einrichtung' if row.proposed == 1 else 'Einrichtungen'}"
    return f"keiner; der letzte Termin lief bis {date_digits(row.last_ended_on)}" if row.last_ended_on else "keiner"


def _few_houses(row: Row) -> str:
    names = list(dict.fromkeys(_house(proof) for proof in row.proofs))
    shown = names[:PROOFS_AT_ONCE]
    unconfirmed = any(proof.unconfirmed_months is not None for proof in row.proofs)
    rest = len(names) - len(shown) + row.more_houses
    more = f" und {rest} {'weitere' if rest > 1 else 'weitere Einrichtung'}" if rest else ""
    return f"{', '.join(shown) if rest else listed(shown)}{more}{' (unbestätigt)' if unconfirmed else ''}"


def _house(proof: Any) -> str:
    return proof.institution.name if proof.institution else "eine Einrichtung mit vertraulicher Adresse"


# What is to be decided


def _decisions(page: Dashboard) -> Iterator[Item]:
    """Yield what is open on the day, the target first; nothing where there is nothing to decide."""
    if not page.finding.state:
        yield Item("Ziel", " ".join(_sentences(page)))
    yield from _open_places(page.rows)
    yield from _open_money(page)
    yield from _open_models(page)


def _names(rows: Sequence[Row]) -> str:
    names = [row.municipality.name for row in rows]
    if len(names) <= NAMES_AT_ONCE:
        return listed(names)
    return f"{', '.join(names[:NAMES_AT_ONCE])} und {len(names) - NAMES_AT_ONCE} weitere"


def _open_places(rows: Sequence[Row]) -> Iterator[Item]:
    of = {state: [row for row in rows if row.state is state] for state in CoverageState}
    if gaps := of[CoverageState.GAP]:
        where = "Wo soll er" if len(gaps) == 1 else "Wo sollen sie"
        what = "Hier fehlt ein fester Termin" if len(gaps) == 1 else "Hier fehlen feste Termine"
        yield Item(_names(gaps), f"{what}. {where} stattfinden?")
    if proposed := of[CoverageState.PROPOSED]:
        them = "Er ist" if len(proposed) == 1 else "Sie sind"
        what = "ein fester Termin" if len(proposed) == 1 else "feste Termine"
        yield Item(
            _names(proposed), f"Vorgeschlagen {'ist' if len(proposed) == 1 else 'sind'} {what}. {them} noch zuzusagen."
        )
    if hidden := [row for row in of[CoverageState.AGREED] if not row.starts_on]:
        yield Item(_names(hidden), "Ein fester Termin ist vereinbart, aber noch nicht veröffentlicht.")
    if hanging := [row for row in rows if row.hangs_on_one]:
        where = "an einer einzigen Einrichtung" if len(hanging) == 1 else "an je einer einzigen Einrichtung"
        yield Item(_names(hanging), f"Das Ziel hängt hier {where}. Soll es einen zweiten Ort geben?")
    if stale := [row for row in rows if row.state is CoverageState.COVERED and _is_unconfirmed(row)]:
        yield Item(
            _names(stale),
            "Termine sind seit mehr als sechs Monaten nicht bestätigt und zählen trotzdem. Wer fragt nach?",
        )


def _is_unconfirmed(row: Row) -> bool:
    return any(proof.unconfirmed_months is not None for proof in (*row.proofs, *row.more_proofs))


def _open_money(page: Dashboard) -> Iterator[Item]:
    if page.money is None:
        yield Item("Geld", f"Für den {date_full(page.day)} ist kein Haushaltsansatz eingetragen.")
        return
    found = page.money.forecast
    if page.money.over:
        yield Item(
            "Geld", f"{euro(page.money.over)} sind überplanmäßig gebunden oder bezahlt. Soll es einen Nachtrag geben?"
        )
    elif found.chance < SAFE_ENOUGH:
        yield Item("Geld", f"{found.headline}. Soll es einen Nachtrag geben oder weniger geplant werden?")
    if found.unknown:
        yield Item("Geld", found.sentences[-1])


def _open_models(page: Dashboard) -> Iterator[Item]:
    row = page.compared.table.row(Indicator.CONVERSATIONS)
    silent = [name for name, cell in zip(page.compared.table.columns, row.cells, strict=True) if cell.text == UNKNOWN]
    if silent:
        yield Item("Modelle", f"Gespräche sind nicht gezählt: {listed(silent)}. Sollen sie gezählt werden?")


# What comes next


def _next_steps(page: Dashboard) -> Iterator[Item]:
    """Yield what was known on the day of the days after it, in order: meetings, and agreed slots that begin."""
    found = [(step.meeting_on, f"{step.committee} berät die Vorlage.") for step in page.steps if step.is_to_come]
    found += [
        (proof.starts_on, f"{row.municipality.name}: Der vereinbarte feste Termin beginnt ({_house(proof)}).")
        for row in page.rows
        for proof in row.agreed
        if proof.starts_on and proof.starts_on > page.day
    ]
    for day, text in sorted(found):
        yield Item(date_full(day), text)


# The money in words


def _money_headline(page: Dashboard) -> str:
    if page.money is None:
        return "Kein Ansatz für diesen Tag"
    return f"{euro(page.money.over)} überplanmäßig" if page.money.over else page.money.forecast.headline


def _money_sentences(page: Dashboard) -> Iterator[str]:
    if page.money is None:
        yield f"Für den {date_full(page.day)} ist kein Haushaltsansatz eingetragen."
        return
    money = page.money
    amended = f", mit Nachträgen {euro(money.account.available)}" if money.is_amended else ""
    yield f"{money.budget.name} ({_period(money)}): {euro(money.budget.ansatz_eur)}{amended}."
    if money.budget.approved_on is None:
        yield "Der Beschluss des Ansatzes ist nicht bekannt."
    elif money.is_approved:
        yield f"Beschlossen am {date_full(money.budget.approved_on)}."
    else:
        yield f"Am Stichtag noch nicht beschlossen (Beschluss am {date_full(money.budget.approved_on)})."
    yield from money.forecast.sentences
    if page.unit_costs:
        yield page.unit_costs
