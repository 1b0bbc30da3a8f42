"""How do the web server and the worker for long tasks run together? `make run` starts both here and stops both.

A worker that dies is started again and never takes the site with it; when the web server ends, the worker ends too.
"""

import signal
import socket
import subprocess  # nosec B404 # our own commands alone
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
GUNICORN_OPTIONS = ["--workers", "2", "--threads", "4", "--log-level", "warning", "--no-control-socket"]
GUNICORN_OPTIONS += ["--limit-request-line", "8190"]  # its most
GUNICORN_OPTIONS += ["--worker-class", "beratung.web_worker.PatientWorker"]  # slow clients wait, others are served
GUNICORN_OPTIONS += ["--graceful-timeout", "5"]  # a browser's open connection does not keep us from stopping
PAUSE_BEFORE_A_NEW_WORKER = 5
# The first signal lets the worker finish its task, the second one makes it put the task back into the queue.
PATIENCE_WITH_THE_WORKER = (2, 5)
PATIENCE_WITH_THE_WEB_SERVER = (10,)

Process = subprocess.Popen[bytes]


class Stop:
    """Has somebody pressed Ctrl+C or asked to terminate?"""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.remember)

    def remember(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def start_web_server(port: str) -> Process:
    address = ["--bind", f"127.0.0.1:{port}"]
    return subprocess.Popen(  # noqa: S603 our own command; the port is checked before  # nosec B603
        [sys.executable, "-m", "gunicorn", "beratung.wsgi", *address, *GUNICORN_OPTIONS], cwd=ROOT
    )


def start_worker(port: str) -> Process:
    # Under the name of the one before: what that one left unfinished when it was killed, this one takes up.
    name = ["--worker-id", f"{socket.gethostname()}-{port}"[:64]]
    return subprocess.Popen(  # noqa: S603 our own command  # nosec B603
        [sys.executable, str(ROOT / "manage.py"), "db_worker", "--no-reload", "--no-startup-delay", *name], cwd=ROOT
    )


def stop(process: Process, patience: tuple[int, ...]) -> None:
    """Ask once for each patience in seconds, then end the process by force."""
    for seconds in patience:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    if process.poll() is None:
        process.kill()
        process.wait()


def serve(port: str) -> int:
    """Run until somebody stops it or the web server ends; return the exit code."""
    asked_to, web, worker = Stop(), start_web_server(port), start_worker(port)
    died_at: float | None = None
    while web.poll() is None and not asked_to.asked:
        time.sleep(0.2)
        if worker.poll() is not None and died_at is None:
            died_at = time.monotonic()
            print("Der Dienst für lange Aufgaben ist beendet; er startet gleich neu.", file=sys.stderr)
        if died_at is not None and time.monotonic() - died_at >= PAUSE_BEFORE_A_NEW_WORKER:
            worker, died_at = start_worker(port), None
    stop(worker, PATIENCE_WITH_THE_WORKER)
    stop(web, PATIENCE_WITH_THE_WEB_SERVER)
    return 0 if asked_to.asked else web.returncode


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
