"""Does the real server stay plain and quick for everybody while somebody is slow, senseless or out for more?"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - for the condition of the skip

from beratung.settings import BASE_DIR
from tests.resilience.databases import SqliteFiles, make_tables
from tests.resilience.sites import Site, running

pytestmark = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="Der Webserver ist auf PostgreSQL derselbe; einmal genügt."
)
ROWS = """
from tests import builders
builders.make_slot(builders.make_institution(name="Beispiel-Schule am Markt"))
"""
GET = b"GET /gemeinden/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
OTHERS_WAIT_AT_MOST = 12  # seconds, for the slowest of machines; a half request is given up after 15
INNER = (b"Traceback", b"Exception", b"gunicorn/", b"Django", b"settings", str(BASE_DIR).encode())


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    url = SqliteFiles(folder).url("site")
    make_tables(url, ROWS)
    with running(url, folder) as found:
        yield found


def connected(site: Site, timeout: float = 20) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=timeout)


def everything(opened: socket.socket) -> bytes:
    """Return what comes until the server closes."""
    found = b""
    with suppress(ConnectionResetError):
        while data := opened.recv(65536):
            found += data
    return found


def said(site: Site, request: bytes) -> bytes:
    """Return the whole answer to these bytes."""
    with closing(connected(site)) as opened:
        with suppress(BrokenPipeError, ConnectionResetError):
            opened.sendall(request)
        return everything(opened)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def refuse_a_leak(answer: bytes) -> None:
    assert [word for word in INNER if word.lower() in answer.lower()] == [], answer[:1000]


def refuse_to_wait(site: Site, times: int = 6) -> None:
    """Fail unless others are served at once."""
    for _ in range(times):
        began = time.monotonic()
        assert site.ask("/gemeinden/").status == 200
        assert time.monotonic() - began < OTHERS_WAIT_AT_MOST


HALF = {
    "nothing at all": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    "a head without its form": b"POST /anmelden/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nname=",
    "a chunk that does not end": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nab",
    "a second request that does not end": GET.replace(b"Connection: close\r\n", b"") + b"GET / HTTP/1.1\r\nHost",
}


@pytest.mark.parametrize("half", HALF.values(), ids=HALF)
def test_thirty_clients_that_send_half_a_request_keep_nobody_waiting(site, half):
    with ExitStack() as stack:
        opened = [stack.enter_context(closing(connected(site))) for _ in range(30)]
        for one in opened:
            one.sendall(half)
        time.sleep(0.5)
        refuse_to_wait(site)
        for one in opened:  # a drop now and then does not buy them more
            with suppress(OSError):
                one.sendall(b"a")
        refuse_to_wait(site, times=2)


def test_half_a_request_is_given_up_after_seconds_however_it_drips(site):
    with closing(connected(site, timeout=1)) as opened:
        opened.sendall(HALF["half a head"])
        began = time.monotonic()
        while time.monotonic() - began < 40:
            try:
                opened.sendall(b"a")
                if opened.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        assert 10 < time.monotonic() - began < 30


def test_clients_that_never_take_leave_keep_nobody_waiting(site):
    with ExitStack() as stack:
        for request in [GET, b"SENSELESS\r\n\r\n"] * 15:
            opened = stack.enter_context(closing(connected(site)))
            opened.sendall(request)
        time.sleep(0.2)
        refuse_to_wait(site)


def test_an_upload_that_trickles_holds_its_thread_for_seconds_only(site):
    head = b"POST /anmelden/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n"
    with ExitStack() as stack:
        opened = [stack.enter_context(closing(connected(site, timeout=40))) for _ in range(8)]
        for one in opened:  # as many as there are threads
            one.sendall(head + b"a=")
        began = time.monotonic()
        assert site.ask("/gemeinden/", timeout=60).status == 200
        assert time.monotonic() - began < 30
        for one in opened:
            assert status(everything(one)) in (0, 400, 403)


LONG = {
    "request line of 8,190 letters": (b"GET /" + b"a" * 8160 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "longer request line": (b"GET /" + b"a" * 8300 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "endless request line": (b"GET /" + b"a" * 200_000, 431),
    "long header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n", 431),
    "endless header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 200_000, 431),
    "many headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n", 431),
    "endless empty lines": (b"\r\n" * 100_000, 431),
    "long query": (b"GET /?ort=" + b"a" * 7000 + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200),
    "large form": (
        b"POST /anmelden/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3000000\r\n\r\n" + b"a" * 3_000_000,
        413,
    ),
}


@pytest.mark.parametrize(("request_", "expected"), LONG.values(), ids=LONG)
def test_what_is_too_long_is_refused_in_plain_german(site, request_, expected):
    request_ = request_.replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n", 1)
    answer = said(site, request_)
    assert status(answer) == expected, answer[:300]
    assert b'lang="de"' in answer
    refuse_a_leak(answer)
    refuse_to_wait(site, times=1)


SENSELESS = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
    "unknown version": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a word": b"SENSELESS\r\n\r\n",
    "method of signs": b"G<>T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "header without a name": b"GET / HTTP/1.1\r\n: nothing\r\n\r\n",
    "header with a zero": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaa",
    "negative length": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    "length of letters": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: viel\r\n\r\n",
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "unknown coding": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: rot13\r\n\r\n",
    "senseless chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n0\r\n\r\n",
    "expectation": b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: wunder\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("request_", SENSELESS.values(), ids=SENSELESS)
def test_what_is_no_request_is_refused_without_a_word_of_the_inside(site, request_):
    answer = said(site, request_.replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n", 1))
    assert 400 <= status(answer) < 500, answer[:300]
    refuse_a_leak(answer)
    refuse_to_wait(site, times=1)


HOSTS = [
    b"evil.example",
    b"localhost.evil.example",
    b"",
    b"localhost, evil.example",
    b"localhost:99999x",
    b"<script>",
    b"a" * 5000,
]


@pytest.mark.parametrize("host", HOSTS, ids=[host[:20].decode() for host in HOSTS])
@pytest.mark.parametrize("path", [b"/", b"/api/hsds/services", b"/admin/", b"/healthz"])
def test_a_wrong_host_is_refused_without_being_repeated(site, host, path):
    answer = said(site, b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
    assert status(answer) == 400, answer[:300]
    refuse_a_leak(answer)
    assert b"evil" not in answer


PATHS = [
    b"/../../etc/passwd",
    b"/static/../manage.py",
    b"/static/..%2f..%2fmanage.py",
    b"/static/%2e%2e/%2e%2e/beratung/settings.py",
    b"/static/%252e%252e/manage.py",
    b"/static/css/..\\..\\manage.py",
    b"/%00",
    b"/static/css/bl.css%00.html",
    b"//evil.example/",
    b"/;/admin/",
    b"/admin;x=1/",
    b"/gemeinden/%ff%fe/",
    b"/gemeinden/%E0%80%AF/",
    b"/gemeinden/\xff\xfe/",
    b"/%0d%0aSet-Cookie:%20a=b",
    b"http://evil.example/gemeinden/",
    b"*",
    b"/" + b"../" * 500,
    b"/" + b"%2e%2e%2f" * 500,
    b"/kreise/" + b"a" * 4000 + b"/",
    b"/termine/00000000-0000-0000-0000-000000000000/",
    b"/.git/config",
    b"/.env",
    b"/db.sqlite3",
]


@pytest.mark.parametrize("path", PATHS, ids=[path[:40].decode(errors="replace") for path in PATHS])
def test_a_trick_in_the_path_leads_nowhere(site, path):
    answer = said(site, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert status(answer) in (200, 301, 302, 400, 404), answer[:300]
    assert b"evil.example" not in head
    assert b"set-cookie: a=b" not in head.lower()
    assert [
        word for word in (b"root:x:", b"SECRET_KEY =", b"DJANGO_SETTINGS_MODULE", b"SQLite format") if word in body
    ] == []
    refuse_a_leak(answer)


def test_requests_in_one_go_are_answered_in_order(site):
    several = b"".join(
        b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for path in (b"/gemeinden/", b"/gibt-es-nicht/", b"/robots.txt")
    )
    answer = said(site, several + GET)
    codes = [int(part.split(b" ", 1)[0]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert codes == [200, 404, 200, 200]


def test_a_form_in_chunks_is_read(site):
    body = b"username=beispiel&password=falsch"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    head = b"POST /anmelden/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    answer = said(site, head + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + chunks)
    assert status(answer) == 403  # read, and refused for want of a token
    refuse_a_leak(answer)


def mutated(random_: random.Random) -> bytes:
    """Return a request with some of its bytes changed, doubled or left out."""
    data = bytearray(random_.choice([GET, *SENSELESS.values()]))
    for _ in range(random_.randint(1, 12)):
        place = random_.randrange(len(data) or 1)
        match random_.randrange(3):
            case 0:
                data[place : place + 1] = bytes([random_.randrange(256)])
            case 1:
                del data[place : place + random_.randint(1, 5)]
            case _:
                data[place:place] = data[place : place + random_.randint(1, 9)]
    return bytes(data) + b"\r\n\r\n"


def test_two_hundred_spoilt_requests_cause_no_error_and_nobody_waits(site):
    random_ = random.Random(9)  # noqa: S311 - a seed, no secret
    found: dict[int, int] = {}
    for _ in range(200):
        with closing(connected(site, timeout=30)) as opened:
            with suppress(OSError):
                opened.sendall(mutated(random_))
                opened.shutdown(socket.SHUT_WR)
            answer = b""
            with suppress(OSError):
                answer = everything(opened)
        found[status(answer)] = found.get(status(answer), 0) + 1
        assert status(answer) < 500, answer[:300]
        refuse_a_leak(answer)
    assert sum(found.values()) == 200
    refuse_to_wait(site)


def test_none_of_it_was_an_error_and_nobody_was_written_down(site: Any):
    log = site.log.read_text(errors="replace")
    assert "Traceback" not in log, log[-3000:]
    assert "127.0.0.1" not in log, log[-3000:]
