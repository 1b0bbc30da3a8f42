"""Is the district of Peine loaded wholly or not at all, and only once?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from appointments.evidence import Evidence
from appointments.models import Offer, Slot, SlotException
from beratung.peine import keeper
from beratung.peine import load as loader
from beratung.peine.load import load_peine
from locations.models import District, Institution, Municipality
from tests.beratung.peine.example import DAY, STATES_ON_THE_DAY, rows_of_all_models, states


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in rows_of_all_models()}


@pytest.mark.django_db
def test_loading_twice_makes_nothing_new() -> None:
    load_peine(day=DAY)
    before = counts()
    assert not any(load_peine(day=DAY).made.values())
    assert counts() == before


@pytest.mark.django_db
def test_loading_on_a_later_day_adds_what_is_new_and_leaves_the_story_as_it_is() -> None:
    load_peine(day=DAY)
    before, slots = counts(), set(Slot.objects.values_list("uuid", "first_day", "last_day"))
    load_peine(day=DAY + timedelta(days=60))
    after = counts()
    grown = {label for label in before if after[label] > before[label]} - {
        "locations.PublicVersion"
    }  # counts every write
    assert grown == {"appointments.Attendance", "appointments.Confirmation", "budget.Budget", "budget.CostLine"}
    assert set(Slot.objects.values_list("uuid", "first_day", "last_day")) == slots


@pytest.mark.django_db
def test_what_staff_changed_survives_and_what_they_deleted_comes_back() -> None:
    load_peine(day=DAY)
    Institution.objects.filter(slug="beispiel-ilsede-kita").update(name="Beispiel-Kita Am Park")
    Offer.objects.get(title="Suchtberatung").topics.clear()
    SlotException.objects.all().delete()
    made = load_peine(day=DAY).made
    assert {model: count for model, count in made.items() if count} == {SlotException: 13}
    assert Institution.objects.get(slug="beispiel-ilsede-kita").name == "Beispiel-Kita Am Park"
    assert not Offer.objects.get(title="Suchtberatung").topics.exists()


@pytest.mark.django_db
def test_a_municipality_that_is_there_under_another_uuid_is_used() -> None:
    district = District.objects.create(name="Kreis Peine", slug="kreis-peine", key="03157", federal_state="DE-NI")
    Municipality.objects.create(district=district, name="Vechelde (alt)", ags="03157007")
    load_peine(day=DAY)
    assert District.objects.get().name == "Kreis Peine"
    assert Municipality.objects.get(ags="03157007").name == "Vechelde (alt)"
    assert Municipality.objects.count() == 9


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["keep_counselling", "keep_attendances", "keep_budgets"])
def test_an_interrupted_load_leaves_nothing_and_the_next_one_completes(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    before = counts()
    with monkeypatch.context() as patched:
        patched.setattr(loader, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            load_peine(day=DAY)
    assert counts() == before
    assert not District.objects.exists()
    load_peine(day=DAY)
    assert Slot.objects.count() == 51


@pytest.mark.django_db
def test_the_uuids_are_the_same_in_every_installation() -> None:
    load_peine(day=DAY)
    assert str(Slot.objects.get(uuid=keeper.row_uuid(Slot, "bortfeld-schulden")).uuid) == (
        "f62eb9db-7cd5-5018-b80c-f827804ab631"
    )


@pytest.mark.django_db
def test_the_command_says_in_german_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_peine", day="2026-09-24")
    text = capsys.readouterr().out
    assert "Landkreis Peine geladen, Stichtag 24.09.2026. Neu:" in text
    assert "    9 Gemeinden" in text
    assert "    1 Ziel" in text
    call_command("load_peine", day="2026-09-24")
    assert capsys.readouterr().out == "Alles war schon da; nichts geändert.\n"


@pytest.mark.django_db
def test_if_empty_does_nothing_where_the_district_exists(capsys: pytest.CaptureFixture[str]) -> None:
    District.objects.create(name="Kreis Peine", slug="peine", key="03157", federal_state="DE-NI")
    call_command("load_peine", if_empty=True)
    assert capsys.readouterr().out == "Der Landkreis Peine ist schon geladen; nichts geändert.\n"
    assert not Municipality.objects.exists()


@pytest.mark.django_db
def test_if_empty_loads_where_the_district_is_missing() -> None:
    call_command("load_peine", if_empty=True, verbosity=0)
    assert Municipality.objects.count() == 9


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["gestern", "2026-02-30", "2025-12-31", "2100-01-01"])
def test_a_day_that_is_none_or_out_of_reach_is_refused_in_german(day: str) -> None:
    with pytest.raises(CommandError, match=r"ist kein Tag|lässt sich für Tage vom 01\.01\.2026 bis"):
        call_command("load_peine", day=day)
    assert not District.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2028, 2, 29), date(2031, 7, 15), date(2099, 12, 31)])
def test_the_story_can_be_told_on_any_day_even_beyond_the_known_school_holidays(day: date) -> None:
    load_peine(day=day)
    assert states(Evidence.load(District.objects.get(), day, day), day) == STATES_ON_THE_DAY


@pytest.mark.django_db
def test_the_basics_come_without_a_district_and_the_example_finds_them_there() -> None:
    call_command("load_basics", verbosity=0)
    assert not District.objects.exists()
    before = {label: count for label, count in counts().items() if count and label != "locations.PublicVersion"}
    assert set(before) >= {
        "appointments.Topic",
        "appointments.Language",
        "budget.TravelRate",
        "locations.SchoolHoliday",
    }
    assert not any(loader.load_basics().made.values())
    load_peine(day=DAY)
    assert {label: counts()[label] for label in before} == before
