"""How does the whole database become one file, and the file the same database again?

A zip archive: `manifest.json` and, for each model, a file with one JSON object a line (Django's "jsonl"), ordered by key.
Described in docs/data.md.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.base import DeserializationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils import timezone

FORMAT: Final = "beratungslandschaft"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
CHUNK: Final = 1_000
# What `migrate` makes again, and what only this machine or this hour needs.
LEFT_OUT: Final = frozenset(
    {
        "admin",
        "axes",
        "contenttypes",
        "django_tasks",
        "django_tasks_db",
        "django_tasks_database",
        "sessions",
        "mozilla_django_oidc",
    }
)
MODELS_LEFT_OUT: Final = frozenset(
    {"auth.permission", "locations.importchunk", "locations.publicversion", "locations.requestcount"}
)
# `migrate` may put these there; in a database that has nothing else the archive's own take their place.
READY_MADE: Final = frozenset({"auth.group"})
LONGEST_LINE: Final = 50_000_000


class ArchiveError(ValueError):
    """The archive cannot be read, or the database cannot take it; the message is a German sentence."""


@dataclass(frozen=True)
class Part:
    """A model's file in the archive: how many rows, and their checksum."""

    model: str
    file: str
    rows: int
    sha256: str


class _Encoder(DjangoJSONEncoder):
    """JSON with moments to the microsecond; Django's own cuts them."""

    def default(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime | date | time) else super().default(value)


class _Measured(io.RawIOBase):
    """Writes on, and remembers how much and what."""

    def __init__(self, target: BinaryIO | None) -> None:
        self.target, self.digest, self.lines = target, hashlib.sha256(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        content = bytes(data)
        self.digest.update(content)
        self.lines += content.count(b"\n")
        if self.target is not None:
            self.target.write(content)
        return len(content)


def models_kept() -> list[type[Model]]:
    """Return the models whose rows the archive holds, those others refer to first."""
    kept = [
        model
        for config in apps.get_app_configs()
        if config.label not in LEFT_OUT
        for model in config.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in MODELS_LEFT_OUT
    ]
    return sorted(kept, key=lambda model: _depth(model, frozenset()))


def _depth(model: type[Model], seen: frozenset[type[Model]]) -> int:
    """Return how long the longest chain of references from the model is; a circle counts once."""
    targets = {field.related_model for field in [*model._meta.fields, *model._meta.many_to_many] if field.remote_field}
    further = [_depth(target, seen | {model}) for target in targets - seen - {model, None}]
    return 1 + max(further, default=0)


# Writing


def export_archive(target: BinaryIO) -> list[Part]:
    """Write the archive and return its parts. One transaction, so that all rows are of the same moment."""
    with transaction.atomic(), ZipFile(target, "w", ZIP_DEFLATED) as archive:
        _see_one_moment()
        parts = [_write(archive, model) for model in models_kept()]
        archive.writestr(_entry(MANIFEST), json.dumps(_manifest(parts), ensure_ascii=False, indent=1))
    return parts


def _see_one_moment() -> None:
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _manifest(parts: list[Part]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": timezone.now().isoformat(),
        "migrations": _migrations(),
        "parts": [asdict(part) for part in parts],
    }


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same rows give the same bytes
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    return entry


def _write(archive: ZipFile, model: type[Model]) -> Part:
    name = _file_of(model)
    with archive.open(_entry(name), "w", force_zip64=True) as target:
        return _part(model, _measure(model, target))


def _measure(model: type[Model], target: Any) -> _Measured:
    measured = _Measured(target)
    stream = io.TextIOWrapper(io.BufferedWriter(measured, 1 << 16), encoding="utf-8", newline="")
    linked = [field.name for field in model._meta.many_to_many if _is_plain(field)]
    rows = model._base_manager.order_by(model._meta.pk.name).prefetch_related(*linked).iterator(chunk_size=CHUNK)
    serializers.serialize("jsonl", rows, stream=stream, cls=_Encoder, use_natural_foreign_keys=_needs_names(model))
    stream.flush()
    return measured


def _part(model: type[Model], measured: _Measured) -> Part:
    return Part(model._meta.label_lower, _file_of(model), measured.lines, measured.digest.hexdigest())


def _file_of(model: type[Model]) -> str:
    return f"{model._meta.label_lower}.jsonl"


def _is_plain(field: Any) -> bool:
    return field.remote_field.through._meta.auto_created


def _needs_names(model: type[Model]) -> bool:
    """Return whether rows refer to what has other keys in every database: permissions and kinds of content."""
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return any(field.related_model in (Permission, ContentType) for field in fields if field.remote_field)


def _migrations() -> dict[str, str]:
    """Return the last migration of each app, by which an archive says which tables it fits."""
    latest: dict[str, str] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        latest[app] = name
    return {app: name for app, name in latest.items() if app not in LEFT_OUT}


# Reading


def import_archive(source: BinaryIO) -> list[Part]:
    """Fill the empty database from the archive and return what was written, [] where it has all of it already.

    ArchiveError: nothing was written.
    """
    try:
        with ZipFile(source) as archive:
            parts = _checked_parts(archive)
            with transaction.atomic():
                return _fill(archive, parts)
    except (BadZipFile, EOFError) as error:
        raise ArchiveError("Die Datei ist kein vollständiges Archiv.") from error
    except (DatabaseError, DeserializationError, ValueError) as error:
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError(f"Das Archiv passt nicht zusammen: {error}") from error


def _checked_parts(archive: ZipFile) -> list[Part]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
        parts = [Part(**part) for part in manifest["parts"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError("Im Archiv fehlt ein lesbares Inhaltsverzeichnis (manifest.json).") from error
    if (manifest.get("format"), manifest.get("version")) != (FORMAT, VERSION):
        raise ArchiveError(f"Erwartet wird ein Archiv „{FORMAT}“ der Fassung {VERSION}.")
    if other := _other_tables(manifest.get("migrations", {})):
        raise ArchiveError(f"Das Archiv ist von einer anderen Fassung des Programms: {', '.join(other)}.")
    expected = {model._meta.label_lower for model in models_kept()}
    if {part.model for part in parts} != expected:
        raise ArchiveError("Im Archiv stehen andere Tabellen als in dieser Fassung des Programms.")
    for part in parts:
        _check_sum(archive, part)
    return parts


def _other_tables(migrations: dict[str, str]) -> list[str]:
    here = _migrations()
    return sorted(
        f"{app} {migrations.get(app, 'fehlt')} statt {here.get(app, 'nichts')}"
        for app in here.keys() | migrations.keys()
        if here.get(app) != migrations.get(app)
    )


def _check_sum(archive: ZipFile, part: Part) -> None:
    measured = _Measured(None)
    try:
        with archive.open(part.file) as content:
            while data := content.read(1 << 20):
                measured.write(data)
    except KeyError as error:
        raise ArchiveError(f"Im Archiv fehlt {part.file}.") from error
    if (measured.digest.hexdigest(), measured.lines) != (part.sha256, part.rows):
        raise ArchiveError(f"Die Prüfsumme von {part.file} stimmt nicht.")


def _fill(archive: ZipFile, parts: list[Part]) -> list[Part]:
    if all(_part(model, _measure(model, None)) in parts for model in models_kept()):
        return []
    _refuse_a_full_database()
    Group.objects.all().delete()
    for model in models_kept():
        part = next(one for one in parts if one.model == model._meta.label_lower)
        for row in _rows(archive, part):
            row.object.skip_history_when_saving = True  # its history comes from the archive
            row.save(force_insert=True)
    connection.check_constraints()
    _go_on_counting()
    _compare(parts)
    return parts


def _refuse_a_full_database() -> None:
    full = [
        model for model in models_kept() if model._meta.label_lower not in READY_MADE and model._base_manager.exists()
    ]
    if full:
        names = ", ".join(str(model._meta.verbose_name_plural) for model in full[:4])
        raise ArchiveError(f"Die Datenbank ist nicht leer ({names}). Ein Archiv kommt nur in eine leere.")


def _rows(archive: ZipFile, part: Part) -> Iterator[Any]:
    with archive.open(part.file) as content:
        yield from serializers.deserialize("jsonl", _lines(content))


def _lines(content: Any) -> Iterable[str]:
    while line := content.readline(LONGEST_LINE):
        yield line.decode("utf-8")


def _go_on_counting() -> None:
    """Let new keys begin behind those of the archive."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models_kept()):
            cursor.execute(statement)


def _compare(parts: list[Part]) -> None:
    """Raise ArchiveError unless every row came out as it went in."""
    for model in models_kept():
        if _part(model, _measure(model, None)) not in parts:
            raise ArchiveError(f"Nach dem Einlesen sind {model._meta.verbose_name_plural} anders als im Archiv.")
