"""Which cost lines does a list name, and is there money for what it binds?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from budget.costs import rounded
from budget.ledger import free, granted, lock
from budget.models import Budget, CostLine
from locations.cells import Fields
from locations.headings import Column
from locations.imports.reports import Entry, Report
from locations.imports.running import ImportKind, Options
from locations.imports.writing import Batch, assign, changed_names, refusals
from locations.models import Institution
from locations.place_names import fold
from locations.wording import euro_exact

Kind, Basis = CostLine.Kind, CostLine.Basis
KINDS = {
    "fahrtkosten": Kind.TRAVEL, "fahrt": Kind.TRAVEL, "fahrten": Kind.TRAVEL, "reisekosten": Kind.TRAVEL, "travel": Kind.TRAVEL,
    "bueroausstattung": Kind.EQUIPMENT, "buero": Kind.EQUIPMENT, "ausstattung": Kind.EQUIPMENT, "equipment": Kind.EQUIPMENT,
    "miete": Kind.RENT, "mieten": Kind.RENT, "raummiete": Kind.RENT, "rent": Kind.RENT,
    "sonstiges": Kind.OTHER, "sonstige": Kind.OTHER, "anderes": Kind.OTHER, "other": Kind.OTHER,
}  # fmt: skip
BASES = {
    "einmalig": Basis.ONE_OFF, "einmal": Basis.ONE_OFF, "pauschal": Basis.ONE_OFF, "one off": Basis.ONE_OFF,
    "je monat": Basis.PER_MONTH, "pro monat": Basis.PER_MONTH, "monatlich": Basis.PER_MONTH, "per month": Basis.PER_MONTH,
    "je termin": Basis.PER_DATE, "pro termin": Basis.PER_DATE, "per date": Basis.PER_DATE,
    "je kilometer": Basis.PER_KM, "pro kilometer": Basis.PER_KM, "je km": Basis.PER_KM, "pro km": Basis.PER_KM,
    "km": Basis.PER_KM, "per km": Basis.PER_KM,
}  # fmt: skip
ZERO, MOST = Decimal(0), Decimal(99_999_999)
AMOUNTS = ("quantity", "unit_low_eur", "unit_likely_eur", "unit_high_eur", "committed_eur", "paid_eur")
DAYS = ("first_day", "last_day", "planned_on", "committed_on", "paid_on")


class CostLineImport(ImportKind):
    """Adds and updates cost lines; what they bind is checked against the budget, which stays locked meanwhile."""

    key = "kosten"
    label = "Kostenpositionen"
    hint = "CSV oder XLSX mit den Spalten Kostenart, Bezeichnung und Preis („1.234,50 €“)."
    model = CostLine
    columns = (
        Column("uuid", "Kennung"),
        Column("budget", "Haushaltsansatz", ("Ansatz", "Haushalt", "Budget", "Haushaltsjahr", "Jahr")),
        Column("kind", "Kostenart", ("Art", "Kategorie"), required=True),
        Column("description", "Bezeichnung", ("Beschreibung", "Position", "Was", "Zweck"), required=True),
        Column("basis", "Berechnung", ("Einheit", "Grundlage", "Berechnungsart")),
        Column("quantity", "Menge", ("Anzahl",)),
        Column(
            "unit_likely_eur",
            "Preis, wahrscheinlich",
            ("Preis", "Betrag", "Kosten", "Einzelpreis", "wahrscheinlich"),
            True,
        ),
        Column("unit_low_eur", "Preis, niedrig", ("niedrig", "von", "mindestens", "Minimum")),
        Column("unit_high_eur", "Preis, hoch", ("hoch", "bis", "höchstens", "Maximum")),
        Column("institution", "Einrichtung"),
        Column("first_day", "für die Zeit ab", ("ab", "gilt ab")),
        Column("last_day", "für die Zeit bis", ("gilt bis",)),
        Column("planned_on", "geplant am", ("Planung", "Datum")),
        Column("committed_on", "gebunden am", ("Auftrag vom", "beauftragt am")),
        Column("committed_eur", "gebunden in Euro", ("gebunden", "Auftragssumme")),
        Column("paid_on", "verausgabt am", ("bezahlt am", "Zahlung vom")),
        Column("paid_eur", "verausgabt in Euro", ("verausgabt", "bezahlt", "gezahlt")),
        Column("voucher", "Beleg", ("Belegnummer", "Rechnung")),
    )

    def compare(self, rows: list[Fields], options: Options, report: Report) -> Batch:
        comparison = _Comparison(options, report, _Books.load(options))
        for fields in rows:
            comparison.take(fields)
        return comparison.batch


@dataclass
class _Books:
    """The budgets in scope with their lines, locked; and how much of each is bound or paid."""

    budgets: list[Budget]
    lines: dict[tuple[Any, ...], CostLine]
    by_uuid: dict[UUID, CostLine]
    houses: dict[str, list[Institution]]
    bound: dict[int, Decimal]

    @classmethod
    def load(cls, options: Options) -> _Books:
        keys = Budget.objects.filter(district__in=options.in_scope).order_by("pk").values_list("pk", flat=True)
        budgets = [lock(key) for key in keys]
        prefetch_related_objects(budgets, "lines", "amendments")
        lines = [line for budget in budgets for line in budget.lines.all()]
        houses: dict[str, list[Institution]] = defaultdict(list)
        for house in Institution.objects.filter(municipality__district__in=options.in_scope):
            houses[fold(house.name)].append(house)
        by_identity = {_identity(line, line.budget_id): line for line in lines}
        # Reckoned before a line of the file changes one of these.
        bound = {budget.pk: _bound(budget, options.today) for budget in budgets}
        return cls(budgets, by_identity, {line.uuid: line for line in lines}, houses, bound)

    def budget(self, fields: Fields, planned_on: date) -> Budget | None:
        """Return the budget by name or year, else the one whose period holds the day; None with a problem."""
        name = fields.text("budget", 120)
        year = int(name) if name.isdigit() and len(name) == 4 else None
        if name and year is None:
            found = [one for one in self.budgets if fold(one.name) == fold(name)]
        else:
            day = planned_on if year is None else date(max(year, 1), 7, 1)
            found = [one for one in self.budgets if one.first_day <= day <= one.last_day]
        if len(found) == 1:
            return found[0]
        known = ", ".join(one.name for one in self.budgets[:5]) or "keiner"
        reason = "passt auf mehrere Haushaltsansätze" if found else "passt auf keinen Haushaltsansatz"
        fields.refuse("budget", f"Das {reason}. Bekannt: {known}.")
        return None

    def house(self, fields: Fields) -> Institution | None:
        """Return the house that the cell names; None where it names none, or with a problem."""
        name = fields.text("institution")
        found = self.houses.get(fold(name), []) if name else []
        if name and len(found) != 1:
            fields.refuse(
                "institution",
                "Diese Einrichtung gibt es mehrfach." if found else "Diese Einrichtung ist nicht bekannt.",
            )
        return found[0] if len(found) == 1 else None

    def bind(self, fields: Fields, budget: Budget, line: CostLine, before: Decimal) -> None:
        """Take what the line binds from what is free, or refuse it as the ledger would."""
        if (
            line.committed_on is None
            or line.paid_on is not None
            or (more := (line.committed_eur or ZERO) - before) <= 0
        ):
            return
        left = budget.ansatz_eur + granted(list(budget.amendments.all()), line.committed_on) - self.bound[budget.pk]
        if more > left:
            fields.refuse(
                "committed_eur",
                f"So viel kann nicht gebunden werden: In „{budget.name}“ sind mit Nachträgen "
                f"noch {euro_exact(max(left, ZERO))} frei.",
            )
        else:
            self.bound[budget.pk] += more


def _bound(budget: Budget, today: date) -> Decimal:
    """Return what is bound or paid, by the ledger's own account."""
    return budget.ansatz_eur + granted(list(budget.amendments.all()), today) - free(budget, today)


@dataclass
class _Comparison:
    """The rows of a file against what is stored."""

    options: Options
    report: Report
    books: _Books
    batch: Batch = field(default_factory=lambda: Batch(CostLine))
    seen: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def take(self, fields: Fields) -> None:
        """Add, change or leave a line, or reject the row."""
        values = _values(fields)
        budget = self.books.budget(fields, values["planned_on"] or self.options.today)
        values["institution"] = self.books.house(fields)
        if budget is None or fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        line, is_new = self._line(fields, values, budget)
        before = line.committed_eur or ZERO
        differences = assign(line, values)
        self._check(fields, line, budget, before)
        if fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        self._keep(fields, line, is_new, () if is_new else differences)

    def _line(self, fields: Fields, values: dict[str, Any], budget: Budget) -> tuple[CostLine, bool]:
        """Return the stored line that the row means, or a new one, and whether it is new."""
        line = self._by_uuid(fields)
        new = CostLine(budget=budget, planned_on=values["planned_on"] or self.options.today)
        identity = _identity_of(values, budget.pk)
        if identity in self.seen:
            fields.refuse("description", f"Steht schon in Zeile {self.seen[identity]}.")
        self.seen[identity] = fields.row.number
        line = line or self.books.lines.get(identity)
        return (line, False) if line else (new, True)

    def _by_uuid(self, fields: Fields) -> CostLine | None:
        text = fields.text("uuid", 40)
        if not text:
            return None
        try:
            found = self.books.by_uuid.get(UUID(text))
        except ValueError:
            found = None
        if found is None:
            fields.refuse("uuid", "Eine Kostenposition mit dieser Kennung gibt es hier nicht.")
        return found

    def _check(self, fields: Fields, line: CostLine, budget: Budget, before: Decimal) -> None:
        for name, reason in refusals(line).items():
            fields.refuse(name, reason)
        for key, reason in _contradictions(line):
            fields.refuse(key, reason)
        if not fields.problems:
            self.books.bind(fields, budget, line, before)

    def _keep(self, fields: Fields, line: CostLine, is_new: bool, differences: tuple[Any, ...]) -> None:
        label = f"{line.get_kind_display()}: {line.description}"
        if not self.report.take(Entry(fields.row.number, label, differences), is_new=is_new):
            return
        if is_new:
            self.batch.add(line)
        else:
            self.batch.change(line, changed_names(line, differences))


def _values(fields: Fields) -> dict[str, Any]:
    fields.required("kind")
    fields.required("unit_likely_eur")
    values: dict[str, Any] = {
        "kind": fields.choice("kind", KINDS) or "",
        "description": fields.required("description"),
        "basis": fields.choice("basis", BASES) or "",
        "voucher": fields.text("voucher", 120),
    }
    for name in AMOUNTS:
        amount = fields.decimal(name, lowest=ZERO, highest=MOST)
        values[name] = None if amount is None else rounded(amount)
    return values | {name: fields.day(name) for name in DAYS}


def _identity(line: CostLine, budget: int) -> tuple[Any, ...]:
    house = line.institution_id
    return budget, line.kind, fold(line.description), house, line.first_day


def _identity_of(values: dict[str, Any], budget: int) -> tuple[Any, ...]:
    house = values["institution"].pk if values["institution"] else None
    return budget, values["kind"], fold(values["description"]), house, values["first_day"]


def _contradictions(line: CostLine) -> list[tuple[str, str]]:
    """Return by column what the values say against each other, as the database would refuse it."""
    found = []
    low, likely, high = line.unit_low_eur, line.unit_likely_eur, line.unit_high_eur
    if (low is not None and low > likely) or (high is not None and high < likely):
        found.append(
            ("unit_likely_eur", "Der niedrige Preis liegt nicht über dem wahrscheinlichen, der hohe nicht darunter.")
        )
    if line.first_day and line.last_day and line.last_day < line.first_day:
        found.append(("last_day", "Der letzte Tag liegt vor dem ersten Tag."))
    if (line.committed_on is None) != (line.committed_eur is None):
        found.append(("committed_on", "Zu einer Bindung gehören Tag und Betrag."))
    if (line.paid_on is None) != (line.paid_eur is None):
        found.append(("paid_on", "Zu einer Zahlung gehören Tag und Betrag."))
    stages = [day for day in (line.planned_on, line.committed_on, line.paid_on) if day]
    if stages != sorted(stages):
        found.append(("planned_on", "Die Reihenfolge ist: geplant, gebunden, verausgabt."))
    return found
