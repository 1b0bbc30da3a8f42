"""In which municipality does a house of a list lie, by key, postal code, name or place?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from locations.cells import Fields
from locations.geo import Point, distance_km
from locations.imports.running import Options
from locations.models import Locality, Municipality, PostalCode
from locations.place_names import fold

# Berlin, the widest, reaches 28 km from its centre.
FARTHEST_KM = 30
WITHIN_KM = 15  # of several municipalities with the same postal code, the house lies in one whose centre is near


@dataclass
class MunicipalityFinder:
    """The municipalities in scope that exist today. `hint` says how the last one was found, "" where there is no doubt."""

    municipalities: list[Municipality]
    by_ags: dict[str, Municipality]
    by_name: dict[str, list[Municipality]]
    by_code: dict[str, list[Municipality]]
    localities: dict[str, list[Locality]]
    hint: str = ""

    @classmethod
    def load(cls, options: Options) -> MunicipalityFinder:
        """Return the finder for the districts in scope. Three queries."""
        rows = Municipality.objects.existing(options.today).filter(district__in=options.in_scope).defer("boundary")
        rows = {row.pk: row for row in rows}
        codes: dict[str, list[Municipality]] = defaultdict(list)
        for code, key in PostalCode.objects.filter(municipality__in=list(rows)).values_list("code", "municipality"):
            codes[code].append(rows[key])
        return cls(
            municipalities=list(rows.values()),
            by_ags={row.ags: row for row in rows.values()},
            by_name=_by_name(rows.values()),
            by_code=codes,
            localities=_by_name(Locality.objects.filter(municipality__in=list(rows))),
        )

    def municipality(self, fields: Fields, name: str, point: Point | None) -> Municipality | None:
        """Return the municipality, None with a problem at the cell that does not lead to one."""
        self.hint = ""
        ags = fields.digits("ags", 8)
        if ags:
            return self._by_key(fields, ags)
        candidates = self._named(fields)
        if candidates is None:
            code = fields.digits("postal_code", 5)
            candidates = self.by_code.get(code, []) if code else self._without_address()
        if not candidates:
            _refuse(fields)
            return None
        return self._one_of(candidates, fields, name, point)

    def _by_key(self, fields: Fields, ags: str) -> Municipality | None:
        if ags not in self.by_ags:
            fields.refuse(
                "ags", "Eine Gemeinde mit diesem Schlüssel gibt es hier nicht, oder sie ist nicht in Ihrem Landkreis."
            )
        return self.by_ags.get(ags)

    def _named(self, fields: Fields) -> list[Municipality] | None:
        """Return who has the municipality's or locality's name, within the postal code if that helps; None without a name."""
        for key in ("municipality", "locality"):
            name = fold(fields.text_of(key).partition(",")[0])
            if not name:
                continue
            towns = self.by_name.get(name) or self._towns_of(name)
            if towns or key == "municipality":
                with_code = [town for town in towns if town in self.by_code.get(fields.text_of("postal_code"), [])]
                return with_code or towns
        return None

    def _towns_of(self, locality: str) -> list[Municipality]:
        found = {row.municipality_id for row in self.localities.get(locality, [])}
        return [town for town in self.municipalities if town.pk in found]

    def _without_address(self) -> list[Municipality]:
        """Return the only municipality there is: a list of Berlin need not say where Berlin lies."""
        return self.municipalities if len(self.municipalities) == 1 else []

    def _one_of(
        self, candidates: list[Municipality], fields: Fields, name: str, point: Point | None
    ) -> Municipality | None:
        if len(candidates) == 1:
            return candidates[0]
        words = f" {fold(name)} "
        named = [town for town in candidates if f" {fold(town.name)} " in words]
        if len(named) == 1:
            return named[0]
        nearest = self._nearest(candidates, point)
        if nearest is not None:
            others = ", ".join(town.name for town in candidates if town != nearest)[:120]
            self.hint = f"Nach der Lage der Gemeinde {nearest.name} zugeordnet; möglich wären auch: {others}."
            return nearest
        names = ", ".join(town.name for town in candidates)[:160]
        fields.refuse("postal_code", f"Das passt auf mehrere Gemeinden: {names}. Bitte AGS oder Gemeinde angeben.")
        return None

    def _nearest(self, candidates: list[Municipality], point: Point | None) -> Municipality | None:
        if point is None:
            return None
        distances = [(distance_km(point, town.point), place) for place, town in enumerate(candidates) if town.point]
        distance, place = min(distances, default=(FARTHEST_KM, 0))
        return candidates[place] if distance <= WITHIN_KM else None

    def cannot_lie_in(self, town: Municipality, point: Point) -> str:
        """Return why the house cannot lie at the point, "" where it can or the town's own place is not known."""
        distance = distance_km(point, town.point) if town.point else 0
        return f"Die Koordinaten liegen {distance:.0f} km von {town.name} entfernt." if distance > FARTHEST_KM else ""

    def locality(self, fields: Fields, town: Municipality) -> Locality | None:
        """Return the locality of the town that the row names, None where it names none that is known."""
        named = self.localities.get(fold(fields.text_of("locality")), [])
        return next((row for row in named if row.municipality_id == town.pk), None)


def _by_name(rows: Iterable) -> dict[str, list]:
    found: dict[str, list] = defaultdict(list)
    for row in rows:
        found[fold(row.name)].append(row)
    return found


def _refuse(fields: Fields) -> None:
    for key in ("municipality", "postal_code", "locality"):
        if fields.has(key):
            fields.refuse(key, "Dazu ist hier keine Gemeinde bekannt. Bitte AGS oder Gemeinde angeben.")
            return
    fields.refuse("municipality", "Es fehlt, wo das ist: AGS, Gemeinde oder Postleitzahl.")
