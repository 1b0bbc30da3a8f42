"""How does an operator ask for the best plan without a browser?"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from appointments.describe import describe
from budget.planner import Answer, PlannedSlot, Progress, ProofStatus, Question, Status
from budget.planning import rest_of_the_year
from budget.planning_asked import Asked, PlanningError
from budget.planning_child import not_installed
from budget.planning_money import budget_for, money_text, remaining_cents
from budget.planning_rows import Prepared, prepare
from locations.models import District
from locations.wording import date_full, number

LARGEST_SUM = 10_000_000


class Command(BaseCommand):
    help = "Berechnet den besten Plan für einen Landkreis und gibt Plan, Kosten und Nachweis aus. Geändert wird nichts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("district", metavar="LANDKREIS", help="Kurzname in Adressen, etwa peine")
        parser.add_argument("--from", dest="first", metavar="JJJJ-MM-TT", help="erster Tag (Vorgabe: in einer Woche)")
        parser.add_argument("--to", dest="last", metavar="JJJJ-MM-TT", help="letzter Tag (Vorgabe: Ende des Ansatzes)")
        parser.add_argument("--euro", metavar="BETRAG", help="so viel Geld (Vorgabe: was vom Ansatz übrig ist)")
        parser.add_argument("--from-scratch", action="store_true", help="als gäbe es noch keinen Termin")

    def handle(self, *args: Any, **options: Any) -> None:
        district = District.objects.filter(slug=options["district"]).first()
        if district is None:
            known = ", ".join(District.objects.values_list("slug", flat=True)) or "keiner"
            raise CommandError(f"Einen Landkreis „{options['district']}“ gibt es nicht. Bekannt: {known}.")
        try:
            prepared = prepare(district, asked_for(district, options))
        except PlanningError as error:
            raise CommandError(str(error)) from error
        answer = self._solved(prepared.question)
        if answer.status is not Status.SOLVED:
            raise CommandError(" ".join(answer.messages) or "Der Rechenkern hat nicht geantwortet.")
        self.stdout.write("\n".join(report(answer, prepared)))

    def _solved(self, question: Question) -> Answer:
        try:
            from budget.planner import solve  # here, because only this command's work needs numpy and highspy
        except ImportError:
            return not_installed()
        return solve(question, self._progress if sys.stderr.isatty() else None)

    def _progress(self, said: Progress) -> None:
        self.stderr.write(said.sentence)


def asked_for(district: District, options: dict[str, Any]) -> Asked:
    """Return the question of the command line. CommandError: a value makes no sense."""
    today = timezone.localdate()
    first, last = rest_of_the_year(district, today)
    first, last = day(options["first"], first), day(options["last"], last)
    budget = budget_for(district, first, last)
    if options["euro"] is None and budget is None:
        raise CommandError("Kein Ansatz umfasst den ganzen Zeitraum. Bitte das Geld mit --euro nennen.")
    left = max(0, remaining_cents(budget, today)) if budget else 0
    asked = Asked(today, first, last, left if options["euro"] is None else cents(options["euro"]))
    return replace(asked, keeps_existing=not options["from_scratch"])


def day(text: str | None, default: date) -> date:
    """Return the day written as 2026-09-24, or the default without one."""
    if text is None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} ist kein Tag. Bitte wie 2026-09-24 angeben.") from error


def cents(text: str) -> int:
    """Return "2500,50" as cents."""
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise CommandError(f"{text!r} ist kein Betrag. Bitte wie 2500,50 angeben.") from error
    if not 0 <= amount <= LARGEST_SUM:
        raise CommandError("Erlaubt ist ein Betrag von 0 bis 10 Millionen Euro.")
    return int(amount * 100)


def report(answer: Answer, prepared: Prepared) -> Iterator[str]:
    """Yield the lines about plan, cost and proof."""
    question = prepared.question
    towns = {row.key: row.name for row in question.municipalities}
    people = {row.key: row.name for row in question.counsellors}
    yield f"{question.district}, {date_full(question.first_day)} bis {date_full(question.last_day)}"
    yield f"Geld: {money_text(question.money)}"
    yield f"Gemeinden mit festem Termin: {answer.covered} von {answer.municipalities}"
    yield f"Kosten des Plans: {money_text(answer.measured)}"
    yield f"Nachweis: {proof_text(answer)}"
    yield ""
    for slot in answer.slots:
        yield from _slot(slot, towns, people, question.names)
    if not answer.slots:
        yield "Der Plan hat keinen neuen Termin."
    for row in answer.uncovered:
        yield f"Ohne Termin: {towns[row.municipality]}. {row.sentence}"
    for point in answer.curve:
        cost = "nicht möglich" if point.cost is None else money_text(point.cost)
        yield f"{point.count:>3} Gemeinde{'' if point.count == 1 else 'n'}: {cost}{'' if point.proven else ' (nicht bewiesen)'}"
    yield from (*answer.messages, *prepared.notes)


def _slot(slot: PlannedSlot, towns: dict[int, str], people: dict[int, str], houses: Any) -> Iterator[str]:
    yield f"{towns[slot.municipality]}: {houses[slot.institution]}, {people[slot.counsellor]}"
    dates = f"{number(len(slot.dates))} Termin{'' if len(slot.dates) == 1 else 'e'}"
    yield f"    {describe(slot.rule, slot.start, slot.end)}, {dates}, {money_text(slot.cost.total.likely)}"
    if slot.reason:
        yield f"    {slot.reason}"


def proof_text(answer: Answer) -> str:
    """Return what is proven, in a word or two."""
    proof = answer.proof
    if proof is None:
        return "keiner"
    if proof.status is not ProofStatus.BOUNDED:
        return "bewiesen"
    if proof.gap is None:
        return "nicht bewiesen"
    return f"nicht bewiesen, höchstens {number(Decimal(str(round(proof.gap * 100, 1))), 1)} % vom Besten entfernt"
