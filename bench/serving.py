"""How does a real web server behave: how long does it take to start and to answer, what does it hold in memory and spend?

It is started as `beratung.serve` starts it. Processor time is what its workers spent, so that a busy machine does not matter.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from types import TracebackType

from beratung.serve import GUNICORN_OPTIONS, ROOT

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60  # seconds until a server has to answer


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, as it came over the line."""

    status: int
    headers: dict[str, str]
    size: int  # bytes of the body
    seconds: float


class Server:
    """A gunicorn of our own on a free port, for one database."""

    def __init__(self, database: str, settings: str = "beratung.settings", **environment: str) -> None:
        self.port = free_port()
        given = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": settings, "DEPLOYMENT": "local"}
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "beratung.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            *GUNICORN_OPTIONS,
        ]
        began = perf_counter()
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | given | environment)  # noqa: S603
        self.seconds_to_start = self._wait(began)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(20)

    def _wait(self, began: float) -> float:
        """Return the seconds until the first page came."""
        while perf_counter() - began < PATIENCE:
            try:
                with Connection(self.port) as line:
                    line.get("/robots.txt")
                    return perf_counter() - began
            except OSError:
                sleep(0.02)
        self.process.kill()
        raise TimeoutError("Der Webserver antwortet nicht.")

    @property
    def workers(self) -> list[int]:
        """Return the processes that answer."""
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    @property
    def processor_seconds(self) -> float:
        """Return what the workers have spent so far."""
        return sum(_ticks(pid) for pid in self.workers) / TICKS

    @property
    def memory(self) -> tuple[float, float]:
        """Return RSS and PSS of the largest worker in megabytes."""
        return max(_memory(pid) for pid in self.workers)


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("Rss", "Pss:"))}
    return sizes["Rss"], sizes["Pss"]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Connection:
    """A line that stays open, as a browser's does; reads as little as it can, so that the server is what is measured."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def get(self, address: str, headers: Iterable[str] = ("Accept-Encoding: gzip",)) -> Answered:
        lines = (f"GET {address} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers)
        began = perf_counter()
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head, _, rest = self._head()
        status, found = _read_head(head)
        size = self._body(found, rest) if status != 304 else 0
        answered = Answered(status, found, size, perf_counter() - began)
        if found.get("connection", "").lower() == "close":
            self.socket.close()
            self.__init__(self.port)  # type: ignore[misc]
        return answered

    def _head(self) -> tuple[bytes, bytes, bytes]:
        read = b""
        while b"\r\n\r\n" not in read:
            if not (chunk := self.socket.recv(65_536)):
                raise ConnectionError("Der Webserver hat aufgelegt.")
            read += chunk
        return read.partition(b"\r\n\r\n")

    def _body(self, headers: dict[str, str], read: bytes) -> int:
        if "content-length" in headers:
            size = int(headers["content-length"])
            have = len(read)
            while have < size:
                have += len(self.socket.recv(65_536))
            return size
        while not read.endswith(b"0\r\n\r\n"):
            read += self.socket.recv(65_536)
        return len(read)


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
