"""What could a district look like that nobody knows? Fictitious houses and counsellors around real or random municipalities.

Seeded: the same seed gives the same district. Municipalities of Germany come from a CSV with the columns `ags`, `name`,
`district_ags`, `district_name`, `district_type`, `state`, `population`, `lat` and `lon`, and for the whole country `type`,
`area_km2` and `plz_all` besides (DE_MUNICIPALITIES names its path).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from math import cos, pi, radians, sqrt
from pathlib import Path
from random import Random
from typing import Any

from appointments.conflicts import TravelTime
from appointments.occurrences import Calendar
from budget.costs import Range
from budget.planner import Candidate, Cents, CounsellorOffer, MunicipalityAsked, Question, TravelPrice, Window
from locations.calendars import public_holidays
from locations.geo import Point
from locations.wording import NBSP

DEFAULT_CSV = Path("../shared/data/de_municipalities.csv")
STATES = {
    "Baden-Württemberg": "DE-BW",
    "Bayern": "DE-BY",
    "Berlin": "DE-BE",
    "Brandenburg": "DE-BB",
    "Bremen": "DE-HB",
    "Hamburg": "DE-HH",
    "Hessen": "DE-HE",
    "Mecklenburg-Vorpommern": "DE-MV",
    "Niedersachsen": "DE-NI",
    "Nordrhein-Westfalen": "DE-NW",
    "Rheinland-Pfalz": "DE-RP",
    "Saarland": "DE-SL",
    "Sachsen": "DE-SN",
    "Sachsen-Anhalt": "DE-ST",
    "Schleswig-Holstein": "DE-SH",
    "Thüringen": "DE-TH",
}
CITIES = ("Kreisfreie Stadt", "Stadtkreis")
YEAR = 2027
WEEKDAYS = range(5)
WINDOW_STARTS = tuple(time(hour) for hour in (8, 10, 12, 14, 16, 18))  # six windows a day
WINDOW_MINUTES = 90
KM_A_DEGREE = 111.2
PRICE = Range(Decimal("0.25"), Decimal("0.30"), Decimal("0.38"))


class NoMunicipalitiesError(Exception):
    """The file with the municipalities is missing; the message is a German sentence."""


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality as the file has it, or an invented one."""

    key: int
    name: str
    population: int
    point: Point
    postal_codes: tuple[str, ...] = ()
    radius_km: float = 3  # its houses lie within


@dataclass(frozen=True, slots=True)
class Land:
    """A Landkreis with its municipalities."""

    key: str
    name: str
    state: str
    towns: tuple[Town, ...]


@dataclass(frozen=True, slots=True)
class House:
    """An invented institution."""

    key: int
    name: str
    kind: str
    town: int
    point: Point
    windows: tuple[Window, ...]
    rent: int
    equipment: int
    step_free: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An invented counsellor."""

    key: int
    name: str
    base: Point
    weekly_minutes: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class District:
    """A Landkreis with invented houses and counsellors."""

    land: Land
    houses: tuple[House, ...]
    people: tuple[Person, ...]


def lands(path: Path | None = None) -> list[Land]:
    """Return all Landkreise of the file in the order of their keys; NoMunicipalitiesError where it is missing."""
    rows = _rows(path, lambda row: row["district_type"] not in CITIES and int(row["population"] or 0) > 0)
    return [_land(key, map(_town, found), found) for key, found in rows]


def whole_country(path: Path | None = None) -> list[Land]:
    """Return every Landkreis and every kreisfreie Stadt with all municipalities, each as wide as it is."""
    rows = _rows(path, lambda row: bool(row["district_type"]) and "gemeindefrei" not in row["type"])
    return [_land(key, map(_wide_town, found), found) for key, found in rows]


def _rows(path: Path | None, wanted: Callable[[dict[str, str]], bool]) -> list[tuple[str, list[dict[str, str]]]]:
    path = path or Path(os.environ.get("DE_MUNICIPALITIES", DEFAULT_CSV))
    if not path.is_file():
        raise NoMunicipalitiesError(
            f"Die Datei mit den Gemeinden fehlt: {path}. Bitte mit DE_MUNICIPALITIES=… oder --csv ihren Ort nennen."
        )
    rows: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in filter(wanted, csv.DictReader(lines)):
            rows.setdefault(row["district_ags"], []).append(row)
    return sorted(rows.items())


def _land(key: str, towns: Iterable[Town], rows: list[dict[str, str]]) -> Land:
    in_order = tuple(sorted(towns, key=lambda town: town.key))
    return Land(key, rows[0]["district_name"], STATES[rows[0]["state"]], in_order)


def _town(row: dict[str, str]) -> Town:
    point = Point(float(row["lat"]), float(row["lon"]))
    return Town(int(row["ags"]), row["name"].split(",")[0], int(row["population"]), point)


def _wide_town(row: dict[str, str]) -> Town:
    """Return the municipality with its postal codes, and as wide as a circle of its area."""
    radius = sqrt(float(row["area_km2"]) / pi)
    return replace(_town(row), postal_codes=tuple(row["plz_all"].split()), radius_km=radius)


def invented_land(seed: int, towns: int = 8) -> Land:
    """Return a Landkreis of so many municipalities that exists nowhere, as wide as Peine."""
    random = Random(f"land {seed}")  # noqa: S311
    found = tuple(
        Town(
            number,
            f"Beispielgemeinde{NBSP}{number}",
            random.randint(5_000, 50_000),
            _near(random, Point(52.3, 10.2), 14),
        )
        for number in range(1, towns + 1)
    )
    return Land(f"{seed:05d}", f"Beispielkreis{NBSP}{seed}", "DE-NI", found)


def invented_country(count: int, towns: int = 8) -> list[Land]:
    """Return so many Landkreise that exist nowhere, side by side."""
    return [_placed(invented_land(10_001 + number, towns), number) for number in range(count)]


def _placed(land: Land, number: int) -> Land:
    """Return the Landkreis at its place in the country, its municipalities under its own key."""
    north, east = divmod(number, 10)
    towns = tuple(
        replace(
            town,
            key=int(f"{land.key}{town.key:03}"),
            point=Point(town.point.latitude + north * 0.3 - 3, town.point.longitude + east * 0.4 - 2),
        )
        for town in land.towns
    )
    return replace(land, towns=towns)


def district(land: Land, seed: int = 1, houses: int | None = None, people: int | None = None) -> District:
    """Return the Landkreis with houses and counsellors; their numbers follow its size unless given."""
    random = Random(f"{land.key} {seed}")  # noqa: S311
    count = len(land.towns)
    houses = houses or _usual_houses(count)
    people = people or max(4, round(count / 3))
    return District(land, tuple(_houses(random, land, houses)), tuple(_people(random, land, people)))


def _usual_houses(towns: int) -> int:
    """Return 60 for a Landkreis like Peine, six a municipality for usual ones, 300 at most but one in each."""
    return max(towns, min(300, max(60 * towns // 8 if towns <= 8 else 0, 6 * towns)))


KINDS = (("school", "Beispiel-Grundschule"), ("kita", "Beispiel-Kita"), ("family_centre", "Beispiel-Familienzentrum"))


def _houses(random: Random, land: Land, count: int) -> Iterator[House]:
    for number in range(count):
        town = land.towns[number % len(land.towns)]
        kind, name = KINDS[number // len(land.towns) % len(KINDS)]
        yield House(
            key=number + 1,
            name=f"{name}{NBSP}{number + 1}",
            kind=kind,
            town=town.key,
            point=_near(random, town.point, town.radius_km),
            windows=_windows(random, 0.35),
            rent=random.choice((0, 0, 500, 1_000, 1_500, 2_000, 2_500, 3_000)),
            equipment=random.choice((0, 0, 0, 15_000, 30_000, 45_000, 60_000)),
            step_free=random.random() < 0.6,
        )


def _people(random: Random, land: Land, count: int) -> Iterator[Person]:
    largest = sorted(land.towns, key=lambda town: -town.population)
    for number in range(count):
        yield Person(
            key=number + 1,
            name=f"Fachkraft{NBSP}{number + 1}",
            base=largest[number // 2 % len(largest)].point,
            weekly_minutes=random.choice((12, 18, 24)) * 60,
            windows=_windows(random, 0.6),
        )


def _windows(random: Random, share: float) -> tuple[Window, ...]:
    return tuple(
        Window(weekday, start, time(start.hour + WINDOW_MINUTES // 60, start.minute + WINDOW_MINUTES % 60))
        for weekday in WEEKDAYS
        for start in WINDOW_STARTS
        if random.random() < share
    )


def _near(random: Random, centre: Point, radius_km: float) -> Point:
    north, east = random.uniform(-radius_km, radius_km), random.uniform(-radius_km, radius_km)
    width = KM_A_DEGREE * cos(radians(centre.latitude))
    return Point(round(centre.latitude + north / KM_A_DEGREE, 6), round(centre.longitude + east / width, 6))


def question(found: District, money: int = 1_000_000, year: int = YEAR, **more: Any) -> Question:
    """Return the question for a whole year, with the holidays of the district's state."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    points = {house.key: house.point for house in found.houses}
    asked = Question(
        district=found.land.name,
        first_day=first,
        last_day=last,
        money=money,
        municipalities=tuple(MunicipalityAsked(town.key, town.name, town.population) for town in found.land.towns),
        candidates=tuple(_candidate(house) for house in found.houses),
        counsellors=tuple(
            CounsellorOffer(one.key, one.name, one.base, one.windows, one.weekly_minutes) for one in found.people
        ),
        travel=TravelTime(points),
        prices=(TravelPrice(first, last, PRICE),),
        calendar=Calendar(public_holidays(found.land.state, first, last)),
    )
    return replace(asked, **more)


def _candidate(house: House) -> Candidate:
    return Candidate(
        key=house.key,
        name=house.name,
        municipality=house.town,
        point=house.point,
        windows=house.windows,
        rent_per_date=Cents.exactly(house.rent),
        equipment=Cents(house.equipment * 8 // 10, house.equipment, house.equipment * 13 // 10),
        step_free=house.step_free,
    )


def invented(seeds: Iterable[int], towns: int = 8, houses: int = 60, people: int = 4) -> Iterator[Question]:
    """Yield questions of Peine's size."""
    for seed in seeds:
        yield question(district(invented_land(seed, towns), seed, houses, people))
