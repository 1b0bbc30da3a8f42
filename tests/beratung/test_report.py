"""Do paper, workbook and file say what the page says, and can everybody read and check them?"""

from __future__ import annotations

import csv
import re
from datetime import date, time, timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from appointments.models import Attendance, Slot
from beratung.dashboard import dashboard
from beratung.peine.load import load_peine
from beratung.report import NotReadableDayError, report
from beratung.report_pdf import as_pdf, drawings, drawn
from beratung.report_views import coverage_csv, workbook
from budget.models import CostLine, Pilot
from locations.typesetting import TEMPLATES
from locations.wording import euro_exact
from tests.builders import (
    make_budget,
    make_cost_line,
    make_district,
    make_institution,
    make_municipality,
    make_offer,
    make_paper,
    make_provider,
    make_slot,
    make_target,
)

DAY = date(2026, 9, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_district(name="Landkreis Beispiel", slug="beispiel", is_example=True)


@pytest.fixture
def target(district):
    return make_target(make_paper(district, reference="2014/026", slug="2014-026"))


def of(district, day: date = DAY, today: date = DAY):
    return report(district.slug, day.isoformat(), today)


def reader(found) -> PdfReader:
    return PdfReader(BytesIO(as_pdf(found)))


def words(text: str) -> str:
    """Return the text with single spaces, without soft hyphens and hyphenation at the end of a line."""
    return " ".join(text.replace("\N{SOFT HYPHEN}", "").split())


def pdf_text(found) -> str:
    return words(" ".join(page.extract_text() for page in reader(found).pages))


def sheets(found) -> dict[str, list[dict]]:
    book = load_workbook(BytesIO(workbook(found)))
    rows = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    return {name: [dict(zip(table[0], row, strict=True)) for row in table[1:]] for name, table in rows.items()}


def csv_rows(found) -> list[dict[str, str]]:
    text = coverage_csv(found).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline=""), delimiter=";"))


def html_text(client, slug: str, day: date) -> str:
    html = client.get(f"/kreise/{slug}/", {"stichtag": day.isoformat()}).content.decode()
    return words(unescape(re.sub(r"<(style|script|svg).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)))


# Page, PDF, XLSX and CSV


def compare_outlets(client, slug: str, day: date) -> None:
    """Assert that every outlet says the numbers of the dashboard."""
    page = dashboard(slug, day.isoformat(), day)
    found = report(slug, day.isoformat(), day)
    html, paper, book, table = html_text(client, slug, day), pdf_text(found), sheets(found), csv_rows(found)
    assert words(page.finding.headline) in html
    assert words(page.finding.headline) in paper
    compare_coverage(page, html, paper, book["Abdeckung"], table)
    compare_time(page, paper, book)
    if page.money:
        compare_money(page.money, html, paper, book)
        compare_unit_costs(page, html, paper, book["Kosten je Termin"])


def compare_coverage(page, html, paper, sheet, table) -> None:
    assert len(page.rows) == len(sheet) == len(table)
    for row, line, record in zip(page.rows, sheet, table, strict=True):
        name, word = row.municipality.name, {"gap": "Lücke"}.get(row.state.value, "")
        word = word or {"covered": "Abgedeckt", "agreed": "Vereinbart", "proposed": "Vorgeschlagen"}[row.state.value]
        assert (line["Gemeinde"], line["Stand"], line["AGS"]) == (name, word, row.municipality.ags)
        assert (record["Gemeinde"], record["Stand"], record["AGS"]) == (name, word, row.municipality.ags)
        assert line["Einwohner"] == (
            "nicht bekannt" if row.municipality.population is None else row.municipality.population
        )
        assert line["Stand seit"].date() == row.since
        assert record["Stand seit"] == f"{row.since:%d.%m.%Y}"
        assert record["Stunden je Monat"] == f"{Decimal(line['Stunden je Monat']):.1f}".replace(".", ",")
        assert f"{name} {word}" in paper
        assert f"{row.since:%d.%m.%Y}" in html
    covered = sum(row.state == "covered" for row in page.rows)
    if page.rows:
        assert f"{covered} von {len(page.rows)}" in html
        assert f"{covered} von {len(page.rows)}" in paper
        assert sum(line["Stand"] == "Abgedeckt" for line in sheet) == covered
        assert sum(record["Stand"] == "Abgedeckt" for record in table) == covered


def compare_time(page, paper, book) -> None:
    if page.history is None:
        return
    counts = [(step.covered, step.total) for step in page.history.timeline.steps]
    assert [(row["Abgedeckt"], row["Gemeinden"]) for row in book["Verlauf"]] == counts
    now = page.history.timeline.step_on(page.day)
    assert (now.covered, now.total) == (sum(row.state == "covered" for row in page.rows), len(page.rows))
    assert words(page.history.fulfilment) in paper


def compare_money(money, html, paper, book) -> None:
    lines = {row["Kostenart"]: row for row in book["Geld"]}
    assert list(lines) == [row.label for row in (*money.rows, money.total)]
    for row in (*money.rows, money.total):
        amounts = (row.paid, row.committed, row.planned.likely, row.total)
        line = lines[row.label]
        printed = tuple(Decimal(str(line[name])) for name in ("Bezahlt", "Gebunden", "Geplant", "Zusammen"))
        assert printed == amounts
        assert words(" ".join([row.label, *map(euro_exact, amounts)])) in paper
        assert all(words(euro_exact(amount)) in html for amount in amounts)
    assert words(money.forecast.headline) in paper
    assert Decimal(str(book["Prognose"][1]["Euro"])) == money.forecast.likely == money.total.total


def compare_unit_costs(page, html, paper, lines) -> None:
    paid, dates, hours, per_date, per_hour = (line["Wert"] for line in lines)
    assert Decimal(str(paid)) == page.money.total.paid
    assert dates == page.compared.held
    assert hours == pytest.approx(page.compared.minutes / 60, abs=0.005)
    if not page.compared.held:
        assert (per_date, per_hour) == ("–", "–")
        return
    assert per_date == pytest.approx(paid / dates, abs=0.0051)
    assert per_hour == pytest.approx(paid / (page.compared.minutes / 60), abs=0.0051)
    for text in (html, paper):
        assert words(f"{euro_exact(Decimal(str(per_date)))} je Termin") in text
        assert words(f"{euro_exact(Decimal(str(per_hour)))} je Stunde") in text


@pytest.fixture
def peine():
    load_peine(day=DAY)


@pytest.mark.parametrize("day", [date(2014, 6, 1), date(2014, 12, 31), date(2015, 1, 1), date(2020, 3, 1), DAY])
def test_all_outlets_agree_on_peine(client, peine, day):
    compare_outlets(client, "peine", day)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_all_outlets_agree_on_generated_districts(client, data):
    district = make_district(is_example=False)
    make_target(make_paper(district), minimum_institutions=data.draw(st.integers(1, 2)))
    days = st.lists(st.dates(date(2019, 1, 1), date(2027, 12, 31)), max_size=3)
    for _ in range(data.draw(st.integers(0, 4))):
        town = make_municipality(district, population=data.draw(st.none() | st.integers(0, 99_999)))
        for first in data.draw(days):
            known = dict.fromkeys(("proposed_on", "agreed_on", "published_on"), min(first, DAY))
            make_slot(make_institution(town), first_day=first, **known)
    if data.draw(st.booleans()):
        budget = make_budget(district)
        for kind in data.draw(st.lists(st.sampled_from(CostLine.Kind.values), max_size=4)):
            make_generated_line(budget, kind, data)
    compare_outlets(client, district.slug, DAY)


def make_generated_line(budget, kind, data) -> None:
    cents = st.integers(1, 999_999).map(lambda amount: Decimal(amount) / 100)
    paid, likely = data.draw(st.none() | cents), data.draw(cents)
    make_cost_line(
        budget,
        kind=kind,
        quantity=data.draw(st.none() | st.integers(0, 9)),
        unit_likely_eur=likely,
        unit_high_eur=likely * 2,
        paid_eur=paid,
        paid_on=budget.first_day if paid else None,
    )


# Always the same


def test_the_same_day_and_data_give_the_same_bytes_whenever_they_are_asked_for(peine):
    soon, later = (report("peine", "2026-09-24", today) for today in (DAY, DAY + timedelta(days=400)))
    assert soon.checksum == later.checksum
    for write in (as_pdf, workbook, coverage_csv):
        assert write(soon) == write(later)


def test_another_day_or_other_data_have_another_checksum(district, target):
    town = make_municipality(district)
    first = of(district).checksum
    assert of(district).checksum == first
    assert of(district, DAY - timedelta(days=1)).checksum != first
    make_slot(make_institution(town))
    second = of(district).checksum
    town.boundary = {"type": "Polygon", "coordinates": [[[10, 52], [11, 52], [11, 53], [10, 52]]]}
    town.save()
    assert len({first, second, of(district).checksum}) == 3


def test_the_report_names_its_day_and_checksum(district, target):
    found = of(district)
    text = pdf_text(found)
    assert "Stichtag 24. September 2026" in text
    assert re.fullmatch(r"[0-9a-f]{4} [0-9a-f]{4}", found.short_checksum)
    assert f"Prüfsumme der Daten {found.short_checksum}" in text
    assert found.checksum in text.replace(" ", "")
    overview = sheets(found)["Überblick"]
    assert {"Angabe": "Prüfsumme der Daten (SHA-256)", "Wert": found.checksum} in overview
    assert {"Angabe": "Stichtag", "Wert": "24.09.2026"} in overview
    assert "Beispieldaten" in text


# What cannot be said is said


def test_without_a_target_the_report_says_so(client, district):
    make_slot(make_institution(make_municipality(district)))
    text = pdf_text(of(district))
    assert "Ob das Ziel erreicht ist, lässt sich nicht bestimmen" in text
    assert "Am 24. September 2026 gilt kein Ziel." in text
    compare_outlets(client, district.slug, DAY)


def test_without_a_municipality_the_report_says_so(client, district, target):
    text = pdf_text(of(district))
    assert "Am 24. September 2026 ist keine Gemeinde eingetragen." in text
    compare_outlets(client, district.slug, DAY)


def test_without_a_budget_the_report_says_so(district, target):
    make_municipality(district)
    found = of(district)
    assert "Kein Ansatz für diesen Tag" in pdf_text(found)
    assert found.table("Geld") is None
    assert ("Geld", "Für den 24.\xa0September\xa02026 ist kein Haushaltsansatz eingetragen.") in [
        (item.about, item.text) for item in found.decisions
    ]


def test_an_unknown_population_is_a_word_in_every_outlet(district, target):
    make_municipality(district, population=None)
    found = of(district)
    assert csv_rows(found)[0]["Einwohner"] == "nicht bekannt"
    assert csv_rows(found)[0]["Stunden je 1.000 Einwohner"] == "nicht bekannt"
    assert sheets(found)["Abdeckung"][0]["Einwohner"] == "nicht bekannt"
    assert "nicht bekannt" in pdf_text(found)


def test_where_nothing_is_open_the_report_says_so(district, target):
    town = make_municipality(district)
    for _ in range(2):
        slot = make_slot(make_institution(town), first_day=date(2026, 9, 1))
        Attendance.objects.create(slot=slot, day=date(2026, 9, 22), conversations=9)
    make_budget(district)
    assert [item.about for item in of(district).decisions] == ["Nichts"]


def test_what_is_to_be_decided_follows_from_what_is_open(district, target):
    hanging = make_municipality(district, name="Beispielhang")
    make_municipality(district, name="Beispiellücke")
    make_slot(make_institution(hanging), published_on=DAY, first_day=DAY)
    make_cost_line(make_budget(district, ansatz_eur=Decimal(50)), unit_likely_eur=Decimal(100))
    decisions = {item.about: item.text for item in of(district).decisions}
    assert decisions["Beispiellücke"] == "Hier fehlt ein fester Termin. Wo soll er stattfinden?"
    assert "hängt hier an einer einzigen Einrichtung" in decisions["Beispielhang"]
    assert decisions["Geld"].startswith("Das Geld reicht nicht.")


def test_what_is_agreed_stands_under_the_next_steps(district, target):
    town = make_municipality(district, name="Beispielstart")
    make_slot(make_institution(town), proposed_on=DAY, agreed_on=DAY, published_on=DAY, first_day=date(2026, 11, 2))
    (step,) = of(district).next_steps
    assert step.about == "2.\xa0November\xa02026"
    assert step.text.startswith("Beispielstart: Der vereinbarte feste Termin beginnt (Beispiel-Schule")
    assert of(district, DAY - timedelta(days=1)).next_steps == ()  # nobody knew yet


# Public


def test_a_confidential_house_is_in_no_outlet(district, target):
    house = make_institution(make_municipality(district), name="Beispiel-Geheim", address_is_public=False)
    slot = make_slot(house)
    pilot = Pilot.objects.create(
        paper=target.paper, name="Beispielmodell", model="team", municipality=house.municipality
    )
    pilot.offers.add(slot.offer)
    found = of(district)
    assert "vertraulicher Adresse" in csv_rows(found)[0]["Nachweis"]
    for text in (pdf_text(found), coverage_csv(found).decode(), str(sheets(found))):
        assert "Geheim" not in text


def test_amounts_are_public_by_kind_only(district, target):
    slot = make_slot(make_institution(make_municipality(district)))
    cost = {"slot": slot, "description": "Beispiel-Rechnung", "voucher": "B-4711", "unit_likely_eur": Decimal("77.77")}
    budget = make_budget(district)
    make_cost_line(budget, **cost)
    make_cost_line(budget, unit_likely_eur=Decimal("10.00"))
    found = of(district)
    for text in (pdf_text(found), coverage_csv(found).decode(), str(sheets(found))):
        assert "Beispiel-Rechnung" not in text
        assert "4711" not in text
        assert slot.offer.provider.name not in text


def test_few_conversations_are_told_nowhere(district, target):
    town = make_municipality(district)
    provider = make_provider(district)
    offer = make_offer(provider)
    slot = make_slot(make_institution(town), offer, first_day=date(2026, 9, 1))
    Attendance.objects.create(slot=slot, day=date(2026, 9, 1), conversations=3)
    pilot = Pilot.objects.create(paper=target.paper, name="Beispielmodell", model="team", municipality=town)
    pilot.offers.add(offer)
    found = of(district)
    line = next(row for row in sheets(found)["Modelle"] if row["Kennzahl"] == "Gespräche")
    assert (line["Anzeige"], line["Wert"], line["Höchstens"]) == ("unter 5", "–", "–")
    assert "unter 5" in pdf_text(found)


@pytest.mark.parametrize(
    "name", ["=1+1", "@SUM(A1)", "-Beispiel", "+Beispiel", "#let x = 1", "*fett* $x$ <a>", "Bei😀spiel"]
)
def test_a_name_is_text_in_every_outlet(district, target, name):
    town = make_municipality(district, name=name)
    make_slot(make_institution(town, name=name))
    found = of(district)
    cell = load_workbook(BytesIO(workbook(found)))["Abdeckung"]["B2"]
    assert (cell.value, cell.data_type) == (name, "s")
    assert csv_rows(found)[0]["Gemeinde"] == (f"'{name}" if name[0] in "=+-@" else name)
    assert name.replace("😀", "\N{REPLACEMENT CHARACTER}") in pdf_text(found)


# The PDF


def test_the_report_of_peine_is_a_tagged_pdf_of_four_to_eight_pages(peine):
    pdf = reader(report("peine", "2026-09-24", DAY))
    catalogue = pdf.trailer["/Root"]
    assert 4 <= len(pdf.pages) <= 8
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].startswith("de")
    assert "<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_data().decode().replace('"', "")
    assert pdf.metadata.title == "Landkreis Peine: Ziel noch nicht erreicht: 5 von 7 Gemeinden"
    tags = list(structure(catalogue["/StructTreeRoot"]))
    kinds = [tag["/S"] for tag in tags]
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= set(kinds)
    alternatives = [tag["/Alt"] for tag in tags if tag["/S"] == "/Figure"]
    assert len(alternatives) == 4
    assert any("Edemissen: Lücke" in text for text in alternatives)
    assert any("bezahlt" in text for text in alternatives)


def structure(node):
    """Yield every tag of the tree."""
    node = node.get_object()
    if "/S" in node:
        yield node
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        if hasattr(kid.get_object(), "keys"):
            yield from structure(kid)


def test_page_one_is_the_answer(peine):
    text = words(reader(report("peine", "2026-09-24", DAY)).pages[0].extract_text())
    for said in (
        "Ziel noch nicht erreicht:",
        "5 von 7",
        "10.000 €",
        "Das Geld reicht",
        "Was zu entscheiden ist",
        "Edemissen",
    ):
        assert said in text


def test_many_municipalities_leave_page_one_to_those_that_are_not_covered(district, target):
    for number in range(40):
        town = make_municipality(district, name=f"Beispielort {number:02}")
        if number % 4:
            make_slot(make_institution(town, name=f"Beispiel-Schule mit einem recht langen Namen Nummer {number}"))
    found = of(district)
    assert (len(found.places), found.places_left_out) == (9, 31)
    assert all(place.state == "gap" for place in found.places)
    text = pdf_text(found)
    assert all(f"Beispielort {number:02}" in text for number in range(40))


def test_what_has_no_room_on_paper_is_said_and_stands_in_the_workbook(district, target):
    for number in range(30):
        town = make_municipality(district, name=f"Beispielgemeinde mit langem Namen {number:02}")
    house = make_institution(town)
    for weekday in ("MO", "TU", "WE", "TH", "FR"):
        for hour in (8, 10):
            make_slot(house, rule=f"FREQ=WEEKLY;BYDAY={weekday}", start_time=time(hour), end_time=time(hour + 1))
    found = of(district)
    text = pdf_text(found)
    assert "und 2 weitere Terminreihen; alle stehen in der XLSX-Datei" in text
    assert "Alle Zeiten stehen in der XLSX-Datei im Blatt „Zeitstrahl“." in text
    assert len(sheets(found)["Nachweise"]) == 10
    assert len(sheets(found)["Zeitstrahl"]) == 31


def test_a_district_that_is_all_covered_points_to_the_full_table(district, target):
    for _ in range(12):
        make_slot(make_institution(make_municipality(district)))
    found = of(district)
    assert (len(found.places), found.places_left_out) == (0, 12)
    assert "Alle 12 Gemeinden sind abgedeckt" in pdf_text(found)


def test_every_class_of_a_figure_has_its_look_on_paper(peine):
    rules = (TEMPLATES / "figures.css").read_text()
    page = report("peine", "2026-09-24", DAY).page
    used = {
        name
        for svg in drawings(page).values()
        for names in re.findall(r'class="([^"]*)"', svg)
        for name in names.split()
    }
    plain = {"bl-fig-plain", "bl-fig-touch", "bl-lane"}  # as they are
    assert used
    assert not {name for name in used - plain if f".{name} " not in rules}


def test_the_looks_on_paper_use_the_colours_of_the_page():
    page = Path(TEMPLATES.parent.parent / "static" / "css" / "committee.css").read_text().lower()
    colours = set(re.findall(r"#[0-9a-f]{6}", (TEMPLATES / "figures.css").read_text()))
    tokens = {"#ffffff", "#131525", "#454b6b", "#b4b8cc", "#f1f2f7", "#8a8fa8"}  # KERN's, by their value
    assert colours - tokens <= set(re.findall(r"#[0-9a-f]{6}", page)) | {"#ddf7ff", "#fff4dc"}


def test_a_figure_stands_alone():
    svg = drawn("_sign.html", {"state": "gap"})
    assert svg.startswith("<svg ")
    assert 'xmlns="http://www.w3.org/2000/svg"' in svg
    assert svg.endswith("</svg>")
    assert "<style>" in svg


# Over the wire

ENDINGS = ("pdf", "xlsx", "csv")
TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_file_comes_with_its_type_and_name_and_is_not_sent_twice(client, district, target, ending):
    address = f"/kreise/beispiel/bericht.{ending}?stichtag=2026-09-24"
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, TYPES[ending])
    assert f'filename="bericht-beispiel-2026-09-24.{ending}"' in answer["Content-Disposition"]
    assert not answer.cookies
    again = client.get(address, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_municipality(district)
    assert client.get(address, headers={"if-none-match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_reading_is_allowed(client, district, ending):
    address = f"/kreise/beispiel/bericht.{ending}"
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("gestern", "„gestern“ ist kein Datum. Bitte ein Datum wie"),
        ("31.02.2026", "31.02.2026 gibt es nicht."),
        ("1.1.1900", "liegt vor dem ersten Tag, zu dem es Angaben gibt."),
        ("1.1.2199", "reichen die Termine noch nicht."),
        ("<script>", "„&lt;script&gt;“ ist kein Datum."),
    ],
)
def test_a_day_that_cannot_be_shown_is_refused_in_plain_german(client, district, target, ending, day, said):
    answer = client.get(f"/kreise/beispiel/bericht.{ending}", {"stichtag": day})
    html = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert said in html
    assert "Gezeigt wird" not in html
    assert "<script>" not in html


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_unknown_district_has_no_report(client, ending):
    assert client.get(f"/kreise/nirgends/bericht.{ending}").status_code == 404


def test_another_ending_leads_nowhere(client, district):
    assert client.get("/kreise/beispiel/bericht.docx").status_code == 404


def test_without_a_day_the_report_is_of_today(client, district, target):
    answer = client.get("/kreise/beispiel/bericht.csv")
    assert f"bericht-beispiel-{timezone.localdate():%Y-%m-%d}.csv" in answer["Content-Disposition"]


def test_the_page_leads_to_the_three_files_of_its_day(client, district, target):
    html = client.get("/kreise/beispiel/", {"stichtag": "2026-09-24"}).content.decode()
    for ending in ENDINGS:
        assert f'href="/kreise/beispiel/bericht.{ending}?stichtag=2026-09-24"' in html


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_report_needs_at_most_twelve_queries_however_many_rows(client, peine, ending):
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/kreise/peine/bericht.{ending}", {"stichtag": "2026-09-24"})
    assert len(queries) <= 12, [query["sql"][:90] for query in queries]


# As a command


@pytest.mark.parametrize(("ending", "start"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbfStichtag;")])
def test_the_command_writes_the_same_bytes_as_the_page_hands_out(
    client, district, target, tmp_path, capsys, ending, start
):
    path = tmp_path / f"bericht.{ending}"
    call_command("report", "beispiel", "--day", "2026-09-24", "--format", ending, "--output", str(path))
    assert path.read_bytes().startswith(start)
    address = f"/kreise/beispiel/bericht.{ending}?stichtag=2026-09-24"
    assert path.read_bytes() == client.get(address).content
    assert "Stichtag 24.09.2026, Prüfsumme der Daten" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nirgends"], "Den Landkreis 'nirgends' gibt es nicht. Eingetragen: beispiel"),
        (["beispiel", "--day", "gestern"], "„gestern“ ist kein Datum."),
        (["beispiel", "--output", "/gibt/es/nicht.pdf"], "/gibt/es/nicht.pdf lässt sich nicht schreiben"),
    ],
)
def test_the_command_says_what_is_wrong(district, arguments, said):
    with pytest.raises(CommandError, match=re.escape(said)):
        call_command("report", *arguments)


def test_a_report_of_an_impossible_day_raises(district):
    with pytest.raises(NotReadableDayError):
        report("beispiel", "31.02.2026", DAY)


def test_a_slot_that_is_unconfirmed_is_marked(district, target):
    make_slot(make_institution(make_municipality(district)), first_day=date(2025, 1, 7), published_on=date(2025, 1, 7))
    found = of(district)
    assert Slot.objects.count() == 1
    assert csv_rows(found)[0]["Unbestätigte Termine"] == "1"
    assert "unbestätigt seit" in pdf_text(found)
    assert any("Wer fragt nach?" in item.text for item in found.decisions)
