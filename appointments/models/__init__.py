"""What is offered, when, and by whom? One file a question; others import from here."""

from appointments.models.offers import Counsellor, Guideline, Language, Offer, Provider, Topic
from appointments.models.reports import MissingDemand, MistakeReport
from appointments.models.rounds import ConfirmationRound, ProviderLetter, SlotProposal
from appointments.models.slots import (
    Attendance,
    Confirmation,
    Slot,
    SlotException,
    SlotQuerySet,
    is_stale,
    overdue_on,
    unconfirmed_on,
)
from appointments.models.staff import ProviderStaff, only_proposes, providers_of
from appointments.models.translations import (
    OfferTranslation,
    TextTranslation,
    TopicTranslation,
    TranslationLanguage,
    told,
    told_or_german,
    with_translated_offers,
    with_translated_topics,
)

__all__ = [
    "Attendance",
    "Confirmation",
    "ConfirmationRound",
    "Counsellor",
    "Guideline",
    "Language",
    "MissingDemand",
    "MistakeReport",
    "Offer",
    "OfferTranslation",
    "Provider",
    "ProviderLetter",
    "ProviderStaff",
    "Slot",
    "SlotException",
    "SlotProposal",
    "SlotQuerySet",
    "TextTranslation",
    "Topic",
    "TopicTranslation",
    "TranslationLanguage",
    "is_stale",
    "only_proposes",
    "overdue_on",
    "providers_of",
    "told",
    "told_or_german",
    "unconfirmed_on",
    "with_translated_offers",
    "with_translated_topics",
]
