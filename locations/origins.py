"""Which other web sites may show our dates in a frame?"""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError

# A scheme and a host, at most with a leading "*." and a port: nothing that could end the header it is written into.
ORIGIN: Final = re.compile(
    r"https://(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:[0-9]{2,5})?"
)


def origins_in(text: str) -> list[str]:
    """Return the web sites named in the text, one a line or after a space, that are written as a browser wants them."""
    return [site for site in text.split() if ORIGIN.fullmatch(site)]


def check_origins(text: str) -> None:
    """Raise a ValidationError that names each site that is not written like https://schule.example.org."""
    wrong = [site for site in text.split() if not ORIGIN.fullmatch(site)]
    if wrong:
        raise ValidationError(
            f"Nicht verstanden: {', '.join(wrong)[:200]}. Bitte je Zeile eine Adresse ohne Pfad eintragen, etwa "
            "https://schule.example.org oder https://*.example.org."
        )
