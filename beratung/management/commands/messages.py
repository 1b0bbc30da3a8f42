"""Are the translations up to date? Reads the texts families see, updates `locale/` and compiles it."""

from typing import Any

from django.core.management.base import BaseCommand

from beratung import translations


class Command(BaseCommand):
    help = "Gleicht die Übersetzungen in locale/ mit Vorlagen und Quelltext ab und übersetzt sie für Django (.mo)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for language in translations.LANGUAGES:
            missing = translations.update(language)
            self.stdout.write(f"{language}: {f'{len(missing)} Texte fehlen' if missing else 'vollständig'}")
            for message in missing:
                self.stdout.write(f"  {message.id}")
