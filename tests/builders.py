"""How is a row made in one line? Builders with obviously fictitious names; every argument can be given."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from itertools import count
from typing import Any

from appointments.models import Counsellor, Language, MistakeReport, Offer, Provider, Slot, SlotException, Topic
from budget.models import Budget, Committee, CostLine, Paper, Target
from locations.models import District, Institution, Locality, Municipality, PostalCode, ServicePoint

numbers = count(1)

START = date(2020, 1, 1)


def make_district(**given: Any) -> District:
    number = next(numbers)
    return District.objects.create(
        **{
            "name": f"Landkreis Beispiel {number}",
            "slug": f"beispiel-{number}",
            "key": f"{10_000 + number % 90_000}",
            "federal_state": "DE-NI",
            "phone": "030 23125 000",
        }
        | given
    )


def make_municipality(district: District | None = None, **given: Any) -> Municipality:
    number = next(numbers)
    district = district or make_district()
    return Municipality.objects.create(
        **{
            "district": district,
            "name": f"Beispieldorf {number}",
            "ags": f"{district.key}{number % 1000:03}",
            "population": 10_000,
            "latitude": 52.3,
            "longitude": 10.2,
        }
        | given
    )


def make_locality(municipality: Municipality | None = None, **given: Any) -> Locality:
    number = next(numbers)
    return Locality.objects.create(
        **{
            "municipality": municipality or make_municipality(),
            "name": f"Beispielweiler {number}",
            "slug": f"beispielweiler-{number}",
        }
        | given
    )


def make_postal_code(municipality: Municipality | None = None, **given: Any) -> PostalCode:
    return PostalCode.objects.create(
        **{"municipality": municipality or make_municipality(), "code": f"{next(numbers) % 100_000:05}"} | given
    )


def make_institution(municipality: Municipality | None = None, **given: Any) -> Institution:
    number = next(numbers)
    return Institution.objects.create(
        **{
            "municipality": municipality or make_municipality(),
            "name": f"Beispiel-Schule {number}",
            "slug": f"beispiel-schule-{number}",
            "kind": Institution.Kind.SCHOOL,
            "latitude": 52.3,
            "longitude": 10.2,
            "first_day": START,
        }
        | given
    )


def make_service_point(district: District, **given: Any) -> ServicePoint:
    return ServicePoint.objects.create(
        **{"district": district, "name": "Beispiel-Dienststelle", "latitude": 52.32, "longitude": 10.23} | given
    )


def make_topic(**given: Any) -> Topic:
    number = next(numbers)
    return Topic.objects.create(
        **{"slug": f"thema-{number}", "name": f"Beispielberatung {number}", "short_name": f"Thema {number}"} | given
    )


def make_provider(district: District | None = None, **given: Any) -> Provider:
    number = next(numbers)
    return Provider.objects.create(
        **{
            "district": district or make_district(),
            "slug": f"traeger-{number}",
            "name": f"Beispiel-Träger {number}",
            "phone": "030 23125 001",
        }
        | given
    )


def make_language(code: str = "de", name: str = "Deutsch", native_name: str = "Deutsch") -> Language:
    return Language.objects.get_or_create(code=code, defaults={"name": name, "native_name": native_name})[0]


def make_offer(provider: Provider | None = None, topics: tuple[Topic, ...] = (), **given: Any) -> Offer:
    number = next(numbers)
    offer = Offer.objects.create(
        **{
            "provider": provider or make_provider(),
            "title": f"Beispielberatung {number}",
            "drop_in": True,
            "free": True,
        }
        | given
    )
    offer.topics.set(topics or (make_topic(),))
    offer.languages.set([make_language()])
    return offer


def make_counsellor(provider: Provider | None = None, **given: Any) -> Counsellor:
    return Counsellor.objects.create(
        **{"provider": provider or make_provider(), "label": f"Fachkraft {next(numbers)}"} | given
    )


def make_slot(institution: Institution | None = None, offer: Offer | None = None, **given: Any) -> Slot:
    """Return a published slot, every Tuesday from 14 to 16 since START, also in school holidays."""
    institution = institution or make_institution()
    counsellors = given.pop("counsellors", ())
    offer = offer or make_offer(make_provider(institution.municipality.district))
    first_day = given.get("first_day", START)
    slot = Slot.objects.create(
        **{
            "institution": institution,
            "offer": offer,
            "rule": "FREQ=WEEKLY;BYDAY=TU",
            "start_time": time(14),
            "end_time": time(16),
            "first_day": first_day,
            "school_holiday_policy": Slot.SchoolHolidayPolicy.CONTINUES,
            "proposed_on": first_day,
            "agreed_on": first_day,
            "published_on": first_day,
        }
        | given
    )
    slot.counsellors.set(counsellors)
    return slot


def make_exception(slot: Slot, day: date, kind: str = SlotException.Kind.CANCELLED, **given: Any) -> SlotException:
    return SlotException.objects.create(**{"slot": slot, "day": day, "kind": kind, "reason": "Beispielgrund"} | given)


def make_mistake_report(slot: Slot | None = None, **given: Any) -> MistakeReport:
    return MistakeReport.objects.create(
        **{
            "slot": slot or make_slot(),
            "created_on": START,
            "kind": MistakeReport.Kind.CLOSED,
            "text": "Niemand war da.",
            "token_hash": f"{next(numbers):064}",
        }
        | given
    )


def make_committee(district: District, **given: Any) -> Committee:
    return Committee.objects.create(
        **{"district": district, "short_name": f"BA {next(numbers)}", "name": "Beispielausschuss"} | given
    )


def make_paper(district: District, **given: Any) -> Paper:
    number = next(numbers)
    return Paper.objects.create(
        **{
            "district": district,
            "reference": f"2014/{number:03}",
            "slug": f"2014-{number:03}",
            "name": "Beispielvorlage",
        }
        | given
    )


def make_target(paper: Paper, **given: Any) -> Target:
    return Target.objects.create(
        **{
            "paper": paper,
            "quote": "In jeder Beispielgemeinde ein fester Termin",
            "source_place": "Sachverhalt",
            "qualifying_kinds": ["school", "kita", "family_centre"],
            "first_day": date(2014, 1, 1),
        }
        | given
    )


def make_budget(district: District, year: int = 2026, **given: Any) -> Budget:
    return Budget.objects.create(
        **{
            "district": district,
            "name": f"Beispielansatz {year}",
            "first_day": date(year, 1, 1),
            "last_day": date(year, 12, 31),
            "ansatz_eur": Decimal(10_000),
        }
        | given
    )


def make_cost_line(budget: Budget, **given: Any) -> CostLine:
    return CostLine.objects.create(
        **{
            "budget": budget,
            "kind": CostLine.Kind.OTHER,
            "description": f"Beispielkosten {next(numbers)}",
            "quantity": Decimal(1),
            "unit_likely_eur": Decimal(100),
            "planned_on": budget.first_day,
        }
        | given
    )
