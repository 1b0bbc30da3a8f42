"""Can staff load a file in the administration, see what it would change, and lose or half-write nothing?"""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from openpyxl import load_workbook

from beratung import imports_tasks
from beratung.imports import KINDS
from locations.imports.runs import forget_files
from locations.models import DistrictStaff, ImportChunk, ImportFinding, ImportRun, Institution, SchoolHoliday
from tests import builders

pytestmark = pytest.mark.django_db
HOUSES = "/admin/importe/einrichtungen/"
CSV = "Name;PLZ\nBeispiel-Schule Nord;31234\nBeispiel-Schule Süd;31234\n"


@pytest.fixture
def district():
    district = builders.make_district()
    builders.make_postal_code(builders.make_municipality(district, name="Beispieldorf"), code="31234")
    return district


@pytest.fixture
def staff(client, district):
    """Return a person of the district who may edit houses and nothing else."""
    user = User.objects.create_user("beispiel", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_institution", "change_institution"]))
    DistrictStaff.objects.create(user=user, district=district)
    client.force_login(user)
    return user


def upload(client, content, district=None, *, address=HOUSES, name="liste.csv", **given):
    content = content.encode() if isinstance(content, str) else content
    data = {"file": SimpleUploadedFile(name, content)} | ({"district": district.pk} if district else {}) | given
    return client.post(address, data, follow=True)


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def decide(client, action: str):
    run = ImportRun.objects.latest("pk")
    return client.post(reverse("import_decide", args=[run.uuid]), {action: "1"}, follow=True)


def test_a_file_is_shown_first_and_taken_when_confirmed(client, staff, district):
    page = upload(client, CSV, district)
    assert "2 neu, 0 geändert, 0 unverändert, 0 abgelehnt" in text(page)
    assert "Noch ist nichts gespeichert." in text(page)
    assert (Institution.objects.count(), ImportChunk.objects.count()) == (0, 1)
    done = decide(client, "confirm")
    assert "Stand: übernommen" in text(done)
    run = ImportRun.objects.get()
    assert (Institution.objects.count(), run.added, run.status, run.user) == (2, 2, "done", staff)
    assert ImportChunk.objects.count() == 0
    assert Institution.objects.first().history.first().history_user == staff


def test_the_same_file_again_has_nothing_to_take(client, staff, district):
    upload(client, CSV, district)
    decide(client, "confirm")
    assert "Alles steht schon so da." in text(upload(client, CSV, district))


def test_rejected_rows_hold_the_file_up_until_they_are_left_out(client, staff, district):
    page = upload(client, CSV + "Beispiel-Schule West;99999\n", district)
    assert "Postleitzahl" in text(page)
    assert "99999" in text(page)
    assert 'name="confirm"' not in page.content.decode()
    decide(client, "confirm")
    assert Institution.objects.count() == 0
    run = ImportRun.objects.get()
    assert (run.status, run.rejected) == ("checked", 1)
    decide(client, "skip")
    run.refresh_from_db()
    assert (Institution.objects.count(), run.status, run.rejected) == (2, "done", 1)


def test_the_rejected_rows_come_back_as_files_to_mend(client, staff, district):
    upload(client, "Name;PLZ\n=1+1 Schule;99999\n", district)
    run = ImportRun.objects.get()
    csv = client.get(reverse("import_rejected", args=[run.uuid, "csv"]))
    assert csv.content.decode("utf-8-sig").splitlines() == [
        "Zeile;Name;PLZ;Grund der Ablehnung",
        "2;'=1+1 Schule;99999;Postleitzahl: Dazu ist hier keine Gemeinde bekannt. Bitte AGS oder Gemeinde angeben.",
    ]
    book = load_workbook(io.BytesIO(client.get(reverse("import_rejected", args=[run.uuid, "xlsx"])).content))
    assert book.active["B2"].value == "=1+1 Schule"
    assert book.active["B2"].data_type == "s"
    mended = csv.content.replace(b"99999", b"31234")
    upload(client, mended, district)
    decide(client, "confirm")
    assert Institution.objects.get().name == "=1+1 Schule"


def test_discarding_forgets_the_file(client, staff, district):
    upload(client, CSV, district)
    assert "Nichts wurde gespeichert" in text(decide(client, "discard"))
    assert (ImportRun.objects.get().status, ImportChunk.objects.count()) == ("discarded", 0)
    assert "Darüber ist schon entschieden." in text(decide(client, "confirm"))


def test_a_file_nobody_confirms_is_forgotten(client, staff, district):
    upload(client, CSV, district)
    assert forget_files(day=timezone.localdate(), kept_days=2) == 0
    ImportRun.objects.update(started_at=timezone.now() - timedelta(days=3))
    out = io.StringIO()
    call_command("delete_expired", "--dry-run", stdout=out)
    assert "Hochgeladen und nie übernommen: 1 Datei ist 2 Tage alt oder älter." in out.getvalue()
    assert ImportChunk.objects.count() == 1
    call_command("delete_expired", stdout=out)
    assert "1 Datei gelöscht" in out.getvalue()
    assert (ImportRun.objects.get().status, ImportChunk.objects.count()) == ("discarded", 0)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7", "Die Datei ist ein PDF. Bitte als .xlsx oder CSV speichern."),
        (b"Ort;Tag\nA;B\n", "In der Kopfzeile fehlt: Name."),
        (b"Name;PLZ\n", "In der Datei steht außer der Kopfzeile nichts."),
        (b"PK\x03\x04abgeschnitten", "beschädigt oder unvollständig hochgeladen"),
        (bomb, "ausgepackt größer als 150 MB"),
    ],
)
def test_a_bad_file_gets_one_sentence_and_leaves_nothing(client, staff, district, content, sentence):
    page = upload(client, content() if callable(content) else content, district)
    assert page.status_code == 200
    assert f"Nichts gespeichert. {sentence}" in text(page) or sentence in text(page)
    assert (Institution.objects.count(), ImportChunk.objects.count()) == (0, 0)


def test_an_empty_file_and_none_at_all_are_told_at_the_field(client, staff, district):
    assert "Die Datei ist leer." in text(upload(client, b"", district))
    assert "Dieses Feld ist zwingend erforderlich." in text(client.post(HOUSES, {"district": district.pk}))
    assert ImportRun.objects.count() == 0


def test_fifty_megabytes_are_refused_at_the_field(client, staff, district):
    page = upload(client, b"Name;PLZ\n" + b"x" * 50_000_000, district)
    assert "Die Datei ist 50 MB groß; erlaubt sind 20 MB." in text(page)
    assert ImportRun.objects.count() == 0


@override_settings(IMPORT_MAX_MB=1)
def test_the_largest_size_is_a_setting(client, staff, district):
    assert "erlaubt sind 1 MB" in text(upload(client, b"Name;PLZ\n" + b"x" * 1_100_000, district))


def test_ten_thousand_rejected_rows_are_paged_and_given_back(client, staff, district):
    content = "Name;PLZ\n" + "".join(f"Beispiel-Schule {n};99999\n" for n in range(10_000))
    page = upload(client, content, district)
    assert "Abgelehnt (10000)" in text(page)
    assert page.content.decode().count('data-label="Grund"') == 100
    run = ImportRun.objects.get()
    last = client.get(reverse("import_run", args=[run.uuid]), {"art": "rejected", "seite": 100})
    assert "10001" in text(last)
    back = client.get(reverse("import_rejected", args=[run.uuid, "csv"])).content
    assert back.count(b"\r\n") == 10_001


def test_a_long_file_is_read_in_the_background(client, staff, district, monkeypatch):
    monkeypatch.setattr(imports_tasks, "AT_ONCE_BYTES", 10)
    page = upload(client, CSV, district)
    assert "wird geprüft" in text(page)
    assert '<meta http-equiv="refresh" content="3">' in page.content.decode()
    work_off_tasks()
    run = ImportRun.objects.get()
    assert (run.status, run.added) == ("checked", 2)
    assert "wird übernommen" in text(decide(client, "confirm"))
    work_off_tasks()
    run.refresh_from_db()
    assert (run.status, Institution.objects.count()) == ("done", 2)


def work_off_tasks() -> None:
    for waiting in DBTaskResult.objects.ready():
        kwargs = waiting.args_kwargs["args"]
        imports_tasks.read_file.func(*kwargs)
        waiting.delete()


def test_who_lost_the_right_meanwhile_writes_nothing(client, staff, district, monkeypatch):
    monkeypatch.setattr(imports_tasks, "AT_ONCE_BYTES", 10)
    upload(client, CSV, district)
    staff.user_permissions.clear()
    work_off_tasks()
    run = ImportRun.objects.get()
    assert (run.status, run.message) == ("failed", "Das Konto, das die Datei hochgeladen hat, darf das nicht mehr.")


@pytest.mark.parametrize("key", sorted(set(KINDS) - {"einrichtungen"}))
def test_without_the_right_a_kind_is_out_of_reach(client, staff, key):
    assert client.get(f"/admin/importe/{key}/").status_code == 403


def test_another_district_cannot_be_chosen_or_read(client, staff, district):
    other = builders.make_district()
    builders.make_postal_code(builders.make_municipality(other), code="99998")
    page = upload(client, CSV, other)
    assert "Bitte eine gültige Auswahl treffen" in text(page) or "gültige" in text(page)
    stranger = ImportRun.objects.create(
        kind="einrichtungen", kind_label="Einrichtungen", district=other, file_name="x.csv"
    )
    for name, args in [("import_run", []), ("import_rejected", ["csv"])]:
        assert client.get(reverse(name, args=[stranger.uuid, *args])).status_code == 404
    assert client.post(reverse("import_decide", args=[stranger.uuid]), {"confirm": "1"}).status_code == 404
    assert "x.csv" not in text(client.get("/admin/importe/"))
    assert "99998" in text(upload(client, "Name;PLZ\nBeispiel-Schule;99998\n", district))
    assert Institution.objects.count() == 0


def test_without_any_right_the_overview_is_closed(client):
    client.force_login(User.objects.create_user("niemand", password="x", is_staff=True))
    assert client.get("/admin/importe/").status_code == 403
    client.logout()
    assert client.get("/admin/importe/").status_code == 302


def test_the_list_of_runs_is_read_only_and_leads_to_the_run(admin_client, district):
    run = ImportRun.objects.create(kind="termine", kind_label="Feste Termine", file_name="x.csv", rejected=3)
    page = admin_client.get(reverse("admin:locations_importrun_changelist"), {"abgelehnt": "ja"})
    assert reverse("import_run", args=[run.uuid]) in page.content.decode()
    change = admin_client.get(reverse("admin:locations_importrun_change", args=[run.pk]))
    assert change.url == reverse("import_run", args=[run.uuid])
    assert admin_client.get(reverse("admin:locations_importrun_add")).status_code == 403


def test_school_holidays_are_loaded_for_a_state(admin_client, district):
    content = "von;bis;Name\n12.10.2026;24.10.2026;Herbstferien\n"
    page = upload(
        admin_client, content, address="/admin/importe/schulferien/", federal_state="DE-NI", source="Beispiel"
    )
    assert "1 neu" in text(page)
    decide(admin_client, "confirm")
    assert SchoolHoliday.objects.get().source == "Beispiel"


@pytest.mark.parametrize("key", sorted(KINDS))
def test_every_kind_has_a_page_that_says_what_it_reads(admin_client, district, key):
    page = admin_client.get(f"/admin/importe/{key}/")
    assert KINDS[key].hint.split(" ")[0] in text(page)


def test_a_formula_in_a_report_stays_a_text(client, staff, district):
    page = upload(client, "Name;PLZ\n<script>alert(1)</script>;99999\n", district)
    assert "<script>alert" not in page.content.decode()
    assert ImportFinding.objects.filter(outcome="rejected").exists()


@pytest.mark.parametrize(
    ("model", "address"),
    [("institution", HOUSES), ("municipality", "/admin/importe/gemeinden/"), ("importrun", "/admin/importe/")],
)
def test_the_lists_lead_to_the_upload(admin_client, model, address):
    page = admin_client.get(reverse(f"admin:locations_{model}_changelist"))
    assert f'href="{address}"' in page.content.decode()
