"""How many requests, how fast, and how are the checks? For Prometheus."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
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


class _StateOfChecks:
    """Collected when asked for: a Gauge would be kept in a file of each process, and come out once for every one of them."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("beratung_check_state", "0 ok, 1 due, 2 broken", labels=["check"])
        for finding in findings(self.now):
            family.add_metric([finding.name], finding.state)
        yield family


def _state_of_checks(now: datetime) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_StateOfChecks(now))
    return registry
