"""Does axe find nothing in the administration but what Django's own pages have?"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.confirmation_rounds import link_of, open_round
from appointments.models import ConfirmationRound, Slot
from locations.models import ImportRun

WIDTHS = (360, 1280)
OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}

# What Django's own templates and scripts bring along, as (rule, part of the element), each with the reason it stays.
DJANGOS_OWN: tuple[tuple[str, str], ...] = (
    # select2, which Django brings along, puts an element for typing among the chosen ones of its list.
    ("list", "select2-selection__rendered"),
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db, live_server, browser):
    """Return what opens a page of the administration at a width, logged in."""
    call_command("load_peine", stdout=StringIO())
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    contexts = []

    def open_page(address: str, width: int):
        # axe is put into the page by the test, which the page's own policy would forbid.
        context = browser.new_context(locale="de-DE", viewport={"width": width, "height": 900}, bypass_csp=True)
        contexts.append(context)
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(live_server.url + address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def addresses() -> list[str]:
    """Return one address of each kind of page of the administration."""
    slot = Slot.objects.public(timezone.localdate()).filter(exceptions__isnull=False).first()
    change = reverse("admin:appointments_slot_change", args=[slot.pk])
    return [
        reverse("admin:index"),
        f"{reverse('admin:appointments_slot_changelist')}?aufgabe=unbestaetigt",
        reverse("admin:appointments_slot_add"),
        change,
        f"{reverse('admin:appointments_slot_end')}?termine={slot.pk}&last_day=31.12.2040",
        reverse("admin:locations_municipality_changelist"),
        reverse("admin:budget_costline_changelist"),
        reverse("imports"),
        reverse("import_upload", args=["einrichtungen"]),
        reverse("import_run", args=[import_with_a_rejected_row().uuid]),
        reverse("admin:appointments_confirmationround_add"),
        reverse("admin:appointments_confirmationround_change", args=[round_with_letters(slot).pk]),
        reverse("admin:appointments_slotproposal_changelist"),
    ]


def import_with_a_rejected_row() -> ImportRun:
    rows = b"Name;Art;AGS\nBeispiel-Schule Nord;Schule;03157999\n"
    file = SimpleUploadedFile("schulen.csv", rows)
    client = Client()
    client.force_login(get_user_model().objects.get(username="beispiel-admin"))
    answer = client.post(reverse("import_upload", args=["einrichtungen"]), {"file": file, "district": ""})
    assert answer.status_code == 302, answer.content.decode()
    return ImportRun.objects.get()


def round_with_letters(slot: Slot) -> ConfirmationRound:
    today = timezone.localdate()
    district = slot.institution.municipality.district
    found = ConfirmationRound.objects.filter(district=district).first()
    return found or open_round(district=district, today=today, closes_on=today + timedelta(days=30))


def violations(page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    nodes = [(one["id"], node["html"]) for one in found for node in one["nodes"]]
    return [
        f"{page.url} {rule}: {html[:200]}"
        for rule, html in nodes
        if not any(rule == known and part in html for known, part in DJANGOS_OWN)
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_of_ours_in_the_administration(desk, width):
    found = [text for address in addresses() for text in violations(desk(address, width))]
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_the_page_a_provider_answers_on(desk, width):
    slot = Slot.objects.public(timezone.localdate()).first()
    letter = round_with_letters(slot).letters.first()
    page = desk(urlsplit(link_of(letter)).path, width)
    assert page.get_by_role("heading", level=1).inner_text() == "Stimmen Ihre Termine noch?"
    assert violations(page) == []
    page.get_by_role("button", name="Antworten senden").click()
    page.get_by_role("status").wait_for()
    assert violations(page) == []
