"""Does a family that reads Arabic find the next hour on debts after 16 h, starting from Bortfeld?"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from beratung.peine.load import load_peine
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_language,
    make_locality,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
LANGUAGES = ["", "/en", "/tr", "/ar", "/uk"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def late_slot(transactional_db):
    district = make_district(name="Landkreis Beispiel")
    town = make_municipality(district, name="Wendeburg", ags="03157008", latitude=52.32, longitude=10.39)
    village = make_locality(town, name="Bortfeld", slug="bortfeld", latitude=52.29, longitude=10.41)
    debts = make_topic(name="Schuldnerberatung", short_name="Schulden", slug="schulden")
    debts.translations.create(language="ar", name="استشارة الديون", short_name="الديون")
    house = make_institution(town, name="Beispiel-Schule", locality=village, latitude=52.29, longitude=10.41)
    offer = make_offer(make_provider(district), (debts,), title="Beispiel-Schuldnerhilfe", by_appointment=True)
    offer.translations.create(language="ar", title="مساعدة في الديون")
    offer.languages.add(make_language("ar", "Arabisch", "العربية"))
    make_slot(house, offer)  # Tuesdays at 14
    return make_slot(house, offer, rule="FREQ=MONTHLY;BYDAY=1TH,3TH", start_time=time(16, 30), end_time=time(18))


@pytest.fixture
def phone(browser):
    """Yield a page 360 px wide, without JavaScript, of a browser that asks for Turkish: nobody listens to that."""
    context = browser.new_context(locale="tr-TR", viewport={"width": 360, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_from_bortfeld_to_debts_after_16_h_in_arabic(phone, live_server, late_slot):
    phone.goto(live_server.url)
    assert phone.locator("html").get_attribute("lang") == "de"
    phone.get_by_role("link", name="العربية").click()
    assert phone.locator("html").get_attribute("dir") == "rtl"
    phone.get_by_label("المكان أو الرمز البريدي").fill("Bortfeld")
    phone.get_by_role("combobox", name="الموضوع").fill("الديون")
    phone.get_by_label("البداية في أقرب وقت").select_option("16:00")
    phone.get_by_role("button", name="عرض المواعيد").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "الديون: الاستشارة في Bortfeld وحولها"
    entry = phone.locator(".bl-entry")
    assert entry.count() == 1
    assert "1\xa0أكتوبر" in entry.inner_text()
    assert "أول وثالث خميس من كل شهر من الساعة 16:30 إلى 18:00" in entry.inner_text()
    assert "العربية" in entry.inner_text()
    phone.get_by_role("link", name="مساعدة في الديون").click()
    assert phone.locator(".bl-next").inner_text() == "الخميس، 1\xa0أكتوبر"
    assert phone.locator(".bl-next__time").inner_text() == "16:30–18:00"
    phone.get_by_role("link", name="Українська").click()
    assert phone.locator(".bl-next").inner_text() == "четвер, 1\xa0жовтня"
    assert phone.context.cookies() == []


def test_in_arabic_the_page_begins_on_the_right_and_a_number_reads_from_the_left(page, live_server, late_slot):
    page.goto(f"{live_server.url}/ar/?ort=Bortfeld")
    box = page.locator("h1").evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e);"
        " return [r.getBoundingClientRect().right, e.getBoundingClientRect().right] }"
    )
    assert abs(box[0] - box[1]) < 2
    select = page.locator("#id_tag").evaluate(
        "e => [getComputedStyle(e.parentElement, '::after').left, getComputedStyle(e.parentElement, '::after').right]"
    )
    assert select[0] == "16px"
    page.goto(f"{live_server.url}/ar/termine/{late_slot.uuid}/")
    numbers = page.locator('main a[href^="tel:"]').all()
    assert numbers
    assert {link.evaluate("e => getComputedStyle(e).direction") for link in numbers} == {"ltr"}


@pytest.mark.parametrize("width", [320, 1280])
def test_the_longest_word_fits_into_the_cell_of_a_date(page, live_server, late_slot, width):
    make_exception(late_slot, date(2026, 10, 15), "moved", new_day=date(2026, 10, 16))
    make_exception(late_slot, date(2026, 11, 5))
    page.set_viewport_size({"width": width, "height": 800})
    for language in LANGUAGES:
        page.goto(f"{live_server.url}{language}/termine/{late_slot.uuid}/")
        cramped = page.evaluate(
            "[...document.querySelectorAll('.bl-day')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
        )
        assert cramped == [], language


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_scrolls_sideways_in_any_language(page, live_server, transactional_db, width):
    load_peine(day=NOW.date())
    page.set_viewport_size({"width": width, "height": 800})
    for language in LANGUAGES:
        page.goto(f"{live_server.url}{language}/?ort=Bortfeld&thema=Schulden")
        slot = page.locator(".bl-entry__title a").first.get_attribute("href")
        for path in (
            f"{language}/",
            f"{language}/?ort=Bortfeld",
            slot,
            f"{language}/themen/",
            f"{language}/gemeinden/",
        ):
            page.goto(live_server.url + path)
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert too_wide <= 0, (path, too_wide)
