"""Who reads a file: the request itself where it is short, the worker where it is long?"""

from __future__ import annotations

from django_tasks import task

from beratung.imports import KINDS, may_import, options_of
from locations.imports.runs import work_off
from locations.models import ImportRun

AT_ONCE_BYTES = 500_000  # read in a few seconds


@task()
def read_file(run: int, dry_run: bool) -> None:
    """Work off the run with this key."""
    row = ImportRun.objects.select_related("district", "user").get(pk=run)
    if not row.is_under_way:
        return  # somebody discarded it meanwhile, or another worker had it
    kind = KINDS[row.kind]
    if row.user is None or not may_import(row.user, kind):
        row.finish(ImportRun.Status.FAILED, message="Das Konto, das die Datei hochgeladen hat, darf das nicht mehr.")
        return
    work_off(row, kind, options_of(row), dry_run=dry_run)


def start(run: ImportRun, *, size: int, dry_run: bool) -> None:
    """Read the file now or, where that takes long, in the background."""
    if size <= AT_ONCE_BYTES:
        read_file.func(run.pk, dry_run)
    else:
        read_file.enqueue(run.pk, dry_run)
