"""What stands in a backup's file, and is it whole and unchanged?

A zip archive: a file of lines for each table, and `manifest.json`, which says what the others have to be.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

FORMAT: Final = "beratungslandschaft"
VERSION: Final = 2
MANIFEST: Final = "manifest.json"
LONGEST_LINE: Final = 100_000_000  # bytes
LARGEST_MANIFEST: Final = 10_000_000  # bytes


class BackupError(ValueError):
    """The backup cannot be made, read or taken; the message is a German sentence."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table in the backup: its columns, how many rows, their checksum, and the highest key ever given."""

    table: str
    columns: list[str]
    rows: int
    sha256: str
    counter: int | None = None

    @property
    def file(self) -> str:
        return f"tables/{self.table}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, and of which version of the tables."""

    made_at: str
    database: str
    migrations: dict[str, str]
    left_out: dict[str, str]
    parts: list[Part]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    def _told(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION} | asdict(self)

    @property
    def content(self) -> str:
        """Return the checksum over all rows: two databases have the same rows exactly if this is the same."""
        return hashlib.sha256("".join(f"{part.table} {part.sha256}\n" for part in self.parts).encode()).hexdigest()

    @property
    def sha256(self) -> str:
        """Return the checksum over what the manifest says, those of all tables included."""
        return hashlib.sha256(json.dumps(self._told(), sort_keys=True).encode("ascii")).hexdigest()

    def as_json(self) -> str:
        return json.dumps(self._told() | {"sha256": self.sha256}, ensure_ascii=False, indent=1)


class Digest:
    """Counts lines and their checksum as they pass."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, hashlib.sha256()

    def see(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the lines on."""
        for line in lines:
            self.rows += 1
            self._sum.update(line)
            yield line

    def take(self, lines: Iterator[bytes]) -> Digest:
        """See all lines and let go of them."""
        deque(self.see(lines), maxlen=0)
        return self

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()

    def fits(self, part: Part) -> bool:
        return (self.rows, self.sha256) == (part.rows, part.sha256)


def entry(name: str) -> ZipInfo:
    """Return the description of a file in the archive, without a date: the same rows give the same bytes."""
    described = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    described.compress_type, described.external_attr = ZIP_DEFLATED, 0o600 << 16
    return described


class Backup:
    """A backup that is open for reading."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.manifest = _manifest(archive)

    def lines(self, part: Part) -> Iterator[bytes]:
        """Yield the table's lines; BackupError at the end unless they are what the manifest says."""
        digest = Digest()
        yield from digest.see(self._read(part))
        if not digest.fits(part):
            raise BackupError(f"Die Prüfsumme von {part.file} stimmt nicht.")

    def check(self) -> None:
        """Read everything. BackupError: something is missing or was changed."""
        for part in self.manifest.parts:
            deque(self.lines(part), maxlen=0)

    def _read(self, part: Part) -> Iterator[bytes]:
        try:
            content = self._archive.open(part.file)
        except KeyError as error:
            raise BackupError(f"In der Sicherung fehlt {part.file}.") from error
        with content:
            while line := content.readline(LONGEST_LINE):
                yield line


@contextmanager
def opened(source: BinaryIO) -> Iterator[Backup]:
    """Open a backup. BackupError: it is none, or not whole."""
    try:
        with ZipFile(source) as archive:
            yield Backup(archive)
    # zipfile tells a damaged archive in as many ways as it can be damaged.
    except (BadZipFile, LargeZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BackupError("Die Datei ist keine vollständige Sicherung.") from error


def _manifest(archive: ZipFile) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise ValueError
        told = json.loads(archive.read(MANIFEST))
        written = (told.pop("format"), told.pop("version"))
        checksum = told.pop("sha256", None)
        if written != (FORMAT, VERSION):
            raise BackupError(f"Erwartet wird eine Sicherung „{FORMAT}“ der Fassung {VERSION}.")
        manifest = Manifest(**told | {"parts": [Part(**part) for part in told["parts"]]})
    except (KeyError, TypeError, AttributeError, RuntimeError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, BackupError):
            raise
        raise BackupError("In der Datei fehlt ein lesbares Inhaltsverzeichnis (manifest.json).") from error
    if checksum != manifest.sha256:
        raise BackupError("Das Inhaltsverzeichnis der Sicherung wurde verändert.")
    return manifest
