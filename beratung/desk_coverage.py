"""Which municipality would win or lose its coverage by a slot as typed?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from appointments.coverage import CoverageState, SlotFact, TargetRule, can_count
from appointments.evidence import Evidence
from appointments.surroundings import Effect, Surroundings
from appointments.timeline import Lane, timeline
from beratung.history import rule_of
from budget.models import Target
from locations.models import Institution
from locations.succession import municipality_on
from locations.wording import alternatives, date_full

DAYS_LOOKED_AT = 365


@dataclass(frozen=True)
class Views:
    """The coverage of one municipality: as stored, without the slot, as typed, and as if the typed slot were published."""

    stored: Lane | None
    without: Lane | None
    typed: Lane | None
    published: Lane | None


def coverage_effects(around: Surroundings, target: Target | None) -> list[Effect]:
    """Return what the slot means to its municipality, and to the one it may leave. No query."""
    if target is None or around.home is None:
        return []
    views = _views(around, rule_of(target))
    lost = {key: effect for key in views if (effect := _loss(around, key, views[key]))}
    if around.home in lost or around.home not in views:
        return list(lost.values())
    here = _here(around, target, views[around.home])
    return [*lost.values(), here] if here else list(lost.values())


def _views(around: Surroundings, rule: TargetRule) -> dict[int, Views]:
    stored = around.stored
    keys = {around.home}
    if stored:
        keys.add(municipality_on(around.terms, stored.institution.municipality_id, around.day))
    typed = around.fact(around.draft.as_stored(around.today))
    others = [around.fact(slot) for key, slot in around.slots.items() if key != around.draft.key]
    before = [*others, around.fact(stored)] if stored else others
    worlds = [
        _lanes(around, rule, facts)
        for facts in (before, others, [*others, typed], [*others, around.as_if_published(typed)])
    ]
    return {key: Views(*(world.get(key) for world in worlds)) for key in keys if key is not None}


def _lanes(around: Surroundings, rule: TargetRule, facts: Iterable[SlotFact]) -> dict[int, Lane]:
    """Return the coverage of the twelve months from the day on which the slot can matter, and from today until then."""
    slots = {**around.slots, around.draft.key: around.draft.as_stored(around.today)}
    if around.stored:
        slots[-1] = around.stored  # its house may be another one than that of the typed slot
    evidence = Evidence(around.district, around.timetable, around.municipalities, slots)
    last = around.day + timedelta(days=DAYS_LOOKED_AT)
    found = timeline(around.today, last, rule, evidence.terms, evidence.houses, facts, evidence.calendar)
    return {lane.municipality: lane for lane in found.lanes}


def _loss(around: Surroundings, key: int, views: Views) -> Effect | None:
    """Return what the change would take away from the municipality, None where it takes nothing."""
    day = _first_day(views.stored, views.typed)
    if day is None:
        return None
    name = around.municipalities[key].name
    return Effect(
        "danger",
        f"Mit dieser Änderung verlöre {name} die Abdeckung {_from(day, around.today)}",
        "Kein anderer fester Termin, der zählt, hält sie dort.",
    )


def _here(around: Surroundings, target: Target, views: Views) -> Effect | None:
    name = around.municipalities[around.home].name
    day = _first_day(views.published, views.without)
    if day is None:
        return _why_nothing(around, target, views, name)
    when = _from(day, around.today)
    if _is_covered(views.stored, day):
        return Effect("info", f"Ohne diesen Termin verlöre {name} die Abdeckung {when}", "Sie hängt an ihm allein.")
    if _is_covered(views.typed, day):
        return Effect("success", f"Damit wäre {name} abgedeckt", f"Und zwar {when}, wenn es so gespeichert wird.")
    return Effect("success", f"Damit wäre {name} abgedeckt", f"Und zwar {when}, sobald der Termin veröffentlicht ist.")


def _why_nothing(around: Surroundings, target: Target, views: Views, name: str) -> Effect | None:
    typed = around.draft.as_stored(around.today)
    evidence = Evidence(around.district, around.timetable, around.municipalities, {typed.pk: typed})
    [fact] = evidence.facts
    if not can_count(fact, evidence.houses[typed.institution_id], rule_of(target)):
        return Effect(
            "info", "Zählt nicht für das Ziel", f"Es zählen {_what_counts(target)} mit einem festen Rhythmus."
        )
    if _is_covered(views.without, around.day):
        return Effect("info", f"{name} ist auch ohne diesen Termin abgedeckt", "Er macht die Abdeckung sicherer.")
    if target.minimum_institutions > 1:
        needed = f"Nötig sind dort Termine in {target.minimum_institutions} Einrichtungen."
        return Effect("warning", f"{name} bleibt auch damit ohne Abdeckung", needed)
    return None


def _what_counts(target: Target) -> str:
    return alternatives([str(Institution.Kind(kind).label) for kind in target.qualifying_kinds])


def _first_day(there: Lane | None, missing: Lane | None) -> date | None:
    """Return the first day on which the one lane is covered and the other is not."""
    days = sorted({*_turns(there), *_turns(missing)})
    return next((day for day in days if _is_covered(there, day) and not _is_covered(missing, day)), None)


def _turns(lane: Lane | None) -> Iterator[date]:
    yield from (span.first_day for span in lane.spans) if lane else ()


def _is_covered(lane: Lane | None, day: date) -> bool:
    span = lane.span_on(day) if lane else None
    return span is not None and span.state is CoverageState.COVERED


def _from(day: date, today: date) -> str:
    return "ab heute" if day == today else f"ab {date_full(day)}"
