"""Load school holidays from a CSV or ICS file: `manage.py import_school_holidays ferien.csv --state DE-NI [--dry-run]`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from locations.calendars import UnknownStateError
from locations.holiday_files import UnreadableFileError
from locations.models import District
from locations.school_holidays import import_holidays


class Command(BaseCommand):
    help = "Lädt Schulferien aus einer CSV- oder ICS-Datei: alle Zeilen oder keine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV (von; bis; Name) oder ICS")
        parser.add_argument("--state", help="Land nach ISO 3166-2, etwa DE-NI (Vorgabe: das der Landkreise)")
        parser.add_argument("--source", default="", help="Woher die Datei stammt (Vorgabe: ihr Name)")
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was sich ändern würde")

    def handle(self, *, file: Path, state: str | None, source: str, dry_run: bool, **options: Any) -> None:
        try:
            found = import_holidays(
                content=file.read_bytes(),
                federal_state=state or self._only_state(),
                source=source or file.name,
                dry_run=dry_run,
            )
        except OSError as error:
            raise CommandError(f"{file} lässt sich nicht lesen: {error.strerror}.") from error
        except (UnreadableFileError, UnknownStateError) as error:
            raise CommandError(str(error)) from error
        for row in found.rejected:
            self.stderr.write(f"Zeile {row.number}, {row.column} „{row.value}“: {row.reason}")
        self.stdout.write(
            f"{len(found.added)} neu, {len(found.changed)} geändert, {len(found.unchanged)} unverändert, "
            f"{len(found.rejected)} abgelehnt."
        )
        if found.rejected:
            raise CommandError("Nichts gespeichert: Bitte die abgelehnten Zeilen berichtigen.")
        if dry_run:
            self.stdout.write("Probelauf: nichts gespeichert.")

    @staticmethod
    def _only_state() -> str:
        states = set(District.objects.values_list("federal_state", flat=True))
        if len(states) != 1:
            raise CommandError("Bitte das Land angeben, etwa --state DE-NI.")
        return states.pop()
