"""How does the report become a PDF? Its texts as data, its figures as the SVG the page shows too."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from functools import cache
from typing import Any, Final

from django.template.loader import render_to_string

from beratung.coverage_table import Row
from beratung.dashboard import Dashboard
from beratung.figures import Drawing
from beratung.report import Report
from beratung.report_tables import (
    COUNTS,
    COVERAGE,
    MONEY,
    STEPS,
    forecast_table,
    proof_text,
    state_word,
)
from budget.forecast import chance_text
from locations.tables import Kind, printed
from locations.typesetting import TEMPLATES, printable, typeset
from locations.wording import SOFT_HYPHEN, UNKNOWN, date_full, euro

STATES: Final = ("covered", "agreed", "proposed", "gap")
SAID: Final = (
    *("district", "is_example", "paper", "headline", "state", "quote", "quote_source", "sentences"),
    *("places_left_out", "money_headline", "money_sentences", "pilot_sentences", "checksum"),
)
PROOFS_AT_ONCE: Final = 8  # of a municipality; a longer list would hide the others
TALLEST_LANES: Final = 1.45  # height to width; taller ones would run off the sheet
LISTED: Final = ("figures", "places", "decisions", "next_steps")
PRINTED: Final = (COUNTS, MONEY, STEPS)
_DEFS: Final = re.compile(r"<defs>.*?</defs>", re.DOTALL)


def as_pdf(report: Report) -> bytes:
    """Return the report as PDF/UA-1, dated by its day. The same report gives the same bytes."""
    return typeset("report", _data(report), day=report.day, untouched=drawings(report.page))


def _data(report: Report) -> dict[str, Any]:
    """Return what the template says, ready to print."""
    return {
        **{name: getattr(report, name) for name in SAID},
        **{name: [asdict(one) for one in getattr(report, name)] for name in LISTED},
        "title": report.title,
        "day": date_full(report.day),
        "iso_day": report.day.isoformat(),
        "short_checksum": report.short_checksum,
        "municipalities": _municipalities(report),
        "history": _history(report.page),
        "alt": {
            "map": _map_in_words(report.page),
            "lanes": _lanes_in_words(report.page),
            "bar": _bar_in_words(report.page),
        },
        "map_notes": _map_notes(report.page.maps[0]) if report.page.maps else (),
        "tables": {name: table.printed for name in PRINTED if (table := report.table(name))},
        "models": _models(report.page),
        "forecast": _forecast(report.page),
    }


def _municipalities(report: Report) -> list[dict[str, Any]]:
    """Return the coverage table with a line for each proof."""
    table = report.table(COVERAGE)
    names = [column.name for column in table.columns] if table else []
    rows = [dict(zip(names, row, strict=True)) for row in table.printed] if table else []
    return [
        {
            "name": row["Gemeinde"],
            "inhabitants": row["Einwohner"],
            "state": shown.state.value,
            "word": row["Stand"],
            "since": row["Stand seit"],
            "hours": row["Stunden je Monat"],
            "rate": row["Stunden je 1.000 Einwohner"],
            "proofs": _proofs(shown),
        }
        for row, shown in zip(rows, report.page.rows, strict=True)
    ]


def _proofs(row: Row) -> list[str]:
    """Return what proves the municipality, what is agreed, and how many slots do not count."""
    proofs = [proof_text(proof) for proof in (*row.proofs, *row.more_proofs)]
    lines = proofs[:PROOFS_AT_ONCE]
    if more := len(proofs) - len(lines):
        lines.append(
            f"und {more} weitere {_plural(more, 'Terminreihe', 'Terminreihen')}; alle stehen in der XLSX-Datei"
        )
    lines += [f"Vereinbart: {proof_text(proof)}" for proof in row.agreed]
    if row.proposed:
        lines.append(
            f"Vorgeschlagen, noch nicht zugesagt: {row.proposed} {_plural(row.proposed, 'Einrichtung', 'Einrichtungen')}"
        )
    if not lines:
        lines.append("Keine Einrichtung mit festem Termin, der zählt")
    if rest := len(row.not_counting):
        lines.append(
            f"Dazu {rest} {_plural(rest, 'Termin, der', 'Termine, die')} für das Ziel nicht {_plural(rest, 'zählt', 'zählen')}"
        )
    return lines


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _history(page: Dashboard) -> dict[str, Any] | None:
    if page.history is None:
        return None
    texts = (page.history.fulfilment, page.history.next_fulfilment)
    return {"headline": page.history.headline, "sentences": [text for text in texts if text]}


def _forecast(page: Dashboard) -> list[list[str]]:
    """Return the forecast as lines of name and amount, the chance last."""
    if page.money is None:
        return []
    found = page.money.forecast
    lines = [[str(name), printed(amount, Kind.EURO)] for name, amount, _ in forecast_table(found).rows[:-1]]
    most = "höchstens " if found.unknown else ""
    return [*lines, ["Wahrscheinlichkeit, dass das Geld reicht", f"{most}{chance_text(found.chance)}"]]


def _models(page: Dashboard) -> dict[str, Any]:
    """Return the comparison by row, each cell as text and note."""
    return {
        "models": [{"name": one.name, "what": one.what} for one in page.compared.models],
        "rows": [
            {"name": row.indicator.value, "cells": [{"text": cell.text, "note": cell.note} for cell in row.cells]}
            for row in page.compared.table.rows
        ],
        "period": f"{date_full(page.compared.first_day)} bis {date_full(page.compared.last_day)}",
    }


# Figures


def drawings(page: Dashboard) -> dict[str, str]:
    """Return every drawing as SVG by name, "" for one there is not."""
    wide, narrow = page.maps or (None, None)
    return {
        **{f"sign-{state}": drawn("_sign.html", {"state": state}) for state in STATES},
        "map": _map(wide),
        "small-map": _map(narrow),
        "lanes": _lanes(page),
        "bar": drawn("budget/_bar.html", {"bar": page.money.bars[0], "money": page.money}) if page.money else "",
    }


def drawn(template: str, context: dict[str, Any]) -> str:
    """Return the SVG of a page's fragment so that it can stand alone: with its colours and patterns in it."""
    html = render_to_string(template, context)
    opening, rest = html[html.index("<svg") : html.rindex("</svg>")].split(">", 1)
    return f'{opening} xmlns="http://www.w3.org/2000/svg"><style>{_colours()}</style>{_patterns()}{rest}</svg>'


def _map(drawing: Drawing | None) -> str:
    if drawing is None:
        return ""
    shapes = tuple(
        replace(shape, label=replace(shape.label, text=_plain(shape.label.text))) for shape in drawing.shapes
    )
    return drawn("beratung/_map.html", {"map": replace(drawing, shapes=shapes)})


def _lanes(page: Dashboard) -> str:
    if page.history is None:
        return ""
    drawing = page.history.drawings[1]
    if drawing.height > TALLEST_LANES * drawing.width:
        return ""
    rows = tuple(replace(row, name=_plain(row.name)) for row in drawing.rows)
    marks = tuple(replace(mark, text=_plain(mark.text)) for mark in drawing.marks)
    return drawn("beratung/_lanes.html", {"lanes": replace(drawing, rows=rows, marks=marks), "size": 2})


def _plain(text: str) -> str:
    """Return the text as a font can draw it; a figure breaks no words."""
    return printable(text).replace(SOFT_HYPHEN, "")


@cache
def _colours() -> str:
    return (TEMPLATES / "figures.css").read_text(encoding="utf-8")


@cache
def _patterns() -> str:
    found = _DEFS.search(render_to_string("_pattern_defs.html"))
    return found[0] if found else ""


# Figures in words


def _map_in_words(page: Dashboard) -> str:
    states = "; ".join(f"{row.municipality.name}: {state_word(row.state)}" for row in page.rows)
    return f"Karte der Gemeinden mit ihrem Stand. {states}. Die Tabelle sagt dasselbe."


def _lanes_in_words(page: Dashboard) -> str:
    if page.history is None:
        return ""
    counts = "; ".join(f"{date_full(one.first_day)}: {one.covered} von {one.total}" for one in page.history.counts)
    return (
        f"Zeitstrahl der Abdeckung, eine Zeile je Gemeinde. Abgedeckt waren ab dem {counts}. Die Tabelle sagt dasselbe."
    )


def _bar_in_words(page: Dashboard) -> str:
    if page.money is None:
        return ""
    total = page.money.total
    return (
        f"Balken: verfügbar {euro(page.money.account.available)}, bezahlt {euro(total.paid)}, gebunden "
        f"{euro(total.committed)}, geplant {euro(total.planned.likely)}, zusammen {euro(total.total)}. "
        "Die Tabelle nennt die Beträge nach Art."
    )


def _map_notes(drawing: Drawing) -> list[str]:
    notes = []
    if drawing.is_schematic:
        notes.append("Schematisch: Kreise an der wahren Stelle, ihre Fläche entspricht der Einwohnerzahl.")
    if drawing.unpeopled:
        notes.append(f"Gestrichelter Ring: Einwohnerzahl {UNKNOWN}.")
    if drawing.missing:
        notes.append(f"Lage {UNKNOWN}, darum nicht auf der Karte: {', '.join(drawing.missing)}.")
    return notes
