"""Do the register, lists of houses and outlines come in as they are, with their dirt told and nothing guessed?"""

import json
from datetime import date
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from locations.imports.boundaries import BoundaryImport
from locations.imports.institutions import InstitutionImport
from locations.imports.municipalities import MunicipalityImport
from locations.imports.running import Options, UnreadableFileError, run_import
from locations.models import District, Institution, Municipality, PostalCode
from tests import builders

TODAY = date(2026, 9, 1)
REAL = Path(settings.BASE_DIR).parent / "shared" / "data"
pytestmark = pytest.mark.django_db


def real(name: str) -> bytes:
    file = REAL / name
    if not file.exists():
        pytest.skip(f"{name} liegt hier nicht; das Produkt braucht die Datei nicht")
    return file.read_bytes()


def take(kind, content, *, dry_run=False, **given):
    content = content.encode() if isinstance(content, str) else content
    options = {"today": TODAY, "districts": tuple(District.objects.all()), "source": "Beispiel"} | given
    return run_import(kind, BytesIO(content), Options(**options), dry_run=dry_run)


def reasons(report) -> list[str]:
    return [f"{one.number} {one.column}: {one.reason}" for one in report.rejected]


# Municipalities

TABLE = (
    "ags,name,type,district_name,district_type,population,lat,lon,plz_all\n"
    '03157006,"Peine, Stadt",Stadt,Peine,Landkreis,49990,52.32,10.22,31224 31226\n'
    "03157009,Ilsede,kreisangehörige Gemeinde,Peine,Landkreis,21738,52.26,10.22,31241\n"
    '03157999,Beispielwald,"gemeindefreies Gebiet, unbewohnt",Peine,Landkreis,0,0,0,\n'
)


def register_line(kind, key, name, seat="", code="  ", numbers="", postal="31224*****") -> str:
    head = f"{kind}20201231{key:<12}{name:<50}{seat:<50}{code}".ljust(128)
    return head + numbers + "    " + postal + " " * 45 if numbers else head


REGISTER = "\n".join(
    [
        register_line("10", "03", "Niedersachsen", "Hannover"),
        register_line("40", "03157", "Peine", "Peine, Stadt", "44"),
        register_line("50", "031570006", "Peine, Stadt", "", "50"),
        register_line("60", "031570060006", "Peine, Stadt", "", "63", f"{11984:011}{49952:011}{24000:011}"),
        register_line("60", "031570090009", "Ilsede", "", "64", f"{7222:011}{21738:011}{10000:011}", "31241     "),
        register_line("60", "031579990999", "Beispielwald", "", "66", f"{100:011}{0:011}{0:011}", "          "),
    ]
)  # fmt: skip


def test_a_table_makes_districts_municipalities_and_postal_codes():
    report = take(MunicipalityImport(), TABLE, create_districts=True)
    assert (len(report.added), report.skipped, reasons(report)) == (2, 1, [])
    district = District.objects.get()
    assert (district.name, district.slug, district.key, district.federal_state) == (
        "Landkreis Peine",
        "peine",
        "03157",
        "DE-NI",
    )
    town = Municipality.objects.get(ags="03157006")
    assert (town.name, town.kind, town.population, town.latitude) == ("Peine", "town", 49_990, 52.32)
    assert sorted(PostalCode.objects.values_list("code", flat=True)) == ["31224", "31226", "31241"]


def test_the_register_file_says_the_same():
    report = take(MunicipalityImport(), REGISTER.replace("\n", "\r\n").encode("cp1252"), create_districts=True)
    assert (len(report.added), report.skipped, reasons(report)) == (2, 1, [])
    town = Municipality.objects.get(ags="03157006")
    assert (town.name, town.kind, town.population, town.population_on) == ("Peine", "town", 49_952, date(2020, 12, 31))
    assert town.district.name == "Landkreis Peine"


def test_a_broken_line_of_the_register_is_rejected_alone():
    report = take(MunicipalityImport(), REGISTER.replace(f"{49952:011}", "x" * 11), create_districts=True)
    assert reasons(report)[0].startswith("4 Satz: Der Satz ist beschädigt")
    assert (Municipality.objects.count(), len(report.added)) == (0, 1)


@pytest.mark.parametrize("content", [TABLE, REGISTER])
def test_the_same_register_again_changes_nothing(content):
    take(MunicipalityImport(), content, create_districts=True)
    before = list(Municipality.objects.values()), list(PostalCode.objects.values())
    report = take(MunicipalityImport(), content, create_districts=True)
    assert (len(report.unchanged), report.written) == (2, False)
    assert (list(Municipality.objects.values()), list(PostalCode.objects.values())) == before


def test_without_the_wish_no_district_is_made():
    report = take(MunicipalityImport(), TABLE)
    assert "Einen Landkreis mit dem Schlüssel 03157 gibt es hier nicht" in reasons(report)[0]
    assert District.objects.count() == 0


def test_another_district_than_the_chosen_one_is_left_alone():
    district = builders.make_district(key="03158")
    report = take(MunicipalityImport(), TABLE, district=district)
    assert (report.skipped, report.rejected, Municipality.objects.count()) == (3, [], 0)


@pytest.mark.parametrize(
    ("stored_on", "as_of", "kept"),
    [
        (date(2024, 12, 31), None, True),
        (date(2024, 12, 31), date(2019, 12, 31), True),
        (date(2019, 12, 31), date(2024, 12, 31), False),
        (None, None, False),
    ],
)
def test_an_older_population_never_replaces_a_newer_one(stored_on, as_of, kept):
    district = builders.make_district(key="03157")
    builders.make_municipality(district, name="Ilsede", ags="03157009", population=22_000, population_on=stored_on)
    take(MunicipalityImport(), TABLE, as_of=as_of)
    assert (Municipality.objects.get(ags="03157009").population == 22_000) is kept


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("031570,A,Stadt", "2 AGS: Erwartet werden 8 Ziffern."),
        (",A,Stadt", "2 AGS: Die Angabe fehlt."),
        ("03157001,,Stadt", "2 Name: Die Angabe fehlt."),
        ("03157001,A,Stadt,,,viele", "2 Einwohner: Das ist keine Zahl."),
        ("03157001,A,Stadt,,,1,200,10", "2 Breite: Erwartet werden Grad von -90 bis 90."),
        ("03157001,A,Stadt,,,1,52,10,3122X", "2 Postleitzahlen: Erwartet werden"),
        ("99157001,A,Stadt,X,Landkreis", "2 AGS: Ein Land mit dem Schlüssel 99 gibt es nicht."),
    ],
)
def test_a_municipality_that_makes_no_sense_is_rejected(line, reason):
    report = take(MunicipalityImport(), TABLE.splitlines()[0] + "\n" + line + "\n", create_districts=True)
    assert reasons(report)[0].startswith(reason)
    assert District.objects.count() == 0


def test_a_change_is_told_with_old_and_new_and_kept_in_the_history():
    take(MunicipalityImport(), TABLE, create_districts=True)
    report = take(MunicipalityImport(), TABLE.replace("Ilsede", "Ilsede-Neu"))
    assert [(one.column, one.old, one.new) for one in report.changed[0].differences] == [
        ("Name", "Ilsede", "Ilsede-Neu")
    ]
    entry = Municipality.objects.get(ags="03157009").history.first()
    assert (entry.name, entry.history_change_reason) == ("Ilsede-Neu", "Import Gemeinden: Beispiel")


def test_the_whole_country_comes_in_and_again_changes_nothing():
    content = real("de_municipalities.csv")
    report = take(MunicipalityImport(), content, create_districts=True)
    assert (len(report.added), report.skipped, reasons(report)) == (10_796, 208, [])
    assert District.objects.count() == 401
    assert take(MunicipalityImport(), content, create_districts=True).written is False


# Institutions


@pytest.fixture
def town():
    district = builders.make_district(key="03157")
    town = builders.make_municipality(district, name="Beispieldorf", ags="03157001")
    builders.make_postal_code(town, code="31234")
    return town


def test_a_list_of_schools_is_taken(town):
    content = "Schulname;Schulform;PLZ;Straße;Telefon;barrierefrei\nBeispiel-Schule;Grundschule;31234;Weg 1;030 23125 100;ja\n"
    report = take(InstitutionImport(), content.encode("cp1252"))
    assert reasons(report) == []
    house = Institution.objects.get()
    assert (house.kind, house.municipality, house.street, house.step_free) == ("school", town, "Weg 1", True)
    assert (house.first_day, house.lift) == (TODAY, None)


def test_the_same_list_again_changes_nothing(town):
    content = "Name;PLZ\nBeispiel-Schule Nord;31234\nBeispiel-Kita;31234\n"
    take(InstitutionImport(), content)
    before = list(Institution.objects.values())
    assert take(InstitutionImport(), content, today=date(2026, 9, 2)).written is False
    assert list(Institution.objects.values()) == before


def test_a_school_is_known_by_its_number_when_its_name_changes(town):
    take(InstitutionImport(), "Schulnummer;Name;PLZ\n47;Beispiel-Schule Alt;31234\n")
    report = take(InstitutionImport(), "Schulnummer;Name;PLZ\n47;Beispiel-Schule Neu;31234\n")
    assert [(one.old, one.new) for one in report.changed[0].differences] == [
        ("Beispiel-Schule Alt", "Beispiel-Schule Neu")
    ]
    assert Institution.objects.get().slug == "beispiel-schule-alt"


def test_coordinates_that_cannot_be_true_are_left_out_and_told(town):
    report = take(InstitutionImport(), "Name;PLZ;Breite;Länge\nBeispiel-Schule;31234;47,86;10,13\n")
    assert Institution.objects.get().latitude is None
    assert "494 km von Beispieldorf entfernt. Die Einrichtung kommt ohne Lage herein." in report.notes[0].reason


def test_a_missing_street_is_no_reason_to_refuse(town):
    assert take(InstitutionImport(), "Name;PLZ;Straße\nBeispiel-Schule;31234;\n").written is True


def test_a_postal_code_of_two_municipalities_needs_more(town):
    other = builders.make_municipality(
        town.district, name="Beispielstadt", ags="03157002", latitude=52.5, longitude=10.6
    )
    builders.make_postal_code(other, code="31234")
    content = "Name;PLZ;Ort;Breite;Länge\n"
    unclear = take(InstitutionImport(), content + "Beispiel-Schule;31234;;;\n")
    assert "passt auf mehrere Gemeinden: Beispieldorf, Beispielstadt" in reasons(unclear)[0]
    by_name = take(InstitutionImport(), content + "Beispiel-Schule;31234;Beispielstadt;;\n")
    assert by_name.written is True
    by_place = take(InstitutionImport(), content + "Beispiel-Schule Nord;31234;;52.31;10.21\n")
    assert "Nach der Lage der Gemeinde Beispieldorf zugeordnet" in by_place.notes[0].reason


def test_a_house_is_found_by_its_locality(town):
    builders.make_locality(town, name="Beispielweiler")
    take(InstitutionImport(), "Name;Ort\nBeispiel-Schule;Beispielweiler\n")
    assert Institution.objects.get().locality.name == "Beispielweiler"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Beispiel-Haus;31234;;", "2 Art: Nicht zu erkennen."),
        ("Beispiel-Schule;99999;;", "2 Postleitzahl: Dazu ist hier keine Gemeinde bekannt."),
        (";31234;;", "2 Name: Die Angabe fehlt."),
        ("Beispiel-Schule;31234;keine-adresse;", "2 E-Mail: "),
        ("Beispiel-Schule;31234;;03157999", "2 AGS: Eine Gemeinde mit diesem Schlüssel gibt es hier nicht"),
        ("Beispiel-Schule;31234;;\nBeispiel-Schule;31234;;", "3 Name: Steht schon in Zeile 2."),
    ],
)
def test_a_house_that_makes_no_sense_is_rejected(town, line, reason):
    builders.make_municipality(town.district, ags="03157002")
    report = take(InstitutionImport(), f"Name;PLZ;E-Mail;AGS\n{line}\n")
    assert reasons(report)[0].startswith(reason)
    assert Institution.objects.count() == 0


def test_houses_of_the_same_name_get_addresses_of_their_own(town):
    content = "Nummer;Name;PLZ\n1;Beispiel-Kita;31234\n2;Beispiel-Kita;31234\n3;Beispiel-Kita;31234\n"
    assert take(InstitutionImport(), content).written is True
    assert sorted(Institution.objects.values_list("slug", flat=True)) == [
        "beispiel-kita",
        "beispiel-kita-beispieldorf",
        "beispiel-kita-beispieldorf-2",
    ]


def test_ten_thousand_rejected_rows_are_all_given_back(town):
    content = "Name;PLZ\n" + "".join(f"Beispiel-Schule {n};99999\n" for n in range(10_000))
    report = take(InstitutionImport(), content)
    assert (len(report.rejected_rows), report.written) == (10_000, False)


def test_the_queries_do_not_grow_with_the_rows(town):
    def count(rows: int) -> int:
        content = "Name;PLZ\n" + "".join(f"Beispiel-Schule {n};31234\n" for n in range(rows))
        with CaptureQueriesContext(connection) as queries:
            take(InstitutionImport(), content, dry_run=True)
        return len(queries)

    assert count(200) - count(2) < 20  # batches of the database, not rows


def test_a_file_that_changes_nothing_asks_no_more_for_more_rows(town):
    content = "Name;PLZ;Ort\n" + "".join(f"Beispiel-Schule {n};31234;Beispieldorf\n" for n in range(50))
    take(InstitutionImport(), content)
    with CaptureQueriesContext(connection) as queries:
        take(InstitutionImport(), content)
    assert len(queries) < 15


def test_the_schools_of_a_state_come_in_with_their_dirt_told():
    take(MunicipalityImport(), real("de_municipalities.csv"), create_districts=True)
    report = take(InstitutionImport(), real("ni_schools_2017.csv"), kind_of_house="school", skip_rejected=True)
    assert len(report.added) + len(report.rejected_rows) == 3_172
    assert len(report.rejected_rows) < 20
    assert sum("ohne Lage" in note.reason for note in report.notes) >= 5
    again = take(InstitutionImport(), real("ni_schools_2017.csv"), kind_of_house="school", skip_rejected=True)
    assert again.written is False
    berlin = District.objects.get(key="11000")
    kitas = take(InstitutionImport(), real("berlin_kitas_2019.csv"), kind_of_house="kita", district=berlin)
    assert (len(kitas.added), reasons(kitas)) == (2_554, [])


# Boundaries

SQUARE = [[10.1, 52.2], [10.1, 52.4], [10.3, 52.4], [10.3, 52.2], [10.1, 52.2]]


def features(*shapes, **document) -> str:
    rows = [
        {"type": "Feature", "properties": {"ags": ags}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ags, ring in shapes
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows} | document)


def test_an_outline_is_turned_as_the_standard_wants_it(town):
    report = take(BoundaryImport(), features(("03157001", SQUARE)))
    assert report.written is True
    ring = Municipality.objects.get(ags="03157001").boundary["coordinates"][0]
    assert ring == SQUARE[::-1]


def test_the_same_outlines_again_change_nothing(town):
    take(BoundaryImport(), features(("03157001", SQUARE)))
    report = take(BoundaryImport(), features(("03157001", SQUARE)))
    assert (len(report.unchanged), report.written) == (1, False)


def test_two_shapes_with_one_key_become_one_outline(town):
    island = [[x + 0.5, y] for x, y in SQUARE]
    take(BoundaryImport(), features(("03157001", SQUARE), ("03157001", island)))
    assert Municipality.objects.get(ags="03157001").boundary["type"] == "MultiPolygon"


def test_an_unknown_key_is_rejected_by_name(town):
    report = take(BoundaryImport(), features(("03157001", SQUARE), ("03157777", SQUARE)))
    assert reasons(report) == [
        "2 AGS: Eine Gemeinde mit diesem Schlüssel gibt es hier nicht, oder sie ist nicht in Ihrem Landkreis."
    ]
    assert Municipality.objects.get(ags="03157001").boundary is None


@pytest.mark.parametrize(
    ("ring", "reason"),
    [
        ([[600000, 5790000], [600100, 5790000], [600100, 5790100], [600000, 5790000]], "liegt nicht in Deutschland"),
        ([[52.2, 10.1], [52.4, 10.1], [52.4, 10.3], [52.2, 10.1]], "liegt nicht in Deutschland"),
        ([[13.1, 52.2], [13.1, 52.4], [13.3, 52.4], [13.1, 52.2]], "km vom Mittelpunkt"),
        ([[10.1, 52.2], [10.1, 52.4]], "weniger als drei verschiedene Punkte"),
        ("nonsense", "keine Liste von Punkten"),
        ([["a", "b"]] * 4, "nicht aus Länge und Breite"),
    ],
)
def test_an_outline_that_cannot_be_is_rejected(town, ring, reason):
    report = take(BoundaryImport(), features(("03157001", ring)))
    assert reason in reasons(report)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "kein lesbares GeoJSON"),
        ("[" * 100_000, "kein lesbares GeoJSON"),
        (features(("03157001", SQUARE))[:-40], "kein lesbares GeoJSON"),
        ("[]", "FeatureCollection"),
        (features(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}), "nicht in WGS 84"),
        ('{"type": "FeatureCollection", "features": [1]}', "keine Form"),
        ("[" * 2_000_001, "mehr als 2000000 Punkte"),
        (" " * 20_000_001, "größer als 20 MB"),
    ],
)
def test_what_is_no_collection_of_shapes_is_refused(town, content, message):
    with pytest.raises(UnreadableFileError, match=message):
        take(BoundaryImport(), content)


def test_a_fine_outline_is_made_coarser_and_stays_in_its_place(town):
    fine = [[10.2 + 0.1 * cos(2 * pi * n / 50_000), 52.3 + 0.06 * sin(2 * pi * n / 50_000)] for n in range(50_000)]
    report = take(BoundaryImport(), features(("03157001", [*fine, fine[0]])))
    ring = Municipality.objects.get(ags="03157001").boundary["coordinates"][0]
    assert 20 < len(ring) <= 600
    assert "Vereinfacht von" in report.notes[0].reason
    assert abs(max(x for x, _ in ring) - 10.3) < 0.001


def test_the_outlines_of_peine_come_in():
    take(MunicipalityImport(), real("de_municipalities.csv"), create_districts=True)
    report = take(BoundaryImport(), real("peine_gemeinden_current.geojson"))
    assert (len(report.changed), reasons(report), report.notes) == (7, [], [])
