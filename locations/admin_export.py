"""How does a list of the administration leave it, filtered as it stands, as CSV or as a workbook?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import slugify

from locations.csv_tables import csv_lines
from locations.place_names import fold
from locations.tables import Column, Kind, Value

CHUNK = 1_000
ENDINGS = {"csv": "CSV", "xlsx": "Excel"}
KINDS = {models.DateField: Kind.DATE, models.DecimalField: Kind.DECIMAL, models.IntegerField: Kind.NUMBER}
NOT_A_COLUMN = models.BinaryField | models.GeneratedField
IN_THE_ARCHIVE = "(nur im Archiv)"  # an outline has no place in a cell


@dataclass(frozen=True)
class Exported:
    """A column with how its value is read from a row."""

    column: Column
    read: Callable[[Any], Value]


class ExportedList(admin.ModelAdmin):
    """A list with links to take it along: what filters, search and district leave over, in its order."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/<str:ending>/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list with links to its export."""
        address = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
        given = request.GET.copy()
        for name in ("p", "e", "all"):
            given.pop(name, None)
        query = f"?{given.urlencode()}" if given else ""
        links = [(label, reverse(address, args=[ending]) + query) for ending, label in ENDINGS.items()]
        return super().changelist_view(request, {"export_links": links} | (extra_context or {}))

    def export(self, request: HttpRequest, ending: str) -> HttpResponseBase:
        """Give the list as a file."""
        if ending not in ENDINGS or not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        columns = list(exported_columns(self, request))
        rows = exported_rows(found.queryset, columns)
        name = f"{slugify(fold(str(self.opts.verbose_name_plural)))}-{timezone.localdate():%Y-%m-%d}.{ending}"
        return _response([one.column for one in columns], rows, ending, name, str(self.opts.verbose_name_plural))


def _response(
    columns: list[Column], rows: Iterator[tuple[Value, ...]], ending: str, name: str, title: str
) -> HttpResponseBase:
    if ending == "csv":
        content = csv_lines(columns, rows)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
    from locations.workbooks import write_workbook  # only who asks for one pays for openpyxl

    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    write_workbook(columns, rows, file, name=title)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name)


def exported_columns(model_admin: admin.ModelAdmin, request: HttpRequest) -> Iterator[Exported]:
    """Yield every field of the model as it is called in forms, then what only the list reckons."""
    fields = [field for field in model_admin.opts.fields if not isinstance(field, NOT_A_COLUMN)]
    for field in fields:
        yield Exported(Column(_title(field), _kind(field), 20), _reader(field))
    for field in model_admin.opts.many_to_many:
        yield Exported(Column(_title(field), width=30), _linked(field.name))
    known = {field.name for field in fields} | {"action_checkbox", "__str__"}
    for name in model_admin.get_list_display(request):
        if name not in known:
            title = str(label_for_field(name, model_admin.model, model_admin))
            yield Exported(Column(title[:1].upper() + title[1:], width=20), _reckoned(name, model_admin))


def exported_rows(queryset: models.QuerySet, columns: list[Exported]) -> Iterator[tuple[Value, ...]]:
    """Yield the values of each row; the queries grow with chunks, not with rows."""
    model = queryset.model
    linked = [field.name for field in model._meta.many_to_many]
    rows = queryset.select_related(*_references(model)).prefetch_related(*linked)
    for row in rows.iterator(chunk_size=CHUNK):
        yield tuple(one.read(row) for one in columns)


def _references(model: type[models.Model]) -> list[str]:
    """Return what a row refers to and what is needed to name that: two steps."""
    steps = {field.name: field.related_model for field in model._meta.fields if field.is_relation}
    further = [
        f"{name}__{field.name}" for name, other in steps.items() for field in other._meta.fields if field.is_relation
    ]
    return [*steps, *further]


def _title(field: Any) -> str:
    name = str(field.verbose_name)
    return "Nr." if field.primary_key else name[:1].upper() + name[1:]


def _kind(field: models.Field) -> Kind:
    if field.flatchoices or field.is_relation or isinstance(field, models.DateTimeField):
        return Kind.TEXT
    return next((kind for base, kind in KINDS.items() if isinstance(field, base)), Kind.TEXT)


def _reader(field: Any) -> Callable[[Any], Value]:
    if field.is_relation:
        return lambda row: None if getattr(row, field.attname) is None else str(getattr(row, field.name))
    if field.flatchoices:
        labels = dict(field.flatchoices)
        return lambda row: str(labels.get(getattr(row, field.name), getattr(row, field.name)))
    return lambda row: _value(getattr(row, field.name))


def _linked(name: str) -> Callable[[Any], Value]:
    return lambda row: ", ".join(sorted(str(other) for other in getattr(row, name).all()))


def _reckoned(name: str, model_admin: admin.ModelAdmin) -> Callable[[Any], Value]:
    def read(row: Any) -> Value:
        try:
            value = lookup_field(name, row, model_admin)[2]
        except ObjectDoesNotExist:
            return None
        return strip_tags(str(value)) if isinstance(value, str) else _value(value)

    return read


def _value(value: Any) -> Value:
    """Return the value as a sheet can hold it: None where it is not known, "" where there is none."""
    if value is None or isinstance(value, str | Decimal):
        return value
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d.%m.%Y %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, int | date):
        return value
    return _rest(value)


def _rest(value: Any) -> Value:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return IN_THE_ARCHIVE if isinstance(value, dict) else str(value)
