"""Whose failed logins count together? Those of one name from one network; and all those of a name up to a higher number.

A stranger who guesses at a name locks it for the own network alone: whoever it belongs to still gets in from elsewhere.
"""

from __future__ import annotations

from datetime import date
from ipaddress import IPv6Address
from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from locations.rate_limits import Limit, sender_of

OF_A_NAME: Final = Limit("failed logins of a name", most=100, seconds=3600)
OF_A_NETWORK: Final = Limit("failed logins of a network", most=100, seconds=900)  # an office has one address
LOCAL: Final = 0xFD << 120  # fd00::/8: belongs to nobody on the internet


def stand_in(request: HttpRequest) -> str | None:
    """Return what axes keeps in place of the address: a keyed hash of network and day in the shape of an address."""
    sender = sender_of(request)
    return None if sender is None else _hashed(sender, timezone.localdate())


def _hashed(sender: str, day: date) -> str:
    digest = salted_hmac(__name__, f"{day}|{sender}", algorithm="sha256").digest()
    return str(IPv6Address(LOCAL | int.from_bytes(digest[:15], "big")))


def normal(name: str) -> str:
    """Return the name as it is counted: however it was written."""
    return f"name {name.strip().casefold()[:150]}"
