"""How much need does an hour meet, and where? The concave curve f cut into straight pieces.

Need met in a municipality is P · f(1,000 · h / P) with P inhabitants and h hours a month. On a straight piece of f with
the weight w an hour counts 1,000 · w points, and the piece is width · P / 1,000 hours long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budget.planner.instance import Instance
from budget.planner.question import MunicipalityAsked, NeedWeights

THOUSAND = 1000.0
MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight piece of a municipality's curve that is not used up yet."""

    municipality: int
    hours: float
    points_an_hour: float


def people(one: MunicipalityAsked, weights: NeedWeights) -> float:
    """Return the inhabitants, with those added for searches without a result."""
    return float(one.population + weights.people_per_search * one.searches_without_result)


def need_met(one: MunicipalityAsked, weights: NeedWeights, hours: float) -> float:
    """Return the points that so many hours a month are worth."""
    left, points = hours, 0.0
    for band in weights.bands:
        used = min(left, band.width * people(one, weights) / THOUSAND)
        points += used * band.weight * THOUSAND
        left -= used
    return points


def segments(asked: Sequence[MunicipalityAsked], weights: NeedWeights, used: Mapping[int, float]) -> list[Segment]:
    """Return the pieces left beyond the hours there are already."""
    found = []
    for one in asked:
        left = used.get(one.key, 0.0)
        for band in weights.bands:
            length = band.width * people(one, weights) / THOUSAND
            rest = max(0.0, length - left)
            left = max(0.0, left - length)
            if rest > 0 and band.weight > 0:
                found.append(Segment(one.key, rest, band.weight * THOUSAND))
    return found


def hours_of_existing(instance: Instance, weights: NeedWeights) -> dict[int, float]:
    """Return the hours a month that existing slots give each municipality, with the bonus for missing topics."""
    topics = {one.key: one.topics for one in instance.question.counsellors}
    missing = {one.key: one.missing_topics for one in instance.question.municipalities}
    found: dict[int, float] = {}
    for visits in instance.visits.values():
        for visit in visits:
            slot = instance.existing[visit.slot]
            offered = frozenset(topic for key in slot.counsellors for topic in topics.get(key, ()))
            bonus = weights.missing_topic_bonus if offered & missing.get(slot.municipality, frozenset()) else 0.0
            hours = (visit.end - visit.start) / MINUTES_AN_HOUR / instance.months * (1 + bonus)
            found[slot.municipality] = found.get(slot.municipality, 0.0) + hours
    return found


def worth(instance: Instance, counsellor: int, municipality: int) -> float:
    """Return how much an hour of the counsellor counts there: more where a missing topic comes with it."""
    weights = instance.question.need
    asked = next(one for one in instance.question.municipalities if one.key == municipality)
    offers = instance.counsellors[counsellor].topics & asked.missing_topics
    return 1.0 + (weights.missing_topic_bonus if offers else 0.0)
