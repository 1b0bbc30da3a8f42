"""How does a test get a PostgreSQL that it may stop? A cluster of its own; the tests' own one has to stay up."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "beispiel-passwort"


def server_programs() -> Path:
    """Return the folder with `initdb`, or skip the test."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path))
    if not found:
        pytest.skip("Ohne initdb gibt es keinen PostgreSQL-Server, der angehalten werden darf.")
    return found[-1].parent


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, server_programs()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "password").write_text(PASSWORD)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            shutil.chown(folder / "password", "postgres")
        self._run("initdb", "-U", "beratung", "--auth=scram-sha-256", f"--pwfile={folder}/password", "--no-sync")

    @property
    def url(self) -> str:
        return f"postgres://beratung:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder} -c fsync=off"
        )
        self._run("pg_ctl", "-w", "-s", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-s", "-m", "immediate", "stop")

    def _run(self, program: str, *given: str) -> None:
        # initdb refuses to run as root.
        before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*before, str(self.programs / program), "-D", str(self.folder / "data"), *given]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Yield a running cluster of its own."""
    folder = Path(tempfile.mkdtemp(prefix="beratung-cluster."))  # pytest's own folders are closed to postgres
    try:
        made = Cluster(folder)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
