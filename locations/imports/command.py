"""What do the commands that import files have in common: `manage.py import_… FILE [--dry-run]`?"""

from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from locations.imports.reports import Report
from locations.imports.running import ImportKind, Options, UnreadableFileError, run_import
from locations.imports.runs import refuse_large, rejected_file, rejected_of_report, run_from_file
from locations.models import District, ImportRun, Institution

MOST_SHOWN = 40  # rows of each table; the file to mend holds all


class ImportCommand(BaseCommand):
    """A command for one kind of file. Exit code 0: taken in or nothing to do; 1: rejected rows or an unreadable file."""

    kind: ClassVar[ImportKind]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=self.kind.hint)
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was sich ändern würde")
        parser.add_argument("--district", help="Schlüssel des Landkreises, etwa 03157 (Vorgabe: alle der Datei)")
        parser.add_argument(
            "--rejected", type=Path, metavar="DATEI", help="abgelehnte Zeilen hierhin (.csv oder .xlsx)"
        )
        parser.add_argument(
            "--skip-rejected", action="store_true", help="abgelehnte Zeilen auslassen statt alles abzulehnen"
        )
        parser.add_argument("--source", default="", help="woher die Datei stammt (Vorgabe: ihr Name)")
        for name, given in _OPTIONAL.items():
            if name in self.kind.asks_for:
                parser.add_argument(_FLAGS.get(name, f"--{name.replace('_', '-')}"), dest=name, **given)

    def handle(self, *, file: Path, dry_run: bool, rejected: Path | None, **given: Any) -> None:
        options = self._options(file, given)
        run = ImportRun(
            kind=self.kind.key, kind_label=self.kind.label, district=options.district, file_name=file.name[:200]
        )
        try:
            report = self._read(run, file, options, dry_run)
        except OSError as error:
            raise CommandError(f"{file} lässt sich nicht lesen: {error.strerror}.") from error
        except UnreadableFileError as error:
            raise CommandError(str(error)) from error
        self._tell(report)
        if rejected and report.rejected_rows:
            ending = "xlsx" if rejected.suffix.lower() == ".xlsx" else "csv"
            rejected.write_bytes(rejected_file(rejected_of_report(report), ending))
            self.stdout.write(f"Die abgelehnten Zeilen stehen in {rejected}.")
        self._end(report, dry_run)

    def _read(self, run: ImportRun, file: Path, options: Options, dry_run: bool) -> Report:
        refuse_large(file.stat().st_size)
        with file.open("rb") as content:
            if dry_run:
                return run_import(self.kind, content, options, dry_run=True, progress=self._progress)
            return run_from_file(run, self.kind, content, options, self._progress)

    def _options(self, file: Path, given: dict[str, Any]) -> Options:
        districts = tuple(District.objects.all())
        asked = {name: given[name] for name in _OPTIONAL if name in self.kind.asks_for}
        if "federal_state" in asked:
            asked["federal_state"] = asked["federal_state"] or _only_state(districts)
        new_district = _new_district(districts, given) if asked.get("create_districts") else ""
        return Options(
            today=timezone.localdate(),
            districts=districts,
            district=None if new_district else _district(districts, given["district"]),
            new_district=new_district,
            may_publish=True,  # whoever reaches the shell may do anything
            skip_rejected=given["skip_rejected"],
            source=given["source"] or file.name,
            **asked,
        )

    def _progress(self, count: int) -> None:
        self.stderr.write(f"{count} Zeilen gelesen …")

    def _tell(self, report: Report) -> None:
        for title, lines in _lines(report):
            if lines:
                self.stdout.write(f"\n{title}")
            for line in lines[:MOST_SHOWN]:
                self.stdout.write(f"  {line}")
            if len(lines) > MOST_SHOWN:
                self.stdout.write(f"  … und {len(lines) - MOST_SHOWN} weitere")
        self.stdout.write(f"\n{report.summary}")

    def _end(self, report: Report, dry_run: bool) -> None:
        if report.rejected_rows and not report.written:
            hint = "Bitte die abgelehnten Zeilen berichtigen oder mit --skip-rejected auslassen."
            raise CommandError(f"Nichts gespeichert: {hint}")
        if dry_run:
            self.stdout.write("Probelauf: nichts gespeichert.")
        if report.rejected_rows:
            raise CommandError("Gespeichert ohne die abgelehnten Zeilen.")


def _lines(report: Report) -> list[tuple[str, list[str]]]:
    changed = [
        f"Zeile {entry.number}, {entry.label}: {one.column}: {one.old} → {one.new}"
        for entry in report.changed
        for one in entry.differences
    ]
    return [
        ("Neu", [f"Zeile {entry.number}, {entry.label}" for entry in report.added]),
        ("Geändert", changed),
        ("Hinweise", [f"Zeile {one.number}, {one.column} „{one.value}“: {one.reason}" for one in report.notes]),
        ("Abgelehnt", [f"Zeile {one.number}, {one.column} „{one.value}“: {one.reason}" for one in report.rejected]),
    ]


def _day(text: str) -> date:
    return date.fromisoformat(text)


_FLAGS = {"federal_state": "--state", "kind_of_house": "--kind"}
_OPTIONAL: dict[str, dict[str, Any]] = {
    "create_districts": {"action": "store_true", "help": "fehlende Landkreise anlegen"},
    "create_missing": {"action": "store_true", "help": "fehlende Träger, Angebote und Fachkräfte anlegen"},
    "kind_of_house": {"choices": Institution.Kind.values, "default": "", "help": "Art, wo die Datei keine nennt"},
    "since": {
        "type": _day,
        "metavar": "JJJJ-MM-TT",
        "help": "in Betrieb seit, wo die Datei nichts sagt (Vorgabe: heute)",
    },
    "as_of": {"type": _day, "metavar": "JJJJ-MM-TT", "help": "Tag der Einwohnerzahlen, wo die Datei keinen nennt"},
    "federal_state": {
        "default": "",
        "metavar": "LAND",
        "help": "Land nach ISO 3166-2, etwa DE-NI (Vorgabe: das der Landkreise)",
    },
}


def _district(districts: tuple[District, ...], key: str | None) -> District | None:
    if not key:
        return None
    found = next((district for district in districts if key in (district.key, district.slug)), None)
    if found is None:
        raise CommandError(f"Einen Landkreis mit dem Schlüssel {key} gibt es nicht.")
    return found


def _new_district(districts: tuple[District, ...], given: dict[str, Any]) -> str:
    """Return the key of the district that is to be made, empty where it exists or all of the file are meant."""
    key = given["district"] or ""
    exists = any(key in (district.key, district.slug) for district in districts)
    return key if re.fullmatch(r"[0-9]{5}", key, re.ASCII) and not exists else ""


def _only_state(districts: tuple[District, ...]) -> str:
    states = {district.federal_state for district in districts}
    if len(states) != 1:
        raise CommandError("Bitte das Land angeben, etwa --state DE-NI.")
    return states.pop()
