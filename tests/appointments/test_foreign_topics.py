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
