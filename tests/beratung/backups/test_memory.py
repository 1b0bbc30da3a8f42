"""Does a large database need no more memory than a small one?

Two sizes stand for 250,000 slots; `manage.py backup` and `restore` of a whole country are measured in docs/backup.md.
"""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from beratung.backups.moving import target_at
from beratung.backups.restoring import restore_backup
from beratung.backups.writing import write_backup
from locations.models import HelpLine

pytestmark = pytest.mark.django_db
MORE = 3_000_000  # bytes that the larger one may take beyond the smaller; its rows alone would be ten times that


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def fill(district, first: int, last: int) -> None:
    HelpLine.objects.bulk_create(
        HelpLine(district=district, name=f"Beispiel {number} {'x' * 100}") for number in range(first, last)
    )


def test_ten_times_the_rows_need_no_more_memory(filled, empty_url, tmp_path: Path):
    peaks = []
    for first, last in ((0, 1_500), (1_500, 15_000)):
        fill(filled, first, last)
        path = tmp_path / f"{last}.backup"
        with path.open("w+b") as file, target_at(empty_url("sqlite")) as alias:
            writing = peak(lambda file=file: write_backup(file))
            reading = peak(lambda file=file, alias=alias: restore_backup(file, using=alias))
        peaks.append((writing, reading))
    (small_writing, small_reading), (large_writing, large_reading) = peaks
    assert large_writing < small_writing + MORE
    assert large_reading < small_reading + MORE
