"""Which topic does a name in another language mean?"""

import pytest

from appointments.foreign_topics import topic_named_abroad
from tests.builders import make_topic

pytestmark = pytest.mark.django_db


def topic(position: int, **told: str):
    made = make_topic(position=position)
    made.translations.create(language="en", **told)
    return made


def test_the_name_in_full_weighs_more_than_a_part_and_that_more_than_the_explanation():
    explained = topic(1, short_name="Money", explanation="Help with debts.")
    longer = topic(2, short_name="Debts of parents")
    named = topic(3, short_name="Debts", name="Debt counselling")
    topics = [explained, longer, named]
    assert topic_named_abroad(" DEBTS ", topics) == named
    assert topic_named_abroad("debt counselling", topics) == named
    assert topic_named_abroad("parents", topics) == longer
    assert topic_named_abroad("help", topics) == explained
    assert topic_named_abroad("divorce", topics) is None


@pytest.mark.parametrize("text", ["", " ", "de", "e"])
def test_nothing_and_one_or_two_letters_mean_no_topic(text):
    assert topic_named_abroad(text, [topic(1, short_name="Debts")]) is None


def test_two_letters_are_enough_where_they_are_the_whole_name():
    asylum = topic(1, short_name="EU")
    assert topic_named_abroad("eu", [asylum]) == asylum


def test_a_missing_translation_is_no_name():
    assert topic_named_abroad("x", [topic(1, name="", short_name="")]) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("no money", "schulden"),
        ("I have no money left", "schulden"),
        ("BORC", "schulden"),
        ("borç", "schulden"),
        ("borçlar", "sucht"),
        ("xylophone", None),
        ("debt colector", "schulden"),
        ("الديون", "schulden"),
        ("قروض", "schulden"),
        ("أُسرة", "sucht"),
        ("اسره", "sucht"),
        ("mon", "schulden"),
        ("mo", None),
    ],
)
def test_everyday_words_of_other_languages_are_understood(db, typed, meant):
    debts, addiction = make_topic(slug="schulden"), make_topic(slug="sucht")
    debts.translations.create(language="en", short_name="Debt collector", everyday_words="no money, loan")
    debts.translations.create(language="tr", short_name="Borç")
    debts.translations.create(language="ar", short_name="الدُّيون", everyday_words="قرض، قروض")
    addiction.translations.create(language="tr", everyday_words="borçlar")
    addiction.translations.create(language="ar", everyday_words="أسرة")
    found = topic_named_abroad(typed, [debts, addiction])
    assert (found and found.slug) == meant


def test_a_phrase_is_read_word_by_word_where_it_is_none_of_ours():
    care = topic(1, short_name="Care", everyday_words="grandma, dementia")
    couple = topic(2, short_name="Partnership", everyday_words="husband, jealousy")
    violence = topic(3, short_name="Violence", everyday_words="afraid of my husband")
    topics = [care, couple, violence]
    assert topic_named_abroad("what about grandmas dementia", topics) == care
    assert topic_named_abroad("husband trouble", topics) == couple
    assert topic_named_abroad("being afraid", topics) == violence


def test_words_that_fit_many_topics_or_every_topic_mean_none():
    topics = [topic(number, short_name=f"Counselling {name}") for number, name in enumerate(("on a", "on b", "c", "d"))]
    assert topic_named_abroad("some counsellings", topics) is None
    assert topic_named_abroad("please help with this", [topic(9, short_name="Help with this thing")]) is None


def test_a_part_of_a_name_begins_a_word_but_for_the_arabic_article():
    parenting = topic(1, short_name="Parenting")
    home = topic(2, short_name="Home", everyday_words="rent arrears")
    assert topic_named_abroad("rent", [parenting, home]) == home
    debts = make_topic(position=3)
    debts.translations.create(language="ar", short_name="الديون")
    assert topic_named_abroad("ديون", [debts]) == debts
