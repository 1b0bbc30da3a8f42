"""Which place does somebody mean who types a name or a postal code?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import BigIntegerField, F, FloatField, QuerySet, Value
from django.db.models.functions import Cast
from rapidfuzz import fuzz, process

from locations.geo import Point
from locations.models import Locality, Municipality, PostalCode
from locations.place_names import fold

LONGEST_NAME = 80
MOST_SUGGESTIONS = 5
LIKE_ENOUGH = 72  # of 100; "Vechelda" reaches 88 for Vechelde, "Atlantis" at most 55 for any place of the district
POSTAL_CODE = re.compile(r"[0-9]{5}")
WITH_POSTAL_CODE = re.compile(r"(?P<code>[0-9]{5})[ ,]+(?P<name>\S.*)")
WITH_MUNICIPALITY = re.compile(r"(?P<name>[^(,]+?)[ ]*[(,][ ]*(?P<municipality>[^()]+?)[ ]*\)?")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that exists today. `point` is that of the municipality where the locality's own is not known."""

    name: str
    municipality: int
    municipality_name: str
    district: int
    point: Point | None
    point_is_of_municipality: bool = False
    locality: int | None = None
    former_name: str = ""
    former_until: date | None = None

    @property
    def label(self) -> str:
        """Return a name that is understood again when typed, unmistakable within a district."""
        return self.name if self.name == self.municipality_name else f"{self.name} ({self.municipality_name})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: one place, several to choose from, or none with names that look alike."""

    places: tuple[Place, ...] = ()
    suggestions: tuple[Place, ...] = ()

    @property
    def place(self) -> Place | None:
        """Return the place where there is no doubt."""
        return self.places[0] if len(self.places) == 1 else None


def find_places(text: str, day: date) -> Answer:
    """Return the places meant by a name, a postal code, "38176 Bortfeld" or "Alvesse (Vechelde)", as of the day.

    One query where the name is known up to umlauts and case and there is only one of it.
    """
    wanted = " ".join(text.split())[:LONGEST_NAME]
    if not wanted:
        return Answer()
    name, code, municipality = _split(wanted)
    places = _distinct(_place(row, day) for row in _rows(name))
    if code and not places:
        places = _distinct(_place(row, day) for row in _rows(code))
    if not places:
        return Answer(suggestions=tuple(_suggestions(fold(name), day)))
    return Answer(places=tuple(_narrowed(places, code, fold(municipality))))


def _split(wanted: str) -> tuple[str, str, str]:
    """Return what to look for, and the postal code or the municipality named beside it."""
    if match := WITH_MUNICIPALITY.fullmatch(wanted):
        return match["name"], "", match["municipality"]
    if match := WITH_POSTAL_CODE.fullmatch(wanted):
        return match["name"], match["code"], ""
    return wanted, "", ""


def _narrowed(places: list[Place], code: str, municipality: str) -> list[Place]:
    """Return the places that fit what was named beside the name, or all of them where that fits none."""
    fitting = places
    if len(places) > 1 and municipality:
        fitting = [place for place in places if fold(place.municipality_name) == municipality]
    elif len(places) > 1 and code:
        owners = set(PostalCode.objects.filter(code=code).values_list("municipality", flat=True))
        fitting = [place for place in places if place.municipality in owners]
    return fitting or places


def _rows(name: str) -> list[dict[str, Any]]:
    """Return one row a match, all of the same columns; a postal code can be nothing else."""
    if POSTAL_CODE.fullmatch(name):
        return list(_arm(PostalCode.objects.filter(code=name), "municipality__", F("code"), None))
    return _rows_named([fold(name)])


def _rows_named(names: list[str]) -> list[dict[str, Any]]:
    """Return the same rows for several folded names, in one query."""
    municipalities = _arm(Municipality.objects.filter(search_name__in=names), "", F("name"), None)
    localities = _arm(Locality.objects.filter(search_name__in=names), "municipality__", F("name"), F("pk"))
    return list(municipalities.union(localities, all=True))


def _arm(rows: QuerySet, path: str, shown: F, locality: F | None) -> QuerySet:
    """Return the columns of a union: the match, its municipality reached through the path, and the successor."""
    nothing = Cast(Value(None), FloatField())
    return rows.order_by().values(
        shown=shown,
        locality_id=Cast(locality or Value(None), BigIntegerField()),
        own_latitude=F("latitude") if locality else nothing,
        own_longitude=F("longitude") if locality else nothing,
        home_id=F(f"{path}id") if path else F("pk"),
        home_name=F(f"{path}name"),
        home_latitude=F(f"{path}latitude"),
        home_longitude=F(f"{path}longitude"),
        home_district=F(f"{path}district_id"),
        home_until=F(f"{path}last_day"),
        next_id=F(f"{path}successor_id"),
        next_name=F(f"{path}successor__name"),
        next_latitude=F(f"{path}successor__latitude"),
        next_longitude=F(f"{path}successor__longitude"),
    )


def _place(row: dict[str, Any], day: date) -> Place:
    """Return the place of a row; a municipality that has ended hands over to its successor."""
    ended = row["home_until"] is not None and row["home_until"] < day and row["next_id"] is not None
    heir = "next" if ended else "home"
    own = _point(row["own_latitude"], row["own_longitude"])
    name = row[f"{heir}_name"] if ended and row["locality_id"] is None else row["shown"]
    return Place(
        name=name,
        municipality=row[f"{heir}_id"],
        municipality_name=row[f"{heir}_name"],
        district=row["home_district"],
        point=own or _point(row[f"{heir}_latitude"], row[f"{heir}_longitude"]),
        point_is_of_municipality=row["locality_id"] is not None and own is None,
        locality=row["locality_id"],
        former_name=row["home_name"] if ended and row["home_name"] != row["next_name"] else "",
        former_until=row["home_until"] if ended else None,
    )


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else Point(latitude, longitude)


def _distinct(places: Iterable[Place]) -> list[Place]:
    """Return one place a municipality and locality; a municipality stands for its locality of the same name."""
    found: dict[tuple[int, int | None], Place] = {}
    for place in sorted(places, key=lambda place: (place.former_until is not None, place.locality is not None)):
        whole = found.get((place.municipality, None))
        if whole is None or place.locality is not None and fold(place.name) != fold(whole.name):
            found.setdefault((place.municipality, place.locality), place)
    return sorted(found.values(), key=lambda place: place.label)


def _suggestions(name: str, day: date) -> list[Place]:
    """Return the places whose names look most like it, best first."""
    names = Municipality.objects.order_by().values_list("search_name", flat=True)
    names = names.union(Locality.objects.order_by().values_list("search_name", flat=True))
    alike = process.extract(name, names, scorer=fuzz.ratio, limit=MOST_SUGGESTIONS, score_cutoff=LIKE_ENOUGH)
    best_first = [like for like, _, _ in alike]
    # Folded once more: a no-break space in a name stays in the database's form of it.
    ranks = {fold(like): rank for rank, like in enumerate(best_first)}
    rows = sorted(_rows_named(best_first), key=lambda row: ranks[fold(row["shown"])])
    by_name = groupby(rows, key=lambda row: fold(row["shown"]))
    return [place for _, group in by_name for place in _distinct(_place(row, day) for row in group)]
