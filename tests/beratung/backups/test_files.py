"""Is a file that is not a whole, unchanged backup of this version refused in words, and is nothing changed?"""

import hashlib
import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from beratung.backups.files import BackupError, Manifest, opened
from beratung.backups.moving import target_at
from beratung.backups.restoring import restore_backup
from tests.beratung.backups.conftest import backup, everything

pytestmark = pytest.mark.django_db


def checked(content: bytes) -> Manifest:
    with opened(io.BytesIO(content)) as found:
        found.check()
        return found.manifest


def changed(content: bytes, name: str, new: bytes | None) -> bytes:
    """Return the archive with one file replaced, or left out; what zip itself checks is right."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as target:
        for part in old.namelist():
            if part != name:
                target.writestr(part, old.read(part))
            elif new is not None:
                target.writestr(part, new)
    return out.getvalue()


def with_manifest(content: bytes, **changes: object) -> bytes:
    """Return the archive with another manifest that is true to itself."""
    with opened(io.BytesIO(content)) as found:
        return changed(content, "manifest.json", replace(found.manifest, **changes).as_json().encode())


@pytest.fixture
def content(filled) -> bytes:
    return backup().getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(BackupError) as error:
        checked(content)
    return str(error.value)


def test_a_whole_backup_is_whole(content):
    manifest = checked(content)
    assert manifest.rows == sum(map(len, everything().values()))
    assert manifest.database == connection.vendor
    assert "sessions.session" in manifest.left_out


def test_the_same_rows_give_the_same_checksum(content):
    assert checked(content).content == checked(backup().getvalue()).content


@pytest.mark.parametrize("length", [0, 1, 100, 0.25, 0.5, 0.9, 0.999, -1])
def test_half_a_backup_is_refused(content, length):
    end = int(length * len(content)) if isinstance(length, float) else length
    assert refused(content[:end]) == "Die Datei ist keine vollständige Sicherung."


def test_a_byte_that_fell_over_is_never_taken_for_what_it_was(content):
    whole = checked(content).content
    step = max(1, len(content) // 150)
    for place in [*range(0, len(content), step), *range(len(content) - 60, len(content))]:
        broken = bytearray(content)
        broken[place] ^= 0x55
        # Some bytes of a zip archive mean nothing: the content is still all there.
        with suppress(BackupError):
            assert checked(bytes(broken)).content == whole


@pytest.mark.parametrize(
    "foreign", [b"\x89PNG\r\n\x1a\n" + b"x" * 5000, b"SQLite format 3\0" * 100, b"PK\3\4", b"{}\n"]
)
def test_a_file_of_another_kind_is_refused(foreign):
    assert refused(foreign) == "Die Datei ist keine vollständige Sicherung."


@pytest.mark.parametrize(
    ("name", "new", "message"),
    [
        ("manifest.json", None, "In der Datei fehlt ein lesbares Inhaltsverzeichnis (manifest.json)."),
        ("manifest.json", b"{", "In der Datei fehlt ein lesbares Inhaltsverzeichnis (manifest.json)."),
        ("manifest.json", b"[]", "In der Datei fehlt ein lesbares Inhaltsverzeichnis (manifest.json)."),
        ("manifest.json", b"\xff", "In der Datei fehlt ein lesbares Inhaltsverzeichnis (manifest.json)."),
        (
            "manifest.json",
            b'{"format":"x","version":9}',
            "Erwartet wird eine Sicherung „beratungslandschaft“ der Fassung 2.",
        ),
        ("tables/locations_district.jsonl", None, "In der Sicherung fehlt tables/locations_district.jsonl."),
        ("tables/locations_district.jsonl", b"", "Die Prüfsumme von tables/locations_district.jsonl stimmt nicht."),
        ("tables/locations_district.jsonl", b"[]\n", "Die Prüfsumme von tables/locations_district.jsonl stimmt nicht."),
    ],
)
def test_what_was_changed_in_the_backup_is_named(content, name, new, message):
    assert refused(changed(content, name, new)) == message


def test_a_manifest_that_was_rewritten_is_refused(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read("manifest.json"))
    told["parts"][0]["rows"] += 1
    new = changed(content, "manifest.json", json.dumps(told).encode())
    assert refused(new) == "Das Inhaltsverzeichnis der Sicherung wurde verändert."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"migrations": {"locations": "0001_initial"}}, "mit den Migrationen .*locations 0001_initial"),
        ({"parts": []}, "andere Tabellen oder Spalten"),
    ],
)
def test_a_backup_of_other_tables_says_which_version_it_needs(content, empty_url, changes, message):
    with target_at(empty_url("sqlite")) as alias:
        before = everything(alias)
        with pytest.raises(BackupError, match=message):
            restore_backup(io.BytesIO(with_manifest(content, **changes)), using=alias)
        assert everything(alias) == before


def test_a_database_without_tables_says_how_to_make_them(content, empty_url, tmp_path):
    with target_at(f"sqlite:///{tmp_path}/leer.sqlite3") as alias, pytest.raises(BackupError) as refused:
        restore_backup(io.BytesIO(content), using=alias)
    assert str(refused.value) == "Die Datenbank hat noch keine Tabellen; „manage.py migrate“ legt sie an."


def test_a_row_that_is_no_row_is_refused_though_its_checksum_fits(content, empty_url):
    with opened(io.BytesIO(content)) as found:
        parts = found.manifest.parts
    for wrong in (b"[1]\n", b"7\n", b"nonsense\n"):
        sums = {"rows": 1, "sha256": hashlib.sha256(wrong).hexdigest()}
        new = [replace(part, **sums) if part.table == "locations_district" else part for part in parts]
        file = with_manifest(changed(content, "tables/locations_district.jsonl", wrong), parts=new)
        with target_at(empty_url("sqlite")) as alias:
            before = everything(alias)
            with pytest.raises(BackupError, match="nimmt die Sicherung nicht an"):
                restore_backup(io.BytesIO(file), using=alias)
            assert everything(alias) == before


def test_the_commands_refuse_in_words(content, tmp_path):
    path = tmp_path / "halb.backup"
    path.write_bytes(content[:1000])
    with pytest.raises(CommandError, match="keine vollständige Sicherung. Nichts wurde geändert.") as error:
        call_command("restore", path)
    assert error.value.returncode == 1
    with pytest.raises(CommandError, match="keine vollständige Sicherung"):
        call_command("backup", check=path)
    with pytest.raises(CommandError, match=r"fehlt.backup lässt sich nicht lesen: es gibt sie nicht. Nichts wurde"):
        call_command("restore", tmp_path / "fehlt.backup")
    with pytest.raises(CommandError, match="lässt sich nicht lesen: es ist ein Verzeichnis"):
        call_command("backup", check=tmp_path)
    path.write_bytes(content)
    with pytest.raises(CommandError, match="Die Datenbank ist nicht leer"):
        call_command("restore", path)
