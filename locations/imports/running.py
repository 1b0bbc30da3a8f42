"""How is a file taken in whole or not at all, and how does a dry run know what the real one would do?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, ClassVar, TypeVar

from django.db import transaction
from django.db.models import Model

from locations.cells import Fields
from locations.headings import Column
from locations.imports.reports import Report
from locations.imports.writing import Batch
from locations.models import District
from locations.table_files import read_table
from locations.text_files import UnreadableFileError

__all__ = ["ImportKind", "Options", "Progress", "UnreadableFileError", "counted", "run_import"]

T = TypeVar("T")
Progress = Callable[[int], None]
PROGRESS_EVERY = 500
MEGABYTE = 1_000_000


def silent(count: int) -> None:
    """Tell nobody how many rows were read."""


@dataclass(frozen=True)
class Options:
    """What the person who imports decides. `district` None means every district of `districts`."""

    today: date
    districts: tuple[District, ...]
    district: District | None = None
    user: Any = None
    may_publish: bool = False
    skip_rejected: bool = False
    create_districts: bool = False
    new_district: str = ""  # the key of the only district that the file is to make
    create_missing: bool = False
    kind_of_house: str = ""
    since: date | None = None
    as_of: date | None = None
    federal_state: str = ""
    source: str = ""

    @property
    def in_scope(self) -> tuple[District, ...]:
        """Return the districts whose rows may change."""
        return (self.district,) if self.district else self.districts


class ImportKind(ABC):
    """One kind of file. Subclasses say which columns it has and what its rows mean."""

    key: ClassVar[str]
    label: ClassVar[str]
    hint: ClassVar[str]  # what the file has to look like
    columns: ClassVar[tuple[Column, ...]] = ()
    model: ClassVar[type[Model]]
    asks_for: ClassVar[tuple[str, ...]] = ()  # names of Options beyond the district
    needs_adding: ClassVar[bool] = True

    @classmethod
    def permissions(cls) -> list[str]:
        """Return what an account must be allowed to do."""
        actions = ("add", "change") if cls.needs_adding else ("change",)
        return [f"{cls.model._meta.app_label}.{action}_{cls.model._meta.model_name}" for action in actions]

    def read(self, file: BinaryIO, report: Report) -> Iterator[Any]:
        """Yield what the file has, without the database. UnreadableFileError: it makes no sense as a whole."""
        return self.fields(file, report)

    @abstractmethod
    def compare(self, rows: list[Any], options: Options, report: Report) -> Batch:
        """Fill the report and return what would be written. Runs in the transaction that writes."""

    def fields(self, file: BinaryIO, report: Report) -> Iterator[Fields]:
        """Yield the rows of a table."""
        table = read_table(file, self.columns)
        report.titles = table.layout.titles
        for row in table.rows:
            yield Fields(row)


def counted(rows: Iterable[T], progress: Progress) -> Iterator[T]:
    """Yield the rows and tell from time to time how many there were."""
    for count, row in enumerate(rows, start=1):
        if count % PROGRESS_EVERY == 0:
            progress(count)
        yield row


def forget(report: Report) -> None:
    """Keep nothing of what was done."""


def run_import(
    kind: ImportKind,
    file: BinaryIO,
    options: Options,
    *,
    dry_run: bool,
    progress: Progress = silent,
    settle: Callable[[Report], None] = forget,
) -> Report:
    """Return what the file adds, changes and leaves, written in one transaction unless it is a dry run.

    `settle` is told in the same transaction: whoever is killed in between leaves neither rows without a note nor a note
    without rows.

    Rejected rows keep everything from being written, unless the options leave them out. A dry run writes too and takes it
    back, so that it cannot promise what the database refuses. UnreadableFileError: nothing was read.
    """
    report = Report()
    rows = list(counted(kind.read(file, report), progress))
    with transaction.atomic():
        batch = kind.compare(rows, options, report)
        _refuse_an_empty_file(report)
        if report.changes_something and (options.skip_rejected or not report.rejected_rows):
            batch.write(user=options.user, reason=f"Import {kind.label}: {options.source}")
            report.written = not dry_run
        if not dry_run:
            settle(report)
        else:
            transaction.set_rollback(True)
    return report


def _refuse_an_empty_file(report: Report) -> None:
    if not (report.added or report.changed or report.unchanged or report.rejected_rows or report.skipped):
        raise UnreadableFileError("In der Datei steht außer der Kopfzeile nichts.")
