"""Do the list of licences and the bill of materials say what the lock installs, and nothing about this machine?"""

import json
import re
import sys

import pytest

from docs import dependencies
from docs.dependencies import BILL, JUDGED, LICENCES, locked, names_in, normal

of_python_311 = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="Die Listen gelten für Python 3.11.")


def test_the_list_of_licences_is_fresh():
    assert LICENCES.read_text() == dependencies.licences_page(), "make licences"


@of_python_311
def test_the_bill_of_materials_is_fresh():
    assert BILL.read_text() == dependencies.bill(), "make sbom"


def test_every_locked_package_is_in_both_with_a_version_of_the_lock():
    bill = {normal(part["name"]): part["version"] for part in json.loads(BILL.read_text())["components"]}
    page = dict(re.findall(r"(?m)^\| ([a-z0-9-]+) \| ([0-9][^ ]*) \| [A-Z0-9]", LICENCES.read_text()))
    assert bill == page == locked()


def test_every_licence_has_been_judged():
    licences = re.findall(r"(?m)^\| [a-z0-9-]+ \| [0-9][^ ]* \| ([^|]+) \|", LICENCES.read_text())
    assert len(licences) == len(locked())
    assert set().union(*(names_in(licence) for licence in licences)) == set(JUDGED)


def test_the_bill_keeps_to_the_schema_of_cyclonedx():
    assert dependencies.problem_of(BILL.read_text()) == ""
    assert dependencies.problem_of(BILL.read_text().replace('"library"', '"buch"')) != ""


def test_what_needs_what_is_told_from_ourselves_down():
    needs = {row["ref"]: row["dependsOn"] for row in json.loads(BILL.read_text())["dependencies"]}
    assert {normal(ref.partition("==")[0]) for ref in needs[dependencies.OURS]} == dependencies.direct()
    reached, waiting = set(), [dependencies.OURS]
    while waiting:
        reached.add(ref := waiting.pop())
        waiting += [one for one in needs[ref] if one not in reached]
    assert reached == needs.keys()


@pytest.mark.parametrize("path", [BILL, LICENCES], ids=lambda path: path.name)
def test_neither_names_a_server_or_a_place_on_a_machine(path):
    text = path.read_text().replace("http://cyclonedx.org/schema/", "")
    assert not re.search(r"://|\\|(^|[\"\s])/[a-z]+/|serialNumber|timestamp", text)
