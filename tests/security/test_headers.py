"""Does every answer carry the headers, whatever was asked, by whom, and however it ends?"""

import re
from datetime import date
from errno import ENOSPC

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from appointments.confirmation_rounds import link_of
from beratung import rate_limits
from locations.rate_limits import Limit
from tests.house.rights_world import one_of_each
from tests.house.test_rights import addresses
from tests.security.addresses import World, filled

pytestmark = pytest.mark.django_db
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREIGN_SITE = "https://schule.example.org"


def client(**given) -> Client:
    return Client(raise_request_exception=False, **given)


def missing(response) -> list[str]:
    """Return what is wrong with the headers of an answer, and with what its page needs of the browser."""
    found = [name for name, value in ALWAYS.items() if response.headers.get(name) != value]
    policy = response.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy or "http:" in policy:
        found.append(f"Content-Security-Policy: {policy}")
    if not response.headers.get("Permissions-Policy", "").startswith("accelerometer=(), "):
        found.append("Permissions-Policy")
    return found + _inline(response)


def _inline(response) -> list[str]:
    """Return what in the page the policy would refuse."""
    if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
        return []
    page = response.content.decode()
    scripts = re.findall(r"<script(?![^>]*\b(?:src=|type=\"application/(?:ld\+)?json\"))[^>]*>", page)
    return scripts + re.findall(r"<style\b|<[a-z][^>]*\s(?:style|on[a-z]+)=\"[^>]*>|href=\"javascript:", page)


def test_every_open_address():
    stranger, wrong = client(), {}
    for route, address in filled(World(), stranger).items():
        response = stranger.get(address)
        if found := missing(response):
            wrong[address] = found
        frames = re.search(r"frame-ancestors ([^;]*)", response.headers["Content-Security-Policy"])[1]
        assert frames == (FOREIGN_SITE if route.name == "embed_frame" else "'none'"), address
        ours = "cross-origin" if address.startswith("/api/") else "same-origin"
        assert response.headers["Cross-Origin-Resource-Policy"] == ours, address
        # A page that families read sets no cookie.
        assert not response.cookies or route.name == "login" or "anmelden" in address, address
    assert wrong == {}


def test_every_page_of_the_administration_and_the_planning_to_somebody_who_sees_all():
    rows = one_of_each("Beispiel")
    desk = client()
    desk.force_login(User.objects.create_superuser("beispiel-admin"))
    statuses, wrong = {}, {}
    for address in addresses(rows):
        response = desk.get(address)
        statuses[address] = response.status_code
        assert "no-store" in response.headers["Cache-Control"], address
        if found := missing(response):
            wrong[address] = found
    assert wrong == {}
    assert sum(status == 200 for status in statuses.values()) > 250


def fail(error):
    def view(*args, **kwargs):
        raise error

    return view


def test_every_refusal_and_every_failure(monkeypatch, settings):
    world, stranger, found = World(), client(), {}
    monkeypatch.setitem(rate_limits.READ, "institution_notice", Limit("none", most=0, seconds=60))
    found[400] = stranger.get("/", HTTP_HOST="evil.example")
    found[403] = client(enforce_csrf_checks=True).post("/anmelden/")
    found[404] = stranger.get("/gibt-es-nicht/")
    found[405] = stranger.post("/")
    found[413] = stranger.post("/anmelden/", {"username": "x" * 3_000_000})
    found[429] = stranger.get("/einrichtungen/beispiel-schule/aushang.pdf")
    found[410] = _closed_letter(world, stranger)
    for status, error in ((500, ValueError(world.slot.pk)), (503, OSError(ENOSPC, "kein Platz"))):
        monkeypatch.setattr("appointments.pages.home", fail(error))
        found[status] = stranger.get("/")
    monkeypatch.setattr("appointments.pages.home", fail(PermissionDenied()))
    refused = stranger.get("/")
    assert refused.status_code == 403
    assert missing(refused) == []
    for status, response in found.items():
        assert response.status_code == status
        assert missing(response) == [], status
        if status not in (405,):
            assert 'lang="de"' in response.content.decode(), status
            assert "<h1>" in response.content.decode(), status


def _closed_letter(world, stranger):
    type(world.asked).objects.update(closes_on=date(2026, 3, 3))
    return stranger.get(link_of(world.letter).partition(":8000")[2])


# As in production


@pytest.fixture
def production(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 60 * 60, True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings


TLS = {"HTTP_X_FORWARDED_PROTO": "https"}


def test_over_tls_browsers_are_told_to_come_by_tls_alone(production):
    World()
    response = client().get("/", **TLS)
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert missing(response) == []


def test_without_tls_everybody_is_sent_there_and_a_refusal_carries_the_headers(production):
    response = client().get("/?ort=31234")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/?ort=31234")
    assert missing(response) == []
    refused = client().get("/", HTTP_HOST="evil.example")
    assert refused.status_code == 400
    assert missing(refused) == []


def test_whoever_claims_tls_without_our_proxy_is_not_believed(production):
    production.SECURE_PROXY_SSL_HEADER = None
    assert client().get("/", **TLS).status_code == 301


def test_another_name_of_the_host_is_refused_even_by_a_header(production):
    World()
    assert client().get("/", HTTP_HOST="evil.example", **TLS).status_code == 400
    page = client().get("/einrichtungen/beispiel-schule/einbetten/", HTTP_X_FORWARDED_HOST="evil.example", **TLS)
    assert page.status_code == 200
    assert "evil.example" not in page.content.decode()


def test_cookies_are_for_this_host_over_tls_and_for_no_script(production):
    User.objects.create_superuser("beispiel", password="ein langes Beispielwort")
    visitor = client()
    visitor.get("/anmelden/", **TLS)
    visitor.post("/anmelden/", {"username": "beispiel", "password": "ein langes Beispielwort"}, **TLS)
    assert set(visitor.cookies) == {"__Host-sessionid", "__Host-csrftoken"}
    for cookie in visitor.cookies.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert visitor.cookies["__Host-sessionid"]["max-age"] == 12 * 60 * 60


def test_the_files_of_the_pages_carry_them_too(settings, tmp_path):
    (tmp_path / "bl.css").write_text("a{}")
    settings.STATIC_ROOT = str(tmp_path)
    response = client().get("/static/bl.css")
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


# Whom to tell


def test_security_txt_names_the_contact_and_a_day_in_the_future(settings):
    assert client().get("/.well-known/security.txt").status_code == 404
    world = World()
    type(world.district).objects.update(email="sicherheit@example.org")
    lines = dict(one.split(": ", 1) for one in client().get("/.well-known/security.txt").content.decode().splitlines())
    assert lines["Contact"] == "mailto:sicherheit@example.org"
    days = (timezone.datetime.fromisoformat(lines["Expires"]) - timezone.now()).days
    assert 88 <= days <= 90
    settings.SECURITY_CONTACT = "https://example.org/melden"
    assert "Contact: https://example.org/melden\n" in client().get("/.well-known/security.txt?neu").content.decode()
