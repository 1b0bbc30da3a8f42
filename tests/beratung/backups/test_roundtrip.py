"""Does the whole database come back as it was, in either kind of database, and do its pages say the same?"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from appointments.models import Slot
from beratung.backups.counters import last_given
from beratung.backups.files import BackupError
from beratung.backups.making import make_backup
from beratung.backups.moving import fill, target_at
from beratung.backups.restoring import restore_backup
from beratung.backups.tables import Table, tables_kept
from locations.models import District, HelpLine, Institution, Municipality, PublicVersion
from tests import builders
from tests.beratung.backups.conftest import backup, everything

KINDS = ["sqlite", "postgresql"]
pytestmark = pytest.mark.django_db
PAGES = ["/", "/?ort=Peine", "/kreise/peine/", "/gemeinden/", "/en/"]


def load_example() -> None:
    call_command("load_peine", verbosity=0, stdout=io.StringIO())


@contextmanager
def served_from(alias: str) -> Iterator[None]:
    """Let pages be made from the other database."""
    usual, connections["default"] = connections["default"], connections[alias]
    caches["pages"].clear()
    try:
        yield
    finally:
        connections["default"] = usual
        caches["pages"].clear()


def pages() -> dict[str, tuple[int, bytes, str]]:
    answers = {address: Client().get(address) for address in PAGES}
    return {address: (one.status_code, one.content, one.get("ETag", "")) for address, one in answers.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_district_comes_back_with_its_pages(filled, empty_url, kind):
    load_example()
    shown = pages()
    before = everything()
    assert sum(map(len, before.values())) > 5000
    assert {status for status, *_ in shown.values()} == {200}
    with target_at(empty_url(kind)) as alias:
        restored = restore_backup(backup(), using=alias)
        assert everything(alias) == before
        assert backup(alias).getbuffer().nbytes > 50_000
        assert restored.rows == sum(map(len, before.values()))
        with served_from(alias):
            assert pages() == shown
            assert User.objects.get(username="beispiel").has_perm("appointments.publish_slot")
            assert User.objects.get(username="beispiel").check_password("geheim-geheim")


# A database that keeps something else than it was given.
ALTERING = {
    "sqlite": [
        """CREATE TRIGGER altering AFTER INSERT ON locations_district
        BEGIN UPDATE locations_district SET website = 'https://anders.example.org' WHERE id = NEW.id; END"""
    ],
    "postgresql": [
        """CREATE FUNCTION altering() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN NEW.website := 'https://anders.example.org'; RETURN NEW; END$$""",
        "CREATE TRIGGER altering BEFORE INSERT ON locations_district FOR EACH ROW EXECUTE FUNCTION altering()",
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_out_otherwise_than_it_went_in_is_no_restoring(filled, empty_url, kind):
    with target_at(empty_url(kind)) as alias:
        before = everything(alias)
        with connections[alias].cursor() as cursor:
            for statement in ALTERING[kind]:
                cursor.execute(statement)
        with pytest.raises(BackupError, match="anders als in der Sicherung"):
            restore_backup(backup(), using=alias)
        assert everything(alias) == before


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back_again_is_the_same(filled, empty_url, kind):
    before = everything()
    with target_at(empty_url(kind)) as alias:
        there = restore_backup(backup(), using=alias)
        file = backup(alias)
    with target_at(empty_url(connection.vendor)) as alias:
        assert restore_backup(file, using=alias).content == there.content
        assert everything(alias) == before


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_deleted_rows_never_come_back(filled, empty_url, kind):
    lines = [HelpLine.objects.create(district=filled, name=f"Beispiel {n}", phone="030 23125 1") for n in range(3)]
    HelpLine.objects.all().delete()
    with target_at(empty_url(kind)) as alias:
        restore_backup(backup(), using=alias)
        assert last_given(Table(HelpLine), alias) == lines[-1].pk
        made = HelpLine.objects.using(alias).create(district_id=filled.pk, name="Beispiel", phone="030 23125 2")
        assert made.pk == lines[-1].pk + 1
        # A table in which nothing ever was begins with one.
        assert last_given(next(table for table in tables_kept() if table.name == "budget_plan"), alias) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_seen_is_counted_from_the_first_moment(filled, empty_url, kind):
    with target_at(empty_url(kind)) as alias:
        versions = PublicVersion.objects.using(alias)
        empty = versions.current()
        restore_backup(backup(), using=alias)
        restored = versions.current()
        assert restored.number > empty.number, "Seiten, die andere Vorgänge behalten haben, gälten weiter"
        Municipality.objects.using(alias).update(name="Beispiel-Umbenannt")
        assert versions.current().number > restored.number


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_that_is_not_empty_stays_as_it_is(filled, empty_url, kind):
    file = backup()
    with target_at(empty_url(kind)) as alias:
        District.objects.using(alias).create(
            name="Landkreis Beispiel-Alt", slug="alt", key="99999", federal_state="DE-NI"
        )
        before = everything(alias)
        with pytest.raises(BackupError, match=r"nicht leer \(Landkreise\)"):
            restore_backup(file, using=alias)
        assert everything(alias) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_the_database_does_not_take_leaves_nothing_behind(filled, empty_url, kind):
    """The last of the tables breaks a rule of the database: what came before is taken back."""
    file = backup()
    with target_at(empty_url(kind)) as alias:
        before = everything(alias)
        with connections[alias].cursor() as cursor:
            cursor.execute("CREATE UNIQUE INDEX nur_ein_ort ON locations_municipality (district_id)")
        with pytest.raises(BackupError, match="Die Datenbank nimmt die Sicherung nicht an"):
            restore_backup(file, using=alias)
        assert everything(alias) == before


def test_a_text_that_only_sqlite_knows_comes_back(filled, empty_url):
    if connection.vendor != "sqlite":
        pytest.skip("nur SQLite nimmt solche Texte an")
    Institution.objects.update(carrier="Beispiel\0")
    with target_at(empty_url("sqlite")) as alias:
        restore_backup(backup(), using=alias)
        assert Institution.objects.using(alias).get().carrier == "Beispiel\0"


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_moves_everything(filled, empty_url, kind, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "sicherungen"
    url, out = empty_url(kind), io.StringIO()
    call_command("move_database", url, stdout=out)
    assert "Alter und neuer Stand sind gleich." in out.getvalue()
    with target_at(url) as alias:
        assert everything(alias) == everything()
    assert len(list(settings.BACKUP_DIR.iterdir())) == 1, "der alte Stand ist auch gesichert"
    with pytest.raises(CommandError, match="nicht leer"):
        call_command("move_database", url, stdout=out)


def test_the_command_makes_the_tables_of_an_empty_database(filled, other_databases, settings, tmp_path):
    if settings.MIGRATION_MODULES:
        pytest.skip("nur wo die Tests durch die Migrationen gehen (.ci/run auf PostgreSQL)")
    settings.BACKUP_DIR, url = tmp_path, f"sqlite:///{tmp_path}/neu.sqlite3"
    call_command("move_database", url, stdout=io.StringIO())
    with target_at(url) as alias:
        assert everything(alias) == everything()


def test_a_source_that_goes_on_is_refused_and_the_target_stays_empty(filled, empty_url, tmp_path):
    made = make_backup(tmp_path, timezone.now())
    builders.make_topic()
    with target_at(empty_url("sqlite")) as alias:
        before = everything(alias)
        with pytest.raises(BackupError, match=r"Während des Umzugs hat jemand geschrieben \(.*Beratungsfeld"):
            fill(alias, made.path)
        assert everything(alias) == before


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgres://beispiel:hochgeheim@127.0.0.1:1/x",
            "Die Zieldatenbank ist nicht zu haben: der Server antwortet nicht.",
        ),
        ("mysql://x/y", "muss mit postgres:// oder sqlite:/// beginnen"),
        ("sqlite:////gibt/es/nicht.sqlite3", "Die Zieldatenbank ist nicht zu haben: sie lässt sich nicht öffnen."),
    ],
)
def test_a_target_that_cannot_be_had_is_named_without_its_password(other_databases, url, message):
    with pytest.raises(CommandError, match=message) as refused:
        call_command("move_database", url)
    assert "hochgeheim" not in str(refused.value)
    assert "target" not in connections.settings


def test_the_address_can_be_typed_so_that_nobody_else_reads_its_password(
    filled, empty_url, settings, tmp_path, monkeypatch
):
    settings.BACKUP_DIR, url = tmp_path, empty_url("sqlite")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{url}\n"))
    call_command("move_database", "-", stdout=io.StringIO())
    with target_at(url) as alias:
        assert everything(alias) == everything()


def test_tables_of_another_program_are_left_alone(other_databases, tmp_path):
    url = f"sqlite:///{tmp_path}/fremd.sqlite3"
    with target_at(url) as alias, connections[alias].cursor() as cursor:
        cursor.execute("CREATE TABLE fremd (x int)")
    with pytest.raises(CommandError, match="fremde Tabellen"):
        call_command("move_database", url)


def test_slots_are_among_what_came_back(filled, empty_url):
    """The comparison above would be content with two empty databases."""
    with target_at(empty_url("sqlite")) as alias:
        restore_backup(backup(), using=alias)
        assert Slot.objects.using(alias).get().counsellors.count() == 1
