"""Is every text families read translated, and does no German slip through on a page in another language?"""

import re
from datetime import date, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from appointments.foreign_topics import topic_named_abroad
from appointments.known_texts import KNOWN
from appointments.models import Slot, Topic, TranslationLanguage
from beratung import translations
from beratung.peine import files
from beratung.peine.load import load_peine
from locations.calendars import public_holidays
from locations.foreign_wording import FOREIGN
from locations.models import Institution

LANGUAGES = translations.LANGUAGES
NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # a Thursday
# Words that stand in nearly every German sentence, and in none of another language.
GERMAN_WORDS = re.compile(
    r"\b(und|oder|nicht|kein|keine|Sie|ist|wird|für|Uhr|bitte|Bitte|Termine?|Beratung|Suche|Gemeinde)\b"
)
HIDDEN = {"script", "style", "title"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "option"}


class Texts(HTMLParser):
    """The texts of a page with the language of the nearest element that names one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []
        self.attributes: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        language = known.get("lang") or (self.open[-1][1] if self.open else "")
        if language != "de":
            self.attributes += [known[name] for name in ("aria-label", "placeholder", "alt") if known.get(name)]
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_endtag(self, tag):
        while any(name == tag for name, _language in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and self.open and self.open[-1][0] not in HIDDEN:
            self.found.append((" ".join(data.split()), self.open[-1][1]))

    @property
    def not_marked_as_german(self) -> list[str]:
        return [text for text, language in self.found if language != "de"] + self.attributes


@pytest.fixture
def peine(db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    load_peine(day=NOW.date())


def family_paths() -> list[str]:
    debts = Slot.objects.get(offer__title="Schuldner- und Insolvenzberatung", institution__locality__name="Bortfeld")
    untranslated = Slot.objects.filter(offer__title="Elternsprechstunde der Schulsozialarbeit").first()
    team = Slot.objects.filter(exceptions__new_institution__isnull=False, last_day=None).first()
    house = Institution.objects.get(slug=debts.institution.slug)
    return [
        "/",
        "/?ort=Bortfeld",
        "/?ort=Bortfeld&thema=Schulden&ab=16",
        "/?ort=Bortfeld&thema=Sucht&tag=so",
        "/?ort=Vechelde&seite=99&tag=blah&ab=99&sortierung=x",
        "/?ort=Alvesse",
        "/?ort=Atlantis",
        "/?ort=Lahstedt",
        "/?ort=31226&sortierung=entfernung",
        "/?ort=Klein+Lafferde&stufenlos=1&sprache=ar&zugang=offen",
        "/themen/",
        "/themen/schulden/",
        "/gemeinden/",
        "/gemeinden/03157008-wendeburg/",
        "/gemeinden/03157004-lahstedt/",
        f"/einrichtungen/{house.slug}/",
        f"/termine/{debts.uuid}/",
        f"/termine/{untranslated.uuid}/",
        f"/termine/{team.uuid}/",
        f"/termine/{debts.uuid}/fehler-melden/",
        f"/termine/{debts.uuid}/fehler-melden/danke/",
        "/gibt-es-nicht/",
    ]


def german_patterns(language: str) -> list[re.Pattern[str]]:
    """Return the German texts as patterns, placeholders open; those that read the same in the language left out."""
    catalog = [message for message in translations.stored(language) if message.string != message.id]
    ids = [
        text
        for message in catalog
        if message.id
        for text in (message.id if isinstance(message.id, tuple) else [message.id])
    ]
    return [re.compile(re.sub(r"%\\\(\w+\\\)s", ".+", re.escape(re.sub(r"<[^>]+>", "", text)))) for text in ids]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_family_facing_text_is_translated_and_nothing_is_fuzzy(language):
    assert [message.id for message in translations.missing(translations.stored(language))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_exactly_the_texts_of_the_sources(language):
    """`make messages` brings it up to date."""
    texts = {message.id for message in translations.extracted(translations.sources()) if message.id}
    assert {message.id for message in translations.stored(language) if message.id} == texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_the_german_text(language):
    assert [message.id for message in translations.with_other_placeholders(translations.stored(language))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_django_reads_is_what_the_catalogue_says(language):
    stored, compiled = (
        {as_tuple(message.id): as_tuple(message.string) for message in catalog if message.id}
        for catalog in (translations.stored(language), translations.compiled(language))
    )
    assert compiled == stored


def as_tuple(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_ends_as_the_german_text_does(language):
    """A sentence stays a sentence, a label before a number keeps its colon."""
    ends = {".": ".", ":": ":", "?": "?؟", "…": "…"}
    for message in translations.stored(language):
        if isinstance(message.id, str) and message.id and message.id[-1] in ends:
            assert message.string[-1] in ends[message.id[-1]], message.id


def test_a_missing_a_fuzzy_and_an_unfaithful_translation_are_found():
    catalog = translations.stored("en")
    first, second, third = [message for message in catalog if isinstance(message.id, str) and message.id][:3]
    first.string = ""
    second.flags.add("fuzzy")
    assert translations.missing(catalog) == [first, second]
    third.id, third.string = "Seite %(number)s", "Page %(nummer)s"
    assert third in translations.with_other_placeholders(catalog)


def test_pages_switch_staff_and_wordings_speak_the_same_languages():
    assert set(TranslationLanguage.values) == set(FOREIGN) == set(LANGUAGES)
    assert [code for code, _name in settings.LANGUAGES][0] == settings.LANGUAGE_CODE == "de"


def test_every_holiday_of_the_calendars_is_known_in_every_language():
    public = set(public_holidays("DE-NI", date(2020, 1, 1), date(2030, 12, 31)).values())
    school = {row["name"] for row in files.general_rows("school_holidays")}
    assert public | school <= KNOWN


def test_every_topic_of_the_example_is_translated_in_full():
    told = files.real("topic_translations")
    assert set(told) == set(files.real("topics"))
    for languages in (*told.values(), *files.example("offer_translations").values()):
        assert set(languages) == set(LANGUAGES)
        assert all(text.strip() for texts in languages.values() for text in texts.values())
    for languages in told.values():
        fields = {"name", "short_name", "explanation", "everyday_words"}
        assert all(set(texts) == fields for texts in languages.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("no money", "schulden"),
        ("para yok", "schulden"),
        ("قرض", "schulden"),
        ("немає грошей", "schulden"),
        ("hamile", "schwangerschaft"),
        ("طلاق", "trennung"),
        ("дитина не спить", "fruehe-hilfen"),
        ("iltica", "migration"),
        ("عنف", "gewalt"),
        ("abortion", "schwangerschaftskonflikt"),
        ("wheelchair", "teilhabe"),
        ("my child has autism", "eingliederung-kinder"),
        ("emekli maaşı", "rente"),
        ("kıskançlık", "ehe-partnerschaft"),
        ("تنمر في المدرسة", "schulsozialarbeit"),
        ("كرسي متحرك", "teilhabe"),
        ("лікарняна каса", "patienten"),
        ("самотність", "kinder-jugendliche"),
        ("support group", "selbsthilfe"),
        ("home help", "senioren"),
        ("help with forms", "sozial"),
        ("my husband left me", "trennung"),
        ("büyükannemin bakımı", "pflege"),
        ("رعاية الجدة", "pflege"),
        ("догляд за бабусею", "pflege"),
        ("my son is bullied", "schulsozialarbeit"),
        ("rent", "wohnungslos"),
    ],
)
def test_what_families_type_in_their_language_is_understood(peine, typed, topic):
    found = topic_named_abroad(typed, list(Topic.objects.all()))
    assert found == Topic.objects.get(slug=topic)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_german_stands_unmarked_on_a_page_in_another_language(peine, client, language):
    patterns = german_patterns(language)
    catalog = translations.stored(language)
    same = {message.string for message in catalog if message.id and message.string == message.id}
    slipped = {}
    for path in family_paths():
        page = Texts(client.get(f"/{language}{path}").content.decode())
        texts = [text for text in page.not_marked_as_german if text not in same]
        german = [text for text in texts if any(pattern.fullmatch(text) for pattern in patterns)]
        slipped[path] = german + [text for text in texts if GERMAN_WORDS.search(text)]
    assert {path: texts for path, texts in slipped.items() if texts} == {}


def test_the_search_for_german_finds_german(peine, client):
    page = Texts(client.get("/?ort=Bortfeld").content.decode().replace('lang="de"', 'lang="en"'))
    texts = page.not_marked_as_german
    patterns = german_patterns("ar")
    assert sum(any(pattern.fullmatch(text) for pattern in patterns) for text in texts) > 40
    assert sum(bool(GERMAN_WORDS.search(text)) for text in texts) > 20
