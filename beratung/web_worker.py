"""How does one slow or senseless client not keep the others waiting? gunicorn's threads, with three things mended.

A request gets a thread only once it is there as a whole; until then it waits in the loop that costs no thread, for seconds.
A connection that ends is let go in that loop too. What is no HTTP is refused in German, and nothing of it is written down.
"""

from __future__ import annotations

import re
import socket
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from io import SEEK_END
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

LONGEST_HEAD: Final = 32 * 1024  # bytes, as nginx
LONGEST_WAITING: Final = 64 * 1024  # bytes of a request that wait in the loop: every form for visitors fits
SECONDS_FOR_A_REQUEST: Final = 15  # to be there as a whole
SECONDS_OF_SILENCE: Final = 10  # in a longer one, an upload
LEAST_PER_SECOND: Final = 10_000  # bytes of an upload
SECONDS_FOR_AN_ANSWER: Final = 60  # each piece, to be taken
SECONDS_TO_LEAVE: Final = 2
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
STATUS: Final = {
    errors.LimitRequestLine: "414 URI Too Long",
    errors.LimitRequestHeaders: "431 Request Header Fields Too Large",
    errors.ExpectationFailed: "417 Expectation Failed",
}
BAD_REQUEST: Final = "400 Bad Request"
SERVER_ERROR: Final = "500 Internal Server Error"
HEADERS: Final = (
    "Connection: close\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'\r\n"
)


def is_whole(data: bytes) -> bool:
    """Return whether a request is there with its body, or so much of a long one that a thread may read the rest."""
    head, end, body = data.lstrip(b"\r\n").partition(END_OF_HEAD)
    if not end:
        return False
    head += b"\r\n"
    if len(body) >= LONGEST_WAITING or (length := _length(head)) > LONGEST_WAITING:
        return True
    return body.endswith(b"0\r\n\r\n") if CHUNKED.search(head) else len(body) >= length


def is_too_long(data: bytes) -> bool:
    """Return whether so much has come without the end of a head that nothing sensible can follow."""
    return len(data) > LONGEST_HEAD and END_OF_HEAD not in data.lstrip(b"\r\n")


def _length(head: bytes) -> int:
    found = LENGTH.search(head)
    return int(found[1]) if found else 0


def refusal(status: str) -> bytes:
    """Return the whole answer to what is no request; made of nothing but a template."""
    from django.template import loader  # Django is there only once gunicorn has loaded the application

    page = loader.get_template("500.html" if status == SERVER_ERROR else "400.html").render().encode()
    return f"HTTP/1.1 {status}\r\n{HEADERS}Content-Length: {len(page)}\r\n\r\n".encode() + page


class PatientReader(SocketUnreader):
    """Reads what is left of a long request, as long as it comes at a speed."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.begin()

    def begin(self) -> None:
        """Let a new request have its own time."""
        self.began_at, self.received = time.monotonic(), 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        until = self.began_at + SECONDS_FOR_A_REQUEST + self.received / LEAST_PER_SECOND
        left = min(until - time.monotonic(), SECONDS_OF_SILENCE)
        if left <= 0:
            raise errors.NoMoreData()
        self.sock.settimeout(left)
        try:
            data: bytes = super().chunk(size_hint)
        except TimeoutError:
            raise errors.NoMoreData() from None
        finally:
            self.sock.settimeout(SECONDS_FOR_AN_ANSWER)
        self.received += len(data)
        return data


class PatientWorker(ThreadWorker):
    """gunicorn's worker with threads, which no half a request keeps busy."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaving: deque[TConn] = deque()

    def enqueue_req(self, conn: TConn) -> None:
        """Give the connection a thread if its request is whole, else wait for the rest in the loop."""
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = PatientReader(conn.sock)
            conn.data_ready = True
        if is_whole(conn.parser.unreader.buf.getvalue()):
            conn.parser.unreader.begin()
            super().enqueue_req(conn)
        else:
            self._wait_in_the_loop(conn, self.pending_conns, SECONDS_FOR_A_REQUEST, self.on_pending_socket_readable)

    def _wait_in_the_loop(self, conn: TConn, waiting: deque[TConn], seconds: float, readable: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + seconds
        waiting.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(readable, conn))

    def _leave_the_loop(self, conn: TConn, waiting: deque[TConn]) -> None:
        self.poller.unregister(conn.sock)
        waiting.remove(conn)

    def on_pending_socket_readable(self, conn: TConn, client: Any) -> None:
        """Take what has come of a request; runs in the loop."""
        if (data := _received(conn)) is None:
            return
        buffer = conn.parser.unreader.buf
        buffer.seek(0, SEEK_END)
        buffer.write(data)
        request = buffer.getvalue()
        if data and not is_whole(request) and not is_too_long(request):
            return
        self._leave_the_loop(conn, self.pending_conns)
        if data and is_whole(request):
            self.enqueue_req(conn)
            return
        if data:
            self._refuse(conn.sock, STATUS[errors.LimitRequestHeaders])
        self.let_go(conn)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer; whoever does not take the answer for a minute has gone."""
        conn.sock.settimeout(SECONDS_FOR_AN_ANSWER)
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError:
            return False

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Go on with a connection that stays open, let go of one that ends; runs in the loop."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
        else:
            self.let_go(conn)

    def let_go(self, conn: TConn) -> None:
        """Say goodbye and wait shortly for the client to close, so that it can read the answer to its end."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
            return
        self._wait_in_the_loop(conn, self.leaving, SECONDS_TO_LEAVE, self.on_leaving_socket_readable)

    def on_leaving_socket_readable(self, conn: TConn, client: Any) -> None:
        """Drop what still comes, until nothing comes any more."""
        if _received(conn) == b"":
            self._leave_the_loop(conn, self.leaving)
            self._close(conn)

    def murder_pending(self) -> None:
        """Close what has had its time, half a request or a goodbye; runs in the loop every second."""
        super().murder_pending()
        while self.leaving and self.leaving[0].timeout <= time.monotonic():
            conn = self.leaving[0]
            self._leave_the_loop(conn, self.leaving)
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Refuse what is no HTTP. Neither the address nor what was sent is written down."""
        is_ours = isinstance(exc, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName)
        if isinstance(exc, errors.ParseException) and not is_ours:
            self._refuse(client, STATUS.get(type(exc), BAD_REQUEST))
        else:
            self.log.error("Error handling request: %s", type(exc).__name__, exc_info=exc)
            self._refuse(client, SERVER_ERROR)

    def _refuse(self, client: socket.socket, status: str) -> None:
        with suppress(Exception):  # the client may be gone
            write_nonblock(client, refusal(status))


def _received(conn: TConn) -> bytes | None:
    """Return what has come, b"" where the client is gone, None where it was nothing yet."""
    try:
        return bytes(conn.sock.recv(LONGEST_HEAD))
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
