"""Which file does somebody attach to the committee's papers, and has it changed since?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from beratung.report import NotReadableDayError, Report, report
from beratung.report_pdf import as_pdf
from beratung.report_tables import COVERAGE
from locations.csv_tables import as_csv
from locations.models import District


def workbook(found: Report) -> bytes:
    """Return the report as a workbook, one sheet a table."""
    from locations.workbooks import as_workbook  # only who asks for one pays for openpyxl

    return as_workbook((found.overview, *found.tables), title=found.title, author=found.district, day=found.day)


def coverage_csv(found: Report) -> bytes:
    """Return the coverage of the municipalities as CSV."""
    return as_csv(found.table(COVERAGE))


class Format(NamedTuple):
    """How the report becomes a file."""

    write: Callable[[Report], bytes]
    content_type: str
    disposition: str


FORMATS: Final = {
    "pdf": Format(as_pdf, "application/pdf", "inline"),
    "xlsx": Format(workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
    "csv": Format(coverage_csv, "text/csv; charset=utf-8", "attachment"),
}


@require_safe
def download(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Answer with the report of the day asked for, or 304 where the reader has these very bytes."""
    try:
        found = report(slug, request.GET.get("stichtag", ""), timezone.localdate())
    except District.DoesNotExist as error:
        raise Http404("Diesen Landkreis gibt es hier nicht.") from error
    except NotReadableDayError as error:
        return render(
            request, "beratung/bad_day.html", {"error": str(error), "slug": slug, "nav": "committee"}, status=400
        )
    how = FORMATS[ending]
    body = how.write(found)
    response = HttpResponse(body, content_type=how.content_type)
    response["Content-Disposition"] = f'{how.disposition}; filename="{filename(found, ending)}"'
    response["ETag"] = etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    patch_cache_control(response, public=True, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response


def filename(found: Report, ending: str) -> str:
    """Return "bericht-peine-2026-09-24.pdf"."""
    return f"bericht-{found.slug}-{found.day.isoformat()}.{ending}"
