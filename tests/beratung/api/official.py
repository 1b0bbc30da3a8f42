"""What do HSDS 3.0's own files say? Its schemas, as its tests compile them: nested, and nothing beside their properties.

The files are not part of this repository: they lie in ../shared/hsds/3.0, or where HSDS_SCHEMAS says.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from beratung.settings import BASE_DIR

FOLDER = Path(os.environ.get("HSDS_SCHEMAS", BASE_DIR.parent / "shared" / "hsds" / "3.0"))
needs_official_files = pytest.mark.skipif(
    not (FOLDER / "schema" / "service.json").is_file(),
    reason="Die offiziellen HSDS-Schemas fehlen: ../shared/hsds/3.0 oder HSDS_SCHEMAS=/pfad.",
)
# What the compiled schemas have besides the single ones, as their examples show it.
NESTED = {"service_at_location": {"service": "service.json"}, "organization": {"services": "service.json"}}
# Going down, what leads back up is left out; deeper than the examples it never goes.
DEEPEST = 6


@cache
def single(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / "schema" / name).read_text())


@cache
def example(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / "examples" / f"{name}.json").read_text())


def compiled(name: str, *, is_list: bool = False) -> dict[str, Any]:
    """Return the schema with its parts in it; that of a list has only what there is one of."""
    schema = _resolved(f"{name}.json", 0, is_list)
    for key, file in NESTED.get(name, {}).items():
        part = _resolved(file, 1, is_list)
        if key == "services" and is_list:
            continue
        schema["properties"][key] = {"type": "array", "items": part} if key == "services" else part
    return schema


def _resolved(file: str, depth: int, is_list: bool) -> dict[str, Any]:
    schema = deepcopy(single(file))
    schema["additionalProperties"] = False
    schema["properties"] = {
        name: _part(part, depth, is_list)
        for name, part in schema["properties"].items()
        if not (is_list and part.get("type") == "array") and not (depth >= DEEPEST and _ref(part))
    }
    return schema


def _ref(part: dict[str, Any]) -> str:
    return part.get("$ref") or part.get("items", {}).get("$ref", "")


def _part(part: dict[str, Any], depth: int, is_list: bool) -> dict[str, Any]:
    if "$ref" in part:
        return _resolved(part["$ref"], depth + 1, is_list)
    if "$ref" in part.get("items", {}):
        return part | {"items": _resolved(part["items"]["$ref"], depth + 1, is_list)}
    return part


@cache
def _validator(name: str, is_list: bool) -> Draft202012Validator:
    return Draft202012Validator(compiled(name, is_list=is_list), format_checker=Draft202012Validator.FORMAT_CHECKER)


def complaints(name: str, value: Any, *, is_list: bool = False) -> list[str]:
    """Return what the official schema finds wrong with the value."""
    return [f"{error.json_path}: {error.message}"[:300] for error in _validator(name, is_list).iter_errors(value)]


def page_complaints(page: Any) -> list[str]:
    """Return what the official OpenAPI file finds wrong with a page."""
    schema = json.loads((FOLDER / "schema" / "openapi.json").read_text())["components"]["schemas"]["Page"]
    rest = {key: value for key, value in page.items() if key != "contents"}
    wanted = schema | {"additionalProperties": False, "required": list(schema["properties"])}
    return [error.message for error in Draft202012Validator(wanted).iter_errors(rest)]
