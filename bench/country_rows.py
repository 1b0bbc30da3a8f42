"""How does an invented Landkreis become rows, and the whole country with it? In bulk, a Landkreis a transaction.

The houses and counsellors are those of `bench.generator`; what takes place there: `bench.country_slots`. A Landkreis that is
there already is left as it is, so a build that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.text import slugify

from appointments.models import Language, Topic
from bench.generator import District as Found
from bench.generator import House, Land, Town, district
from beratung.peine.counselling import keep_languages, keep_topics
from beratung.peine.files import general_rows
from beratung.peine.keeper import Keeper
from budget.models import Budget, Committee, CostLine, Paper, Target
from locations.models import (
    Closure,
    District,
    HelpLine,
    Institution,
    Locality,
    Municipality,
    Population,
    PostalCode,
    SchoolHoliday,
)
from locations.place_names import fold

HOUSES, SLOTS = 60_000, 250_000  # of the whole country
PLACES_A_WEEK = 10  # of a counsellor, each taken once: five days, morning and afternoon
PHONE = "030 23125 {:03}"
STRIP = 0.15  # degrees of latitude: houses are visited strip by strip, so that the next one is near
PEOPLE_A_VILLAGE, MOST_VILLAGES = 1_500, 30
VILLAGE_SIDES = ("", "", "", "Ober", "Unter", "Klein ", "Groß ", "Nieder")
VILLAGE_BEGINNINGS = (
    "Alt",
    "Berg",
    "Birken",
    "Brunnen",
    "Buchen",
    "Eichen",
    "Erlen",
    "Feld",
    "Heide",
    "Hohen",
    "Linden",
)
VILLAGE_ENDINGS = (
    "bach",
    "berg",
    "bruch",
    "burg",
    "dorf",
    "feld",
    "furt",
    "hagen",
    "hausen",
    "heim",
    "hof",
    "rode",
    "tal",
)

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Common:
    """What all Landkreise share."""

    topics: tuple[Topic, ...]
    languages: tuple[Language, ...]


@dataclass
class Draft:
    """A Landkreis on its way into the database."""

    found: Found
    slots: int
    common: Common
    today: date
    random: Random
    district: District = field(init=False)

    @property
    def land(self) -> Land:
        return self.found.land


@transaction.atomic
def common(lands: Sequence[Land]) -> Common:
    """Return topics and languages as the product knows them; what is missing is made, school holidays of each state as well.

    The holidays of one state are known; for the others the same days are taken.
    """
    keeper = Keeper()
    there = set(SchoolHoliday.objects.values_list("federal_state", flat=True))
    SchoolHoliday.objects.bulk_create(
        SchoolHoliday(**row | {"federal_state": state})
        for state in sorted({land.state for land in lands} - there)
        for row in general_rows("school_holidays")
    )
    return Common(tuple(keep_topics(keeper).values()), tuple(keep_languages(keeper).values()))


def shares(lands: Sequence[Land], houses: int = HOUSES, slots: int = SLOTS) -> list[tuple[Land, int, int]]:
    """Return how many houses and slots each Landkreis has: one house in each municipality, the rest by population."""
    towns = [len(land.towns) for land in lands]
    people = [sum(town.population for town in land.towns) for land in lands]
    more = _parts(max(0, houses - sum(towns)), people)
    found = [own + other for own, other in zip(towns, more, strict=True)]
    return list(zip(lands, found, _parts(slots, found), strict=True))


def _parts(whole: int, weights: Sequence[int]) -> list[int]:
    """Return the whole in parts like the weights; what rounding leaves over goes to the first ones."""
    total = sum(weights)
    parts = [whole * weight // total for weight in weights]
    left = whole - sum(parts)
    return [part + (number < left) for number, part in enumerate(parts)]


def fill(land: Land, houses: int, slots: int, shared: Common, today: date, seed: int = 1) -> bool:
    """Write the Landkreis, all or nothing; False where it is there already."""
    from bench.country_slots import write_slots

    if District.objects.filter(key=land.key).exists():
        return False
    found = district(land, seed, max(1, houses), max(1, -(-slots // PLACES_A_WEEK)))
    draft = Draft(found, slots, shared, today, Random(f"rows {land.key} {seed}"))  # noqa: S311
    with transaction.atomic():
        draft.district = _district(draft)
        placed = _houses(draft, _towns(draft))
        _closures(draft, placed)
        _money(draft, write_slots(draft, placed))
    return True


def many(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Insert the rows, and return them with their keys."""
    return model._default_manager.bulk_create(list(rows), batch_size=2_000)


def _district(draft: Draft) -> District:
    land = draft.land
    found = District.objects.create(
        name=land.name,
        slug=f"{slugify(fold(land.name))[:40]}-{land.key}",
        key=land.key,
        federal_state=land.state,
        phone=PHONE.format(0),
        is_example=True,
    )
    lines = enumerate(("Elterntelefon", "Kinder- und Jugendtelefon", "Telefonseelsorge"))
    many(HelpLine, (HelpLine(district=found, name=name, phone=PHONE.format(at), position=at) for at, name in lines))
    return found


def _towns(draft: Draft) -> dict[int, Municipality]:
    towns = draft.land.towns
    rows = many(Municipality, (_town(draft, town) for town in towns))
    counted = {"on": date(2019, 12, 31), "source": "Statistisches Bundesamt"}
    many(Population, (Population(municipality=row, total=row.population, **counted) for row in rows))
    keyed = {town.key: row for town, row in zip(towns, rows, strict=True)}
    codes = ((code, keyed[town.key]) for town in towns for code in _codes(town))
    many(PostalCode, (PostalCode(code=code, municipality=row) for code, row in codes))
    many(Locality, (village for town in towns for village in _villages(draft.random, keyed[town.key])))
    return keyed


def _town(draft: Draft, town: Town) -> Municipality:
    return Municipality(
        district=draft.district,
        name=town.name,
        ags=f"{town.key:08}",
        population=town.population,
        latitude=town.point.latitude,
        longitude=town.point.longitude,
    )


def _codes(town: Town) -> tuple[str, ...]:
    """Return the postal codes, an invented one where nobody knows any."""
    return town.postal_codes or (f"{town.key % 90_000 + 10_000:05}",)


def _villages(random: Random, row: Municipality) -> Iterator[Locality]:
    count = min(MOST_VILLAGES, row.population // PEOPLE_A_VILLAGE)
    for name in sorted({_village_name(random) for _ in range(count)}):
        north, east = (random.uniform(-0.03, 0.03) for _ in range(2))
        is_placed = random.random() < 0.5
        yield Locality(
            municipality=row,
            name=name,
            slug=slugify(fold(name)),
            latitude=row.latitude + north if is_placed else None,
            longitude=row.longitude + east if is_placed else None,
        )


def _village_name(random: Random) -> str:
    side, beginning, ending = map(random.choice, (VILLAGE_SIDES, VILLAGE_BEGINNINGS, VILLAGE_ENDINGS))
    return f"Beispiel-{side}{beginning if not side or side.endswith(' ') else beginning.lower()}{ending}"


def _houses(draft: Draft, towns: dict[int, Municipality]) -> list[Institution]:
    """Return the houses in the order in which somebody would visit them."""
    codes = {town.key: _codes(town) for town in draft.land.towns}
    on_the_way = sorted(draft.found.houses, key=_way)
    return many(Institution, (_house(draft, house, towns[house.town], codes[house.town]) for house in on_the_way))


def _way(house: House) -> tuple[int, float]:
    """Return where the house lies on a way that goes east in one strip and back west in the next."""
    strip = int(house.point.latitude // STRIP)
    return strip, house.point.longitude * (1 if strip % 2 else -1)


def _house(draft: Draft, house: House, town: Municipality, codes: Sequence[str]) -> Institution:
    return Institution(
        slug=f"{slugify(fold(house.name))}-{draft.land.key}",
        name=house.name,
        kind=house.kind,
        municipality=town,
        street=f"Beispielweg {house.key}",
        postal_code=draft.random.choice(codes),
        latitude=house.point.latitude,
        longitude=house.point.longitude,
        phone=PHONE.format(house.key % 1000),
        step_free=house.step_free if draft.random.random() < 0.8 else None,
        address_is_public=draft.random.random() < 0.99,
        first_day=date(2015, 8, 1),
    )


def _closures(draft: Draft, houses: Sequence[Institution]) -> None:
    christmas = date(draft.today.year, 12, 24)
    whole = (None, christmas, christmas + timedelta(days=2), "geschlossen")
    chosen = [house for house in houses if draft.random.random() < 0.1]
    begun = [draft.today + timedelta(days=draft.random.randrange(-60, 120)) for _ in chosen]
    single = ((house, day, day + timedelta(days=6), "Umbau") for house, day in zip(chosen, begun, strict=True))
    many(
        Closure,
        (
            Closure(district=draft.district, institution=house, first_day=first, last_day=last, reason=reason)
            for house, first, last, reason in (whole, *single)
        ),
    )


def _money(draft: Draft, slots: Sequence[Model]) -> None:
    """Write a decision, its aim, the budget of the year, and a rent for every tenth slot."""
    year = draft.today.year
    Committee.objects.create(district=draft.district, short_name="BA", name="Beispielausschuss")
    paper = Paper.objects.create(
        district=draft.district, reference="2014/001", slug="2014-001", name="Beispiel-Vorlage", date=date(2014, 1, 1)
    )
    Target.objects.create(
        paper=paper,
        quote="In jeder Gemeinde gibt es einen festen Termin.",
        qualifying_kinds=["school", "kita", "family_centre"],
        first_day=date(2014, 1, 1),
    )
    budget = Budget.objects.create(
        district=draft.district,
        paper=paper,
        name=f"Beispielansatz {year}",
        first_day=date(year, 1, 1),
        last_day=date(year, 12, 31),
        ansatz_eur=Decimal(100_000),
    )
    line = {"budget": budget, "kind": "rent", "basis": "per_date", "planned_on": date(year, 1, 1)}
    price = {"unit_low_eur": Decimal(8), "unit_likely_eur": Decimal(10), "unit_high_eur": Decimal(13)}
    many(CostLine, (CostLine(slot=slot, description="Beispielmiete", **line, **price) for slot in slots[::10]))
