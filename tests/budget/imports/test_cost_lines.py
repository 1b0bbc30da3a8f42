"""Do lists of costs become positions of a budget, and is nothing bound that is not there?"""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from budget.imports.cost_lines import CostLineImport
from budget.models import CostLine
from locations.imports.running import Options, run_import
from tests import builders

TODAY = date(2026, 9, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return builders.make_district()


@pytest.fixture
def budget(district):
    return builders.make_budget(
        district,
        name="Haushalt 2026",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        ansatz_eur=Decimal(10_000),
    )


def take(content: str, budget, *, encoding="utf-8", **given):
    options = Options(today=TODAY, districts=(budget.district,), **given)
    return run_import(CostLineImport(), BytesIO(content.encode(encoding)), options, dry_run=False)


def reasons(report) -> list[str]:
    return [f"{one.number} {one.column}: {one.reason}" for one in report.rejected]


def test_a_german_list_is_understood(budget):
    content = "Kostenart;Bezeichnung;Berechnung;Menge;Preis\nBüroausstattung;Beispiel-Möbel;einmalig;2;1.234,50 €\n"
    report = take(content, budget, encoding="cp1252")
    assert reasons(report) == []
    line = CostLine.objects.get()
    assert (line.kind, line.basis, line.quantity, line.unit_likely_eur) == (
        "equipment",
        "one_off",
        2,
        Decimal("1234.50"),
    )
    assert (line.budget, line.planned_on) == (budget, TODAY)


def test_the_same_file_again_changes_nothing(budget):
    content = "Kostenart;Bezeichnung;Preis\nMiete;Beispiel-Raum;80 €\n"
    take(content, budget)
    before = list(CostLine.objects.values())
    assert take(content, budget).written is False
    assert list(CostLine.objects.values()) == before


def test_a_new_price_is_a_change(budget):
    take("Kostenart;Bezeichnung;Preis\nMiete;Beispiel-Raum;80 €\n", budget)
    report = take("Kostenart;Bezeichnung;Preis\nMiete;Beispiel-Raum;95,50\n", budget)
    assert [(one.column, one.old, one.new) for one in report.changed[0].differences] == [
        ("Preis, wahrscheinlich", "80,00", "95,50")
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Reisen;Beispiel;10", "2 Kostenart: Bekannt sind:"),
        ("Miete;;10", "2 Bezeichnung: Die Angabe fehlt."),
        ("Miete;Beispiel;zehn", "2 Preis, wahrscheinlich: Das ist keine Zahl."),
        ("Miete;Beispiel;-5", "2 Preis, wahrscheinlich: Erwartet wird eine Zahl von 0"),
        ("Miete;Beispiel;", "2 Preis, wahrscheinlich: Die Angabe fehlt."),
    ],
)
def test_what_makes_no_sense_is_rejected(budget, line, reason):
    report = take(f"Kostenart;Bezeichnung;Preis\n{line}\n", budget)
    assert reasons(report)[0].startswith(reason)
    assert CostLine.objects.count() == 0


def test_prices_that_run_downwards_are_rejected_before_the_database_does(budget):
    report = take("Kostenart;Bezeichnung;niedrig;Preis;hoch\nMiete;Beispiel;10;5;20\n", budget)
    assert "Der niedrige Preis liegt nicht über dem wahrscheinlichen" in reasons(report)[0]


BOUND = "Kostenart;Bezeichnung;Preis;geplant am;gebunden am;gebunden\n"


def test_what_is_bound_fits_the_budget_to_the_cent(budget):
    lines = "Miete;A;6000;01.02.2026;01.03.2026;6.000,00 €\nMiete;B;4000;01.02.2026;01.03.2026;4.000,00 €\n"
    assert take(BOUND + lines, budget).written is True


def test_what_binds_more_than_there_is_is_rejected(budget):
    lines = "Miete;A;6000;01.02.2026;01.03.2026;6.000,00 €\nMiete;B;4000;01.02.2026;01.03.2026;4.000,01 €\n"
    report = take(BOUND + lines, budget)
    assert reasons(report) == [
        "3 gebunden in Euro: So viel kann nicht gebunden werden: In „Haushalt 2026“ sind mit Nachträgen "
        "noch 4.000,00\u00a0€ frei."
    ]
    assert CostLine.objects.count() == 0


def test_what_is_bound_already_counts_once(budget):
    line = "Miete;A;6000;01.02.2026;01.03.2026;6.000,00 €\n"
    take(BOUND + line, budget)
    assert take(BOUND + line.replace("6.000,00", "9.999,00"), budget).written is True
    assert "noch 1,00" in reasons(take(BOUND + "Miete;B;5;01.02.2026;01.03.2026;5\n", budget))[0]


def test_a_binding_without_a_day_is_rejected(budget):
    report = take(BOUND + "Miete;A;6000;01.02.2026;;6.000,00 €\n", budget)
    assert "Zu einer Bindung gehören Tag und Betrag." in reasons(report)[0]


@pytest.mark.parametrize("name", ["Haushalt 2026", "2026", ""])
def test_the_budget_is_found_by_name_year_or_day(budget, name):
    report = take(f"Haushaltsansatz;Kostenart;Bezeichnung;Preis\n{name};Miete;Beispiel;5\n", budget)
    assert reasons(report) == []
    assert CostLine.objects.get().budget == budget


def test_a_year_without_a_budget_is_rejected(budget):
    report = take("Jahr;Kostenart;Bezeichnung;Preis\n2031;Miete;Beispiel;5\n", budget)
    assert "Das passt auf keinen Haushaltsansatz. Bekannt: Haushalt 2026." in reasons(report)[0]


def test_the_same_position_twice_is_rejected(budget):
    report = take("Kostenart;Bezeichnung;Preis\nMiete;Beispiel;5\nMiete;Beispiel;6\n", budget)
    assert reasons(report) == ["3 Bezeichnung: Steht schon in Zeile 2."]
