"""Which question do the rows of a district put to the planner, and what of them has changed since?"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q, Sum

from appointments.conflict_check import travel_time
from appointments.coverage import CoverageState, TargetRule
from appointments.evidence import Evidence
from appointments.inventory import Stock, inventory
from appointments.models import Counsellor, MissingDemand, Offer, Slot
from budget.costs import Range, rounded
from budget.ledger import free
from budget.models import Budget, InstitutionTerms, Target, TravelRate
from budget.planner import (
    Candidate,
    Cents,
    CounsellorOffer,
    ExistingSlot,
    MunicipalityAsked,
    NeedWeights,
    Question,
    Rhythm,
    TravelPrice,
    Window,
    Wishes,
)
from budget.planning_asked import Asked
from locations.models import District, Institution
from locations.succession import municipality_on
from locations.wording import date_full, euro_exact, listed

PEOPLE_PER_SEARCH = 50
MISSING_TOPIC_BONUS = 0.5
SEARCHES_OF_DAYS = 365
ONE_DAY = timedelta(days=1)


class PlanningError(ValueError):
    """The question cannot be put; the message is a German sentence for the asker."""


@dataclass(frozen=True)
class Prepared:
    """A question with what is needed besides to show and accept its answer.

    `offers` says which offer a counsellor would bring. `notes` are German sentences about what was left out. `facts` are
    what the rows said, by what they are about: the fingerprint is made of them.
    """

    question: Question
    offers: Mapping[int, Offer]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]

    @property
    def fingerprint(self) -> dict[str, str]:
        """Return a short hash of each fact."""
        return {about: digest(fact) for about, fact in self.facts.items()}


def prepare(district: District, asked: Asked) -> Prepared:
    """Return the question for the planner. PlanningError: it cannot be put."""
    return Preparation(district, asked).prepared()


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return in German what the rows say otherwise than before, each as a sentence without a full stop."""
    new = [f"{about}: neu" for about in now if about not in before]
    gone = [f"{about}: entfallen" for about in before if about not in now]
    other = [f"{about}: geändert" for about in now if about in before and before[about] != now[about]]
    return sorted(other + new + gone)


def remaining_cents(budget: Budget, day: date) -> int:
    """Return what is left of the budget on the day, in whole cents: Ansatz with amendments less committed and paid."""
    return int(free(budget, day) * 100)


def budget_for(district: District, first: date, last: date) -> Budget | None:
    """Return the budget that holds the whole period."""
    return district.budgets.filter(first_day__lte=first, last_day__gte=last).first()


class Preparation:
    """The rows of one district, read once for one question."""

    def __init__(self, district: District, asked: Asked) -> None:
        if asked.first_day > asked.last_day:
            raise PlanningError("Der letzte Tag liegt vor dem ersten Tag.")
        self.district = district
        self.asked = asked
        self.notes: list[str] = []

    def prepared(self) -> Prepared:
        """Return the question with what belongs to it."""
        asked = self.asked
        question = Question(
            district=self.district.name,
            first_day=asked.first_day,
            last_day=asked.last_day,
            money=asked.money,
            municipalities=self.municipalities,
            candidates=self.candidates,
            counsellors=self.counsellors,
            travel=travel_time(self.houses),
            prices=self.prices,
            calendar=self.evidence.calendar,
            existing=self.existing,
            rhythms=frozenset(Rhythm(rhythm) for rhythm in asked.rhythms),
            slot_minutes=asked.slot_minutes,
            wishes=Wishes(frozenset(asked.excluded), frozenset(asked.wanted)),
            safety=asked.safety,
            margin_percent=asked.margin_percent,
            extra_money=asked.extra_money,
            floor_of_dates=asked.floor_of_dates,
            only_step_free=asked.only_step_free,
            topics=frozenset(asked.topics),
            need=self.need,
        )
        self._note_what_is_left_out()
        return Prepared(question, self.offers, tuple(self.notes), self._facts(question))

    # What the target asks for

    @cached_property
    def target(self) -> Target:
        in_force = Target.objects.filter(paper__district=self.district, first_day__lte=self.asked.first_day)
        found = in_force.filter(Q(last_day__isnull=True) | Q(last_day__gte=self.asked.first_day)).order_by("first_day")
        if (target := found.last()) is None:
            raise PlanningError(
                f"Am {date_full(self.asked.first_day)} gilt kein Ziel. Ohne Ziel steht nicht fest, welche Einrichtungen "
                "zählen; bitte erst das Ziel einer Vorlage eintragen."
            )
        return target

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence.load(self.district, self.asked.first_day, self.asked.last_day)

    @cached_property
    def municipalities(self) -> tuple[MunicipalityAsked, ...]:
        rule = TargetRule(frozenset(self.target.qualifying_kinds), self.target.minimum_institutions)
        found = self.evidence.coverage(self.asked.first_day, rule).municipalities
        if not found:
            raise PlanningError("Im Landkreis ist keine Gemeinde eingetragen.")
        rows = self.evidence.municipalities
        return tuple(
            MunicipalityAsked(
                key=row.municipality,
                name=rows[row.municipality].name,
                population=rows[row.municipality].population or 0,
                covered_by=self._houses_of((*row.proving_slots, *row.agreed_slots, *row.proposed_slots))
                if row.state is not CoverageState.GAP and self.asked.keeps_existing
                else (),
                searches_without_result=self.searches.get(row.municipality, 0),
                missing_topics=self.missing_topics.get(row.municipality, frozenset()),
            )
            for row in found
        )

    def _houses_of(self, slots: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted({self.evidence.slots[slot].institution_id for slot in slots}))

    @cached_property
    def searches(self) -> Mapping[int, int]:
        """Return how often families looked in vain in the year before the question, by municipality."""
        if not self.asked.with_searches:
            return {}
        first = self.asked.asked_on - timedelta(days=SEARCHES_OF_DAYS)
        rows = MissingDemand.objects.filter(
            municipality__district=self.district, week_first_day__gt=first, week_first_day__lt=self.asked.asked_on
        )
        return dict(rows.order_by().values_list("municipality").annotate(Sum("count")))

    @cached_property
    def missing_topics(self) -> Mapping[int, frozenset[int]]:
        """Return the topics that are wanted and missing, by municipality; the same as in the inventory."""
        if not self.asked.with_missing_topics:
            return {}
        evidence, day = self.evidence, self.asked.first_day
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

    @property
    def need(self) -> NeedWeights:
        return NeedWeights(
            people_per_search=PEOPLE_PER_SEARCH if self.asked.with_searches else 0,
            missing_topic_bonus=MISSING_TOPIC_BONUS if self.asked.with_missing_topics else 0.0,
        )

    # Houses

    @cached_property
    def house_rows(self) -> list[Institution]:
        """Return every house of a kind that counts and that is in operation at some time of the period."""
        rows = Institution.objects.filter(municipality__district=self.district, first_day__lte=self.asked.last_day)
        rows = rows.filter(Q(last_day__isnull=True) | Q(last_day__gte=self.asked.first_day))
        rows = rows.of_kinds(self.target.qualifying_kinds).select_related("municipality", "terms")
        return list(rows.prefetch_related("windows").order_by("pk"))

    @cached_property
    def houses(self) -> dict[int, Institution]:
        """Return every house somebody may have to travel to."""
        rows = {house.pk: house for house in self.house_rows}
        return rows | {slot.institution_id: slot.institution for slot in self.existing_rows}

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        return tuple(self._candidate(house) for house in self.house_rows if house.windows.all())

    def _municipality(self, house: Institution) -> int:
        """Return the municipality the house lies in when the period begins; 0: none of those asked for."""
        return municipality_on(self.evidence.terms, house.municipality_id, self.asked.first_day) or 0

    def _candidate(self, house: Institution) -> Candidate:
        terms = getattr(house, "terms", None) or InstitutionTerms(institution=house)
        rent = cents(terms.rent_low_eur, terms.rent_likely_eur, terms.rent_high_eur)
        monthly = terms.rent_basis == InstitutionTerms.RentBasis.PER_MONTH
        closures = self.evidence.timetable.closures
        return Candidate(
            key=house.pk,
            name=house.name,
            municipality=self._municipality(house),
            point=house.point if house.address_is_public else house.municipality.point,
            windows=windows(house),
            rent_per_date=Cents() if monthly else rent,
            rent_per_month=rent if monthly else Cents(),
            equipment=cents(terms.equipment_low_eur, terms.equipment_likely_eur, terms.equipment_high_eur),
            step_free=house.step_free,
            pauses_in_school_holidays=house.follows_school_holidays,
            closures=closures.get(("district", self.district.pk), ()) + closures.get(("institution", house.pk), ()),
            first_day=house.first_day,
            last_day=house.last_day,
        )

    # People

    @cached_property
    def counsellor_rows(self) -> list[Counsellor]:
        rows = Counsellor.objects.filter(provider__district=self.district, windows__isnull=False).distinct()
        offers = Offer.objects.filter(delivery_model=Offer.DeliveryModel.FIXED_SLOT).order_by("title", "pk")
        chosen = rows.filter(pk__in=self.asked.counsellors) if self.asked.counsellors else rows
        return list(
            chosen.select_related("provider", "service_point")
            .prefetch_related("windows", Prefetch("provider__offers", queryset=offers), "slots")
            .order_by("pk")
        )

    @cached_property
    def offers(self) -> dict[int, Offer]:
        """Return the offer each counsellor would bring: of the topics asked for, else what they bring mostly."""
        topics = self.topics_of_offers
        found = {}
        for row in self.counsellor_rows:
            used = Counter(slot.offer_id for slot in row.slots.all())
            offers = sorted(
                row.provider.offers.all(),
                key=lambda offer: (-len(topics[offer.pk] & set(self.asked.topics)), -used[offer.pk], offer.title),
            )
            if offers:
                found[row.pk] = offers[0]
        return found

    @cached_property
    def topics_of_offers(self) -> Mapping[int, set[int]]:
        return topics_by_offer({offer.pk for row in self.counsellor_rows for offer in row.provider.offers.all()})

    @cached_property
    def counsellors(self) -> tuple[CounsellorOffer, ...]:
        return tuple(
            CounsellorOffer(
                key=row.pk,
                name=row.label,
                base=row.service_point.point if row.service_point else None,
                windows=windows(row),
                weekly_minutes=None if row.weekly_hours is None else int(row.weekly_hours * 60),
                topics=frozenset(self.topics_of_offers[self.offers[row.pk].pk]),
            )
            for row in self.counsellor_rows
            if row.pk in self.offers
        )

    # What stays

    @cached_property
    def existing_rows(self) -> list[Slot]:
        """Return what runs, or will, at some time of the period: in the district's houses, or with its counsellors."""
        if not self.asked.keeps_existing:
            return []
        here = Q(institution__municipality__district=self.district)
        ours = Q(counsellors__provider__district=self.district)
        rows = Slot.objects.not_withdrawn(self.asked.first_day).running_or_to_come(self.asked.first_day)
        rows = rows.filter(here | ours, first_day__lte=self.asked.last_day).distinct()
        return list(rows.with_dates().prefetch_related("counsellors").order_by("pk"))

    @cached_property
    def existing(self) -> tuple[ExistingSlot, ...]:
        return tuple(
            ExistingSlot(
                key=slot.pk,
                name=str(slot),
                institution=slot.institution_id,
                municipality=self._municipality(slot.institution),
                counsellors=tuple(sorted(counsellor.pk for counsellor in slot.counsellors.all())),
                series=self.evidence.timetable.series(slot),
                point=slot.institution.point
                if slot.institution.address_is_public
                else slot.institution.municipality.point,
            )
            for slot in self.existing_rows
        )

    # Prices

    @cached_property
    def prices(self) -> tuple[TravelPrice, ...]:
        """Return the price of a kilometre on each stretch of the period. PlanningError: on some day there is none."""
        first, last = self.asked.first_day, self.asked.last_day
        rates = [
            rate
            for rate in TravelRate.objects.filter(jurisdiction=self.district.federal_state)
            if (rate.first_day or first) <= last and (rate.last_day or last) >= first
        ]
        starts = {first, *(rate.first_day for rate in rates if rate.first_day and rate.first_day > first)}
        starts |= {rate.last_day + ONE_DAY for rate in rates if rate.last_day and rate.last_day < last}
        days = [*sorted(starts), last + ONE_DAY]
        return tuple(
            TravelPrice(start, end - ONE_DAY, self._price_on(rates, start))
            for start, end in zip(days, days[1:], strict=False)
        )

    def _price_on(self, rates: list[TravelRate], day: date) -> Range:
        held = {
            rate.name: rounded(rate.eur_per_km)
            for rate in rates
            if (rate.first_day or day) <= day and (rate.last_day or day) >= day
        }
        if not held:
            raise PlanningError(f"Für den {date_full(day)} ist kein Kilometersatz eingetragen.")
        return Range(min(held.values()), held.get(self.asked.rate, max(held.values())), max(held.values()))

    # What is said about it

    def _note_what_is_left_out(self) -> None:
        if self.target.minimum_institutions > 1:
            self.notes.append(
                f"Das Ziel verlangt {self.target.minimum_institutions} Einrichtungen je Gemeinde; der Plan sucht eine."
            )
        if without := [house.name for house in self.house_rows if not house.windows.all()]:
            count = "Eine Einrichtung zählt" if len(without) == 1 else f"{len(without)} Einrichtungen zählen"
            self.notes.append(f"{count} nicht mit, weil keine freien Zeiten eingetragen sind: {listed(without)}.")
        if without := [row.label for row in self.counsellor_rows if row.pk not in self.offers]:
            self.notes.append(f"Ohne Angebot, das an einen festen Ort kommt: {listed(without)}.")

    def _facts(self, question: Question) -> dict[str, Any]:
        """Return what the rows say, by what it is about."""
        budget = budget_for(self.district, question.first_day, question.last_day)
        left = remaining_cents(budget, self.asked.asked_on) if budget else None
        return {
            "Restgeld des Ansatzes": left,
            "Ziel": [self.target.qualifying_kinds, self.target.minimum_institutions],
            "Kilometersatz": question.prices,
            "Feiertage und Ferien": question.calendar,
            "Fahrzeiten": [question.travel.overrides, question.travel.detour_factor, question.travel.speed_kmh],
            **{f"Gemeinde {row.name}": row for row in question.municipalities},
            **{f"Einrichtung {row.name}": [row, question.travel.points.get(row.key)] for row in question.candidates},
            **{f"Fachkraft {row.name}": [row, self.offers[row.key].pk] for row in question.counsellors},
            **{f"Termin {row.name} (Nr. {row.key})": row for row in question.existing},
        }


def topics_by_offer(offers: Set[int]) -> Mapping[int, set[int]]:
    """Return the topics of each offer. One query."""
    found: dict[int, set[int]] = defaultdict(set)
    for offer, topic in Offer.topics.through.objects.filter(offer__in=offers).values_list("offer", "topic"):
        found[offer].add(topic)
    return found


def windows(owner: Institution | Counsellor) -> tuple[Window, ...]:
    """Return the free times of a house or a person."""
    return tuple(Window(row.weekday, row.start_time, row.end_time) for row in owner.windows.all())


def cents(low: Decimal | None, likely: Decimal, high: Decimal | None) -> Cents:
    """Return the estimate in cents; what is left open is as likely."""
    return Cents(*(int(Decimal(likely if amount is None else amount) * 100) for amount in (low, likely, high)))


def money_text(amount: int) -> str:
    """Return cents as "1.234,56 €"."""
    return euro_exact(Decimal(amount) / 100)


def digest(value: Any) -> str:
    """Return a hash of the value that every process and every day computes alike."""
    text = json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def plain(value: Any) -> Any:
    """Return the value as JSON knows it, sets in order."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, Mapping):
        return [
            [plain(key), plain(content)]
            for key, content in sorted(value.items(), key=lambda pair: repr(plain(pair[0])))
        ]
    if isinstance(value, Set):
        return sorted((plain(one) for one in value), key=repr)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, int | float | str | bool | None) else str(value)
