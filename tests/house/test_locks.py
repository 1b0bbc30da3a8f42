"""Is every dependency pinned exactly, with hashes, and with a reason?"""

import re

import pytest
from packaging.requirements import Requirement

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


def explained(source: str) -> dict[str, list[str]]:
    """Return the packages under each comment; an empty line ends what a comment is about."""
    found: dict[str, list[str]] = {}
    reason, before = "", ""
    for line in (BASE_DIR / source).read_text().splitlines():
        if line.startswith("# "):
            reason = f"{reason} {line[2:]}" if before.startswith("#") else line[2:]
        elif not line:
            reason = ""
        elif line[0] != "-":
            found.setdefault(reason, []).append(line)
        before = line
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_every_direct_dependency_says_why_it_is_here(source):
    reasons = explained(source)
    assert [packages for reason, packages in reasons.items() if len(reason) < 10] == []
    # A comment that is about more than three is about none of them.
    assert [packages for packages in reasons.values() if len(packages) > 3] == []
    assert sum(map(len, reasons.values())) == len(direct(source))


@pytest.mark.parametrize(("source", "lock"), list(zip(SOURCES, LOCKS, strict=True)))
def test_the_lock_was_made_from_these_very_sources(source, lock):
    """What was taken out is out of the lock too, and what was limited is within its limits."""
    text = (BASE_DIR / lock).read_text()
    named = re.findall(rf"(?m)^([a-z0-9-]+)==[^#]*?\n((?: +# .*\n)*? +#(?: via)? +-r {re.escape(source)}$)", text)
    assert {name for name, _ in named} == direct(source)
    versions = dict(pin.split("==") for pin in pins(lock))
    for line in (BASE_DIR / source).read_text().splitlines():
        if line and line[0] not in "#-":
            wanted = Requirement(line)
            assert wanted.specifier.contains(versions[wanted.name.lower()]), line
