"""Which data are there to take away, in which formats, under which licence?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from appointments.models import Slot
from beratung.api.csv_fields import DICTIONARY
from beratung.api.described import examples
from beratung.api.parameters import MOST_PER_PAGE
from beratung.api.publishing import LICENCE
from locations.models import District, Institution


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface: for whom, and addresses of this installation that lead to real rows."""

    title: str
    text: str
    links: tuple[tuple[str, str], ...]


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Show every interface with examples."""
    found = examples()
    context = {
        "interfaces": interfaces(found),
        "licence": LICENCE,
        "dictionary": [(CSV_TITLES[name], fields) for name, fields in DICTIONARY.items()],
        "most_per_page": MOST_PER_PAGE,
        "crumbs": [("Suche", reverse("home")), ("Daten", None)],
    }
    return render(request, "beratung/data.html", context)


CSV_TITLES = {"termine": "termine.csv", "abdeckung": "abdeckung.csv"}


def interfaces(found: dict[str, Any]) -> list[Interface]:
    """Return the interfaces; an example that this database does not have is left out."""
    district = {"kreis": found["kreis"]} if found["kreis"] else {}
    return [
        Interface(
            "HSDS 3.0 (Open Referral)",
            "Für Verzeichnisse sozialer Dienste und Apps: Angebote, Träger, Orte und Termine.",
            _links(
                ("Einstieg für Programme", "hsds", {}),
                ("Angebote", "hsds_services", {}),
                ("Ein Angebot mit allem", "hsds_service", found["services/id"]),
                ("Feste Termine", "hsds_service_at_locations", {}),
                ("Ein fester Termin mit allem", "hsds_service_at_location", found["service_at_locations/id"]),
                ("Termine um eine Postleitzahl", "hsds_service_at_locations", _near(found)),
                ("Träger", "hsds_organizations", {}),
                ("Beratungsfelder", "hsds_taxonomy_terms", {}),
                ("Alles, eine Zeile je Angebot", "hsds_services", {"full": "true", "format": "ndjson"}),
            ),
        ),
        Interface(
            "Kalender (iCalendar)",
            "Zum Abonnieren, auf jeder Seite eines Termins, einer Einrichtung, einer Gemeinde und eines Themas.",
            _calendars(),
        ),
        Interface(
            "GeoJSON",
            "Für Karten: Gemeinden mit der Abdeckung an einem Tag, Einrichtungen mit dem nächsten Termin.",
            _links(
                ("Gemeinden", "geojson_municipalities", district | {"tag": found["tag"]}),
                ("Einrichtungen", "geojson_institutions", district),
            ),
        ),
        Interface(
            "CSV",
            "Für Tabellenprogramme: UTF-8, Semikolon, Komma in Dezimalzahlen. Was die Felder bedeuten, steht unten.",
            _links(
                ("Feste Termine", "csv_slots", district),
                ("Abdeckung", "csv_coverage", district | {"tag": found["tag"]}),
                ("Felder als JSON", "csv_dictionary", {}),
            ),
        ),
        Interface(
            "Änderungen (Atom)",
            "Für Feedreader: was veröffentlicht, abgesagt oder verlegt wurde, je Gemeinde und Thema.",
            _links(
                ("Alle Änderungen", "atom", {}),
                ("Änderungen einer Gemeinde", "atom", {"gemeinde": found["gemeinde"]} if found["gemeinde"] else None),
                ("Änderungen eines Themas", "atom", {"thema": found["thema"]} if found["thema"] else None),
            ),
        ),
        Interface(
            "OParl 1.1",
            "Für Ratsinformationssysteme: die Vorlagen, ihre Beratungen und die Ausschüsse.",
            _links(("Das System", "oparl_system", {}), ("Eine Vorlage", "oparl_paper", found["paper/id"])),
        ),
        Interface(
            "DCAT-AP",
            "Für Open-Data-Portale: der Katalogeintrag mit Lizenz.",
            _links(("Katalogeintrag", "dcat", district)),
        ),
        Interface(
            "JSON-LD (schema.org)",
            "Für Suchmaschinen und Assistenten: steht in jeder Seite eines Termins.",
            _slot_page(found["service_at_locations/id"]),
        ),
        Interface(
            "Einbetten",
            "Für Websites von Schulen und Kitas: ein paar Zeilen HTML oder ein Rahmen.",
            _embedding(),
        ),
    ]


def _links(*wanted: tuple[str, str, Any]) -> tuple[tuple[str, str], ...]:
    """Return label and address; what is wanted is a query (a dictionary), an id, or None: there is no such row."""
    return tuple((label, _address(name, what)) for label, name, what in wanted if what is not None)


def _address(name: str, what: dict[str, str] | str) -> str:
    if isinstance(what, str):
        return reverse(f"api:{name}", args=[what])
    return reverse(f"api:{name}") + (f"?{urlencode(what)}" if what else "")


def _near(found: dict[str, Any]) -> dict[str, str] | None:
    return {"postcode": found["postcode"], "proximity": "10000"} if found["postcode"] else None


def _calendars() -> tuple[tuple[str, str], ...]:
    return tuple((one.name, reverse("district_calendar", args=[one.slug])) for one in District.objects.order_by("name"))


def _slot_page(key: str | None) -> tuple[tuple[str, str], ...]:
    return (("Ein fester Termin", reverse("slot", args=[key])),) if key else ()


def _embedding() -> tuple[tuple[str, str], ...]:
    """Return an example: a house with a page and a slot."""
    slots = Slot.objects.public(timezone.localdate()).values("institution")
    house = Institution.objects.filter(address_is_public=True, pk__in=slots).order_by("pk").first()
    return ((house.name, reverse("embed", args=[house.slug])),) if house else ()
