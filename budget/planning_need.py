"""What do families of a municipality look for in vain, in their searches and in its inventory of topics?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import date, timedelta

from django.db.models import Sum

from appointments.evidence import Evidence
from appointments.inventory import Stock, inventory
from appointments.models import MissingDemand, Offer
from locations.models import District

SEARCHES_OF_DAYS = 365


def searches_without_result(district: District, day: date) -> Mapping[int, int]:
    """Return how often families looked in vain in the year before the day, by municipality."""
    first = day - timedelta(days=SEARCHES_OF_DAYS)
    rows = MissingDemand.objects.filter(
        municipality__district=district, week_first_day__gt=first, week_first_day__lt=day
    )
    return dict(rows.order_by().values_list("municipality").annotate(Sum("count")))


def missing_topics(evidence: Evidence, day: date) -> Mapping[int, frozenset[int]]:
    """Return the topics that are wanted and missing, by municipality; the same as in the inventory."""
    topics = topics_by_offer({slot.offer_id for slot in evidence.slots.values()})
    stocks = [
        Stock(
            fact,
            provider=evidence.slots[fact.key].offer.provider_id,
            topics=frozenset(topics[evidence.slots[fact.key].offer_id]),
        )
        for fact in evidence.facts
    ]
    every = sorted({topic for found in topics.values() for topic in found})
    gaps = inventory(day, every, evidence.terms, evidence.houses, stocks, evidence.calendar).gaps
    missing: dict[int, set[int]] = defaultdict(set)
    for gap in gaps:
        missing[gap.municipality].add(gap.topic)
    return {municipality: frozenset(found) for municipality, found in missing.items()}


def topics_by_offer(offers: Set[int]) -> Mapping[int, set[int]]:
    """Return the topics of each offer. One query."""
    found: dict[int, set[int]] = defaultdict(set)
    for offer, topic in Offer.topics.through.objects.filter(offer__in=offers).values_list("offer", "topic"):
        found[offer].add(topic)
    return found
