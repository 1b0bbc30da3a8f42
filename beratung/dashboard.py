"""What does the committee see of a district on a day? The page as values, from evidence and money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.db.models import F

from appointments.coverage import Coverage, CoverageState, MunicipalityCoverage
from appointments.describe import describe_briefly
from appointments.evidence import Evidence
from appointments.inventory import Stock, hours_a_month, inventory, per_thousand, year_from
from appointments.models import Slot, is_stale
from appointments.occurrences import horizon
from appointments.schedule import effective_last_day
from beratung.asked_day import AskedDay, read_day
from beratung.comparison import Compared, Comparer, attendance, first_day_of, topics_of_offers
from beratung.figures import Bar, Drawing, Place, draw_bar, draw_map, steps_up_to
from beratung.history import History, history_of, last_day_of_all, rule_of
from beratung.paper_way import PaperWay, Step, earliest_day, paper_ways, way_on
from budget.costs import Account, Line, Range, Stage, account
from budget.forecast import Forecast, forecast
from budget.models import Budget, CostLine, Pilot, Target
from budget.pricing import Pricing, budget_and_lines, window
from locations.models import District, Institution, Municipality
from locations.succession import municipality_on
from locations.wording import UNKNOWN, date_full, euro, listed, number

SHOWN_AT_ONCE = 2  # houses that prove a municipality, and slots that do not count; the others unfold

STATE_WORDS = {
    CoverageState.COVERED: "abgedeckt",
    CoverageState.AGREED: "vereinbart",
    CoverageState.PROPOSED: "vorgeschlagen",
    CoverageState.GAP: "Lücke",
}


# The municipalities


@dataclass(frozen=True)
class Proof:
    """A slot as a line of the table. `institution` is None where the address is confidential; `uuid` leads to its page."""

    institution: Institution | None
    sentence: str = ""
    uuid: object | None = None
    unconfirmed_months: int | None = None
    starts_on: date | None = None
    remark: str = ""


@dataclass(frozen=True)
class Row:
    """One municipality in the table."""

    municipality: Municipality
    state: CoverageState
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
    def unfolds_what_does_not_count(self) -> bool:
        return len(self.not_counting) > SHOWN_AT_ONCE

    @property
    def starts_on(self) -> date | None:
        """Return when the first agreed slot begins."""
        return min((proof.starts_on for proof in self.agreed if proof.starts_on), default=None)


@dataclass(frozen=True)
class Sentence:
    """A sentence with the name that stands out in it."""

    before: str
    name: str
    after: str


@dataclass(frozen=True)
class Finding:
    """The answer of the page."""

    headline: str
    state: str
    sentences: tuple[Sentence, ...]
    fulfilment: tuple[str, ...] = ()


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

    def coverage(self) -> Coverage:
        """Return the coverage of the day."""
        return self.evidence.coverage(self.day, rule_of(self.target))

    def rows(self, coverage: Coverage) -> list[Row]:
        """Return a row for each municipality."""
        return [self._row(found) for found in coverage.municipalities]

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
            last_ended_on=None if found.proving_slots else self._last_ended_on(found.municipality),
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

    def _last_ended_on(self, municipality: int) -> date | None:
        """Return until when the last slot ran that would have counted."""
        ends = [
            end
            for slot in self.evidence.slots.values()
            if slot.institution.kind in self.target.qualifying_kinds
            and slot.published_on is not None
            and slot.published_on <= (end := effective_last_day(slot) or date.max) < self.day
            and slot.first_day <= end
            and municipality_on(self.terms, slot.institution.municipality_id, self.day) == municipality
        ]
        return max(ends, default=None)


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


def finding(
    coverage: Coverage | None, rows: list[Row], target: Target | None, day: date, history: History | None = None
) -> Finding:
    """Return the headline and what explains it."""
    if coverage is None or coverage.target_met is None or target is None:
        why = " gilt kein Ziel." if target is None else " ist keine Gemeinde eingetragen."
        return Finding(
            "Ob das Ziel erreicht ist, lässt sich nicht bestimmen", "", (Sentence("Am", date_full(day), why),)
        )
    count = f"{coverage.covered} von {coverage.total} {'Gemeinde' if coverage.total == 1 else 'Gemeinden'}"
    headline = f"Ziel {'erreicht' if coverage.target_met else 'noch nicht erreicht'}: {count}"
    state = CoverageState.COVERED if coverage.target_met else CoverageState.GAP
    fulfilment = filter(None, (history.fulfilment, history.next_fulfilment)) if history else ()
    return Finding(headline, state, tuple(sentences(rows, day)), tuple(fulfilment))


def sentences(rows: Iterable[Row], day: date) -> Iterable[Sentence]:
    """Yield what needs saying of the municipalities: gaps, what is agreed, what hangs on one house."""
    rows = list(rows)
    for row in rows:
        name = row.municipality.name
        if row.state is CoverageState.GAP and row.last_ended_on:
            first = row.uncovered_since or row.last_ended_on + timedelta(days=1)
            yield Sentence("", name, f" hat seit dem {date_full(first)} keinen festen Termin mehr, der zählt.")
        elif row.state is CoverageState.AGREED:
            yield Sentence("In", name, _agreed_sentence(row, day))
    never = [row for row in rows if row.state is CoverageState.GAP and not row.last_ended_on]
    yield from _together(never, "hat keinen festen Termin, der zählt", "haben keinen festen Termin, der zählt")
    proposed = [row for row in rows if row.state is CoverageState.PROPOSED]
    yield from _together(
        proposed, "ist ein fester Termin erst vorgeschlagen", "sind feste Termine erst vorgeschlagen", "In"
    )
    hanging = [row for row in rows if row.hangs_on_one]
    yield from _together(
        hanging,
        "hängt das Ziel an einer einzigen Einrichtung",
        "hängt das Ziel an je einer einzigen Einrichtung",
        "In",
    )


def _agreed_sentence(row: Row, day: date) -> str:
    if row.starts_on is not None and row.starts_on > day:
        return f" ist ein fester Termin vereinbart; er beginnt am {date_full(row.starts_on)}."
    return " ist ein fester Termin vereinbart, aber noch nicht veröffentlicht."


def _together(rows: list[Row], one: str, many: str, before: str = "") -> Iterable[Sentence]:
    if rows:
        names = listed([row.municipality.name for row in rows])
        yield Sentence(before, names, f" {one if len(rows) == 1 else many}.")


# The money


@dataclass(frozen=True)
class MoneyRow:
    """One kind of costs: printed amounts by stage, their sum, and the range of what is only planned."""

    label: str
    kind: str
    paid: Decimal
    committed: Decimal
    planned: Range
    unknown: int

    @property
    def total(self) -> Decimal:
        return self.paid + self.committed + self.planned.likely


@dataclass(frozen=True)
class Money:
    """The budget of the day."""

    budget: Budget
    account: Account
    rows: tuple[MoneyRow, ...]
    total: MoneyRow
    bars: tuple[Bar, Bar]
    forecast: Forecast
    lines: int

    @property
    def is_amended(self) -> bool:
        return self.account.available != self.budget.ansatz_eur

    @property
    def is_approved(self) -> bool:
        """Return whether it had been approved by the day; an unknown day of approval is not one."""
        return self.budget.approved_on is not None and self.budget.approved_on <= self.account.day

    @property
    def over(self) -> Decimal:
        """Return by how much payments and commitments exceed the money."""
        return max(Decimal(0), -self.account.left)

    @property
    def overplanned(self) -> Decimal:
        """Return by how much everything together would exceed the money."""
        return max(Decimal(0), self.total.total - self.account.available)

    @property
    def overplanned_text(self) -> str:
        """Return by how much the plans exceed the money, as a sentence."""
        return f"Gebunden und geplant sind {euro(self.overplanned)} mehr, als da ist. Nicht alles kann gebunden werden."

    @property
    def is_range(self) -> bool:
        """Return whether the sum at the end of the period is uncertain."""
        return self.forecast.low != self.forecast.high


def money(budget: Budget, lines: Iterable[Line], day: date) -> Money:
    """Return the budget as of the day, from its priced lines. `budget.amended_eur` is the sum of its amendments by then."""
    lines = list(lines)
    sums = account(lines, budget.ansatz_eur + budget.amended_eur, day)
    kinds = [_money_row(sums, kind.label, kind.value) for kind in CostLine.Kind]
    ahead = forecast(lines, sums.available, day, budget.last_day)
    ends = Range(ahead.low, ahead.likely, ahead.high)
    return Money(
        budget=budget,
        account=sums,
        rows=tuple(kinds),
        total=_money_row(sums, "Zusammen"),
        bars=(draw_bar(sums, 720, ends), draw_bar(sums, 288, ends)),
        forecast=ahead,
        lines=sum(line.stage_on(day) is not None for line in lines),
    )


def _money_row(sums: Account, label: str, kind: str | None = None) -> MoneyRow:
    return MoneyRow(
        label=label,
        kind=kind or "",
        paid=sums.total(kind=kind, stage=Stage.PAID).likely,
        committed=sums.total(kind=kind, stage=Stage.COMMITTED).likely,
        planned=sums.total(kind=kind, stage=Stage.PLANNED),
        unknown=sum(sums.unknown.values()) if kind is None else sums.unknown.get(kind, 0),
    )


# The pilots


@dataclass(frozen=True)
class PilotRow:
    """A pilot with its slots that run on the day."""

    pilot: Pilot
    slots: tuple[Proof, ...]
    day: date

    @property
    def is_to_come(self) -> bool:
        return self.pilot.first_day is not None and self.pilot.first_day > self.day

    @property
    def is_over(self) -> bool:
        return self.pilot.last_day is not None and self.pilot.last_day < self.day


def pilots_with_offers(district: District) -> list[tuple[Pilot, set[int]]]:
    """Return the pilots of the district, each with the keys of its offers. One query."""
    rows = Pilot.objects.filter(paper__district=district).select_related("municipality").annotate(offer=F("offers"))
    found = []
    for _, group in groupby(rows.order_by("name", "pk"), key=lambda row: row.pk):
        pilots = list(group)
        found.append((pilots[0], {pilot.offer for pilot in pilots if pilot.offer is not None}))
    return found


# The page


@dataclass(frozen=True)
class Dashboard:
    """The page as values."""

    district: District
    asked: AskedDay
    way: PaperWay | None
    finding: Finding
    rows: tuple[Row, ...]
    late_starts: tuple[Municipality, ...]
    maps: tuple[Drawing, Drawing] | None
    money: Money | None
    pilots: tuple[PilotRow, ...]
    quick_days: tuple[date, ...]
    history: History | None
    compared: Compared

    @property
    def day(self) -> date:
        return self.asked.day

    @property
    def steps(self) -> list[Step]:
        return self.way.steps_on(self.day) if self.way else []

    @property
    def query(self) -> str:
        """Return the query that asks for the same day."""
        return f"?stichtag={self.day.isoformat()}"

    @property
    def hours_query(self) -> str:
        """Return the query that asks for the same day with the hours on the map."""
        return f"{self.query}&karte=stunden"

    @property
    def hours_map(self) -> HoursMap | None:
        """Return the second layer of the map: hours a month per 1,000 inhabitants."""
        return hours_map(self.rows)


def dashboard(slug: str, raw_day: str, today: date) -> Dashboard:
    """Return the page of the district. At most twelve queries, however many slots. District.DoesNotExist: unknown slug."""
    municipalities = list(Municipality.objects.filter(district__slug=slug).select_related("district"))
    district = municipalities[0].district if municipalities else District.objects.get(slug=slug)
    ways = paper_ways(slug)
    asked = read_day(raw_day, today, earliest_day(ways))
    way = way_on(ways, asked.day)
    budget, lines = budget_and_lines(district, asked.day)
    evidence = Evidence.load(
        district,
        *window_of_all(lines, asked, way),
        slots=Slot.objects.with_last_confirmation(asked.day),
        municipalities=municipalities,
    )
    first = first_day_of(budget, asked.day)
    return assemble(
        asked,
        ways,
        evidence,
        Pricing(evidence.slots, evidence.timetable, evidence.municipalities, asked.day),
        budget,
        lines,
        pilots_with_offers(district),
        attendance(district, first, asked.day),
        topics_of_offers(evidence.slots.values()),
    )


def window_of_all(lines: Iterable[CostLine], asked: AskedDay, way: PaperWay | None) -> tuple[date, date]:
    """Return the shortest window for money, hours of twelve months, and the whole time of the target."""
    days = [*window(lines, asked.day), date(asked.day.year, 1, 1), *year_from(asked.day)]
    if way:
        days += [way.target.first_day, last_day_of_all(way.target, asked)]
    return min(days), max(days)


def assemble(
    asked: AskedDay,
    ways: list[PaperWay],
    evidence: Evidence,
    pricing: Pricing,
    budget: Budget | None,
    rows: list[CostLine],
    pilots: list[tuple[Pilot, set[int]]],
    conversations: Mapping[int, Mapping[date, int]],
    topics: Mapping[int, set[int]],
) -> Dashboard:
    """Return the page from what was loaded. At most two queries, for the ways of counsellors."""
    way = way_on(ways, asked.day)
    target = way.target if way else None
    history = history_of(evidence, way, [pilot for pilot, _ in pilots], asked) if way else None
    table = (
        Table(evidence, target, asked.day, asked.today, history, minutes_of(evidence, asked.day)) if target else None
    )
    coverage = table.coverage() if table else None
    found = table.rows(coverage) if table and coverage else []
    lines = pricing.lines(rows)
    comparer = Comparer(evidence, pricing, first_day_of(budget, asked.day), conversations, topics)
    return Dashboard(
        district=evidence.district,
        asked=asked,
        way=way,
        finding=finding(coverage, found, target, asked.day, history),
        rows=tuple(found),
        late_starts=tuple(late_starts(evidence, asked.day)),
        maps=_maps(found),
        money=money(budget, lines, asked.day) if budget else None,
        pilots=tuple(_pilot_row(pilot, offers, evidence, asked) for pilot, offers in pilots),
        quick_days=tuple(quick_days(ways, evidence.municipalities, asked)),
        history=history,
        compared=comparer.compared(pilots, rows, lines),
    )


def minutes_of(evidence: Evidence, day: date) -> Mapping[int, int]:
    """Return the minutes held in the twelve months from the day by municipality; the same as in the inventory."""
    stocks = [Stock(fact, provider=0, topics=frozenset()) for fact in evidence.facts]
    return inventory(day, (), evidence.terms, evidence.houses, stocks, evidence.calendar).minutes_of


def late_starts(evidence: Evidence, day: date) -> list[Municipality]:
    """Return the municipalities that did not exist yet on the day, though a slot was running under their name."""
    found = {
        slot.institution.municipality_id
        for slot in evidence.slots.values()
        if max(slot.first_day, slot.institution.first_day) <= day and slot.status_on(day) is Slot.Status.PUBLISHED
    }
    return [
        row for row in evidence.municipalities.values() if row.pk in found and row.first_day and row.first_day > day
    ]


def _pilot_row(pilot: Pilot, offers: set[int], evidence: Evidence, asked: AskedDay) -> PilotRow:
    running = [
        slot
        for slot in evidence.slots.values()
        if slot.offer_id in offers
        and slot.status_on(asked.day) is Slot.Status.PUBLISHED
        and slot.first_day <= asked.day
        and slot.institution.first_day <= asked.day <= (slot.institution.last_day or date.max)
    ]
    return PilotRow(pilot, tuple(proof(slot, asked.today) for slot in running), asked.day)


@dataclass(frozen=True)
class HoursMap:
    """The map by hours a month per 1,000 inhabitants; `steps` are the upper ends of its colours."""

    drawings: tuple[Drawing, Drawing]
    steps: tuple[Decimal, ...]


def hours_map(rows: Sequence[Row]) -> HoursMap | None:
    """Return the map by hours; None where no place is known, or no rate."""
    rates = [rate for row in rows if (rate := row.hours_per_thousand) is not None]
    steps = steps_up_to(max(rates, default=Decimal(0)))
    drawings = _drawn([_place(row, *_heat(row.hours_per_thousand, steps)) for row in rows], with_words=True)
    return HoursMap(drawings, steps) if drawings and rates else None


def _heat(rate: Decimal | None, steps: Sequence[Decimal]) -> tuple[str, str]:
    """Return the colour of the rate, "0" to "4" or "unknown", and the rate in words."""
    if rate is None:
        return "unknown", UNKNOWN
    return (str(1 + sum(rate > step for step in steps[:-1])) if rate else "0"), number(rate, 2)


def _maps(rows: Iterable[Row]) -> tuple[Drawing, Drawing] | None:
    return _drawn([_place(row, row.state.value, STATE_WORDS[row.state]) for row in rows])


def _place(row: Row, state: str, word: str) -> Place:
    return Place(
        key=row.municipality.pk,
        name=row.municipality.name,
        point=row.municipality.point,
        population=row.municipality.population,
        state=state,
        word=word,
        boundary=row.municipality.boundary,
    )


def _drawn(places: list[Place], *, with_words: bool = False) -> tuple[Drawing, Drawing] | None:
    wide, narrow = draw_map(places, 384, with_words=with_words), draw_map(places, 288, with_words=with_words)
    return (wide, narrow) if wide and narrow else None


def quick_days(ways: list[PaperWay], municipalities: Mapping[int, Municipality], asked: AskedDay) -> Iterable[date]:
    """Yield the days worth a link: today, before and after the last merger, and the last meeting on the paper."""
    latest = horizon(asked.today)
    ends = [row.last_day for row in municipalities.values() if row.last_day and row.successor_id]
    meetings = [step.meeting_on for way in ways for step in way.steps_on(asked.day) if step.meeting_on]
    days = [asked.today]
    if ends:
        days += [max(ends), max(ends) + timedelta(days=1)]
    if meetings:
        days.append(max(meetings))
    for day in days:
        if earliest_day(ways) <= day <= latest:
            yield day
