"""Does every list of the administration keep to twelve questions, whatever its table holds?"""

from __future__ import annotations

from datetime import date
from itertools import cycle

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Attendance, Slot
from locations.models import Closure, Room
from tests.builders import (
    make_budget,
    make_committee,
    make_cost_line,
    make_counsellor,
    make_district,
    make_institution,
    make_locality,
    make_mistake_report,
    make_municipality,
    make_offer,
    make_paper,
    make_postal_code,
    make_provider,
    make_service_point,
    make_slot,
    make_target,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 8, 25)
SLOTS = 300  # six pages of the list
MOST = 12


@pytest.fixture
def filled(client):
    """Log in and fill the tables, ten rows each and many slots."""
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    district = make_district()
    budget = make_budget(district)
    for _ in range(10):
        town = make_municipality(district)
        house = make_institution(town, locality=make_locality(town))
        offer = make_offer(make_provider(district))
        slot = make_slot(
            house, offer, counsellors=[make_counsellor(offer.provider, service_point=make_service_point(district))]
        )
        slot.confirmations.create(confirmed_on=DAY)
        Attendance.objects.create(slot=slot, day=DAY, conversations=2)
        Room.objects.create(institution=house, name="Raum 1")
        Closure.objects.create(district=district, institution=house, first_day=DAY, last_day=DAY, reason="Umbau")
        make_postal_code(town)
        make_mistake_report(slot)
        make_cost_line(budget, slot=slot)
        make_committee(district)
        make_target(make_paper(district))
    pattern = list(Slot.objects.values("offer", "institution"))
    common = Slot.objects.values(
        "rule", "start_time", "end_time", "first_day", "proposed_on", "agreed_on", "published_on"
    ).first()
    Slot.objects.bulk_create(
        Slot(**common, offer_id=one["offer"], institution_id=one["institution"])
        for one, _ in zip(cycle(pattern), range(SLOTS), strict=False)
    )
    return client


def test_every_list_asks_at_most_twelve_questions(filled):
    found = {}
    for model, desk in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        with CaptureQueriesContext(connection) as queries:
            assert filled.get(address).status_code == 200, address
        if len(queries) > MOST:
            found[desk] = len(queries)
    assert found == {}


TASKS = [
    ("appointments_slot", "konflikt"),
    ("appointments_slot", "unbestaetigt"),
    ("appointments_slot", "begonnen"),
    ("locations_municipality", "ohne-abdeckung"),
    ("locations_municipality", "faellt-heraus"),
    ("budget_budget", "geld-reicht-nicht"),
    ("budget_costline", "geld-reicht-nicht"),
]


def test_the_lists_behind_the_start_page_ask_no_more(filled):
    """They are reckoned from whole districts, but the start page has done that already."""
    clash_all(Slot.objects.all()[:40])
    filled.get("/admin/")
    found = {}
    for model, task in TASKS:
        with CaptureQueriesContext(connection) as queries:
            response = filled.get(reverse(f"admin:{model}_changelist"), {"aufgabe": task})
        assert response.status_code == 200
        if len(queries) > MOST:
            found[model, task] = len(queries)
    assert found == {}


def test_what_was_found_is_forgotten_with_the_next_write(filled):
    address = f"{reverse('admin:appointments_slot_changelist')}?aufgabe=konflikt"
    before = filled.get(address).context["cl"].result_count
    clash_all(Slot.objects.all()[:2])
    found = filled.get(address).context["cl"]
    assert (before, found.result_count) == (0, 2)
    assert "Beispiel-Fachkraft" in filled.get(address).content.decode()


def clash_all(slots):
    """Let one counsellor be at all of these at once."""
    provider = slots[0].offer.provider
    person = make_counsellor(provider, label="Beispiel-Fachkraft")
    for slot in slots:
        slot.counsellors.set([person])
