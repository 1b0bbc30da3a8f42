"""What do a balancer, a monitor and Prometheus get to see?"""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from beratung.watch.checks import State, findings
from beratung.watch.metrics import CONTENT_TYPE, exposition


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say how the installation is: 503 only where pages cannot be answered."""
    found = findings(timezone.now())
    worst = max(finding.state for finding in found)
    checks = {finding.name: {"status": finding.state.word, "text": finding.text} for finding in found}
    status = 503 if worst is State.BROKEN else 200
    return JsonResponse(
        {"status": worst.word, "checks": checks}, status=status, json_dumps_params={"ensure_ascii": False}
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures to whom knows the token; without one set there is no such address."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(
            "Zugang nur mit dem Token aus METRICS_TOKEN.", status=401, content_type="text/plain; charset=utf-8"
        )
    return HttpResponse(exposition(timezone.now()), content_type=CONTENT_TYPE)
