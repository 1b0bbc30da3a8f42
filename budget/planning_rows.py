"""Which question do the rows of a district put to the planner, and what of them has changed since?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q

from appointments.conflict_check import travel_time
from appointments.coverage import CoverageState, TargetRule
from appointments.evidence import Evidence
from appointments.models import Counsellor, Offer, Slot
from budget.models import InstitutionTerms, Target
from budget.planner import (
    Candidate,
    Cents,
    CounsellorOffer,
    ExistingSlot,
    MunicipalityAsked,
    NeedWeights,
    Question,
    Rhythm,
    Window,
    Wishes,
)
from budget.planning_asked import Asked, PlanningError
from budget.planning_facts import digest
from budget.planning_money import budget_for, cents, remaining_cents, travel_prices
from budget.planning_need import missing_topics, searches_without_result, topics_by_offer
from locations.models import District, Institution
from locations.succession import municipality_on
from locations.wording import date_full, listed

PEOPLE_PER_SEARCH = 50
MISSING_TOPIC_BONUS = 0.5


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
            prices=travel_prices(self.district.federal_state, asked.first_day, asked.last_day, asked.rate),
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
        asked = self.asked
        return searches_without_result(self.district, asked.asked_on) if asked.with_searches else {}

    @cached_property
    def missing_topics(self) -> Mapping[int, frozenset[int]]:
        return missing_topics(self.evidence, self.asked.first_day) if self.asked.with_missing_topics else {}

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


def windows(owner: Institution | Counsellor) -> tuple[Window, ...]:
    """Return the free times of a house or a person."""
    return tuple(Window(row.weekday, row.start_time, row.end_time) for row in owner.windows.all())
