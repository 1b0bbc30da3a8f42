"""Which topic does somebody mean who types everyday words: "Kind schläft nicht", "Pflege Oma", "Shulden"?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from appointments.models import Topic
from locations.place_names import fold

MOST_OTHERS = 4
NEARLY_AS_GOOD = 0.5  # of the best one's score; below it a topic is not offered beside it
SHORTEST_PART = 4  # letters; shorter ones begin or end too many words
SHORTEST_MISSPELT = 5
LIKE_ENOUGH = 80  # of 100; "Shulden" for Schulden, but not "quatsch" for Deutsch
# How sure a word makes us, by how it was found. A name outweighs a synonym: "Geld" is first of all "Geld, Ämter, Alltag".
NAME, SYNONYM, PART, EXPLANATION, MISSPELT = 1.25, 1.0, 0.7, 0.5, 0.6
WHOLE_PHRASE = 1.0  # on top, where a synonym of several words was typed in full

# Words that fit every topic, as they stand after folding.
SAYS_NOTHING = """
aber alle alles als am an auch auf aus bei beim beratung beratungen bin bitte brauche braucht da damit dann das dass
dem den der des die dies diese du durch ein eine einem einen einer eines er es etwas fragen frage fuer gegen gibt
haben habe hat hilfe hilfen ich ihr ihre ihrem ihren ihrer im immer in ist jemand kann kein keine keinen mehr mein
meine meinem meinen meiner mich mir mit moechte muss nach nicht nichts nur ob oder offene ohne problem probleme schon
sehr sein seine sich sie sind so sorgen stelle suche ueber um und uns unser unsere unserem unseren unserer vom von vor
was weil wegen weiss wenn wer wie will wir wird wo zu zum zur
"""
EMPTY_WORDS = frozenset(SAYS_NOTHING.split())
ENDINGS = ("ungen", "ung", "end", "en", "er", "es", "em", "st", "e", "n", "s", "t")
SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Meant:
    """The topic that fits best (None: nothing was understood), and others that fit nearly as well."""

    best: Topic | None = None
    others: tuple[Topic, ...] = ()


def topics_meant(text: str, topics: Sequence[Topic]) -> Meant:
    """Return what somebody means: a topic by its name, else the one whose words fit best."""
    known = [_Vocabulary(topic) for topic in topics]
    wanted = fold(text)
    if named := [words.topic for words in known if wanted in words.names]:
        return Meant(named[0], tuple(named[1:]))
    return _ranked(_scores(_words(text), known))


def related(topic: Topic, topics: Sequence[Topic]) -> list[Topic]:
    """Return the other topics that a family could take for this one, by the everyday words they share.

    A word that two topics share makes them alike; of a word that three share it takes two, and so on: "Anträge" alone makes
    nobody who asks for care look for residence papers.
    """
    words = {other: set(_words(other.everyday_words)) for other in topics}
    sharing = Counter(stem for known in words.values() for stem in {_stem(word) for word in known})
    own = words.get(topic, set())
    return [
        other
        for other, known in words.items()
        if other != topic and sum(1 / (sharing[_stem(word)] - 1) for word in known & own) >= 1
    ]


def _ranked(scores: dict[Topic, float]) -> Meant:
    """Return the topics by score; of equals the one staff placed first."""
    best_first = sorted(scores, key=lambda topic: -scores[topic])
    if not best_first:
        return Meant()
    best, *others = best_first
    near = [topic for topic in others if scores[topic] >= NEARLY_AS_GOOD * scores[best]]
    return Meant(best, tuple(near[:MOST_OTHERS]))


def _scores(words: list[str], known: list[_Vocabulary]) -> dict[Topic, float]:
    """Return a score for each topic that fits at all. A word that fits many topics says little about each."""
    scores: dict[Topic, float] = {}
    for word in words:
        found = _fitting(word, known)
        for topic, sureness in found.items():
            scores[topic] = scores.get(topic, 0) + sureness / len(found)
    stems = {_stem(word) for word in words}
    for vocabulary in known:
        if vocabulary.topic in scores and any(len(phrase) > 1 and phrase <= stems for phrase in vocabulary.phrases):
            scores[vocabulary.topic] += WHOLE_PHRASE
    return scores


def _fitting(word: str, known: list[_Vocabulary]) -> dict[Topic, float]:
    """Return the topics a word fits; a weaker likeness counts only where no topic has a stronger one."""
    stem = _stem(word)
    for sureness_in in (_as_spelt, _as_inflected, _as_part, _as_explained, _as_misspelt):
        found = {words.topic: sureness for words in known if (sureness := sureness_in(word, stem, words))}
        if found:
            return found
    return {}


def _as_spelt(word: str, stem: str, words: _Vocabulary) -> float:
    """Return how sure the very word makes us: "hört" is no "Hort", though both have one stem."""
    return _as_inflected(word, stem, words) if word in words.spellings else 0


def _as_inflected(_word: str, stem: str, words: _Vocabulary) -> float:
    """Return how sure the word makes us; one of several words of a synonym is only a part of it."""
    if stem in words.name_stems:
        return NAME
    return max((SYNONYM / len(phrase) for phrase in words.phrases if stem in phrase), default=0)


def _as_part(_word: str, stem: str, words: _Vocabulary) -> float:
    return PART if any(_is_part(stem, known) for known in words.name_stems | words.synonym_stems) else 0


def _as_explained(_word: str, stem: str, words: _Vocabulary) -> float:
    return EXPLANATION if stem in words.explanation_stems else 0


def _as_misspelt(word: str, _stem: str, words: _Vocabulary) -> float:
    if len(word) < SHORTEST_MISSPELT:
        return 0
    long = [spelling for spelling in words.spellings if len(spelling) >= SHORTEST_MISSPELT]
    like = process.extractOne(word, long, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
    return MISSPELT * like[1] / 100 if like else 0


def _is_part(stem: str, known: str) -> bool:
    """Return whether one is the first or last part of the other, as in "Schuldnerberatung"."""
    shorter, longer = sorted((stem, known), key=len)
    return len(shorter) >= SHORTEST_PART and (longer.startswith(shorter) or longer.endswith(shorter))


class _Vocabulary:
    """The words that stand for a topic, split and cut to their stems."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.names = {fold(topic.slug), fold(topic.name), fold(topic.short_name)}

    @cached_property
    def name_stems(self) -> set[str]:
        return {_stem(word) for name in self.names for word in _words(name)}

    @cached_property
    def phrases(self) -> list[set[str]]:
        phrases = ({_stem(word) for word in _words(synonym)} for synonym in self.topic.words)
        return [phrase for phrase in phrases if phrase]

    @cached_property
    def synonym_stems(self) -> set[str]:
        return set().union(*self.phrases)

    @cached_property
    def explanation_stems(self) -> set[str]:
        return {_stem(word) for word in _words(self.topic.explanation)}

    @cached_property
    def spellings(self) -> set[str]:
        return {word for text in (*self.names, *self.topic.words) for word in _words(text)}


def _words(text: str) -> list[str]:
    """Return the words that say something, folded, each once."""
    return list(dict.fromkeys(word for word in re.findall(r"\w+", fold(text)) if word not in EMPTY_WORDS))


def _stem(word: str) -> str:
    """Return the word without umlauts and endings: schläft, schlafen and Schlaf are one. Rough, but the same for both sides."""
    for spelling, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        word = word.replace(spelling, letter)
    while ending := next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) >= SHORTEST_STEM), ""):
        word = word.removesuffix(ending)
    return word
