"""Which rows prove the coverage of a municipality, and since when? The table of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from appointments.coverage import Coverage, CoverageState, MunicipalityCoverage
from appointments.describe import describe_briefly
from appointments.evidence import Evidence
from appointments.inventory import hours_a_month, per_thousand
from appointments.models import Slot, is_stale
from beratung.history import History
from budget.models import Target
from locations.models import Institution, Municipality
from locations.succession import municipality_on
from locations.wording import date_full

SHOWN_AT_ONCE = 2  # houses that prove a municipality, and slots that do not count; the others unfold

STATE_WORDS = {
    CoverageState.COVERED: "abgedeckt",
    CoverageState.AGREED: "vereinbart",
    CoverageState.PROPOSED: "vorgeschlagen",
    CoverageState.GAP: "Lücke",
}


@dataclass(frozen=True)
class Proof:
    """A slot as a line of the table. `institution` is None where the address is confidential; `uuid` leads to its page."""

    institution: Institution | None
    sentence: str = ""
    uuid: object | None = None
    unconfirmed_months: int | None = None
    starts_on: date | None = None
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a municipality stands on the day: its state, and the minutes held in the twelve months from it."""

    municipality: Municipality
    state: CoverageState
    minutes: int = 0

    @property
    def hours(self) -> Decimal:
        """Return the hours of counselling a month, in the twelve months from the day, whatever the house."""
        return hours_a_month(self.minutes)

    @property
    def hours_per_thousand(self) -> Decimal | None:
        """Return the hours a month per 1,000 inhabitants; None where nobody knows how many there are."""
        return per_thousand(self.minutes, self.municipality.population)

    @property
    def under_18(self) -> int | None:
        """Return how many are under 18, as known on the day; None where no source says so."""
        return getattr(self.municipality, "under_18", None)

    @property
    def hours_per_thousand_young(self) -> Decimal | None:
        """Return the hours a month per 1,000 people under 18; None where nobody knows how many there are."""
        return per_thousand(self.minutes, self.under_18)


@dataclass(frozen=True, kw_only=True)
class Row(Standing):
    """One municipality in the table."""

    proofs: tuple[Proof, ...]
    more_proofs: tuple[Proof, ...]
    more_houses: int
    agreed: tuple[Proof, ...]
    proposed: int
    not_counting: tuple[Proof, ...]
    hangs_on_one: bool
    last_ended_on: date | None
    since: date | None = None
    uncovered_since: date | None = None

    @property
    def unfolds_what_does_not_count(self) -> bool:
        return len(self.not_counting) > SHOWN_AT_ONCE

    @property
    def starts_on(self) -> date | None:
        """Return when the first agreed slot begins."""
        return min((proof.starts_on for proof in self.agreed if proof.starts_on), default=None)


class Table:
    """Builds the rows of one day."""

    def __init__(
        self,
        evidence: Evidence,
        target: Target,
        day: date,
        today: date,
        history: History | None = None,
        minutes: Mapping[int, int] | None = None,
    ) -> None:
        self.history = history
        self.minutes = minutes or {}
        self.evidence = evidence
        self.target = target
        self.day = day
        self.today = today
        self.terms = evidence.terms
        self.kinds = [str(Institution.Kind(kind).label) for kind in target.qualifying_kinds]

    def rows(self, coverage: Coverage, only: Iterable[int] | None = None) -> list[Row]:
        """Return a row for each municipality, or for those asked for, in the order asked."""
        if only is None:
            return [self._row(found) for found in coverage.municipalities]
        of = {found.municipality: found for found in coverage.municipalities}
        return [self._row(of[key]) for key in only]

    def _row(self, found: MunicipalityCoverage) -> Row:
        proofs = [self._proof(key) for key in self._by_house(found.proving_slots)]
        shown = self._first_houses(found.proving_slots)
        return Row(
            municipality=self.evidence.municipalities[found.municipality],
            state=found.state,
            proofs=tuple(proofs[: len(shown)]),
            more_proofs=tuple(proofs[len(shown) :]),
            more_houses=max(0, len(found.institutions) - SHOWN_AT_ONCE),
            agreed=tuple(self._agreed(key) for key in found.agreed_slots),
            proposed=len({self.evidence.slots[key].institution_id for key in found.proposed_slots}),
            not_counting=tuple(self._not_counting(key) for key in found.slots_not_counting),
            hangs_on_one=found.hangs_on_one,
            last_ended_on=None if found.proving_slots else self._last_ends.get(found.municipality),
            since=self.history.since(found.municipality) if self.history else None,
            uncovered_since=self.history.uncovered_since(found.municipality) if self.history else None,
            minutes=self.minutes.get(found.municipality, 0),
        )

    def _by_house(self, keys: Iterable[int]) -> list[int]:
        """Return the slots so that those of one house stand together, houses with a confirmed slot first."""
        slots = self.evidence.slots
        stale_houses = {slots[key].institution_id for key in keys} - {
            slots[key].institution_id for key in keys if not self._is_stale(slots[key])
        }
        return sorted(
            keys,
            key=lambda key: (
                slots[key].institution_id in stale_houses,
                slots[key].institution.name,
                slots[key].institution_id,
            ),
        )

    def _first_houses(self, keys: Iterable[int]) -> list[int]:
        """Return the slots of the houses shown at once."""
        houses: list[int] = []
        shown = []
        for key in self._by_house(keys):
            house = self.evidence.slots[key].institution_id
            if house not in houses:
                houses.append(house)
            if len(houses) <= SHOWN_AT_ONCE:
                shown.append(key)
        return shown

    def _proof(self, key: int) -> Proof:
        slot = self.evidence.slots[key]
        return replace(proof(slot, self.today), unconfirmed_months=self._unconfirmed_months(slot))

    def _agreed(self, key: int) -> Proof:
        slot = self.evidence.slots[key]
        first = max(slot.first_day, slot.institution.first_day)
        remark = f"ab {date_full(first)}" if first > self.day else "noch nicht veröffentlicht"
        return replace(proof(slot, self.today), starts_on=first, remark=remark)

    def _not_counting(self, key: int) -> Proof:
        return replace(self._proof(key), remark=f"zählt nicht: {self._why_not(self.evidence.slots[key])}")

    def _why_not(self, slot: Slot) -> str:
        """Return why a slot that runs does not count."""
        if slot.institution.kind in self.target.qualifying_kinds:
            return "einzelne Tage, kein fester Rhythmus"
        kind = slot.institution.get_kind_display()
        if len(self.kinds) == 1:
            return f"{kind} statt {self.kinds[0]}"
        return f"{kind}, weder {' noch '.join(self.kinds)}"

    def _is_stale(self, slot: Slot) -> bool:
        return self._unconfirmed_months(slot) is not None

    def _unconfirmed_months(self, slot: Slot) -> int | None:
        confirmed = slot.vouched_for([slot.confirmed_by_day], self.day)
        return full_months(confirmed, self.day) if confirmed and is_stale(confirmed, self.day) else None

    @cached_property
    def _last_ends(self) -> dict[int | None, date]:
        """Return until when, in each municipality of the day, the last slot ran that would have counted."""
        found: dict[int | None, date] = {}
        for fact in self.evidence.facts:
            house = self.evidence.houses[fact.house]
            end = fact.series.last_day
            if end is None or end >= self.day or house.kind not in self.target.qualifying_kinds:
                continue
            if fact.published_on is not None and fact.published_on <= end and fact.series.first_day <= end:
                home = municipality_on(self.terms, house.municipality, self.day)
                found[home] = max(end, found.get(home, end))
        return found


def proof(slot: Slot, today: date) -> Proof:
    """Return the slot as a line; without a link as long as the public has no page of it."""
    if not slot.institution.address_is_public:
        return Proof(None)
    seen = slot.published_on is not None and slot.published_on <= today
    sentence = describe_briefly(slot.recurrence, slot.start_time, slot.end_time)
    return Proof(slot.institution, sentence, slot.uuid if seen else None)


def full_months(first: date, last: date) -> int:
    """Return how many whole months lie between the days."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
