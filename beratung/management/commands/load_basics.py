"""What does a district need that is no example? For an installation that begins without Peine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from beratung.peine.load import load_basics


class Command(BaseCommand):
    help = (
        "Lädt, was kein Landkreis erfindet: Beratungsfelder, Sprachen, Kilometersätze und Schulferien "
        "(Niedersachsen). Was schon da ist, bleibt, wie es ist."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        made = load_basics().made
        for model, count in made.items():
            self.stdout.write(f"  {count:>5} {model._meta.verbose_name_plural}")
        self.stdout.write("Neu geladen." if any(made.values()) else "Alles war schon da; nichts geändert.")
