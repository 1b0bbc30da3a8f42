"""Does a family find the next counselling hour, on a small phone, without a script, with the keyboard alone?"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_locality,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
WIDTHS = [320, 360, 1280]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def slot(transactional_db):
    district = make_district(name="Landkreis Beispiel", is_example=True)
    wendeburg = make_municipality(district, name="Wendeburg", ags="03157008", latitude=52.32, longitude=10.39)
    vechelde = make_municipality(district, name="Vechelde", ags="03157007", latitude=52.26, longitude=10.37)
    bortfeld = make_locality(wendeburg, name="Bortfeld", slug="bortfeld", latitude=52.29, longitude=10.41)
    for municipality in (wendeburg, vechelde):
        make_locality(municipality, name="Alvesse", slug="alvesse")
    debts = make_topic(
        name="Schuldner- und Insolvenzberatung", short_name="Schulden", slug="schulden", everyday_words="Mahnungen"
    )
    make_topic(name="Suchtberatung", short_name="Sucht", slug="sucht")
    house = make_institution(
        wendeburg,
        name="Beispiel-Schwangerschaftskonfliktberatungsstelle",
        locality=bortfeld,
        latitude=52.293,
        longitude=10.41,
        street="Beispielstraße 1",
    )
    provider = make_provider(district, email="beispiel-schwangerschaftskonfliktberatung@example.org")
    offer = make_offer(provider, (debts,), title="Beispiel-Schwangerschaftskonfliktberatung")
    slot = make_slot(house, offer)
    make_exception(slot, date(2026, 9, 29), reason="Die Fachkraft ist verhindert.")
    return slot


@pytest.fixture
def phone(browser):
    """Yield a page 320 px wide without JavaScript."""
    context = browser.new_context(locale="de-DE", viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_from_the_place_to_the_next_date_with_the_keyboard_alone(phone, live_server, slot):
    phone.goto(live_server.url)
    phone.get_by_label("Ort oder Postleitzahl").focus()
    phone.keyboard.type("Bortfeld")
    phone.keyboard.press("Tab")
    phone.keyboard.type("Mahnungen")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/?ort=Bortfeld**")
    assert phone.get_by_role("heading", level=1).inner_text() == "Schulden: Beratung in und um Bortfeld"
    assert "6.\xa0Okt." in phone.locator(".bl-date").inner_text()
    assert "Am 29.\xa0September keine Beratung." in phone.locator("main").inner_text()
    phone.get_by_role("link", name="Beispiel-Schwangerschaftskonfliktberatung").focus()
    phone.keyboard.press("Enter")
    assert phone.locator(".bl-next").inner_text() == "Dienstag, 6.\xa0Oktober"
    assert phone.context.cookies() == []


def test_of_two_villages_of_one_name_the_right_one_is_a_click_away(phone, live_server, slot):
    phone.goto(f"{live_server.url}/?ort=Alvesse&thema=Schulden")
    assert phone.get_by_role("heading", level=1).inner_text().startswith("Alvesse gibt es zweimal")
    phone.get_by_role("link", name="Alvesse, Gemeinde Vechelde").click()
    assert "Beratung in und um Alvesse" in phone.get_by_role("heading", level=1).inner_text()
    assert phone.locator("input[name=thema]").input_value() == "Schulden"


def test_whoever_finds_nothing_is_led_on(phone, live_server, slot):
    phone.goto(f"{live_server.url}/?ort=Bortfeld&thema=Sucht")
    assert phone.get_by_role("heading", level=1).inner_text() == "Um Bortfeld gibt es zurzeit keine Suchtberatung"
    phone.get_by_role("link", name="Alle Themen in und um Bortfeld").click()
    assert phone.locator(".bl-entry").count() == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(page, live_server, slot, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in paths(slot):
        page.goto(live_server.url + path)
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, (path, too_wide)


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(page, live_server, slot):
    foreign, complaints = [], []
    page.on("request", lambda request: foreign.append(request.url) if live_server.url not in request.url else None)
    page.on("console", lambda message: complaints.append(message.text))
    for path in paths(slot):
        page.goto(live_server.url + path)
    assert [url for url in foreign if not url.startswith("data:")] == []
    assert complaints == []


def paths(slot) -> list[str]:
    return [
        "/",
        "/?ort=Bortfeld",
        "/?ort=Bortfeld&thema=Sucht",
        "/?ort=Bortfeld&tag=so&ab=16",
        "/?ort=Atlantis&tag=blah",
        "/?ort=Alvesse",
        f"/termine/{slot.uuid}/",
        f"/einrichtungen/{slot.institution.slug}/",
        "/gemeinden/",
        "/gemeinden/03157008-wendeburg/",
        "/themen/",
        "/themen/schulden/",
        "/?ort=Bortfeld&thema=letzte+Mahnung&sprache=de&zugang=anmeldung&stufenlos=vielleicht",
        "/gemeinden/03157008-wendeburg/bortfeld/",
        f"/traeger/{slot.offer.provider.slug}/",
    ]
