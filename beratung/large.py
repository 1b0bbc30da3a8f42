"""Which rows of a district too large for one page stand on which page, and what is said of the others?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from appointments.coverage import Coverage, CoverageState, MunicipalityCoverage

MOST_ROWS: Final = 60  # of one page; Lower Saxony's largest district has 54 municipalities
ROWS_A_PAGE: Final = 25
WORST_FIRST: Final = (CoverageState.GAP, CoverageState.PROPOSED, CoverageState.AGREED, CoverageState.COVERED)


@dataclass(frozen=True, slots=True)
class Part:
    """A page of rows, from 1 to `pages`, with the keys of its municipalities; those without a slot come first."""

    number: int
    pages: int
    total: int
    municipalities: tuple[int, ...]

    @property
    def first(self) -> int:
        """Return which of all rows is the first here."""
        return (self.number - 1) * ROWS_A_PAGE + 1

    @property
    def last(self) -> int:
        """Return which of all rows is the last here."""
        return self.first + len(self.municipalities) - 1

    @property
    def before(self) -> int | None:
        """Return the page before; None on the first."""
        return self.number - 1 or None

    @property
    def after(self) -> int | None:
        """Return the page after; None on the last."""
        return self.number + 1 if self.number < self.pages else None


def part_of(coverage: Coverage, wanted: int | None) -> Part | None:
    """Return the rows of the page wanted, or of the nearest there is; None where all are wanted or fit on one."""
    if wanted is None or coverage.total <= MOST_ROWS:
        return None
    pages = -(-coverage.total // ROWS_A_PAGE)
    number = min(max(1, wanted), pages)
    rows = sorted(coverage.municipalities, key=_urgency)[(number - 1) * ROWS_A_PAGE :][:ROWS_A_PAGE]
    return Part(number, pages, coverage.total, tuple(row.municipality for row in rows))


def _urgency(row: MunicipalityCoverage) -> tuple[int, bool]:
    return WORST_FIRST.index(row.state), not row.hangs_on_one
