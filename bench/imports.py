"""How fast are imports, and how much memory do they take, hostile files included?

The real files are not part of the product: without them made-up ones of the same length are read.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import process_time

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.measuring import Measurement
from locations.imports.institutions import InstitutionImport
from locations.imports.municipalities import MunicipalityImport
from locations.imports.running import ImportKind, Options, run_import
from locations.models import District
from locations.table_files import read_table
from locations.text_files import UnreadableFileError

TODAY = date(2026, 9, 1)
MUNICIPALITIES = 11_004
SCHOOLS = 3_172
MOST_MB = 300
# A process inherits the greatest memory of the one that starts it; what the kernel says of its own pages does not.
AND_PEAK = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def measurements() -> Iterator[Measurement]:
    call_command("migrate", verbosity=0)
    yield from timed(MunicipalityImport(), "Import von 11.004 Gemeinden", municipalities(), 20, create_districts=True)
    yield from timed(InstitutionImport(), "Import von 3.172 Schulen", schools(), 10, skip_rejected=True)
    yield peak_of_a_process()
    yield from hostile()


def real(name: str) -> bytes | None:
    file = Path(settings.BASE_DIR).parent / "shared" / "data" / name
    return file.read_bytes() if file.exists() else None


def municipalities() -> bytes:
    """Return the municipalities of the country, or as many invented ones."""
    lines = ["ags,name,type,district_name,district_type,population,lat,lon,plz_all"]
    for number in range(MUNICIPALITIES):
        district = f"{number // 900 + 1:02}{number // 30 % 30:03}"
        place = f"{48 + number % 60 / 10},{8 + number % 50 / 10},{10000 + number}"
        key, name = f"{district}{number % 30:03}", f"Beispieldorf {number},Stadt,Beispiel {district},Landkreis,1000"
        lines.append(f"{key},{name},{place}")
    return real("de_municipalities.csv") or "\n".join(lines).encode()


def schools() -> bytes:
    """Return the schools of Lower Saxony, or as many invented ones."""
    lines = ["school_number,name,types,plz,lat,lon"]
    lines += [f"{number},Beispiel-Schule {number},Grundschule,{10000 + number},," for number in range(SCHOOLS)]
    return real("ni_schools_2017.csv") or "\n".join(lines).encode()


def timed(kind: ImportKind, name: str, content: bytes, most_seconds: float, **given: bool) -> Iterator[Measurement]:
    """The first import, which writes everything, and the second, which finds that nothing has changed."""
    for again in (False, True):
        options = Options(today=TODAY, districts=tuple(District.objects.all()), **given)
        with CaptureQueriesContext(connection) as queries:
            start = process_time()
            report = run_import(kind, io.BytesIO(content), options, dry_run=False)
            seconds = process_time() - start
        label = f"… noch einmal: {len(report.unchanged)} unverändert" if again else f"{name}: {len(report.added)} neu"
        is_met = seconds < most_seconds
        yield Measurement(f"{label}, {len(queries)} Abfragen", f"{seconds:.1f} s", f"< {most_seconds:g} s", is_met)


def peak_of_a_process() -> Measurement:
    """The memory of a process that imports the municipalities into an empty database, Python and Django included."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "gemeinden.csv"
        file.write_bytes(municipalities())
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{scratch}/peak.sqlite3"}
        for arguments in (["migrate", "--verbosity=0"], ["import_municipalities", str(file), "--create-districts"]):
            command = [sys.executable, "-c", AND_PEAK, *arguments]
            done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    megabytes = int(done.stdout.split()[-1]) // 1024
    return Measurement("… Speicher des ganzen Prozesses", f"{megabytes} MB", f"< {MOST_MB} MB", megabytes < MOST_MB)


def hostile() -> Iterator[Measurement]:
    yield bounded("XLSX-Bombe (200 MB ausgepackt)", bomb())
    yield bounded("CSV mit 50 MB in einer Zelle", b'name\n"' + b"x" * 50_000_000)
    yield bounded("CSV mit 50 MB in einer Zeile", b"name;" + b"x" * 50_000_000)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return out.getvalue()


def bounded(name: str, content: bytes) -> Measurement:
    """What reading takes beyond the file itself until it is refused."""
    peak = traced(lambda: list(read_table(io.BytesIO(content), InstitutionImport.columns).rows))
    return Measurement(f"{name}: Speicher bis zur Absage", f"{peak / 1e6:.1f} MB", "< 20 MB", peak < 20_000_000)


def traced(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
    except UnreadableFileError:
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    raise AssertionError("Die Datei wurde nicht abgelehnt.")
