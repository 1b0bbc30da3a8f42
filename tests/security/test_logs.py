"""Do the logs say where something went wrong, and nothing of what anybody typed, is called, or has for a password?"""

import json
import logging
import logging.config
import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from appointments.confirmation_rounds import link_of
from beratung import settings as ours
from locations.models import Institution
from tests.security.addresses import World

pytestmark = pytest.mark.django_db
TYPED = "Heimlichkeit"  # stands in everything that is sent
ADDRESS = "192.0.2.77"


@pytest.fixture(params=["line", "json"])
def written(request) -> StringIO:
    """Return what the handler of the settings writes, in both formats, with a line for every request."""
    described = json.loads(json.dumps(ours.LOGGING))
    described["handlers"]["stderr"] |= {"formatter": request.param}
    stream = StringIO()
    handler = _handler(described, stream)
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def _handler(described, stream) -> logging.Handler:
    configurator = logging.config.DictConfigurator(described)
    handler = logging.StreamHandler(stream)
    one = described["handlers"]["stderr"]
    handler.setFormatter(configurator.configure_formatter(described["formatters"][one["formatter"]]))
    for name in one["filters"]:
        handler.addFilter(configurator.configure_filter(described["filters"][name]))
    return handler


def visitor(**given) -> Client:
    return Client(
        raise_request_exception=False,
        REMOTE_ADDR=ADDRESS,
        HTTP_USER_AGENT=TYPED,
        HTTP_REFERER=f"https://example.org/{TYPED}",
        HTTP_AUTHORIZATION=f"Bearer {TYPED}",
        HTTP_X_FORWARDED_FOR=ADDRESS,
        **given,
    )


def fail(*args, **kwargs):
    raise ValueError(f"invalid literal: {TYPED} {args[0]!r}")


def nothing_told(stream: StringIO, *more: str) -> str:
    """Return what was written, once it is sure that nobody's words are in it."""
    text = stream.getvalue()
    for word in (TYPED, ADDRESS, *more):
        assert word not in text, text[max(0, text.find(word) - 300) :][:600]
    return text


def test_of_a_request_the_route_is_written_and_nothing_else(written, settings):
    settings.LOG_REQUESTS = True
    World()
    visitor().get("/", {"ort": TYPED, "thema": TYPED})
    visitor().get(f"/themen/{TYPED}/")
    visitor().get(f"/{TYPED}/")
    assert "themen/<slug:slug>/ 404" in nothing_told(written)


def test_of_a_login_neither_name_nor_password_nor_address(written):
    User.objects.create_user(TYPED, password="ein langes Beispielwort")
    for password in [f"{TYPED}{number}" for number in range(11)]:
        visitor().post("/anmelden/", {"username": TYPED, "password": password})
    visitor(enforce_csrf_checks=True).post("/anmelden/", {"username": TYPED, "csrfmiddlewaretoken": TYPED})
    nothing_told(written)


def test_of_an_error_the_place_in_the_program_and_its_kind(written, monkeypatch):
    world = World()
    monkeypatch.setattr("appointments.pages.home", fail)
    monkeypatch.setattr("appointments.round_views.slots_asked", fail)
    monkeypatch.setattr("appointments.report_views.file_report", fail)
    link = link_of(world.letter).partition(":8000")[2]
    token = link.rstrip("/").rpartition("/")[2]
    assert visitor().get("/", {"text": TYPED}).status_code == 500
    assert visitor().post(link, {"text": TYPED}).status_code == 500
    text = nothing_told(written, token)
    assert re.search(r"ERROR|\"levelname\": \"ERROR\"", text)
    assert "test_logs.py" in text
    assert "in fail" in text
    assert "ValueError" in text
    assert "bestaetigen/<str:token>/" in text


def test_of_a_rule_of_the_database_the_kind_and_no_row(written, monkeypatch):
    World()

    def break_a_rule(*args, **kwargs):
        house = Institution.objects.get(slug="beispiel-schule")
        with transaction.atomic():
            Institution.objects.create(
                name=TYPED, slug=house.slug, municipality=house.municipality, first_day=house.first_day
            )

    monkeypatch.setattr("appointments.pages.home", break_a_rule)
    assert visitor().get("/").status_code == 500
    text = nothing_told(written, "beispiel-schule", "DETAIL", "Key (")
    assert "IntegrityError" in text
    with pytest.raises(IntegrityError):
        break_a_rule()


@task()
def stumble(what: str) -> None:
    raise ValueError(what)


def test_of_a_task_that_fails_neither_words_nor_values(written, transactional_db, capfd):
    stumble.enqueue(TYPED)
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    assert DBTaskResult.objects.get().exception_class_path == "builtins.ValueError"
    nothing_told(written)
    shown = capfd.readouterr()
    assert TYPED not in shown.out + shown.err


def test_every_line_says_when_to_the_second_and_in_which_zone_and_nothing_sent_makes_a_line_of_its_own(written):
    logging.getLogger("beispiel").error("Eins\n2026-11-22 ERROR root: gefälscht\r\n")
    lines = written.getvalue().splitlines()
    assert len(lines) == 1
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", lines[0])


def test_a_hostile_host_and_a_body_too_large_are_no_matter(written):
    visitor().get("/", HTTP_HOST="evil.example")
    visitor().post("/anmelden/", {"username": TYPED * 300_000})
    visitor().get(f"/?{TYPED}=" + "x" * 9000)
    nothing_told(written)


def test_the_traces_are_left_out_in_production_and_wherever_nobody_looks_for_a_mistake():
    assert ours.DEBUG is False
    classes = {one.get("class") or one.get("()") for one in ours.LOGGING["formatters"].values()}
    assert classes == {"beratung.watch.traces.Lines", "beratung.watch.traces.Json"}
