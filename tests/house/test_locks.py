"""Is every dependency pinned exactly, with hashes, and with a reason?"""

import re

import pytest

from beratung.settings import BASE_DIR

LOCKS = ["requirements.txt", "requirements-dev.txt"]
SOURCES = ["requirements.in", "requirements-dev.in"]
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==[0-9][0-9a-z.]*( ; [^\\]+)?( --hash=sha256:[0-9a-f]{64})+")
NAME = re.compile(r"[A-Za-z0-9-]+")


def requirements(lock: str) -> list[str]:
    """Return one line for each requirement of the lock, without comments."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (BASE_DIR / lock).read_text())
    return re.sub(r"\s*\\\n\s*", " ", text).splitlines()


def pins(lock: str) -> set[str]:
    return {line.partition(" ")[0] for line in requirements(lock)}


def direct(source: str) -> set[str]:
    lines = (BASE_DIR / source).read_text().splitlines()
    return {NAME.match(line)[0].lower() for line in lines if line and line[0] not in "#-"}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_exactly_and_hashed(lock):
    assert [line for line in requirements(lock) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_server(lock):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", (BASE_DIR / lock).read_text())


@pytest.mark.parametrize(("source", "lock"), list(zip(SOURCES, LOCKS, strict=True)))
def test_every_direct_dependency_is_locked(source, lock):
    assert direct(source) <= {pin.partition("==")[0] for pin in pins(lock)}


def test_tests_run_with_the_versions_that_are_served():
    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_only_the_css_of_kern_is_installed_not_its_generator():
    assert not any(pin.startswith("mkdocs==") for pin in pins("requirements-dev.txt"))


@pytest.mark.parametrize("source", SOURCES)
def test_every_direct_dependency_says_why_it_is_here(source):
    blocks = (BASE_DIR / source).read_text().split("\n# ")
    lines = [line for block in blocks for line in block.splitlines()[:1] if NAME.match(line)]
    unexplained = [line for line in lines if line.lower() in direct(source)]
    assert unexplained == []
