"""Which part of a list is shown, and how is that said in HSDS?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from beratung.api.parameters import MOST_PER_PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list of `total` entries; beyond the last one it is empty."""

    number: int
    per_page: int
    total: int

    @classmethod
    def of(cls, number: int, per_page: int, total: int) -> Page:
        """Return the page asked for, with no more entries than anybody may have at once."""
        return cls(number, min(per_page, MOST_PER_PAGE), total)

    @property
    def pages(self) -> int:
        """Return how many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def rows(self) -> slice:
        """Return where the page lies in the list; a number beyond the end is not handed to the database."""
        start = min((self.number - 1) * self.per_page, self.total)
        return slice(start, min(start + self.per_page, self.total))

    def envelope(self, contents: list[Any]) -> dict[str, Any]:
        """Return the page as HSDS has it."""
        return {
            "total_items": self.total,
            "total_pages": self.pages,
            "page_number": self.number,
            "size": len(contents),
            "first_page": self.number == 1,
            "last_page": self.number >= self.pages,
            "empty": not contents,
            "contents": contents,
        }
