"""Which place does somebody mean who types a name or a postal code?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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

    One query where the spelling is known up to umlauts and case; a second one only to suggest like names.
    """
    wanted = " ".join(text.split())[:LONGEST_NAME]
    name, hint = _split(wanted)
    places = _distinct(_place(row, day) for row in _rows(fold(name), name))
    if hint and len(places) > 1:
        places = [place for place in places if fold(place.municipality_name) == fold(hint)] or places
    if not places and wanted:
        return Answer(suggestions=tuple(_suggestions(fold(name), day)))
    return Answer(places=tuple(places))


def _split(wanted: str) -> tuple[str, str]:
    """Return what to look for, and the municipality named beside it."""
    if match := WITH_POSTAL_CODE.fullmatch(wanted):
        return match["name"], ""
    if match := WITH_MUNICIPALITY.fullmatch(wanted):
        return match["name"], match["municipality"]
    return wanted, ""


def _rows(name: str, wanted: str) -> list[dict[str, Any]]:
    """Return one row a match, all of the same columns; a postal code can be nothing else."""
    if POSTAL_CODE.fullmatch(wanted):
        arms = [_arm(PostalCode.objects.filter(code=wanted), "municipality__", F("code"), None)]
    else:
        arms = [
            _arm(Municipality.objects.filter(search_name=name), "", F("name"), None),
            _arm(Locality.objects.filter(search_name=name), "municipality__", F("name"), F("pk")),
        ]
    return list(arms[0].union(*arms[1:], all=True))


def _arm(rows: QuerySet, path: str, shown: F, locality: F | None) -> QuerySet:
    """Return the columns of a union: the match, its municipality reached through the path, and the successor."""
    nothing = Cast(Value(None), FloatField())
    return rows.order_by().values(
        shown=shown,
        locality_id=Cast(locality or Value(None), BigIntegerField()),
        own_latitude=F("latitude") if locality else nothing,
        own_longitude=F("longitude") if locality else nothing,
        municipality_id=F(f"{path}id") if path else F("pk"),
        municipality_name=F(f"{path}name"),
        municipality_latitude=F(f"{path}latitude"),
        municipality_longitude=F(f"{path}longitude"),
        in_district=F(f"{path}district_id"),
        until=F(f"{path}last_day"),
        next_id=F(f"{path}successor_id"),
        next_name=F(f"{path}successor__name"),
        next_latitude=F(f"{path}successor__latitude"),
        next_longitude=F(f"{path}successor__longitude"),
    )


def _place(row: dict[str, Any], day: date) -> Place:
    """Return the place of a row; a municipality that has ended hands over to its successor."""
    ended = row["until"] is not None and row["until"] < day and row["next_id"] is not None
    heir = "next" if ended else "municipality"
    own = _point(row["own_latitude"], row["own_longitude"])
    name = row[f"{heir}_name"] if ended and row["locality_id"] is None else row["shown"]
    return Place(
        name=name,
        municipality=row[f"{heir}_id"],
        municipality_name=row[f"{heir}_name"],
        district=row["in_district"],
        point=own or _point(row[f"{heir}_latitude"], row[f"{heir}_longitude"]),
        point_is_of_municipality=row["locality_id"] is not None and own is None,
        locality=row["locality_id"],
        former_name=row["municipality_name"] if ended and row["municipality_name"] != row["next_name"] else "",
        former_until=row["until"] if ended else None,
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
    names = Municipality.objects.values_list("search_name", flat=True).union(
        Locality.objects.values_list("search_name", flat=True)
    )
    alike = process.extract(name, names, scorer=fuzz.ratio, limit=MOST_SUGGESTIONS, score_cutoff=LIKE_ENOUGH)
    return [place for like, _, _ in alike for place in _distinct(_place(row, day) for row in _rows(like, like))]
