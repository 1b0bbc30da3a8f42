"""How do staff load a file: choose, look at what it would change, confirm, and get back what has to be mended?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beratung.imports import KINDS, kinds_for, may_import, runs_of
from beratung.imports_forms import UploadForm
from beratung.imports_tasks import start
from locations.imports.running import ImportKind
from locations.imports.runs import forget_files, rejected_file, rejected_of_run
from locations.models import ImportFinding, ImportRun

ROWS_PER_PAGE = 100
RUNS_SHOWN = 15
TO_MEND = "abgelehnt"  # asked for by the start page
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
HEADINGS = {
    ImportFinding.Outcome.REJECTED: "Abgelehnt",
    ImportFinding.Outcome.NOTE: "Hinweise",
    ImportFinding.Outcome.CHANGED: "Geändert",
    ImportFinding.Outcome.ADDED: "Neu",
    ImportFinding.Outcome.UNCHANGED: "Unverändert",
}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what can be imported and what was."""
    kinds = kinds_for(request.user)
    if not kinds:
        raise PermissionDenied
    runs = runs_of(request.user).select_related("district", "user")
    to_mend = request.GET.get("aufgabe") == TO_MEND
    shown = runs.to_mend() if to_mend else runs[:RUNS_SHOWN]
    return _page(request, "overview", "Importe", kinds=kinds, runs=shown, only_to_mend=to_mend)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form for one kind of file, or begin to read the file."""
    wanted = _kind(request, kind)
    form = UploadForm(request.POST or None, request.FILES or None, kind=wanted, user=request.user)
    if request.method == "POST" and form.is_valid():
        return _to(_begin(form))
    return _page(request, "upload", f"{wanted.label} laden", form=form, kind=wanted)


@require_safe
def run(request: HttpRequest, uuid: str) -> HttpResponse:
    """Show what a file would change or did change, a page of rows at a time."""
    row = _run(request, uuid)
    found = _tabs(row)
    chosen = request.GET.get("art") if request.GET.get("art") in dict(found) else next((key for key, _ in found), "")
    rows = row.findings.filter(outcome=chosen)
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("seite"))
    tabs = [(key, HEADINGS[ImportFinding.Outcome(key)], count) for key, count in found]
    interrupted = row.is_interrupted(timezone.now())
    given = {"run": row, "is_interrupted": interrupted, "tabs": tabs, "chosen": chosen}
    return _page(request, "run", str(row), **given, page_obj=page, rows=page.object_list)


@require_POST
def decide(request: HttpRequest, uuid: str) -> HttpResponse:
    """Take the file in, with or without its rejected rows, or let it go; check it again where that was interrupted."""
    row = _run(request, uuid)
    _kind(request, row.kind)
    if "again" in request.POST:
        return _check_again(request, row)
    action = next((name for name in ("confirm", "skip", "discard") if name in request.POST), "")
    # Of two clicks only one gets through.
    if not action or not _decided(row, action):
        messages.warning(request, "Darüber ist schon entschieden.")
        return _to(row)
    row.refresh_from_db()
    if action == "discard":
        row.finish(ImportRun.Status.DISCARDED)
        messages.success(request, "Verworfen. Nichts wurde gespeichert.")
        return HttpResponseRedirect(reverse("imports"))
    _take_in(row, skip_rejected=action == "skip")
    return _to(row)


@require_safe
def rejected(request: HttpRequest, uuid: str, ending: str) -> HttpResponse:
    """Give the rejected rows back as a file to mend."""
    row = _run(request, uuid)
    content = rejected_file(rejected_of_run(row), ending)
    name = f"abgelehnt-{row.kind}-{row.started_at:%Y-%m-%d}.{ending}"
    return HttpResponse(
        content,
        headers={"Content-Type": TYPES[ending], "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _begin(form: UploadForm) -> ImportRun:
    forget_files(day=timezone.localdate(), kept_days=settings.IMPORT_FILE_DAYS)
    row, file = form.new_run(), form.cleaned_data["file"]
    row.save()
    row.keep_file(file.chunks())
    start(row, size=file.size, dry_run=True)
    return row


def _take_in(row: ImportRun, *, skip_rejected: bool) -> None:
    row.options = row.options | {"skip_rejected": skip_rejected}
    row.save(update_fields=["options"])
    start(row, size=row.file_size, dry_run=False)


def _decided(row: ImportRun, action: str) -> int:
    """Return 1 if the run waited for the decision and it is taken now, else 0. One statement: nobody gets in between."""
    now = timezone.now()
    waiting = ImportRun.objects.filter(pk=row.pk, status=ImportRun.Status.CHECKED)
    if action != "discard":
        return waiting.update(status=ImportRun.Status.WRITING, alive_at=now)
    waiting |= ImportRun.objects.filter(pk=row.pk).interrupted(now)
    return waiting.update(status=ImportRun.Status.DISCARDED, finished_at=now)


def _check_again(request: HttpRequest, row: ImportRun) -> HttpResponse:
    """Begin anew what was interrupted: read, look, decide."""
    now = timezone.now()
    dead = ImportRun.objects.filter(pk=row.pk).interrupted(now)
    if dead.update(status=ImportRun.Status.CHECKING, rows_read=0, alive_at=now):
        row.refresh_from_db()
        start(row, size=row.file_size, dry_run=True)
    else:
        messages.warning(request, "Der Import läuft, oder über ihn ist schon entschieden.")
    return _to(row)


def _kind(request: HttpRequest, key: str) -> ImportKind:
    if key not in KINDS:
        raise Http404
    if not may_import(request.user, KINDS[key]):
        raise PermissionDenied
    return KINDS[key]


def _run(request: HttpRequest, uuid: str) -> ImportRun:
    return get_object_or_404(runs_of(request.user).select_related("district", "user"), uuid=uuid)


def _tabs(row: ImportRun) -> list[tuple[str, int]]:
    """Return how many lines there are of each outcome that occurs."""
    counted = row.findings.order_by().values("outcome").annotate(count=Count("pk"))
    counts = {one["outcome"]: one["count"] for one in counted}
    return [(key, counts[key]) for key in HEADINGS if key in counts]


def _to(row: ImportRun) -> HttpResponse:
    return HttpResponseRedirect(reverse("import_run", args=[row.uuid]))


def _page(request: HttpRequest, name: str, title: str, **given: Any) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": title} | given
    return TemplateResponse(request, f"admin/imports/{name}.html", context)
