"""What does an import say it did or would do: added, changed, unchanged, rejected, and what else is worth knowing?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from locations.cells import Fields, Problem
from locations.table_files import Row


@dataclass(frozen=True, slots=True)
class Difference:
    """One value before and after, as text."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that was taken, by its number in the file and the name of what it is about."""

    number: int
    label: str
    differences: tuple[Difference, ...] = ()


@dataclass
class Report:
    """What became of each row. `titles` and `rejected_rows` give the rejected ones back; `skipped` are none of ours."""

    titles: tuple[str, ...] = ()
    added: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    unchanged: list[Entry] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    rejected_rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    skipped: int = 0
    written: bool = False

    @property
    def changes_something(self) -> bool:
        """Return whether a row is added or changed."""
        return bool(self.added or self.changed)

    @property
    def summary(self) -> str:
        """Return the counts in one sentence."""
        skipped = f" {self.skipped} Zeilen betreffen anderes und bleiben außen vor." if self.skipped else ""
        return (
            f"{len(self.added)} neu, {len(self.changed)} geändert, {len(self.unchanged)} unverändert, "
            f"{len(self.rejected_rows)} abgelehnt.{skipped}"
        )

    def reject(self, row: Row, problems: Iterable[Problem]) -> None:
        """Note why the row cannot be taken."""
        self.reject_written(row.number, row.written, problems)

    def reject_written(self, number: int, written: tuple[str, ...], problems: Iterable[Problem]) -> None:
        """Note why the row, of a file that is no table, cannot be taken."""
        self.rejected.extend(problems)
        self.rejected_rows[number] = written

    def refuse(self, fields: Fields, key: str, reason: str) -> None:
        """Reject the row for what stands, or does not stand, in this column."""
        fields.refuse(key, reason)
        self.reject(fields.row, fields.problems)

    def note(self, fields: Fields, key: str, reason: str) -> None:
        """Tell something about a cell of a row that is taken all the same."""
        label = fields.row.layout.labels.get(key, key)
        self.notes.append(Problem(fields.row.number, label, fields.text_of(key)[:80], reason))

    def take(self, entry: Entry, *, is_new: bool) -> bool:
        """Put the entry where it belongs and return whether it has to be written."""
        if is_new:
            self.added.append(entry)
        else:
            (self.changed if entry.differences else self.unchanged).append(entry)
        return is_new or bool(entry.differences)
