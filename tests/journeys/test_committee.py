"""Does a committee member see, before the meeting, whether the decision is carried out?"""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pypdf import PdfReader

from budget.models import Consultation, Paper, PaperFile, Pilot
from tests.builders import (
    make_budget,
    make_committee,
    make_cost_line,
    make_district,
    make_institution,
    make_municipality,
    make_paper,
    make_slot,
    make_target,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
# Where the municipalities of a real district lie, two of them close together.
TOWNS = [
    ("Beispieledemissen", 52.38746, 10.263529, 12506),
    ("Beispielhameln", 52.258403, 10.062749, 9636),
    ("Altdorf", 52.2675, 10.22361, 11427),
    ("Beispielstedt", 52.25, 10.21667, None),
    ("Lengebeispiel", 52.204873, 10.306207, 14575),
    ("Beispielstadt", 52.321764, 10.227076, 51521),
    ("Vechelbeispiel", 52.260798, 10.373038, 18419),
    ("Wendebeispiel", 52.326393, 10.385712, 10482),
]
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def district(transactional_db):
    district = make_district(name="Landkreis Beispiel", slug="beispiel", is_example=True)
    paper = make_paper(district, reference="2014/026", slug="2014-026", proposal="Der Ausweitung wird zugestimmt.")
    make_target(paper)
    for position, day in enumerate([date(2014, 2, 24), date(2014, 3, 25), None]):
        Consultation.objects.create(
            paper=paper,
            committee=make_committee(district, short_name=f"Beispielausschuss {position}"),
            position=position,
            meeting_on=day,
            result="ungeändert beschlossen" if day else "",
        )
    towns = [
        make_municipality(district, name=name, latitude=latitude, longitude=longitude, population=population)
        for name, latitude, longitude, population in TOWNS
    ]
    for town in towns[3:]:
        slot = make_slot(make_institution(town, name=f"Beispiel-Schule {town.name}"))
    make_slot(make_institution(towns[2]), published_on=None, first_day=date(2026, 11, 2), proposed_on=date(2026, 5, 1))
    make_slot(make_institution(towns[1]), published_on=None, agreed_on=None)
    pilot = Pilot.objects.create(paper=paper, name="Beispielmodell", model="team", municipality=towns[3])
    pilot.offers.add(slot.offer)
    budget = make_budget(district)
    make_cost_line(budget, kind="rent", paid_on=date(2026, 3, 1), paid_eur=Decimal("4180"))
    make_cost_line(budget, kind="travel", committed_on=date(2026, 3, 1), committed_eur=Decimal("2460"))
    make_cost_line(budget, unit_low_eur=2000, unit_likely_eur=2360, unit_high_eur=2900)
    return district


@pytest.mark.parametrize("width", [320, 1280])
def test_a_member_goes_from_the_answer_to_the_proof_and_the_paper(page, live_server, district, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/kreise/")
    assert page.locator("h1").inner_text() == "Ziel noch nicht erreicht: 5 von 8 Gemeinden"
    page.get_by_role("link", name="Vorlage und Beratungsfolge").click()
    assert "Der Ausweitung wird zugestimmt." in page.locator("main").inner_text()
    assert page.evaluate(SIDEWAYS) <= 0
    page.go_back()
    page.get_by_role("link", name="Beispiel-Schule Lengebeispiel").first.click()
    assert "/termine/" in page.url
    assert "Beispiel-Schule Lengebeispiel" in page.locator("main").inner_text()


def test_another_day_is_asked_for_with_the_keyboard(page, live_server, district):
    page.goto(f"{live_server.url}/kreise/beispiel/")
    field = page.get_by_label("Stichtag", exact=True)
    field.focus()
    field.fill("gestern")
    field.press("Enter")
    assert page.locator("#stichtag-error").text_content().startswith("Fehler: „gestern“ ist kein Datum.")
    assert page.locator("h1").inner_text() == "Ziel noch nicht erreicht: 5 von 8 Gemeinden"
    field.fill("2014-03-25")
    field.press("Enter")
    assert page.locator("h1").inner_text() == "Ziel noch nicht erreicht: 0 von 8 Gemeinden"
    assert field.input_value() == "25.03.2014"
    page.get_by_role("link", name="Heute").click()
    assert field.input_value() == "24.09.2026"


@pytest.mark.parametrize("width", [320, 360, 800, 1280])
def test_nothing_hides_and_nothing_runs_out_of_the_page(page, live_server, district, width):
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/kreise/beispiel/")
    assert page.evaluate(SIDEWAYS) <= 0
    assert refused == []
    names = [box for text in page.locator(".bl-map text").all() if (box := text.bounding_box())]
    assert len(names) == len(TOWNS)
    assert not [pair for pair in combinations(names, 2) if overlap(*pair)]
    plates = page.locator(".bl-map .bl-fig-plate:visible").all()
    if plates:
        for plate, text in zip(plates, page.locator(".bl-map text:visible").all(), strict=True):
            room, words = plate.bounding_box(), text.bounding_box()
            assert words["x"] + words["width"] <= room["x"] + room["width"]


def test_letters_in_drawings_are_never_below_fourteen_pixels(page, live_server, district):
    for width in (320, 360, 767, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server.url}/kreise/beispiel/")
        scales = page.eval_on_selector_all(
            ".bl-figure > svg", "all => all.filter(svg => svg.checkVisibility()).map(svg => svg.getScreenCTM().a)"
        )
        assert len(scales) == 3
        assert min(scales) >= 0.999, width


def test_every_figure_opens_what_stands_behind_it(page, live_server, district):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/kreise/beispiel/")
    page.get_by_role("link", name="Stand am 31. Dezember 2020").click()
    assert page.url.endswith("?stichtag=2020-12-31")
    page.get_by_role("link", name="Zeitstrahl als Tabelle").click()
    assert page.locator("h1").inner_text() == "Wann war welche Gemeinde abgedeckt?"
    page.goto(f"{live_server.url}/kreise/beispiel/")
    page.get_by_role("link", name="2.460,00 €").first.click()
    assert "Fahrtkosten, gebunden: 1 Position, zusammen 2.460\xa0€." in page.locator("main").inner_text()
    assert "Beispielkosten" not in page.locator("main").inner_text()
    page.get_by_role("link", name="So wird gerechnet").click()
    assert "Dreiecksverteilung" in page.locator("main").inner_text()


def test_a_member_prepares_for_25_march(page, live_server, district):
    PaperFile.objects.create(
        paper=Paper.objects.get(), name="Beispiel-Anlage", access_url="https://example.org/a.pdf",
        mime_type="application/pdf",
    )  # fmt: skip
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/kreise/")
    field = page.get_by_label("Stichtag", exact=True)
    field.fill("25.03.2026")
    field.press("Enter")
    headline = page.locator("h1").inner_text()
    assert headline == "Ziel noch nicht erreicht: 5 von 8 Gemeinden"
    page.get_by_role("link", name="Zeitstrahl als Tabelle").click()
    assert "Gezeigt wird, was am Stichtag bekannt war" in page.locator("main").inner_text()
    page.get_by_role("link", name="Stand am 25. März 2026").click()
    assert "je Termin" in page.locator("section[aria-labelledby=geld]").inner_text()
    page.get_by_role("link", name="2.460,00 €").first.click()
    assert "zusammen 2.460\xa0€" in page.locator("main").inner_text()
    page.get_by_role("link", name="Zum Stand am 25. März 2026").click()
    assert page.get_by_role("heading", name="Beispielmodell").is_visible()
    page.get_by_role("link", name="Vorlage und Beratungsfolge").click()
    assert page.get_by_role("link", name="Beispiel-Anlage").get_attribute("href") == "https://example.org/a.pdf"
    page.go_back()
    address = page.get_by_role("link", name="Bericht als PDF").get_attribute("href")
    answer = page.request.get(f"{live_server.url}{address}")
    assert answer.headers["content-type"] == "application/pdf"
    told = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.body())).pages)
    together = " ".join(told.split())
    assert "25. März 2026" in together.replace("\xa0", " ")
    for word in ("5 von 8", "2.460,00", "4.180,00", "Beispielmodell"):
        assert word in together


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["?karte=stunden", "verlauf/", "bestand/", "kosten/", "rechenweg/"])
def test_no_page_of_the_committee_runs_out_of_the_screen(page, live_server, district, path, width):
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/kreise/beispiel/{path}")
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.locator("h1").count() == 1
    assert refused == []


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Return whether two texts stand on each other; two pixels of white around letters do not count."""
    return (
        one["x"] + 2 < other["x"] + other["width"]
        and other["x"] + 2 < one["x"] + one["width"]
        and one["y"] + 4 < other["y"] + other["height"]
        and other["y"] + 4 < one["y"] + one["height"]
    )
