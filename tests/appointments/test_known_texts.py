"""Does a short text of staff stand in the language of the page, wherever it was entered, and in German with a note else?"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db.models import CharField
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from appointments import known_texts
from appointments.known_texts import told_in_words, told_plainly, told_with_note
from appointments.models import Slot, SlotException, TextTranslation
from locations.models import Closure, District, HelpLine, Institution, Locality, Room
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    known_texts.forget()
    yield
    known_texts.forget()


@pytest.fixture
def slot():
    """A slot at which every short text of staff stands, none of them known to the product."""
    district = make_district(phone="030 23125 000", phone_hours="Mo bis Do ab 9")
    district.help_lines.create(name="Beispiel-Notruf", phone="030 23125 110")
    house = make_institution(
        make_municipality(district, name="Beispielort"), step_free=False, step_free_note="3 Stufen"
    )
    room = house.rooms.create(name="Raum 1", note="Im Hof links")
    slot = make_slot(house, make_offer(make_provider(district)), room=room, note="Bitte klingeln")
    make_exception(slot, date(2026, 9, 29), reason="Elternabend")
    return slot


TEXTS = {
    "Bitte klingeln": "Please ring",
    "3 Stufen": "3 steps",
    "Im Hof links": "In the yard on the left",
    "Elternabend": "Parents' evening",
}


def read(path: str) -> str:
    return Client().get(path).content.decode().replace("&#x27;", "'")


def test_what_is_translated_is_read_in_the_language_and_nowhere_else(slot):
    for german, english in TEXTS.items():
        TextTranslation.objects.create(language="en", german=german, text=english)
    english, german, turkish = (read(f"{path}/termine/{slot.uuid}/") for path in ("/en", "", "/tr"))
    for source, text in TEXTS.items():
        assert text in english
        assert f'<bdi lang="de">{source}' not in english
        assert text not in german
        assert text not in turkish
        assert f'<bdi lang="de">{source}</bdi>' in turkish


def test_what_is_not_translated_says_that_it_is_german(slot):
    html = read(f"/en/termine/{slot.uuid}/")
    assert '<bdi lang="de">Bitte klingeln</bdi> <span class="bl-quiet">(in German)</span>' in html
    assert "(in German)" not in read(f"/termine/{slot.uuid}/").partition("<main")[2].partition("<footer")[0]


def test_help_lines_and_phone_hours_are_translated(slot):
    TextTranslation.objects.create(language="en", german="Beispiel-Notruf", text="Example emergency line")
    TextTranslation.objects.create(language="en", german="Mo bis Do ab 9", text="Mon to Thu from 9")
    assert "Example emergency line" in read("/en/")
    assert "Mon to Thu from 9" in read("/en/?ort=Beispielort&tag=so")


def test_a_translation_of_staff_goes_before_the_products_own():
    TextTranslation.objects.create(language="en", german="Karfreitag", text="The Friday before Easter")
    with override("en"):
        assert told_plainly("Karfreitag") == told_in_words("Karfreitag") == "The Friday before Easter"
        assert told_plainly("Ostermontag") == "Easter Monday"
        assert told_plainly("Kirchweih") == "Kirchweih"


def test_a_translation_is_no_markup(slot):
    TextTranslation.objects.create(language="en", german="Bitte klingeln", text="<b>ring</b>")
    assert "<b>ring" not in read(f"/en/termine/{slot.uuid}/")


@pytest.mark.parametrize("told", [told_in_words, told_with_note])
def test_a_text_nobody_translated_is_escaped(told):
    with override("en"):
        assert "<i>" not in told("<i>Hof</i>")
        assert told("") == ""
    assert told_plainly("<i>") == "<i>"


def test_translations_are_asked_for_once_a_minute(monkeypatch, django_assert_num_queries):
    clock = [1000.0]
    monkeypatch.setattr(known_texts, "monotonic", lambda: clock[0])
    with override("en"):
        with django_assert_num_queries(1):
            told_plainly("Im Hof"), told_in_words("Im Flur")
        clock[0] += known_texts.SECONDS_KEPT
        with django_assert_num_queries(0):
            told_plainly("Im Hof")
        clock[0] += 0.1
        with django_assert_num_queries(1):
            told_plainly("Im Hof")


def test_every_short_text_fits_into_a_translation():
    """A text longer than the column could never be translated."""
    room_for = TextTranslation._meta.get_field("german").max_length
    sources = {
        Slot: "note",
        SlotException: "reason",
        Closure: "reason",
        District: "phone_hours",
        HelpLine: "name",
        Institution: "step_free_note",
        Locality: "note",
        Room: "note",
    }
    for model, name in sources.items():
        field = model._meta.get_field(name)
        assert isinstance(field, CharField), name
        assert field.max_length <= room_for, name
