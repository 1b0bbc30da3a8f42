"""Does a large database need no more memory than a small one?

12,000 rows stand for 250,000 slots; `manage.py backup` and `restore` of a whole country are measured in docs/backup.md.
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
ROWS = 12_000
MOST = 2_000_000  # bytes; the texts of the rows alone are as many


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_rows_pass_one_by_one(filled, empty_url, tmp_path: Path):
    HelpLine.objects.bulk_create(
        HelpLine(district=filled, name=f"Beispiel {number} {'x' * 100}") for number in range(ROWS)
    )
    with (tmp_path / "x.backup").open("w+b") as file, target_at(empty_url("sqlite")) as alias:
        assert peak(lambda: write_backup(file)) < MOST
        assert peak(lambda: restore_backup(file, using=alias)) < MOST
