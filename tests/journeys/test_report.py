"""Can a family say on a small phone, without a script and without a cookie, that a slot is not as published?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from appointments.models import MistakeReport
from tests.builders import make_district, make_institution, make_municipality, make_offer, make_provider, make_slot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slot(transactional_db):
    district = make_district(name="Landkreis Beispiel", is_example=True)
    house = make_institution(make_municipality(district), name="Beispiel-Schule")
    offer = make_offer(make_provider(district), title="Beispiel-Schwangerschaftskonfliktberatung")
    return make_slot(house, offer)


@pytest.fixture
def phone(browser):
    """Yield a page 320 px wide without JavaScript."""
    context = browser.new_context(locale="de-DE", viewport={"width": 320, "height": 640}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def later(monkeypatch):
    """Let ten seconds pass at every look at the clock, so that nobody is too fast."""
    start, looks = timezone.now(), iter(range(10_000))
    monkeypatch.setattr(timezone, "now", lambda: start + timedelta(seconds=10 * next(looks)))


def test_from_the_slot_to_thanks_with_a_mistake_on_the_way(phone, live_server, slot, later):
    phone.goto(f"{live_server.url}/termine/{slot.uuid}/")
    phone.get_by_role("link", name="Stimmt etwas nicht?").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Stimmt etwas nicht?"
    phone.get_by_label("Was haben Sie bemerkt?").fill("Das Schild an der Tür sagt 15 Uhr.")
    phone.get_by_role("button", name="Hinweis senden").click()
    assert "Bitte wählen Sie aus, was nicht stimmt." in phone.get_by_role("alert").inner_text()
    assert phone.get_by_label("Was haben Sie bemerkt?").input_value() == "Das Schild an der Tür sagt 15 Uhr."
    phone.get_by_label("Tag oder Uhrzeit stimmt nicht").check()
    phone.get_by_role("button", name="Hinweis senden").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Danke. Wir prüfen das."
    assert phone.context.cookies() == []
    phone.get_by_role("link", name="Zurück zum Termin").click()
    assert phone.url == f"{live_server.url}/termine/{slot.uuid}/"
    report = MistakeReport.objects.get()
    assert (report.slot, report.kind, report.text) == (slot, "time", "Das Schild an der Tür sagt 15 Uhr.")


def test_the_keyboard_alone_is_enough(phone, live_server, slot, later):
    phone.goto(f"{live_server.url}/termine/{slot.uuid}/fehler-melden/")
    phone.get_by_label("Die Tür war zu").focus()
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")
    phone.keyboard.type("Niemand kam.")
    # The field for robots is no stop on the way.
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/danke/")


def test_the_field_for_robots_is_neither_seen_nor_read_out(phone, live_server, slot):
    phone.goto(f"{live_server.url}/termine/{slot.uuid}/fehler-melden/")
    assert phone.locator("[name=homepage]").count() == 1
    assert not phone.locator("[name=homepage]").is_visible()
    assert phone.get_by_role("textbox").count() == 1


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_of_the_report_scrolls_sideways(page, live_server, slot, later, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/termine/{slot.uuid}/fehler-melden/")
    for step in ("opened", "wrong", "thanks"):
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, step
        if step == "wrong":
            page.get_by_label("Die Tür war zu").check()
        if step != "thanks":
            page.get_by_role("button", name="Hinweis senden").click()


def test_another_site_cannot_send_the_form(page, live_server, slot, later):
    page.goto(f"{live_server.url}/termine/{slot.uuid}/fehler-melden/")
    token = page.locator("[name=token]").input_value()
    elsewhere = live_server.url.replace("localhost", "127.0.0.1")
    page.route(
        f"{elsewhere}/falle/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{page.url}"><input name="token" value="{token}">'
            '<input name="kind" value="closed"><button>Los</button></form>',
        ),
    )
    page.goto(f"{elsewhere}/falle/")
    page.get_by_role("button", name="Los").click()
    assert "Der Hinweis kam nicht von dieser Seite." in page.get_by_role("alert").inner_text()
    assert MistakeReport.objects.count() == 0
