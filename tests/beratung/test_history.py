"""Do the sentences and tables of the years say what the slots of the days say?"""

from datetime import date, timedelta

import pytest

from appointments.models import Slot
from beratung.dashboard import dashboard
from beratung.history import history
from locations.models import Population
from tests.builders import make_district, make_institution, make_municipality, make_paper, make_slot, make_target

TODAY = date(2026, 9, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    district = make_district(slug="beispiel")
    make_target(make_paper(district))
    return district


def page(day=TODAY, today=TODAY):
    return dashboard("beispiel", day.isoformat(), today)


def of(day=TODAY, today=TODAY):
    return history("beispiel", day.isoformat(), today)[2]


def test_since_when_is_the_first_day_with_a_date_to_come(district):
    make_slot(make_institution(make_municipality(district)), first_day=date(2026, 3, 3))
    found = page()
    assert found.rows[0].since == date(2026, 3, 3)
    assert found.finding.fulfilment == ("Das Ziel ist seit dem 3.\xa0März\xa02026 ohne Unterbrechung erreicht.",)
    assert (
        page(date(2026, 3, 2)).finding.fulfilment[0].startswith("Seit dem 1.\xa0Januar\xa02014 war das Ziel an keinem")
    )


def test_the_last_time_it_was_met_is_said(district):
    make_slot(make_institution(make_municipality(district)), first_day=date(2020, 3, 3), last_day=date(2021, 5, 25))
    found = page()
    assert found.finding.fulfilment == ("Zuletzt war das Ziel vom 3.\xa0März\xa02020 bis 25.\xa0Mai\xa02021 erreicht.",)
    assert found.rows[0].since == found.rows[0].uncovered_since == date(2021, 5, 26)
    assert "hat seit dem 26.\xa0Mai\xa02021 keinen festen Termin mehr" in found.finding.sentences[0].after


def test_an_agreed_publication_says_when_the_target_will_be_met(district):
    make_slot(
        make_institution(make_municipality(district)),
        first_day=date(2026, 11, 3),
        proposed_on=date(2026, 1, 1),
        agreed_on=date(2026, 2, 1),
        published_on=date(2026, 11, 3),
    )
    assert page().finding.fulfilment[1] == "Nach dem, was vereinbart ist, wird es am 3.\xa0November\xa02026 erreicht."


def test_the_history_says_of_each_year_end_what_the_page_of_that_day_says(district):
    new = make_municipality(district, name="Neudorf", first_day=date(2015, 1, 1))
    for _ in range(2):
        old = make_municipality(district, last_day=date(2014, 12, 31), successor=new)
        make_slot(make_institution(old, first_day=date(2014, 1, 1)), first_day=date(2014, 2, 1))
    make_slot(make_institution(make_municipality(district)), first_day=date(2020, 1, 7), last_day=date(2022, 6, 1))
    years = of().drawings[0].years
    assert {year.text for year in years} >= {"2/3", "1/2", "2/2"}
    for year in years:
        assert f"{year.covered} von {year.total}" in page(year.day).finding.headline


def test_the_twin_lists_every_state_without_a_hole(district):
    make_slot(make_institution(make_municipality(district)), first_day=date(2020, 1, 7), last_day=date(2022, 6, 1))
    stretches = of().stretches
    assert [stretch.state for stretch in stretches] == ["gap", "covered", "gap"]
    assert stretches[-1].last_day is None
    for one, following in zip(stretches, stretches[1:], strict=False):
        assert following.first_day == one.last_day + timedelta(days=1)


def test_a_municipality_that_ends_names_what_it_becomes(district):
    new = make_municipality(district, name="Neudorf", first_day=date(2015, 1, 1))
    make_municipality(district, name="Altdorf", last_day=date(2014, 12, 31), successor=new)
    first = next(one for one in of().stretches if one.municipality.name == "Altdorf")
    assert (first.last_day, first.becomes) == (date(2014, 12, 31), "Neudorf")


def test_the_drawing_ends_with_the_year_of_the_last_change(district):
    make_slot(make_institution(make_municipality(district)))
    assert of().timeline.last_day == date(2026, 12, 31)
    Slot.objects.update(last_day=date(2027, 3, 2))
    assert of().timeline.last_day == date(2027, 12, 31)


def test_the_day_asked_for_is_always_drawn(district):
    make_slot(make_institution(make_municipality(district)))
    for day in (date(2014, 1, 1), date(2028, 7, 31)):
        assert of(day).drawings[0].flag is not None


def test_all_slots_ended_is_a_page(district):
    make_slot(make_institution(make_municipality(district)), first_day=date(2015, 1, 6), last_day=date(2015, 12, 31))
    found = page()
    assert found.finding.headline == "Ziel noch nicht erreicht: 0 von 1 Gemeinde"
    assert found.rows[0].hours == 0


def test_hours_without_a_population_are_unknown_not_zero(district):
    make_slot(make_institution(make_municipality(district, population=None)))
    row = page().rows[0]
    assert row.hours > 8
    assert row.hours_per_thousand is None
    assert page().hours_map is None


def test_hours_are_per_thousand_inhabitants(district):
    make_slot(make_institution(make_municipality(district, population=2_000)))
    make_municipality(district, population=None)
    found = page()
    assert found.rows[0].hours_per_thousand == found.rows[0].hours / 2
    assert {shape.place.state for shape in found.hours_map.drawings[0].shapes} == {"3", "unknown"}


# What was known on a day of the past


def test_of_a_past_day_nothing_is_told_that_was_decided_later(district):
    make_slot(
        make_institution(make_municipality(district)),
        first_day=date(2026, 6, 2),
        proposed_on=date(2026, 1, 1),
        agreed_on=date(2026, 3, 1),
        published_on=date(2026, 5, 1),
    )
    told = {day: [str(one.state) for one in of(day).stretches] for day in (date(2025, 12, 31), date(2026, 2, 1))}
    assert told == {date(2025, 12, 31): ["gap"], date(2026, 2, 1): ["gap", "proposed"]}
    assert page(date(2026, 4, 30)).history.next_fulfilment == ""
    assert "2.\xa0Juni\xa02026" in page(date(2026, 5, 1)).history.next_fulfilment
    assert [str(one.state) for one in of(TODAY).stretches] == ["gap", "proposed", "agreed", "covered"]


def test_what_is_entered_for_days_to_come_is_known_today(district):
    make_slot(
        make_institution(make_municipality(district)), published_on=date(2026, 11, 3), first_day=date(2026, 11, 3),
        proposed_on=date(2026, 1, 1), agreed_on=date(2026, 2, 1),
    )  # fmt: skip
    assert "3.\xa0November\xa02026" in page().history.next_fulfilment
    assert page(TODAY - timedelta(days=1)).history.next_fulfilment == ""


def test_since_may_lie_before_the_first_day_of_the_target(district):
    make_slot(make_institution(make_municipality(district), first_day=date(2011, 1, 1)), first_day=date(2012, 5, 1))
    assert page().rows[0].since == date(2012, 5, 1)
    assert page().history.timeline.first_day == date(2014, 1, 1)
    assert "1.\xa0Mai\xa02012" in page().finding.fulfilment[0]


# How many people there are


def test_rates_are_of_the_people_known_on_the_day(district):
    town = make_municipality(district, population=9_999, population_on=date(2024, 12, 31))
    make_slot(make_institution(town))
    for year, total, young in [(2019, 4_000, 500), (2022, 5_000, None), (2026, 6_000, 700)]:
        Population.objects.create(municipality=town, on=date(year, 12, 31), total=total, under_18=young, source="x")
    row = page().rows[0]
    assert (row.municipality.population, row.municipality.population_on) == (5_000, date(2022, 12, 31))
    assert (row.under_18, row.municipality.under_18_on) == (500, date(2019, 12, 31))
    assert row.hours_per_thousand_young == row.hours * 2
    assert page(date(2022, 12, 30)).rows[0].municipality.population == 4_000
    early = page(date(2015, 1, 1)).rows[0]
    assert (early.municipality.population, early.under_18, early.hours_per_thousand_young) == (4_000, None, None)


def test_under_18_unknown_is_a_word_and_not_zero(district, client):
    make_slot(make_institution(make_municipality(district, population=None)))
    shown = client.get("/kreise/beispiel/?karte=stunden").content.decode()
    assert shown.count("unbekannt") >= 2


def test_any_day_can_be_chosen_beside_the_drawing(district, client):
    make_slot(make_institution(make_municipality(district)), first_day=date(2020, 3, 3))
    shown = client.get("/kreise/beispiel/?stichtag=2021-05-06").content.decode()
    field = shown[shown.index('type="date"') :].split(">")[0]
    assert 'name="stichtag" value="2021-05-06" min="2014-01-01"' in field
    last = field.split('max="')[1][:10]
    assert "liegt" not in client.get("/kreise/beispiel/", {"stichtag": last}).content.decode().split("</aside>")[0]
    for link in ("?stichtag=2020-03-03", "?stichtag=2020-12-31"):  # of a bar, and of a year
        assert f'href="{link}"' in shown


def test_the_map_by_those_under_18_leaves_unknown_unknown(district, client):
    known, unknown = make_municipality(district, name="Adorf"), make_municipality(district, name="Bedorf")
    for town in (known, unknown):
        make_slot(make_institution(town))
    assert page().young_map is None
    assert not page().knows_the_young
    assert "karte=unter18" not in client.get("/kreise/beispiel/").content.decode()
    assert "Ohne diese Zahlen" in client.get("/kreise/beispiel/?karte=unter18").content.decode()
    Population.objects.create(municipality=known, on=date(2020, 12, 31), total=4_000, under_18=500, source="x")
    found = page()
    states = {shape.place.name: shape.place.state for shape in found.young_map.drawings[0].shapes}
    assert states["Bedorf"] == "unknown"
    assert states["Adorf"] in "1234"
    assert "je 1.000 unter 18" in client.get("/kreise/beispiel/?karte=unter18").content.decode()
    assert found.young_map.steps != found.hours_map.steps
    assert "karte=unter18" in client.get("/kreise/beispiel/").content.decode()


# A district as large as a state


def test_a_large_district_comes_page_by_page_and_leaves_nothing_out(district, client):
    towns = [make_municipality(district) for _ in range(61)]
    for town in towns[:40]:
        make_slot(make_institution(town))
    pages = [dashboard("beispiel", "", TODAY, number) for number in (1, 2, 3)]
    names = [row.municipality.name for one in pages for row in one.rows]
    assert sorted(names) == sorted(town.name for town in towns)
    assert {str(row.state) for row in pages[0].rows[:21]} == {"gap"}
    assert {str(row.state) for row in pages[2].rows} == {"covered"}
    assert len(pages[0].standings) == len(pages[0].maps[0].shapes) == 61
    assert pages[0].finding.headline == "Ziel noch nicht erreicht: 40 von 61 Gemeinden"
    assert all(one.since for one in pages[2].rows)
    assert dashboard("beispiel", "", TODAY).part is None
    shown = client.get("/kreise/beispiel/?seite=99").content.decode()
    assert "Seite 3 von 3" in shown
    assert "/kreise/beispiel/verlauf/" in shown
    assert client.get("/kreise/beispiel/verlauf/").context["history"].drawings == ()


def test_up_to_sixty_municipalities_stand_on_one_page(district):
    for _ in range(60):
        make_municipality(district)
    assert dashboard("beispiel", "", TODAY, 1).part is None
