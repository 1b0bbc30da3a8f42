"""Do budget and conflict rules hold while fifty write at once? Never over, never double, and nobody waits for ever.

Fifty connections on PostgreSQL; a dozen on SQLite, where one writer waits for the other. All are let go by one barrier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.conflict_check import ConflictError, refuse_conflicts
from appointments.models import Slot
from appointments.slot_changes import SlotChangeError
from appointments.status_changes import agree_slot, publish_slot
from budget.ledger import LedgerError, commit, free, pay_part
from budget.models import Budget, CostLine, Plan
from budget.planning import compute
from budget.planning_accept import AcceptError, accept, take_back
from locations.models import Room
from tests import builders
from tests.planning_example import make_plan, make_plannable

pytestmark = [pytest.mark.usefixtures("_two_connections"), pytest.mark.django_db(transaction=True)]
TODAY = date(2026, 3, 2)


@pytest.fixture
def writers() -> int:
    return 50 if connection.vendor == "postgresql" else 12


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Return what each came to, a refusal being its kind; each with a connection of its own, all let go together."""
    start = Barrier(len(works))

    def go(work: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return work()
        except (LedgerError, ConflictError, SlotChangeError, AcceptError) as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as people:
        return list(people.map(go, works))


def test_fifty_bind_what_suffices_for_seven(writers):
    budget = builders.make_budget(builders.make_district(), ansatz_eur=Decimal("749.99"))
    lines = [builders.make_cost_line(budget) for _ in range(writers)]
    bind = [lambda line=line: commit(line=line.pk, amount_eur=Decimal(100), on=date(2026, 6, 15)) for line in lines]
    found = Counter(type(one) if one is not LedgerError else one for one in at_once(bind))
    assert found == {CostLine: 7, LedgerError: writers - 7}
    assert free(Budget.objects.get(), date(2026, 6, 15)) == Decimal("49.99")


def test_binding_anew_binding_less_and_paying_in_parts_never_comes_to_more_than_there_is(writers):
    day = date(2026, 6, 15)
    budget = builders.make_budget(builders.make_district(), ansatz_eur=Decimal(2000))
    old = [builders.make_cost_line(budget, committed_on=day, committed_eur=Decimal(100)) for _ in range(5)]
    new = [builders.make_cost_line(budget) for _ in range(writers - 10)]
    works: list[Callable[[], Any]] = [
        lambda line=line: commit(line=line.pk, amount_eur=Decimal(100), on=day) for line in new
    ]
    works += [lambda line=line: pay_part(line=line.pk, amount_eur=Decimal(40), on=day) for line in old]
    works += [lambda line=line: commit(line=line.pk, amount_eur=Decimal(60), on=day) for line in old]
    at_once(works)
    bound = sum(line.committed_eur or 0 for line in CostLine.objects.all())
    assert bound <= Decimal(2000)
    assert free(Budget.objects.get(), day) == Decimal(2000) - bound
    if writers > 30:  # a dozen want less than there is
        assert bound > Decimal(2000) - 100


def a_slot(counsellor: Any, room: Room | None, number: int) -> Slot:
    """Return a proposal at one and the same time; stored without asking, as it stands before the check."""
    given = {"published_on": None, "agreed_on": None, "room": room, "rule": "FREQ=WEEKLY;BYDAY=TU"}
    house = room.institution if room else builders.make_institution()
    return builders.make_slot(house, counsellors=[counsellor] if counsellor else [], **given)


def propose(slot_of: Callable[[], Slot]) -> Slot:
    """Store a slot and refuse it if it clashes, as every way into the database does."""
    with transaction.atomic():
        slot = slot_of()
        refuse_conflicts(slot, TODAY)
    return slot


@pytest.mark.parametrize("what", ["counsellor", "room"])
def test_of_fifty_who_book_one_counsellor_or_room_at_one_time_exactly_one_gets_it(writers, what):
    offer, house = builders.make_offer(), builders.make_institution()
    counsellor = builders.make_counsellor(offer.provider) if what == "counsellor" else None
    room = Room.objects.create(institution=house, name="Beispielraum") if what == "room" else None

    def book() -> Slot:
        slot = Slot.objects.create(
            offer=offer,
            institution=house,
            room=room,
            rule="FREQ=WEEKLY;BYDAY=TU",
            start_time=time(14),
            end_time=time(16),
            first_day=TODAY,
            proposed_on=TODAY,
        )
        slot.counsellors.set([counsellor] if counsellor else [])
        return slot

    found = Counter(type(one) if isinstance(one, Slot) else one for one in at_once([lambda: propose(book)] * writers))
    assert found == {Slot: 1, ConflictError: writers - 1}
    assert Slot.objects.count() == 1


def test_of_fifty_clashing_proposals_one_is_published_and_each_is_agreed_once(writers):
    """Proposals that clash can only have come from elsewhere; publishing still lets one through."""
    counsellor = builders.make_counsellor()
    slots = [a_slot(counsellor, None, number) for number in range(writers // 2)]
    user = get_user_model().objects.create_superuser("beispiel")
    agreed = at_once([lambda slot=slot: agree_slot(slot=slot, today=TODAY) for slot in slots for _ in range(2)])
    assert Counter(one for one in agreed if one is SlotChangeError) == {SlotChangeError: len(slots)}
    at_once([lambda slot=slot: publish_slot(slot=slot, user=user, today=TODAY) for slot in slots])
    assert Slot.objects.filter(published_on__isnull=False).count() <= 1
    Slot.objects.exclude(pk=slots[0].pk).update(withdrawn_on=TODAY)
    published = at_once([lambda: publish_slot(slot=slots[0], user=user, today=TODAY)] * writers)
    assert sum(one is not SlotChangeError for one in published) == 1


def computed(rows: Any) -> Plan:
    plan = make_plan(rows)
    compute.func(plan.pk, str(plan.attempt))
    plan.refresh_from_db()
    assert plan.state == Plan.State.DONE, plan.failure
    return plan


def test_two_plans_accepted_and_taken_back_by_fifty_at_once_come_in_and_go_once(writers):
    """Both would send the same people to the same houses; whoever comes second is told that the data have changed."""
    today = timezone.localdate()
    rows = make_plannable(today)
    plans = [computed(rows), computed(rows)]
    everybody = [lambda plan=plan: accept(plan=plan, today=today) for plan in plans for _ in range(writers // 2)]
    [(slots, lines)] = [one for one in at_once(everybody) if isinstance(one, tuple)]
    assert (Slot.objects.count(), CostLine.objects.count()) == (slots, lines)
    accepted = Plan.objects.get(accepted_at__isnull=False)
    back = at_once([lambda: take_back(plan=accepted, today=today)] * (writers // 2))
    assert sum(not isinstance(one, type) for one in back) == 1
    assert (Slot.objects.count(), CostLine.objects.count()) == (0, 0)


def test_a_plan_accepted_while_others_bind_the_money_comes_in_whole_or_not_at_all(writers):
    """Money bound a moment before is a change of data: then the plan is refused. The money is never bound twice."""
    today = timezone.localdate()
    rows = make_plannable(today)
    plan = computed(rows)
    bound = [builders.make_cost_line(rows.budget) for _ in range(writers // 2)]
    works: list[Callable[[], Any]] = [lambda: accept(plan=plan, today=today)] * (writers // 2)
    works += [lambda line=line: commit(line=line.pk, amount_eur=Decimal(300), on=today) for line in bound]
    found = at_once(works)
    accepted = [one for one in found if isinstance(one, tuple)]
    assert len(accepted) <= 1
    assert sum(isinstance(one, CostLine) for one in found) == 6  # 2,000 euros
    slots, lines = accepted[0] if accepted else (0, 0)
    assert (Slot.objects.count(), CostLine.objects.count()) == (slots, lines + len(bound))


def test_bulk_changes_and_their_undoing_by_many_at_once_end_with_whole_operations(writers):
    """Each either does all of its slots or none; nobody meets in a circle, which PostgreSQL would break with an error."""
    user = get_user_model().objects.create_superuser("beispiel")
    slots = [a_slot(builders.make_counsellor(), None, number) for number in range(6)]
    Slot.objects.update(agreed_on=TODAY)
    keys = ",".join(str(slot.pk) for slot in slots)
    tomorrow = timezone.localdate() + timedelta(days=1)

    def desk(address: str, **given: str) -> Callable[[], int]:
        def post() -> int:
            client = Client()
            client.force_login(user)
            return client.post(address, given).status_code

        return post

    publish = desk(reverse("admin:appointments_slot_publish"), termine=keys)
    assert publish() == 302
    operation = slots[0].history.latest().operation
    undo = desk(reverse("admin:locations_operation", args=[operation]))
    end = desk(
        reverse("admin:appointments_slot_end"),
        termine=",".join(reversed(keys.split(","))),
        last_day=f"{tomorrow:%d.%m.%Y}",
    )
    found = at_once([undo, end] * (writers // 4))
    assert set(found) <= {200, 302, 403, 404}, found
    states = {(slot.published_on, slot.last_day) for slot in Slot.objects.all()}
    assert len(states) == 1, states
