"""How does an operator write the committee's report to a file?"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from beratung.report import NotReadableDayError, report
from beratung.report_views import FORMATS, filename
from locations.models import District


class Command(BaseCommand):
    help = "Schreibt den Bericht für den Ausschuss: als PDF, als Arbeitsmappe (XLSX) oder die Abdeckung als CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("district", help="Kurzname des Landkreises in der Adresse, etwa peine")
        parser.add_argument("--day", metavar="JJJJ-MM-TT", default="", help="Stichtag (Vorgabe: heute)")
        parser.add_argument("--format", choices=FORMATS, default="pdf", help="Vorgabe: pdf")
        parser.add_argument(
            "--output", metavar="DATEI", help="Vorgabe: bericht-<kreis>-<tag>.<format> im aktuellen Ordner"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = report(options["district"], options["day"], timezone.localdate())
        except District.DoesNotExist as error:
            known = ", ".join(District.objects.values_list("slug", flat=True)) or "keiner"
            raise CommandError(f"Den Landkreis {options['district']!r} gibt es nicht. Eingetragen: {known}") from error
        except NotReadableDayError as error:
            raise CommandError(str(error)) from error
        path = Path(options["output"] or filename(found, options["format"]))
        try:
            path.write_bytes(FORMATS[options["format"]].write(found))
        except OSError as error:
            raise CommandError(f"{path} lässt sich nicht schreiben: {error.strerror}") from error
        self.stdout.write(f"{path}: Stichtag {found.day:%d.%m.%Y}, Prüfsumme der Daten {found.short_checksum}")
