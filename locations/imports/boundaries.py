"""Which outline does each municipality have? GeoJSON with a key (AGS) at each shape."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, BinaryIO

from locations.cells import Problem
from locations.imports.reports import Difference, Entry, Report
from locations.imports.running import ImportKind, Options, UnreadableFileError
from locations.imports.writing import Batch
from locations.models import Municipality
from locations.outlines import Outline, OutlineError, outline

MOST_BYTES = 20_000_000
MOST_BRACKETS = 2_000_000  # each becomes an object in memory
KEYS = (
    "ags",
    "AGS",
    "Ags",
    "ags8",
    "AGS_0",
    "gemeindeschluessel",
    "GEMEINDESCHLUESSEL",
    "de:amtlicher_gemeindeschluessel",
)
REGIONAL_KEYS = ("ars", "ARS", "RS", "rs", "ARS_0", "regionalschluessel")
NAMES = ("name", "GEN", "gen", "NAME", "Name")
WGS_84 = ("CRS84", "EPSG::4326", "EPSG:4326")
TITLES = ("AGS", "Name", "Art der Form")


class BoundaryImport(ImportKind):
    """Sets outlines of municipalities that exist already; an unknown key is rejected."""

    key = "grenzen"
    label = "Grenzen der Gemeinden"
    hint = "GeoJSON in WGS 84 (Länge, Breite) mit einer Eigenschaft „ags“ an jeder Form."
    model = Municipality
    needs_adding = False

    def read(self, file: BinaryIO, report: Report) -> Iterator[Any]:
        report.titles = TITLES
        return _features(file)

    def compare(self, rows: list[Any], options: Options, report: Report) -> Batch:
        batch = Batch()
        stored = {row.ags: row for row in Municipality.objects.filter(district__in=options.in_scope)}
        shapes: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        for number, feature in enumerate(rows, start=1):
            ags = _ags(feature)
            if options.district and ags and ags[:5] != options.district.key:
                report.skipped += 1
            elif ags not in stored:
                _reject(report, number, feature, "AGS", ags, _unknown(ags))
            else:
                shapes[ags].append((number, feature))
        for ags, parts in shapes.items():
            _compare(stored[ags], parts, report, batch)
        return batch


def _unknown(ags: str) -> str:
    if not ags:
        return "Der Form fehlt der Gemeindeschlüssel (Eigenschaft „ags“)."
    return "Eine Gemeinde mit diesem Schlüssel gibt es hier nicht, oder sie ist nicht in Ihrem Landkreis."


def _reject(report: Report, number: int, feature: dict[str, Any], column: str, value: str, reason: str) -> None:
    properties = feature.get("properties") or {}
    name = next((str(properties[key]) for key in NAMES if properties.get(key)), "")
    kind = str((feature.get("geometry") or {}).get("type", ""))
    report.reject_written(number, (_ags(feature), name, kind), [Problem(number, column, value, reason)])


def _features(file: BinaryIO) -> Iterator[dict[str, Any]]:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES or content.count(b"[") > MOST_BRACKETS:
        raise UnreadableFileError(
            f"Die Datei ist größer als {MOST_BYTES // 1_000_000} MB oder hat mehr als {MOST_BRACKETS} Punkte. "
            "Bitte eine vereinfachte Fassung der Grenzen verwenden."
        )
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnreadableFileError("Die Datei ist kein lesbares GeoJSON, oder sie ist abgeschnitten.") from error
    del content
    _check_document(document)
    for feature in document["features"]:
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            raise UnreadableFileError("In der Datei steht etwas, das keine Form ist (Feature).")
        yield feature


def _check_document(document: Any) -> None:
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise UnreadableFileError("Erwartet wird eine GeoJSON-Sammlung (FeatureCollection).")
    crs = json.dumps(document.get("crs"))
    if document.get("crs") and not any(name in crs for name in WGS_84):
        raise UnreadableFileError("Die Koordinaten sind nicht in WGS 84. Bitte mit EPSG:4326 ausgeben.")


def _ags(feature: dict[str, Any]) -> str:
    """Return the key of eight digits, taken from the regional key of twelve where need be; "" without one."""
    properties = feature.get("properties") or {}
    for key in KEYS:
        if properties.get(key):
            return str(properties[key]).strip().zfill(8)
    for key in REGIONAL_KEYS:
        text = str(properties.get(key) or "").strip().zfill(12)
        if text.strip("0"):
            return text[:5] + text[9:]
    return ""


def _compare(row: Municipality, parts: list[tuple[int, dict[str, Any]]], report: Report, batch: Batch) -> None:
    number, first = parts[0]
    try:
        shape = outline([feature.get("geometry") for _, feature in parts], row.point)
    except OutlineError as error:
        _reject(report, number, first, "Form", f"{row.ags} {row.name}", str(error))
        return
    if shape.note:
        report.notes.append(Problem(number, "Form", f"{row.ags} {row.name}", shape.note))
    differences = () if row.boundary == shape.geometry else (Difference("Grenze", _told(row.boundary), _points(shape)),)
    entry = Entry(number, f"{row.ags} {row.name}", differences)
    if report.take(entry, is_new=False):
        row.boundary = shape.geometry
        batch.change(row, ["boundary"])


def _told(boundary: Any) -> str:
    return "nicht bekannt" if boundary is None else "eine andere"


def _points(shape: Outline) -> str:
    return f"{shape.points} Punkte"
