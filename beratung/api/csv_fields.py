"""What does each field of the CSV files mean, and where does its value come from?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from appointments.coverage import MunicipalityCoverage
from appointments.entries import public_point
from appointments.models import Slot, is_stale
from appointments.occurrences import Occurrence
from beratung.api.districts import CoverageOnDay
from beratung.api.hsds_parts import ways_in
from beratung.api.links import page
from beratung.coverage_table import STATE_WORDS
from locations.models import Institution, Municipality
from locations.tables import Column, Table, Value
from locations.wording import UNKNOWN, yes_no

NOBODY_KNOWS: Final = f"„{UNKNOWN}“: niemand hat es eingetragen"
NEVER_EMPTY: Final = "kommt nicht vor"
HIDDEN: Final = "leer: die Adresse ist vertraulich oder nicht eingetragen"


@dataclass(frozen=True, slots=True)
class Field:
    """A column as the dictionary explains it, and where its value comes from."""

    name: str
    meaning: str
    unit: str
    empty: str
    value: Callable[[Any], Value]


@dataclass(frozen=True)
class SlotLine:
    """What a line about a slot is made of; a confidential house gives its municipality alone."""

    slot: Slot
    house: Institution
    municipality: Municipality
    next: Occurrence | None
    day: date
    site: str

    @property
    def is_public(self) -> bool:
        return self.house.address_is_public

    def of_house(self, value: str) -> str:
        return value if self.is_public else ""

    def coordinate(self, name: str) -> Value:
        point, is_exact = public_point(self.house, self.day)
        return Decimal(f"{getattr(point, name):.5f}") if point and (is_exact or not self.is_public) else None


def _clock(value: Any) -> str:
    return f"{value:%H:%M}"


def _fact(value: bool | None) -> Value:
    return None if value is None else yes_no(value)


SLOT_FIELDS: Final = (
    Field("kennung", "bleibende Kennung des festen Termins", "UUID", NEVER_EMPTY, lambda line: str(line.slot.uuid)),
    Field("angebot", "Titel des Angebots", "Text", NEVER_EMPTY, lambda line: line.slot.offer.title),
    Field("traeger", "wer berät", "Text", NEVER_EMPTY, lambda line: line.slot.offer.provider.name),
    Field(
        "beratungsfelder",
        "worum es geht, mit Komma getrennt",
        "Text",
        "leer: keinem Feld zugeordnet",
        lambda line: ", ".join(topic.name for topic in line.slot.offer.topics.all()),
    ),
    Field("einrichtung", "Haus, in dem beraten wird", "Text", HIDDEN, lambda line: line.of_house(line.house.name)),
    Field("strasse", "Straße und Hausnummer", "Text", HIDDEN, lambda line: line.of_house(line.house.street)),
    Field("plz", "Postleitzahl", "fünf Ziffern", HIDDEN, lambda line: line.of_house(line.house.postal_code)),
    Field(
        "gemeinde", "Gemeinde, in der das Haus heute liegt", "Text", NEVER_EMPTY, lambda line: line.municipality.name
    ),
    Field("ags", "Gemeindeschlüssel", "acht Ziffern", NEVER_EMPTY, lambda line: line.municipality.ags),
    Field(
        "breite",
        "geografische Breite; bei vertraulicher Adresse die der Gemeinde",
        "Grad, WGS 84",
        NOBODY_KNOWS,
        lambda line: line.coordinate("latitude"),
    ),
    Field(
        "laenge",
        "geografische Länge; bei vertraulicher Adresse die der Gemeinde",
        "Grad, WGS 84",
        NOBODY_KNOWS,
        lambda line: line.coordinate("longitude"),
    ),
    Field("rhythmus", "Rhythmus und Uhrzeit in Worten", "Text", NEVER_EMPTY, lambda line: line.slot.sentence),
    Field("regel", "Rhythmus nach RFC 5545", "RRULE oder RDATE", NEVER_EMPTY, lambda line: line.slot.recurrence.text),
    Field(
        "beginn",
        "Beginn nach der Uhr vor Ort",
        "HH:MM, Europe/Berlin",
        NEVER_EMPTY,
        lambda line: _clock(line.slot.start_time),
    ),
    Field(
        "ende",
        "Ende nach der Uhr vor Ort",
        "HH:MM, Europe/Berlin",
        NEVER_EMPTY,
        lambda line: _clock(line.slot.end_time),
    ),
    Field("gilt_ab", "erster Tag, einschließlich", "TT.MM.JJJJ", NEVER_EMPTY, lambda line: line.slot.first_day),
    Field(
        "gilt_bis",
        "letzter Tag, einschließlich",
        "TT.MM.JJJJ",
        "leer: ohne Ende",
        lambda line: line.slot.last_day or "",
    ),
    Field(
        "naechster_termin",
        "nächster Tag in diesem Haus, an dem wirklich beraten wird: ohne Ferien, Feiertage, Ausfälle",
        "TT.MM.JJJJ",
        "leer: bis zum Ende des nächsten Schuljahrs keiner",
        lambda line: line.next.day if line.next else "",
    ),
    Field(
        "zugang",
        "wie man kommen oder anrufen kann",
        "Text",
        "leer: nicht eingetragen",
        lambda line: ways_in(line.slot.offer),
    ),
    Field(
        "sprachen",
        "Sprachen der Beratung, mit Komma getrennt",
        "ISO 639",
        "leer: nicht eingetragen",
        lambda line: ", ".join(language.code for language in line.slot.offer.languages.all()),
    ),
    Field("kostenlos", "kostet nichts", "Ja, Nein", NOBODY_KNOWS, lambda line: _fact(line.slot.offer.free)),
    Field(
        "stufenlos",
        "ohne Stufen erreichbar",
        "Ja, Nein",
        f"{NOBODY_KNOWS}; leer: die Adresse ist vertraulich",
        lambda line: _fact(line.house.step_free) if line.is_public else "",
    ),
    Field(
        "telefon", "Anmeldung und Fragen", "Text", "leer: nicht eingetragen", lambda line: line.slot.offer.contact_phone
    ),
    Field(
        "bestaetigt_am",
        "Tag, an dem der Termin zuletzt bestätigt wurde",
        "TT.MM.JJJJ",
        NOBODY_KNOWS,
        lambda line: line.slot.vouched_for([line.slot.confirmed_by_day], line.day),
    ),
    Field("adresse", "Seite des Termins", "URL", NEVER_EMPTY, lambda line: page(line.site, "slot", line.slot.uuid)),
    Field(
        "kalender",
        "Kalender des Termins, auch mit dem, was ausfällt",
        "URL (iCalendar)",
        NEVER_EMPTY,
        lambda line: page(line.site, "slot_calendar", line.slot.uuid),
    ),
)


@dataclass(frozen=True)
class CoverageLine:
    """What a line about a municipality is made of."""

    found: CoverageOnDay
    municipality: Municipality
    row: MunicipalityCoverage

    @property
    def unconfirmed(self) -> int:
        """Return how many of the proving slots nobody confirmed for half a year."""
        slots = (self.found.evidence.slots[key] for key in self.row.proving_slots)
        day = self.found.day
        return sum(is_stale(slot.vouched_for([slot.confirmed_by_day], day), day) for slot in slots)


COVERAGE_FIELDS: Final = (
    Field("stichtag", "Tag, für den die Zeile gilt", "TT.MM.JJJJ", NEVER_EMPTY, lambda line: line.found.day),
    Field("ags", "Gemeindeschlüssel", "acht Ziffern", NEVER_EMPTY, lambda line: line.municipality.ags),
    Field("gemeinde", "Name der Gemeinde", "Text", NEVER_EMPTY, lambda line: line.municipality.name),
    Field("einwohner", "Einwohner", "Personen", NOBODY_KNOWS, lambda line: line.municipality.population),
    Field(
        "einwohner_am",
        "Stand der Einwohnerzahl",
        "TT.MM.JJJJ",
        NOBODY_KNOWS,
        lambda line: line.municipality.population_on,
    ),
    Field(
        "abdeckung",
        "abgedeckt, vereinbart, vorgeschlagen oder Lücke",
        "Text",
        NEVER_EMPTY,
        lambda line: STATE_WORDS[line.row.state],
    ),
    Field(
        "einrichtungen",
        "Einrichtungen, die für das Ziel zählen",
        "Anzahl",
        "0: keine",
        lambda line: len(line.row.institutions),
    ),
    Field(
        "mindestens",
        "Einrichtungen je Gemeinde, die das Ziel verlangt",
        "Anzahl",
        NEVER_EMPTY,
        lambda line: line.found.target.minimum_institutions,
    ),
    Field("termine", "feste Termine, die das belegen", "Anzahl", "0: keine", lambda line: len(line.row.proving_slots)),
    Field(
        "unbestaetigt",
        "davon seit mehr als sechs Monaten nicht bestätigt",
        "Anzahl",
        "0: keine",
        lambda line: line.unconfirmed,
    ),
)
DICTIONARY: Final = {"termine": SLOT_FIELDS, "abdeckung": COVERAGE_FIELDS}


def table(name: str, lines: list[Any]) -> Table:
    """Return the lines as the dictionary describes them."""
    fields = DICTIONARY[name]
    return Table(
        name,
        tuple(Column(one.name) for one in fields),
        tuple(tuple(one.value(line) for one in fields) for line in lines),
    )
