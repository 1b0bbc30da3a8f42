"""How many requests, how fast, and how are the checks? For Prometheus."""

from __future__ import annotations

import os
from datetime import datetime

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from beratung.watch.checks import findings

CONTENT_TYPE = CONTENT_TYPE_LATEST
LABELS = ["method", "route"]
REQUESTS = Counter("beratung_requests_total", "Answered requests", [*LABELS, "status"])
SECONDS = Histogram("beratung_request_seconds", "Time to an answer", LABELS, buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10))


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer. The route is the pattern of the address: what was looked for stays unknown."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


def exposition(now: datetime) -> bytes:
    """Return everything in Prometheus' text format; of all processes where PROMETHEUS_MULTIPROC_DIR is set."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate_latest(registry) + generate_latest(_state_of_checks(now))


def _state_of_checks(now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    gauge = Gauge("beratung_check_state", "0 ok, 1 due, 2 broken", ["check"], registry=registry)
    for finding in findings(now):
        gauge.labels(finding.name).set(finding.state)
    return registry
