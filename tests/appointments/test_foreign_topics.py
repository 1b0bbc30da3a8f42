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
