"""Which decision is in force on a day, and how did it pass through the committees?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import F, OuterRef, Subquery

from appointments.models import Slot
from budget.models import Paper, Pilot, Target

FIRST_DAY_OF_ALL = date(1970, 1, 1)  # the first year a rule may name


@dataclass(frozen=True)
class Step:
    """One station of the paper as known on the day."""

    committee: str
    committee_name: str
    remit: str
    meeting_on: date | None
    role: str
    result: str
    url: str
    day: date

    @property
    def is_to_come(self) -> bool:
        """Return whether the meeting lies after the day."""
        return self.meeting_on is not None and self.meeting_on > self.day

    @property
    def sign(self) -> str:
        """Return which mark the step bears: unknown, refused, or "" for a result."""
        if self.is_to_come or not self.result:
            return "unknown"
        return "refused" if "abgelehnt" in self.result.casefold() else ""


@dataclass(frozen=True)
class PaperWay:
    """A paper with its target and its way through the committees."""

    target: Target
    steps: tuple[tuple[object, ...], ...]
    first_published_on: date | None = None

    @property
    def looks_back_to(self) -> date:
        """Return from when on the coverage has to be known: a slot may have run before the target did."""
        return min(self.target.first_day, self.first_published_on or date.max)

    @property
    def paper(self) -> Paper:
        return self.target.paper

    def steps_on(self, day: date) -> list[Step]:
        """Return the stations as known on the day."""
        return [Step(*step, day=day) for step in self.steps]


STEP_FIELDS = {
    "committee": "committee__short_name",
    "committee_name": "committee__name",
    "remit": "committee__remit",
    "meeting_on": "meeting_on",
    "role": "role",
    "result": "result",
    "url": "url",
}


def paper_ways(slug: str) -> list[PaperWay]:
    """Return the targets of the district, each with its paper and that paper's stations. One query."""
    columns = {f"step_{name}": F(f"paper__consultations__{source}") for name, source in STEP_FIELDS.items()}
    slots = Slot.objects.filter(institution__municipality__district=OuterRef("paper__district"))
    first = slots.filter(published_on__isnull=False).order_by("published_on").values("published_on")[:1]
    targets_in = Target.objects.filter(paper__district__slug=slug).select_related("paper")
    rows = targets_in.annotate(**columns, first_published_on=Subquery(first))
    ways = []
    for _, group in groupby(rows.order_by("first_day", "pk", "paper__consultations__position"), key=lambda row: row.pk):
        targets = list(group)
        steps = [tuple(getattr(row, column) for column in columns) for row in targets if row.step_committee is not None]
        ways.append(PaperWay(targets[0], tuple(steps), targets[0].first_published_on))
    return ways


def pilots_of(paper: Paper, day: date) -> list[Pilot]:
    """Return the pilots of the paper, each with the `slots` of its offers that families can look up on the day."""
    pilots = list(paper.pilots.all())
    of = {pilot.pk: {offer.pk for offer in pilot.offers.all()} for pilot in pilots}
    public = Slot.objects.public(day).filter(offer__in=set().union(*of.values()))
    slots = list(public.select_related("offer", "institution"))
    for pilot in pilots:
        pilot.slots = [slot for slot in slots if slot.offer_id in of[pilot.pk]]
    return pilots


def earliest_day(ways: Iterable[PaperWay]) -> date:
    """Return the first day worth asking for: that of the first target, or of its paper where that is earlier."""
    days = [day for way in ways for day in (way.target.first_day, way.paper.date) if day is not None]
    return min(days, default=FIRST_DAY_OF_ALL)


def way_on(ways: Iterable[PaperWay], day: date) -> PaperWay | None:
    """Return the way of the target in force on the day, the newest where several are."""
    in_force = [
        way
        for way in ways
        if way.target.first_day <= day and (way.target.last_day is None or day <= way.target.last_day)
    ]
    return in_force[-1] if in_force else None
