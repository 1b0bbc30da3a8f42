"""Which municipalities does the official register name? As GV100AD file, or as a table with a row each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from typing import Any, BinaryIO

from django.utils.text import slugify
from gv100ad import District as RegisterDistrict
from gv100ad import GV100ADReader
from gv100ad import Municipality as RegisterMunicipality

from locations.cells import Fields, Problem
from locations.headings import Column, Layout, simplified
from locations.imports.reports import Difference, Entry, Report
from locations.imports.running import ImportKind, Options
from locations.imports.writing import Batch, assign, changed_names, refusals
from locations.models import District, Municipality, PostalCode
from locations.place_names import fold
from locations.table_files import Row
from locations.text_files import text_lines

# The first two digits of every key (Statistisches Bundesamt) and ISO 3166-2.
STATES = {
    "01": "DE-SH", "02": "DE-HH", "03": "DE-NI", "04": "DE-HB", "05": "DE-NW", "06": "DE-HE", "07": "DE-RP", "08": "DE-BW",
    "09": "DE-BY", "10": "DE-SL", "11": "DE-BE", "12": "DE-BB", "13": "DE-MV", "14": "DE-SN", "15": "DE-ST", "16": "DE-TH",
}  # fmt: skip
UNINHABITED = "gemeindefreies gebiet unbewohnt"
# Types of the register (EF7) in the words of the table.
REGISTER_TYPES = {
    60: "Markt",
    61: "kreisfreie Stadt",
    62: "Stadtkreis",
    63: "Stadt",
    64: "kreisangehörige Gemeinde",
    65: "gemeindefreies Gebiet, bewohnt",
    66: "gemeindefreies Gebiet, unbewohnt",
    67: "große Kreisstadt",
}
DISTRICT_TYPES = {41: "Kreisfreie Stadt", 42: "Stadtkreis", 43: "Kreis", 44: "Landkreis", 45: "Regionalverband"}
TOWNS = frozenset({"St", "GKSt"})
MARKET_TOWNS = frozenset({"M", "Flecken", "Marktflecken", "Markt", "Marktgemeinde"})
_RECORD = re.compile(r"[1-6]0[0-9]{8}[0-9 ]{5}")
_COLUMNS = (
    Column("ags", "AGS", ("Gemeindeschlüssel", "Amtlicher Gemeindeschlüssel", "Schlüssel"), required=True),
    Column("name", "Name", ("Gemeindename", "Gemeinde", "Bezeichnung"), required=True),
    Column("type", "Art", ("Gemeindetyp", "Typ", "Gemeindeart")),
    Column("district_name", "Landkreis", ("Kreis", "Kreisname", "Name des Kreises")),
    Column("district_type", "Art des Kreises", ("Kreistyp",)),
    Column("population", "Einwohner", ("Bevölkerung", "Einwohnerzahl", "Bevölkerung insgesamt")),
    Column("population_on", "Einwohner am", ("Stand", "Stichtag")),
    Column("latitude", "Breite", ("lat", "Breitengrad", "geographische Breite", "Mittelpunkt Breite")),
    Column("longitude", "Länge", ("lon", "lng", "Längengrad", "geographische Länge", "Mittelpunkt Länge")),
    Column("postal_codes", "Postleitzahlen", ("plz_all", "PLZ", "Postleitzahl", "plz_admin")),
)


@dataclass
class _Stored:
    """What the database knows about the districts of the file."""

    districts: dict[str, District]
    municipalities: dict[str, Municipality]
    codes: dict[str, set[str]]
    slugs: set[str]


class MunicipalityImport(ImportKind):
    """Adds and updates municipalities by key (AGS). None is ended or removed: a merger is a decision, not a missing row."""

    key = "gemeinden"
    label = "Gemeinden"
    hint = "GV100AD des Statistischen Bundesamts, oder CSV/XLSX mit den Spalten AGS und Name."
    columns = _COLUMNS
    model = Municipality
    asks_for = ("as_of", "create_districts")

    def compare(self, rows: list[Fields], options: Options, report: Report) -> Batch:
        comparison = _Comparison(options, report, _stored(options))
        for fields in rows:
            comparison.take(fields)
        return comparison.batch

    def read(self, file: BinaryIO, report: Report) -> Iterator[Fields]:
        head = file.read(20)
        file.seek(0)
        if _RECORD.match(head.decode("latin-1").removeprefix("ï»¿")):
            return _register_rows(file, report)
        return self.fields(file, report)


@dataclass
class _Comparison:
    """The rows of a file against what is stored."""

    options: Options
    report: Report
    stored: _Stored
    batch: Batch = field(default_factory=lambda: Batch(District, Municipality, PostalCode))
    seen: dict[str, int] = field(default_factory=dict)

    def take(self, fields: Fields) -> None:
        """Add, change or leave a municipality, or reject the row."""
        ags = fields.digits("ags", 8)
        if self._is_none_of_ours(fields, ags):
            self.report.skipped += 1
            return
        found = _values(fields, ags)
        if ags and ags in self.seen:
            fields.refuse("ags", f"Steht schon in Zeile {self.seen[ags]}.")
        district = None if fields.problems else self._district(fields, ags)
        if district is None:
            self.report.reject(fields.row, fields.problems)
            return
        self.seen[ags] = fields.row.number
        self._compare(fields, ags, district, found)

    def _is_none_of_ours(self, fields: Fields, ags: str) -> bool:
        """Return whether nobody lives there, so that nobody has to be reached there, or another district was chosen."""
        if simplified(fields.text_of("type")) == UNINHABITED:
            return True
        only = self.options.district.key if self.options.district else self.options.new_district
        return bool(only) and ags[:5] not in ("", only)

    def _district(self, fields: Fields, ags: str) -> District | None:
        """Return the district that the key begins with, a new one where that was asked for."""
        key = ags[:5]
        if key in self.stored.districts:
            return self.stored.districts[key]
        if not self.options.create_districts:
            fields.refuse(
                "ags", f"Einen Landkreis mit dem Schlüssel {key} gibt es hier nicht, oder er ist nicht Ihrer."
            )
            return None
        district = _new_district(fields, key, self.stored.slugs)
        if district is not None:
            self.stored.districts[key] = district
            self.batch.add(district)
        return district

    def _compare(self, fields: Fields, ags: str, district: District, found: dict[str, Any]) -> None:
        row = self.stored.municipalities.get(ags)
        is_new = row is None
        row = row or Municipality(district=district, ags=ags, kind=Municipality.Kind.MUNICIPALITY)
        codes = sorted(found.pop("postal_codes") - self.stored.codes.get(ags, set()))
        differences = assign(row, _with_population(row, found, self.options))
        for name, reason in refusals(row, exclude=["ags", "boundary"]).items():
            fields.refuse(name, reason)
        if fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        self._keep(row, is_new, differences, codes)
        if codes:
            differences += (Difference("Postleitzahlen", "", "neu: " + ", ".join(codes)),)
        entry = Entry(fields.row.number, f"{ags} {row.name}", () if is_new else differences)
        self.report.take(entry, is_new=is_new)

    def _keep(self, row: Municipality, is_new: bool, differences: tuple[Difference, ...], codes: list[str]) -> None:
        if is_new:
            self.batch.add(row)
        elif differences:
            self.batch.change(row, changed_names(row, differences))
        for code in codes:
            self.batch.add(PostalCode(code=code, municipality=row))


def _stored(options: Options) -> _Stored:
    districts = {district.key: district for district in options.in_scope}
    rows = Municipality.objects.filter(district__in=list(districts.values())).defer("boundary")
    codes: dict[str, set[str]] = defaultdict(set)
    known = PostalCode.objects.filter(municipality__district__in=list(districts.values()))
    for ags, code in known.values_list("municipality__ags", "code"):
        codes[ags].add(code)
    return _Stored(
        districts=districts,
        municipalities={row.ags: row for row in rows},
        codes=codes,
        slugs=set(District.objects.values_list("slug", flat=True)),
    )


def _values(fields: Fields, ags: str) -> dict[str, Any]:
    """Return the values of the row; what makes no sense stands in the problems."""
    written = fields.required("name", 120)
    if not ags and not fields.problems:
        fields.refuse("ags", "Die Angabe fehlt.")
    name, _, suffix = written.partition(",")
    latitude, longitude = fields.degrees("latitude", 90), fields.degrees("longitude", 180)
    if not latitude or not longitude:
        latitude = longitude = None  # 0, 0 lies in the Gulf of Guinea
    return {
        "name": name.strip(),
        "kind": _kind(simplified(fields.text_of("type")), suffix.strip()),
        "population": fields.whole("population"),
        "population_on": fields.day("population_on"),
        "latitude": latitude,
        "longitude": longitude,
        "postal_codes": _codes(fields),
    }


def _codes(fields: Fields) -> set[str]:
    words = re.split(r"[\s,;/|]+", fields.text_of("postal_codes"))
    codes = {word.zfill(5) for word in words if word}
    if any(not re.fullmatch(r"[0-9]{5}", code, re.ASCII) for code in codes):
        fields.refuse("postal_codes", "Erwartet werden Postleitzahlen mit fünf Ziffern.")
        return set()
    return codes


def _kind(written: str, suffix: str) -> str:
    """Return the kind by the type or, without one, by what follows the name ("Peine, Stadt"); "" where neither says."""
    if suffix in MARKET_TOWNS or written == "markt":
        return Municipality.Kind.MARKET_TOWN
    if "stadt" in written or (not written and ("stadt" in suffix.lower() or suffix in TOWNS)):
        return Municipality.Kind.TOWN
    return Municipality.Kind.MUNICIPALITY if written else ""


def _new_district(fields: Fields, key: str, slugs: set[str]) -> District | None:
    name = fields.required("district_name", 100).partition(",")[0].strip()
    if key[:2] not in STATES:
        fields.refuse("ags", f"Ein Land mit dem Schlüssel {key[:2]} gibt es nicht.")
    if fields.problems:
        return None
    kind = fields.text_of("district_type")
    slug = slugify(fold(name))[:44] or key
    if slug in slugs:
        slug = f"{slug}-{key}"
    slugs.add(slug)
    is_town = not kind or "stadt" in kind.lower()
    return District(key=key, name=name if is_town else f"{kind} {name}", slug=slug, federal_state=STATES[key[:2]])


def _with_population(row: Municipality, found: dict[str, Any], options: Options) -> dict[str, Any]:
    """Return the values, without a population that is older than the stored one or of an unknown day."""
    day: date | None = found["population_on"] or options.as_of
    if row.population is not None and row.population_on and (day is None or day < row.population_on):
        return found | {"population": None, "population_on": None}
    if found["population"] is None:
        return found | {"population_on": None}
    if found["population"] == row.population and day in (None, row.population_on):
        return found | {"population_on": None}
    return found | {"population_on": day, "population_source": options.source}


# GV100AD: lines of fixed width, read by the package of the same name


def _register_rows(file: BinaryIO, report: Report) -> Iterator[Fields]:
    """Yield the municipalities as rows of the table that the file could have been."""
    layout = Layout(
        {column.key: place for place, column in enumerate(_COLUMNS)},
        tuple(column.label for column in _COLUMNS),
        {column.key: column.label for column in _COLUMNS},
    )
    report.titles = layout.titles
    districts: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(text_lines(file), start=1):
        if line[:2] == "40" or line[:2] == "60":
            record = _record(number, line, report)
            if isinstance(record, RegisterDistrict):
                districts[record.regional_code] = (record.name, DISTRICT_TYPES.get(record.type.value, ""))
            elif isinstance(record, RegisterMunicipality):
                yield Fields(Row(number, _cells(record, districts), layout))


def _record(number: int, line: str, report: Report) -> Any:
    try:
        return next(iter(GV100ADReader(StringIO(line)).read()), None)
    except (ValueError, LookupError) as error:
        problem = Problem(number, "Satz", line[:80].strip(), f"Der Satz ist beschädigt: {error}")
        report.reject_written(number, (line[10:18].strip(), line[22:72].strip()), [problem])
        return None


def _cells(record: RegisterMunicipality, districts: dict[str, tuple[str, str]]) -> tuple[Any, ...]:
    name, kind = districts.get(record.regional_code[:5], ("", ""))
    return (
        record.regional_code,
        record.name,
        REGISTER_TYPES.get(record.type.value, ""),
        name,
        kind,
        record.inhabitants,
        record.timestamp,
        None,
        None,
        record.postal_code,
    )
