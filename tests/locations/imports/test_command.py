"""Do the commands report in German, give rejected rows back, and say by their exit what happened?"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from locations.models import District, ImportRun, Institution
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    district = builders.make_district(key="03157")
    builders.make_postal_code(builders.make_municipality(district, ags="03157001"), code="31234")
    return district


def run(file, *arguments: str) -> tuple[str, str]:
    """Return what the command said, and its complaint."""
    out = StringIO()
    try:
        call_command("import_institutions", file, *arguments, stdout=out, stderr=StringIO())
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "schulen.csv"
    path.write_text("Name;PLZ\nBeispiel-Schule Nord;31234\nBeispiel-Schule Süd;99999\n", encoding="cp1252")
    return path


def test_a_rejected_row_keeps_everything_out(district, file):
    said, complaint = run(file)
    assert "Zeile 3, Postleitzahl „99999“: Dazu ist hier keine Gemeinde bekannt." in said
    assert "1 neu, 0 geändert, 0 unverändert, 1 abgelehnt." in said
    assert complaint.startswith("Nichts gespeichert")
    assert (Institution.objects.count(), ImportRun.objects.count()) == (0, 0)


def test_the_rest_is_taken_where_that_was_asked_for(district, file, tmp_path):
    mend = tmp_path / "berichtigen.xlsx"
    said, complaint = run(file, "--skip-rejected", f"--rejected={mend}", "--district=03157")
    assert complaint == "Gespeichert ohne die abgelehnten Zeilen."
    assert str(mend) in said
    assert mend.read_bytes()[:2] == b"PK"
    kept = ImportRun.objects.get()
    assert (Institution.objects.count(), kept.added, kept.rejected, kept.district) == (1, 1, 1, district)


def test_a_dry_run_leaves_no_trace(district, file):
    said, _ = run(file, "--dry-run", "--skip-rejected")
    assert "Zeile 2, Beispiel-Schule Nord" in said
    assert (Institution.objects.count(), ImportRun.objects.count()) == (0, 0)


def test_a_district_that_does_not_exist_is_refused(district, file):
    assert run(file, "--district=99999")[1] == "Einen Landkreis mit dem Schlüssel 99999 gibt es nicht."


def test_a_large_file_is_refused_before_it_is_read(district, file, settings):
    settings.IMPORT_MAX_MB = 0.00001
    assert "erlaubt sind 1e-05 MB" in run(file)[1]


@pytest.mark.parametrize(
    "name", ["municipalities", "boundaries", "institutions", "slots", "cost_lines", "school_holidays"]
)
def test_every_command_says_what_is_wrong_with_a_picture(district, tmp_path, name):
    picture = tmp_path / "bild.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    with pytest.raises(CommandError, match="ein Bild|kein lesbares GeoJSON"):
        call_command(f"import_{name}", picture, stdout=StringIO())


def test_the_only_district_to_be_made_is_picked_out_of_a_file_of_many(tmp_path):
    path = tmp_path / "gemeinden.csv"
    path.write_text("AGS;Name;Landkreis\n03151009;Gifhorn;Gifhorn\n03158001;Anderswo;Wolfenbüttel\n")
    asked = ["--create-districts", "--district=03151"]
    for _ in range(2):
        call_command("import_municipalities", path, *asked, stdout=StringIO(), stderr=StringIO())
    assert list(District.objects.values_list("key", "municipalities__name")) == [("03151", "Gifhorn")]
    with pytest.raises(CommandError, match="Schlüssel 0315 gibt es nicht"):
        call_command("import_municipalities", path, "--create-districts", "--district=0315", stdout=StringIO())
