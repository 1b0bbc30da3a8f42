"""What do the tests of backups share: a filled database, and empty ones of either kind?"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import override_settings

from beratung.backups.moving import target_at
from beratung.backups.tables import Table, tables_kept
from beratung.backups.writing import write_backup
from locations.models import District, ImportRun
from locations.models.history import operation
from tests import builders

Rows = dict[str, list[tuple[object, ...]]]


class NoMigrations:
    """Lets `migrate` make the tables as the models are now, in a second instead of ten."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: object) -> Path:
    """Return an SQLite database as `migrate` leaves it, to be copied."""
    path = tmp_path_factory.mktemp("leer") / "leer.sqlite3"
    with django_db_blocker.unblock(), target_at(f"sqlite:///{quote(str(path))}") as alias:
        make_tables(alias)
    return path


def make_tables(alias: str) -> None:
    with override_settings(MIGRATION_MODULES=NoMigrations()):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
    recorder = MigrationRecorder(connections[alias])
    recorder.ensure_schema()
    for app, name in MigrationRecorder(connection).applied_migrations():
        recorder.record_applied(app, name)


@contextmanager
def new_postgres(like: str = "template1") -> Iterator[str]:
    """Yield the name of a new PostgreSQL database, dropped at the end."""
    name = f"beratung_backup_{uuid4().hex[:12]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def postgres_url(name: str) -> str:
    told = connection.settings_dict
    account = f"{quote(told['USER'], '')}:{quote(told['PASSWORD'], '')}"
    return f"postgres://{account}@{quote(told['HOST'], '')}:{told['PORT'] or 5432}/{name}"


@pytest.fixture(scope="session")
def empty_postgres(django_db_setup: None, django_db_blocker: object) -> Iterator[str | None]:
    """Yield the name of a PostgreSQL database as `migrate` leaves it, to be copied; None where the tests have none."""
    if connection.vendor != "postgresql":
        yield None
        return
    with django_db_blocker.unblock(), new_postgres() as name:
        with target_at(postgres_url(name)) as alias:
            make_tables(alias)
        yield name


@pytest.fixture
def other_databases(db: None, django_db_blocker: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test open databases of its own, which Django would take for a mistake."""
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", django_db_blocker._real_ensure_connection)


@pytest.fixture
def empty_url(
    empty_file: Path, empty_postgres: str | None, tmp_path: Path, other_databases: None
) -> Iterator[Callable[[str], str]]:
    """Return a function that gives the address of an empty database of the kind asked for."""
    with ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                path = tmp_path / f"{uuid4().hex}.sqlite3"
                shutil.copy(empty_file, path)
                return f"sqlite:///{quote(str(path))}"
            if empty_postgres is None:
                pytest.skip("braucht PostgreSQL (DATABASE_URL)")
            return postgres_url(stack.enter_context(new_postgres(empty_postgres)))

        yield make


@pytest.fixture
def filled(db: None) -> District:
    """Fill tables of every kind of value: history, rights, second factors, pieces of files, a circle of references."""
    district = builders.make_district(name="Landkreis Ärger & „Söhne“ \N{GRINNING FACE}")
    old = builders.make_municipality(district, boundary={"type": "Polygon", "b": [[[10.123456789, 52.5], [1e16, 0]]]})
    builders.make_slot(builders.make_institution(old), counsellors=[builders.make_counsellor()])
    with operation("Beispiel-Änderung"):
        old.last_day, old.successor = builders.START, builders.make_municipality(district)
        old.save()
    user = User.objects.create_user("beispiel", password="geheim-geheim", is_staff=True)
    group = Group.objects.create(name="Beispielgruppe")
    group.permissions.set(Permission.objects.filter(codename="publish_slot"))
    user.groups.add(group)
    user.totpdevice_set.create(name="Beispiel-Telefon", key="00" * 20)
    kind = ContentType.objects.get_for_model(District)
    LogEntry.objects.create(user=user, content_type=kind, object_id="1", object_repr="x", action_flag=CHANGE)
    run = ImportRun.objects.create(kind="slots", kind_label="Termine", file_name="Beispiel.csv", options={"a": None})
    run.keep_file([bytes(range(256)) * 10, b""])
    return district


def backup(using: str = "default") -> BytesIO:
    file = BytesIO()
    write_backup(file, using=using)
    file.seek(0)
    return file


def values(table: Table, using: str) -> list[tuple[object, ...]]:
    names = [field.attname for field in table.fields]
    rows = table.rows(using).values_list(*names)
    return [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in rows]


def everything(using: str = "default") -> Rows:
    """Return every value of every row kept, read without the code of the backup."""
    return {table.name: values(table, using) for table in tables_kept()}
