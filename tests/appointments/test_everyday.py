"""Are everyday words understood, and is a doubtful one said to be doubtful?"""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from appointments.everyday import related, topics_meant
from appointments.models import Topic

PHRASES = [line.split("\t") for line in (Path(__file__).parent / "everyday_phrases.tsv").read_text().splitlines()[1:]]


@pytest.fixture(scope="module")
def of_peine() -> list[Topic]:
    """Return the topics of the example district, as its staff would edit them."""
    rows = tomllib.loads((Path(settings.BASE_DIR) / "beratung/peine/real/topics.toml").read_text())
    return [
        Topic(pk=number, slug=slug, **{name: value for name, value in row.items() if name != "checked"})
        for number, (slug, row) in enumerate(rows.items(), 1)
    ]


def topic(number: int, short_name: str, everyday_words: str = "", **given) -> Topic:
    return Topic(
        pk=number,
        slug=f"thema-{number}",
        name=short_name,
        short_name=short_name,
        everyday_words=everyday_words,
        **given,
    )


DEBTS = topic(1, "Schulden", "Mahnungen, Geld", explanation="Hier schaut jemand mit Ihnen die Briefe durch.")
BIRTH = topic(2, "Schwangerschaft", "schwanger, Geld, Kind")
MONEY = topic(3, "Geld und Ämter", "Antrag ausfüllen, Kind")
KNOWN = [DEBTS, BIRTH, MONEY]


@pytest.mark.parametrize(("phrase", "slug"), PHRASES)
def test_what_parents_type_leads_to_the_topic(of_peine, phrase, slug):
    best = topics_meant(phrase, of_peine).best
    assert best is not None
    assert best.slug == slug


def test_the_table_asks_for_most_topics(of_peine):
    assert len(PHRASES) >= 40
    assert len({slug for _phrase, slug in PHRASES}) >= 20


def test_every_topic_is_found_by_its_own_names_alone(of_peine):
    for known in of_peine:
        for name in (known.slug, known.name, known.short_name):
            meant = topics_meant(name, of_peine)
            assert (meant.best, meant.others) == (known, ()), name


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("Schulden", DEBTS),
        ("  schulden ", DEBTS),
        ("SCHULDEN!", DEBTS),
        ("Mahnung", DEBTS),
        ("Schuldnerberatung", DEBTS),
        ("Shulden", DEBTS),
        ("Briefe", DEBTS),
        ("ich bin schwanger", BIRTH),
        ("Antraege ausfuellen", MONEY),
        ("Geld", MONEY),
    ],
)
def test_a_word_is_understood_however_it_is_bent(text, best):
    assert topics_meant(text, KNOWN).best == best


@pytest.mark.parametrize("text", ["", "   ", "Atlantis", "un", "Hilfe", "ich brauche Beratung", "?!", "😀", "\N{NULL}"])
def test_what_says_nothing_is_not_guessed(text):
    meant = topics_meant(text, KNOWN)
    assert (meant.best, meant.others) == (None, ())


def test_words_nobody_knows_do_not_hide_the_others():
    assert topics_meant("Xyzzy wegen Mahnungen", KNOWN).best == DEBTS


def test_of_topics_that_fit_alike_the_first_is_shown_and_the_other_offered():
    meant = topics_meant("Kind", KNOWN)
    assert (meant.best, meant.others) == (BIRTH, (MONEY,))


def test_a_name_outweighs_a_synonym():
    meant = topics_meant("Geld", KNOWN)
    assert meant.best == MONEY
    assert set(meant.others) == {DEBTS, BIRTH}


def test_whoever_types_a_whole_synonym_means_it():
    quarrel, parents = topic(1, "Erziehung", "Streit, Eltern"), topic(2, "Trennung", "Streit der Eltern")
    assert topics_meant("Streit der Eltern", [quarrel, parents]).best == parents
    assert topics_meant("Streit", [quarrel, parents]).best == quarrel


def test_a_spelling_outweighs_a_stem():
    care, listen = topic(1, "Kita", "Hort"), topic(2, "Erziehung", "Kind hört nicht")
    assert topics_meant("Hort", [listen, care]).best == care
    assert topics_meant("hört", [care, listen]).best == listen


def test_at_most_four_others_are_offered():
    many = [topic(number, f"Thema {number}", "Streit") for number in range(1, 8)]
    assert topics_meant("Streit", many).others == tuple(many[1:5])


def test_no_topics_mean_nothing():
    assert topics_meant("Schulden", []).best is None


# What could be meant instead


def test_a_word_that_two_share_makes_them_alike():
    addiction, groups = topic(1, "Sucht", "Alkohol, Angehörige"), topic(2, "Selbsthilfe", "Angehörige")
    assert related(addiction, [addiction, groups]) == [groups]


def test_of_a_word_that_three_share_it_takes_two():
    one, two, three = topic(1, "A", "Anträge"), topic(2, "B", "Anträge"), topic(3, "C", "Anträge")
    assert related(one, [one, two, three]) == []
    for known in (one, two, three):
        known.everyday_words += ", Briefe vom Amt"
    assert related(one, [one, two, three]) == [two, three]


def test_words_that_fit_everything_make_nothing_alike():
    assert related(DEBTS, [DEBTS, topic(9, "Anderes", "Hilfe, Fragen")]) == []
