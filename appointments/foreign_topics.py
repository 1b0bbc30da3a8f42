"""Which topic does somebody mean who types its name in another language: "debts", "borç", "ديون"?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from appointments.models import Topic, TopicTranslation
from locations.place_names import fold

SHORTEST_PART = 3  # letters; Arabic and Turkish words are short
SHORTEST_MISSPELT = 5
LIKE_ENOUGH = 80  # of 100, as for German words
# Letters that are one to whoever types in haste or on another keyboard; the dotless i loses its dot nowhere in Unicode.
ALIKE = str.maketrans({"ı": "i", "ى": "ي", "ة": "ه", "ـ": "", "ʼ": "'", "’": "'", "ґ": "г"})


@dataclass(frozen=True, slots=True)
class _Told:
    """What stands for a topic in one language, folded."""

    topic: Topic
    names: tuple[str, ...]
    words: tuple[str, ...]
    explanation: str

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
    explanation, and a misspelt word least. One query.
    """
    wanted = fold_abroad(text)
    if not wanted:
        return None
    by_key = {topic.pk: topic for topic in topics}
    rows = TopicTranslation.objects.filter(topic__in=by_key).order_by("topic__position", "topic")
    told = [_told(row, by_key[row.topic_id]) for row in rows]
    ways = (lambda one: wanted in one.names, lambda one: wanted in one.words, *_ways_by_part(wanted))
    return next(filter(None, (_first(told, fits) for fits in ways)), None)


def _told(row: TopicTranslation, topic: Topic) -> _Told:
    words = (fold_abroad(word) for word in row.everyday_words.replace("،", ",").split(","))
    names = (fold_abroad(row.short_name), fold_abroad(row.name))
    return _Told(topic, names, tuple(filter(None, words)), fold_abroad(row.explanation))


def _ways_by_part(wanted: str) -> tuple[Callable[[_Told], bool], ...]:
    """Return how a part of a phrase may be meant, the surest first; nothing for one or two letters."""
    if len(wanted) < SHORTEST_PART:
        return ()
    return (
        lambda one: any(wanted in name for name in one.names),
        lambda one: any(wanted in word or _is_within(word, wanted) for word in one.words),
        lambda one: wanted in one.explanation,
        lambda one: _is_misspelt(wanted, one.phrases),
    )


def _is_within(word: str, wanted: str) -> bool:
    """Return whether the phrase holds the everyday word as words of its own: "I have no money" holds "no money"."""
    return f" {word} " in f" {wanted} "


def _is_misspelt(wanted: str, phrases: Iterable[str]) -> bool:
    if len(wanted) < SHORTEST_MISSPELT:
        return False
    words = (word for phrase in phrases for word in (phrase, *phrase.split()) if len(word) >= SHORTEST_MISSPELT)
    return any(fuzz.ratio(wanted, word) >= LIKE_ENOUGH for word in words)


def _first(told: Iterable[_Told], fits: Callable[[_Told], bool]) -> Topic | None:
    return next((one.topic for one in told if fits(one)), None)
