"""How fast is it? `make bench` prints each measurement beside its aim, as ratios and times of this one run."""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import chain

import django

from bench.measuring import print_table


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["DATABASE_URL"] = f"sqlite:///{scratch}/bench.sqlite3"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beratung.settings")
        django.setup()
        from bench import committee, country_pages, dates, desk, imports, interfaces, planner

        print_table(
            chain(
                dates.measurements(),
                committee.measurements(),
                interfaces.measurements(),
                planner.measurements(),
                imports.measurements(),
                desk.measurements(),
                country_pages.measurements(),
            ),
            progress=sys.stderr,
        )


if __name__ == "__main__":
    main()
