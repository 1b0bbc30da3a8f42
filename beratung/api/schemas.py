"""How are the answers described in OpenAPI? What each must have; the standards' own schemas say the rest."""

from __future__ import annotations

from typing import Any, Final

Described = dict[str, Any]
UUID_TEXT: Final = {"type": "string", "format": "uuid"}
TEXT: Final = {"type": "string"}
OFFICIAL: Final = "https://docs.openreferral.org/en/v3.0.0/hsds/schema_reference.html"


def thing(required: dict[str, Described], description: str = "") -> Described:
    """Return the schema of an object: what it must have."""
    described = {"type": "object", "required": list(required), "properties": required}
    return described | ({"description": description} if description else {})


def _hsds(kind: str, **required: Described) -> Described:
    described = thing({"id": UUID_TEXT, **required}, f"Wie „{kind}“ in HSDS 3.0.")
    return described | {"externalDocs": {"url": f"{OFFICIAL}#{kind}"}}


HSDS: Final = {
    "about": thing({"version": TEXT, "profile": TEXT, "openapi_url": TEXT}),
    "service": _hsds("service", name=TEXT, status=TEXT),
    "service_at_location": _hsds("service_at_location"),
    "organization": _hsds("organization", name=TEXT, description=TEXT),
    "taxonomy": _hsds("taxonomy", name=TEXT, description=TEXT),
    "taxonomy_term": _hsds("taxonomy_term", name=TEXT, description=TEXT),
}
WHOLE: Final = {"type": "integer", "minimum": 0}
YES_OR_NO: Final = {"type": "boolean"}


def page_of(name: str) -> Described:
    """Return the schema of a page of such things; those of a minimal list have their id alone."""
    entry = {"type": "object", "required": ["id"], "properties": {"id": UUID_TEXT}} if name == "service" else HSDS[name]
    return thing(
        {
            "total_items": WHOLE,
            "total_pages": WHOLE,
            "page_number": WHOLE,
            "size": WHOLE,
            "first_page": YES_OR_NO,
            "last_page": YES_OR_NO,
            "empty": YES_OR_NO,
            "contents": {"type": "array", "items": entry},
        }
    )


def collection(geometry: tuple[str, ...], required: dict[str, Described]) -> Described:
    """Return the schema of a GeoJSON feature collection (RFC 7946)."""
    feature = thing(
        {
            "type": {"const": "Feature"},
            "id": UUID_TEXT,
            "geometry": {"anyOf": [{"type": "null"}, thing({"type": {"enum": list(geometry)}})]},
            "properties": thing(required),
        }
    )
    return thing({"type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": feature}})


ADDRESS: Final = {"type": "string", "format": "uri"}


def oparl(*required: str) -> Described:
    """Return the schema of an OParl object: its ids are addresses."""
    return thing({"id": ADDRESS, "type": ADDRESS} | {name: {} for name in required})


OPARL_LIST: Final = thing(
    {
        "data": {"type": "array", "items": oparl()},
        "pagination": {"type": "object"},
        "links": {"type": "object"},
    }
)
