"""How does a test get a real site: `make run`'s processes on a port and a database of their own?"""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.resilience.databases import environment


@dataclass(frozen=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Site:
    """A running site."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, timeout: float = 30, **headers: str
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as opened:
            opened.request(method, path, body, given)
            found = opened.getresponse()
            told = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, told, found.read().decode(errors="replace"))

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.ask("/robots.txt", timeout=5).status == 200
        return False


@contextmanager
def running(url: str, folder: Path, **more: str) -> Iterator[Site]:
    """Yield a site on the database, started as `make run` starts it, stopped in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"site-{port}.log"
    command = [sys.executable, "-m", "beratung.serve", str(port)]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment(url, **more), stdout=said, stderr=said
        )
    site = Site(port, process, log)
    try:
        until(site.answers)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()


def until(happens: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what the function returns once it is true."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found
