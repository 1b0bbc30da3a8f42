"""What does somebody see of a computed plan? The page as values, from the answer kept with the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from appointments.describe import describe_rule
from appointments.recurrence import parse_rule
from beratung.planning_figures import draw_ranges, draw_steps
from beratung.planning_reading import asked_rows, difference, floor_sentence, missing_for_all, reading
from beratung.planning_tours import maps_of, tours_of
from beratung.planning_values import (
    CurveRow,
    EuroRow,
    Item,
    OtherPlan,
    Page,
    ProofWord,
    StageRow,
    TourRow,
)
from beratung.planning_week import week_of
from budget.costs import Line, Range
from budget.forecast import chance_text, forecast
from budget.models import CostLine, Plan
from budget.planner import ProofStatus
from budget.planning_asked import Asked
from locations.wording import NBSP, date_full, euro, euro_exact, km, listed, number, percent, time_range

WIDE, NARROW = 680.0, 328.0
BAR = 160.0
STAGES = {
    "coverage": "Gemeinden mit festem Termin",
    "cost": "Kosten im Zeitraum",
    "need": "Gedeckter Bedarf mit der zusätzlichen Summe",
}
FAR_OUTSIDE = 2  # times the dearest point: money drawn so far away would press the curve together
KINDS = (
    ("travel", CostLine.Kind.TRAVEL),
    ("rent", CostLine.Kind.RENT),
    ("equipment", CostLine.Kind.EQUIPMENT),
)


def page_of(plan: Plan, asked: Asked) -> Page:
    """Return the page of a plan that is computed. One query, for the map."""
    return Reader(plan, asked).page()


def cents(amount: int) -> Decimal:
    """Return cents as euro."""
    return Decimal(amount) / 100


class Reader:
    """Reads the answer of one plan."""

    def __init__(self, plan: Plan, asked: Asked) -> None:
        self.plan, self.asked = plan, asked
        self.answer: dict[str, Any] = plan.answer or {}
        self.houses: dict[str, str] = self.answer["house_names"]
        self.towns: dict[str, str] = self.answer["municipality_names"]
        self.people: dict[str, str] = self.answer["counsellor_names"]

    def page(self) -> Page:
        answer = self.answer
        items = tuple(self._item(row) for row in answer["slots"])
        curve = self._curve_points()
        plan = answer["covered"]
        money = self.asked.money
        dearest = max((cost for _, cost, _ in curve), default=0)
        shown = money if money <= FAR_OUTSIDE * max(dearest, 1) else None
        curves = draw_steps(curve, plan, shown, WIDE), draw_steps(curve, plan, shown, NARROW)
        tours = tours_of(answer)
        week = week_of(items, answer)
        return Page(
            headline=self._headline(),
            lead=tuple(self._lead()),
            cost=cents(answer["measured"]),
            stages=tuple(self._stages()),
            items=items,
            curve=tuple(self._curve_rows()),
            curves=(curves[0], curves[1]) if curves[0] and curves[1] else None,
            curve_finding=self._curve_finding(),
            money_outside="" if shown is not None else f"Das Geld, {euro(cents(money))}, liegt weit rechts davon.",
            next_money=(answer["next_money"] or {}).get("sentence", ""),
            alternatives=tuple(self._other(row, row["differences"]) for row in answer["alternatives"]),
            maps=maps_of(tours, self.towns),
            tours=tuple(TourRow(tour.style, text) for tour, text in tours),
            week=week,
            days=tuple(day for day, _ in week[0].days) if week else (),
            euros=tuple(self._euros()),
            chance=self._chance(),
            uncovered=tuple(self._uncovered()),
            closings=tuple(self._closings()),
            backup=self._backup(),
            need=self._need(),
            bands=self._bands(),
            notes=(*answer.get("messages", ()), *answer.get("notes", ())),
            slots=len(items),
            asked=tuple(asked_rows(self.asked, answer)),
            floor=floor_sentence(self.asked, answer),
            reading=reading(answer),
            for_all=missing_for_all(self.asked, answer),
        )

    # What it comes to

    def _headline(self) -> str:
        answer = self.answer
        covered, total = answer["covered"], answer["municipalities"]
        if not answer["slots"]:
            if covered == total:
                return f"Alle {total} Gemeinden haben schon einen festen Termin"
            return f"Kein neuer Termin möglich: {covered} von {total} Gemeinden"
        amount = euro(cents(answer["measured"]))
        if covered == total:
            return f"{amount} reichen für {'die Gemeinde' if total == 1 else f'alle {total} Gemeinden'}"
        return f"{amount} reichen für {covered} von {total} Gemeinden"

    def _lead(self) -> Iterator[str]:
        answer, period = self.answer, f"{date_full(self.asked.first_day)} bis {date_full(self.asked.last_day)}"
        yield f"Gerechnet vom {period}, gegen {euro_exact(cents(self.asked.money))}."
        proof = answer["proof"]
        if proof and proof["status"] == ProofStatus.OPTIMAL and answer["slots"]:
            count = answer["covered"]
            yield f"Kein anderer Plan schafft {count} {'Gemeinde' if count == 1 else 'Gemeinden'} für weniger Geld."
        elif proof and proof["status"] == ProofStatus.BOUNDED:
            yield "Ob es noch billiger geht, ist nicht bewiesen."

    def _stages(self) -> Iterator[StageRow]:
        answer = self.answer
        values = [f"{answer['covered']} von {answer['municipalities']}", euro_exact(cents(answer["measured"]))]
        for index, stage in enumerate(answer["stages"]):
            value = stage["proof"]["value"]
            points = "–" if value is None else f"{number(round(value))} Punkte"
            yield StageRow(
                STAGES.get(stage["name"], stage["name"]),
                values[index] if index < 2 else points,
                proof_word(stage["proof"]),
                stage["sentence"],
            )

    def _euros(self) -> Iterator[EuroRow]:
        cost = self.answer["cost"]
        rows = {str(kind.label): triple(cost[name]) for name, kind in KINDS}
        change = triple(self.answer["existing_change"])
        if any(change):
            rows["Bestehende Fahrten, weil Wege geteilt werden"] = change
        total = tuple(sum(row[index] for row in rows.values()) for index in range(3))
        bars = draw_ranges({**rows, "": total}, BAR)
        for label, amounts in rows.items():
            yield EuroRow(label, *map(cents, amounts), bars[label] if amounts[1] >= 0 else None)
        yield EuroRow("Zusammen", *map(cents, total), bars[""], is_total=True)

    def _chance(self) -> str:
        """Return how probable it is that the money suffices, as the planner says, and the forecast's range."""
        day = self.asked.asked_on
        lines = [
            Line(number_, name, Decimal(1), Range(*map(cents, triple(slot["cost"][name]))), day)
            for number_, slot in enumerate(self.answer["slots"])
            for name, _ in KINDS
        ]
        if not lines:
            return ""
        ahead = forecast(lines, cents(self.asked.money), day, self.asked.last_day)
        chance = self.answer.get("chance")  # with what existing trips save; older plans do not have it
        return (
            f"Mit {chance_text(ahead.chance if chance is None else chance)} Wahrscheinlichkeit bleibt der Plan unter "
            f"{euro_exact(cents(self.asked.money))}. In 9 von 10 Fällen kostet er {euro(ahead.low)} bis {euro(ahead.high)}."
        )

    # The appointments

    def _item(self, row: Mapping[str, Any]) -> Item:
        anchor = row["rule"]["anchor"]
        rule = parse_rule(row["rule"]["text"], date.fromisoformat(anchor) if anchor else None)
        start, end = time.fromisoformat(row["start"]), time.fromisoformat(row["end"])
        low, likely, high = (sum(row["cost"][name][part] for name, _ in KINDS) for part in ("low", "likely", "high"))
        spread = "" if low == high else f" ({euro(cents(low))} bis {euro(cents(high))})"
        saving = row["saving"]
        return Item(
            house=self.houses.get(str(row["institution"]), "nicht bekannt"),
            municipality=self.towns.get(str(row["municipality"]), "nicht bekannt"),
            counsellor=self.people.get(str(row["counsellor"]), "nicht bekannt"),
            offer=self.answer["offer_names"].get(str(row["counsellor"]), ""),
            weekday=row["weekday"],
            times=time_range(start, end),
            rhythm=describe_rule(rule),
            dates=len(row["dates"]),
            cost=f"{euro_exact(cents(likely))}{spread}",
            reason=row["reason"],
            saving="" if saving is None else f"Weglassen spart {euro_exact(cents(saving))}.",
            kilometres=km(row["kilometres"]),
            start=start,
            step_free=self.answer["step_free"].get(str(row["institution"])),
        )

    # The curve

    def _curve_points(self) -> list[tuple[int, int, bool]]:
        """Return the points that can be drawn, from the last that costs nothing on."""
        found = [(row["count"], row["cost"], row["proven"]) for row in self.answer["curve"] if row["cost"] is not None]
        free = sum(cost == 0 for _, cost, _ in found)
        return found[max(0, free - 1) :]

    def _curve_rows(self) -> Iterator[CurveRow]:
        before: int | None = None
        for row in self.answer["curve"]:
            cost = row["cost"]
            more = "" if cost is None or before is None else f"{euro_exact(cents(cost - before))} mehr"
            yield CurveRow(
                count=row["count"],
                cost="nicht möglich" if cost is None else euro_exact(cents(cost)),
                more=more,
                proof=curve_proof(row),
                municipalities=listed([self.towns[str(key)] for key in row["municipalities"]]),
                is_plan=row["count"] == self.answer["covered"],
                is_possible=cost is not None,
            )
            before = cost

    def _curve_finding(self) -> str:
        points = {count: cost for count, cost, _ in self._curve_points()}
        count = self.answer["covered"]
        if count in points and count - 1 in points:
            return f"Die {count}. Gemeinde kostet {euro(cents(points[count] - points[count - 1]))} mehr als die davor."
        return ""

    # The other plans

    def _other(self, row: Mapping[str, Any], sentences: Iterable[str]) -> OtherPlan:
        extra = row.get("extra_cost", row.get("price", 0))
        return OtherPlan(
            cost=euro_exact(cents(self.answer["measured"] + extra)),
            more=difference(extra),
            sentences=tuple(sentences),
            items=tuple(self._item(slot) for slot in row["slots"]),
            proof=proof_word(row["proof"]),
        )

    def _backup(self) -> OtherPlan | None:
        row = self.answer["backup"]
        return self._other(row, [row["sentence"]]) if row else None

    def _need(self) -> OtherPlan | None:
        row = self.answer["need"]
        found = self._other(row, [row["sentence"]]) if row else None
        return replace(found, cost=euro_exact(cents(row["measured"])), more="") if found else None

    def _bands(self) -> str:
        parts, upper = [], 0.0
        for band in self.answer["bands"]:
            parts.append(
                f"von {number(Decimal(str(upper)), 2)} bis {number(Decimal(str(upper + band['width'])), 2)} "
                f"Stunden {number(Decimal(str(band['weight'])), 1)} Punkte"
            )
            upper += band["width"]
        return "; ".join(parts)

    def _uncovered(self) -> Iterator[tuple[str, str, str]]:
        for row in self.answer["uncovered"]:
            name, extra = self.towns[str(row["municipality"])], row["extra_money"]
            amount = "" if extra is None else euro_exact(cents(extra))
            sentence = row["sentence"].removeprefix(f"{name}: ")
            yield name, sentence, "" if amount in sentence else f"Es fehlen mindestens {amount}."

    def _closings(self) -> Iterator[str]:
        rows = self.answer["closings"]
        harmless = sum(not row["municipalities"] for row in rows)
        yield from (row["sentence"] for row in rows if row["municipalities"])
        if harmless:
            houses = "einer weiteren Einrichtung" if harmless == 1 else f"{number(harmless)} weiteren Einrichtungen"
            yield f"Bei {houses} bliebe jede Gemeinde versorgt."


def triple(amount: Mapping[str, int]) -> tuple[int, int, int]:
    """Return low, likely and high."""
    return amount["low"], amount["likely"], amount["high"]


def proof_word(proof: Mapping[str, Any] | None) -> ProofWord:
    """Return what is known in a word or two."""
    if proof is None:
        return ProofWord("nicht bewiesen", False)
    if proof["status"] != ProofStatus.BOUNDED:
        return ProofWord("bewiesen", True)
    if proof["gap"] is None:
        return ProofWord("nicht bewiesen", False)
    return ProofWord(f"höchstens {percent_exact(proof['gap'])} vom Besten entfernt", False)


def percent_exact(share: float) -> str:
    """Return "1,2 %", so that a small gap is not rounded to nothing."""
    return f"{number(Decimal(str(round(share * 100, 1))), 1)}{NBSP}%" if share < 0.1 else percent(share)


def curve_proof(row: Mapping[str, Any]) -> ProofWord | None:
    """Return the proof of one point of the curve."""
    if row["proven"]:
        return ProofWord("bewiesen", True)
    if row["bound"] is None:
        return ProofWord("nicht bewiesen", False)
    return ProofWord(f"mindestens {euro_exact(cents(row['bound']))}", False)
