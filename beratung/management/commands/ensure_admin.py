"""Who may enter the administration of a fresh installation?"""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

USERNAME = "admin"


class Command(BaseCommand):
    help = 'Legt das Konto "admin" mit einem neuen Passwort an, wenn es noch keines gibt.'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-password", action="store_true", help="Vergibt auf jeden Fall ein neues Passwort.")

    @transaction.atomic
    def handle(self, *args: Any, new_password: bool, **options: Any) -> None:
        account, is_new = get_user_model().objects.get_or_create(
            username=USERNAME, defaults={"is_staff": True, "is_superuser": True}
        )
        if not is_new and not new_password:
            self.stdout.write(f'Das Konto "{USERNAME}" besteht. Neues Passwort: make password')
            return
        password = secrets.token_urlsafe(12)
        account.set_password(password)
        account.save()
        self.stdout.write(f"Anmeldung: {USERNAME}   Passwort: {password}   (wird nur dieses eine Mal angezeigt)")
