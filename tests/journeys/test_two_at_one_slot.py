"""Do two people who edit one slot at the same time both get what they decide, in real browsers?"""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from appointments.models import Slot
from tests.builders import make_slot

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def _clock(transactional_db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def desk_of(browser, live_server, name):
    """Return a page in a browser of its own, logged in."""
    user = get_user_model().objects.create_superuser(name)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return context.new_page()


@pytest.mark.usefixtures("_clock")
def test_the_second_decides_and_both_are_in_the_history(browser, live_server):
    slot = make_slot()
    first, second = (desk_of(browser, live_server, name) for name in ("beispiel-erste", "beispiel-zweite"))
    address = f"{live_server.url}/admin/appointments/slot/{slot.pk}/"
    for page in (first, second):
        page.goto(f"{address}change/")
    first.locator("[name=note]").fill("Bitte hinten klingeln")
    first.get_by_role("button", name="Sichern", exact=True).click()
    first.locator(".messagelist").wait_for()

    second.locator("[name=note]").fill("Bitte vorne klingeln")
    second.locator("[name=end_time]").fill("17:00")
    second.get_by_role("button", name="Sichern", exact=True).click()
    second.get_by_text("Noch nichts gesichert.").wait_for()
    assert "beispiel-erste" in second.locator(".bl-note").inner_text()
    assert "Ende: 16 Uhr → 17 Uhr" in second.locator("#content-main").inner_text().replace("\xa0", " ")
    second.get_by_label("Sie: Bitte vorne klingeln").check()
    second.get_by_role("button", name="So sichern").click()
    second.locator(".messagelist").wait_for()
    saved = Slot.objects.get()
    assert (saved.note, f"{saved.end_time:%H:%M}") == ("Bitte vorne klingeln", "17:00")

    first.goto(f"{address}history/")
    told = first.locator("#content-main").inner_text()
    assert "beispiel-erste" in told
    assert "beispiel-zweite" in told
    assert "Bitte hinten klingeln" in told
    for page in (first, second):
        page.context.close()
