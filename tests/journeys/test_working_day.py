"""Does a whole working day at the desk go through, from the second factor to the page families read?"""

import re
import time
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from appointments.models import Slot
from locations.models import DistrictStaff, Institution, SchoolHoliday
from tests.builders import (
    make_counsellor,
    make_district,
    make_institution,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
)

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
PASSWORD = "ein-langes-beispiel-passwort"
SCHOOLS = """Name;Art;AGS;Straße;PLZ;Breite;Länge
Beispiel-Grundschule Nord;Schule;03157001;Beispielweg 1;31234;52,39;10,26
Beispiel-Grundschule Süd;Schule;03157999;Beispielweg 2;31234;52,38;10,25
"""


@pytest.fixture
def _district(transactional_db, monkeypatch, settings):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.SECOND_FACTOR = True
    district = make_district(name="Landkreis Beispiel", slug="beispiel", key="03157")
    town = make_municipality(district, name="Edemissen", ags="03157001", latitude=52.39, longitude=10.26)
    provider = make_provider(district, name="Beispiel-Verein")
    counsellor = make_counsellor(provider, label="Beispiel-Fachkraft")
    elsewhere = make_slot(
        make_institution(town, name="Beispiel-Kita"),
        make_offer(provider, title="Beispiel-Erziehungsberatung"),
        rule="FREQ=MONTHLY;BYDAY=2TU",
    )
    elsewhere.counsellors.set([counsellor])
    make_offer(provider, title="Beispiel-Familienberatung")
    for year in (2026, 2027):
        autumn = {"first_day": date(year, 10, 12), "last_day": date(year, 10, 24)}
        SchoolHoliday.objects.create(federal_state="DE-NI", name="Herbstferien", source="Beispiel", **autumn)
    account = get_user_model().objects.create_user("leitung", password=PASSWORD, is_staff=True)
    account.groups.set([Group.objects.get(name="Leitung")])
    DistrictStaff.objects.create(user=account, district=district)


def code() -> str:
    device = TOTPDevice.objects.get()
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time()
    return f"{totp.token():06d}"


def choose(page, field, text):
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").last.fill(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def log_in(page, live_server):
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Benutzername").fill("leitung")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_role("heading", name="Zweiten Faktor einrichten").wait_for()
    page.get_by_label("Code", exact=True).fill(code())
    page.get_by_role("button", name="Weiter").click()
    assert page.locator(".bl-codes li").count() == 10
    page.get_by_role("link", name="Ich habe sie notiert, weiter").click()


def load_schools(page, live_server, tmp_path):
    """Load a list with one school whose municipality nobody knows; the rest comes in, the row comes back."""
    schools = tmp_path / "schulen.csv"
    schools.write_bytes(SCHOOLS.encode("cp1252"))
    page.goto(f"{live_server.url}/admin/importe/")
    page.get_by_role("link", name="Einrichtungen", exact=True).click()
    page.locator("input[type=file]").set_input_files(schools)
    page.locator(".submit-row input[type=submit]").first.click()
    assert "1 neu, 0 geändert, 0 unverändert, 1 abgelehnt" in page.locator("#content-main h2").inner_text()
    assert "03157999" in page.locator("#content-main").inner_text()
    assert not Institution.objects.filter(name__contains="Grundschule").exists()
    page.get_by_role("button", name="Ohne die 1 abgelehnten Zeilen übernehmen").click()
    page.get_by_text("Stand: ").wait_for()
    assert Institution.objects.filter(name="Beispiel-Grundschule Nord").exists()
    page.goto(f"{live_server.url}/admin/")
    assert "abgelehnte" in page.locator("#content").inner_text().lower()


def enter_the_slot(page, live_server):
    page.goto(f"{live_server.url}/admin/appointments/slot/add/")
    choose(page, "offer", "Beispiel-Familienberatung")
    choose(page, "institution", "Beispiel-Grundschule Nord")
    choose(page, "counsellors", "Beispiel-Fachkraft")
    page.locator("[name=phrase]").fill("jeden 2. Dienstag im Monat 14–16 Uhr")
    page.locator("[name=first_day]").fill("01.10.2026")
    page.get_by_role("button", name="Termine neu berechnen").click()
    panel = page.locator("#termine")
    panel.filter(has_text="Herbstferien").wait_for()
    assert "fällt aus: Herbstferien" in panel.locator("li").first.inner_text()


def resolve_the_conflict(page):
    """The counsellor is at the Kita at the same hour: nothing is saved until the time is another."""
    page.get_by_role("button", name="Sichern", exact=True).click()
    page.locator(".errornote").first.wait_for()
    assert "Beispiel-Kita" in " ".join(page.locator(".errorlist").all_inner_texts())
    assert Slot.objects.count() == 1
    page.locator("[name=phrase]").fill("")
    page.locator("[name=ordinals][value='2']").uncheck()
    page.locator("[name=ordinals][value='3']").check()
    page.locator("#termine").filter(has_text="Jeden 3. Dienstag").wait_for()
    page.get_by_role("button", name="Sichern und weiter bearbeiten").click()
    page.locator(".messagelist .success").wait_for()
    assert Slot.objects.count() == 2


def publish(page):
    slot_page = page.url
    for name in ("Vereinbaren", "Veröffentlichen"):
        page.goto(slot_page)
        page.get_by_role("link", name=re.compile(name)).first.click()
        page.locator(".submit-row .default").first.click()
        page.locator(".messagelist .success").wait_for()
    return Slot.objects.get(offer__title="Beispiel-Familienberatung")


@pytest.mark.usefixtures("_district")
def test_a_working_day(page, live_server, tmp_path):
    log_in(page, live_server)
    page.get_by_role("heading", level=1).wait_for()
    load_schools(page, live_server, tmp_path)
    enter_the_slot(page, live_server)
    resolve_the_conflict(page)
    slot = publish(page)
    assert slot.published_on == NOW.date()

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/termine/{slot.uuid}/")
    shown = page.locator("main").inner_text().replace("\xa0", " ")
    assert "Beispiel-Grundschule Nord" in shown
    assert "Dienstag, 17. November" in shown
    assert "Herbstferien" in shown
