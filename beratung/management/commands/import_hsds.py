"""How does a district join another directory? It reads a peer's HSDS feed into proposals."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from beratung.peers.fetching import PeerError, entries
from beratung.peers.proposals import Outcome, propose
from beratung.peers.reading import Reader
from locations.models import District, ForeignId, Municipality

STEPS = (("added", "neu"), ("changed", "geändert"), ("unchanged", "unverändert"), ("rejected", "abgelehnt"))


class Command(BaseCommand):
    help = (
        "Liest ein HSDS-Verzeichnis (Open Referral 3.0) und legt daraus Vorschläge an: Träger, Einrichtungen, Angebote und "
        "feste Termine. Ganz oder gar nicht; mit --dry-run nur zur Probe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "source", metavar="URL-ODER-DATEI", help="Adresse einer HSDS-Schnittstelle, oder eine Datei"
        )
        parser.add_argument("--district", required=True, metavar="KURZNAME", help="Landkreis, etwa peine")
        parser.add_argument("--municipality", metavar="AGS", help="Gemeinde für Orte, die in keiner erkannten liegen")
        parser.add_argument("--dry-run", action="store_true", help="nur zeigen, was geschähe")
        parser.add_argument(
            "--skip-rejected", action="store_true", help="den Rest übernehmen, wenn etwas abgelehnt wird"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        district = self._district(options["district"])
        reader = Reader(timezone.get_default_timezone(), today)
        try:
            reader.read(entries(options["source"]))
        except PeerError as error:
            raise CommandError(str(error)) from error
        outcome = propose(
            reader,
            district=district,
            source=options["source"].rstrip("/"),  # the same peer, whether or not somebody typed the slash
            today=today,
            fallback=self._municipality(options["municipality"], district),
            dry_run=options["dry_run"],
            skip_rejected=options["skip_rejected"],
        )
        self._report(outcome)
        self._conclude(outcome, options)

    def _district(self, slug: str) -> District:
        found = District.objects.filter(slug=slug).first()
        if found is None:
            known = ", ".join(District.objects.values_list("slug", flat=True)) or "keiner"
            raise CommandError(f"Einen Landkreis „{slug}“ gibt es hier nicht. Eingetragen: {known}.")
        return found

    def _municipality(self, ags: str | None, district: District) -> Municipality | None:
        if ags is None:
            return None
        found = district.municipalities.filter(ags=ags).first()
        if found is None:
            raise CommandError(f"Eine Gemeinde mit dem Schlüssel {ags} gibt es in {district.name} nicht.")
        return found

    def _report(self, outcome: Outcome) -> None:
        """Print how many of each kind, and every refusal with its reason."""
        counts = {name: Counter(one.kind for one in getattr(outcome, name)) for name, _word in STEPS}
        self.stdout.write(f"{'':<16}" + "".join(f"{word:>13}" for _name, word in STEPS))
        for kind in ForeignId.Kind:
            numbers = "".join(f"{counts[name][kind.value]:>13}" for name, _word in STEPS)
            self.stdout.write(f"{kind.label:<16}{numbers}")
        for one in outcome.rejected:
            label = ForeignId.Kind(one.kind).label
            self.stdout.write(f"Abgelehnt: {label} {one.foreign_id} {one.name}".rstrip() + f": {one.reason}")

    def _conclude(self, outcome: Outcome, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self.stdout.write("Probe: Es wurde nichts geschrieben.")
        elif outcome.rejected and not options["skip_rejected"]:
            raise CommandError(
                "Es wurde nichts geschrieben, weil etwas abgelehnt wurde. Mit --skip-rejected wird der Rest übernommen."
            )
        elif not (outcome.added or outcome.changed):
            self.stdout.write("Es gibt nichts Neues.")
        else:
            self.stdout.write("Übernommen. Termine stehen als Vorschläge in der Verwaltung.")
