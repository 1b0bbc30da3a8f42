"""Which rows do the tests of rights need? One row in every list of the administration, for a district, under one name."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db import models

from appointments.models import (
    Attendance,
    Confirmation,
    ConfirmationRound,
    Guideline,
    MissingDemand,
    ProviderLetter,
    SlotProposal,
    TextTranslation,
)
from budget.models import BudgetAmendment, Consultation, Pilot, Plan, TravelRate
from locations.models import (
    Closure,
    District,
    DistrictStaff,
    DriveTime,
    HelpLine,
    ImportRun,
    Room,
    SchoolHoliday,
    ServicePoint,
)
from tests import builders

DAY = date(2026, 3, 2)
Rows = dict[type[models.Model], Any]


def one_of_each(name: str) -> Rows:
    """Return a row of every list, by its model, all of one district; each says the name somewhere."""
    district = builders.make_district(name=f"Landkreis {name}", slug=name.lower())
    towns = [builders.make_municipality(district, name=f"{name}dorf") for _ in range(2)]
    houses = [builders.make_institution(town, name=f"{name}-Schule {town.pk}") for town in towns]
    provider = builders.make_provider(district, name=f"{name}-Träger")
    offer = builders.make_offer(provider, title=f"{name}beratung")
    slot = builders.make_slot(houses[0], offer, published_on=None, agreed_on=None, note=f"{name}hinweis")
    rows = _places(name, district, towns, houses) | _counselling(name, district, provider, offer, slot)
    rows |= _money(name, district, slot) | _shared("Gemeinsam") | _accounts(name, district)
    found = {type(row): row for row in [district, towns[0], houses[0], provider, offer, slot, *rows]}
    for row in found.values():
        row.save()  # so that there is a history to bring back
    return found


def _places(name: str, district: District, towns: list[Any], houses: list[Any]) -> set[Any]:
    first, second = sorted(houses, key=lambda house: house.pk)
    return {
        HelpLine.objects.create(district=district, name=f"{name}telefon", phone="030 23125 002"),
        ServicePoint.objects.create(district=district, name=f"{name}-Dienststelle"),
        builders.make_locality(towns[0], name=f"{name}weiler"),
        builders.make_postal_code(towns[0]),
        Room.objects.create(institution=houses[0], name=f"{name}raum"),
        DriveTime.objects.create(first=first, second=second, minutes=10),
        Closure.objects.create(district=district, first_day=DAY, last_day=DAY, reason=f"{name}fest"),
        ImportRun.objects.create(kind="termine", kind_label="Termine", district=district, file_name=f"{name}.csv"),
    }


def _counselling(name: str, district: District, provider: Any, offer: Any, slot: Any) -> set[Any]:
    asked = ConfirmationRound.objects.create(district=district, opened_on=DAY, closes_on=date(2026, 12, 1))
    letter = ProviderLetter.objects.create(round=asked, provider=provider)
    return {
        builders.make_counsellor(provider, label=f"{name}fachkraft"),
        Confirmation.objects.create(slot=slot, confirmed_on=DAY),
        Attendance.objects.create(slot=slot, day=DAY, conversations=3),
        builders.make_mistake_report(slot, text=f"{name}meldung"),
        MissingDemand.objects.create(
            municipality=slot.institution.municipality, topic=None, week_first_day=DAY, count=4
        ),
        asked,
        SlotProposal.objects.create(letter=letter, slot=slot, kind="correct", text=f"{name}wunsch", proposed_on=DAY),
    }


def _money(name: str, district: District, slot: Any) -> set[Any]:
    paper = builders.make_paper(district, name=f"{name}vorlage")
    committee = builders.make_committee(district, name=f"{name}ausschuss")
    budget = builders.make_budget(district, name=f"{name}ansatz")
    town = slot.institution.municipality
    return {
        paper,
        committee,
        budget,
        builders.make_target(paper, quote=f"{name}ziel"),
        Consultation.objects.create(paper=paper, committee=committee, result=f"{name}ergebnis"),
        Pilot.objects.create(paper=paper, name=f"{name}versuch", model="team", municipality=town),
        BudgetAmendment.objects.create(
            budget=budget, paper=paper, amount_eur=100, decided_on=DAY, reason=f"{name}nachtrag"
        ),
        builders.make_cost_line(budget, slot=slot, description=f"{name}fahrt"),
        Plan.objects.create(district=district, name=f"{name}plan", question={}),
    }


def _shared(name: str) -> set[Any]:
    return {
        builders.make_topic(name=f"{name}thema"),
        builders.make_language(name[:2].lower(), f"{name}isch", f"{name}isch"),
        Guideline.objects.create(slug=name.lower(), name=f"{name}leitlinie"),
        TextTranslation.objects.create(german=f"{name}hinweis", language="en", text=f"{name} note"),
        SchoolHoliday.objects.create(
            federal_state="DE-NI", name=f"{name}ferien", first_day=DAY, last_day=DAY, source="erfunden"
        ),
        TravelRate.objects.create(jurisdiction="DE-NI", name=f"{name}satz", eur_per_km="0.30", source="erfunden"),
    }


def _accounts(name: str, district: District) -> set[Any]:
    account = User.objects.create_user(f"{name.lower()}-konto", password="x")
    DistrictStaff.objects.create(user=account, district=district)
    return {account, Group.objects.create(name=f"{name}gruppe")}


def account(name: str, *groups: str, district: District | None = None, **given: Any) -> User:
    """Return an account of these groups, responsible for the district."""
    user = User.objects.create_user(name, password="x", **{"is_staff": True} | given)
    user.groups.set(Group.objects.filter(name__in=groups))
    if district:
        DistrictStaff.objects.create(user=user, district=district)
    return user


def with_every_right(user: User) -> User:
    """Return the account with every single permission there is, and no superuser for all that.

    But for accounts and groups: they belong to the whole installation, and whoever runs it sees them all
    (tests/beratung/test_groups.py says what such an account cannot do).
    """
    user.user_permissions.set(Permission.objects.exclude(content_type__app_label="auth"))
    return user
