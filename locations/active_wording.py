"""Which wording has the language of the page?"""

from typing import Any

from django.utils.translation import get_language

from locations import wording
from locations.foreign_wording import FOREIGN


def active_wording() -> Any:
    """Return the functions that write days, numbers and distances in the active language; German where none is known."""
    return FOREIGN.get(get_language() or "", wording)
