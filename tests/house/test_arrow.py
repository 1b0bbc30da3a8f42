"""Are the contracts alive: does a planted violation make import-linter fail?"""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from beratung.settings import BASE_DIR

ROOMS = ("locations", "appointments", "budget", "beratung")
CONFIGURATION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
PURE_MODULES = CONFIGURATION["tool"]["mypy"]["modules"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Return a copy of the rooms' Python files in which violations may be planted."""
    shutil.copy(BASE_DIR / "pyproject.toml", tmp_path)
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__", "data", "peine", "static", "templates")
        shutil.copytree(BASE_DIR / room, tmp_path / room, ignore=ignored)
    return tmp_path


def plant(house: Path, module: str, line: str) -> None:
    with (house / f"{module.replace('.', '/')}.py").open("a") as file:
        file.write(f"\n{line}\n")


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=house,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_house_as_it_stands_keeps_its_contracts(house):
    process = lint_imports(house)
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("locations.apps", "import appointments.apps"),
        ("locations.apps", "import beratung.apps"),
        ("appointments.apps", "from budget import apps"),
        ("budget.apps", "def late():\n    import beratung.urls"),
    ],
)
def test_an_import_against_the_arrow_is_caught(house, module, line):
    plant(house, module, line)
    process = lint_imports(house)
    assert process.returncode == 1
    assert "locations <- appointments <- budget <- beratung BROKEN" in process.stdout


def test_django_in_a_pure_module_is_caught_in_every_one_of_them(house):
    for module in PURE_MODULES:
        plant(house, module, "import django.utils.timezone")
    report = lint_imports(house).stdout
    assert "Pure modules know no Django BROKEN" in report
    assert [module for module in PURE_MODULES if f"{module} is not allowed to import django" not in report] == []


def test_django_behind_another_module_is_caught(house):
    plant(house, "locations.geo", "import locations.apps")
    process = lint_imports(house)
    assert process.returncode == 1
    assert "Pure modules know no Django BROKEN" in process.stdout


def test_the_arrow_and_the_types_name_the_same_pure_modules():
    contracts = CONFIGURATION["tool"]["importlinter"]["contracts"]
    assert next(contract["source_modules"] for contract in contracts if contract["type"] == "forbidden") == PURE_MODULES
