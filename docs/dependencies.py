"""What is this program built on, and under which licences? `make licences` and `make sbom` write the answers.

Of what requirements.txt locks, for Python 3.11: names, versions, licences, and which needs which. Both files are the same
on every machine, so that tests/house/test_dependencies.py sees when they are old.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
LICENCES = ROOT / "docs" / "licences.md"
BILL = ROOT / "docs" / "sbom.cdx.json"
OURS = "beratung-vor-ort"
PYTHON = {"python_version": "3.11", "python_full_version": "3.11.14", "implementation_name": "cpython"}

# What packages say in words, in the names of SPDX.
SPDX = {
    "Apache Software License; BSD License": "Apache-2.0 OR BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Apache Software License": "Apache-2.0",
}
ATTRIBUTION = "verlangt nur, den Urheberhinweis mitzugeben; er liegt in jedem Paket"
# Each licence that occurs, and why it goes together with the EUPL-1.2. A new one has to be judged first.
JUDGED = {
    "0BSD": "verlangt nichts",
    "Apache-2.0": f"{ATTRIBUTION}, und Änderungen zu nennen; wir ändern nichts",
    "BSD-2-Clause": ATTRIBUTION,
    "BSD-3-Clause": ATTRIBUTION,
    "CC0-1.0": "verlangt nichts",
    "EUPL-1.2": "dieselbe Lizenz",
    "LGPL-3.0-or-later": "steht in der Liste der EUPL (Anhang); als eigenes, unverändertes und austauschbares Paket benutzt",
    "MIT": ATTRIBUTION,
    "MIT-0": "verlangt nichts",
    "MPL-2.0": "steht in der Liste der EUPL (Anhang); gilt je Datei, und wir ändern keine",
    "OFL-1.1": "Schriften: dürfen in Dokumente eingebettet und mit Programmen weitergegeben, nur nicht einzeln verkauft werden",
    "PSF-2.0": ATTRIBUTION,
    "Unlicense": "verlangt nichts",
    "Zlib": ATTRIBUTION,
}
PAGE = """# Lizenzen

Erzeugt mit `make licences` (pip-licenses); nicht von Hand ändern. Was im Betrieb installiert wird: {count} Pakete aus
`requirements.txt`, unverändert und jedes für sich. Warum jedes direkte hier ist, steht in `requirements.in`. Maschinenlesbar:
[sbom.cdx.json](sbom.cdx.json) (`make sbom`). Vor Python 3.11.3 kommt `async-timeout` (Apache-2.0) dazu.

Das Programm selbst steht unter der [EUPL-1.2](../LICENSE). Kein Paket wird mit ihm zusammen in eine Datei gebaut; weitergegeben
wird es ohne die Pakete, und `pip` holt sie von ihren Urhebern.

## Warum das zusammengeht

| Lizenz | Pakete | |
|---|---|---|
{judged}

Bei „OR“ gilt eine nach Wahl, bei „AND“ gelten alle, für verschiedene Teile des Pakets. `psycopg2-binary` bringt libpq
(PostgreSQL-Lizenz) und OpenSSL (Apache-2.0) mit, `numpy` OpenBLAS (BSD-3-Clause) und Laufzeitbibliotheken von GCC mit deren
Ausnahme für Laufzeitbibliotheken.

## Pakete

| Paket | Fassung | Lizenz | |
|---|---|---|---|
{packages}
"""


def normal(name: str) -> str:
    """Return the name as the lock writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """Return the version of each package in the lock, as a late Python 3.11 installs it."""
    pins = re.findall(r"(?m)^([a-z0-9-]+)==([^ \\]+)(?: ; ([^\\]+))?", LOCK.read_text())
    return {name: version for name, version, marker in pins if not marker or Marker(marker).evaluate(PYTHON)}


def direct() -> set[str]:
    lines = (ROOT / "requirements.in").read_text().splitlines()
    return {normal(re.split(r"[<>=\[]", line)[0]) for line in lines if line and line[0] != "#"}


def licences_page() -> str:
    packages = sorted(_packages(), key=lambda row: row[0])
    counted = {name: sum(name in names_in(licence) for _, _, licence in packages) for name in JUDGED}
    return PAGE.format(
        count=len(packages),
        judged="\n".join(f"| {name} | {counted[name]} | {why} |" for name, why in JUDGED.items()),
        packages="\n".join(
            f"| {name} | {version} | {licence} | {'direkt' if name in direct() else ''} |"
            for name, version, licence in packages
        ),
    )


def names_in(licence: str) -> set[str]:
    """Return the names in an expression of SPDX."""
    return set(re.split(r" (?:AND|OR) ", licence))


def bill() -> str:
    """Return the list of everything (SBOM, CycloneDX) without what differs between machines: addresses and places."""
    found = json.loads(
        _run(
            "-m",
            "cyclonedx_py",
            "environment",
            sys.executable,
            "--output-reproducible",
            "--short-PURLs",
            "--no-validate",
        )
    )
    kept = {part["bom-ref"]: part for part in found["components"] if normal(part["name"]) in locked()}
    found["components"] = [_without_addresses(part) for part in kept.values()]
    found["dependencies"] = _dependencies(found["dependencies"], kept)
    found["metadata"]["component"] = _ourselves()
    for tool in found["metadata"]["tools"]["components"]:
        _without_addresses(tool)
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def problem_of(text: str) -> str:
    """Return what the schema of CycloneDX has against the bill, empty if nothing."""
    return str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) or "")


def _packages() -> list[tuple[str, str, str]]:
    rows = json.loads(_run("-m", "piplicenses", "--from=all", "--format=json", "--packages", *locked()))
    return [(normal(row["Name"]), row["Version"], _spdx(row)) for row in rows]


def _spdx(row: dict[str, str]) -> str:
    """Return the licence as the package says it: best as an expression, else by its classifier, else in its own words."""
    said = [row["License-Expression"], row["License-Classifier"], row["License-Metadata"].partition("\n")[0]]
    first = next(text for text in [*said, "UNKNOWN"] if text != "UNKNOWN" or text is said[-1])
    return SPDX.get(first, first)


def _dependencies(found: list[dict[str, Any]], kept: dict[str, Any]) -> list[dict[str, Any]]:
    ours = {"ref": OURS, "dependsOn": sorted(ref for ref, part in kept.items() if normal(part["name"]) in direct())}
    theirs = [
        {"ref": row["ref"], "dependsOn": [ref for ref in row.get("dependsOn", []) if ref in kept]}
        for row in found
        if row["ref"] in kept
    ]
    return [ours, *theirs]


def _ourselves() -> dict[str, Any]:
    return {
        "bom-ref": OURS,
        "name": OURS,
        "type": "application",
        "licenses": [{"license": {"acknowledgement": "declared", "id": "EUPL-1.2"}}],
    }


def _without_addresses(part: dict[str, Any]) -> dict[str, Any]:
    part.pop("externalReferences", None)
    return part


def _run(*command: str) -> str:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    if sys.argv[1] == "licences":
        LICENCES.write_text(licences_page())
    else:
        BILL.write_text(bill())
