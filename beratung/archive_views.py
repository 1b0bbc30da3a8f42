"""How does the whole database leave the administration as one file?"""

from __future__ import annotations

from tempfile import TemporaryFile

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from beratung.backups.folder import name_at
from beratung.backups.writing import write_backup


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest) -> HttpResponse | FileResponse:
    """Explain the archive, or give it to a superuser."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if request.method != "POST":
        context = admin.site.each_context(request) | {"title": "Archiv der ganzen Datenbank"}
        return TemplateResponse(request, "admin/imports/archive.html", context)
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    write_backup(file)
    file.seek(0)
    name = name_at(timezone.now())
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
