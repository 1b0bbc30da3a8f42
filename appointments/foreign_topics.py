"""Which topic does somebody mean who types its name in another language: "debts", "borç", "ديون"?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from appointments.models import Topic, TopicTranslation

SHORTEST_PART = 3  # letters; Arabic and Turkish words are short


def topic_named_abroad(text: str, topics: Sequence[Topic]) -> Topic | None:
    """Return the topic whose translation fits, whatever the language of the page: a link may be read in another one.

    The name in full weighs more than a part of it, and that more than a word of the explanation. One query.
    """
    wanted = text.casefold().strip()
    if not wanted:
        return None
    by_key = {topic.pk: topic for topic in topics}
    rows = TopicTranslation.objects.filter(topic__in=by_key).order_by("topic__position", "topic")
    told = [(by_key[row.topic_id], [row.short_name, row.name], row.explanation) for row in rows]
    return _first(topic for topic, names, _text in told if wanted in (name.casefold() for name in names)) or _part(
        wanted, told
    )


def _part(wanted: str, told: list[tuple[Topic, list[str], str]]) -> Topic | None:
    if len(wanted) < SHORTEST_PART:
        return None
    return _first(topic for topic, names, _text in told if any(wanted in name.casefold() for name in names)) or _first(
        topic for topic, _names, text in told if wanted in text.casefold()
    )


def _first(topics: Iterable[Topic]) -> Topic | None:
    return next(iter(topics), None)
