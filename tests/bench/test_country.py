"""Is the invented country always the same, valid and without conflicts?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from appointments.models import Confirmation, Counsellor, Offer, Provider, Slot, SlotException
from appointments.whole_districts import WholeDistricts
from bench.country_rows import common, fill, shares
from bench.generator import NoMunicipalitiesError, invented_country, whole_country
from locations.models import Closure, District, Institution, Locality, Municipality, PostalCode

DAY = date(2026, 11, 23)
MODELS = (District, Municipality, Locality, PostalCode, Institution, Closure, Provider, Offer, Counsellor, Slot)
MODELS += (SlotException, Confirmation)


def build(count: int, towns: int, houses: int, slots: int, today: date = DAY) -> None:
    found = invented_country(count, towns)
    shared = common(found)
    for land, own_houses, own_slots in shares(found, houses, slots):
        fill(land, own_houses, own_slots, shared, today)


def rows() -> list[tuple[Any, ...]]:
    """Return what the slots of all districts say, without keys."""
    names = (
        "rule",
        "start_time",
        "first_day",
        "published_on",
        "institution__slug",
        "offer__title",
        "institution__latitude",
    )
    return list(Slot.objects.order_by("pk").values_list(*names))


def test_the_same_seed_makes_the_same_country(db):
    build(2, 3, 20, 90)
    first = rows()
    found = invented_country(2, 3)
    assert len(first) == 90
    assert not any(fill(land, 10, 45, common(found), DAY) for land in found)  # is there already
    assert rows() == first


def test_houses_and_slots_are_shared_out_to_the_last_one():
    found = invented_country(7, 3)
    for houses, slots in ((21, 1), (100, 1_000), (101, 999)):
        parts = shares(found, houses, slots)
        assert sum(part[1] for part in parts) == houses
        assert sum(part[2] for part in parts) == slots
        assert all(part[1] >= 3 for part in parts)


def test_every_row_is_valid_and_nobody_is_booked_twice(db):
    build(1, 4, 12, 60)
    for model in MODELS:
        for row in model.objects.all():
            row.full_clean()
    assert len({slot.status_on(DAY) for slot in Slot.objects.all()}) > 1
    assert WholeDistricts.load(District.objects.all(), DAY).clashes == ()
    assert Slot.counsellors.through.objects.count() == 60


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(NoMunicipalitiesError, match="DE_MUNICIPALITIES"):
        whole_country(tmp_path / "keine.csv")
