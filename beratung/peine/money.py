"""What was decided about counselling in Peine, and what does the example spend?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from beratung.peine import files
from beratung.peine.counselling import Counselling
from beratung.peine.dates import chance
from beratung.peine.files import picked, without
from beratung.peine.keeper import Keeper
from beratung.peine.places import Places
from beratung.peine.story import FEDERAL_STATE, Story, last_of_month
from budget.costs import rounded
from budget.models import (
    Budget,
    BudgetAmendment,
    Committee,
    Consultation,
    CostLine,
    Paper,
    Pilot,
    Target,
    TravelRate,
)

RATE_NAME = "Große Wegstreckenentschädigung"
CAUTIOUS_RATE_NAME = "Kleine Wegstreckenentschädigung"


def keep_decision(keeper: Keeper, places: Places, counselling: Counselling) -> Paper:
    """Return the paper, with its way through the committees, its target and its pilots, those missing made."""
    content = files.real("paper")
    paper = _keep_paper(keeper, places, content["paper"])
    _keep_consultations(keeper, places, paper, content)
    keeper.keep(Target, {paper.reference: {"paper": paper, **content["target"]}})
    _keep_pilots(keeper, places, counselling, paper, content["pilots"])
    return paper


def _keep_paper(keeper: Keeper, places: Places, row: files.Table) -> Paper:
    values = {name: value.strip() for name, value in row.items()}
    rows = {row["reference"]: {"district": places.district, **values}}
    return keeper.keep(Paper, rows, natural=("district", "reference"))[row["reference"]]


def _keep_consultations(keeper: Keeper, places: Places, paper: Paper, content: files.Table) -> None:
    committees = keeper.keep(
        Committee,
        {row["short_name"]: {"district": places.district, **row} for row in content["committees"]},
        natural=("district", "short_name"),
    )
    values = {
        f"{paper.reference}/{row['position']}": {**row, "paper": paper, "committee": committees[row["committee"]]}
        for row in content["consultations"]
    }
    keeper.keep(Consultation, values, natural=("paper", "position"))


def _keep_pilots(
    keeper: Keeper, places: Places, counselling: Counselling, paper: Paper, rows: list[files.Table]
) -> None:
    values = {
        row["key"]: {
            **without(row, "key", "ags", "offers"),
            "paper": paper,
            "municipality": places.municipalities[row["ags"]],
        }
        for row in rows
    }
    linked = {row["key"]: [counselling.offers[offer] for offer in row["offers"]] for row in rows}
    keeper.link(Pilot._meta.get_field("offers"), keeper.keep(Pilot, values), linked)


def keep_travel_rates(keeper: Keeper) -> None:
    """Make the rates per kilometre of the state."""
    rows = {f"{row['name']}/{row['last_day']}": _filled(row) for row in files.general_rows("travel_rates")}
    keeper.keep(TravelRate, rows, natural=("jurisdiction", "name", "first_day"))


def _filled(row: files.Table) -> files.Table:
    return {name: value if value is not None or name.endswith("_day") else "" for name, value in row.items()}


def keep_budgets(keeper: Keeper, story: Story, places: Places, counselling: Counselling, paper: Paper) -> None:
    """Make a budget for every year up to the day's, with its lines as far as they have come by the day."""
    content = files.example("budget")
    years = range(content["first_year"], story.day.year + 1)
    budgets = keeper.keep(
        Budget,
        {str(year): _budget(year, content, places, paper) for year in years},
        natural=("district", "first_day"),
    )
    values = {
        key: {**line, "budget": budgets[str(year)]}
        for year in years
        for key, line in _lines_of_year(year, content, story, places, counselling)
    }
    keeper.keep(CostLine, values)
    _keep_amendment(keeper, places, content["amendment"], budgets)


def _budget(year: int, content: files.Table, places: Places, paper: Paper) -> dict[str, Any]:
    is_first = year == content["first_year"]
    return {
        "district": places.district,
        "paper": paper if is_first else None,
        "name": f"Haushaltsansatz {year}" if is_first else f"Beispiel-Haushalt {year}",
        "first_day": date(year, 1, 1),
        "last_day": date(year, 12, 31),
        "ansatz_eur": content["ansatz_eur"],
        "note": content["note_first_year"] if is_first else content["note_later_year"],
    }


def _keep_amendment(keeper: Keeper, places: Places, row: files.Table, budgets: dict[str, Budget]) -> None:
    values = {
        **picked(row, "amount_eur", "decided_on", "reason"),
        "budget": budgets[str(row["year"])],
        "paper": _keep_paper(keeper, places, row["paper"]),
    }
    keeper.keep(BudgetAmendment, {row["paper"]["reference"]: values})


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a year a cost line stands for, and when it is committed and paid."""

    label: str
    first_day: date
    last_day: date
    committed_on: date
    paid_on: date


def _stretches(year: int, row: files.Table) -> Iterator[Stretch]:
    if month := row.get("month"):
        committed_on = date(year, month, 6)
        yield Stretch("", date(year, 1, 1), date(year, 12, 31), committed_on, committed_on + timedelta(days=24))
        return
    months = 12 // row["parts"]
    for number in range(row["parts"]):
        first_day = date(year, 1 + number * months, 1)
        last_day = last_of_month(first_day, months - 1)
        label = f", {'Quartal' if row['parts'] == 4 else 'Halbjahr'} {number + 1}"
        yield Stretch(label, first_day, last_day, first_day + timedelta(days=9), last_day - timedelta(days=12))


def _lines_of_year(
    year: int, content: files.Table, story: Story, places: Places, counselling: Counselling
) -> Iterator[tuple[str, dict[str, Any]]]:
    planned_on = max(date(year - 1, 11, 20), content["first_planned_on"])
    for key, row in content["lines"].items():
        for stretch in _stretches(year, row) if _is_due(year, row, content["first_year"]) else ():
            if stretch.last_day > planned_on and _still_runs(row, stretch, counselling):
                name = f"{key}/{stretch.first_day}"
                yield name, _line(name, row, stretch, planned_on, story, places, counselling)


def _is_due(year: int, row: files.Table, first_year: int) -> bool:
    begins = row.get("first_year", first_year)
    return begins <= year <= row.get("last_year", year) and (year - begins) % row.get("every", 1) == 0


def _still_runs(row: files.Table, stretch: Stretch, counselling: Counselling) -> bool:
    slot = counselling.slots.get(row.get("slot", ""))
    return slot is None or slot.last_day is None or slot.last_day >= stretch.first_day


def _line(
    name: str,
    row: files.Table,
    stretch: Stretch,
    planned_on: date,
    story: Story,
    places: Places,
    counselling: Counselling,
) -> dict[str, Any]:
    low, likely, high = _unit_eur(row, stretch.first_day)
    return {
        **picked(row, "kind", "basis", "quantity"),
        "description": row["description"] + stretch.label,
        "unit_low_eur": low,
        "unit_likely_eur": likely,
        "unit_high_eur": high,
        "slot": counselling.slots[row["slot"]] if "slot" in row else None,
        "institution": places.institutions[row["institution"]] if "institution" in row else None,
        "first_day": stretch.first_day if stretch.label else None,
        "last_day": stretch.last_day if stretch.label else None,
        "planned_on": planned_on,
        **_stages(name, _usual_eur(row, likely), stretch, planned_on, story.day),
    }


def _unit_eur(row: files.Table, day: date) -> list[Decimal]:
    if "unit_eur" in row:
        return [Decimal(price) for price in row["unit_eur"]]
    rate = rate_on(RATE_NAME, day)
    return [rate_on(CAUTIOUS_RATE_NAME, day), rate, rate]


def rate_on(name: str, day: date) -> Decimal:
    """Return the euro per kilometre of the file of travel rates that holds on the day."""
    return next(
        Decimal(row["eur_per_km"])
        for row in files.general_rows("travel_rates")
        if (row["jurisdiction"], row["name"]) == (FEDERAL_STATE, name)
        and (row["first_day"] or "") <= day.isoformat() <= (row["last_day"] or "9")
    )


def _usual_eur(row: files.Table, likely: Decimal) -> Decimal:
    """Return what the line costs in a usual year: what really happened lies a little above or below it."""
    if "typical_eur" in row:
        return Decimal(row["typical_eur"])
    months = 12 // row["parts"] if "parts" in row else 1
    usual_quantity = months if row.get("basis") == "per_month" else 1
    return likely * Decimal(row.get("quantity", usual_quantity))


def _stages(name: str, usual_eur: Decimal, stretch: Stretch, planned_on: date, day: date) -> dict[str, Any]:
    committed_on = max(stretch.committed_on, planned_on)
    paid_on = max(stretch.paid_on, committed_on)
    stages: dict[str, Any] = {}
    if committed_on <= day:
        stages |= {"committed_on": committed_on, "committed_eur": rounded(usual_eur)}
    if paid_on <= day:
        # Within six per cent of what was expected, to the cent.
        paid_eur = rounded(usual_eur * (940 + chance(name, 121)) / 1000)
        stages |= {"paid_on": paid_on, "paid_eur": paid_eur, "voucher": f"Beispiel-Beleg {name.replace('/', ' ')}"}
    return stages
