"""How is it kept what an import did, so that it can be read later and its rejected rows be mended?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from locations.cells import Problem
from locations.csv_tables import as_csv
from locations.history_retention import start_of
from locations.imports.reports import Entry, Report
from locations.imports.running import ImportKind, Options, Progress, UnreadableFileError, run_import
from locations.models import ImportFinding, ImportRun
from locations.tables import Column, Table

Outcome = ImportFinding.Outcome
BATCH = 1_000
REASONS = "Grund der Ablehnung"


def most_bytes() -> int:
    """Return how large a file may be."""
    return settings.IMPORT_MAX_MB * 1_000_000


def refuse_large(size: int) -> None:
    """Raise UnreadableFileError for a file that is larger than the settings allow."""
    if size > most_bytes():
        raise UnreadableFileError(
            f"Die Datei ist {size / 1_000_000:.0f} MB groß; erlaubt sind {settings.IMPORT_MAX_MB:g} MB. Bitte teilen."
        )


class OvertakenError(Exception):
    """Somebody else decided about the run, or finished it, meanwhile; nothing was written."""


def work_off(run: ImportRun, kind: ImportKind, options: Options, *, dry_run: bool) -> None:
    """Read the file the run keeps, and write what it says unless it is a dry run; the run says afterwards what happened."""
    with TemporaryFile() as file:
        run.copy_file(file)
        try:
            report = run_import(
                kind,
                file,
                options,
                dry_run=dry_run,
                progress=_progress_of(run),
                settle=lambda report: keep(run, report, dry_run=False),
            )
            if dry_run:
                keep(run, report, dry_run=True)
        except OvertakenError:
            return
        except UnreadableFileError as error:
            run.finish(ImportRun.Status.FAILED, message=str(error)[:1000])
        except DatabaseError as error:
            run.finish(ImportRun.Status.FAILED, message=f"Die Datenbank hat die Datei abgelehnt: {error}"[:1000])


def _progress_of(run: ImportRun) -> Progress:
    def tell(count: int) -> None:
        ImportRun.objects.filter(pk=run.pk).update(rows_read=count, alive_at=timezone.now())

    return tell


def keep(run: ImportRun, report: Report, *, dry_run: bool) -> None:
    """Keep what the report says, in place of what was said before. OvertakenError: the run is somebody else's now."""
    counts = {
        "added": len(report.added),
        "changed": len(report.changed),
        "unchanged": len(report.unchanged),
        "rejected": len(report.rejected_rows),
        "skipped": report.skipped,
    }
    counts["rows_read"] = sum(counts.values())
    values: dict[str, Any] = counts | {"titles": list(report.titles), "message": ""}
    with transaction.atomic():
        _refuse_a_run_that_is_over(run, dry_run=dry_run)
        run.findings.all().delete()
        ImportFinding.objects.bulk_create(findings(run, report), batch_size=BATCH)
        if dry_run or not (report.written or not report.rejected_rows):
            for name, value in (values | {"status": ImportRun.Status.CHECKED}).items():
                setattr(run, name, value)
            run.save()
        else:
            run.finish(ImportRun.Status.DONE, **values)


def _refuse_a_run_that_is_over(run: ImportRun, *, dry_run: bool) -> None:
    """Lock the run; of two that work on it, because one was taken for dead, only the first one writes."""
    status = ImportRun.objects.select_for_update().values_list("status", flat=True).get(pk=run.pk)
    if status != (ImportRun.Status.CHECKING if dry_run else ImportRun.Status.WRITING):
        raise OvertakenError(status)


def findings(run: ImportRun, report: Report) -> Iterator[ImportFinding]:
    """Yield a row for every line of the report: rejected ones first, one for each value that changes."""
    given_back = dict(report.rejected_rows)
    for problem in report.rejected:
        yield _told(run, Outcome.REJECTED, problem, given_back.pop(problem.number, None))
    for problem in report.notes:
        yield _told(run, Outcome.NOTE, problem)
    for entry in report.changed:
        yield from _differences(run, entry)
    for outcome, entries in ((Outcome.ADDED, report.added), (Outcome.UNCHANGED, report.unchanged)):
        for entry in entries:
            yield ImportFinding(run=run, outcome=outcome, number=entry.number, label=entry.label[:300])


def _told(run: ImportRun, outcome: str, problem: Problem, cells: tuple[str, ...] | None = None) -> ImportFinding:
    return ImportFinding(
        run=run,
        outcome=outcome,
        number=problem.number,
        column=problem.column[:120],
        value=problem.value[:300],
        reason=problem.reason[:500],
        cells=cells,
    )


def _differences(run: ImportRun, entry: Entry) -> Iterator[ImportFinding]:
    for one in entry.differences:
        yield ImportFinding(
            run=run,
            outcome=Outcome.CHANGED,
            number=entry.number,
            label=entry.label[:300],
            column=one.column[:120],
            old=one.old[:300],
            value=one.new[:300],
        )


# The rejected rows as a file to mend: as they came, with the reasons behind


def rejected_of_report(report: Report) -> Table:
    """Return the rejected rows of a report."""
    return _table(
        report.titles, report.rejected_rows, ((problem.number, _reason(problem)) for problem in report.rejected)
    )


def rejected_of_run(run: ImportRun) -> Table:
    """Return the rejected rows that a run kept."""
    found = list(run.findings.filter(outcome=Outcome.REJECTED).order_by("number", "pk"))
    rows = {one.number: tuple(one.cells) for one in found if one.cells is not None}
    reasons = ((one.number, _reason(Problem(one.number, one.column, one.value, one.reason))) for one in found)
    return _table(tuple(run.titles), rows, reasons)


def _reason(problem: Problem) -> str:
    return f"{problem.column}: {problem.reason}"


def _table(titles: tuple[str, ...], rows: dict[int, tuple[str, ...]], reasons: Iterable[tuple[int, str]]) -> Table:
    told: dict[int, list[str]] = {}
    for number, reason in reasons:
        told.setdefault(number, []).append(reason)
    width = max([len(titles), *(len(cells) for cells in rows.values())], default=0)
    names = [title or f"Spalte {place}" for place, title in enumerate(_padded(titles, width), start=1)]
    # The reasons of an earlier attempt would stand beside the new ones.
    kept = [place for place, name in enumerate(names) if name not in (REASONS, "Zeile")]
    columns = [Column("Zeile", width=8), *(Column(names[place], width=20) for place in kept), Column(REASONS, width=60)]
    lines = [
        (str(number), *(_padded(cells, width)[place] for place in kept), " ".join(told.get(number, [])))
        for number, cells in sorted(rows.items())
    ]
    return Table("Abgelehnte Zeilen", tuple(columns), tuple(lines))


def _padded(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (*cells, *("" for _ in range(width - len(cells))))


def rejected_file(table: Table, ending: str) -> bytes:
    """Return the rows to mend as "csv" or "xlsx"."""
    if ending == "xlsx":
        from locations.workbooks import as_workbook  # only who asks for one pays for openpyxl

        return as_workbook([table], title=table.name, author="Beratung vor Ort", day=timezone.localdate())
    return as_csv(table)


def forget_files(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Discard the runs that nobody confirmed for this many days, and their files, and return how many."""
    old = ImportRun.objects.filter(chunks__isnull=False, started_at__lt=start_of(day, kept_days)).distinct()
    for run in old if not dry_run else ():
        run.finish(ImportRun.Status.DISCARDED)
    return len(old)


def forget_runs(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Delete what is told of the imports that were over this many days ago or earlier, and return how many.

    What they brought in stays.
    """
    old = ImportRun.objects.filter(finished_at__lt=start_of(day, kept_days))
    number = old.count()
    if not dry_run:
        old.delete()
    return number


def run_from_file(run: ImportRun, kind: ImportKind, file: BinaryIO, options: Options, progress: Progress) -> Report:
    """Take the file in at once and keep what happened, as a command does."""

    def settle(report: Report) -> None:
        if report.written or not report.rejected_rows:
            run.status = ImportRun.Status.WRITING
            run.save()
            keep(run, report, dry_run=False)

    return run_import(kind, file, options, dry_run=False, progress=progress, settle=settle)
