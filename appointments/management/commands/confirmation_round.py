"""Is it time to ask the providers whether their slots still are right? For the daily timer, and by hand."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from appointments.confirmation_rounds import RoundError, is_due, mails_to_come, open_round, providers_asked, send_all
from locations.models import District


class Command(BaseCommand):
    help = "Beginnt eine Bestätigungsrunde: jeder Träger bekommt einen Brief mit einem Link zu seinen Terminen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("district", nargs="?", help="Kurzname des Landkreises; ohne Angabe: alle")
        parser.add_argument("--if-due", action="store_true", help="Nur, wenn die letzte Runde ein halbes Jahr her ist.")
        parser.add_argument("--remind", action="store_true", help="Keine neue Runde: an offene Antworten erinnern.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Die Briefe nur zeigen, nichts speichern oder senden."
        )

    def handle(self, *args: Any, district: str | None, **options: Any) -> None:
        districts = list(District.objects.filter(**({"slug": district} if district else {})))
        if not districts and district:
            raise CommandError(f"Einen Landkreis „{district}“ gibt es nicht.")
        if not districts:
            return self.stdout.write("Es gibt noch keinen Landkreis.")
        for one in districts:
            self._ask(one, **options)

    def _ask(self, district: District, *, if_due: bool, remind: bool, dry_run: bool, **options: Any) -> None:
        today = timezone.localdate()
        if remind:
            return self._remind(district, today)
        if if_due and (reason := self._why_not_by_itself(district, today)):
            return self.stdout.write(f"{district}: {reason}")
        try:
            # Opened in any case: a dry run shows the very letters, and takes everything back.
            with transaction.atomic():
                opened = open_round(district=district, today=today)
                if dry_run:
                    self._show(district, opened.closes_on)
                    transaction.set_rollback(True)
        except RoundError as error:
            raise CommandError(f"{district}: {error}") from error
        if not dry_run:
            sent = send_all(opened, today)
            self.stdout.write(f"{district}: {sent} von {opened.letters.count()} Briefen verschickt.")

    def _why_not_by_itself(self, district: District, today: Any) -> str:
        """Return why the daily timer sends nothing; that is no failure, or it would fail every night."""
        if not is_due(district, today):
            return "die letzte Runde ist noch kein halbes Jahr her."
        if settings.IS_PRODUCTION and not settings.EMAIL_HOST:
            return "EMAIL_HOST ist leer; Briefe mit ihren Links gehören nicht ins Protokoll."
        return "" if providers_asked(district, today) else "kein Träger hat veröffentlichte Termine."

    def _show(self, district: District, closes_on: Any) -> None:
        for provider, mail in mails_to_come(district, closes_on, timezone.localdate()):
            to = provider.email or "(keine E-Mail-Adresse)"
            self.stdout.write(f"An: {to}\nBetreff: {mail.subject}\n\n{mail.body}\n{'-' * 72}")
        self.stdout.write("Probelauf: nichts gespeichert und nichts verschickt.")

    def _remind(self, district: District, today: Any) -> None:
        running = district.confirmation_rounds.filter(closes_on__gte=today).first()
        if running is None:
            return self.stdout.write(f"{district}: keine Runde läuft.")
        sent = send_all(running, today, only_unanswered=True)
        self.stdout.write(f"{district}: {sent} Erinnerungen verschickt.")
