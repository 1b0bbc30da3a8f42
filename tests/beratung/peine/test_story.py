"""Does the example tell the story it should, and on which days?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from appointments.coverage import Coverage, SlotFact, coverage
from appointments.evidence import Evidence
from appointments.models import Slot
from beratung.peine.story import Story, StoryError, last_of_month
from locations.calendars import DayOff
from locations.geo import distance_km
from locations.models import District, Institution, Locality
from tests.beratung.peine.example import AGREED, COVERED, DAY, GAP, STATES_ON_THE_DAY, TARGET, states


@pytest.fixture
def evidence(peine: District) -> Evidence:
    return Evidence.load(peine, date(2014, 1, 1), DAY + timedelta(days=120))


def covered(evidence: Evidence, *day: int) -> tuple[int, int]:
    found = evidence.coverage(date(*day), TARGET)
    return found.covered, found.total


@pytest.mark.django_db
def test_coverage_grows_from_nothing_to_all_of_them_and_back(evidence: Evidence) -> None:
    assert covered(evidence, 2014, 1, 1) == (0, 8)
    assert covered(evidence, 2014, 4, 1) == (0, 8)
    assert covered(evidence, 2014, 4, 2) == (1, 8)
    assert covered(evidence, 2014, 5, 5) == (2, 8)
    assert covered(evidence, 2014, 12, 31) == (3, 8)
    assert covered(evidence, 2015, 1, 1) == (3, 7)
    assert covered(evidence, 2019, 9, 2) == (6, 7)
    assert covered(evidence, 2019, 9, 3) == (7, 7)
    assert covered(evidence, 2021, 5, 31) == (7, 7)
    assert covered(evidence, 2021, 6, 1) == (6, 7)


@pytest.mark.django_db
def test_the_target_was_met_on_every_day_between_even_while_the_houses_were_closed(evidence: Evidence) -> None:
    days = (date(2019, 9, 3) + timedelta(days=step) for step in range(0, 636, 5))
    assert all(evidence.coverage(day, TARGET).target_met for day in days)


@pytest.mark.django_db
def test_lahstedt_hands_its_slot_on_to_the_new_ilsede(evidence: Evidence) -> None:
    before, after = states(evidence, date(2014, 12, 31)), states(evidence, date(2015, 1, 1))
    assert before["Lahstedt"] is COVERED
    assert "Lahstedt" not in after
    assert after["Ilsede"] is COVERED


@pytest.mark.django_db
def test_on_the_day_one_is_a_gap_one_is_agreed_and_five_are_covered(evidence: Evidence) -> None:
    assert states(evidence, DAY) == STATES_ON_THE_DAY


@pytest.mark.django_db
def test_only_ilsede_hangs_on_a_single_house(evidence: Evidence) -> None:
    rows = evidence.coverage(DAY, TARGET).municipalities
    alone = [evidence.municipalities[row.municipality].name for row in rows if row.hangs_on_one]
    assert alone == ["Ilsede"]


@pytest.mark.django_db
def test_lengede_is_covered_from_the_first_day_of_its_slot(evidence: Evidence) -> None:
    first_day = Slot.objects.get(institution__slug="beispiel-lengede-grundschule", last_day=None).first_day
    assert timedelta(days=35) <= first_day - DAY < timedelta(days=60)
    assert states(evidence, first_day - timedelta(days=1))["Lengede"] is AGREED
    assert states(evidence, first_day)["Lengede"] is COVERED


@pytest.mark.django_db
def test_edemissen_was_covered_until_its_slot_ended_some_months_ago(evidence: Evidence) -> None:
    slot = Slot.objects.get(institution__slug="beispiel-edemissen-grundschule")
    assert slot.last_day == date(2026, 8, 31)
    assert states(evidence, date(2026, 6, 1))["Edemissen"] is COVERED
    assert not Slot.objects.public(DAY).filter(institution__municipality__name="Edemissen").exists()


def coverage_without(evidence: Evidence, houses: set[str]) -> Coverage:
    def stays(fact: SlotFact) -> bool:
        return evidence.slots[fact.key].institution.slug not in houses

    facts = [fact for fact in evidence.facts if stays(fact)]
    return coverage(DAY, TARGET, evidence.terms, evidence.houses, facts, evidence.calendar)


@pytest.mark.django_db
def test_the_kuemmerer_does_not_fulfil_the_target_by_itself(evidence: Evidence) -> None:
    qualifying = {"beispiel-hohenhameln-oberschule", "beispiel-hohenhameln-kita"}
    hohenhameln = next(
        row
        for row in coverage_without(evidence, qualifying).municipalities
        if evidence.municipalities[row.municipality].name == "Hohenhameln"
    )
    assert hohenhameln.state is GAP
    not_counting = {evidence.slots[key].institution.slug for key in hohenhameln.slots_not_counting}
    assert "beispiel-hohenhameln-nachbarschaftshilfe" in not_counting
    assert evidence.slots[hohenhameln.slots_not_counting[0]].institution.kind == Institution.Kind.ASSOCIATION


@pytest.mark.django_db
def test_around_bortfeld_there_are_several_slots(peine: District) -> None:
    bortfeld = Locality.objects.get(name="Bortfeld").point
    near = [
        slot
        for slot in Slot.objects.public(DAY).valid_on(DAY).select_related("institution")
        if slot.institution.point and distance_km(bortfeld, slot.institution.point) <= 10
    ]
    assert len(near) >= 9
    assert len({slot.institution.municipality_id for slot in near}) >= 2


STORY = Story(date(2026, 9, 24), (DayOff(date(2026, 10, 12), date(2026, 10, 24), "Herbstferien"),))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("day-20", date(2026, 9, 4)),
        ("day+0", date(2026, 9, 24)),
        ("thursday+0", date(2026, 9, 24)),
        ("wednesday+0", date(2026, 9, 30)),
        ("saturday+3", date(2026, 10, 10)),  # the 3rd of October is a public holiday
        ("tuesday+15", date(2026, 10, 27)),  # the 13th and the 20th lie in the autumn holidays
        ("month-end-3", date(2026, 6, 30)),
        ("month-end+0", date(2026, 9, 30)),
        (date(2014, 2, 24), date(2014, 2, 24)),
        ("", None),
        (None, None),
    ],
)
def test_a_day_of_the_story_is_counted_from_the_day(text: Any, day: date | None) -> None:
    assert STORY.day_of(text) == day


@pytest.mark.parametrize("text", ["gestern", "day20", "day+", "month+1", "tuesday", "day+1 "])
def test_what_is_no_day_of_the_story_is_refused(text: str) -> None:
    with pytest.raises(StoryError):
        STORY.day_of(text)


def test_a_day_that_must_stand_cannot_be_empty() -> None:
    with pytest.raises(StoryError, match="Hier muss ein Tag stehen"):
        STORY.on("")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2028, 3, 1), -1, date(2028, 2, 29)),
        (date(2026, 1, 15), -1, date(2025, 12, 31)),
        (date(2026, 12, 1), 0, date(2026, 12, 31)),
        (date(2026, 11, 30), 2, date(2027, 1, 31)),
    ],
)
def test_the_last_day_of_a_month_knows_short_months_and_new_year(day: date, months: int, expected: date) -> None:
    assert last_of_month(day, months) == expected
