"""Which schools, Kitas and other houses does a list name? CSV or XLSX, a row for each house."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify

from locations.cells import Fields
from locations.geo import Point
from locations.headings import Column, simplified
from locations.imports.finding import MunicipalityFinder
from locations.imports.reports import Entry, Report
from locations.imports.running import ImportKind, Options
from locations.imports.writing import Batch, assign, changed_names, refusals
from locations.models import Institution, Municipality
from locations.place_names import fold

Kind = Institution.Kind
# The first that fits: a "Familienzentrum" is one although it may have a Kita in its name.
WORDS_OF_KINDS = (
    (re.compile(r"familienzentr|mehrgenerationen|family centre"), Kind.FAMILY_CENTRE),
    (re.compile(r"kita|kindertages|kindergarten|krippe|kinderhort|kinderladen"), Kind.KITA),
    (re.compile(r"schul|gymnasium|kolleg|foes |school"), Kind.SCHOOL),
    (re.compile(r"rathaus|verwaltung|town hall"), Kind.TOWN_HALL),
    (re.compile(r"verein|e v$|association"), Kind.ASSOCIATION),
    (re.compile(r"andere|sonstige|other"), Kind.OTHER),
)
FACTS = ("step_free", "lift", "accessible_toilet", "parking", "closes_in_school_holidays")


@dataclass
class _Stored:
    """The houses of the districts, found by what a file may know of them."""

    by_number: dict[tuple[str, str], Institution] = field(default_factory=dict)
    by_name: dict[tuple[int, str], list[Institution]] = field(default_factory=lambda: defaultdict(list))
    slugs: set[str] = field(default_factory=set)


class InstitutionImport(ImportKind):
    """Adds and updates houses. None is ended: that a list leaves one out says nothing."""

    key = "einrichtungen"
    label = "Einrichtungen"
    hint = "CSV oder XLSX mit der Spalte Name und einem Hinweis auf den Ort: AGS, Postleitzahl, Gemeinde, Ortsteil oder Lage."
    model = Institution
    asks_for = ("kind_of_house", "since")
    columns = (
        Column("name", "Name", ("Einrichtung", "Bezeichnung", "Schulname", "Schule", "Kita", "Einrichtungsname"), True),
        Column("register_number", "Nummer im Register", ("school_number", "Schulnummer", "Kitanummer", "Nummer", "id")),
        Column("kind", "Art", ("types", "type", "Schulform", "Einrichtungsart", "Typ", "Schulformen")),
        Column("ags", "AGS", ("Gemeindeschlüssel", "ags_current", "Amtlicher Gemeindeschlüssel")),
        Column("municipality", "Gemeinde", ("Kommune", "Stadt", "municipality_current", "Gemeindename")),
        Column("locality", "Ortsteil", ("Ort", "Ortschaft", "city", "town", "Wohnplatz")),
        Column("street", "Straße und Hausnummer", ("Straße", "Strasse", "Anschrift", "Adresse", "address")),
        Column("postal_code", "Postleitzahl", ("PLZ", "plz", "zip", "postcode")),
        Column("latitude", "Breite", ("lat", "Breitengrad", "geographische Breite")),
        Column("longitude", "Länge", ("lon", "lng", "Längengrad", "geographische Länge")),
        Column("carrier", "Träger der Einrichtung", ("Träger", "Schulträger")),
        Column("phone", "Telefon", ("Tel", "Telefonnummer")),
        Column("email", "E-Mail", ("Mail", "E-Mail-Adresse")),
        Column("website", "Website", ("Internet", "Homepage", "Webseite", "url")),
        Column("step_free", "stufenlos erreichbar", ("stufenlos", "barrierefrei", "rollstuhlgerecht")),
        Column("step_free_note", "Hinweis zum Zugang"),
        Column("lift", "Aufzug"),
        Column("accessible_toilet", "WC stufenlos", ("Behinderten-WC", "barrierefreies WC")),
        Column("parking", "Parkplatz"),
        Column("closes_in_school_holidays", "schließt in den Schulferien"),
        Column("first_day", "in Betrieb seit", ("seit", "Eröffnung")),
        Column("last_day", "in Betrieb bis", ("bis",)),
    )

    def compare(self, rows: list[Fields], options: Options, report: Report) -> Batch:
        comparison = _Comparison(options, report, MunicipalityFinder.load(options), _stored(options))
        for fields in rows:
            comparison.take(fields)
        return comparison.batch


@dataclass
class _Comparison:
    """The rows of a file against what is stored."""

    options: Options
    report: Report
    places: MunicipalityFinder
    stored: _Stored
    batch: Batch = field(default_factory=lambda: Batch(Institution))
    seen: dict[Any, int] = field(default_factory=dict)

    def take(self, fields: Fields) -> None:
        """Add, change or leave a house, or reject the row."""
        values = _values(fields, self.options)
        point = _point(fields)
        town = self.places.municipality(fields, values["name"], point)
        if town is None or fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        key = _identity(values, town)
        if key in self.seen:
            self.report.refuse(fields, "name", f"Steht schon in Zeile {self.seen[key]}.")
            return
        self.seen[key] = fields.row.number
        values |= self._place(fields, town, point)
        self._compare(fields, values, town)

    def _place(self, fields: Fields, town: Municipality, point: Point | None) -> dict[str, Any]:
        """Return municipality, locality and point; a point that cannot be true is left out, and the report says so."""
        if hint := self.places.hint:
            self.report.note(fields, "postal_code", hint)
        if point and (reason := self.places.cannot_lie_in(town, point)):
            self.report.note(fields, "latitude", f"{reason} Die Einrichtung kommt ohne Lage herein.")
            point = None
        return {
            "municipality": town,
            "locality": self.places.locality(fields, town),
            "latitude": point and point.latitude,
            "longitude": point and point.longitude,
        }

    def _compare(self, fields: Fields, values: dict[str, Any], town: Municipality) -> None:
        row = _known(values, town, self.stored)
        is_new = row is None
        row = row or self._new(values, town)
        differences = assign(row, values)
        _check(row, fields)
        if fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        self.report.take(Entry(fields.row.number, row.name, () if is_new else differences), is_new=is_new)
        if is_new:
            self.batch.add(row)
        elif differences:
            self.batch.change(row, changed_names(row, differences))

    def _new(self, values: dict[str, Any], town: Municipality) -> Institution:
        slug = _slug(values["name"], town, self.stored.slugs)
        self.stored.slugs.add(slug)
        first_day = values["first_day"] or self.options.since or self.options.today
        return Institution(municipality=town, slug=slug, first_day=first_day)


def _stored(options: Options) -> _Stored:
    found = _Stored(slugs=set(Institution.objects.values_list("slug", flat=True)))
    for row in Institution.objects.filter(municipality__district__in=options.in_scope):
        if row.register_number:
            found.by_number[row.kind, row.register_number] = row
        found.by_name[row.municipality_id, fold(row.name)].append(row)
    return found


def _values(fields: Fields, options: Options) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": fields.required("name"),
        "register_number": fields.text("register_number", 40),
        "kind": _kind(fields, options),
        "street": fields.text("street"),
        "postal_code": fields.digits("postal_code", 5),
        "carrier": "" if fields.text_of("carrier").isdigit() else fields.text("carrier"),
        "phone": fields.text("phone", 40),
        "email": fields.text("email"),
        "website": _website(fields),
        "step_free_note": fields.text("step_free_note"),
        "first_day": fields.day("first_day"),
        "last_day": fields.day("last_day"),
    }
    return values | {name: fields.yes_no(name) for name in FACTS}


def _kind(fields: Fields, options: Options) -> str:
    """Return the kind by its column, else as the options say, else by the name."""
    for text in (fields.text_of("kind"), "" if options.kind_of_house else fields.text_of("name")):
        word = simplified(text)
        for pattern, kind in WORDS_OF_KINDS:
            if pattern.search(word):
                return kind
    if not options.kind_of_house:
        fields.refuse(
            "kind",
            "Nicht zu erkennen. Bekannt sind Schule, Kita, Familienzentrum, Rathaus, Verein, andere.",
        )
    return options.kind_of_house


def _website(fields: Fields) -> str:
    text = fields.text("website")
    return text if not text or "://" in text else f"https://{text}"


def _point(fields: Fields) -> Point | None:
    """Return where the house lies as the file has it, None where it says nothing or 0."""
    latitude, longitude = fields.degrees("latitude", 90), fields.degrees("longitude", 180)
    return Point(latitude, longitude) if latitude and longitude else None


def _identity(values: dict[str, Any], town: Municipality) -> Any:
    if values["register_number"]:
        return values["kind"], values["register_number"]
    return town.pk, fold(values["name"]), fold(values["street"]), values["postal_code"]


def _check(row: Institution, fields: Fields) -> None:
    for name, reason in refusals(row, exclude=["slug"]).items():
        fields.refuse(name, reason)
    if row.last_day and row.first_day > row.last_day:
        fields.refuse("last_day", "Der letzte Tag liegt vor dem ersten Tag.")


def _known(values: dict[str, Any], town: Municipality, stored: _Stored) -> Institution | None:
    """Return the stored house: by its number, else by name and town and, where several share these, by its address."""
    number = values["register_number"]
    if number and (row := stored.by_number.get((values["kind"], number))):
        return row
    rows = [row for row in stored.by_name[town.pk, fold(values["name"])] if not (number and row.register_number)]
    alike = [row for row in rows if _same_address(row, values)]
    if alike:
        return alike[0]
    return rows[0] if len(rows) == 1 and _may_be_the_same(rows[0], values) else None


def _same_address(row: Institution, values: dict[str, Any]) -> bool:
    return fold(row.street) == fold(values["street"]) and row.postal_code == values["postal_code"]


def _may_be_the_same(row: Institution, values: dict[str, Any]) -> bool:
    """Return whether the two addresses do not contradict each other."""
    same_street = not (row.street and values["street"]) or fold(row.street) == fold(values["street"])
    return same_street and (not (row.postal_code and values["postal_code"]) or row.postal_code == values["postal_code"])


def _slug(name: str, town: Municipality, taken: set[str]) -> str:
    base = slugify(fold(name))[:100].strip("-") or "einrichtung"
    with_town = f"{base}-{town.slug}"[:125].strip("-")
    choices = [base, with_town, *(f"{with_town}-{number}" for number in range(2, 100))]
    return next((slug for slug in choices if slug not in taken), f"{with_town}-{len(taken)}")
