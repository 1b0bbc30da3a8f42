"""Where does the district of Peine begin and end, and which houses are in it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from beratung.peine import files
from beratung.peine.files import without
from beratung.peine.keeper import Keeper
from beratung.peine.story import Story
from locations.models import (
    Closure,
    District,
    HelpLine,
    Institution,
    Locality,
    Municipality,
    Population,
    PostalCode,
    Room,
    SchoolHoliday,
    ServicePoint,
)


@dataclass(frozen=True, slots=True)
class Places:
    """The places of the example by the keys of the data files."""

    district: District
    municipalities: dict[str, Municipality]
    service_points: dict[str, ServicePoint]
    institutions: dict[str, Institution]
    rooms: dict[str, Room]


def keep_places(keeper: Keeper, story: Story) -> Places:
    """Return the places of the district, those missing made."""
    district, service_points = _keep_district(keeper)
    municipalities = _keep_municipalities(keeper, district)
    _keep_populations(keeper, municipalities)
    localities = _keep_localities(keeper, municipalities)
    _keep_postal_codes(keeper, municipalities, localities)
    institutions = _keep_institutions(keeper, story, municipalities, localities)
    rooms = _keep_rooms(keeper, institutions)
    _keep_closures(keeper, story, district, institutions)
    keep_school_holidays(keeper)
    return Places(district, municipalities, service_points, institutions, rooms)


def keep_school_holidays(keeper: Keeper) -> None:
    """Make the school holidays of the state."""
    rows = {f"{row['federal_state']}/{row['first_day']}": row for row in files.general_rows("school_holidays")}
    keeper.keep(SchoolHoliday, rows, natural=("federal_state", "first_day"))


def _keep_district(keeper: Keeper) -> tuple[District, dict[str, ServicePoint]]:
    content = files.real("district")
    values = content["district"]
    district = keeper.keep(District, {values["key"]: values}, natural=("key",))[values["key"]]
    lines = {
        line["name"]: {"district": district, "position": position, **line}
        for position, line in enumerate(content["help_lines"], start=1)
    }
    keeper.keep(HelpLine, lines, natural=("district", "name"))
    points = {row["key"]: {"district": district, **without(row, "key")} for row in content["service_points"]}
    return district, keeper.keep(ServicePoint, points)


def _keep_municipalities(keeper: Keeper, district: District) -> dict[str, Municipality]:
    rows = files.real_rows("municipalities")
    # A successor has to be there before the municipalities that became it.
    kept = _keep_some_municipalities(keeper, district, [row for row in rows if not row["successor_ags"]], {})
    return kept | _keep_some_municipalities(keeper, district, [row for row in rows if row["successor_ags"]], kept)


def _keep_some_municipalities(
    keeper: Keeper, district: District, rows: list[files.Table], successors: dict[str, Municipality]
) -> dict[str, Municipality]:
    values = {
        row["ags"]: {
            "district": district,
            "successor": successors.get(row["successor_ags"]),
            **without(row, "successor_ags", "source"),
        }
        for row in rows
    }
    return keeper.keep(Municipality, values, natural=("ags",))


def _keep_populations(keeper: Keeper, municipalities: dict[str, Municipality]) -> None:
    values = {
        f"{row['ags']}/{row['on']}": {"municipality": municipalities[row["ags"]], **without(row, "ags")}
        for row in files.real_rows("populations")
    }
    keeper.keep(Population, values, natural=("municipality", "on"))


def _keep_localities(keeper: Keeper, municipalities: dict[str, Municipality]) -> dict[str, Locality]:
    values = {
        f"{row['ags']}/{row['slug']}": {
            "municipality": municipalities[row["ags"]],
            "name": row["name"],
            "slug": row["slug"],
            "latitude": row["latitude"],
            "longitude": row["longitude"],
            "note": _former(municipalities, row["former_ags"]),
        }
        for row in files.real_rows("localities")
    }
    return keeper.keep(Locality, values, natural=("municipality", "slug"))


def _former(municipalities: dict[str, Municipality], ags: str | None) -> str:
    if ags is None:
        return ""
    former = municipalities[ags]
    return f"Bis 31.12.2014 in der Gemeinde {former.name} ({ags})."


def _keep_postal_codes(
    keeper: Keeper, municipalities: dict[str, Municipality], localities: dict[str, Locality]
) -> None:
    linked: dict[tuple[str, str], list[Locality]] = {}
    for row in files.real_rows("localities"):
        for code in (row["postal_codes"] or "").split():
            linked.setdefault((code, row["ags"]), []).append(localities[f"{row['ags']}/{row['slug']}"])
    values = {f"{code}/{ags}": {"code": code, "municipality": municipalities[ags]} for code, ags in linked}
    rows = keeper.keep(PostalCode, values, natural=("code", "municipality"))
    keeper.link(
        PostalCode._meta.get_field("localities"),
        rows,
        {f"{code}/{ags}": found for (code, ags), found in linked.items()},
    )


def _keep_institutions(
    keeper: Keeper, story: Story, municipalities: dict[str, Municipality], localities: dict[str, Locality]
) -> dict[str, Institution]:
    values = {
        slug: {
            **without(row, "ags"),
            "slug": slug,
            "municipality": municipalities[row["ags"]],
            "locality": localities[row["locality"]] if "locality" in row else None,
            "accessibility_checked_on": story.day_of(row.get("accessibility_checked_on")),
        }
        for slug, row in files.example("institutions").items()
    }
    return keeper.keep(Institution, values, natural=("slug",))


def _keep_rooms(keeper: Keeper, institutions: dict[str, Institution]) -> dict[str, Room]:
    values = {
        key: {"institution": institutions[key.partition("/")[0]], **row} for key, row in files.example("rooms").items()
    }
    return keeper.keep(Room, values, natural=("institution", "name"))


def _keep_closures(keeper: Keeper, story: Story, district: District, institutions: dict[str, Institution]) -> None:
    keeper.keep(
        Closure,
        {key: _closure(story, district, institutions, row) for key, row in files.example("closures").items()},
    )


def _closure(
    story: Story, district: District, institutions: dict[str, Institution], row: files.Table
) -> dict[str, Any]:
    return {
        "district": district,
        "institution": institutions[row["institution"]] if "institution" in row else None,
        "first_day": story.day_of(row["first_day"]),
        "last_day": story.day_of(row["last_day"]),
        "reason": row["reason"],
    }
