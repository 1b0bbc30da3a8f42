"""Is the installation well? The same checks as /healthz, for people and for scripts."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from beratung.watch.checks import findings


class Command(BaseCommand):
    help = "Zeigt, ob alles in Ordnung ist. Rückgabe: 0 in Ordnung, 1 etwas ist fällig, 2 gestört."
    # A broken database is a finding here, not a reason to give up.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings(timezone.now())
        for finding in found:
            self.stdout.write(f"{finding.state.word:9}{finding.label}: {finding.text}")
        sys.exit(max(finding.state for finding in found))
