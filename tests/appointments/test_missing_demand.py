"""Is a search that found nothing counted as a bare number, exactly, and never at a family's expense?"""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from appointments import demand
from appointments.demand import count_missing, first_day_of_week, note_missing
from appointments.models import MissingDemand, Topic
from appointments.search import Outcome, Wish
from beratung.settings import BASE_DIR
from tests.builders import (
    make_district,
    make_institution,
    make_locality,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
MONDAY = date(2026, 9, 21)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def town(db):
    """Wendeburg, where there is advice on debts on Tuesdays and none on addiction."""
    district = make_district()
    town = make_municipality(district, name="Wendeburg", latitude=52.32, longitude=10.39)
    make_locality(town, name="Bortfeld", slug="bortfeld", latitude=52.29, longitude=10.41)
    debts = make_topic(name="Schuldnerberatung", short_name="Schulden", slug="schulden")
    make_topic(name="Suchtberatung", short_name="Sucht", slug="sucht", everyday_words="Alkohol")
    house = make_institution(town, latitude=52.32, longitude=10.39)
    make_slot(house, make_offer(make_provider(district), (debts,)))
    return town


def counted():
    rows = MissingDemand.objects.order_by("municipality__name", "topic__slug")
    return [
        (row.municipality and row.municipality.name, row.topic and row.topic.slug, row.week_first_day, row.count)
        for row in rows.select_related("municipality", "topic")
    ]


def search(client, **query):
    response = client.get("/", query)
    assert response.status_code == 200
    return response


def test_a_search_in_vain_counts_for_municipality_topic_and_week(client, town):
    search(client, ort="Bortfeld", thema="Alkohol")
    search(client, ort="Wendeburg", thema="Sucht")
    assert counted() == [("Wendeburg", "sucht", MONDAY, 2)]


def test_without_a_place_the_topic_alone_is_counted(client, town):
    search(client, thema="Sucht")
    assert counted() == [(None, "sucht", MONDAY, 1)]


def test_without_a_topic_the_municipality_alone_is_counted(client, town):
    search(client, ort="Bortfeld", tag="so")
    search(client, ort="Bortfeld", tag="so", thema="Quatschwort")
    assert counted() == [("Wendeburg", None, MONDAY, 2)]


@pytest.mark.parametrize(
    "query",
    [
        {"ort": "Bortfeld"},
        {"ort": "Bortfeld", "thema": "Schulden"},
        {"thema": "Schulden"},
        {"tag": "so"},
        {"thema": "Quatschwort", "tag": "so"},
        {"ort": "Atlantis", "thema": "Sucht"},
        {"ort": "' OR 1=1 --", "thema": "\0", "tag": "so", "seite": "-1"},
        {"ort": "x" * 10_000, "tag": "so"},
        {"seite": "7"},
        {},
    ],
)
def test_what_found_something_or_was_not_understood_does_not_count(client, town, query, caplog):
    search(client, **query)
    assert counted() == []
    assert caplog.records == []


def test_several_topics_say_nothing_about_any_of_them(town):
    wish = Wish(topics=tuple(Topic.objects.all()))
    note_missing(Outcome(wish, NOW.date(), entries=[]), NOW.date())
    assert counted() == []


def test_a_question_for_the_head_alone_does_not_count(client, town):
    client.head("/", {"ort": "Bortfeld", "thema": "Sucht"})
    assert counted() == []


def test_what_a_browser_fetches_ahead_does_not_count(client, town):
    client.get("/", {"ort": "Bortfeld", "thema": "Sucht"}, headers={"sec-purpose": "prefetch;prerender"})
    assert counted() == []


def test_the_row_has_no_room_for_words():
    fields = {field.name: field.get_internal_type() for field in MissingDemand._meta.fields}
    assert fields == {
        "id": "BigAutoField",
        "municipality": "ForeignKey",
        "topic": "ForeignKey",
        "week_first_day": "DateField",
        "count": "PositiveIntegerField",
    }


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 9, 20), date(2026, 9, 14)),
        (date(2026, 9, 21), MONDAY),
        (date(2026, 9, 27), MONDAY),
        (date(2027, 1, 1), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_monday(day, monday):
    assert first_day_of_week(day) == monday


def test_unknown_and_known_are_counted_apart(town):
    topic = make_topic(slug="thema").pk
    for municipality, subject in [(town.pk, topic), (town.pk, None), (None, topic)]:
        for _ in range(2):
            count_missing(municipality=municipality, topic=subject, day=NOW.date())
    count_missing(municipality=town.pk, topic=topic, day=date(2026, 9, 28))
    name, next_monday = town.name, date(2026, 9, 28)
    assert set(counted()) == {
        (name, "thema", MONDAY, 2),
        (name, None, MONDAY, 2),
        (None, "thema", MONDAY, 2),
        (name, "thema", next_monday, 1),
    }


# Never at a family's expense


def test_a_database_that_does_not_write_does_not_spoil_the_page(client, town, monkeypatch, caplog):
    def fails(**_given):
        raise OperationalError("database is locked: ort=Bortfeld")

    monkeypatch.setattr(demand, "count_missing", fails)
    response = search(client, ort="Bortfeld", thema="Sucht")
    assert "zurzeit keine Suchtberatung" in unescape(response.content.decode())
    assert [record.getMessage() for record in caplog.records] == ["Suche ohne Ergebnis nicht gezählt: OperationalError"]


@pytest.fixture
def _read_only(town):
    sqlite = connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if sqlite else "SET LOCAL transaction_read_only = on")
        yield
        if sqlite:
            cursor.execute("PRAGMA query_only = OFF")
        transaction.set_rollback(True)


@pytest.mark.usefixtures("_read_only")
def test_a_database_that_may_only_be_read_still_answers(client, caplog):
    search(client, ort="Bortfeld", thema="Sucht")
    assert counted() == []
    assert "Suche ohne Ergebnis nicht gezählt" in caplog.text


def test_counting_costs_one_statement_be_it_the_first_of_the_week_or_not(town, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(3) as captured:  # with a savepoint, for a test is one transaction
            count_missing(municipality=town.pk, topic=None, day=NOW.date())
        assert [one["sql"].split()[0] for one in captured] == ["SAVEPOINT", "INSERT", "RELEASE"]
    assert counted() == [("Wendeburg", None, MONDAY, 2)]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_the_only_one(transactional_db, django_assert_num_queries):
    town = make_municipality()
    with django_assert_num_queries(1):
        count_missing(municipality=town.pk, topic=None, day=NOW.date())


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="the SQLite of the tests lies in memory; see below")
def test_parallel_searches_are_all_counted(transactional_db):
    town = make_municipality()

    def once(_number):
        try:
            count_missing(municipality=town.pk, topic=None, day=NOW.date())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(once, range(40)))
    assert MissingDemand.objects.get().count == 40


PROGRAM = """
import sys
import django
django.setup()
from datetime import date
from appointments.demand import count_missing
for _ in range(25):
    count_missing(municipality=int(sys.argv[1]), topic=None, day=date(2026, 9, 24))
"""

WAITING = """
import sys, time
import django
django.setup()
from datetime import date
from types import SimpleNamespace
from appointments.demand import note_missing
from django.db import connection
wish = SimpleNamespace(place=SimpleNamespace(municipality=int(sys.argv[1])), topics=())
connection.ensure_connection()
start = time.monotonic()
note_missing(SimpleNamespace(wish=wish, entries=[]), date(2026, 9, 24))
print(time.monotonic() - start, connection.cursor().execute("PRAGMA busy_timeout").fetchone()[0])
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Return an SQLite file with one municipality, as two processes share it."""
    path = tmp_path_factory.mktemp("sqlite") / "db.sqlite3"
    run = [sys.executable, "manage.py"]
    subprocess.run([*run, "migrate", "-v0"], cwd=BASE_DIR, env=env(path), check=True)
    build = "from tests.builders import make_municipality; make_municipality(pk=1)"
    subprocess.run([*run, "shell", "-v0", "-c", build], cwd=BASE_DIR, env=env(path), check=True)
    return path


def env(path):
    return os.environ | {"DATABASE_URL": f"sqlite:///{path}", "DJANGO_SETTINGS_MODULE": "beratung.settings"}


def number_in(path):
    with sqlite3.connect(path) as database:
        return database.execute("SELECT sum(count), count(*) FROM appointments_missingdemand").fetchone()


def test_two_processes_on_one_file_count_every_search(file):
    command = [sys.executable, "-c", PROGRAM, "1"]
    processes = [subprocess.Popen(command, cwd=BASE_DIR, env=env(file)) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert number_in(file) == (50, 1)


def test_nobody_waits_for_another_writer(file):
    before = number_in(file)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        process = subprocess.run(
            [sys.executable, "-c", WAITING, "1"],
            cwd=BASE_DIR,
            env=env(file),
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        writer.execute("ROLLBACK")
        writer.close()
    waited, patience_afterwards = process.stdout.split()
    assert float(waited) < 1
    assert patience_afterwards == "20000"
    assert "Suche ohne Ergebnis nicht gezählt: OperationalError" in process.stderr
    assert number_in(file) == before


# Staff


LIST = "/admin/appointments/missingdemand/"


@pytest.fixture
def desk(client, db):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


def test_staff_reads_sums_per_municipality_and_topic_of_what_is_filtered(desk, town):
    other, debts, addiction = make_municipality(name="Edemissen"), make_topic(name="A"), make_topic(name="B")
    namesake = make_municipality(name="Edemissen")
    rows = [(town, debts, 2), (town, addiction, 3), (other, debts, 4), (None, debts, 1), (namesake, addiction, 1)]
    for municipality, topic, count in rows:
        MissingDemand.objects.create(municipality=municipality, topic=topic, week_first_day=MONDAY, count=count)
    assert desk.get(LIST).context["totals"] == [
        ("Gemeinde", [("Wendeburg", 5), ("Edemissen", 4), ("Edemissen", 1), ("nicht angegeben", 1)]),
        ("Thema", [("A", 7), ("B", 4)]),
    ]
    narrowed = desk.get(LIST, {"municipality__id__exact": town.pk})
    assert narrowed.context["totals"] == [("Gemeinde", [("Wendeburg", 5)]), ("Thema", [("B", 3), ("A", 2)])]


def test_staff_only_reads_the_numbers(desk, town):
    row = MissingDemand.objects.create(municipality=town, week_first_day=MONDAY, count=1)
    assert desk.get(LIST).status_code == 200
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.post(f"{LIST}{row.pk}/change/", {"count": "9"}).status_code == 403
    assert desk.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get(LIST, {"municipality__id__exact": "quatsch"}).status_code == 302
