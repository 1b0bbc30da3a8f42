"""Whom does somebody tell who has found a hole? /.well-known/security.txt (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from locations.models import District

GOOD_FOR = timedelta(days=90)  # it is made anew whenever it is asked for


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Name the contact of the settings, else that of the only district; without either there is no such file."""
    contact = settings.SECURITY_CONTACT or _of_the_only_district()
    if not contact:
        raise Http404
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {(midnight + GOOD_FOR).isoformat()}",
        "Preferred-Languages: de, en",
        f"Canonical: {settings.PUBLIC_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _of_the_only_district() -> str:
    districts = list(District.objects.all()[:2])
    return f"mailto:{districts[0].email}" if len(districts) == 1 and districts[0].email else ""
