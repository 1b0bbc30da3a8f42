"""Are school holidays taken from a file in whole, explained row by row, and never half?"""

from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from locations.holiday_files import MOST_ROWS
from locations.imports.reports import Report
from locations.imports.running import Options, UnreadableFileError, run_import
from locations.imports.school_holidays import SchoolHolidayImport
from locations.models import ImportRun, SchoolHoliday

TODAY = date(2026, 9, 1)
CSV = """von;bis;Name
12.10.2026;24.10.2026;Herbstferien
23.12.2026;09.01.2027;Weihnachtsferien
"""
ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Beispiel//DE\r
BEGIN:VEVENT\r
UID:1@example.org\r
DTSTART;VALUE=DATE:20261012\r
DTEND;VALUE=DATE:20261025\r
SUMMARY:Herbstferien\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2@example.org\r
DTSTART;VALUE=DATE:20270516\r
SUMMARY:Brückentag\r
END:VEVENT\r
END:VCALENDAR\r
"""
pytestmark = pytest.mark.django_db


def take(content: str | bytes, *, dry_run=False, state="DE-NI") -> Report:
    content = content.encode() if isinstance(content, str) else content
    options = Options(today=TODAY, districts=(), federal_state=state, source="Beispiel")
    return run_import(SchoolHolidayImport(), BytesIO(content), options, dry_run=dry_run)


def stored() -> list[tuple[date, date, str]]:
    return list(SchoolHoliday.objects.order_by("first_day").values_list("first_day", "last_day", "name"))


def reasons(content: str) -> list[str]:
    rejected = take(content, dry_run=True).rejected
    return [f"{row.number} {row.column} {row.value}: {row.reason}" for row in rejected]


def test_a_german_spreadsheet_is_taken():
    found = take(CSV)
    assert found.summary == "2 neu, 0 geändert, 0 unverändert, 0 abgelehnt."
    assert stored()[0] == (date(2026, 10, 12), date(2026, 10, 24), "Herbstferien")


@pytest.mark.parametrize(
    "content",
    [
        CSV.replace(";", ","),
        CSV.replace(";", "\t"),
        "\ufeff" + CSV,
        CSV.replace("\n", "\r\n"),
        "start,end,name,source_id\n2026-10-12,2026-10-24,Herbstferien,a\n2026-12-23,2027-01-09,Weihnachtsferien,b\n",
        "Erster Tag;Letzter Tag;Bezeichnung\n12.10.2026;24.10.2026;Herbstferien\n\n"
        "23.12.2026;09.01.2027;Weihnachtsferien\n",
        "Ferien in Niedersachsen;;\nStand: heute;;\n" + CSV,
    ],
)
def test_other_spellings_of_the_same_file_read_alike(content):
    assert take(content).rejected == []
    assert stored() == [
        (date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),
        (date(2026, 12, 23), date(2027, 1, 9), "Weihnachtsferien"),
    ]


def test_a_file_from_an_old_excel_keeps_its_umlauts():
    take("von;bis;Name\n16.05.2027;16.05.2027;Brückentag\n".encode("cp1252"))
    assert stored()[0][2] == "Brückentag"


def test_the_end_of_an_ics_event_is_the_day_after():
    assert take(ICS).rejected == []
    assert stored() == [
        (date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),
        (date(2027, 5, 16), date(2027, 5, 16), "Brückentag"),
    ]


@pytest.mark.parametrize("content", [CSV, ICS])
def test_the_same_file_again_changes_nothing(content):
    take(content)
    before = list(SchoolHoliday.objects.values())
    found = take(content)
    assert (len(found.unchanged), found.changes_something) == (2, False)
    assert list(SchoolHoliday.objects.values()) == before


def test_a_dry_run_shows_and_writes_nothing():
    assert len(take(CSV, dry_run=True).added) == 2
    assert stored() == []


def test_a_corrected_end_replaces_the_stored_one():
    take(CSV)
    found = take(CSV.replace("24.10.2026", "23.10.2026"))
    assert [(one.column, one.old, one.new) for one in found.changed[0].differences] == [
        ("letzter Tag", "24.10.2026", "23.10.2026")
    ]
    assert stored()[0][1] == date(2026, 10, 23)


def test_one_rejected_row_keeps_the_whole_file_out():
    found = take(CSV + "1.2.2027;31.02.2027;Winterferien\n")
    assert [(row.number, row.column, row.value) for row in found.rejected] == [(4, "letzter Tag", "31.02.2027")]
    assert (stored(), found.written) == ([], False)
    assert found.rejected_rows == {4: ("1.2.2027", "31.02.2027", "Winterferien")}


def test_holidays_that_overlap_stored_ones_are_rejected_by_name():
    take(CSV)
    found = take("von;bis;Name\n24.10.2026;26.10.2026;Zusatzferien\n")
    assert "Überschneidet sich mit Herbstferien 12.10.2026 bis 24.10.2026" in found.rejected[0].reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("24.10.2026;12.10.2026;A", "2 letzter Tag 2026-10-12: Der letzte Tag liegt vor dem ersten."),
        ("12.10.2026;24.10.2026;", "2 Name : Der Name fehlt."),
        ("1.10.2189;2.10.2189;A", "2 erster Tag 2189-10-01: Das Jahr liegt nicht zwischen 1990 und 2100."),
        ("1.1.2026;31.12.2026;A", "2 letzter Tag 2026-12-31: Ferien dauern nicht länger als 100 Tage."),
        ("gestern;1.1.2026;A", "2 erster Tag gestern: Das ist kein Tag. Erwartet wird etwa 12.10.2026."),
        ("12.10.2026", "2 letzter Tag : Das ist kein Tag. Erwartet wird etwa 12.10.2026."),
    ],
)
def test_a_row_that_makes_no_sense_is_rejected_with_its_reason(row, reason):
    assert reasons(f"von;bis;Name\n{row}\n") == [reason]


def test_rows_of_one_file_do_not_overlap():
    assert reasons(CSV + "24.10.2026;30.10.2026;B\n") == [
        "4 erster Tag 2026-10-24: Überschneidet sich mit Zeile 2 (Herbstferien)."
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("DTSTART;TZID=Mars/Phobos:20261012T000000", "1 DTSTART 20261012T000000: Ferien werden in ganzen Tagen"),
        ("DTSTART:20261012T080000Z", "1 DTSTART 20261012T080000Z: Ferien werden in ganzen Tagen"),
        ("DTSTART;VALUE=DATE:20261012\r\nRRULE:FREQ=YEARLY", "1 RRULE FREQ=YEARLY: Ferien wiederholen sich nicht"),
        ("X-NOTHING:1", "1 DTSTART : Der Tag fehlt"),
        ("DTSTART;VALUE=DATE:20261345", "1 DTSTART 20261345: Der Tag fehlt oder ist nicht lesbar"),
        ("DTSTART;VALUE=DATE:20261012\r\nDTSTART;VALUE=DATE:20261013", "1 DTSTART"),
        ("DTSTART;VALUE=DATE:20261012\r\nDURATION:P5D", "1 DURATION P5D: Bitte das Ende angeben"),
        ("DTSTART;VALUE=DATE:20261012\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=YEARLY", "1 RRULE"),
        ("DTSTART;VALUE=DATE:99991231", "1 erster Tag 9999-12-31: Das Jahr liegt nicht zwischen 1990 und 2100"),
    ],
)
def test_an_event_that_is_no_whole_day_is_rejected(changed, reason):
    found = reasons(ICS.replace("DTSTART;VALUE=DATE:20261012", changed, 1))
    assert len(found) == 1
    assert found[0].startswith(reason)


def test_the_last_day_there_is_has_no_day_after_it():
    found = reasons(ICS.replace("DTSTART;VALUE=DATE:20270516", "DTSTART;VALUE=DATE:99991231"))
    assert found == ["2 erster Tag 9999-12-31: Das Jahr liegt nicht zwischen 1990 und 2100."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Die Datei ist leer"),
        (b"Hallo Welt", "fehlt: erster Tag, letzter Tag, Name. Gelesen wurde: Hallo Welt."),
        (b"PK\x03\x04\x00\x00", "beschädigt oder unvollständig"),
        (b"von;bis;Name\n", "steht außer der Kopfzeile nichts"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * (MOST_ROWS + 1), "Mehr als 2000 Ereignisse"),
        (b"BEGIN:VCALENDAR\r\n" + b"X-A:" + b"x" * 1_000_000, "größer als 1 MB"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "beschädigt"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:TIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n", "beschädigt"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(content, message):
    with pytest.raises(UnreadableFileError, match=message):
        take(content)


def test_a_state_that_does_not_exist_is_refused():
    with pytest.raises(UnreadableFileError, match="„DE-XX“ ist nicht bekannt"):
        take(CSV, state="DE-XX")


def test_the_command_reports_and_saves(tmp_path: Path):
    file = tmp_path / "ferien.csv"
    file.write_text(CSV, encoding="utf-8")
    out = StringIO()
    call_command("import_school_holidays", file, "--state=DE-NI", "--dry-run", stdout=out)
    assert "2 neu, 0 geändert" in out.getvalue()
    assert "nichts gespeichert" in out.getvalue()
    assert (stored(), ImportRun.objects.count()) == ([], 0)
    call_command("import_school_holidays", file, "--state=DE-NI", stdout=out)
    assert SchoolHoliday.objects.first().source == "ferien.csv"
    run = ImportRun.objects.get()
    assert (run.status, run.added, run.file_name) == ("done", 2, "ferien.csv")


def test_the_command_refuses_in_words(tmp_path: Path):
    file = tmp_path / "ferien.csv"
    with pytest.raises(CommandError, match="lässt sich nicht lesen"):
        call_command("import_school_holidays", file, "--state=DE-NI")
    file.write_text(CSV + "x;1.1.2027;z\n", encoding="utf-8")
    out = StringIO()
    mended = tmp_path / "zu-berichtigen.csv"
    with pytest.raises(CommandError, match="Nichts gespeichert"):
        call_command("import_school_holidays", file, "--state=DE-NI", f"--rejected={mended}", stdout=out)
    assert "Zeile 4, erster Tag „x“" in out.getvalue()
    assert (
        mended.read_text(encoding="utf-8-sig")
        .splitlines()[1]
        .startswith("4;x;1.1.2027;z;erster Tag: Das ist kein Tag.")
    )
    with pytest.raises(CommandError, match="Bitte das Land angeben"):
        call_command("import_school_holidays", file)
