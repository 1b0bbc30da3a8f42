"""Is there room left where this installation writes?"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

MEGABYTE = 1_000_000
LITTLE = 500 * MEGABYTE  # time to make room
NOTHING = 5 * MEGABYTE  # what is written now fails


def least_free() -> int:
    """Return the free bytes of the fullest disk among those written to: database, backups, uploads."""
    return min(shutil.disk_usage(_existing(place)).free for place in _places())


def _places() -> list[Path]:
    places = [Path(tempfile.gettempdir()), Path(settings.BACKUP_DIR)]
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        places.append(Path(connection.settings_dict["NAME"]))
    return places


def _existing(place: Path) -> Path:
    """Return the place, or the nearest folder above it that is there."""
    with suppress(OSError):
        place = place.resolve()
    while not place.exists():
        place = place.parent
    return place
