"""What is killed in the middle: imports, plans, bulk actions. Each function finds its own rows and does one thing as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.models import Slot
from beratung.imports_tasks import read_file
from budget.models import Plan
from budget.planning import ask, compute
from budget.planning_accept import accept, take_back
from locations.models import District, ImportRun
from tests import builders
from tests.planning_example import make_plannable

ROWS_OF_A_FILE = 25
SLOTS_AT_ONCE = 12


def prepare() -> None:
    """Make a district with a computed plan, files on their way in, and slots to be changed."""
    today = timezone.localdate()
    rows = make_plannable(today)
    user = get_user_model().objects.create_superuser("beispiel")
    builders.make_postal_code(rows.near.municipality, code="31234")
    others = builders.make_offer(builders.make_provider(rows.district), title="Beispielberatung am Abend")
    houses = [builders.make_institution(rows.near.municipality, kind="school") for _ in range(SLOTS_AT_ONCE)]
    slots = [
        builders.make_slot(house, others, published_on=None, counsellors=[builders.make_counsellor(others.provider)])
        for house in houses
    ]
    assert len(slots) == SLOTS_AT_ONCE
    for kind, content in _files(houses[0].name, others.title, rows.budget.name).items():
        run = ImportRun.objects.create(
            kind=kind,
            kind_label=kind,
            district=rows.district,
            user=user,
            file_name=f"{kind}.csv",
            status=ImportRun.Status.WRITING,
            options={"source": "Beispiel"},
        )
        run.keep_file([content[:100].encode(), content[100:].encode()])
    _plan(rows.district, rows.asked)


def _plan(district: District, asked: Any) -> None:
    plan = ask(district=district, name="Beispielplan", asked=asked)
    compute.func(plan.pk, str(plan.attempt))
    plan.refresh_from_db()
    assert plan.state == Plan.State.DONE, plan.failure
    assert plan.answer["slots"]


def _files(house: str, offer: str, budget: str) -> dict[str, str]:
    times = [f"{8 + number // 5}.{number % 5}0–{8 + number // 5}.{number % 5}5 Uhr" for number in range(ROWS_OF_A_FILE)]
    return {
        "einrichtungen": "Name;PLZ\n"
        + "".join(f"Beispiel-Schule Nummer {number};31234\n" for number in range(ROWS_OF_A_FILE))
        + f"{house};31234\n",
        "termine": "Einrichtung;Angebot;Termin\n" + "".join(f"{house};{offer};jeden Mi {time}\n" for time in times),
        "kosten": "Haushaltsansatz;Kostenart;Bezeichnung;Menge;Preis\n"
        + "".join(f"{budget};Sonstiges;Beispielkosten {number};1;10\n" for number in range(ROWS_OF_A_FILE)),
    }


def _import(kind: str) -> None:
    """Do what the worker does with a decided file; what was done before stays."""
    read_file.func(ImportRun.objects.get(kind=kind).pk, False)
    run = ImportRun.objects.get(kind=kind)
    assert run.status == ImportRun.Status.DONE, (run.status, run.message, list(run.findings.values_list("reason"))[:3])
    assert run.added == ROWS_OF_A_FILE, run.added


def import_institutions() -> None:
    _import("einrichtungen")


def import_slots() -> None:
    _import("termine")


def import_cost_lines() -> None:
    _import("kosten")


def import_holidays() -> None:
    """Do what a command does with a file."""
    first = timezone.localdate() + timedelta(days=400)
    days = [first + timedelta(days=10 * number) for number in range(ROWS_OF_A_FILE)]
    lines = [f"{day:%d.%m.%Y};{day + timedelta(days=3):%d.%m.%Y};Beispielferien {day:%m/%Y}" for day in days]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ferien.csv"
        file.write_text("von;bis;Ferien\n" + "\n".join(lines))
        call_command("import_school_holidays", file, verbosity=0, stdout=_Silence(), stderr=_Silence())


class _Silence:
    def write(self, text: str) -> None:
        pass


def accept_plan() -> None:
    plan = Plan.objects.get()
    if plan.accepted_at is None:
        accept(plan=plan, today=timezone.localdate())


def take_plan_back() -> None:
    plan = Plan.objects.get()
    if plan.accepted_at is not None:
        taken = take_back(plan=plan, today=timezone.localdate())
        assert (taken.slots > 0, taken.kept) == (True, ())


def _desk() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get())
    return client


def _chosen() -> list[Slot]:
    return list(Slot.objects.filter(offer__title="Beispielberatung am Abend").order_by("pk")[:SLOTS_AT_ONCE])


def publish_many() -> None:
    keys = ",".join(str(slot.pk) for slot in _chosen())
    assert _desk().post(reverse("admin:appointments_slot_publish"), {"termine": keys}).status_code in (200, 302)
    assert {slot.published_on for slot in _chosen()} == {timezone.localdate()}


def undo_many() -> None:
    operation = _chosen()[0].history.latest().operation
    address = reverse("admin:locations_operation", args=[operation])
    if _chosen()[0].published_on is not None:
        assert _desk().post(address).status_code == 302
    assert {slot.published_on for slot in _chosen()} == {None}


# Each with the one whose outcome it begins with, None: with what was prepared.
OPERATIONS: dict[str, tuple[Callable[[], Any], str | None]] = {
    "import_institutions": (import_institutions, None),
    "import_slots": (import_slots, None),
    "import_cost_lines": (import_cost_lines, None),
    "import_holidays": (import_holidays, None),
    "accept_plan": (accept_plan, None),
    "take_plan_back": (take_plan_back, "accept_plan"),
    "publish_many": (publish_many, None),
    "undo_many": (undo_many, "publish_many"),
}
