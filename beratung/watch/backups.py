"""When was the last backup made?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from beratung.backups.folder import backups_in


def newest_backup_at() -> datetime | None:
    """Return when the newest file in the folder of backups was finished, None where there is none."""
    made = [path.stat().st_mtime for path in backups_in(Path(settings.BACKUP_DIR))]
    return datetime.fromtimestamp(max(made), UTC) if made else None
