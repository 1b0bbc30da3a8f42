"""How do the tables of one moment become one file?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import BinaryIO, Final
from zipfile import ZipFile

from django.db import connections
from django.utils import timezone

from beratung.backups.counters import last_given
from beratung.backups.files import MANIFEST, Digest, Manifest, Part, entry
from beratung.backups.moment import one_moment
from beratung.backups.tables import LEFT_OUT, Table, migrations, tables_kept
from beratung.backups.values import line_of

CHUNK: Final = 200  # rows in memory; some carry pieces of files or the border of a municipality
COMPRESSION: Final = 4  # of 9: half the time of the usual 6 for a twentieth more
Progress = Callable[[str, int, int], None]  # what, rows done, rows in all


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def write_backup(target: BinaryIO, *, using: str = "default", progress: Progress = no_progress) -> Manifest:
    """Write the backup and return what is in it."""
    with one_moment(using), ZipFile(target, "w", compresslevel=COMPRESSION) as archive:
        steps = Steps(progress, sum(table.rows(using).count() for table in tables_kept()))
        manifest = Manifest(
            made_at=timezone.now().isoformat(),
            database=connections[using].vendor,
            migrations=migrations(using),
            left_out=LEFT_OUT,
            parts=[_write(archive, table, using, steps) for table in tables_kept()],
        )
        archive.writestr(entry(MANIFEST), manifest.as_json())
    return manifest


class Steps:
    """Counts rows over all tables and tells how far it is."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def see(self, what: str, lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in lines:
            self._done += 1
            if self._done % 1000 == 0:
                self._progress(what, self._done, self._total)
            yield line


def _write(archive: ZipFile, table: Table, using: str, steps: Steps) -> Part:
    digest = Digest()
    with archive.open(entry(f"tables/{table.name}.jsonl"), "w", force_zip64=True) as target:
        for line in steps.see(table.label, digest.see(lines_of(table, using))):
            target.write(line)
    return Part(table.name, table.columns, digest.rows, digest.sha256, last_given(table, using))


def lines_of(table: Table, using: str) -> Iterator[bytes]:
    """Yield a line for each row, by key."""
    line = line_of(table.fields)
    names = [field.attname for field in table.fields]
    with closing(table.rows(using).values_list(*names).iterator(chunk_size=CHUNK)) as rows:
        for row in rows:
            yield line(row)
