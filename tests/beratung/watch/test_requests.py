"""Can a line of the log be found again, and does it tell nothing about people?"""

import json
import logging
import os
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from beratung.settings import BASE_DIR
from beratung.watch.numbers import RequestNumber
from tests.builders import make_district

pytestmark = pytest.mark.django_db
TOKEN = "beispiel-token"


def figures(client, **headers):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"} | headers)
    assert answer.status_code == 200
    samples = [
        sample for family in text_string_to_metric_families(answer.content.decode()) for sample in family.samples
    ]
    return {(sample.name, sample.labels.get("route") or sample.labels.get("check")): sample.value for sample in samples}


def test_every_answer_carries_a_number_of_its_own(client):
    numbers = {client.get(path).headers["X-Request-ID"] for path in ("/", "/", "/gibt-es-nicht/")}
    assert len(numbers) == 3


def test_a_number_from_outside_is_taken_from_a_trusted_proxy_only(client, settings):
    given = {"X-Request-ID": "abcdef-123456"}
    assert client.get("/", headers=given).headers["X-Request-ID"] != "abcdef-123456"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/", headers=given).headers["X-Request-ID"] == "abcdef-123456"
    odd = client.get("/", headers={"X-Request-ID": "a b\tc;rm"})
    assert len(odd.headers["X-Request-ID"]) == 32


def test_a_request_is_logged_by_its_route_without_what_was_looked_for(client, settings, caplog):
    settings.LOG_REQUESTS = True
    caplog.handler.addFilter(RequestNumber())
    with caplog.at_level(logging.INFO, "beratung.requests"):
        answer = client.get("/themen/schulden/?ort=Bortfeld", headers={"User-Agent": "Beispielbrowser"})
    (line,) = [record for record in caplog.records if record.name == "beratung.requests"]
    assert "Bortfeld" not in line.getMessage()
    assert "schulden" not in line.getMessage()
    assert "127.0.0.1" not in line.getMessage()
    assert line.status == answer.status_code
    assert line.request_number == answer.headers["X-Request-ID"]


def test_requests_are_not_logged_unless_asked_for(client, caplog):
    with caplog.at_level(logging.INFO, "beratung.requests"):
        client.get("/")
    assert [record for record in caplog.records if record.name == "beratung.requests"] == []


def test_logs_are_one_json_object_a_line_where_asked_for():
    program = (
        "import django; django.setup(); import logging; "
        "logging.getLogger('beispiel').error('Zeile eins\\nund zwei: äöü', extra={'status': 500})"
    )
    process = subprocess.run(
        [sys.executable, "-c", program],
        cwd=BASE_DIR,
        env=os.environ | {"LOG_FORMAT": "json", "DJANGO_SETTINGS_MODULE": "beratung.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = process.stderr.splitlines()
    told = json.loads(line)
    assert (told["message"], told["status"], told["request_number"]) == ("Zeile eins\nund zwei: äöü", 500, "-")


def test_there_are_no_figures_unless_a_token_is_set(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer falsch"}).status_code == 401


def test_figures_count_by_route_and_tell_the_checks(client, settings):
    settings.METRICS_TOKEN = TOKEN
    before = figures(client).get(("beratung_requests_total", "themen/<slug:slug>/"), 0)
    for topic in ("erfunden-a", "erfunden-b"):
        client.get(f"/themen/{topic}/?ort=Bortfeld")
    after = figures(client)
    assert after[("beratung_requests_total", "themen/<slug:slug>/")] == before + 2
    assert after[("beratung_check_state", "database")] == 0
    assert not any("erfunden" in str(key) for key in after)


@pytest.mark.parametrize("path", ["/themen/", "/en/themen/"])
def test_a_page_that_was_kept_is_counted_by_its_route_too(client, settings, path):
    settings.METRICS_TOKEN = TOKEN
    make_district()
    client.get(path)
    route = path.lstrip("/")
    before = figures(client)[("beratung_requests_total", route)]
    assert client.get(path).wsgi_request.resolver_match is None, "the page was not kept"
    assert figures(client)[("beratung_requests_total", route)] == before + 1


PROCESS = """
import django
from django.utils import timezone
django.setup()
from beratung.watch import metrics
metrics.count("GET", "themen/", 200, 0.01)
print(metrics.exposition(timezone.now()).decode())
"""


def test_several_processes_are_counted_together_and_every_check_comes_once(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "beratung.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "DATABASE_URL": "sqlite://:memory:",
    }
    for _ in range(2):
        said = subprocess.run(
            [sys.executable, "-c", PROCESS], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True
        ).stdout
    families = list(text_string_to_metric_families(said))
    assert len({family.name for family in families}) == len(families)
    samples = {(one.name, tuple(one.labels.items())): one.value for family in families for one in family.samples}
    counted = (("method", "GET"), ("route", "themen/"), ("status", "200"))
    assert samples[("beratung_requests_total", counted)] == 2
    checks = [labels for name, labels in samples if name == "beratung_check_state"]
    assert checks
    assert all(dict(labels).keys() == {"check"} for labels in checks)
