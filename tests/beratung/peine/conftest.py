"""How do many reading tests share one loaded district?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from beratung.peine.load import load_peine
from locations.models import District
from tests.beratung.peine.example import DAY


@pytest.fixture(scope="module")
def peine(django_db_setup: None, django_db_blocker: Any) -> Iterator[District]:
    """Yield the loaded district once for all reading tests; what a test writes is rolled back with it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_peine(day=DAY)
        yield District.objects.get(key="03157")
        transaction.set_rollback(True)
