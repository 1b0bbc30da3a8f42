"""Is a file that is too large, is something else than it says, or unpacks without end refused in words, with nothing written?"""

import io
import re
import zipfile

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from beratung.body_limits import largest
from beratung.imports import KINDS
from beratung.settings import BASE_DIR
from locations.models import ImportChunk, ImportRun, Institution
from tests.builders import make_district

pytestmark = pytest.mark.django_db
HOUSES = "/admin/importe/einrichtungen/"


@pytest.fixture
def desk(client):
    make_district()
    client.force_login(User.objects.create_superuser("beispiel-admin"))
    return client


def packed(**parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


OTHERS = {
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "a program": b"MZ\x90\0\x03\0\0\0",
    "a PDF": b"%PDF-1.7\n",
    "a page with a script": b"<html><script>alert(1)</script>",
    "an OpenDocument": packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=b"<x/>"),
    "an archive": packed(a=b"b"),
    "half an archive": packed(a=b"b" * 1000)[:60],
    "a bomb": packed(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=b" " * 151_000_000),
    "entities that grow": packed(
        xl__workbook_xml=b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        **{"[Content_Types]_xml": b"<x/>"},
    ),
    "an entity from elsewhere": packed(
        xl__workbook_xml=b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        **{"[Content_Types]_xml": b"<x/>"},
    ),
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_counts_is_the_content_and_not_the_name(desk, kind, content):
    given = {"file": SimpleUploadedFile("../../liste.csv", content, "text/csv"), "federal_state": "DE-NI"}
    page = desk.post(f"/admin/importe/{kind}/", given, follow=True)
    assert page.status_code == 200
    run = ImportRun.objects.get()
    assert run.status == ImportRun.Status.FAILED
    assert run.file_name == "liste.csv"
    assert run.message.endswith((".", "?"))
    assert run.message in page.context["run"].message
    assert "passwd" not in page.content.decode()
    assert not Institution.objects.exists()


def test_what_is_much_too_large_is_not_even_read(desk, settings):
    settings.IMPORT_MAX_MB = 1
    address = {"path": HOUSES, "data": b"", "content_type": "multipart/form-data; boundary=b"}
    assert desk.generic("POST", **address, CONTENT_LENGTH="3000000").status_code == 200
    refused = desk.generic("POST", **address, CONTENT_LENGTH="3000001")
    assert refused.status_code == 413
    assert "Das war zu viel auf einmal" in refused.content.decode()
    assert (ImportRun.objects.count(), ImportChunk.objects.count()) == (0, 0)


@pytest.mark.parametrize("address", ["/anmelden/", "/", "/admin/locations/institution/add/", "/kreise/"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_a_stranger_sends_no_file_anywhere(address, kind):
    sent = Client().generic("POST", address, b"", kind, CONTENT_LENGTH=str(largest(address) + 1))
    assert sent.status_code == 413
    assert Client().generic("POST", address, b"", kind, CONTENT_LENGTH=str(largest(address))).status_code != 413


def test_only_the_imports_take_files():
    """Whoever lets another form take a file says here how it is limited."""
    found = {
        str(path.relative_to(BASE_DIR))
        for room in ("locations", "appointments", "budget", "beratung")
        for path in (BASE_DIR / room).rglob("*.py")
        if re.search(r"\b(FileField|ImageField|FilePathField)\(|request\.FILES|request\.body", path.read_text("utf-8"))
    }
    assert found == {"beratung/imports_forms.py", "beratung/imports_views.py"}
