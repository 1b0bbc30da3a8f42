"""Which topic does somebody mean who types its name in another language: "debts", "borç", "ديون"?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os.path import commonprefix

from rapidfuzz import fuzz

from appointments.models import Topic, TopicTranslation
from locations.place_names import fold
from locations.public_state import once_a_version

SHORTEST_PART = 3  # letters; Arabic and Turkish words are short
SHORTEST_MISSPELT = 5
LIKE_ENOUGH = 80  # of 100, as for German words
SHORTEST_STEM = 4
LONGEST_ENDING = 3
MOST_MEANT = 3  # topics a single word may fit
ARABIC_ARTICLE = "ال"
# Words that fit every topic, in all languages, folded.
SAYS_NOTHING = """
about and are for from have help his her how living need please that the there this want what where who with you your
bir bana beni ben icin ile lutfen nasil var yardim
احتاج اريد الى على عن في كيف مساعده مع من هل
але для допомога допомоги допомогу мене мені моя моєї мій потрібна потрібно про треба хочу що як
"""
EMPTY_WORDS = frozenset(SAYS_NOTHING.split())
# Letters that are one to whoever types in haste or on another keyboard; the dotless i loses its dot nowhere in Unicode.
ALIKE = str.maketrans({"ı": "i", "ى": "ي", "ة": "ه", "ـ": "", "ʼ": "'", "’": "'", "ґ": "г"})


@dataclass(frozen=True)
class _Told:
    """What stands for a topic in one language, folded."""

    topic: Topic
    names: tuple[str, ...]
    words: tuple[str, ...]
    explanation: str

    def sureness(self, word: str) -> float:
        """Return how well a single word fits: "husband" is more in "husband, wife" than in "afraid of my husband"."""
        fitting = (words for words in self._single_words if any(_is_inflected(word, known) for known in words))
        return max((1 / len(words) for words in fitting), default=0)

    @cached_property
    def _single_words(self) -> list[frozenset[str]]:
        return [_single_words(phrase) for phrase in self.phrases]

    @property
    def phrases(self) -> tuple[str, ...]:
        return self.names + self.words


def fold_abroad(text: str) -> str:
    """Return the text without case, accents and vowel signs: "Borç" is "borc", "أُسرة" is "اسره"."""
    apart = unicodedata.normalize("NFKD", fold(text).casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(ALIKE)


def topic_named_abroad(text: str, topics: Sequence[Topic]) -> Topic | None:
    """Return the topic whose translation fits, whatever the language of the page: a link may be read in another one.

    The name in full weighs more than an everyday word, that more than a part of either, that more than a word of the
    explanation, and that more than a misspelt word. What is left is read word by word. At most one query.
    """
    wanted = fold_abroad(text)
    if not wanted:
        return None
    by_key = {topic.pk: topic for topic in topics}
    rows = once_a_version("topics abroad", _all_translations)
    told = [_told(row, by_key[row.topic_id]) for row in rows if row.topic_id in by_key]
    ways = (lambda one: wanted in one.names, lambda one: wanted in one.words, *_ways_by_part(wanted))
    return next(filter(None, (_first(told, fits) for fits in ways)), None) or _by_single_words(wanted, told)


def _all_translations() -> list[TopicTranslation]:
    return list(TopicTranslation.objects.order_by("topic__position", "topic"))


def _told(row: TopicTranslation, topic: Topic) -> _Told:
    words = (fold_abroad(word) for word in row.everyday_words.replace("،", ",").split(","))
    names = (fold_abroad(row.short_name), fold_abroad(row.name))
    return _Told(topic, names, tuple(filter(None, words)), fold_abroad(row.explanation))


def _ways_by_part(wanted: str) -> tuple[Callable[[_Told], bool], ...]:
    """Return how a part of a phrase may be meant, the surest first; nothing for one or two letters."""
    if len(wanted) < SHORTEST_PART:
        return ()
    return (
        lambda one: any(_holds(name, wanted) for name in one.names),
        lambda one: any(_holds(word, wanted) or _is_within(word, wanted) for word in one.words),
        lambda one: _holds(one.explanation, wanted),
        lambda one: _is_misspelt(wanted, one.phrases),
    )


def _holds(phrase: str, wanted: str) -> bool:
    """Return whether a word of the phrase begins so, in Arabic also after "the" and "and": "rent" is no part of "parents"."""
    return f" {wanted}" in f" {phrase}" or (_is_arabic(wanted) and wanted in phrase)


def _is_arabic(text: str) -> bool:
    return ARABIC_ARTICLE[0] <= text[0] <= "ي"


def _is_within(word: str, wanted: str) -> bool:
    """Return whether the phrase holds the everyday word as words of its own: "I have no money" holds "no money"."""
    return f" {word} " in f" {wanted} "


def _is_misspelt(wanted: str, phrases: Iterable[str]) -> bool:
    if len(wanted) < SHORTEST_MISSPELT:
        return False
    words = (word for phrase in phrases for word in (phrase, *phrase.split()) if len(word) >= SHORTEST_MISSPELT)
    return any(fuzz.ratio(wanted, word) >= LIKE_ENOUGH for word in words)


def _by_single_words(wanted: str, told: Sequence[_Told]) -> Topic | None:
    """Return the topic that most words of a phrase fit; a word that fits many topics says nothing, like "counselling"."""
    scores: dict[Topic, float] = {}
    for word in _single_words(wanted):
        sure = {}
        for one in told:
            sure[one.topic] = max(sure.get(one.topic, 0), one.sureness(word))
        fitting = {topic: sureness for topic, sureness in sure.items() if sureness}
        for topic, sureness in fitting.items() if len(fitting) <= MOST_MEANT else ():
            scores[topic] = scores.get(topic, 0) + sureness / len(fitting)
    # Of equals the one staff placed first.
    return max((one.topic for one in told if one.topic in scores), key=lambda topic: scores[topic], default=None)


def _single_words(phrase: str) -> frozenset[str]:
    """Return the words of a phrase, in Arabic without their article, and without those that say nothing."""
    words = (word.removeprefix(ARABIC_ARTICLE) for word in phrase.split())
    return frozenset(word for word in words if len(word) >= SHORTEST_PART and word not in EMPTY_WORDS)


def _is_inflected(word: str, known: str) -> bool:
    """Return whether both begin alike and differ in their endings only: "бабусею" and "бабуся"."""
    shared = len(commonprefix([word, known]))
    ending = max(len(word), len(known)) - shared
    return ending == 0 or (shared >= SHORTEST_STEM and ending <= (LONGEST_ENDING if shared > SHORTEST_STEM else 1))


def _first(told: Iterable[_Told], fits: Callable[[_Told], bool]) -> Topic | None:
    return next((one.topic for one in told if fits(one)), None)
