"""What is offered, when, and by whom? One file a question; others import from here."""

from appointments.models.offers import Counsellor, Guideline, Language, Offer, Provider, Topic
from appointments.models.reports import MissingDemand, MistakeReport
from appointments.models.slots import (
    Attendance,
    Confirmation,
    Slot,
    SlotException,
    SlotQuerySet,
    is_stale,
)

__all__ = [
    "Attendance",
    "Confirmation",
    "Counsellor",
    "Guideline",
    "Language",
    "MissingDemand",
    "MistakeReport",
    "Offer",
    "Provider",
    "Slot",
    "SlotException",
    "SlotQuerySet",
    "Topic",
    "is_stale",
]
