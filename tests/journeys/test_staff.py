"""Can a staff member enter a slot, see its dates first, and find it on the family page?"""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import get_user_model

from appointments.models import Slot
from locations.models import SchoolHoliday
from tests.builders import make_institution, make_offer

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


@pytest.fixture
def _school_year(transactional_db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    get_user_model().objects.create_superuser("beispiel-admin", password="ein-langes-beispiel-passwort")
    make_offer(title="Beispiel-Familienberatung")
    make_institution(name="Beispiel-Grundschule Edemissen")
    for year in (2026, 2027):
        SchoolHoliday.objects.create(
            federal_state="DE-NI",
            name="Herbstferien",
            first_day=date(year, 10, 12),
            last_day=date(year, 10, 24),
            source="Beispiel",
        )


@pytest.fixture
def desk(page, live_server, _school_year):
    """Return the page of a member of staff who has logged in, at the empty form of a slot."""
    page.goto(f"{live_server.url}/admin/appointments/slot/add/")
    page.get_by_label("Benutzername").fill("beispiel-admin")
    page.get_by_label("Passwort").fill("ein-langes-beispiel-passwort")
    page.get_by_role("button", name="Anmelden").click()
    return page


def choose(page, field, text):
    """Choose an entry by typing the beginning of its name."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def fill_in(page, **fields):
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)


@pytest.mark.usefixtures("_school_year")
def test_a_slot_goes_from_words_to_the_family_page(desk, live_server):
    choose(desk, "offer", "Beispiel-Familienberatung")
    choose(desk, "institution", "Beispiel-Grundschule Edemissen")
    fill_in(desk, phrase="jeden 2. Dienstag im Monat 14–16 Uhr", first_day="01.10.2026")
    fill_in(desk, agreed_on="01.09.2026", published_on="01.09.2026")
    desk.get_by_role("button", name="Termine neu berechnen").click()
    panel = desk.locator("#termine").filter(has_text="Noch nichts gespeichert.")
    panel.wait_for()
    assert panel.locator("li").count() == 10 + 2  # ten dates, and again the two that drop out
    assert "Jeden 2. Dienstag im Monat von 14 bis 16 Uhr." in panel.inner_text().replace("\xa0", " ")
    assert "fällt aus: Herbstferien" in panel.locator("li").first.inner_text()
    assert not Slot.objects.exists()

    desk.get_by_role("button", name="Sichern", exact=True).click()
    assert "2 von 22 Terminen fallen aus" in desk.locator(".messagelist").inner_text()
    slot = Slot.objects.get()
    assert slot.rule == "FREQ=MONTHLY;BYDAY=2TU"

    desk.goto(f"{live_server.url}/termine/{slot.uuid}/")
    shown = desk.locator("main").inner_text().replace("\xa0", " ")
    assert "Dienstag, 10. November" in shown
    assert "Herbstferien" in shown
    assert "14–16 Uhr" in shown


@pytest.mark.usefixtures("_school_year")
def test_the_dates_follow_what_is_typed(desk):
    choose(desk, "offer", "Beispiel-Familienberatung")
    choose(desk, "institution", "Beispiel-Grundschule Edemissen")
    fill_in(desk, first_day="01.10.2026", phrase="jeden 2. Dienstag im Monat 14–16 Uhr")
    desk.locator("[name=phrase]").blur()
    desk.locator("#termine li").first.wait_for()
    assert desk.locator("[name=weekdays][value='1']").is_checked()
    assert desk.locator("[name=start_time]").input_value() == "14:00"
    assert not Slot.objects.exists()
