"""Does a web process carry only what pages need?"""

import os
import subprocess
import sys

from beratung.settings import BASE_DIR

# Reads every address, as the first request does, and says what came along.
START = """
import sys
import beratung.wsgi
from django.urls import get_resolver
assert get_resolver().reverse_dict
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
# Workbooks: 32 MB of each process. The solver's packages: another process has them.
FOR_FEW = {"openpyxl", "numpy", "highspy"}


def test_workbooks_and_the_solver_come_with_the_first_who_asks_for_them():
    environment = os.environ | {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "beratung.settings"}
    command = [sys.executable, "-c", START]
    process = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    loaded = set(process.stdout.split())
    assert "ninja" in loaded  # the addresses were read indeed
    assert loaded & FOR_FEW == set()
