"""Does a form come from our own page, and from somebody who read it? Answered without a cookie.

Two things together do the work of a CSRF cookie: the browser says where the form stood, and the form carries a signed
token for one subject that is neither too young nor too old. The token also makes a second click recognisable.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest

QUICKEST = timedelta(seconds=3)  # nobody reads and fills in a form faster; a robot does
LONGEST = timedelta(hours=4)


class Verdict(Enum):
    """What is to be said about a token."""

    GOOD = "good"
    TOO_FAST = "too fast"
    EXPIRED = "expired"
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class FormToken:
    """Tokens for one purpose and one subject: that of another form or of another slot is as good as forged."""

    purpose: str
    subject: str

    def issue(self, now: datetime) -> str:
        """Return a new token; no two are alike."""
        return self._signer.sign_object([self.subject, int(now.timestamp()), secrets.token_urlsafe(9)])

    def judge(self, token: str, now: datetime) -> Verdict:
        """Return what the token is worth; exactly three seconds and exactly four hours are still good."""
        try:
            subject, issued_at, _nonce = self._signer.unsign_object(token)
        except (signing.BadSignature, ValueError):
            return Verdict.FORGED
        age = timedelta(seconds=now.timestamp() - issued_at)
        if subject != self.subject:
            return Verdict.FORGED
        if age < QUICKEST:
            return Verdict.TOO_FAST
        return Verdict.EXPIRED if age > LONGEST else Verdict.GOOD

    @property
    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=f"{__name__}.{self.purpose}")


def fingerprint(token: str) -> str:
    """Return what is kept of a token: enough to know it again."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_from_our_own_page(request: HttpRequest) -> bool:
    """Return whether every word of the browser about where the form stood names this site, and there is one.

    Browsers since 2023 send Sec-Fetch-Site, since 2020 Origin, and older ones Referer; none can be set by a script.
    """
    own = f"{request.scheme}://{request.get_host()}"
    words = []
    if (relation := request.headers.get("Sec-Fetch-Site")) is not None:
        words.append(relation == "same-origin")
    if (origin := request.headers.get("Origin")) is not None:
        words.append(origin == own)
    elif referer := request.headers.get("Referer"):
        words.append(_origin(referer) == own)
    return bool(words) and all(words)


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"
