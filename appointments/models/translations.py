"""What do staff's own texts say in other languages? Optional rows; what is missing is read in German."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import JSONObject

from appointments.models.offers import Offer, Topic
from locations.models import History

SOURCE_LANGUAGE = "de"


class TranslationLanguage(models.TextChoices):
    """The languages of the pages besides German, as in settings.LANGUAGES."""

    ENGLISH = "en", "Englisch"
    TURKISH = "tr", "Türkisch"
    ARABIC = "ar", "Arabisch"
    UKRAINIAN = "uk", "Ukrainisch"


class Translation(models.Model):
    """The texts of a row in one language; an empty one is read in German (Übersetzung)."""

    language = models.CharField("Sprache", max_length=8, choices=TranslationLanguage.choices)

    class Meta:
        abstract = True


class TopicTranslation(Translation):
    """A topic in another language (Übersetzung eines Beratungsfelds)."""

    topic = models.ForeignKey(
        Topic, on_delete=models.CASCADE, related_name="translations", verbose_name="Beratungsfeld"
    )
    name = models.CharField("Name", max_length=160, blank=True)
    short_name = models.CharField("Name im Alltag", max_length=80, blank=True)
    explanation = models.TextField("Erklärung in einfachen Worten", blank=True)
    everyday_words = models.TextField(
        "Alltagswörter", blank=True, help_text="Was Familien in dieser Sprache eintippen, durch Kommas getrennt."
    )

    history = History()

    class Meta:
        verbose_name = "Übersetzung"
        verbose_name_plural = "Übersetzungen"
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                name="topic_translation_once_per_language",
                fields=["topic", "language"],
                violation_error_message="In dieser Sprache ist das Beratungsfeld schon übersetzt.",
            ),
            models.CheckConstraint(
                name="topic_translation_is_in_a_language_of_the_pages",
                condition=Q(language__in=TranslationLanguage.values),
                violation_error_message="In dieser Sprache gibt es die Seiten nicht.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_language_display()


class OfferTranslation(Translation):
    """An offer in another language (Übersetzung eines Angebots)."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="translations", verbose_name="Angebot")
    title = models.CharField("Titel", max_length=200, blank=True)
    summary = models.TextField("Worum es geht", blank=True)
    audience = models.CharField("Für wen", max_length=200, blank=True)
    fee_text = models.CharField("Kosten", max_length=200, blank=True)
    bring_along = models.CharField("Mitbringen", max_length=200, blank=True)

    history = History()

    class Meta:
        verbose_name = "Übersetzung"
        verbose_name_plural = "Übersetzungen"
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                name="offer_translation_once_per_language",
                fields=["offer", "language"],
                violation_error_message="In dieser Sprache ist das Angebot schon übersetzt.",
            ),
            models.CheckConstraint(
                name="offer_translation_is_in_a_language_of_the_pages",
                condition=Q(language__in=TranslationLanguage.values),
                violation_error_message="In dieser Sprache gibt es die Seiten nicht.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_language_display()


class TextTranslation(Translation):
    """A short text of staff in another language, wherever it stands (Übersetzung eines kurzen Textes).

    Notes, reasons, phone hours: the same words stand at many houses and dates, and are translated once.
    """

    german = models.CharField(
        "Deutscher Text",
        max_length=300,
        help_text="Genau wie eingetragen, etwa als Hinweis, Grund eines Ausfalls, Weg zum Raum oder Telefonzeit.",
    )
    text = models.CharField("Übersetzung", max_length=300)

    history = History()

    class Meta:
        verbose_name = "Übersetzung eines kurzen Textes"
        verbose_name_plural = "Übersetzungen kurzer Texte"
        ordering = ["german", "language"]
        constraints = [
            models.UniqueConstraint(
                name="text_translation_once_per_language",
                fields=["language", "german"],
                violation_error_message="In dieser Sprache ist der Text schon übersetzt.",
            ),
            models.CheckConstraint(
                name="text_translation_is_in_a_language_of_the_pages",
                condition=Q(language__in=TranslationLanguage.values),
                violation_error_message="In dieser Sprache gibt es die Seiten nicht.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.german} ({self.get_language_display()})"


TOPIC_TEXTS = ("name", "short_name", "explanation")
OFFER_TEXTS = ("title", "summary", "audience", "fee_text", "bring_along")


def with_translated_topics(topics: models.QuerySet[Topic], language: str) -> models.QuerySet[Topic]:
    """Return the topics with their texts in the language in `told`. No query more, for it is joined."""
    return _with_texts(topics, "translations", TOPIC_TEXTS, language)


def with_translated_offers(slots: models.QuerySet[Any], language: str) -> models.QuerySet[Any]:
    """Return the slots with the texts of their offers in the language in `told`. No query more, for it is joined."""
    return _with_texts(slots, "offer__translations", OFFER_TEXTS, language)


def _with_texts(
    rows: models.QuerySet[Any], relation: str, texts: tuple[str, ...], language: str
) -> models.QuerySet[Any]:
    if language == SOURCE_LANGUAGE:
        return rows
    joined = FilteredRelation(relation, condition=Q(**{f"{relation}__language": language}))
    # One row a language at most: the join never doubles a row.
    return rows.annotate(translation=joined).annotate(
        told=JSONObject(**{text: F(f"translation__{text}") for text in texts})
    )


def told(row: Any, text: str) -> str:
    """Return a text of a topic, or of a slot's offer, in the language it was loaded for; "" where it is not translated."""
    return (getattr(row, "told", None) or {}).get(text) or ""


def told_or_german(row: Any, text: str) -> str:
    """Return a text of a topic, or of a slot's offer, translated where it is."""
    german: str = getattr(getattr(row, "offer", row), text)
    return told(row, text) or german
