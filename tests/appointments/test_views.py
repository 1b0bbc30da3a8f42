"""Does every page for families say the right thing, in few queries and without a trace?"""

import re
from datetime import date, datetime
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.models import Confirmation, Slot, SlotException
from locations.models import Closure, HelpLine
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_language,
    make_locality,
    make_municipality,
    make_offer,
    make_postal_code,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
TUESDAY = date(2026, 9, 29)
MERGER = {"last_day": date(2014, 12, 31)}
SECRETS = ("Beispiel-Zuflucht", "Beispielgeheimweg", "Hintereingang", "030 23125 666", "Geheimraum", "52.34567")


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def peine(db):
    """A small district with the places every story needs."""
    district = make_district(name="Landkreis Beispiel", phone="030 23125 000", phone_hours="montags", is_example=True)
    district.ilsede = make_municipality(district, name="Ilsede", ags="03157009", first_day=date(2015, 1, 1))
    make_municipality(district, name="Ilsede", ags="03157003", successor=district.ilsede, **MERGER)
    district.lahstedt = make_municipality(
        district, name="Lahstedt", ags="03157004", successor=district.ilsede, **MERGER
    )
    district.vechelde = make_municipality(district, name="Vechelde", ags="03157007", latitude=52.26, longitude=10.37)
    district.edemissen = make_municipality(district, name="Edemissen", ags="03157001", latitude=52.39, longitude=10.26)
    for municipality in (district.vechelde, district.edemissen):
        make_locality(municipality, name="Alvesse", slug="alvesse")
    make_locality(district.vechelde, name="Wahle", slug="wahle", latitude=52.28, longitude=10.36)
    make_postal_code(district.vechelde, code="38159")
    return district


@pytest.fixture
def debts(db):
    return make_topic(slug="schulden", name="Schuldnerberatung", short_name="Schulden", everyday_words="Mahnungen")


@pytest.fixture
def slot(peine, debts):
    house = make_institution(peine.vechelde, name="Beispiel-Schule Vechelde", latitude=52.27, longitude=10.37)
    return make_slot(house, make_offer(make_provider(peine), (debts,), title="Beispiel-Schuldnerhilfe"))


@pytest.fixture
def secret(peine, debts):
    """A slot in a house that must not be found."""
    house = make_institution(
        peine.vechelde,
        name=SECRETS[0],
        slug="beispiel-zuflucht",
        street=SECRETS[1],
        step_free=False,
        step_free_note=SECRETS[2],
        phone=SECRETS[3],
        locality=make_locality(peine.vechelde, name="Geheimdorf", slug="geheimdorf"),
        latitude=52.34567,
        longitude=10.2,
        address_is_public=False,
    )
    room = house.rooms.create(name=SECRETS[4])
    offer = make_offer(make_provider(peine, phone="030 23125 018"), (debts,), title="Beispiel-Schutz")
    return make_slot(house, offer, room=room)


def text_of(response) -> str:
    """Return what a reader sees."""
    page = re.sub(r"<(head|datalist)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


def read(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return text_of(response)


def headline(client, path: str) -> str:
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", client.get(path).content.decode(), re.DOTALL)
    return " ".join(unescape(found).replace("\xa0", " ").split())


# Home


def test_home_asks_one_question_and_shows_what_comes_next(client, peine, slot):
    HelpLine.objects.create(district=peine, name="Elterntelefon", phone="0800 111 0550")
    text = read(client, "/")
    assert "Wann ist die nächste Beratung in Ihrer Nähe?" in text
    assert "Heute ist Donnerstag, 24. September 2026" in text
    assert "Di, 29. September, 14 Uhr Beispiel-Schuldnerhilfe Beispiel-Schule Vechelde" in text
    assert "Elterntelefon 0800 111 0550" in text
    assert "Schulden Mahnungen" in text


def test_home_of_an_empty_house_still_stands(client, db):
    assert "Zurzeit" not in read(client, "/")


def test_an_example_district_says_so_on_every_page(client, peine, slot):
    for path in family_paths(slot):
        assert "Beispieldaten" in read(client, path), path


# Results


def test_a_place_finds_what_is_near(client, slot):
    assert headline(client, "/?ort=Wahle") == "Beratung in und um Wahle"
    text = read(client, "/?ort=Wahle")
    assert "1 fester Termin bis 10 km, der früheste zuerst" in text
    assert "Dienstag 29. Sept. 14–16 Uhr in 5 Tagen Beispiel-Schuldnerhilfe" in text
    assert "Beispiel-Schule Vechelde · 1,3 km" in text
    assert "Danach: 6. Oktober, 13. Oktober, 20. Oktober" in text
    assert "Offen: einfach kommen Kosten Kostenlos Sprachen Deutsch Stufenlos Nicht bekannt" in text


def test_an_unknown_fact_is_a_word_and_a_known_one_is_dated(client, slot):
    house = slot.institution
    house.step_free, house.step_free_note, house.accessibility_checked_on = False, "3 Stufen", date(2026, 5, 12)
    house.save()
    slot.offer.free = None
    slot.offer.save()
    text = read(client, "/?ort=Wahle")
    assert "Stufenlos Nein: 3 Stufen (geprüft im Mai 2026)" in text
    assert "Kosten Nicht bekannt" in text


def test_languages_stand_by_their_own_names_with_their_code(client, slot):
    slot.offer.languages.add(make_language("ar", "Arabisch", "العربية"))
    assert '<bdi lang="ar">العربية</bdi>' in client.get("/?ort=Wahle").content.decode()


def test_a_cancelled_date_is_struck_with_its_reason(client, slot):
    make_exception(slot, TUESDAY, reason="Die Fachkraft ist verhindert.")
    text = read(client, "/?ort=Wahle")
    assert "Di, 29. September ✕ fällt aus" in text
    assert (
        "Am 29. September keine Beratung. Die Fachkraft ist verhindert. Der nächste Termin ist am 6. Oktober." in text
    )


def test_a_slot_nobody_vouched_for_is_marked(client, slot):
    assert "nicht bestätigt" in read(client, "/?ort=Wahle")
    Confirmation.objects.create(slot=slot, confirmed_on=date(2026, 9, 1))
    assert "nicht bestätigt" not in read(client, "/?ort=Wahle")


def test_a_place_that_exists_twice_asks_which_and_keeps_the_rest(client, peine):
    assert headline(client, "/?ort=Alvesse&tag=di") == "Alvesse gibt es zweimal: Gemeinde Edemissen oder Vechelde?"
    page = client.get("/?ort=Alvesse&tag=di").content.decode()
    assert 'href="?ort=Alvesse+%28Vechelde%29&amp;tag=di"' in page


def test_a_former_municipality_leads_to_its_heir(client, peine):
    make_slot(make_institution(peine.lahstedt))
    assert headline(client, "/?ort=Lahstedt") == "Beratung in und um Ilsede"
    assert "Lahstedt gehört seit dem 1. Januar 2015 zur Gemeinde Ilsede." in read(client, "/?ort=Lahstedt")


def test_an_unknown_place_gets_a_clear_answer(client, peine):
    text = read(client, "/?ort=Atlantis")
    assert headline(client, "/?ort=Atlantis") == "„Atlantis“ kennen wir nicht"
    assert "Edemissen Ilsede Vechelde" in text
    assert "Landkreis Beispiel, montags: 030 23125 000" in text
    assert "Meinten Sie" not in text


def test_a_misspelt_place_is_suggested(client, peine):
    page = client.get("/?ort=Vechelda&thema=").content.decode()
    assert 'href="?ort=Vechelde&amp;thema="' in page
    assert "Meinten Sie" in page


def test_a_postal_code_finds_its_municipality(client, slot):
    assert headline(client, "/?ort=38159") == "Beratung in und um Vechelde (38159)"
    assert "Die Entfernungen zählen ab der Mitte der Gemeinde Vechelde." in read(client, "/?ort=38159")


def test_a_rough_distance_does_not_look_exact(client, slot):
    assert "Beispiel-Schule Vechelde · etwa 1 km" in read(client, "/?ort=38159")
    slot.institution.latitude = slot.institution.municipality.latitude
    slot.institution.save()
    assert "Beispiel-Schule Vechelde · unter 1 km" in read(client, "/?ort=38159")


def test_an_unknown_postal_code_is_said(client, peine):
    assert headline(client, "/?ort=99999") == "„99999“ kennen wir nicht"


def test_a_locality_without_coordinates_says_from_where_it_counts(client, slot):
    text = read(client, "/?ort=Alvesse+(Vechelde)")
    assert "Die Entfernungen zählen ab der Mitte der Gemeinde Vechelde." in text
    assert "Mitte der Gemeinde" not in read(client, "/?ort=Wahle")


def test_an_unknown_topic_is_said_and_the_search_goes_on(client, slot):
    text = read(client, "/?ort=Wahle&thema=quatsch")
    assert "„quatsch“ kennen wir nicht als Thema." in text
    assert "Diese Themen gibt es: Schulden" in text
    assert "1 fester Termin" in text


def test_without_a_place_the_whole_district_is_shown(client, slot):
    assert headline(client, "/?tag=di") == "Beratung im Landkreis Beispiel"


def test_of_several_districts_a_place_is_asked_for(client, slot):
    make_district()
    assert headline(client, "/?tag=di") == "Bitte einen Ort angeben"
    assert headline(client, "/?ort=Wahle") == "Beratung in und um Wahle"
    assert "Bitte geben Sie einen Ort ein" in read(client, "/")
    assert "Bitte geben Sie daneben Ihren Ort ein." in read(client, "/themen/schulden/")


def test_nothing_found_names_three_ways_on(client, peine, slot, debts):
    make_topic(name="Suchtberatung", short_name="Sucht", everyday_words="Spielen")
    assert headline(client, "/?ort=Wahle&thema=Sucht") == "Um Wahle gibt es zurzeit keine Suchtberatung"
    text = read(client, "/?ort=Wahle&thema=Sucht")
    assert "Im Umkreis von 10 km findet bis 31. Juli 2028 kein passender Termin statt." in text
    assert "Landkreis Beispiel, montags: 030 23125 000" in text
    assert "Etwas weiter fahren Auch weiter weg ist zurzeit kein passender Termin veröffentlicht." in text
    assert "Über etwas anderes sprechen Alle Themen in und um Wahle" in text
    assert "Beispiel-Schuldnerhilfe" not in text


def test_only_what_shares_an_everyday_word_is_called_similar(client, slot, debts):
    make_topic(name="Suchtberatung", short_name="Sucht", everyday_words="Spielen, Mahnungen")
    text = read(client, "/?ort=Wahle&thema=Sucht")
    assert "Über etwas Ähnliches sprechen Beispiel-Schuldnerhilfe : am 29. September in Vechelde, 1,3 km" in text


def test_everyday_words_are_understood_and_the_reading_is_said(client, slot, debts):
    make_topic(short_name="Post", everyday_words="Mahnungen, Briefe", position=1)
    assert headline(client, "/?ort=Wahle&thema=letzte+Mahnung") == "Schulden: Beratung in und um Wahle"
    response = client.get("/?ort=Wahle&thema=letzte+Mahnung&tag=di")
    assert "Zu „letzte Mahnung“ zeigen wir das Thema Schulden ." in text_of(response)
    assert "Meinten Sie auch … Post" in text_of(response)
    assert 'href="?ort=Wahle&amp;thema=Post&amp;tag=di"' in response.content.decode()
    assert "zeigen wir das Thema" not in read(client, "/?ort=Wahle&thema=schulden")


# Access


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("sprache=de", True),
        ("sprache=tr", False),
        ("zugang=offen", True),
        ("zugang=anmeldung", False),
        ("zugang=fern", False),
        ("stufenlos=1", False),
        ("sprache=de&zugang=offen", True),
        ("sprache=de&zugang=fern", False),
    ],
)
def test_a_wish_for_access_is_kept(client, slot, wish, found):
    make_offer().languages.add(make_language("tr", "Türkisch", "Türkçe"))
    text = read(client, f"/?ort=Wahle&{wish}")
    assert ("1 fester Termin" in text) is found
    assert ("Weniger angeben" in text) is not found


def test_each_wish_can_be_dropped_alone(client, slot):
    make_offer().languages.add(make_language("tr", "Türkisch", "Türkçe"))
    page = client.get("/?ort=Wahle&sprache=tr&zugang=fern&stufenlos=1").content.decode()
    for rest in ("zugang=fern&amp;stufenlos=1", "sprache=tr&amp;stufenlos=1", "sprache=tr&amp;zugang=fern"):
        assert f'href="?ort=Wahle&amp;{rest}"' in page, rest


@pytest.mark.parametrize(("step_free", "found"), [(True, True), (False, False), (None, False)])
def test_only_a_house_known_to_be_step_free_is_shown_as_such(client, slot, step_free, found):
    slot.institution.step_free = step_free
    slot.institution.save()
    assert ("1 fester Termin" in read(client, "/?ort=Wahle&stufenlos=on")) is found


def test_on_the_phone_no_step_is_in_the_way(client, slot):
    slot.offer.drop_in, slot.offer.by_phone = False, True
    slot.offer.save()
    assert "1 fester Termin" in read(client, "/?ort=Wahle&stufenlos=1&zugang=fern")


def test_online_is_reached_from_home_like_the_phone(client, slot):
    slot.offer.online = True
    slot.offer.save()
    assert "1 fester Termin" in read(client, "/?ort=Wahle&zugang=fern")


def test_whoever_needs_a_ramp_is_not_sent_to_stairs_further_away(client, peine, slot, debts):
    houses = [
        make_institution(peine.edemissen, name=name, latitude=52.45, longitude=10.2, step_free=free)
        for name, free in (("Beispiel-Rampe", True), ("Beispiel-Treppe", False))
    ]
    for house in houses:
        make_slot(house, make_offer(slot.offer.provider, (debts,)))
    text = read(client, "/?ort=Wahle&stufenlos=1")
    assert "Beispiel-Rampe" in text
    assert "Beispiel-Treppe" not in text
    assert "Beispiel-Schuldnerhilfe" not in text


def test_the_fields_few_need_are_open_where_one_is_used(client, slot):
    def is_open(query: str) -> bool:
        (found,) = re.findall(r'<details class="bl-more bl-form__full"([^>]*)>', client.get(query).content.decode())
        return "open" in found

    assert not is_open("/")
    assert not is_open("/?ort=Wahle")
    for query in ("sprache=de", "sprache=xx", "zugang=offen", "stufenlos=1", "stufenlos=vielleicht"):
        assert is_open(f"/?ort=Wahle&{query}"), query


def test_every_link_of_the_results_keeps_the_wishes(client, slot):
    wishes = "sprache=de&amp;zugang=offen"
    page = client.get("/?ort=Wahle&sprache=de&zugang=offen").content.decode()
    assert f'href="?ort=Wahle&amp;{wishes}&amp;sortierung=entfernung"' in page
    page = client.get("/?ort=Alvesse&sprache=de&zugang=offen").content.decode()
    assert f'href="?ort=Alvesse+%28Vechelde%29&amp;{wishes}"' in page


def test_only_languages_that_are_spoken_can_be_chosen(client, slot):
    make_language("uk", "Ukrainisch", "Українська")
    page = client.get("/").content.decode()
    assert '<option value="de">Deutsch</option>' in page
    assert "Ukrainisch" not in page


def test_nothing_on_that_day_offers_the_other_days(client, slot):
    text = read(client, "/?ort=Wahle&tag=so")
    assert headline(client, "/?ort=Wahle&tag=so") == "Um Wahle gibt es zurzeit keinen passenden Termin"
    assert "An einem anderen Tag kommen" in text
    assert "Beispiel-Schuldnerhilfe" in text


@pytest.mark.parametrize(
    "query",
    [
        "ort=%00",
        "ort=" + "x" * 10_000,
        "ort=%FF%FE",
        "ort=<script>alert(1)</script>",
        "ort='%22><b>",
        "ort=%F0%9F%98%80",
        "ort=a&ort=b",
        "ort[]=x&ort=",
        "thema=%00",
        "thema=" + "y" * 10_000,
        "tag=blah",
        "tag=mo&tag=di",
        "ab=99",
        "ab=-1",
        "ab=16.5",
        "seite=-1",
        "seite=9999999",
        "seite=" + "9" * 5000,
        "seite=%00",
        "seite=٣",
        "sortierung=%00",
        "sprache=%00",
        "sprache=xx&sprache=de",
        "sprache=<script>alert(1)</script>",
        "zugang=" + "z" * 10_000,
        "ort=Wahle&zugang[]=offen",
        "stufenlos=%00",
        "stufenlos=-1",
        "stufenlos='%22><b>",
        "thema=Kind+" + "%F0%9F%98%80+" * 19,
        "thema=[[[(((***",
        "sortierung=entfernung",
    ],
)
def test_nonsense_gets_a_page_and_is_never_reflected_raw(client, slot, query):
    response = client.get(f"/?{query}")
    assert response.status_code == 200
    for raw in (b"<script>alert", b'"><b>', b"\x00"):
        assert raw not in response.content


def test_beyond_the_last_page_comes_the_last_with_a_note(client, slot):
    text = read(client, "/?ort=Wahle&seite=9999999")
    assert "So viele Seiten gibt es nicht. Gezeigt wird die letzte Seite." in text
    assert "Beispiel-Schuldnerhilfe" in text


def test_paging_keeps_the_question(client, slot):
    for _ in range(10):
        make_slot(slot.institution, slot.offer)
    page = client.get("/?ort=Wahle&sortierung=entfernung").content.decode()
    assert "?ort=Wahle&amp;sortierung=entfernung&amp;seite=2" in page
    assert "Seite 2 von 2" in read(client, "/?ort=Wahle&seite=2")


# Slot


def test_the_slot_page_shows_the_next_date_first(client, slot):
    text = read(client, f"/termine/{slot.uuid}/")
    assert "Der nächste Termin, in 5 Tagen Dienstag, 29. September 14–16 Uhr" in text
    assert "Jeden Dienstag von 14 bis 16 Uhr, auch in den Schulferien." in text
    assert "Alle Termine bis Dezember" in text
    assert "Alle Termine bis 31. Juli 2028 als Liste" in text
    assert "Bestätigt am 1. Januar 2020" in text
    assert "Seit mehr als sechs Monaten nicht bestätigt." in text


def test_the_slot_page_says_what_is_different(client, slot):
    make_exception(slot, date(2026, 10, 6), reason="Umbau")
    make_exception(
        slot, date(2026, 10, 13), SlotException.Kind.MOVED, new_day=date(2026, 10, 14), reason="Elternabend."
    )
    text = read(client, f"/termine/{slot.uuid}/")
    assert "6. Oktober Fällt aus: Umbau" in text
    assert "14. Oktober Verlegt von Dienstag, 13. Oktober. Elternabend." in text


def test_years_whose_school_holidays_nobody_entered_are_named(client, slot):
    assert "noch nicht bekannt" not in read(client, f"/termine/{slot.uuid}/")
    slot.school_holiday_policy = Slot.SchoolHolidayPolicy.PAUSES
    slot.save()
    assert "Ferien 2028 noch nicht bekannt" in read(client, f"/termine/{slot.uuid}/")


@pytest.mark.parametrize(
    "given",
    [
        {"agreed_on": None, "published_on": None},
        {"published_on": None},
        {"published_on": date(2026, 9, 25)},
        {"withdrawn_on": date(2020, 1, 1)},
    ],
)
def test_what_was_never_public_has_no_page(client, slot, given):
    Slot.objects.filter(pk=slot.pk).update(**given)
    assert client.get(f"/termine/{slot.uuid}/").status_code == 404


@pytest.mark.parametrize(
    "given", [{"last_day": date(2026, 9, 23)}, {"withdrawn_on": date(2026, 9, 24)}, {"withdrawn_on": date(2026, 1, 1)}]
)
def test_a_slot_that_ended_says_so_and_leads_on(client, slot, given):
    Slot.objects.filter(pk=slot.pk).update(**given)
    response = client.get(f"/termine/{slot.uuid}/")
    text = text_of(response)
    assert "Dieser Termin ist beendet" in text
    assert "Der nächste Termin" not in text
    assert 'href="/?ort=Vechelde&amp;thema=Schulden"' in response.content.decode()


def test_on_its_last_day_a_slot_is_not_over(client, slot):
    Slot.objects.filter(pk=slot.pk).update(last_day=NOW.date())
    text = read(client, f"/termine/{slot.uuid}/")
    assert "beendet" not in text
    assert "Zurzeit kein Termin" in text


def test_an_unknown_slot_is_not_found(client, peine):
    assert client.get(f"/termine/{uuid4()}/").status_code == 404
    assert client.get("/termine/keine-uuid/").status_code == 404


# A confidential house


def test_a_confidential_house_is_shown_nowhere(client, secret, slot):
    make_exception(slot, TUESDAY, SlotException.Kind.MOVED, new_institution=secret.institution, reason="")
    paths = [
        *family_paths(slot),
        f"/termine/{secret.uuid}/",
        "/?ort=Vechelde&sortierung=entfernung",
        "/?ort=Geheimdorf",
    ]
    for path in paths:
        page = client.get(path).content.decode()
        for secret_text in SECRETS:
            assert secret_text not in page, (path, secret_text)
        if path != "/?ort=Geheimdorf":
            assert "beispiel-zuflucht" not in page, path
    assert "Beispiel-Schutz" in read(client, "/?ort=Vechelde")
    assert "030 23125 018" in read(client, f"/termine/{secret.uuid}/")
    assert "in Vechelde" in headline(client, f"/termine/{secret.uuid}/")


def test_a_confidential_house_has_no_page(client, secret):
    assert client.get("/einrichtungen/beispiel-zuflucht/").status_code == 404


# Institution, municipality, topic


def test_the_page_of_a_house_lists_its_slots(client, slot):
    text = read(client, f"/einrichtungen/{slot.institution.slug}/")
    assert "Feste Beratungstermine in diesem Haus" in text
    assert "Beispiel-Schuldnerhilfe" in text


def test_a_house_without_slots_says_so(client, peine):
    house = make_institution(peine.vechelde)
    assert "Zurzeit ist hier kein fester Termin veröffentlicht." in read(client, f"/einrichtungen/{house.slug}/")


def test_the_page_of_a_municipality_includes_its_predecessors(client, peine):
    make_slot(make_institution(peine.lahstedt, name="Beispiel-Kita Oberg"))
    text = read(client, "/gemeinden/03157009-ilsede/")
    assert "1 fester Termin" in text
    assert "Beispiel-Kita Oberg" in text
    assert "Entstanden aus: Gemeinde Ilsede (bis 31. Dezember 2014), Gemeinde Lahstedt" in text


@pytest.mark.parametrize("address", ["03157003-ilsede", "03157004-lahstedt"])
def test_a_former_municipality_says_what_became_of_it(client, peine, address):
    response = client.get(f"/gemeinden/{address}/")
    assert "bestand bis 31. Dezember 2014. Seit dem 1. Januar 2015 gehört sie zur Gemeinde Ilsede." in text_of(response)
    assert "/gemeinden/03157009-ilsede/" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("03157009-falsch", 301),
        ("03157009-", 301),
        ("0315700-ilsede", 404),
        ("031570090-ilsede", 404),
        ("99999999-nirgends", 404),
        ("03157009", 301),
        ("٠٣١٥٧٠٠٩-ilsede", 404),
    ],
)
def test_addresses_of_municipalities_are_clean(client, peine, path, status):
    response = client.get(f"/gemeinden/{path}/")
    assert response.status_code == status
    if status == 301:
        assert response["Location"] == "/gemeinden/03157009-ilsede/"


def test_municipalities_of_today_and_of_old_are_told_apart(client, peine):
    text = read(client, "/gemeinden/")
    assert "Gemeinden von früher Gemeinde Ilsede , bis 31. Dezember 2014, heute Gemeinde Ilsede" in text


def test_the_page_of_a_village_lists_what_is_near(client, slot):
    path = "/gemeinden/03157007-vechelde/wahle/"
    assert headline(client, path) == "Beratung in und um Wahle"
    text = read(client, path)
    assert "Beispiel-Schule Vechelde · 1,3 km" in text
    assert "Wahle gehört zu: Gemeinde Vechelde." in text
    assert 'href="/?ort=Wahle%20%28Vechelde%29"' in client.get(path).content.decode()
    assert "Die Entfernungen zählen ab der Mitte der Gemeinde" in read(client, "/gemeinden/03157007-vechelde/alvesse/")


def test_a_village_without_slots_leads_on(client, peine):
    text = read(client, "/gemeinden/03157007-vechelde/wahle/")
    assert "Im Umkreis von 10 km findet bis 31. Juli 2028 kein passender Termin statt." in text
    assert "Landkreis Beispiel, montags: 030 23125 000" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("03157009-ilsede/oberg", 200),
        ("03157004-lahstedt/oberg", 301),
        ("03157009-falsch/oberg", 301),
        ("03157007-vechelde/oberg", 404),
        ("03157009-ilsede/nirgends", 404),
        ("99999999-nirgends/oberg", 404),
    ],
)
def test_a_village_is_found_under_the_municipality_of_today(client, peine, path, status):
    make_locality(peine.lahstedt, name="Oberg", slug="oberg")
    response = client.get(f"/gemeinden/{path}/")
    assert response.status_code == status
    if status == 301:
        assert response["Location"] == "/gemeinden/03157009-ilsede/oberg/"


def test_of_a_village_entered_before_and_after_a_merger_the_later_entry_is_shown(client, peine):
    for home, note in ((peine.lahstedt, "Vorher"), (peine.ilsede, "Nachher")):
        make_locality(home, name="Oberg", slug="oberg", note=note)
    text = read(client, "/gemeinden/03157009-ilsede/oberg/")
    assert "Nachher" in text
    assert "Vorher" not in text


def test_the_key_alone_leads_to_the_municipality(client, peine):
    assert client.get("/gemeinden/03157009/")["Location"].endswith("/gemeinden/03157009-ilsede/")
    assert client.get("/gemeinden/0315700/").status_code == 404


def test_every_village_of_a_municipality_is_linked(client, peine):
    make_locality(peine.lahstedt, name="Oberg", slug="oberg")
    for address in ("03157009-ilsede", "03157004-lahstedt"):
        page = client.get(f"/gemeinden/{address}/").content.decode()
        assert 'href="/gemeinden/03157009-ilsede/oberg/"' in page, address


def test_the_page_of_a_provider_says_how_to_reach_it_and_when(client, slot):
    path = f"/traeger/{slot.offer.provider.slug}/"
    text = read(client, path)
    assert "1 fester Termin" in text
    assert "Telefon 030 23125 001 E-Mail Nicht bekannt" in text
    assert f'href="{path}"' in client.get(f"/termine/{slot.uuid}/").content.decode()
    assert client.get("/traeger/niemand/").status_code == 404


def test_a_provider_without_slots_says_so(client, peine):
    text = read(client, f"/traeger/{make_provider(peine, slug='neu').slug}/")
    assert "0 feste Termine" not in text
    assert "Zurzeit ist hier kein fester Termin veröffentlicht." in text


# Calendars and paper


def test_a_slot_goes_into_the_calendar_once_or_for_good(client, slot):
    page = client.get(f"/termine/{slot.uuid}/").content.decode()
    assert f'href="/termine/{slot.uuid}.ics"><span class="kern-label">Termin in meinen Kalender' in page
    assert f'href="webcal://testserver/termine/{slot.uuid}.ics"' in page


def test_whoever_hides_is_told_who_may_see_the_calendar(client, slot, secret):
    warning = "Wer Ihren Kalender sieht, sieht dann auch diesen Termin."
    assert warning in read(client, f"/termine/{secret.uuid}/")
    assert warning not in read(client, f"/termine/{slot.uuid}/")


@pytest.mark.parametrize(
    ("page", "calendar"),
    [
        ("/", "/kalender/kreis/peine.ics"),
        ("/gemeinden/03157007-vechelde/", "/kalender/gemeinde/03157007.ics"),
        ("/einrichtungen/beispiel-haus/", "/kalender/einrichtung/beispiel-haus.ics"),
        ("/themen/schulden/", "/kalender/thema/schulden.ics"),
    ],
)
def test_every_list_has_its_calendar(client, peine, slot, page, calendar):
    slot.institution.slug, peine.slug = "beispiel-haus", "peine"
    slot.institution.save()
    peine.save()
    html = client.get(page).content.decode()
    assert f'<link rel="alternate" type="text/calendar" href="{calendar}"' in html
    assert page == "/" or f'href="webcal://testserver{calendar}"' in html
    assert client.get(calendar).status_code == 200


def test_a_sheet_for_the_door_is_offered_where_there_is_something_to_hang_up(client, peine, slot):
    paths = [
        (f"/einrichtungen/{slot.institution.slug}/", f"/einrichtungen/{slot.institution.slug}/aushang.pdf"),
        ("/gemeinden/03157007-vechelde/", "/gemeinden/03157007-vechelde/flyer.pdf"),
    ]
    for page, sheet_of_it in paths:
        assert sheet_of_it in client.get(page).content.decode()
    slot.delete()
    for page, sheet_of_it in paths:
        assert sheet_of_it not in client.get(page).content.decode()


def test_topics_are_listed_and_lead_to_their_slots(client, slot, debts):
    assert "Schulden" in read(client, "/themen/")
    text = read(client, "/themen/schulden/")
    assert headline(client, "/themen/schulden/") == "Schulden"
    assert "1 fester Termin" in text
    assert "Rechtsgrundlage: nicht bekannt" in text
    assert client.get("/themen/nirgends/").status_code == 404


def test_lists_without_rows_say_so(client, db):
    assert "Es sind noch keine Themen eingetragen." in read(client, "/themen/")
    assert "Es sind noch keine Gemeinden eingetragen." in read(client, "/gemeinden/")


# Every page


def family_paths(slot: Slot) -> list[str]:
    municipality = slot.institution.municipality
    return [
        "/",
        "/?ort=Wahle",
        "/?ort=Wahle&thema=Schulden&tag=so",
        "/?ort=Alvesse",
        "/?ort=Vechelda",
        "/?thema=schulden",
        f"/termine/{slot.uuid}/",
        f"/einrichtungen/{slot.institution.slug}/",
        reverse("municipality", kwargs={"ags": municipality.ags, "slug": municipality.slug}),
        "/gemeinden/",
        "/gemeinden/03157004-lahstedt/",
        "/themen/",
        "/themen/schulden/",
        "/?ort=Wahle&thema=letzte+Mahnung&sprache=de&zugang=fern&stufenlos=1&tag=so",
        "/?ort=38159+Alvesse&thema=Schulden&tag=so",
        "/gemeinden/03157007-vechelde/wahle/",
        f"/traeger/{slot.offer.provider.slug}/",
    ]


def test_no_page_sets_a_cookie_or_carries_a_token(client, slot):
    for path in family_paths(slot):
        response = client.get(path)
        assert response.status_code == 200, path
        assert not response.cookies, path
        assert "Set-Cookie" not in response.headers, path
        assert b"csrfmiddlewaretoken" not in response.content, path


def test_pages_are_read_only(slot):
    client = Client(enforce_csrf_checks=True)
    for path in family_paths(slot):
        assert client.post(path).status_code == 405, path
        assert client.head(path).status_code == 200, path


def test_every_page_has_one_headline_a_title_and_its_address(client, slot):
    for path in family_paths(slot):
        page = client.get(path).content.decode()
        assert page.count("<h1") == 1, path
        assert re.search(r"<title>\s*\S.* – Beratung vor Ort</title>", page, re.DOTALL), path
        assert re.search(r'<link rel="canonical" href="http://testserver/[^"]*">', page), path
        assert 'style="' not in page, path


def test_no_two_pages_have_the_same_title(client, peine, slot):
    other = make_slot(slot.institution, slot.offer, rule="FREQ=MONTHLY;BYDAY=1TH")
    paths = [
        *(path for path in family_paths(slot) if "tag=" not in path),  # a search in vain is headed by what is missing
        *(f"/termine/{one.uuid}/{page}" for one in (slot, other) for page in ("", "fehler-melden/")),
        "/gemeinden/03157007-vechelde/alvesse/",
        "/gemeinden/03157001-edemissen/alvesse/",
    ]
    paths = list(dict.fromkeys(paths))
    for prefix in ("", "/ar"):
        pages = [client.get(prefix + path) for path in paths]
        titles = [re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)[1] for page in pages]
        assert {page.status_code for page in pages} == {200}
        assert [title for title in titles if titles.count(title) > 1] == []
        assert not any("<" in title or "&lt;" in title for title in titles)


def test_the_canonical_address_keeps_only_place_and_topic(client, slot):
    page = client.get("/?tag=di&ort=Wahle&seite=3&x=1").content.decode()
    assert '<link rel="canonical" href="http://testserver/?ort=Wahle">' in page


@pytest.fixture
def crowd(peine, debts):
    """Eleven slots with everything that could cost a query each."""

    def more(count: int) -> Slot:
        for number in range(count):
            house = make_institution(
                (peine.vechelde, peine.edemissen, peine.lahstedt)[number % 3],
                locality=make_locality(peine.vechelde),
                latitude=52.27 + number / 1000,
                longitude=10.37,
            )
            offer = make_offer(make_provider(peine), (debts, make_topic()))
            offer.languages.add(make_language("tr", "Türkisch", "Türkçe"))
            slot = make_slot(house, offer, room=house.rooms.create(name="Raum 1"))
            make_exception(slot, TUESDAY)
            make_exception(
                slot, date(2026, 10, 6), SlotException.Kind.MOVED, new_institution=make_institution(peine.vechelde)
            )
            Confirmation.objects.create(slot=slot, confirmed_on=date(2026, 9, 1))
            days = {"first_day": date(2026, 10, 13), "last_day": date(2026, 10, 13)}
            Closure.objects.create(district=peine, institution=house, reason="Umbau", **days)
        return slot

    return more


def queries_of(client, paths, django_assert_max_num_queries) -> dict[str, int]:
    """Return how many rows of questions each page asks that is made anew, the version of the data being known.

    Counting a search in vain asks nothing more, it only writes.
    """
    counts = {}
    for path in paths:
        client.get(path)
        caches["pages"].clear()
        with django_assert_max_num_queries(20) as captured:
            assert client.get(path).status_code == 200
        counts[path] = sum(query["sql"].startswith("SELECT") for query in captured)
        assert counts[path] <= 8, (path, counts[path])
    return counts


def test_small_tables_are_read_once_a_version(client, peine, debts, slot, django_assert_max_num_queries):
    debts.translations.create(language="en", short_name="Debts", explanation="Money owed.")
    assert "Money worries" not in client.get("/en/?ort=Vechelde&thema=Schulden").content.decode()
    with django_assert_max_num_queries(20) as captured:
        client.get("/en/?ort=Vechelde&thema=debts&tag=so")
    assert not any('FROM "appointments_topic"' in query["sql"] for query in captured)
    debts.translations.update(short_name="Money worries")
    assert "Money worries" in client.get("/en/?ort=Vechelde&thema=Schulden").content.decode()


def test_no_page_asks_more_than_eight_questions_and_none_more_with_ten_times_the_slots(
    client, crowd, django_assert_max_num_queries
):
    slot = crowd(3)
    paths = [*family_paths(slot), "/ar/?ort=Vechelda&thema=Schulden", "/ar/?ort=Edemissen&thema=Schulden"]
    few = queries_of(client, paths, django_assert_max_num_queries)
    crowd(30)
    assert queries_of(client, paths, django_assert_max_num_queries) == few
