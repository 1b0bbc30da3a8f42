"""What does a map need? Municipalities with their coverage, and houses with their next date (GeoJSON, RFC 7946)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query

from appointments.coverage import MunicipalityCoverage
from appointments.entries import municipality_today, upcoming
from appointments.models import Slot
from appointments.occurrences import Occurrence
from appointments.schedule import dates_from
from beratung.api.answers import JSON, answer, as_json, day_text, known
from beratung.api.changes import last_change, said_today
from beratung.api.districts import CoverageOnDay, coverage_of, district_of
from beratung.api.links import page, site_of
from beratung.api.parameters import OfDistrict, OfDistrictOnDay
from beratung.api.publishing import published
from beratung.api.rings import right_handed
from beratung.api.schemas import TEXT, WHOLE, collection
from beratung.coverage_table import STATE_WORDS
from locations.models import Institution, Municipality

GEOJSON: Final = "application/geo+json"
TAG: Final = "GeoJSON"
Feature = dict[str, Any]


@published(
    "/geojson/gemeinden",
    summary="Gemeinden mit der Abdeckung am Stichtag",
    tag=TAG,
    name="geojson_municipalities",
    asked=OfDistrictOnDay,
    media_type=GEOJSON,
    more=(JSON,),
    schema=collection(("Point", "Polygon", "MultiPolygon"), {"ags": TEXT, "name": TEXT, "stichtag": TEXT}),
)
def municipalities(request: HttpRequest, asked: Query[OfDistrictOnDay]) -> HttpResponse:
    found = coverage_of(asked)
    rows = found.coverage.municipalities if found.coverage else ()
    by_key = {row.municipality: row for row in rows}
    existing = [
        row for row in found.evidence.municipalities.values() if found.evidence.terms[row.pk].contains(found.day)
    ]
    return _said(request, [_municipality(row, by_key.get(row.pk), found) for row in existing])


def _municipality(row: Municipality, coverage: MunicipalityCoverage | None, found: CoverageOnDay) -> Feature:
    """Return one municipality; without a target in force its state is unknown, and so not there."""
    counted = (
        {
            "abdeckung": coverage.state.value,
            "abdeckung_wort": STATE_WORDS[coverage.state],
            "einrichtungen": len(coverage.institutions),
            "haengt_an_einer": coverage.hangs_on_one,
            "termine": [str(found.evidence.slots[key].uuid) for key in coverage.proving_slots],
            "mindestens": found.target.minimum_institutions,
        }
        if coverage and found.target
        else {}
    )
    properties = {
        "ags": row.ags,
        "name": row.name,
        "art": row.get_kind_display(),
        "einwohner": row.population,
        "einwohner_am": day_text(row.population_on),
        "stichtag": found.day.isoformat(),
    }
    return _feature(str(row.uuid), _outline(row), known(properties) | counted)


def _outline(row: Municipality) -> dict[str, Any] | None:
    """Return the outline, else the point, else nothing: RFC 7946 has null for what lies nowhere."""
    if row.boundary:
        return right_handed(row.boundary)
    return _point(row)


def _point(row: Municipality | Institution) -> dict[str, Any] | None:
    # RFC 7946 § 3.1.1: longitude first.
    return {"type": "Point", "coordinates": [row.longitude, row.latitude]} if row.point else None


@published(
    "/geojson/einrichtungen",
    summary="Einrichtungen mit dem nächsten Termin (ohne vertrauliche Adressen)",
    tag=TAG,
    name="geojson_institutions",
    asked=OfDistrict,
    media_type=GEOJSON,
    more=(JSON,),
    schema=collection(("Point",), {"name": TEXT, "termine": WHOLE}),
)
def institutions(request: HttpRequest, asked: Query[OfDistrict]) -> HttpResponse:
    district = district_of(asked)
    now = timezone.localtime()
    public = Slot.objects.public(now.date()).filter(
        institution__municipality__district=district, institution__address_is_public=True
    )
    by_house: dict[int, list[Slot]] = defaultdict(list)
    slots = list(public.with_dates().select_related("institution__municipality__successor__successor"))
    for slot in slots:
        by_house[slot.institution_id].append(slot)
    soonest = next_at_home(slots, now)
    site = site_of(request)
    return _said(request, [_house(found, soonest, site, now.date()) for found in by_house.values()])


def next_at_home(slots: list[Slot], now: datetime) -> dict[int, Occurrence]:
    """Return the next date of each slot that takes place in its own house, by the slot's key."""
    found = {}
    for dates in dates_from(slots, now.date()):
        own = {None, dates.slot.institution_id}
        ahead = upcoming(dates, now, lambda one, own=own: one.place in own)
        if (soonest := next((one for one in ahead if one.takes_place), None)) is not None:
            found[dates.slot.pk] = soonest
    return found


def _house(slots: list[Slot], soonest: dict[int, Occurrence], site: str, day: date) -> Feature:
    house = slots[0].institution
    municipality = municipality_today(house, day)
    coming = [(soonest[slot.pk], slot) for slot in slots if slot.pk in soonest]
    first = min(coming, key=lambda pair: (pair[0].day, pair[0].start), default=None)
    properties = {
        "name": house.name,
        "art": house.get_kind_display(),
        "strasse": house.street,
        "plz": house.postal_code,
        "gemeinde": municipality.name,
        "ags": municipality.ags,
        "stufenlos": house.step_free,
        "termine": len(slots),
        "naechster_termin": _moment(first[0]) if first else None,
        "naechstes_angebot": first[1].offer.title if first else None,
        "url": page(site, "institution", house.slug),
        "kalender": page(site, "institution_calendar", house.slug),
    }
    return _feature(str(house.uuid), _point(house), known(properties))


def _moment(one: Occurrence) -> str:
    zone: ZoneInfo = timezone.get_default_timezone()
    return datetime.combine(one.day, one.start, zone).isoformat(timespec="minutes")


def _feature(key: str, geometry: dict[str, Any] | None, properties: dict[str, Any]) -> Feature:
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def _said(request: HttpRequest, features: list[Feature]) -> HttpResponse:
    body = as_json({"type": "FeatureCollection", "features": features})
    return answer(request, body, media_type=GEOJSON, changed_at=said_today(last_change()))
