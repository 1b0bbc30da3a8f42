"""Does the path alone decide the language, and does the switch stay on the page?"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.translation import get_language

from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_locality,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
FOREIGN = ["en", "tr", "ar", "uk"]
SWITCH = re.compile(r'<nav class="bl-languages".*?</nav>', re.DOTALL)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def slot(db):
    district = make_district(name="Landkreis Beispiel")
    town = make_municipality(district, name="Wendeburg", ags="03157008", latitude=52.32, longitude=10.39)
    village = make_locality(town, name="Bortfeld", slug="bortfeld", latitude=52.29, longitude=10.41)
    topic = make_topic(
        name="Schuldnerberatung", short_name="Schulden", slug="schulden", explanation="Sie haben Schulden?"
    )
    topic.translations.create(language="ar", name="استشارة الديون", short_name="الديون", explanation="هل عليكم ديون؟")
    topic.translations.create(language="en", short_name="Debts", explanation="Are you in debt?")
    house = make_institution(town, name="Beispiel-Schule", locality=village, latitude=52.29, longitude=10.41)
    offer = make_offer(
        make_provider(district),
        (topic,),
        title="Beispiel-Schuldnerhilfe",
        summary="Hier schaut jemand Ihre Briefe durch.",
        audience="Erwachsene",
        bring_along="Die Briefe",
    )
    offer.translations.create(language="ar", title="مساعدة في الديون", summary="هنا من يراجع الرسائل معكم.")
    return make_slot(house, offer)


def page(path: str, **headers: str) -> str:
    return Client(headers=headers).get(path).content.decode()


def links(html: str) -> dict[str, str]:
    return dict(
        re.findall(r'<a href="([^"]*)" lang="(\w+)" hreflang', SWITCH.search(html)[0])[i][::-1] for i in range(4)
    )


@pytest.mark.parametrize(
    ("path", "language", "direction"),
    [("/", "de", "ltr"), ("/en/", "en", "ltr"), ("/tr/", "tr", "ltr"), ("/ar/", "ar", "rtl"), ("/uk/", "uk", "ltr")],
)
def test_the_path_decides_and_neither_cookie_nor_browser(slot, path, language, direction):
    client = Client(headers={"Accept-Language": "fr, tr;q=0.9"})
    client.cookies["django_language"] = "ar"
    response = client.get(path)
    assert f'<html lang="{language}" dir="{direction}">' in response.content.decode()
    assert response.headers["Content-Language"] == language
    assert response.headers["Vary"] == "Accept-Encoding"  # neither Cookie nor Accept-Language
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "path", ["/impressum/", "/datenschutz/", "/leichte-sprache/", "/admin/login/", "/gibt-es-nicht/"]
)
def test_what_has_no_prefix_is_german(db, path):
    assert '<html lang="de"' in Client().get(path, follow=True).content.decode()  # the login has moved


@pytest.mark.parametrize(
    "path", ["/en/admin/", "/en/kreise/", "/en/impressum/", "/de/", "/fr/", "/en/kalender/kreis/x.ics"]
)
def test_only_the_pages_of_families_have_a_prefix(db, client, path):
    assert client.get(path).status_code == 404


def test_an_unknown_page_under_a_prefix_is_lost_in_that_language(db):
    html = page("/tr/gibt-es-nicht/")
    assert "Böyle bir sayfa yok" in html
    assert links(html) == {"de": "/", "en": "/en/", "ar": "/ar/", "uk": "/uk/"}


def test_the_switch_stays_on_the_page_and_keeps_the_search(slot):
    html = page("/tr/?ort=Bortfeld&thema=Schulden")
    assert links(html) == {
        code: f"{prefix}/?ort=Bortfeld&amp;thema=Schulden"
        for code, prefix in (("de", ""), ("en", "/en"), ("ar", "/ar"), ("uk", "/uk"))
    }
    assert '<b lang="tr" aria-current="true">Türkçe</b>' in html
    assert 'lang="de" hreflang="de">Leichte Sprache</a>' in html
    assert links(page(f"/termine/{slot.uuid}/"))["ar"] == f"/ar/termine/{slot.uuid}/"


def test_a_page_that_is_german_only_leads_to_the_others_home_page(db):
    html = page("/impressum/")
    assert '<a href="/ar/" lang="ar"' in SWITCH.search(html)[0]


def test_the_committee_has_no_switch(slot):
    assert not SWITCH.search(page("/kreise/" + slot.institution.municipality.district.slug + "/"))


def test_search_engines_are_told_of_every_language_but_not_of_results(slot):
    found = re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', page("/uk/themen/schulden/"))
    assert dict(found) == {
        "de": "http://testserver/themen/schulden/",
        "x-default": "http://testserver/themen/schulden/",
    } | {code: f"http://testserver/{code}/themen/schulden/" for code in FOREIGN}
    assert "hreflang=" not in re.sub(
        r"<(a|link)[^>]*lang=[^>]*>", "", page("/uk/?ort=Bortfeld").partition("</head>")[0]
    )


def test_links_within_a_page_stay_in_its_language_and_files_have_one_address(slot):
    html = page(f"/ar/termine/{slot.uuid}/")
    inner = set(re.findall(r'href="(/[^"]*)"', html)) - set(links(html).values())
    german = {
        "/admin/",
        "/impressum/",
        "/datenschutz/",
        "/barrierefreiheit/",
        "/leichte-sprache/",
        "/daten/",
        f"/termine/{slot.uuid}.ics",
    }
    assert {path for path in inner if not path.startswith(("/ar/", "/static/", "/kreise/"))} == german


def test_a_redirect_keeps_the_language(slot, client):
    assert client.get("/uk/gemeinden/03157008-falsch/").headers["Location"] == "/uk/gemeinden/03157008-wendeburg/"
    assert client.get("/uk").headers["Location"] == "/uk/"


# What staff wrote


def test_translated_texts_are_shown_and_others_are_marked_as_german(slot):
    html = page(f"/ar/termine/{slot.uuid}/")
    assert "مساعدة في الديون" in html
    assert "هنا من يراجع الرسائل معكم." in html
    assert "Hier schaut jemand" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)  # there for machines
    assert '<bdi lang="de">Erwachsene</bdi>' in html
    assert "هذا الوصف متاح باللغة الألمانية فقط." not in html


def test_an_offer_nobody_translated_is_read_in_german_with_a_note(slot):
    html = page(f"/en/termine/{slot.uuid}/")
    assert '<bdi lang="de">Beispiel-Schuldnerhilfe</bdi>' in html
    assert '<bdi lang="de">Hier schaut jemand Ihre Briefe durch.</bdi>' in html
    assert "This description is available in German only." in html
    assert "nur auf Deutsch" not in page(f"/termine/{slot.uuid}/")


def test_a_german_page_marks_nothing_as_german(slot):
    assert '<bdi lang="de">Beispiel' not in page(f"/termine/{slot.uuid}/")


def test_a_text_of_staff_is_escaped_in_every_language(slot):
    slot.offer.translations.filter(language="ar").update(title="<b>خطر</b>")
    slot.offer.title = "<i>Gefahr</i>"
    slot.offer.save()
    make_exception(slot, date(2026, 9, 29), reason="<u>krank</u>")
    for path in (f"/ar/termine/{slot.uuid}/", f"/en/termine/{slot.uuid}/", "/ar/?ort=Bortfeld", "/en/?ort=Bortfeld"):
        assert not re.search(r"<[biu]>(خطر|Gefahr|krank)", page(path)), path


def test_a_common_reason_is_translated_and_another_one_is_german(slot):
    make_exception(slot, date(2026, 9, 29), reason="Die Fachkraft ist verhindert.")
    make_exception(slot, date(2026, 10, 6), reason="Elternabend im Raum.")
    html = page(f"/uk/termine/{slot.uuid}/")
    assert "Консультант не зможе прийти." in html
    assert '<bdi lang="de">Elternabend im Raum.</bdi>' in html


@pytest.mark.parametrize(
    ("path", "understood"),
    [
        ("/ar/?ort=Bortfeld&thema=الديون", True),
        ("/ar/?ort=Bortfeld&thema=ديون", True),
        ("/en/?ort=Bortfeld&thema=dEBTS", True),
        ("/?ort=Bortfeld&thema=الديون", True),
        ("/uk/?ort=Bortfeld&thema=Debts", True),
        ("/en/?ort=Bortfeld&thema=debt", True),
        ("/ar/?ort=Bortfeld&thema=Schulden", True),
        ("/ar/?ort=Bortfeld&thema=قط", False),
    ],
)
def test_a_topic_is_understood_in_any_language_on_any_page(slot, path, understood):
    assert ('aria-invalid="true"' not in page(path)) == understood


def test_a_page_asks_no_more_questions_in_another_language(slot, client, django_assert_max_num_queries):
    for path in ("/", "/?ort=Bortfeld", "/?ort=Bortfeld&thema=Schulden", f"/termine/{slot.uuid}/", "/themen/schulden/"):
        client.get(f"/ar{path}")  # SQLite is asked once a process whether it knows JSON
        with django_assert_max_num_queries(8) as german:
            client.get(path)
        with django_assert_max_num_queries(8) as arabic:
            client.get(f"/ar{path}")
        allowed = 1 if "thema" in path and "ort" in path else 0  # the names in all languages
        assert len(arabic) <= len(german) + allowed, path


def test_dates_and_rules_stand_in_the_language_of_the_page(slot):
    for language, sentences in {
        "en": ("Every Tuesday from 14:00 to 16:00", "Tuesday, 29\xa0September", "in 5\xa0days"),
        "tr": ("Her salı saat 14:00 ile 16:00 arasında", "29\xa0Eylül Salı", "5\xa0gün sonra"),
        "ar": ("كل ثلاثاء من الساعة 14:00 إلى 16:00", "الثلاثاء، 29\xa0سبتمبر", "بعد 5\xa0أيام"),
        "uk": ("Щовівторка з 14:00 до 16:00", "вівторок, 29\xa0вересня", "через 5\xa0днів"),
    }.items():
        html = page(f"/{language}/termine/{slot.uuid}/")
        for sentence in sentences:
            assert sentence in html, sentence


def test_staff_reads_german_whatever_the_browser_says(client, admin_user):
    client.force_login(admin_user)
    html = client.get("/admin/appointments/offer/add/", headers={"Accept-Language": "tr"}).content.decode()
    assert "Angebot hinzufügen" in html
    assert "Übersetzungen" in html


def test_a_request_leaves_no_language_behind(slot, client):
    client.get("/ar/")
    assert get_language() == settings.LANGUAGE_CODE == "de"
