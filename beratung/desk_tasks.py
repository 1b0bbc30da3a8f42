"""What is to be done, in which order, and in which list? One function a task; a new task is a function in TASKS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.http import urlencode

from appointments.conflicts import ConflictKind
from appointments.models import SlotProposal, only_proposes
from appointments.slot_tasks import CLASHING, OVERDUE, UNCONFIRMED
from beratung.coverage_table import STATE_WORDS
from beratung.desk import Desk, Uncovered
from beratung.desk_filters import LOSING, OVERDRAWN, UNCOVERED
from beratung.imports import kinds_for
from beratung.imports_views import TO_MEND, runs_of
from locations.wording import date_full, listed, number

NAMED = 3  # municipalities or budgets that are named; the others are in the list


class Light(IntEnum):
    """How urgent a task is, the most urgent first."""

    RED = 0
    YELLOW = 1
    GREEN = 2

    @property
    def word(self) -> str:
        return ("dringend", "bald", "erledigt")[self]


@dataclass(frozen=True)
class Task:
    """A line of the start page. A task with nothing to do is green, whatever its light would be."""

    count: int
    title: str
    detail: str
    url: str
    link: str
    light: Light = Light.YELLOW

    @property
    def is_open(self) -> bool:
        return self.count > 0

    @property
    def shown_light(self) -> Light:
        return self.light if self.is_open else Light.GREEN


def uncovered(desk: Desk) -> Task | None:
    if not (desk.may_see("locations.municipality") and desk.targets):
        return None
    found = desk.uncovered
    return Task(
        count=len(found),
        title="Gemeinde ohne Abdeckung" if len(found) == 1 else "Gemeinden ohne Abdeckung",
        detail=_named([f"{one.municipality.name} ({STATE_WORDS[one.state]})" for one in found])
        or "Überall gibt es heute einen festen Termin, der zählt.",
        url=_list("locations_municipality", aufgabe=UNCOVERED),
        link=f"{_count(found, 'Gemeinde', 'Gemeinden')} ansehen",
        light=Light.RED,
    )


def losing(desk: Desk) -> Task | None:
    if not (desk.may_see("locations.municipality") and desk.targets):
        return None
    found = desk.losing
    last = max(one.last_day for one in desk.timelines.values())
    return Task(
        count=len(found),
        title="Gemeinden, die in 90 Tagen herausfallen",
        detail=_named([_loss(one) for one in found]) or f"Geprüft bis {date_full(last)}.",
        url=_list("locations_municipality", aufgabe=LOSING),
        link=f"{_count(found, 'Gemeinde', 'Gemeinden')} ansehen",
    )


def _loss(one: Uncovered) -> str:
    return f"{one.municipality.name} ab {date_full(one.on)}"


def clashes(desk: Desk) -> Task | None:
    if not desk.may_see("appointments.slot"):
        return None
    kinds = {clash.pair: clash.conflict.kind for clash in reversed(desk.whole.clashes)}
    first = desk.whole.clashes[0].conflict.day if kinds else None
    return Task(
        count=len(kinds),
        title="Konflikt" if len(kinds) == 1 else "Konflikte",
        detail=f"{_kinds(Counter(kinds.values()))}; der nächste am {date_full(first)}"
        if first
        else "Keine Fachkraft und kein Raum ist doppelt vergeben, für jede Fahrt reicht die Zeit.",
        url=_list("appointments_slot", aufgabe=CLASHING),
        link=f"{_count(kinds, 'Konflikt', 'Konflikte')} lösen",
        light=Light.RED,
    )


KINDS = {
    ConflictKind.COUNSELLOR: ("Fachkraft doppelt gebucht", "Fachkräfte doppelt gebucht"),
    ConflictKind.ROOM: ("Raum doppelt belegt", "Räume doppelt belegt"),
    ConflictKind.TRAVEL: ("Fahrt zu lang", "Fahrten zu lang"),
}


def _kinds(found: Counter[ConflictKind]) -> str:
    return listed([f"{number(found[kind])}-mal {words[0]}" for kind, words in KINDS.items() if found[kind]])


def overdue(desk: Desk) -> Task | None:
    if not desk.may_see("appointments.slot"):
        return None
    found = desk.counts["overdue"]
    return Task(
        count=found,
        title="Vereinbarte Termine, deren Beginn vorbei ist",
        detail=f"Familien sehen sie noch nicht. Ältester Beginn: {date_full(desk.counts['oldest'])}"
        if found
        else "Was vereinbart ist und läuft, ist veröffentlicht.",
        url=_list("appointments_slot", aufgabe=OVERDUE),
        link=f"{_count(found, 'Termin', 'Termine')} veröffentlichen",
        light=Light.RED,
    )


def unconfirmed(desk: Desk) -> Task | None:
    if not desk.may_see("appointments.slot"):
        return None
    found = desk.counts["unconfirmed"]
    return Task(
        count=found,
        title="Termine seit 6 Monaten unbestätigt",
        detail=f"Bei {desk.counts['providers']} Trägern" if found else "Alle sind im letzten halben Jahr bestätigt.",
        url=_list("appointments_slot", aufgabe=UNCONFIRMED),
        link=f"{_count(found, 'Termin', 'Termine')} ansehen",
    )


def reports(desk: Desk) -> Task | None:
    if not desk.may_see("appointments.mistakereport"):
        return None
    found = desk.counts["open_reports"] or 0
    return Task(
        count=found,
        title="Gemeldeter Fehler" if found == 1 else "Gemeldete Fehler",
        detail=f"Der älteste ist vom {date_full(desk.counts['first_report'])}." if found else "Alle sind erledigt.",
        url=_list("appointments_mistakereport", stand="offen"),
        link=f"{_count(found, 'Meldung', 'Meldungen')} lesen",
        light=Light.RED,
    )


def money(desk: Desk) -> Task | None:
    if not desk.may_see("budget.costline"):
        return None
    found = [one for one in desk.purses if one.warning]
    return Task(
        count=len(found),
        title="Warnung zum Geld" if len(found) == 1 else "Warnungen zum Geld",
        detail=_named([f"{one.budget.name}: {one.warning}" for one in found])
        or "Das Geld der laufenden Ansätze reicht.",
        url=_list("budget_budget" if desk.may_see("budget.budget") else "budget_costline", aufgabe=OVERDRAWN),
        link=f"{_count(found, 'Haushalt', 'Haushalte')} ansehen",
        light=Light.RED if any(one.is_overspent for one in found) else Light.YELLOW,
    )


def holidays(desk: Desk) -> Task | None:
    if not (desk.may_see("locations.schoolholiday") and desk.districts):
        return None
    found = desk.years_without_holidays
    state, year = found[0] if found else ("", "")
    return Task(
        count=len(found),
        title="Schulferien fehlen",
        detail=_named([f"{year} ({state})" for state, year in found])
        or "Für alle Jahre eingetragen, in die Termine reichen.",
        url=_list("locations_schoolholiday", federal_state=state, jahr=year),
        link="Ferien nachtragen",
    )


def proposals(desk: Desk) -> Task | None:
    if not desk.may_see("appointments.slotproposal"):
        return None
    waiting = SlotProposal.objects.filter(letter__round__district__in=desk.districts, resolved_on__isnull=True)
    found = waiting.aggregate(count=Count("pk"), oldest=Min("proposed_on"))
    return Task(
        count=found["count"],
        title="Rückmeldung eines Trägers" if found["count"] == 1 else "Rückmeldungen von Trägern",
        detail=f"Die älteste ist vom {date_full(found['oldest'])}." if found["count"] else "Alle sind bearbeitet.",
        url=_list("appointments_slotproposal", stand="offen"),
        link=f"{_count(found['count'], 'Rückmeldung', 'Rückmeldungen')} bearbeiten",
    )


def imports(desk: Desk) -> Task | None:
    if not kinds_for(desk.request.user):
        return None
    found = list(runs_of(desk.request.user).to_mend())
    rows = sum(run.rejected for run in found)
    return Task(
        count=len(found),
        title="Importe mit abgelehnten Zeilen",
        detail=f"{_named([run.file_name for run in found])}: {_count(rows, 'Zeile', 'Zeilen')} zum Nachbessern"
        if found
        else "Keine Zeile wartet auf eine Berichtigung.",
        url=f"{reverse('imports')}?{urlencode({'aufgabe': TO_MEND})}",
        link=f"{_count(found, 'Import', 'Importe')} ansehen",
    )


# Who adds a task writes a function like these and names it here: Desk in, Task out, None where the account has no
# business with it. It limits itself to `desk.districts` and links to a list that is already filtered.
TASKS: tuple[Callable[[Desk], Task | None], ...] = (
    uncovered,
    clashes,
    overdue,
    reports,
    proposals,
    money,
    imports,
    losing,
    unconfirmed,
    holidays,
)


def tasks(desk: Desk) -> list[Task]:
    """Return the lines of the start page, the most urgent first; what is done comes last."""
    if only_proposes(desk.request.user):
        return []
    found = [task for make in TASKS if (task := make(desk)) is not None]
    return sorted(found, key=lambda task: task.shown_light)


def _list(model: str, **query: Any) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def _count(found: Any, one: str, many: str) -> str:
    count = found if isinstance(found, int) else len(found)
    return f"{number(count)} {one if count == 1 else many}"


def _named(names: list[str]) -> str:
    more = len(names) - NAMED
    return listed([*names[:NAMED], f"{more} weitere"] if more > 0 else names) if names else ""
