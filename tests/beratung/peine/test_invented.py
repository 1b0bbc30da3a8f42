"""Is what is invented visibly so, free of conflicts, and rich enough to show every case?"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.apps import apps

from appointments.models import Attendance, Slot, SlotException
from appointments.occurrences import State, horizon, unused_changes
from appointments.schedule import Timetable
from budget.models import Budget, BudgetAmendment, CostLine, Pilot
from budget.travel import road_km
from locations.geo import Point, distance_km
from locations.models import Closure, District, Institution, Municipality
from tests.beratung.peine.example import DAY, rows_of_all_models

SPEED_KM_PER_HOUR = 50


@pytest.mark.django_db
def test_every_row_is_valid(peine: District) -> None:
    for model in rows_of_all_models():
        for row in model._default_manager.all():
            row.full_clean()


@pytest.mark.django_db
def test_whoever_and_whatever_is_invented_says_so(peine: District) -> None:
    assert peine.is_example
    names = [
        name
        for model, field in (
            (Institution, "name"),
            *(
                (apps.get_model("appointments", model), field)
                for model, field in (("Provider", "name"), ("Counsellor", "label"))
            ),
            (apps.get_model("locations", "ServicePoint"), "name"),
        )
        for name in model._default_manager.values_list(field, flat=True)
    ]
    assert [name for name in names if not name.startswith("Beispiel-")] == []


@pytest.mark.django_db
def test_phone_numbers_and_mails_of_the_example_reach_nobody(peine: District) -> None:
    for model in rows_of_all_models():
        fields = {field.name for field in model._meta.fields}
        if model._meta.model_name == "helpline":
            continue
        for name, pattern in (
            ("phone", r"(030 23125 \d{3})?"),
            ("email", r"(.+@example\.org)?"),
            ("website", r"(https://example\.org/.*)?"),
        ):
            if name in fields:
                for value in model._default_manager.values_list(name, flat=True):
                    assert re.fullmatch(pattern, value), (model, value)


@pytest.mark.django_db
def test_the_houses_show_every_kind_of_fact(peine: District) -> None:
    houses = Institution.objects.all()
    assert len(houses) == 46
    assert {row.kind for row in houses} == set(Institution.Kind.values)
    for fact in ("step_free", "lift", "accessible_toilet", "parking"):
        assert {getattr(row, fact) for row in houses} == {True, False, None}
    assert [row.slug for row in houses if not row.address_is_public] == ["beispiel-frauenberatung"]
    assert [row.slug for row in houses if row.point is None] == ["beispiel-clauen-grundschule"]
    assert {row.municipality.ags for row in houses} == set(Municipality.objects.values_list("ags", flat=True))


@pytest.mark.django_db
def test_a_house_lies_within_three_kilometres_of_its_locality(peine: District) -> None:
    for house in Institution.objects.select_related("locality", "municipality__successor"):
        if house.locality is None:
            continue
        home = house.municipality.successor or house.municipality
        assert house.locality.municipality == home
        if house.point and house.locality.point:
            assert distance_km(house.point, house.locality.point) < 3, house


@pytest.mark.django_db
def test_slots_come_in_every_rhythm(peine: District) -> None:
    rules = set(Slot.objects.values_list("rule", flat=True))
    for wanted in ("INTERVAL=2", "BYDAY=1TU,3TU", "BYDAY=-1FR", "BYDAY=MO,WE", "RDATE"):
        assert any(wanted in rule for rule in rules), wanted
    assert set(SlotException.objects.values_list("kind", flat=True)) == set(SlotException.Kind.values)


@dataclass(frozen=True)
class Visit:
    """Where a counsellor or room is busy."""

    slot: int
    start: datetime
    end: datetime
    point: Point


def timetable(peine: District) -> tuple[list[Slot], Timetable]:
    slots = list(Slot.objects.with_dates().prefetch_related("counsellors"))
    return slots, Timetable.of_districts([peine], date(2014, 1, 1), horizon(DAY))


def visits(peine: District) -> dict[str, list[Visit]]:
    """Return who is where: every date that takes place from 2014 to the horizon, by counsellor and by room."""
    slots, times = timetable(peine)
    places = {row.pk: row for row in Institution.objects.select_related("municipality")}
    busy: dict[str, list[Visit]] = defaultdict(list)
    for slot in slots:
        who = [f"Fachkraft {counsellor}" for counsellor in slot.counsellors.all()]
        for held in times.dates(slot).held:
            place = places[held.place or slot.institution_id]
            visit = Visit(
                slot.pk,
                datetime.combine(held.day, held.start),
                datetime.combine(held.day, held.end),
                place.point or place.municipality.point,
            )
            for name in [*who, *([f"Raum {slot.room_id}"] if slot.room_id and not held.place else [])]:
                busy[name].append(visit)
    return busy


@pytest.mark.django_db
def test_nobody_is_in_two_places_at_once_and_everybody_can_drive_from_one_to_the_next(peine: District) -> None:
    busy = visits(peine)
    assert sum(map(len, busy.values())) > 5000
    for name, booked in busy.items():
        booked.sort(key=lambda visit: visit.start)
        for earlier, later in pairwise(booked):
            way = timedelta(hours=road_km(earlier.point, later.point) / SPEED_KM_PER_HOUR)
            assert earlier.end + way <= later.start, (name, earlier, later)


@pytest.mark.django_db
def test_every_exception_says_something_about_a_real_date(peine: District) -> None:
    slots, times = timetable(peine)
    for slot in slots:
        assert unused_changes(times.series(slot), times.first, times.last) == []


@pytest.mark.django_db
def test_around_the_day_a_date_is_cancelled_moved_added_and_held_in_the_holidays(peine: District) -> None:
    slots, times = timetable(peine)
    seen = {
        occurrence.state
        for slot in slots
        for occurrence in times.dates(slot).all
        if timedelta(0) < occurrence.day - DAY < timedelta(days=75)
    }
    assert seen == set(State)


@pytest.mark.django_db
def test_closures_hold_for_all_houses_once_and_for_single_ones(peine: District) -> None:
    assert [row.first_day for row in Closure.objects.filter(institution=None)] == [date(2020, 3, 16)]
    assert Closure.objects.filter(institution__isnull=False, first_day__gt=DAY).count() == 2


@pytest.mark.django_db
def test_conversations_are_counted_only_on_dates_that_took_place_before_the_day(peine: District) -> None:
    slots, times = timetable(peine)
    held = {(slot.pk, occurrence.day) for slot in slots for occurrence in times.dates(slot).held}
    counted = list(Attendance.objects.values_list("slot", "day", "conversations"))
    assert len(counted) > 1000
    assert all((slot, day) in held and day < DAY for slot, day, _ in counted)
    assert {conversations for _, _, conversations in counted} == set(range(7))


@pytest.mark.django_db
def test_both_pilots_have_offers_slots_and_counts(peine: District) -> None:
    pilots = Pilot.objects.all()
    assert {row.model: row.municipality.ags for row in pilots} == {"team": "03157007", "volunteer": "03157002"}
    for pilot in pilots:
        slots = Slot.objects.filter(offer__pilots=pilot)
        assert slots.count() == 2
        assert {row.offer.delivery_model for row in slots} == {pilot.model}
        assert all(row.attendances.exists() for row in slots)


@pytest.mark.django_db
def test_at_least_one_running_slot_was_not_confirmed_for_half_a_year(peine: District) -> None:
    running = Slot.objects.public(DAY).valid_on(DAY).with_dates().with_confirmations()
    stale = {row.institution.slug for row in running if row.is_unconfirmed_on(DAY)}
    assert stale == {"beispiel-bortfeld-grundschule", "beispiel-peine-kita-sued"}


def spent_eur(budget: Budget) -> Decimal:
    return sum((line.paid_eur for line in budget.lines.all() if line.paid_on), Decimal(0))


@pytest.mark.django_db
def test_past_years_are_paid_and_lie_within_their_money(peine: District) -> None:
    for budget in Budget.objects.filter(last_day__lt=DAY):
        assert not budget.lines.filter(paid_on=None).exists()
        assert Decimal(5000) < spent_eur(budget) < budget.ansatz_eur


@pytest.mark.django_db
def test_the_current_year_has_lines_of_every_kind_and_stage_below_the_ansatz(peine: District) -> None:
    lines = CostLine.objects.filter(budget__first_day__year=DAY.year)
    assert set(lines.values_list("kind", flat=True)) == set(CostLine.Kind.values)
    assert lines.filter(paid_on__isnull=False, paid_on__gt=DAY).count() == 0
    paid = sum(line.paid_eur for line in lines.filter(paid_on__isnull=False))
    committed = sum(line.committed_eur for line in lines.filter(committed_on__isnull=False, paid_on=None))
    planned = lines.filter(committed_on=None)
    assert planned.exists()
    assert paid > committed > 0
    assert 7500 < paid + committed + sum(line.unit_likely_eur * (line.quantity or 1) for line in planned) < 10000


@pytest.mark.django_db
def test_one_amendment_stands_apart_with_a_paper_that_says_it_is_invented(peine: District) -> None:
    amendment = BudgetAmendment.objects.get()
    assert amendment.paper.reference.startswith("Beispiel-")
    assert amendment.budget.first_day.year == 2021
