"""Does the spreadsheet a district really has become fixed appointments, and nothing it does not say?"""

from datetime import date, time
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from appointments.imports.slots import SlotImport
from appointments.models import Offer, Provider, Slot
from locations.imports.running import Options, run_import
from locations.models import Institution, Room
from tests import builders

TODAY = date(2026, 9, 1)
HEAD = "Einrichtung;Ort;Angebot/Thema;Träger;Termin"
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return builders.make_district()


@pytest.fixture
def town(district):
    return builders.make_municipality(district, name="Beispieldorf")


@pytest.fixture
def school(town):
    return builders.make_institution(town, name="Beispiel-Schule Süd")


@pytest.fixture
def offer(district):
    provider = builders.make_provider(district, name="Beispiel-Träger")
    topic = builders.make_topic(name="Schuldner- und Insolvenzberatung", short_name="Schulden")
    return builders.make_offer(provider, (topic,), title="Schuldnerberatung")


def take(content, *, district=None, dry_run=False, **given):
    content = content.encode() if isinstance(content, str) else content
    districts = (district,) if district else tuple({h.municipality.district for h in Institution.objects.all()})
    options = Options(**{"today": TODAY, "districts": districts} | given)
    return run_import(SlotImport(), BytesIO(content), options, dry_run=dry_run)


def row(rule="jeden 1. und 3. Di 14–16 Uhr", house="Beispiel-Schule Süd", title="Schuldnerberatung") -> str:
    return f"{HEAD}\n{house};Beispieldorf;{title};Beispiel-Träger;{rule}\n"


def reasons(report) -> list[str]:
    return [f"{one.number} {one.column}: {one.reason}" for one in report.rejected]


def test_a_row_in_words_becomes_a_proposal(school, offer):
    report = take(row().encode("cp1252"))
    assert report.summary == "1 neu, 0 geändert, 0 unverändert, 0 abgelehnt."
    slot = Slot.objects.get()
    assert (slot.institution, slot.offer, slot.rule) == (school, offer, "FREQ=MONTHLY;BYDAY=1TU,3TU")
    assert (slot.start_time, slot.end_time, slot.first_day) == (time(14), time(16), TODAY)
    assert slot.status_on(TODAY) == Slot.Status.PROPOSED


def test_the_same_file_again_changes_nothing(school, offer):
    take(row())
    before = list(Slot.objects.values())
    report = take(row(), today=date(2026, 9, 2))
    assert (len(report.unchanged), report.written) == (1, False)
    assert list(Slot.objects.values()) == before


def test_a_dry_run_says_the_same_and_keeps_nothing(school, offer):
    assert take(row(), dry_run=True).summary == take(row()).summary
    assert Slot.objects.count() == 1


def test_merged_cells_hold_for_every_row_they_cover(school, offer):
    book = Workbook()
    sheet = book.active
    sheet.append(["Beratungstermine 2026/27"])
    sheet.append(["Einrichtung", "Ort", "Angebot/Thema", "Träger", "Termin", "gilt ab"])
    sheet.append(
        [
            "Beispiel-Schule Süd",
            "Beispieldorf",
            "Schuldnerberatung",
            "Beispiel-Träger",
            "montags 9–10 Uhr",
            date(2026, 10, 1),
        ]
    )
    sheet.append([None, None, None, None, "jeden 1. und 3. Di 14–16 Uhr"])
    for column in "ABCDF":
        sheet.merge_cells(f"{column}3:{column}4")
    file = BytesIO()
    book.save(file)
    report = take(file.getvalue())
    assert reasons(report) == []
    assert list(Slot.objects.order_by("rule").values_list("rule", "first_day")) == [
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", date(2026, 10, 1)),
        ("FREQ=WEEKLY;BYDAY=MO", date(2026, 10, 1)),
    ]


def test_times_may_stand_in_columns_of_their_own(school, offer):
    take(f"{HEAD};Beginn;Ende\nBeispiel-Schule Süd;;Schuldnerberatung;;jeden Dienstag;14.30;16\n")
    assert list(Slot.objects.values_list("start_time", "end_time")) == [(time(14, 30), time(16))]


def test_two_rhythms_in_one_cell_are_two_appointments(school, offer):
    take(row("montags 9–11 Uhr und donnerstags 14–16 Uhr"))
    assert sorted(Slot.objects.values_list("rule", flat=True)) == ["FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TH"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (row("nach Vereinbarung"), "2 Termin"),
        (row("jeden Dienstag"), "2 Termin: Es fehlt, von wann bis wann: bitte etwa „14–16 Uhr“ ergänzen."),
        (row("dienstags 16–14 Uhr"), "2 Termin"),
        (row(house="Beispiel-Schule Nord"), "2 Einrichtung: Diese Einrichtung ist nicht bekannt."),
        (row(title="Tangokurs"), "2 Angebot: Dieses Angebot ist nicht bekannt."),
        (row().replace("Beispiel-Träger", "Beispiel-Verein"), "2 Träger: Dieser Träger ist nicht bekannt."),
        (row().replace(";Beispieldorf;", ";Beispielstadt;"), "2 Einrichtung: Eine Einrichtung dieses Namens gibt es"),
        (row(""), "2 Termin: Die Angabe fehlt."),
        (row() + row().splitlines()[1] + "\n", "3 Termin: Dieser Termin steht schon in Zeile 2."),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_rejected_with_its_reason(school, offer, content, reason):
    report = take(content)
    assert reasons(report)[0].startswith(reason)
    assert (Slot.objects.count(), report.written) == (0, False)


def test_rejected_rows_can_be_left_out(school, offer):
    report = take(row() + "Beispiel-Schule Süd;;Tangokurs;;montags 9–10 Uhr\n", skip_rejected=True)
    assert (report.written, list(report.rejected_rows)) == (True, [3])
    assert Slot.objects.count() == 1


def test_an_offer_is_found_by_its_topic(school, offer):
    take(row(title="Schulden"))
    assert Slot.objects.get().offer == offer


def test_missing_offers_people_and_rooms_are_made_where_that_was_asked_for(school, offer):
    line = "Beispiel-Schule Süd;;Schulden;Beispiel-Verein;montags 9–10 Uhr;Raum 3;Fachkraft A und Fachkraft B"
    content = f"{HEAD};Raum;Fachkraft\n{line}\n"
    report = take(content, create_missing=True)
    assert reasons(report) == []
    made = Offer.objects.get(provider__name="Beispiel-Verein")
    assert [topic.short_name for topic in made.topics.all()] == ["Schulden"]
    slot = made.slots.get()
    assert (slot.room.name, sorted(c.label for c in slot.counsellors.all())) == (
        "Raum 3",
        ["Fachkraft A", "Fachkraft B"],
    )
    assert take(content, create_missing=True).written is False
    assert (Provider.objects.count(), Room.objects.count()) == (2, 1)


def test_a_clash_with_a_stored_appointment_is_rejected(school, offer, town):
    person = builders.make_counsellor(offer.provider, label="Fachkraft C")
    other = builders.make_institution(town, name="Beispiel-Kita", kind="kita")
    builders.make_slot(other, offer, counsellors=[person])
    report = take(f"{HEAD};Fachkraft\nBeispiel-Schule Süd;;Schuldnerberatung;;dienstags 15–17 Uhr;Fachkraft C\n")
    assert "Fachkraft C" in reasons(report)[0]
    assert Slot.objects.count() == 1


def test_two_rows_of_one_file_clash_too(school, offer, town):
    builders.make_counsellor(offer.provider, label="Fachkraft C")
    builders.make_institution(town, name="Beispiel-Kita", kind="kita")
    lines = [
        f"{HEAD};Fachkraft",
        "Beispiel-Schule Süd;;Schuldnerberatung;;dienstags 15–17 Uhr;Fachkraft C",
        "Beispiel-Kita;;Schuldnerberatung;;dienstags 16–18 Uhr;Fachkraft C",
        "Beispiel-Kita;;Schuldnerberatung;;mittwochs 16–18 Uhr;Fachkraft C",
    ]
    assert list(take("\n".join(lines)).rejected_rows) == [3]


@pytest.mark.parametrize(
    ("may", "second_person", "stage"),
    [(False, False, "proposed"), (True, False, "published"), (True, True, "agreed")],
)
def test_only_who_may_publish_brings_published_appointments_in(district, school, offer, may, second_person, stage):
    district.needs_second_person = second_person
    district.save()
    report = take(
        f"{HEAD};Stand\nBeispiel-Schule Süd;;Schuldnerberatung;;dienstags 15–17 Uhr;veröffentlicht\n", may_publish=may
    )
    assert Slot.objects.get().status_on(TODAY) == stage
    assert len(report.notes) == (stage != "published")


def test_an_empty_cell_changes_nothing_and_a_filled_one_does(school, offer):
    head = f"{HEAD};Hinweis;gilt bis"
    line = "Beispiel-Schule Süd;;Schuldnerberatung;;dienstags 15–17 Uhr"
    take(f"{head}\n{line};Bitte klingeln;\n")
    assert take(f"{head}\n{line};;\n").written is False
    changed = take(f"{head}\n{line};;31.07.2027\n").changed[0].differences
    assert [(one.column, one.old, one.new) for one in changed] == [("gilt bis", "nicht bekannt", "31.07.2027")]
    assert Slot.objects.get().note == "Bitte klingeln"


def test_houses_of_other_districts_are_not_known(district, school, offer):
    stranger = builders.make_institution(name="Beispiel-Schule West")
    report = take(row(house=stranger.name), district=district)
    assert "nicht bekannt" in reasons(report)[0]


def test_a_name_that_is_nearly_right_is_suggested(school, offer):
    assert "Ähnlich heißt: beispiel schule sued." in reasons(take(row(house="Beispiel-Schule Sud")))[0]


def test_a_formula_stays_a_text(school, offer):
    content = f"{HEAD};Hinweis\nBeispiel-Schule Süd;;Schuldnerberatung;;dienstags 15–17 Uhr;=cmd|'/C calc'!A0\n"
    take(content)
    assert Slot.objects.get().note == "=cmd|'/C calc'!A0"


def test_the_queries_do_not_grow_with_the_rows(town, offer):
    for number in range(40):
        builders.make_institution(town, name=f"Beispiel-Haus {number:02}")

    def count(rows: int) -> int:
        lines = [f"Beispiel-Haus {n:02};;Schuldnerberatung;;dienstags {8 + n % 9}–{9 + n % 9} Uhr" for n in range(rows)]
        with CaptureQueriesContext(connection) as queries:
            take("\n".join([HEAD, *lines]), dry_run=True)
        return len(queries)

    assert count(40) == count(2)


def with_number(slot, rule="jeden 4. Di im Monat 15–17 Uhr", number=None):
    return f"{HEAD};Kennung\nBeispiel-Schule Süd;Beispieldorf;Schuldnerberatung;Beispiel-Träger;{rule};{number or slot.uuid}\n"


def test_a_changed_rhythm_finds_its_appointment_by_the_number_of_the_export(school, offer):
    take(row())
    before = Slot.objects.get()
    report = take(with_number(before))
    assert report.summary == "0 neu, 1 geändert, 0 unverändert, 0 abgelehnt."
    after = Slot.objects.get()
    assert (after.pk, after.rule) == (before.pk, "FREQ=MONTHLY;BYDAY=4TU")
    assert (after.start_time, after.end_time) == (time(15), time(17))
    assert after.history.first().rule == "FREQ=MONTHLY;BYDAY=4TU"
    assert take(with_number(before)).summary == "0 neu, 0 geändert, 1 unverändert, 0 abgelehnt."


def test_a_number_that_cannot_be_meant_is_rejected(school, offer, town):
    take(row())
    slot = Slot.objects.get()
    assert "mit dieser Kennung" in reasons(take(with_number(slot, number="12")))[0]
    assert "hier stehen mehrere" in reasons(take(with_number(slot, rule="Mo 9–10 Uhr und Di 14–16 Uhr")))[0]
    twice = with_number(slot) + with_number(slot, rule="Mo 9–10 Uhr").splitlines()[1]
    assert reasons(take(twice)) == ["3 Kennung: Diese Kennung steht schon in Zeile 2."]
    take(row(rule="Mi 9–10 Uhr"))
    assert "unter einer anderen Kennung" in reasons(take(with_number(slot, rule="Mi 9–10 Uhr")))[0]
    house = builders.make_institution(town, name="Beispiel-Kita")
    elsewhere = with_number(slot).replace("Beispiel-Schule Süd", house.name)
    assert "einer anderen Einrichtung" in reasons(take(elsewhere))[0]
    assert Slot.objects.get(pk=slot.pk).rule == "FREQ=MONTHLY;BYDAY=1TU,3TU"


def test_what_an_export_calls_unknown_is_an_empty_cell(school, offer):
    take(row())
    slot = Slot.objects.get()
    head, line = with_number(slot, rule="jeden 1. und 3. Di im Monat 14–16 Uhr").splitlines()
    report = take(f"{head};gilt bis;gezählt ab der Woche vom\n{line};nicht bekannt;nicht bekannt\n")
    assert report.summary == "0 neu, 0 geändert, 1 unverändert, 0 abgelehnt."
