"""Is a query string understood, and is what was not understood said at its field?"""

from datetime import date

import pytest
from django.http import QueryDict

from appointments.filters import SlotFilter, asks_for_something
from appointments.models import Slot
from appointments.search import WayIn
from tests.builders import make_district, make_locality, make_municipality, make_offer, make_topic

DAY = date(2026, 9, 24)


@pytest.fixture
def peine(db):
    district = make_district()
    edemissen = make_municipality(district, name="Edemissen")
    vechelde = make_municipality(district, name="Vechelde")
    for municipality in (edemissen, vechelde):
        make_locality(municipality, name="Alvesse", slug="alvesse")
    return district


def filters(query: str) -> SlotFilter:
    return SlotFilter(QueryDict(query), Slot.objects.all(), day=DAY)


def errors(query: str) -> dict[str, list[str]]:
    return dict(filters(query).form.errors)


def test_everything_is_understood_together(peine):
    topic = make_topic(short_name="Schulden")
    wish = filters("ort=vechelde&thema=schulden&tag=mi&ab=16&sortierung=entfernung").wish
    assert (wish.place.name, wish.topics, wish.weekday, wish.from_hour) == ("Vechelde", (topic,), 2, 16)
    assert wish.by_distance


def test_wishes_for_access_are_understood_together(peine):
    make_offer()
    wish = filters("sprache=de&zugang=fern&stufenlos=on").wish
    assert (wish.language, wish.way_in, wish.step_free) == ("de", WayIn.FROM_HOME, True)
    assert wish.narrows_access


@pytest.mark.parametrize("query", ["sprache=de", "zugang=offen", "stufenlos=1"])
def test_each_wish_for_access_counts_alone(peine, query):
    make_offer()
    assert filters(query).wish.narrows_access


@pytest.mark.parametrize(("code", "weekday"), [("mo", 0), ("so", 6)])
def test_monday_is_the_first_day_and_sunday_the_last(peine, code, weekday):
    assert filters(f"tag={code}").wish.weekday == weekday


def test_empty_fields_ask_for_anything(peine):
    found = filters("ort=&thema=&tag=&ab=&sprache=&zugang=&stufenlos=&sortierung=")
    assert found.form.is_valid()
    assert found.wish == type(found.wish)()


def test_distance_is_no_order_without_a_place(peine):
    assert not filters("sortierung=entfernung").wish.by_distance


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("ort=Atlantis", "ort", "„Atlantis“ kennen wir nicht."),
        ("ort=Alvesse", "ort", "„Alvesse“ gibt es mehrmals. Bitte eine Gemeinde wählen."),
        ("ort=%00", "ort", "„\N{REPLACEMENT CHARACTER}“ kennen wir nicht."),
        ("ort=" + "x" * 81, "ort", "Das sind mehr als 80 Zeichen. Gesucht wird ohne diese Angabe."),
        ("thema=quatsch", "thema", "„quatsch“ kennen wir nicht als Thema. Gezeigt werden alle Themen."),
        ("tag=blah", "tag", "Diesen Wochentag kennen wir nicht. Gezeigt werden alle Tage."),
        ("ab=99", "ab", "Bitte eine Uhrzeit von 8 bis 20 Uhr wählen. Gezeigt werden alle Zeiten."),
        ("ab=7", "ab", "Bitte eine Uhrzeit von 8 bis 20 Uhr wählen. Gezeigt werden alle Zeiten."),
        ("sprache=xx", "sprache", "Diese Sprache kennen wir nicht. Gezeigt werden alle Sprachen."),
        ("zugang=x", "zugang", "Das kennen wir nicht. Gezeigt werden alle Wege zur Beratung."),
        ("stufenlos=0", "stufenlos", "Das haben wir nicht verstanden. Gezeigt werden alle Häuser."),
        ("sortierung=x", "sortierung", "Diese Sortierung kennen wir nicht. Sortiert wird nach Datum."),
    ],
)
def test_what_was_not_understood_is_said_at_its_field(peine, query, field, message):
    assert errors(query) == {field: [message]}


def test_the_rest_of_the_question_still_counts(peine):
    wish = filters("ort=Vechelde&tag=blah&ab=99").wish
    assert wish.place.name == "Vechelde"
    assert (wish.weekday, wish.from_hour) == (None, None)


@pytest.mark.parametrize("text", ["x" * 80, "Ä" * 80])
def test_eighty_characters_may_be_typed(peine, text):
    assert "mehr als 80" not in str(errors(f"ort={text}"))


def test_a_place_typed_with_its_municipality_is_clear(peine):
    assert filters("ort=Alvesse (Vechelde)").wish.place.municipality_name == "Vechelde"


@pytest.mark.parametrize(
    ("query", "asks"), [("", False), ("utm_source=x", False), ("ort=", True), ("seite=2", True), ("tag=di", True)]
)
def test_only_our_own_parameters_are_a_question(query, asks):
    assert asks_for_something(QueryDict(query)) is asks


@pytest.mark.parametrize(("query", "sent_on"), [("sortierung=entfernung", True), ("sortierung=x", False), ("", False)])
def test_only_an_order_that_was_understood_is_sent_on(peine, query, sent_on):
    assert ("sortierung" in filters(query).form.helper.layout.fields) is sent_on


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/?ort=Nirgends", "/en/"])
def test_no_choice_is_a_row_of_dashes(client, address):
    assert "---------" not in client.get(address).content.decode()
