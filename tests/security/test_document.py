"""Is every section of the standard answered, and does every test that is named exist?"""

import re

import pytest

from beratung.settings import BASE_DIR

DOCUMENT = (BASE_DIR / "docs" / "security.md").read_text("utf-8")
# OWASP ASVS 5.0: how many sections each chapter has.
SECTIONS = dict(enumerate((5, 4, 7, 4, 4, 8, 6, 4, 2, 7, 7, 3, 4, 3, 4, 5, 3), start=1))
ROW = re.compile(r"^\| V(\d+)\.(\d+) [^|]+\| ([✓◐–]) \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)


def rows():
    return ROW.findall(DOCUMENT)


def test_every_section_of_every_chapter_is_answered_once():
    wanted = [(chapter, number) for chapter, count in SECTIONS.items() for number in range(1, count + 1)]
    assert [(int(chapter), int(number)) for chapter, number, *_ in rows()] == wanted


def test_every_test_that_is_named_exists():
    named = set(re.findall(r"`((?:\w+/)+test_\w+\.py)`", DOCUMENT))
    assert len(named) > 30
    gone = [name for name in named if not (BASE_DIR / name).exists() and not (BASE_DIR / "tests" / name).exists()]
    assert gone == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"V{row[0]}.{row[1]}")
def test_what_is_met_names_its_test_and_what_is_half_met_its_gap(row):
    _, _, mark, how, where = row
    if mark == "✓":
        assert "test_" in where
    if mark == "◐":
        assert re.search(r"Lücke|Sache des Betriebs", how)


def test_every_document_it_leads_to_is_there():
    for name in re.findall(r"\]\(([\w.-]+\.md)\)", DOCUMENT):
        assert (BASE_DIR / "docs" / name).exists(), name
