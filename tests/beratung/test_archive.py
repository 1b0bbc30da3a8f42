"""Does the whole database come back from one file exactly as it was, and never half?"""

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from beratung.archive import ArchiveError, export_archive, import_archive, models_kept
from locations.models import District, Institution, Municipality
from tests import builders

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[str]]:
    """Return every row of every model kept, many-to-many links included, as text."""
    return {
        model._meta.label: [
            serializers.serialize("json", [row]) for row in model._base_manager.order_by(model._meta.pk.name)
        ]
        for model in models_kept()
    }


def empty() -> None:
    """Empty the tables as `migrate` leaves them, circles of references included."""
    with transaction.atomic(), connection.constraint_checks_disabled():
        for model in reversed(models_kept()):
            for field in model._meta.many_to_many:
                if field.remote_field.through._meta.auto_created:
                    field.remote_field.through._base_manager.all()._raw_delete(using="default")
            model._base_manager.all()._raw_delete(using="default")


def archive() -> io.BytesIO:
    file = io.BytesIO()
    export_archive(file)
    file.seek(0)
    return file


def changed(file: io.BytesIO, name: str, content: bytes | None) -> io.BytesIO:
    """Return the archive with one part replaced, or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
            elif content is not None:
                new.writestr(part, content)
    out.seek(0)
    return out


@pytest.fixture
def filled():
    """Fill a few tables, history, rights and a circle of references included."""
    district = builders.make_district(name="Landkreis Ärger & „Söhne“")
    old = builders.make_municipality(district, boundary={"type": "Polygon", "coordinates": [[[10.123456789, 52.5]]]})
    builders.make_slot(builders.make_institution(old), counsellors=[builders.make_counsellor()])
    old.last_day, old.successor = builders.START, builders.make_municipality(district)
    old.save()
    old.refresh_from_db()
    user = User.objects.create_user("beispiel", password="geheim-geheim", is_staff=True)
    group = Group.objects.create(name="Beispielgruppe")
    group.permissions.set(Permission.objects.filter(codename="publish_slot"))
    user.groups.add(group)
    return district


def test_the_database_comes_back_as_it_was(filled):
    before = everything()
    assert sum(map(len, before.values())) > 15
    file = archive()
    empty()
    assert District.objects.count() == 0
    import_archive(file)
    assert everything() == before
    assert User.objects.get().check_password("geheim-geheim")
    assert User.objects.get().has_perm("appointments.publish_slot")


def test_the_example_district_comes_back_as_it_was():
    call_command("load_peine", verbosity=0, stdout=io.StringIO())
    before = everything()
    file = archive()
    empty()
    import_archive(file)
    assert everything() == before


def test_the_same_rows_give_the_same_parts(filled):
    assert export_archive(io.BytesIO()) == export_archive(io.BytesIO())


def test_a_database_with_the_same_rows_is_left_alone(filled):
    assert import_archive(archive()) == []


def test_a_database_with_other_rows_is_refused(filled):
    file = archive()
    Institution.objects.update(name="Beispiel-Umbenannt")
    with pytest.raises(ArchiveError, match="Die Datenbank ist nicht leer"):
        import_archive(file)
    assert Institution.objects.get().name == "Beispiel-Umbenannt"


def test_new_rows_get_keys_behind_those_of_the_archive(filled):
    file = archive()
    empty()
    import_archive(file)
    assert builders.make_district().pk not in {filled.pk}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", None, "Inhaltsverzeichnis"),
        ("manifest.json", b"{", "Inhaltsverzeichnis"),
        ("manifest.json", b'{"format": "x", "version": 9, "parts": []}', "Erwartet wird ein Archiv"),
        ("locations.district.jsonl", None, "Im Archiv fehlt locations.district.jsonl"),
        ("locations.district.jsonl", b"{}\n", "Die Prüfsumme von locations.district.jsonl stimmt nicht"),
    ],
)
def test_an_archive_that_was_changed_is_refused(filled, name, content, message):
    file = changed(archive(), name, content)
    empty()
    with pytest.raises(ArchiveError, match=message):
        import_archive(file)
    assert Municipality.objects.count() == 0


def test_an_archive_of_other_tables_is_refused(filled):
    file = archive()
    with zipfile.ZipFile(file) as old:
        manifest = json.loads(old.read("manifest.json"))
    manifest["migrations"]["locations"] = "0001_initial"
    with pytest.raises(ArchiveError, match="von einer anderen Fassung des Programms: locations 0001_initial"):
        import_archive(changed(file, "manifest.json", json.dumps(manifest).encode()))


def test_half_an_archive_is_refused(filled):
    content = archive().getvalue()
    with pytest.raises(ArchiveError, match="kein vollständiges Archiv"):
        import_archive(io.BytesIO(content[: len(content) // 2]))


def test_the_commands_write_and_refuse_in_words(filled, tmp_path):
    file = tmp_path / "archiv.zip"
    out = io.StringIO()
    call_command("export_archive", file, stdout=out)
    assert (file.stat().st_mode & 0o777) == 0o600
    with pytest.raises(CommandError, match="lässt sich nicht schreiben"):
        call_command("export_archive", file)
    call_command("import_archive", file, stdout=out)
    assert "hat diesen Stand schon" in out.getvalue()
    with pytest.raises(CommandError, match="lässt sich nicht lesen"):
        call_command("import_archive", tmp_path / "fehlt.zip")


def test_only_a_superuser_takes_the_archive_along(client, admin_client, filled):
    answer = admin_client.post("/admin/importe/archiv/")
    content = io.BytesIO(b"".join(answer.streaming_content))
    assert "manifest.json" in zipfile.ZipFile(content).namelist()
    assert admin_client.get("/admin/importe/archiv/").status_code == 200
    staff = User.objects.create_user("mitarbeit", password="x", is_staff=True)
    client.force_login(staff)
    assert client.post("/admin/importe/archiv/").status_code == 403
