"""How is it said in German why a file or a database would not do it, and how much it was?"""

from __future__ import annotations

import errno
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils import timezone

from locations.wording import NBSP, date_full, number, time_text

FULL: Final = "der Datenträger ist voll"
FORBIDDEN: Final = "das Recht dazu fehlt"
BY_NUMBER: Final = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EROFS: "der Datenträger lässt sich nicht beschreiben",
    errno.ENOENT: "es gibt sie nicht",
    errno.ENOTDIR: "es ist kein Verzeichnis",
    errno.EISDIR: "es ist ein Verzeichnis",
    errno.EIO: "der Datenträger antwortet mit Fehlern",
}
# Parts of what SQLite and PostgreSQL say.
BY_WORDS: Final = {
    "disk is full": FULL,
    "No space left": FULL,
    "could not extend file": FULL,
    "disk I/O error": "der Datenträger ist voll oder antwortet mit Fehlern",
    "readonly database": FORBIDDEN,
    "permission denied": FORBIDDEN,
    "unable to open database": "sie lässt sich nicht öffnen",
    "could not connect": "der Server antwortet nicht",
    "Connection refused": "der Server antwortet nicht",
    "could not translate host name": "den Rechner gibt es nicht",
    "password authentication failed": "Name oder Passwort stimmen nicht",
    "does not exist": "es gibt sie nicht, oder ihr fehlen Tabellen (manage.py migrate)",
    "no such table": "ihr fehlen Tabellen (manage.py migrate)",
    "database is locked": "ein anderer Vorgang schreibt gerade",
}


def reason(error: Exception) -> str:
    """Return the reason in German where it is a known one, else the first line of what was said."""
    if isinstance(error, OSError) and error.errno is not None:
        return BY_NUMBER.get(error.errno, error.strerror or str(error))
    said = str(error).strip() or type(error).__name__
    return next((german for words, german in BY_WORDS.items() if words in said), said.splitlines()[0].rstrip("."))


def size(found: int) -> str:
    """Return a number of bytes as people say it: "1,2 MB"."""
    if found < 100_000:
        return f"{max(1, round(found / 1000))}{NBSP}KB"
    return f"{number(Decimal(found) / 1_000_000, 1)}{NBSP}MB"


def rows(found: int) -> str:
    return "1 Zeile" if found == 1 else f"{number(found)} Zeilen"


def seconds(took: float) -> str:
    return f"{number(Decimal(took), 1)}{NBSP}s"


def moment(text: str) -> str:
    """Return the moment of a backup as a clock here shows it: "am 24. September 2026, 14.30 Uhr"."""
    try:
        made = timezone.localtime(datetime.fromisoformat(text))
    except ValueError:
        return "zu unbekannter Zeit"
    return f"am {date_full(made.date())}, {time_text(made.time())}"
