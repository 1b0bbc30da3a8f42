"""Which rows of a district prove its coverage on a day?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from appointments.coverage import DAYS_LOOKED_AHEAD, Coverage, House, SlotFact, TargetRule, coverage
from appointments.models import Slot, SlotQuerySet
from appointments.schedule import Timetable
from locations.models import District, Institution, Municipality
from locations.succession import Term


@dataclass(frozen=True)
class Evidence:
    """Everything coverage needs of a district, loaded once and good for every day of the window."""

    district: District
    timetable: Timetable
    municipalities: dict[int, Municipality]
    slots: dict[int, Slot]

    @classmethod
    def load(
        cls,
        district: District,
        first: date,
        last: date,
        *,
        slots: SlotQuerySet | None = None,
        municipalities: Iterable[Municipality] | None = None,
    ) -> Evidence:
        """Return the evidence for any day from first to last (inclusive). Four queries, however many slots.

        `slots` is where to look for them, with what the caller wants to know besides; `municipalities`, all of the
        district in the order wanted, saves a query.
        """
        wanted = Slot.objects.all() if slots is None else slots
        rows = wanted.filter(institution__municipality__district=district, proposed_on__lte=last).with_dates()
        return cls(
            district=district,
            timetable=Timetable.of_districts([district], first, last + timedelta(days=DAYS_LOOKED_AHEAD)),
            municipalities={
                row.pk: row for row in (district.municipalities.all() if municipalities is None else municipalities)
            },
            slots={slot.pk: slot for slot in rows},
        )

    def coverage(self, day: date, target: TargetRule) -> Coverage:
        """Return the coverage on the day, municipalities in order of their names."""
        return coverage(day, target, self.terms, self.houses, self.facts, self.calendar)

    @property
    def calendar(self):
        """Return what closes houses in the district."""
        return self.timetable.calendars[self.district.federal_state]

    @cached_property
    def terms(self) -> dict[int, Term]:
        """Return how long each municipality existed."""
        return {row.pk: Term(row.first_day, row.last_day, row.successor_id) for row in self.municipalities.values()}

    @cached_property
    def houses(self) -> dict[int, House]:
        """Return the institutions that have a slot."""
        return {slot.institution_id: _house(slot.institution) for slot in self.slots.values()}

    @cached_property
    def facts(self) -> list[SlotFact]:
        """Return the slots as coverage sees them."""
        return [
            SlotFact(
                key=slot.pk,
                house=slot.institution_id,
                series=self.timetable.series(slot),
                proposed_on=slot.proposed_on,
                agreed_on=slot.agreed_on,
                published_on=slot.published_on,
                withdrawn_on=slot.withdrawn_on,
            )
            for slot in self.slots.values()
        ]


def _house(institution: Institution) -> House:
    return House(
        key=institution.pk,
        municipality=institution.municipality_id,
        kind=institution.kind,
        first_day=institution.first_day,
        last_day=institution.last_day,
    )
