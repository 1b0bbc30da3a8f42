"""Which tag gives the start page of the administration its tasks and its figures of today?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse

from appointments.coverage import Coverage
from appointments.models import Provider, only_proposes, providers_of
from appointments.slot_tasks import clashes_in_words
from beratung.access import INTERNAL_FIGURES
from beratung.desk import Desk, desk_of
from beratung.desk_filters import losing_keys, overdrawn, uncovered_keys
from beratung.desk_money import Purse
from beratung.desk_tasks import Task, tasks
from beratung.imports import kinds_for
from budget.costs import Stage
from locations.models import District
from locations.wording import euro

register = template.Library()

NUMBERS = ("Keine", "Eine", "Zwei", "Drei", "Vier", "Fünf", "Sechs", "Sieben", "Acht", "Neun", "Zehn", "Elf", "Zwölf")
# What staff enters most often: model, permission, and what it is called beside the plus.
NEW = (
    ("appointments", "slot", "Fester Termin"),
    ("locations", "closure", "Schließzeit"),
    ("budget", "costline", "Kostenposition"),
)

# What a list finds only with the rows of whole districts, and who looks at it.
FOUND_FOR_LISTS = (
    ("appointments.slot", clashes_in_words),
    ("locations.municipality", uncovered_keys),
    ("locations.municipality", losing_keys),
    ("budget.costline", overdrawn),
)


@dataclass(frozen=True)
class Today:
    """How far a district is today; `coverage` None: no target is in force, `money` "": nothing to tell."""

    district: District
    coverage: Coverage | None
    money: str


@dataclass(frozen=True)
class StartPage:
    """The page as values."""

    day: date
    tasks: tuple[Task, ...]
    figures: tuple[Today, ...]
    new: tuple[tuple[str, str], ...]
    tools: tuple[tuple[str, str], ...] = ()
    providers: tuple[Provider, ...] = ()

    @property
    def count(self) -> int:
        """Return how many tasks are open."""
        return sum(task.is_open for task in self.tasks)

    @property
    def example(self) -> District | None:
        """Return a district whose data are invented, where there is one."""
        return next((today.district for today in self.figures if today.district.is_example), None)

    @property
    def headline(self) -> str:
        """Return the answer of the page."""
        if self.providers:
            return "Ihre Termine und Vorschläge"
        if not self.tasks:
            return "Hier gibt es für dieses Konto nichts zu tun"
        if not self.count:
            return "Heute ist nichts zu tun"
        word = NUMBERS[self.count] if self.count < len(NUMBERS) else str(self.count)
        return f"{word} {'Aufgabe ist' if self.count == 1 else 'Aufgaben sind'} offen"


@register.simple_tag(takes_context=True)
def start_page(context: Context) -> StartPage:
    """Return what the start page shows to the account."""
    request = context["request"]
    # Two blocks of the template ask.
    if not hasattr(request, "start_page"):
        desk = desk_of(request)
        _keep_for_the_lists(desk)
        request.start_page = StartPage(
            day=desk.today,
            tasks=tuple(tasks(desk)),
            figures=tuple(_today(desk, district) for district in desk.districts),
            new=tuple(_new(desk)),
            tools=tuple(_tools(desk)),
            providers=tuple(providers_of(desk.request.user)) if only_proposes(desk.request.user) else (),
        )
    return request.start_page


def _keep_for_the_lists(desk: Desk) -> None:
    """Let the lists the lines lead to find what is reckoned here anyway."""
    if only_proposes(desk.request.user):
        return
    for permission, find in FOUND_FOR_LISTS:
        if desk.may_see(permission):
            find(desk.request)


def _today(desk: Desk, district: District) -> Today:
    sees_money = desk.request.user.has_perm(INTERNAL_FIGURES)
    running = [one for one in desk.purses if one.budget.district_id == district.pk] if sees_money else []
    current = [one for one in running if one.budget.first_day <= desk.today]
    return Today(district, desk.coverage(district.pk), _money(current[0]) if current else "")


def _money(purse: Purse) -> str:
    sums = purse.account
    return (
        f"{euro(sums.total().likely)} von {euro(sums.available)} verplant, davon "
        f"{euro(sums.total(stage=Stage.PAID).likely)} bezahlt"
    )


def _new(desk: Desk) -> Any:
    for room, model, label in NEW:
        if desk.request.user.has_perm(f"{room}.add_{model}"):
            try:
                yield reverse(f"admin:{room}_{model}_add"), label
            except NoReverseMatch:
                continue


def _tools(desk: Desk) -> Iterator[tuple[str, str]]:
    """Yield the pages beside the lists that the account may open, whether or not something is to be done there."""
    user = desk.request.user
    if kinds_for(user):
        yield reverse("imports"), "Tabellen importieren"
    if desk.may_see("auth.user"):
        yield reverse("admin:auth_user_changelist"), "Konten"
    if user.is_superuser:
        yield reverse("archive"), "Archiv der ganzen Datenbank"
