"""Where are the backups, how does one appear there complete or not at all, and which are old enough to go?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from beratung.backups.files import BackupError
from beratung.backups.wording import reason

PATTERN: Final = "beratung-*.backup"
# Not of the pattern, so that nobody takes half a backup for one.
DRAFTS: Final = ".beratung-*.unfertig"
DRAFT_IS_DEAD_AFTER: Final = 24 * 60 * 60  # seconds; no backup takes a day


def backups_in(folder: Path) -> list[Path]:
    """Return the complete backups, oldest first."""
    return sorted(folder.glob(PATTERN))


def name_at(moment: datetime) -> str:
    """Return the name of a backup begun at this moment; names sort as moments do."""
    return f"beratung-{moment.astimezone(UTC):%Y%m%dT%H%M%S}Z.backup"


def free_name(folder: Path, moment: datetime) -> str:
    """Return the name of a backup begun at this moment, or in the next second that has none."""
    while (folder / name_at(moment)).exists():
        moment += timedelta(seconds=1)
    return name_at(moment)


@contextmanager
def new_file(folder: Path, name: str) -> Iterator[BinaryIO]:
    """Open a draft that only the account may read; at the end it becomes the file, safely on the disk, or vanishes.

    BackupError: it cannot be written.
    """
    draft = folder / f".{name.removesuffix('.backup')}-{os.getpid()}.unfertig"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / name)
        _sync(folder)
    except OSError as error:
        raise BackupError(f"{folder / name} lässt sich nicht schreiben: {reason(error)}.") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_old(folder: Path, keep: int, newest: str) -> int:
    """Delete all but so many of the newest backups, never the one just made, and drafts nobody finishes; return how many
    backups went. BackupError: they cannot be deleted."""
    old = [path for path in backups_in(folder) if path.name != newest]
    gone = old[: max(0, len(old) + 1 - keep)]
    dead = time.time() - DRAFT_IS_DEAD_AFTER
    try:
        for path in [*gone, *(path for path in folder.glob(DRAFTS) if path.stat().st_mtime < dead)]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"Alte Sicherungen in {folder} lassen sich nicht löschen: {reason(error)}.") from error
    return len(gone)


@contextmanager
def existing_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read. BackupError: it cannot be read."""
    try:
        with path.open("rb") as source:
            yield source
    except OSError as error:
        raise BackupError(f"{path} lässt sich nicht lesen: {reason(error)}.") from error
