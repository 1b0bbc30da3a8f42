"""Are school holidays taken from a file in whole, explained row by row, and never half?"""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from locations.calendars import UnknownStateError
from locations.holiday_files import MOST_ROWS, UnreadableFileError, read_holidays
from locations.models import SchoolHoliday
from locations.school_holidays import import_holidays

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


def take(content: str | bytes, *, dry_run=False, state="DE-NI"):
    content = content.encode() if isinstance(content, str) else content
    return import_holidays(content=content, federal_state=state, source="Beispiel", dry_run=dry_run)


def stored() -> list[tuple[date, date, str]]:
    return list(SchoolHoliday.objects.order_by("first_day").values_list("first_day", "last_day", "name"))


def reasons(content: str) -> list[str]:
    return [f"{row.number} {row.column} {row.value}: {row.reason}" for row in read_holidays(content.encode())[1]]


@pytest.mark.django_db
def test_a_german_spreadsheet_is_taken(db):
    found = take(CSV)
    assert [len(found.added), len(found.changed), len(found.unchanged), len(found.rejected)] == [2, 0, 0, 0]
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
    ],
)
def test_other_spellings_of_the_same_file_read_alike(content):
    rows, rejected = read_holidays(content.encode())
    assert rejected == []
    assert [(row.first_day, row.last_day, row.name) for row in rows] == [
        (date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),
        (date(2026, 12, 23), date(2027, 1, 9), "Weihnachtsferien"),
    ]


def test_a_file_from_an_old_excel_keeps_its_umlauts():
    rows, _ = read_holidays("von;bis;Name\n16.05.2027;16.05.2027;Brückentag\n".encode("cp1252"))
    assert rows[0].name == "Brückentag"


def test_the_end_of_an_ics_event_is_the_day_after():
    rows, rejected = read_holidays(ICS.encode())
    assert rejected == []
    assert [(row.first_day, row.last_day, row.name) for row in rows] == [
        (date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),
        (date(2027, 5, 16), date(2027, 5, 16), "Brückentag"),
    ]


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing():
    take(CSV)
    before = list(SchoolHoliday.objects.values())
    found = take(CSV)
    assert (len(found.unchanged), found.changes_something) == (2, False)
    assert list(SchoolHoliday.objects.values()) == before


@pytest.mark.django_db
def test_a_dry_run_shows_and_writes_nothing():
    assert len(take(CSV, dry_run=True).added) == 2
    assert stored() == []


@pytest.mark.django_db
def test_a_corrected_end_replaces_the_stored_one():
    take(CSV)
    found = take(CSV.replace("24.10.2026", "23.10.2026"))
    assert [row.name for row in found.changed] == ["Herbstferien"]
    assert stored()[0][1] == date(2026, 10, 23)


@pytest.mark.django_db
def test_one_rejected_row_keeps_the_whole_file_out():
    found = take(CSV + "1.2.2027;31.02.2027;Winterferien\n")
    assert [(row.number, row.column, row.value) for row in found.rejected] == [(4, "letzter Tag", "31.02.2027")]
    assert (stored(), found.changes_something) == ([], False)


@pytest.mark.django_db
def test_holidays_that_overlap_stored_ones_are_rejected_by_name():
    take(CSV)
    found = take("von;bis;Name\n24.10.2026;26.10.2026;Zusatzferien\n")
    assert "Überschneidet sich mit Herbstferien 12.10.2026 bis 24.10.2026" in found.rejected[0].reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("24.10.2026;12.10.2026;A", "2 letzter Tag 2026-10-12: Der letzte Tag liegt vor dem ersten."),
        ("12.10.2026;24.10.2026;", "2 Name : Der Name fehlt."),
        ("12.10.9999;24.10.9999;A", "2 erster Tag 9999-10-12: Das Jahr liegt nicht zwischen 1990 und 2100."),
        ("1.1.2026;31.12.2026;A", "2 letzter Tag 2026-12-31: Ferien dauern nicht länger als 100 Tage."),
        ("gestern;heute;A", "2 erster Tag gestern: Das ist kein Tag. Erwartet wird etwa 12.10.2026."),
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
        (b"", "fehlt: von, bis, Name. Erwartet"),
        (b"Hallo Welt", "In der Kopfzeile fehlt"),
        (b"PK\x03\x04\x00\x00", "weder eine CSV- noch eine ICS-Datei"),
        (b"von;bis;Name\n", "stehen keine Ferien"),
        (b"von;bis;Name\n" + b"x" * 1_000_000, "größer als 1 MB"),
        (b"von;bis;Name\n" + b"1;1;a\n" * (MOST_ROWS + 1), "Mehr als 2000 Zeilen"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * (MOST_ROWS + 1), "Mehr als 2000 Ereignisse"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "beschädigt"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:TIMEZONE\r\nTZID:B\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n", "beschädigt"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(content, message):
    with pytest.raises(UnreadableFileError, match=message):
        read_holidays(content)


@pytest.mark.django_db
def test_a_state_that_does_not_exist_is_refused():
    with pytest.raises(UnknownStateError, match="„DE-XX“ ist nicht bekannt"):
        take(CSV, state="DE-XX")


@pytest.mark.django_db
def test_the_command_reports_and_saves(tmp_path: Path):
    file = tmp_path / "ferien.csv"
    file.write_text(CSV, encoding="utf-8")
    out = StringIO()
    call_command("import_school_holidays", file, "--state=DE-NI", "--dry-run", stdout=out)
    assert "2 neu, 0 geändert" in out.getvalue()
    assert "nichts gespeichert" in out.getvalue()
    assert stored() == []
    call_command("import_school_holidays", file, "--state=DE-NI", stdout=out)
    assert SchoolHoliday.objects.first().source == "ferien.csv"


@pytest.mark.django_db
def test_the_command_refuses_in_words(tmp_path: Path):
    file = tmp_path / "ferien.csv"
    with pytest.raises(CommandError, match="lässt sich nicht lesen"):
        call_command("import_school_holidays", file, "--state=DE-NI")
    file.write_text(CSV + "x;y;z\n", encoding="utf-8")
    errors = StringIO()
    with pytest.raises(CommandError, match="Nichts gespeichert"):
        call_command("import_school_holidays", file, "--state=DE-NI", stderr=errors, stdout=StringIO())
    assert "Zeile 4, erster Tag „x“" in errors.getvalue()
    with pytest.raises(CommandError, match="Bitte das Land angeben"):
        call_command("import_school_holidays", file)
