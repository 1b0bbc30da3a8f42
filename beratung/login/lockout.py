"""Whose failed logins count together? Those of one account name; where they came from is not kept."""

from __future__ import annotations

from django.http import HttpRequest


def no_address(request: HttpRequest) -> None:
    """Return nothing: behind a proxy the address would be the proxy's, and a visitor's is nobody's business."""
