"""How does a plan become proposed appointments and planned costs, and how is that taken back?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from appointments.conflict_check import ConflictError, lock_those_involved, refuse_conflicts
from appointments.models import Offer, Slot
from budget.ledger import lock
from budget.models import Budget, CostLine, Plan, PlanItem
from budget.planning_asked import Asked
from budget.planning_facts import changes
from budget.planning_money import budget_for
from budget.planning_rows import prepare
from locations.models.history import operation
from locations.wording import date_full

SLOT_FIELDS = [
    "offer_id",
    "institution_id",
    "room_id",
    "rule",
    "anchor_day",
    "start_time",
    "end_time",
    "first_day",
    "last_day",
    "school_holiday_policy",
    "proposed_on",
    "agreed_on",
    "published_on",
    "withdrawn_on",
    "note",
]
LINE_FIELDS = [
    "budget_id",
    "kind",
    "description",
    "basis",
    "quantity",
    "unit_low_eur",
    "unit_likely_eur",
    "unit_high_eur",
    "slot_id",
    "institution_id",
    "first_day",
    "last_day",
    "planned_on",
    "committed_on",
    "paid_on",
    "voucher",
]


class AcceptError(ValueError):
    """The plan cannot be accepted or taken back; nothing was written. The message is made of German sentences."""


class ChangedError(AcceptError):
    """The data have changed since the plan was computed; `changes` says what."""

    def __init__(self, changed: list[str]) -> None:
        super().__init__("Seit der Berechnung haben sich Daten geändert. Bitte neu berechnen.")
        self.changes = changed


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back, and what stays because somebody changed it since."""

    slots: int
    lines: int
    kept: tuple[str, ...]


@transaction.atomic
def accept(*, plan: Plan, today: date, user: Any = None, with_more: bool = False) -> tuple[int, int]:
    """Turn the plan into proposed slots and planned lines; return how many of each. AcceptError: nothing was written.

    `with_more` takes the dates of the extra sum too.
    """
    plan = Plan.objects.select_for_update(of=("self",)).select_related("district").get(pk=plan.pk)
    asked = _refuse_what_cannot_be(plan, today)
    rows = planned_rows(plan, with_more=with_more)
    budget = budget_for(plan.district, asked.first_day, asked.last_day)
    if budget is None:
        raise AcceptError("Kein Ansatz umfasst den ganzen Zeitraum. Bitte erst einen Ansatz anlegen.")
    lock(budget.pk)
    lock_those_involved(counsellors={row["counsellor"] for row in rows}, rooms=[])
    if changed := changes(plan.fingerprint, prepare(plan.district, asked).fingerprint):
        raise ChangedError(changed)
    with operation(f"Plan „{plan.name}“ übernommen"):
        slots = [_make_slot(plan, row, asked, today) for row in rows]
        lines = [line for slot, row in zip(slots, rows, strict=True) for line in _lines(plan, slot, row, budget, today)]
        for line in lines:
            line.save()
    _remember(plan, slots, lines)
    plan.accepted_at, plan.accepted_by = timezone.now(), user if user is not None and user.pk else None
    plan.save(update_fields=["accepted_at", "accepted_by"])
    return len(slots), len(lines)


def planned_rows(plan: Plan, *, with_more: bool = False) -> list[dict[str, Any]]:
    """Return the slots the answer proposes, those for the extra sum too where asked for."""
    answer = plan.answer or {}
    more = (answer.get("need") or {}).get("slots", []) if with_more else []
    return [*answer.get("slots", []), *more]


def _refuse_what_cannot_be(plan: Plan, today: date) -> Asked:
    if plan.accepted_at is not None:
        raise AcceptError("Der Plan ist schon übernommen.")
    if plan.state != Plan.State.DONE:
        raise AcceptError("Der Plan ist noch nicht berechnet.")
    asked = Asked.read(plan.question)
    if not asked.keeps_existing:
        raise AcceptError("Der Plan rechnet ohne die bestehenden Termine. Er ist zum Vergleichen da.")
    if asked.first_day < today:
        raise AcceptError(
            f"Der Plan beginnt am {date_full(asked.first_day)}, und der ist vorbei. Bitte mit einem späteren Tag neu fragen."
        )
    return asked


def _make_slot(plan: Plan, row: dict[str, Any], asked: Asked, today: date) -> Slot:
    """Return the new slot, proposed today. AcceptError: it clashes with another one."""
    anchor = row["rule"]["anchor"]
    slot = Slot.objects.create(
        offer=Offer.objects.get(pk=plan.answer["offers"][str(row["counsellor"])]),
        institution_id=row["institution"],
        rule=row["rule"]["text"],
        anchor_day=date.fromisoformat(anchor) if anchor else None,
        start_time=time.fromisoformat(row["start"]),
        end_time=time.fromisoformat(row["end"]),
        first_day=asked.first_day,
        last_day=asked.last_day,
        proposed_on=today,
    )
    slot.counsellors.set([row["counsellor"]])
    try:
        refuse_conflicts(slot, today)
    except ConflictError as error:
        raise AcceptError(f"{error} Bitte neu berechnen.") from error
    return slot


def _lines(plan: Plan, slot: Slot, row: dict[str, Any], budget: Budget, today: date) -> Iterator[CostLine]:
    """Yield the lines of one slot: what they come to is computed from its dates, as everywhere."""
    house = plan.answer["house_names"][str(row["institution"])]
    terms = plan.answer["terms"][str(row["institution"])]
    common = {"budget": budget, "planned_on": today}
    period = {"first_day": slot.first_day, "last_day": slot.last_day}
    for price in plan.answer["prices"]:
        yield CostLine(
            **common,
            kind=CostLine.Kind.TRAVEL,
            basis=CostLine.Basis.PER_KM,
            description=f"Fahrten: {slot.offer}, {house}"[:200],
            slot=slot,
            first_day=date.fromisoformat(price["first_day"]),
            last_day=date.fromisoformat(price["last_day"]),
            **_unit({name: Decimal(amount) for name, amount in price["eur_per_km"].items()}),
        )
    if row["cost"]["rent"]["high"]:
        monthly = terms["rent_per_month"]["high"] > 0
        yield CostLine(
            **common,
            **period,
            kind=CostLine.Kind.RENT,
            basis=CostLine.Basis.PER_MONTH if monthly else CostLine.Basis.PER_DATE,
            description=f"Miete: {house}"[:200],
            slot=slot,
            institution_id=row["institution"],
            **_unit(_euros(terms["rent_per_month" if monthly else "rent_per_date"])),
        )
    if row["cost"]["equipment"]["high"]:
        yield CostLine(
            **common,
            **period,
            kind=CostLine.Kind.EQUIPMENT,
            basis=CostLine.Basis.ONE_OFF,
            description=f"Ausstattung: {house}"[:200],
            slot=slot,
            institution_id=row["institution"],
            **_unit(_euros(terms["equipment"])),
        )


def _euros(cents: dict[str, int]) -> dict[str, Decimal]:
    return {name: Decimal(amount) / 100 for name, amount in cents.items()}


def _unit(prices: dict[str, Decimal]) -> dict[str, Decimal]:
    return {f"unit_{name}_eur": prices[name] for name in ("low", "likely", "high")}


def _remember(plan: Plan, slots: Iterable[Slot], lines: Iterable[CostLine]) -> None:
    """Keep what was made and what it said, as the database returns it."""
    for slot in Slot.objects.filter(pk__in=[slot.pk for slot in slots]):
        PlanItem.objects.create(plan=plan, slot=slot, content=slot_content(slot))
    for line in CostLine.objects.filter(pk__in=[line.pk for line in lines]):
        PlanItem.objects.create(plan=plan, line=line, content=line_content(line))


def slot_content(slot: Slot) -> dict[str, Any]:
    """Return what the slot says, and whether anything hangs on it."""
    content = {name: _text(getattr(slot, name)) for name in SLOT_FIELDS}
    content["counsellors"] = sorted(slot.counsellors.values_list("pk", flat=True))
    content["hanging"] = [
        slot.exceptions.count(),
        slot.confirmations.count(),
        slot.attendances.count(),
        slot.mistake_reports.count(),
    ]
    return content


def line_content(line: CostLine) -> dict[str, Any]:
    """Return what the line says."""
    return {name: _text(getattr(line, name)) for name in LINE_FIELDS}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


@transaction.atomic
def take_back(*, plan: Plan, today: date) -> TakenBack:
    """Take back what accepting made and nobody has touched since. AcceptError: it is not accepted."""
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if plan.accepted_at is None:
        raise AcceptError("Der Plan ist nicht übernommen.")
    items = list(plan.items.select_related("slot__offer", "slot__institution", "line"))
    _lock_all(items)
    with operation(f"Plan „{plan.name}“ zurückgenommen"):
        lines, kept_lines = _take_lines(item for item in items if item.line)
        slots, kept_slots = _take_slots((item for item in items if item.slot), today)
    plan.items.all().delete()
    plan.accepted_at = plan.accepted_by = None
    plan.save(update_fields=["accepted_at", "accepted_by"])
    return TakenBack(slots, lines, (*kept_slots, *kept_lines))


def _lock_all(items: Iterable[PlanItem]) -> None:
    """Let nobody change what is about to be taken back, in the order every writer keeps."""
    items = list(items)
    for budget in sorted({item.line.budget_id for item in items if item.line}):
        lock(budget)
    slots = sorted(item.slot_id for item in items if item.slot)
    booked = Slot.counsellors.through.objects.filter(slot__in=slots).values_list("counsellor", flat=True)
    lock_those_involved(counsellors=booked, rooms=[item.slot.room_id for item in items if item.slot])
    list(Slot.objects.select_for_update(of=("self",)).filter(pk__in=slots).order_by("pk").values_list("pk"))


def _take_lines(items: Iterable[PlanItem]) -> tuple[int, list[str]]:
    taken, kept = 0, []
    for item in items:
        line = CostLine.objects.get(pk=item.line_id)
        if line_content(line) == item.content:
            line.delete()
            taken += 1
        else:
            kept.append(f"Kostenposition „{line}“")
    return taken, kept


def _take_slots(items: Iterable[PlanItem], today: date) -> tuple[int, list[str]]:
    """Remove slots proposed today and withdraw older ones: what was proposed for days is not forgotten."""
    taken, kept = 0, []
    for item in items:
        slot = Slot.objects.get(pk=item.slot_id)
        if slot_content(slot) != item.content or CostLine.objects.filter(slot=slot).exists():
            kept.append(f"Termin „{slot}“")
            continue
        if slot.proposed_on == today:
            slot.delete()
        else:
            slot.withdrawn_on = today
            slot.save()
        taken += 1
    return taken, kept
