"""Where does the solver run? In a process of its own: it can be stopped at any moment, and if it crashes nothing else does."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from budget.planner import Answer, Progress, Question, Status

Look = Callable[[Progress | None], bool]
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_STOP = 3.0
NOT_INSTALLED = "Das Rechenwerk (Pakete numpy und highspy) ist nicht installiert. Es wurde nichts geändert."


class SolverDiedError(RuntimeError):
    """The solver's process ended without an answer."""


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Somebody asked to stop."""


def solve_apart(question: Question, look: Look) -> Answer:
    """Return the answer, computed in a process of its own.

    `look` is called about once a second with what the solver said last, and says whether to go on. Stopped: it said no.
    SolverDiedError: the process ended without an answer; an exception of the solver itself comes through as it is.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(question, there), daemon=True)
    process.start()
    there.close()
    try:
        return _listen(here, look)
    except EOFError as error:
        process.join(SECONDS_TO_STOP)
        raise SolverDiedError(f"exit code {process.exitcode}") from error
    finally:
        _end(process)
        here.close()


def _listen(here: Connection, look: Look) -> Answer:
    said: Progress | None = None
    looked = 0.0
    while True:
        if here.poll(SECONDS_BETWEEN_LOOKS):
            message = here.recv()
            if isinstance(message, Answer):
                return message
            if isinstance(message, BaseException):
                raise message
            said = message
        if time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
            looked = time.monotonic()
            if not look(said):
                raise Stopped


def _end(process: multiprocessing.process.BaseProcess) -> None:
    if process.is_alive():
        process.terminate()
        process.join(SECONDS_TO_STOP)
    if process.is_alive():
        process.kill()
    process.join()


def _work(question: Question, there: Connection) -> None:
    """Solve and say so; runs in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl+C means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_parent, args=(os.getppid(),), daemon=True).start()
    # numpy's idle threads would only wait; the solver has one of its own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from budget.planner import solve  # here, because only this process needs numpy and highspy

        message: Answer | BaseException = solve(question, there.send)
    except ImportError:
        message = not_installed()
    except Exception as error:
        message = RuntimeError(f"{type(error).__name__}: {error}")
    there.send(message)


def not_installed() -> Answer:
    """Return what is said where the solver's packages are missing."""
    return Answer(Status.FAILED, messages=(NOT_INSTALLED,))


def _end_with_the_parent(parent: int) -> None:
    """A worker that is killed takes nobody along; without it the answer would reach no one."""
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)
