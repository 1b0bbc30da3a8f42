"""Does every address of the whole answer, and answer clearly where it cannot?"""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from budget.models import Consultation, PaperFile, Pilot
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_district(name="Landkreis Beispiel", slug="beispiel")


@pytest.fixture
def paper(district):
    paper = make_paper(district, reference="2014/026", slug="2014-026", proposal="Dem wird zugestimmt.")
    make_target(paper)
    return paper


def read(client, url, status=200, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == status
    return response.content.decode()


def test_the_only_district_is_gone_to(client, district):
    assert client.get("/kreise/").headers["Location"] == "/kreise/beispiel/"


def test_several_districts_are_listed(client, district):
    make_district(name="Landkreis Muster", slug="muster")
    html = read(client, "/kreise/")
    assert 'href="/kreise/beispiel/"' in html
    assert 'href="/kreise/muster/"' in html


def test_no_district_is_said(client):
    assert "Es ist noch kein Landkreis eingetragen." in read(client, "/kreise/")


@pytest.mark.parametrize("url", ["/kreise/nirgends/", "/kreise/nirgends/vorlagen/x/", "/kreise/beispiel/vorlagen/x/"])
def test_what_does_not_exist_is_a_clear_404(client, district, url):
    assert "Diese Seite gibt es nicht" in read(client, url, 404)


def test_an_empty_district_has_a_page(client, district):
    html = read(client, "/kreise/beispiel/")
    assert "Ob das Ziel erreicht ist, lässt sich nicht bestimmen" in html
    assert "Kein Ansatz für diesen Tag" in html
    assert "Es ist kein Modellversuch eingetragen." in html


def test_the_page_has_one_heading_of_the_first_rank_and_no_inline_style(client, district, paper):
    make_slot(make_institution(make_municipality(district)))
    make_cost_line(make_budget(district, date.today().year))  # noqa: DTZ011 - the page shows today
    html = read(client, "/kreise/beispiel/")
    assert html.count("<h1") == 1
    assert "style=" not in html
    assert "<style" not in html
    assert "<script" not in html


def test_a_wrong_day_is_said_at_the_field(client, district, paper):
    html = read(client, "/kreise/beispiel/", stichtag="gestern")
    assert "„gestern“ ist kein Datum." in html
    assert 'aria-describedby="stichtag-hint stichtag-error" aria-invalid="true"' in html
    assert 'value="gestern"' in html


def test_a_wrong_day_is_escaped(client, district):
    html = read(client, "/kreise/beispiel/", stichtag='"><script>alert(1)</script>')
    assert "<script>" not in html


def test_the_day_is_shown_as_it_was_understood(client, district, paper):
    html = read(client, "/kreise/beispiel/", stichtag="2015-01-01")
    assert 'value="01.01.2015"' in html
    assert '<time datetime="2015-01-01">' in html


def test_proof_leads_to_the_slot_and_the_municipality(client, district, paper):
    town = make_municipality(district, name="Beispielöd")
    slot = make_slot(make_institution(town, name="Beispiel-Schule"))
    html = read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    assert (
        f'<a href="{reverse("slot", args=[slot.uuid])}">Beispiel-Schule</a>, jeden Dienstag von 14 bis 16\xa0Uhr'
        in html
    )
    assert f'href="/gemeinden/{town.ags}-{town.slug}/"' in html


def test_a_confidential_house_is_nowhere_in_the_page(client, district, paper):
    town = make_municipality(district)
    hidden = make_institution(town, name="Beispiel-Geheim", street="Beispielweg 1", address_is_public=False)
    slot = make_slot(hidden)
    pilot = Pilot.objects.create(paper=paper, name="Beispielmodell", model="team", municipality=town)
    pilot.offers.add(slot.offer)
    html = read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    assert "Eine Einrichtung mit vertraulicher Adresse" in html
    for secret in (hidden.name, hidden.street, hidden.slug, str(slot.uuid)):
        assert secret not in html


def test_the_map_has_a_title_a_description_and_signs(client, district, paper):
    make_municipality(district, name="Beispiellücke", population=None)
    html = read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    assert '<title id="karte-title">' in html
    assert "Beispiellücke: Lücke." in html
    assert "bl-sign--gap" in html
    assert "Einwohnerzahl nicht bekannt" in html
    assert "Mit gestricheltem Ring" in html


def test_numbers_in_drawings_have_points_not_commas(client, district, paper):
    make_slot(make_institution(make_municipality(district, latitude=52.123, longitude=10.456)))
    make_slot(make_institution(make_municipality(district)))
    make_cost_line(make_budget(district), unit_likely_eur=Decimal("1234.56"))
    html = read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    for attribute in ('cx="', 'cy="', ' r="', ' x="', ' width="'):
        values = [part.split('"')[0] for part in html.split(attribute)[1:]]
        assert not [value for value in values if "," in value]


def test_money_is_told_by_kind_and_what_is_hidden_is_said(client, district, paper):
    budget = make_budget(district)
    make_cost_line(
        budget, kind="rent", description="Beispiel-Geheimposten", paid_on=date(2026, 9, 1), paid_eur=Decimal(95)
    )
    make_cost_line(budget, kind="rent", unit_low_eur=Decimal(90), unit_high_eur=Decimal(120))
    html = read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    assert "Das Geld reicht</h2>" in html
    assert "Noch nicht vergeben sind 9.905\xa0€." in html
    assert "Beschluss des Ansatzes nicht bekannt." in html
    assert "Bis Jahresende werden es wahrscheinlich 195\xa0€." in html
    assert "In 9 von 10 Fällen sind es " in html
    assert "Beträge je Träger, Termin und Beleg sehen nur angemeldete Mitglieder des Ausschusses" in html
    assert "Beispiel-Geheimposten" not in html


def test_overspent_and_overplanned_are_said(client, district, paper):
    budget = make_budget(district)
    make_cost_line(budget, unit_likely_eur=Decimal(10_001))
    assert "Mehr geplant als da ist:" in read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    make_cost_line(budget, paid_on=date(2026, 9, 1), paid_eur=Decimal(10_200))
    html = read(client, "/kreise/beispiel/", stichtag="2026-09-24")
    assert "200\xa0€ überplanmäßig" in html
    assert "Mehr geplant als da ist:" not in html


def test_the_page_needs_twelve_queries_at_most(client, district, paper, django_assert_max_num_queries):
    for _ in range(12):
        make_slot(make_institution(make_municipality(district)))
    make_cost_line(make_budget(district))
    with django_assert_max_num_queries(12):
        read(client, "/kreise/beispiel/", stichtag="2026-09-24")


def test_the_paper_tells_what_it_says_and_what_hangs_on_it(client, district, paper):
    Consultation.objects.create(
        paper=paper, committee=make_committee(district, name="Beispielausschuss"), position=1, result="beschlossen"
    )
    make_budget(district, paper=paper)
    Pilot.objects.create(paper=paper, name="Beispielmodell", model="team", municipality=make_municipality(district))
    html = read(client, "/kreise/beispiel/vorlagen/2014-026/")
    for part in ("Dem wird zugestimmt.", "Beispielausschuss", "beschlossen", "Beispielmodell", "Beispielansatz 2026"):
        assert part in html
    assert "In jeder Beispielgemeinde ein fester Termin" in html


def test_a_paper_links_its_files_and_the_slots_of_its_pilots(client, district):
    paper = make_paper(district, slug="anlagen")
    PaperFile.objects.create(paper=paper, name="Beispiel-Anlage", access_url="https://example.org/1.pdf", is_main=True)
    slot = make_slot(make_institution(make_municipality(district)))
    hidden = make_slot(make_institution(make_municipality(district)), published_on=None)
    pilot = Pilot.objects.create(
        paper=paper, name="Beispielmodell", model="team", municipality=make_municipality(district)
    )
    pilot.offers.add(slot.offer, hidden.offer)
    html = read(client, "/kreise/beispiel/vorlagen/anlagen/")
    assert '<a href="https://example.org/1.pdf" rel="external">Beispiel-Anlage</a>, die Vorlage selbst' in html
    assert f"/termine/{slot.uuid}/" in html
    assert str(hidden.uuid) not in html


def test_a_bare_paper_says_what_is_unknown(client, district):
    make_paper(district, slug="leer")
    html = read(client, "/kreise/beispiel/vorlagen/leer/")
    assert "Die Beratungsfolge ist nicht bekannt." in html
    assert html.count("keiner eingetragen") == 2


def test_a_paper_belongs_to_its_district(client, district, paper):
    make_district(slug="muster")
    read(client, "/kreise/muster/vorlagen/2014-026/", 404)


def test_nothing_is_changed_by_reading(client, district):
    assert client.post("/kreise/beispiel/").status_code == 405


def test_the_committee_gets_no_cookie(client, district, paper):
    assert not client.get("/kreise/beispiel/").cookies


def test_a_budget_without_lines_is_a_page_that_says_so(client, district, paper):
    year = date.today().year  # noqa: DTZ011 - the page shows today
    make_budget(district, first_day=date(year, 1, 1), last_day=date(year, 12, 31), ansatz_eur=Decimal(500))
    html = read(client, "/kreise/beispiel/")
    assert "500" in html
    assert "Noch nicht vergeben sind 500" in html.replace("\xa0", " ")
    assert "je Termin und" not in html  # nothing was held: no cost per date, not one of 0


@pytest.mark.parametrize("day", ["1066-10-14", "9999-12-31"])
def test_a_day_out_of_reach_shows_the_nearest_and_says_so(client, district, paper, day):
    html = read(client, "/kreise/beispiel/", stichtag=day)
    assert 'aria-invalid="true"' in html
    assert "liegt vor dem ersten Tag" in html or "Gezeigt wird der" in html
