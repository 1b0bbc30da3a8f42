"""Does the environment decide, and is nonsense refused by name?"""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection

from beratung.settings import BASE_DIR, local_secret_key

DECIDED_BY_ENVIRONMENT = {
    "ALLOWED_HOSTS",
    "API_PER_MINUTE",
    "BACKUP_DIR",
    "BACKUP_KEEP",
    "CACHE_URL",
    "CONFIRMATION_ROUND_DAYS",
    "DATABASE_URL",
    "DEBUG",
    "DEPLOYMENT",
    "EMAIL_FROM",
    "EMAIL_HOST",
    "EMAIL_PASSWORD",
    "EMAIL_PORT",
    "EMAIL_USER",
    "HISTORY_DAYS",
    "IMPORT_FILE_DAYS",
    "IMPORT_MAX_MB",
    "IMPORT_RUN_DAYS",
    "LOG_FORMAT",
    "LOG_REQUESTS",
    "METRICS_TOKEN",
    "MISSING_DEMAND_DAYS",
    "MISTAKE_REPORT_DAYS",
    "MISTAKE_TEXT_DAYS",
    "OIDC_AUTHORIZATION_URL",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_HAS_SECOND_FACTOR",
    "OIDC_ISSUER",
    "OIDC_JWKS_URL",
    "OIDC_TOKEN_URL",
    "OIDC_USER_URL",
    "PLAN_DAYS",
    "PUBLIC_URL",
    "ROAD_DETOUR_FACTOR",
    "ROAD_SPEED_KMH",
    "SECOND_FACTOR",
    "SECURITY_CONTACT",
    "SECRET_KEY",
    "TASK_DAYS",
    "TRUST_PROXY_HEADERS",
}
PRODUCTION = {
    "DEPLOYMENT": "production",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "beratung.example.org",
    "DATABASE_URL": "postgres://beratung:geheim@127.0.0.1/beratung",
}


def start(expression: str = "''", **environment: str) -> subprocess.CompletedProcess[str]:
    """Return how a fresh process ends that loads the settings and prints the expression."""
    inherited = {name: value for name, value in os.environ.items() if name not in DECIDED_BY_ENVIRONMENT}
    return subprocess.run(
        [sys.executable, "-c", f"from beratung import settings; print(({expression}))"],
        cwd=BASE_DIR,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(**environment: str) -> str:
    """Return the last line of the refusal."""
    process = start(**environment)
    assert process.returncode != 0, "the settings were accepted"
    return process.stderr.strip().splitlines()[-1].removeprefix("django.core.exceptions.ImproperlyConfigured: ")


def value(expression: str, **environment: str) -> str:
    process = start(expression, **environment)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def test_production_names_everything_that_is_missing_at_once():
    assert refusal(DEPLOYMENT="production") == (
        "DEPLOYMENT=production startet nicht, es fehlt: SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL. Siehe .env.example."
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_needs_each_of_its_settings(name):
    assert f"es fehlt: {name}. " in refusal(**PRODUCTION | {name: " "})


def test_production_starts_with_what_it_needs_and_is_closed():
    assert value("settings.DEBUG, settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE", **PRODUCTION) == (
        "(False, True, True)"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DEPLOYMENT": "produktion"}, "DEPLOYMENT='produktion': erlaubt sind nur local und production."),
        ({"DEBUG": "yes"}, "DEBUG='yes': erlaubt sind nur 0 und 1."),
        ({"SECURITY_CONTACT": "wir"}, "SECURITY_CONTACT='wir': erwartet wird mailto:…, https://… oder tel:…."),
        ({"TRUST_PROXY_HEADERS": "true"}, "TRUST_PROXY_HEADERS='true': erlaubt sind nur 0 und 1."),
        ({"ROAD_SPEED_KMH": "schnell"}, "ROAD_SPEED_KMH='schnell': erlaubt ist eine Zahl von 5 bis 130."),
        ({"ROAD_DETOUR_FACTOR": "0.9"}, "ROAD_DETOUR_FACTOR='0.9': erlaubt ist eine Zahl von 1 bis 3."),
        ({"ROAD_DETOUR_FACTOR": "nan"}, "ROAD_DETOUR_FACTOR='nan': erlaubt ist eine Zahl von 1 bis 3."),
        ({"ALLOWED_HOSTS": "example.org"}, "ALLOWED_HOSTS gilt nur bei DEPLOYMENT=production; local bedient nur"),
        (
            {"OIDC_CLIENT_ID": "x", "OIDC_ISSUER": "https://example.org"},
            "OIDC_CLIENT_ID ist gesetzt, es fehlt: OIDC_CLIENT_SECRET, ",
        ),
        (
            {"CACHE_URL": "memcached://geheim@example.org"},
            "CACHE_URL muss mit redis://, rediss:// oder unix:// beginnen.",
        ),
        (PRODUCTION | {"DEBUG": "1"}, "DEBUG=1 ist nur bei DEPLOYMENT=local erlaubt."),
        (PRODUCTION | {"SECRET_KEY": "x" * 49}, "SECRET_KEY ist zu kurz: 49 statt mindestens 50 Zeichen."),
        (PRODUCTION | {"ALLOWED_HOSTS": ","}, "ALLOWED_HOSTS nennt keinen Rechnernamen."),
        (PRODUCTION | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS: '*' ist kein Rechnername."),
        (PRODUCTION | {"ALLOWED_HOSTS": "https://example.org"}, "ALLOWED_HOSTS: 'https://example.org' ist kein"),
        (PRODUCTION | {"DATABASE_URL": "beratung"}, "DATABASE_URL "),
        (PRODUCTION | {"DATABASE_URL": "mysql://name@example.org/beratung"}, "DATABASE_URL muss mit postgres://"),
        (PRODUCTION | {"DATABASE_URL": "postgres://example.org"}, "DATABASE_URL muss mit postgres://"),
        (PRODUCTION | {"DATABASE_URL": "postgres://example.org:port/x"}, "DATABASE_URL ist keine Datenbank-Adresse."),
    ],
)
def test_nonsense_is_refused_by_name(changes, reason):
    assert refusal(**changes).startswith(reason)


def test_a_refused_database_address_does_not_show_its_password():
    process = start(**PRODUCTION | {"DATABASE_URL": "postgres://name:hochgeheim@example.org:port/x"})
    assert "hochgeheim" not in process.stderr.splitlines()[-1]


def test_staff_need_a_second_factor_in_production_unless_somebody_says_otherwise():
    assert value("settings.SECOND_FACTOR") == "False"
    assert value("settings.SECOND_FACTOR", **PRODUCTION) == "True"
    assert value("settings.SECOND_FACTOR", **PRODUCTION | {"SECOND_FACTOR": "0"}) == "False"


def test_the_default_is_this_machine_only_without_debugging():
    assert value("settings.ALLOWED_HOSTS, settings.DEBUG") == "(['localhost', '127.0.0.1', '[::1]'], False)"


def test_a_number_may_have_a_decimal_comma():
    assert value("settings.ROAD_DETOUR_FACTOR", ROAD_DETOUR_FACTOR="1,25") == "1.25"


def test_a_file_to_import_has_a_size_that_makes_sense():
    assert value("settings.IMPORT_MAX_MB") == "20.0"
    assert refusal(IMPORT_MAX_MB="0") == "IMPORT_MAX_MB='0': erlaubt ist eine Zahl von 1 bis 200."


def test_days_are_whole_and_within_bounds():
    assert value("settings.MISTAKE_TEXT_DAYS") == "90"
    assert value("settings.MISTAKE_TEXT_DAYS", MISTAKE_TEXT_DAYS="1") == "1"
    assert refusal(MISTAKE_TEXT_DAYS="90,5") == "MISTAKE_TEXT_DAYS='90,5': erlaubt sind nur ganze Tage."
    for nonsense in ("0", "366", "ewig"):
        assert refusal(MISTAKE_TEXT_DAYS=nonsense) == (
            f"MISTAKE_TEXT_DAYS='{nonsense}': erlaubt ist eine Zahl von 1 bis 365."
        )
    assert value("settings.HISTORY_DAYS") == "3650"
    assert refusal(HISTORY_DAYS="29") == "HISTORY_DAYS='29': erlaubt ist eine Zahl von 30 bis 36500."


@pytest.mark.parametrize(
    ("name", "default", "lowest", "highest"),
    [
        ("MISTAKE_REPORT_DAYS", 1095, 1, 36500),
        ("MISSING_DEMAND_DAYS", 1095, 30, 36500),
        ("CONFIRMATION_ROUND_DAYS", 1095, 30, 36500),
        ("IMPORT_FILE_DAYS", 2, 1, 30),
        ("IMPORT_RUN_DAYS", 365, 7, 36500),
        ("PLAN_DAYS", 1095, 30, 36500),
        ("TASK_DAYS", 14, 1, 365),
    ],
)
def test_what_is_kept_how_long_has_a_default_and_bounds(name, default, lowest, highest):
    assert value(f"settings.{name}") == str(default)
    assert value(f"settings.{name}", **{name: str(highest)}) == str(highest)
    assert refusal(**{name: str(lowest - 1)}) == (
        f"{name}='{lowest - 1}': erlaubt ist eine Zahl von {lowest} bis {highest}."
    )


def test_the_number_of_backups_kept_is_whole_and_within_bounds():
    assert value("settings.BACKUP_KEEP") == "14"
    assert value("settings.BACKUP_KEEP", BACKUP_KEEP="1") == "1"
    assert refusal(BACKUP_KEEP="0") == "BACKUP_KEEP='0': erlaubt ist eine Zahl von 1 bis 1000."
    assert refusal(BACKUP_KEEP="2,5") == "BACKUP_KEEP='2,5': erlaubt sind nur ganze Zahlen."


def test_sqlite_takes_the_write_lock_when_a_transaction_begins():
    options = value("settings.DATABASES['default']['OPTIONS']")
    assert "'transaction_mode': 'IMMEDIATE'" in options
    assert "journal_mode=WAL" in options


IN_FORCE = """
import django, json, sqlite3
django.setup()
from django.db import connection, transaction
told = {}
with connection.cursor() as cursor:
    for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous"):
        told[name] = cursor.execute(f"PRAGMA {name}").fetchone()[0]
other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)
with transaction.atomic():  # nothing is read or written in it
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        told["another writer"] = str(error)
    told["a reader"] = other.execute("SELECT 1").fetchone()[0]
print(json.dumps(told))
"""


def test_sqlite_runs_as_it_was_told(tmp_path: Path):
    """Not what the settings say but what the database does."""
    inherited = {name: text for name, text in os.environ.items() if name not in DECIDED_BY_ENVIRONMENT}
    process = subprocess.run(
        [sys.executable, "-c", IN_FORCE],
        cwd=BASE_DIR,
        env=inherited
        | {"DJANGO_SETTINGS_MODULE": "beratung.settings", "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(process.stdout) == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 20000,
        "synchronous": 1,
        "another writer": "database is locked",
        "a reader": 1,
    }


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL: mit DATABASE_URL=postgres://…")
def test_postgresql_keeps_its_connection_between_requests_and_replaces_a_dead_one():
    first = backend()
    request_finished.send(None)
    request_started.send(None)
    assert backend() == first
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [first])
    other.close()
    request_finished.send(None)
    request_started.send(None)
    assert backend() != first


def test_postgresql_connections_persist_and_are_checked():
    expression = "settings.DATABASES['default']['CONN_MAX_AGE'], settings.DATABASES['default']['CONN_HEALTH_CHECKS']"
    assert value(expression, **PRODUCTION) == "(600, True)"


def test_every_setting_of_the_environment_stands_in_the_example():
    lines = (BASE_DIR / ".env.example").read_text().splitlines()
    assert {line.partition("=")[0] for line in lines if line and line[0] != "#"} == DECIDED_BY_ENVIRONMENT


def test_the_local_key_is_readable_by_its_owner_only_and_stays(tmp_path: Path):
    path = tmp_path / ".secret_key"
    key = local_secret_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) >= 50
    assert local_secret_key(path) == key


def test_processes_that_start_at_once_agree_on_the_local_key(tmp_path: Path):
    path = tmp_path / ".secret_key"
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(local_secret_key, [path] * 40))) == 1
    assert list(tmp_path.iterdir()) == [path]
