"""Which wording has the language of the page?"""

from typing import Any

from django.utils.translation import get_language, get_language_bidi

from locations import wording
from locations.foreign_wording import FOREIGN


def active_wording() -> Any:
    """Return the functions that write days, numbers and distances in the active language; German where none is known."""
    return FOREIGN.get(get_language() or "", wording)


ISOLATE, END_OF_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def isolated(name: object) -> str:
    """Return a German name that keeps its direction in plain Arabic text, where no markup may stand."""
    return f"{ISOLATE}{name}{END_OF_ISOLATE}" if get_language_bidi() else str(name)
