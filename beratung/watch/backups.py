"""When was the last backup made?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

BACKUP_PATTERN = "beratung-*.backup"


def newest_backup_at() -> datetime | None:
    """Return when the newest file in the folder of backups was finished, None where there is none."""
    made = [path.stat().st_mtime for path in Path(settings.BACKUP_DIR).glob(BACKUP_PATTERN)]
    return datetime.fromtimestamp(max(made), UTC) if made else None
