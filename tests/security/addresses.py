"""Which addresses are there, and how are they filled so that they lead somewhere? Read from the resolver: none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from django.contrib.auth.models import User
from django.urls import URLPattern, get_resolver

from appointments.confirmation_rounds import link_of
from appointments.models import Attendance, ConfirmationRound, ProviderLetter, SlotProposal
from beratung.api.hsds_names import TAXONOMY_ID
from budget.models import Consultation, Plan
from locations.models import ImportRun
from tests import builders

SECRET = "Geheimwort"  # stands where no visitor may read it
OPEN_METHODS = {"GET", "HEAD", "OPTIONS"}
_PLACES = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
DAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Route:
    """An address as the resolver knows it: its name, and its path with {places} to fill."""

    name: str
    path: str

    @property
    def places(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def is_open(self) -> bool:
        """Return whether families, committees and machines use it, without a login."""
        return not self.path.startswith("/admin/") and "/planung/" not in self.path

    def fill(self, **values: str) -> str:
        return self.path.format(**values)


def routes() -> list[Route]:
    return [Route(name, _written(route)) for route, name in _collected(get_resolver())]


def _collected(resolver: Any, route: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLPattern):
            yield here, f"{namespace}{one.name}"
        else:
            yield from _collected(one, here, f"{namespace}{one.namespace}:" if one.namespace else namespace)


def _written(route: str) -> str:
    path = _PLACES.sub(lambda found: f"{{{found[1] or found[2]}}}", route)
    return "/" + path.replace("^", "").replace(r"\Z", "").replace("$", "").replace("\\.", ".")


class World:
    """A district with something behind every open address, and a secret in every field that is not public."""

    def __init__(self) -> None:
        self.district = builders.make_district(
            name="Landkreis Beispiel",
            slug="beispiel",
            phone="030 23125 000",
            embedding_sites="https://schule.example.org",
        )
        self.town = builders.make_municipality(self.district, name="Beispieldorf", ags="03157007")
        village = builders.make_locality(self.town, name="Beispielweiler", slug="beispielweiler")
        builders.make_postal_code(self.town, code="31234")
        self.house = builders.make_institution(self.town, slug="beispiel-schule", locality=village)
        self.topic = builders.make_topic(slug="schulden", name="Schuldnerberatung", short_name="Schulden")
        self.provider = builders.make_provider(self.district, slug="beispiel-verein", email="verein@example.org")
        self.offer = builders.make_offer(self.provider, (self.topic,), title="Beispielberatung")
        self.slot = builders.make_slot(self.house, self.offer)
        self._decisions()
        self._secrets()

    def _decisions(self) -> None:
        self.committee = builders.make_committee(self.district)
        self.paper = builders.make_paper(self.district, slug="vorlage-1")
        self.consultation = Consultation.objects.create(paper=self.paper, committee=self.committee)
        self.asked = ConfirmationRound.objects.create(
            district=self.district, opened_on=DAY, closes_on=date(2199, 12, 31)
        )
        self.letter = ProviderLetter.objects.create(
            round=self.asked, provider=self.provider, email=f"{SECRET}@example.org"
        )

    def _secrets(self) -> None:
        hidden = builders.make_institution(self.town, name=SECRET, slug="frauenhaus", address_is_public=False)
        builders.make_slot(self.house, builders.make_offer(self.provider, title=SECRET), published_on=None)
        builders.make_mistake_report(self.slot, text=SECRET)
        builders.make_counsellor(self.provider, label=SECRET)
        Attendance.objects.create(slot=self.slot, day=DAY, conversations=1)
        others = ProviderLetter.objects.create(round=self.asked, provider=builders.make_provider(self.district))
        SlotProposal.objects.create(letter=others, slot=self.slot, kind="correct", text=SECRET, proposed_on=DAY)
        self.run = ImportRun.objects.create(kind="termine", kind_label=SECRET, district=self.district, file_name=SECRET)
        self.plan = Plan.objects.create(district=self.district, name=SECRET, question={})
        self.user = User.objects.create_user(SECRET, email=f"{SECRET}@example.org", password=SECRET)
        self.hidden = hidden

    def values(self, place: str, path: str) -> list[str]:
        """Return what the place could be; the first that leads somewhere is taken."""
        known = {
            "ags": ["03157007"],
            "village": ["beispielweiler"],
            "paper": ["vorlage-1"],
            "token": [link_of(self.letter).rstrip("/").rpartition("/")[2]],
            "ending": ["csv", "xlsx", "pdf"],
            "section": ["orte", "termine", "themen", "seiten", "einrichtungen"],
            "kind": ["termine"],
            "action": ["abbrechen"],
            "uuid": [str(self.plan.uuid if "planung" in path else self.run.uuid if "lauf" in path else self.slot.uuid)],
            "slug": ["beispiel", "beispiel-schule", "beispiel-verein", "schulden", "beispieldorf"],
        }
        rows = (self.offer, self.slot, self.provider, self.topic, self.committee, self.paper, self.consultation)
        ids = [str(row.uuid) for row in (*rows, self.district)] + [str(TAXONOMY_ID)]
        return known.get(place, ids if place == "id" and path.startswith("/api/") else ["1"])

    def fillings(self, route: Route) -> Iterator[str]:
        """Yield the address with every combination of values that could be meant."""
        for chosen in product(*(self.values(place, route.path) for place in route.places)):
            yield route.fill(**dict(zip(route.places, chosen, strict=True)))


def filled(world: World, client: Any) -> dict[Route, str]:
    """Return every route with an address that leads somewhere; one that never does is told by the test that asks."""
    found = {}
    for route in routes():
        addresses = list(world.fillings(route))
        found[route] = addresses[0]
        if len(addresses) > 1 and route.is_open:
            found[route] = next((one for one in addresses if client.get(one).status_code != 404), addresses[0])
    return found
