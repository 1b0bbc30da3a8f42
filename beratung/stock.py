"""What does the committee see of the inventory: who counsels where on what, what is missing, what may be double?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from appointments.coverage import Coverage, CoverageState
from appointments.evidence import Evidence
from appointments.inventory import Double, Gap, Inventory, Share, Stock, hours_a_month, inventory, year_from
from appointments.models import Guideline, Slot, Topic
from beratung.asked_day import AskedDay, read_day
from beratung.coverage_table import STATE_WORDS, Proof, proof
from beratung.history import rule_of
from beratung.paper_way import earliest_day, paper_ways, way_on
from locations.models import District, Municipality
from locations.wording import listed, number, percent

HEAT = (2, 4, 6)  # hours a month; more is the fourth colour


@dataclass(frozen=True)
class Head:
    """A municipality as a column, with its state on the day; "" where no target holds."""

    municipality: Municipality
    state: str
    word: str
    hours: Decimal


@dataclass(frozen=True)
class Cell:
    """A field of the matrix. `heat` is 0 where no slot runs, else 1 to 4."""

    municipality: Municipality
    hours: Decimal
    slots: int
    providers: int
    heat: int
    gap: Gap | None
    is_double: bool


@dataclass(frozen=True)
class Row:
    """A topic as a row."""

    topic: Topic
    cells: tuple[Cell, ...]
    hours: Decimal


@dataclass(frozen=True)
class DoubleRow:
    """Two slots that may be one too many, with what they have in common."""

    topics: str
    municipality: Municipality
    proofs: tuple[Proof, Proof]
    text: str


@dataclass(frozen=True)
class GapRow:
    """An empty field where the topic is wanted."""

    topic: Topic
    municipality: Municipality
    text: str


@dataclass(frozen=True)
class Facts:
    """How the running slots can be reached, and which guidelines their offers name."""

    step_free: Share
    late: str
    languages: tuple[tuple[str, int], ...]
    guidelines: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class StockPage:
    """The page as values."""

    district: District
    asked: AskedDay
    inventory: Inventory
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    nowhere: tuple[Topic, ...]
    gaps: tuple[GapRow, ...]
    doubles: tuple[DoubleRow, ...]
    facts: Facts
    hours: Decimal

    @property
    def day(self) -> date:
        return self.asked.day

    @property
    def summary(self) -> str:
        """Return how many fields are empty, how many of them are gaps, and how many slots may be double."""
        empty = self.inventory.empty
        gaps, doubles = len(self.gaps), len(self.doubles)
        return (
            f"{number(empty.count)} von {number(empty.total)} Feldern sind leer. "
            f"{'Bei keinem davon' if not gaps else 'Bei einem davon' if gaps == 1 else f'Bei {number(gaps)} davon'} "
            f"spricht etwas dafür, dass dort ein Termin gebraucht wird. "
            f"{'Nichts ist' if not doubles else 'Ein Paar ist' if doubles == 1 else f'{number(doubles)} Paare sind'} "
            f"möglicherweise doppelt."
        )


def stock(slug: str, raw_day: str, today: date) -> StockPage:
    """Return the page. At most twelve queries, however many slots. District.DoesNotExist: unknown slug."""
    municipalities = list(Municipality.objects.filter(district__slug=slug).select_related("district"))
    district = municipalities[0].district if municipalities else District.objects.get(slug=slug)
    ways = paper_ways(slug)
    asked = read_day(raw_day, today, earliest_day(ways))
    slots = Slot.objects.prefetch_related("offer__topics", "offer__guidelines", "offer__languages")
    evidence = Evidence.load(district, asked.day, year_from(asked.day)[1], slots=slots, municipalities=municipalities)
    topics = {topic.pk: topic for topic in Topic.objects.all()}
    way = way_on(ways, asked.day)
    found = inventory(
        asked.day, list(topics), evidence.terms, evidence.houses, list(_stocks(evidence)), evidence.calendar
    )
    coverage = evidence.coverage(asked.day, rule_of(way.target)) if way else None
    return _page(asked, evidence, topics, found, coverage)


def _stocks(evidence: Evidence) -> Iterable[Stock]:
    for fact in evidence.facts:
        slot = evidence.slots[fact.key]
        yield Stock(
            fact=fact,
            provider=slot.offer.provider_id,
            topics=frozenset(topic.pk for topic in slot.offer.topics.all()),
            guidelines=frozenset(guideline.pk for guideline in slot.offer.guidelines.all()),
            languages=frozenset(language.name for language in slot.offer.languages.all()),
            step_free=slot.institution.step_free,
        )


def _page(
    asked: AskedDay,
    evidence: Evidence,
    topics: Mapping[int, Topic],
    found: Inventory,
    coverage: Coverage | None,
) -> StockPage:
    states = {row.municipality: row.state for row in coverage.municipalities} if coverage else {}
    rows = evidence.municipalities
    return StockPage(
        district=evidence.district,
        asked=asked,
        inventory=found,
        heads=tuple(_head(rows[key], states.get(key), found.minutes_of[key]) for key in found.municipalities),
        rows=tuple(_row(topic, found, rows) for topic in topics.values()),
        nowhere=tuple(topics[key] for key in found.nowhere),
        gaps=tuple(GapRow(topics[gap.topic], rows[gap.municipality], gap.text) for gap in found.gaps),
        doubles=tuple(_double(one, topics, evidence, asked.today) for one in found.doubles),
        facts=_facts(found, {guideline.pk: guideline.name for guideline in Guideline.objects.all()}),
        hours=hours_a_month(found.minutes),
    )


def _head(municipality: Municipality, state: CoverageState | None, minutes: int) -> Head:
    word = STATE_WORDS[state] if state else ""
    return Head(municipality, state.value if state else "", word, hours_a_month(minutes))


def _row(topic: Topic, found: Inventory, municipalities: Mapping[int, Municipality]) -> Row:
    gaps = {gap.municipality: gap for gap in found.gaps if gap.topic == topic.pk}
    doubles = {one.municipality for one in found.doubles if topic.pk in one.topics}
    cells = []
    for key in found.municipalities:
        field = found.fields[topic.pk, key]
        cells.append(
            Cell(
                municipality=municipalities[key],
                hours=field.hours_a_month,
                slots=len(field.slots),
                providers=len(field.providers),
                heat=heat(field.hours_a_month) if field.slots else 0,
                gap=gaps.get(key),
                is_double=key in doubles,
            )
        )
    return Row(topic, tuple(cells), hours_a_month(found.minutes_of_topic(topic.pk)))


def heat(hours: Decimal) -> int:
    """Return the colour of a field with a slot: 1 up to two hours a month, 4 above six."""
    return 1 + sum(hours > step for step in HEAT)


def _double(one: Double, topics: Mapping[int, Topic], evidence: Evidence, today: date) -> DoubleRow:
    first, second = (proof(evidence.slots[key], today) for key in one.slots)
    names = listed([topics[key].short_name for key in one.topics])
    return DoubleRow(names, evidence.municipalities[one.municipality], (first, second), one.text)


def _facts(found: Inventory, guidelines: Mapping[int, str]) -> Facts:
    share = Decimal(found.late.count) / found.late.total if found.late.total else None
    return Facts(
        step_free=found.step_free,
        late=percent(share),
        languages=_counted(found.languages),
        guidelines=tuple((name, found.guidelines.get(key, 0)) for key, name in guidelines.items()),
    )


def _counted(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
