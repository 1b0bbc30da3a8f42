"""Can staff load school holidays from a file, see first what changes, and lose nothing on the way?"""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from locations.holiday_files import MOST_BYTES
from locations.models import SchoolHoliday
from tests.builders import make_district

CSV = "von;bis;Name\n12.10.2026;24.10.2026;Herbstferien\n23.12.2026;09.01.2027;Weihnachtsferien\n"
ADDRESS = "/admin/locations/schoolholiday/laden/"


@pytest.fixture
def district(db):
    return make_district(federal_state="DE-NI")


def post(client, content: str | bytes | None = None, **given):
    data = {"federal_state": "DE-NI", "source": "Beispiel-Ministerium", "_preview": "1"} | given
    if content is not None:
        content = content.encode() if isinstance(content, str) else content
        data["file"] = SimpleUploadedFile("ferien.csv", content)
    return client.post(ADDRESS, data)


def test_the_list_leads_to_the_upload(district, admin_client):
    assert ADDRESS in admin_client.get(reverse("admin:locations_schoolholiday_changelist")).content.decode()
    assert admin_client.get(ADDRESS).status_code == 200


def test_a_preview_shows_the_rows_and_saves_nothing(district, admin_client):
    page = post(admin_client, CSV).content.decode()
    assert "2 neu, 0 geändert, 0 unverändert, 0 abgelehnt." in page
    assert "12.10.2026;24.10.2026;Herbstferien" in page
    assert SchoolHoliday.objects.count() == 0


def test_what_the_preview_read_is_taken_without_the_file(district, admin_client):
    response = post(admin_client, text=CSV, _apply="1")
    assert response.status_code == 302
    holiday = SchoolHoliday.objects.first()
    assert (holiday.name, holiday.last_day, holiday.source) == (
        "Herbstferien",
        date(2026, 10, 24),
        "Beispiel-Ministerium",
    )


def test_a_rejected_row_is_explained_and_nothing_is_saved(district, admin_client):
    page = post(admin_client, CSV + "1.2.2027;31.2.2027;Halbjahr\n", _apply="1").content.decode()
    assert "Nichts wird gespeichert" in page
    assert "31.2.2027" in page
    assert SchoolHoliday.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "given", "message"),
    [
        (None, {}, "Bitte eine Datei wählen"),
        (b"PK\x03\x04\x00", {}, "weder eine CSV- noch eine ICS-Datei"),
        (b"x" * (MOST_BYTES + 1), {}, "größer als 1 MB"),
        (CSV, {"federal_state": "DE-XX"}, "federal_state"),
        (CSV, {"source": ""}, "Dieses Feld ist zwingend erforderlich"),
        (None, {"text": "Hallo"}, "In der Kopfzeile fehlt"),
    ],
)
def test_bad_input_is_answered_at_the_field(district, admin_client, content, given, message):
    response = post(admin_client, content, **given)
    assert response.status_code == 200
    assert message in response.content.decode()
    assert SchoolHoliday.objects.count() == 0


def test_only_who_may_add_holidays_can_load_them(district, client, django_user_model):
    assert client.get(ADDRESS).status_code == 302
    client.force_login(django_user_model.objects.create_user("ohne", password="x", is_staff=True))
    assert client.get(ADDRESS).status_code == 403
