"""How does an operator load the district of Peine with its example?"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from beratung.peine import files
from beratung.peine.keeper import Keeper
from beratung.peine.load import load_peine
from beratung.peine.story import StoryError
from locations.models import District

BERLIN = ZoneInfo("Europe/Berlin")


class Command(BaseCommand):
    help = "Lädt den Landkreis Peine: echte Gemeinden, Vorlage und Ferien, dazu erfundene Beispieltermine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", metavar="JJJJ-MM-TT", help="Stichtag der Geschichte (Vorgabe: heute)")
        parser.add_argument("--if-empty", action="store_true", help="nichts tun, wenn der Landkreis schon da ist")

    def handle(self, *args: Any, **options: Any) -> None:
        day = read_day(options["day"]) if options["day"] else timezone.localdate(timezone=BERLIN)
        if options["if_empty"] and is_loaded():
            self.stdout.write("Der Landkreis Peine ist schon geladen; nichts geändert.")
            return
        try:
            keeper = load_peine(day=day)
        except StoryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(report(keeper, day)))


def read_day(text: str) -> date:
    """Return the day written as 2026-09-24. CommandError: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--day {text!r} ist kein Tag. Bitte wie 2026-09-24 angeben.") from error


def is_loaded() -> bool:
    """Return whether the district exists."""
    return District.objects.filter(key=files.real("district")["district"]["key"]).exists()


def report(keeper: Keeper, day: date) -> list[str]:
    """Return what was made, in German, a line a kind of row."""
    made = [
        f"  {count:>5} {model._meta.verbose_name_plural if count > 1 else model._meta.verbose_name}"
        for model, count in keeper.made.items()
        if count
    ]
    if not made:
        return ["Alles war schon da; nichts geändert."]
    return [f"Landkreis Peine geladen, Stichtag {day:%d.%m.%Y}. Neu:", *made]
