"""How does a backup get into the folder of backups?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from beratung.backups.files import BackupError, Manifest
from beratung.backups.folder import free_name, new_file, remove_old
from beratung.backups.wording import reason
from beratung.backups.writing import Progress, no_progress, write_backup


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is complete and safely on the disk, and how many older ones went for it."""

    path: Path
    manifest: Manifest
    size: int
    removed: int


def make_backup(folder: Path, moment: datetime, *, progress: Progress = no_progress) -> Made:
    """Write a backup into the folder and return it. BackupError: there is none, and what was there stays."""
    name = free_name(folder, moment)
    try:
        with new_file(folder, name) as file:
            manifest = write_backup(file, progress=progress)
    except DatabaseError as error:
        raise BackupError(f"Die Datenbank lässt sich nicht lesen: {reason(error)}.") from error
    removed = remove_old(folder, settings.BACKUP_KEEP, name)
    return Made(folder / name, manifest, (folder / name).stat().st_size, removed)
