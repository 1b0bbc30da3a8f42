"""Does a backup appear complete or not at all, for its owner only, and do the old ones go?"""

import io
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from beratung.backups.files import BackupError
from beratung.backups.folder import DRAFT_IS_DEAD_AFTER, existing_file, free_name, new_file, remove_old
from beratung.backups.moving import target_at
from beratung.backups.progress import Teller
from beratung.backups.restoring import restore_backup
from beratung.settings import BASE_DIR
from beratung.watch.checks import State, findings
from locations.models import HelpLine
from tests.beratung.backups.conftest import backup, everything

MOMENT = datetime(2026, 5, 1, 12, 30, 15, tzinfo=UTC)


def run(*arguments: str, url: str, folder: Path, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own, where no file may grow beyond so many bytes: as on a full disk."""
    limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))) if largest is not None else None
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "BACKUP_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = tmp_path / "sicherungen"
    return settings.BACKUP_DIR


@pytest.mark.django_db
def test_the_command_writes_a_file_for_its_owner_and_tells_what_is_in_it(filled, folder, clock):
    out = io.StringIO()
    call_command("backup", stdout=out)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert f"Sicherung {path}: " in out.getvalue()
    rows = sum(map(len, everything().values()))
    assert f" {rows} Zeilen in ".replace(" ", "") in out.getvalue().replace(".", "").replace(" ", "")
    call_command("backup", check=path, stdout=out)
    assert f"{path} ist vollständig: " in out.getvalue()
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    told = out.getvalue().replace("\N{NO-BREAK SPACE}", " ")
    assert f"gesichert am 24. September 2026, 12 Uhr, aus {name}." in told


@pytest.mark.django_db
def test_another_folder_can_be_named(filled, folder, tmp_path):
    call_command("backup", to=tmp_path / "anderswo" / "tief", stdout=io.StringIO())
    assert len(names(tmp_path / "anderswo" / "tief")) == 1
    assert not folder.exists()


@pytest.mark.django_db
def test_the_newest_are_kept_and_nothing_else_is_touched(filled, folder, settings):
    settings.BACKUP_KEEP = 2
    folder.mkdir()
    (folder / "fremd.zip").write_text("x")
    for _ in range(3):
        call_command("backup", stdout=io.StringIO())
    assert len(list(folder.glob("beratung-*.backup"))) == 2
    assert (folder / "fremd.zip").exists()


def test_the_one_just_made_stays_even_where_the_clock_went_back(tmp_path):
    for day in (1, 2, 3):
        (tmp_path / f"beratung-2026050{day}T000000Z.backup").touch()
    assert remove_old(tmp_path, 2, "beratung-20260501T000000Z.backup") == 1
    assert names(tmp_path) == ["beratung-20260501T000000Z.backup", "beratung-20260503T000000Z.backup"]


def test_drafts_of_killed_backups_go_after_a_day(tmp_path):
    for name, age in (("alt", DRAFT_IS_DEAD_AFTER + 60), ("jung", DRAFT_IS_DEAD_AFTER - 60)):
        path = tmp_path / f".beratung-{name}.unfertig"
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    remove_old(tmp_path, 3, "")
    assert names(tmp_path) == [".beratung-jung.unfertig"]


def test_two_backups_in_one_second_do_not_meet(tmp_path):
    assert free_name(tmp_path, MOMENT) == "beratung-20260501T123015Z.backup"
    (tmp_path / "beratung-20260501T123015Z.backup").touch()
    assert free_name(tmp_path, MOMENT) == "beratung-20260501T123016Z.backup"


def test_what_breaks_off_leaves_nothing(tmp_path):
    def half() -> None:
        with new_file(tmp_path, "beratung-x.backup") as file:
            file.write(b"halb")
            assert not list(tmp_path.glob("beratung-*.backup")), "die halbe Sicherung sieht aus wie eine ganze"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_is_said_in_words(tmp_path):
    (tmp_path / "datei").touch()
    folder = tmp_path / "datei" / "ordner"
    with (
        pytest.raises(BackupError, match="nicht schreiben: es ist kein Verzeichnis"),
        new_file(folder, "beratung-x.backup"),
    ):
        pass
    with (
        pytest.raises(BackupError, match="lässt sich nicht lesen: es gibt sie nicht"),
        existing_file(tmp_path / "fehlt"),
    ):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root darf alles")
def test_a_folder_without_permission_is_said_in_words(tmp_path):
    tmp_path.chmod(0o500)
    with (
        pytest.raises(BackupError, match="nicht schreiben: das Recht dazu fehlt"),
        new_file(tmp_path, "beratung-x.backup"),
    ):
        pass


@pytest.mark.django_db
def test_a_full_disk_is_said_in_words_and_leaves_everything_as_it_was(filled, empty_url, tmp_path):
    url = empty_url("sqlite")
    HelpLine.objects.bulk_create(HelpLine(district=filled, name=str(uuid4())) for _ in range(4000))
    with target_at(url) as alias:
        restore_backup(backup(), using=alias)
    folder = tmp_path / "sicherungen"
    folder.mkdir()
    before = folder / "beratung-20260101T000000Z.backup"
    before.write_text("die von gestern")
    full = run("backup", url=url, folder=folder, largest=50_000)
    assert (full.returncode, full.stdout) == (1, "")
    assert full.stderr.endswith("lässt sich nicht schreiben: der Datenträger ist voll.\n")
    assert names(folder) == [before.name]


@pytest.mark.django_db
def test_a_disk_that_fills_up_while_restoring_leaves_the_database_empty(filled, empty_url, tmp_path):
    HelpLine.objects.bulk_create(
        HelpLine(district=filled, name=f"Beispiel {number} {'x' * 60}", phone="030 23125 1") for number in range(8000)
    )
    path = tmp_path / "voll.backup"
    path.write_bytes(backup().getvalue())
    url = empty_url("sqlite")
    with target_at(url) as alias:
        before = everything(alias)
    full = run("restore", str(path), url=url, folder=tmp_path, largest=600_000)
    assert full.returncode == 1
    assert "der Datenträger ist voll" in full.stderr
    assert full.stderr.endswith("Nichts wurde geändert.\n")
    with target_at(url) as alias:
        assert everything(alias) == before
        with path.open("rb") as file:
            assert restore_backup(file, using=alias).rows > 8000


@pytest.mark.django_db
def test_a_restore_that_is_killed_leaves_the_database_empty(filled, empty_url, tmp_path):
    HelpLine.objects.bulk_create(HelpLine(district=filled, name=str(uuid4())) for _ in range(20_000))
    path, url = tmp_path / "x.backup", empty_url("sqlite")
    path.write_bytes(backup().getvalue())
    with target_at(url) as alias:
        before = everything(alias)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "restore", str(path)],
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
    )
    wal = Path(f"{url.removeprefix('sqlite:///')}-wal")
    until = time.monotonic() + 60
    # Rows are being written: they lie in the log, and nothing says yet that they count.
    while not (wal.exists() and wal.stat().st_size > 100_000) and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.communicate()[0] == b"", "er war schon fertig"
    with target_at(url) as alias:
        assert everything(alias) == before
        with path.open("rb") as file:
            assert restore_backup(file, using=alias).rows > 20_000


@pytest.mark.django_db
def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(filled, empty_url, tmp_path):
    HelpLine.objects.bulk_create(HelpLine(district=filled, name=f"Beispiel {number}") for number in range(20_000))
    url, folder = empty_url("sqlite"), tmp_path / "sicherungen"
    with target_at(url) as alias:
        restore_backup(backup(), using=alias)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "backup"],
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "BACKUP_DIR": str(folder)},
    )
    until = time.monotonic() + 30
    while not (folder.exists() and names(folder)) and time.monotonic() < until:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(folder.glob("beratung-*.backup")) == []
    assert len(names(folder)) == 1, "der Entwurf, den das Aufräumen nach einem Tag löscht"


@pytest.mark.django_db
def test_the_health_page_knows_the_backup_just_made(client, filled, folder, settings):
    def told() -> tuple[State, str]:
        return next((one.state, one.text) for one in findings(timezone.now()) if one.name == "backup")

    settings.IS_PRODUCTION = True
    assert told() == (State.DUE, "noch keine")
    call_command("backup", stdout=io.StringIO())
    assert told() == (State.OK, "vor 0 Stunden")
    assert client.get("/healthz").json()["checks"]["backup"] == {"status": "ok", "text": "vor 0 Stunden"}
    (path,) = folder.iterdir()
    old = (timezone.now() - timedelta(hours=27)).timestamp()
    os.utime(path, (old, old))
    assert told() == (State.DUE, "vor 27 Stunden")


def test_only_what_takes_long_tells_how_far_it_is(monkeypatch):
    out = io.StringIO()
    clock = iter([0.0, 1.0, 2.5, 3.0])
    monkeypatch.setattr("beratung.backups.progress.time.monotonic", lambda: next(clock))
    teller = Teller(out)
    for done in (1000, 2000, 3000):
        teller("Termine", done, 250_000)
    assert out.getvalue() == "2.000 von 250.000 Zeilen (Termine)\n"


@pytest.mark.django_db
def test_a_database_that_is_gone_is_said_in_words(folder):
    def gone(*args: object) -> None:
        raise OperationalError("connection to server failed: Connection refused")

    with connection.execute_wrapper(gone), pytest.raises(CommandError) as refused:
        call_command("backup")
    assert str(refused.value) == "Die Datenbank lässt sich nicht lesen: der Server antwortet nicht."
    assert names(folder) == []
