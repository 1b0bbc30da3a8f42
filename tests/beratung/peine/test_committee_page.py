"""Is the committee's page of the example district made with few queries, everything the request asks included?"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from beratung.public_pages.moments import times_of_day
from locations.models import District


@pytest.mark.django_db
def test_twelve_queries_are_enough_for_the_first_reader(peine: District, django_assert_max_num_queries: Any) -> None:
    caches["pages"].clear()
    times_of_day.cache_clear()
    with django_assert_max_num_queries(12):
        page = Client().get("/kreise/peine/").content.decode()
    assert "Ziel " in page
    assert "10.000" in page


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?stichtag=2013-01-01", "?stichtag=2020-06-01", "?karte=stunden", "?seite=2"])
def test_twelve_queries_are_enough_for_every_day(
    peine: District, django_assert_max_num_queries: Any, query: str
) -> None:
    Client().get("/kreise/")  # the times of day are asked for once, however many pages are read
    caches["pages"].clear()
    with django_assert_max_num_queries(12):
        assert "Ziel " in Client().get(f"/kreise/peine/{query}").content.decode()
