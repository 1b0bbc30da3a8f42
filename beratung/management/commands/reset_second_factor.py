"""How does somebody get back in whose phone and paper codes are lost?"""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from beratung.login.devices import forget


class Command(BaseCommand):
    help = "Nimmt einem Konto den zweiten Faktor; die nächste Anmeldung richtet einen neuen ein."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Name des Kontos")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        account = get_user_model().objects.filter(username=name).first()
        if account is None:
            raise CommandError(f"Ein Konto „{name}“ gibt es nicht.")
        forget(account)
        self.stdout.write(f"{name} richtet bei der nächsten Anmeldung einen neuen zweiten Faktor ein.")
