"""What lies around a slot as typed: the slots its effects depend on, loaded once?"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Prefetch, Q

from appointments.conflict_check import Check, check_conflicts
from appointments.coverage import DAYS_LOOKED_AHEAD, SlotFact
from appointments.models import Counsellor, Slot, SlotException
from appointments.occurrences import Series, horizon
from appointments.preview import Preview
from appointments.schedule import Timetable
from locations.models import District, Municipality
from locations.succession import Term, municipality_on

NEW = 0  # stands for the key of a slot nobody has stored yet


@dataclass(frozen=True)
class Effect:
    """What a slot would bring about, for the panel beside its form. `kind` is danger, warning, success or info."""

    kind: str
    title: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Draft:
    """A slot as it stands in the form, with its single days and counsellors; both None: as stored."""

    slot: Slot
    rows: tuple[SlotException, ...] | None = None
    counsellors: tuple[Counsellor, ...] | None = None

    @property
    def key(self) -> int:
        return self.slot.pk or NEW

    def as_stored(self, today: date) -> Slot:
        """Return a copy that reads like a stored slot with everything loaded; it is never saved."""
        slot = copy(self.slot)
        slot.pk = self.key
        slot.proposed_on = min(slot.proposed_on or today, today)
        slot._prefetched_objects_cache = {"exceptions": list(self.rows), "counsellors": list(self.counsellors)}
        return slot


@dataclass(frozen=True)
class Surroundings:
    """The slots of the same municipality, counsellors and room, the stored state of the slot itself among them."""

    draft: Draft
    today: date
    district: District
    municipalities: dict[int, Municipality]
    slots: dict[int, Slot]
    timetable: Timetable

    @classmethod
    def load(
        cls, draft: Draft, today: date, *, period: tuple[date, date] | None = None, also: Q | None = None
    ) -> Surroundings:
        """Return the surroundings. Seven queries, however many slots there are elsewhere.

        `period` are further days the timetable has to know; `also` asks for further slots of the district.
        """
        district = draft.slot.institution.municipality.district
        municipalities = {row.pk: row for row in district.municipalities.all()}
        begins = max(today, draft.slot.first_day)
        first, last = period or (today, today)
        ends = max(horizon(begins), begins + timedelta(days=365 + DAYS_LOOKED_AHEAD), last)
        slots = _neighbours(draft, municipalities, today, also)
        return cls(
            draft=_complete(draft, slots),
            today=today,
            district=district,
            municipalities=municipalities,
            slots=slots,
            timetable=Timetable.of_districts([district], min(today, first), ends),
        )

    @property
    def terms(self) -> dict[int, Term]:
        return _terms(self.municipalities)

    @property
    def day(self) -> date:
        """Return the first day on which the slot can matter."""
        return max(self.today, self.draft.slot.first_day)

    @property
    def home(self) -> int | None:
        """Return the municipality in which the house lies on that day."""
        return municipality_on(self.terms, self.draft.slot.institution.municipality_id, self.day)

    @property
    def stored(self) -> Slot | None:
        """Return the slot before the change; None for a new one."""
        return self.slots.get(self.draft.key)

    def others_here(self) -> list[Slot]:
        """Return the other slots of the same municipality that run or are to come."""
        terms, home, day = self.terms, self.home, self.day
        return [
            slot
            for key, slot in self.slots.items()
            if key != self.draft.key
            and municipality_on(terms, slot.institution.municipality_id, day) == home
            and slot.status_on(day) is not Slot.Status.ENDED
        ]

    def series(self, slot: Slot) -> Series:
        return self.timetable.series(slot)

    def fact(self, slot: Slot) -> SlotFact:
        """Return the slot as coverage sees it."""
        return SlotFact(
            key=slot.pk,
            house=slot.institution_id,
            series=self.timetable.series(slot),
            proposed_on=slot.proposed_on,
            agreed_on=slot.agreed_on,
            published_on=slot.published_on,
            withdrawn_on=slot.withdrawn_on,
        )

    def as_if_published(self, fact: SlotFact) -> SlotFact:
        """Return the fact as it would be if families could see the slot from today on."""
        agreed = min(fact.agreed_on or self.today, self.today)
        published = min(fact.published_on or self.today, self.today)
        return replace(fact, agreed_on=agreed, published_on=max(published, agreed))

    def preview(self) -> Preview:
        """Return the dates of the slot. No query."""
        return Preview.of(self.draft.slot, self.today, self.draft.rows, self.timetable)

    def check(self) -> Check:
        """Return what the slot clashes with, like the form does before saving. Three queries."""
        others = [slot for slot in self.slots.values() if slot.pk != self.draft.key and self._shares(slot)]
        draft = self.draft
        # A counsellor's other slots may lie in another district, whose closures are not in the timetable.
        here = all(slot.institution.municipality.district_id == self.district.pk for slot in others)
        return check_conflicts(
            draft.slot,
            rows=draft.rows,
            counsellors=draft.counsellors,
            today=self.today,
            others=others,
            known=self.timetable if here else None,
        )

    def _shares(self, slot: Slot) -> bool:
        same_room = slot.room_id is not None and slot.room_id == self.draft.slot.room_id
        return same_room or any(one in self.draft.counsellors for one in slot.counsellors.all())


def _terms(municipalities: dict[int, Municipality]) -> dict[int, Term]:
    return {row.pk: Term(row.first_day, row.last_day, row.successor_id) for row in municipalities.values()}


def _complete(draft: Draft, slots: dict[int, Slot]) -> Draft:
    """Return the draft with what is known of it from the database, its offer's topics among it."""
    stored = slots.get(draft.key)
    if stored and (draft.rows is None or draft.counsellors is None):
        return Draft(stored, tuple(stored.exceptions.all()), tuple(stored.counsellors.all()))
    loaded = next((slot.offer for slot in slots.values() if slot.offer_id == draft.slot.offer_id), None)
    if loaded is not None:
        draft.slot.offer = loaded
    return draft


def _neighbours(draft: Draft, municipalities: dict[int, Municipality], today: date, also: Q | None) -> dict[int, Slot]:
    through = Slot.counsellors.through.objects
    own = through.filter(slot=draft.key).values("counsellor") if draft.counsellors is None else draft.counsellors
    stored = Municipality.objects.filter(institutions__slots=draft.key).values("pk")
    near = [
        Q(institution__municipality__in=_same_place(draft, municipalities)),
        Q(institution__municipality__in=stored),
        Q(pk__in=through.filter(counsellor__in=own).values("slot")),
        Q(pk=draft.key),
    ]
    if draft.slot.room_id is not None:
        near.append(Q(room=draft.slot.room_id))
    # United, each part is looked up by its own index.
    standing = Slot.objects.order_by().not_withdrawn(today).running_or_to_come(today)
    first, *others = (standing.filter(part).values("pk") for part in near)
    wanted = Q(pk__among=first.union(*others, Slot.objects.order_by().filter(pk=draft.key).values("pk")))
    counsellors = Counsellor.objects.select_related("service_point")
    rows = Slot.objects.filter(wanted | also if also is not None else wanted).with_dates()
    loaded = rows.prefetch_related("offer__topics", "offer__languages", Prefetch("counsellors", queryset=counsellors))
    return {slot.pk: slot for slot in loaded}


def _same_place(draft: Draft, municipalities: dict[int, Municipality]) -> Iterable[int]:
    """Return the municipality of the house with all that became part of it."""
    terms = _terms(municipalities)
    entered = draft.slot.institution.municipality_id
    end = municipality_on(terms, entered, date.max)
    return [key for key in terms if key == entered or (end and municipality_on(terms, key, date.max) == end)]
