"""Who else counsels on the same topic, in the same municipality, at the same time? A hint for staff, not a ban."""

from __future__ import annotations

from django.urls import reverse

from appointments.inventory import Double, Stock, possibly_double
from appointments.models import Offer, Slot
from appointments.surroundings import Effect, Surroundings
from locations.wording import listed

MOST_SHOWN = 3


def doubles(around: Surroundings) -> list[Effect]:
    """Return a hint for each slot that may be one too many beside this one, at most three."""
    draft = around.draft.slot
    if draft.offer_id is None or around.home is None:
        return []
    mine = _stock(around, around.draft.as_stored(around.today))
    found = []
    for other in around.others_here():
        theirs = _stock(around, other)
        # Expanding dates is dear; most slots have another topic.
        if mine.topics & theirs.topics and mine.provider != theirs.provider:
            double = possibly_double(around.day, mine, theirs, around.home, around.timetable.calendar(other))
            if double:
                found.append(_hint(draft.offer, other, double))
    return found[:MOST_SHOWN]


def _stock(around: Surroundings, slot: Slot) -> Stock:
    return Stock(
        fact=around.fact(slot),
        provider=slot.offer.provider_id,
        topics=frozenset(topic.pk for topic in slot.offer.topics.all()),
        languages=frozenset(language.name for language in slot.offer.languages.all()),
    )


def _hint(offer: Offer, other: Slot, double: Double) -> Effect:
    topics = [topic.short_name for topic in other.offer.topics.all() if topic.pk in double.topics]
    return Effect(
        kind="warning",
        title="Möglicherweise doppelt",
        text=f"{other.offer.provider} berät in {other.institution} auch zu {listed(topics)}. {double.text}",
        links=((reverse("admin:appointments_slot_change", args=[other.pk]), "Vergleichen"),),
    )
