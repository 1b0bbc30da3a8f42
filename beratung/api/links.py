"""Under which address does somebody else find our pages? Whole addresses, quick to make by the thousand."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

NOBODY = UUID(int=0)
NO_SLUG = "0-0"


def site_of(request: HttpRequest) -> str:
    """Return "https://example.org", without a slash at the end."""
    return f"{request.scheme}://{request.get_host()}"


def page(site: str, name: str, key: UUID | str) -> str:
    """Return the whole address of a page, by its name and the one thing it is about."""
    before, after = _around(name, isinstance(key, UUID))
    return f"{site}{before}{key}{after}"


@lru_cache(maxsize=64)
def _around(name: str, is_uuid: bool) -> tuple[str, str]:
    """Return what stands before and after the key: looking an address up takes longer than all else about a row."""
    key = str(NOBODY) if is_uuid else NO_SLUG
    before, _key, after = reverse(name, args=[NOBODY if is_uuid else key]).partition(key)
    return before, after
