"""May this money be bound, and what has been paid? The writes to a budget, one at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import transaction

from budget.costs import Account, account, rounded
from budget.models import Budget, BudgetAmendment, CostLine
from budget.pricing import without_quantity
from locations.wording import euro_exact

END_OF_TIME = date.max  # whatever was entered, for however late a day, takes its part of the money


class LedgerError(ValueError):
    """The entry was refused and nothing was written; str(error) is the German sentence for the person who made it."""


@transaction.atomic
def commit(*, line: int, amount_eur: Decimal, on: date) -> CostLine:
    """Bind the amount for the line from the day on, and return the line. LedgerError: it was refused."""
    row = _locked(line)
    if row.paid_on is not None:
        raise LedgerError("Die Position ist schon bezahlt; sie wird nicht mehr gebunden.")
    if on < row.planned_on:
        raise LedgerError("Die Position kann nicht gebunden sein, bevor sie geplant ist.")
    if reason := refusal(budget=row.budget_id, amount_eur=amount_eur, on=on, line=row.pk):
        raise LedgerError(reason)
    row.committed_on, row.committed_eur = on, rounded(amount_eur)
    row.save()
    return row


@transaction.atomic
def pay(*, line: int, amount_eur: Decimal, on: date, voucher: str = "") -> Decimal:
    """Record what was really paid, and return by how much the budget is exceeded now (überplanmäßig), 0 where it is not.

    Want of money never refuses a payment. LedgerError: its day or amount cannot be.
    """
    row = _locked(line)
    if amount_eur < 0:
        raise LedgerError("Ein Betrag ist nicht negativ.")
    if on < max(row.planned_on, row.committed_on or row.planned_on):
        raise LedgerError("Die Position kann nicht bezahlt sein, bevor sie geplant oder gebunden ist.")
    row.paid_on, row.paid_eur, row.voucher = on, rounded(amount_eur), voucher or row.voucher
    row.save()
    return excess(row.budget, on)


def why_no_part(row: CostLine, amount_eur: Decimal, on: date) -> str:
    """Return why the amount cannot be a part payment of the line on the day, "" where it can."""
    if row.committed_on is None or row.committed_eur is None:
        return "Nur eine gebundene Position wird in Teilen bezahlt. Bitte erst binden."
    if row.paid_on is not None:
        return "Die Position ist schon bezahlt."
    if on < row.committed_on:
        return "Die Teilzahlung kann nicht vor der Bindung liegen."
    if not 0 < rounded(amount_eur) < row.committed_eur:
        return f"Ein Teil liegt zwischen 0 € und {euro_exact(row.committed_eur)}; den ganzen Betrag bitte als Zahlung eintragen."
    return ""


@transaction.atomic
def pay_part(*, line: int, amount_eur: Decimal, on: date, voucher: str = "") -> CostLine:
    """Split what was paid from the line, and return the new, paid line; the rest stays bound. LedgerError: no part.

    On every day the two come to what the one came to: the rest keeps the plan, the paid part was planned at nothing.
    """
    row = _locked(line)
    if reason := why_no_part(row, amount_eur, on):
        raise LedgerError(reason)
    amount = rounded(amount_eur)
    names = ("budget", "kind", "slot", "institution", "first_day", "last_day", "planned_on", "committed_on")
    part = CostLine.objects.create(
        **{name: getattr(row, name) for name in names},
        description=f"{row.description[:180]} (Teilzahlung)",
        unit_likely_eur=Decimal(0),
        committed_eur=amount,
        paid_on=on,
        paid_eur=amount,
        voucher=voucher,
    )
    row.committed_eur -= amount
    row.save()
    return part


def excess(budget: Budget, on: date) -> Decimal:
    """Return by how much what is bound or paid exceeds the money granted by the day, 0 where it does not."""
    return max(Decimal(0), -free(budget, on))


def free(budget: Budget, on: date) -> Decimal:
    """Return what is granted by the day and neither bound nor paid; negative where it is exceeded."""
    return _account(budget, on).left


def refusal(*, budget: int, amount_eur: Decimal, on: date, line: int | None = None) -> str:
    """Return why the amount cannot be bound on the day, "" where it can. `line` is the position it replaces, if any.

    Must run in the transaction that writes: the budget stays locked until its end, so that two people cannot both
    take the last of the money. What is bound already may always become less.
    """
    row = lock(budget)
    amount = rounded(amount_eur)
    if amount < 0:
        return "Ein Betrag ist nicht negativ."
    bound = CostLine.objects.filter(pk=line, budget=budget).values_list("committed_eur", flat=True).first()
    free = _account(row, on, without=line).left
    if amount <= max(free, bound or Decimal(0)):
        return ""
    return (
        f"{euro_exact(amount)} können nicht gebunden werden: In „{row.name}“ sind mit Nachträgen "
        f"noch {euro_exact(max(free, Decimal(0)))} frei. Mehr geht erst mit einem Nachtrag."
    )


def lock(budget: int) -> Budget:
    """Return the budget, locked until the end of the transaction.

    PostgreSQL locks the row; on SQLite the transaction itself has begun IMMEDIATE (see settings) and locks everything.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A budget is locked in a transaction only.")
    return Budget.objects.select_for_update(of=("self",)).get(pk=budget)


def _locked(line: int) -> CostLine:
    """Return the line with its budget locked; read after the lock, so that it is what the other writer left."""
    lock(CostLine.objects.values_list("budget", flat=True).get(pk=line))
    return CostLine.objects.select_related("budget").get(pk=line)


def _account(budget: Budget, on: date, *, without: int | None = None) -> Account:
    """Return everything bound or paid against the money that had been granted by the day."""
    lines = [without_quantity(row, on) for row in budget.lines.all() if row.pk != without]
    return account(lines, budget.ansatz_eur + granted(list(budget.amendments.all()), on), END_OF_TIME)


def granted(amendments: Collection[BudgetAmendment], on: date) -> Decimal:
    """Return what amendments add by the day; a cut decided later counts already, a rise does not."""
    by_then = sum((row.amount_eur for row in amendments if row.decided_on <= on), Decimal(0))
    ever = sum((row.amount_eur for row in amendments), Decimal(0))
    return min(by_then, ever)
