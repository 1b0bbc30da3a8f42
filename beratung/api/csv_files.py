"""Which tables does a spreadsheet open? Slots and coverage as CSV, with a dictionary of their fields."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query

from appointments.entries import municipality_today
from appointments.models import Slot
from beratung.api.answers import answer, as_json
from beratung.api.changes import last_change, said_today
from beratung.api.csv_fields import DICTIONARY, CoverageLine, SlotLine, table
from beratung.api.districts import coverage_of, district_of
from beratung.api.geojson import next_at_home
from beratung.api.links import site_of
from beratung.api.parameters import OfDistrict, OfDistrictOnDay
from beratung.api.publishing import published
from beratung.api.schemas import TEXT, thing
from locations.csv_tables import as_csv
from locations.models import District
from locations.tables import Table

CSV: Final = "text/csv"
TAG: Final = "CSV"


def slot_lines(district: District, site: str) -> list[SlotLine]:
    """Return a line for each slot that families can look up today. Seven queries."""
    now = timezone.localtime()
    public = Slot.objects.public(now.date()).filter(institution__municipality__district=district)
    rows = public.with_dates().select_related("institution__municipality__successor__successor")
    slots = list(rows.with_last_confirmation(now.date()).with_languages().prefetch_related("offer__topics"))
    soonest = next_at_home(slots, now)
    return [
        SlotLine(
            slot,
            slot.institution,
            municipality_today(slot.institution, now.date()),
            soonest.get(slot.pk),
            now.date(),
            site,
        )
        for slot in slots
    ]


@published(
    "/csv/termine.csv",
    summary="Feste Termine als Tabelle",
    tag=TAG,
    name="csv_slots",
    asked=OfDistrict,
    media_type=CSV,
    schema=TEXT,
)
def slots(request: HttpRequest, asked: Query[OfDistrict]) -> HttpResponse:
    district = district_of(asked)
    return _said(request, table("termine", slot_lines(district, site_of(request))), f"termine-{district.slug}.csv")


@published(
    "/csv/abdeckung.csv",
    summary="Abdeckung der Gemeinden am Stichtag als Tabelle",
    tag=TAG,
    name="csv_coverage",
    asked=OfDistrictOnDay,
    media_type=CSV,
    schema=TEXT,
)
def coverage(request: HttpRequest, asked: Query[OfDistrictOnDay]) -> HttpResponse:
    found = coverage_of(asked)
    rows = found.coverage.municipalities if found.coverage else ()
    lines = [CoverageLine(found, found.evidence.municipalities[row.municipality], row) for row in rows]
    name = f"abdeckung-{found.evidence.district.slug}-{found.day.isoformat()}.csv"
    return _said(request, table("abdeckung", lines), name)


@published(
    "/csv/felder",
    summary="Was bedeuten die Felder? Name, Bedeutung, Einheit, Bedeutung von leer",
    tag=TAG,
    name="csv_dictionary",
    schema={"type": "object", "additionalProperties": {"type": "array", "items": thing({"feld": TEXT})}},
)
def dictionary(request: HttpRequest) -> HttpResponse:
    explained = {
        name: [{"feld": one.name, "bedeutung": one.meaning, "einheit": one.unit, "leer": one.empty} for one in fields]
        for name, fields in DICTIONARY.items()
    }
    return answer(request, as_json(explained), changed_at=said_today(last_change()))


def _said(request: HttpRequest, found: Table, filename: str) -> HttpResponse:
    return answer(request, as_csv(found), media_type=CSV, changed_at=said_today(last_change()), filename=filename)
