"""Does the panel beside a slot tell what it would bring about: doubles, coverage and costs?"""

from datetime import date, time
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Slot
from budget.models import TravelRate
from locations.models import DistrictStaff
from tests.builders import (
    make_budget,
    make_cost_line,
    make_counsellor,
    make_exception,
    make_institution,
    make_language,
    make_municipality,
    make_offer,
    make_paper,
    make_provider,
    make_service_point,
    make_slot,
    make_target,
    make_topic,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 9, 1)  # a Tuesday
ADD = "/admin/appointments/slot/add/"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: TODAY)


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


@pytest.fixture
def town():
    return make_municipality(name="Beispielhausen")


@pytest.fixture
def target(town):
    return make_target(make_paper(town.district))


def form_of(slot, **typed):
    """Return the form of the slot as a browser sends it with the button of the preview."""
    return {
        "offer": slot.offer_id,
        "institution": slot.institution_id,
        "counsellors": [one.pk for one in slot.counsellors.all()] if slot.pk else [],
        "rhythm": "weekly",
        "weekdays": ["1"],
        "interval": "1",
        "start_time": "14:00",
        "end_time": "16:00",
        "first_day": f"{slot.first_day:%d.%m.%Y}",
        "school_holiday_policy": "continues",
        "proposed_on": "01.08.2026",
        "agreed_on": f"{slot.agreed_on:%d.%m.%Y}" if slot.agreed_on else "",
        "published_on": f"{slot.published_on:%d.%m.%Y}" if slot.published_on else "",
        "exceptions-TOTAL_FORMS": "0",
        "exceptions-INITIAL_FORMS": "0",
        "confirmations-TOTAL_FORMS": "0",
        "confirmations-INITIAL_FORMS": "0",
        "_preview": "1",
    } | typed


def new(town, **given):
    """Return a slot nobody has stored: every Tuesday from 14 to 16 at a school of the town, from today."""
    house = given.pop("institution", None) or make_institution(town)
    offer = given.pop("offer", None) or make_offer(make_provider(town.district))
    return Slot(institution=house, offer=offer, first_day=given.pop("first_day", TODAY), **given)


def address(slot):
    return reverse("admin:appointments_slot_change", args=[slot.pk]) if slot.pk else ADD


def told(client, slot, **typed):
    """Return title and text of each effect, by the button; the page as opened says the same of what is stored."""
    response = client.post(address(slot), form_of(slot, **typed))
    assert response.status_code == 200
    return in_words(response)


def in_words(response):
    found = [f"{one.title}. {one.text}".replace("\N{NO-BREAK SPACE}", " ") for one in response.context["effects"]]
    shown = response.content.decode()
    assert all(one.title in shown for one in response.context["effects"])
    return found


# Doubles


def double(town, topic, **given):
    return make_slot(
        make_institution(town, name="Beispiel-Kita"),
        make_offer(make_provider(town.district, name="Beispiel-Verein"), (topic,)),
        **{"start_time": time(15), "end_time": time(17)} | given,
    )


def test_another_provider_at_the_same_time_is_a_hint_and_no_ban(desk, town):
    topic = make_topic(short_name="Schulden")
    other = double(town, topic)
    draft = new(town, offer=make_offer(make_provider(town.district), (topic,)))
    [hint] = [text for text in told(desk, draft) if "doppelt" in text]
    assert hint == (
        "Möglicherweise doppelt. Beispiel-Verein berät in Beispiel-Kita auch zu Schulden. Zwei Träger, an 52 Tagen in "
        "zwölf Monaten zur selben Zeit, meist dienstags 15–16 Uhr."
    ).replace("52", str(len(other.recurrence.days(TODAY, date(2027, 8, 31)))))
    typed = form_of(draft)
    del typed["_preview"]
    assert desk.post(ADD, typed).status_code == 302


@pytest.mark.parametrize(
    "given",
    [
        {"start_time": time(16), "end_time": time(18)},  # one after the other
        {"rule": "FREQ=WEEKLY;BYDAY=WE"},
        {"last_day": date(2026, 8, 31)},
        {"withdrawn_on": TODAY},
        {"last_day": date(2026, 9, 8)},  # two days only
    ],
)
def test_what_does_not_meet_is_not_double(desk, town, given):
    topic = make_topic()
    double(town, topic, **given)
    draft = new(town, offer=make_offer(make_provider(town.district), (topic,)))
    assert not [text for text in told(desk, draft) if "doppelt" in text]


def test_another_town_topic_or_the_same_provider_is_not_double(desk, town):
    topic = make_topic()
    mine = make_offer(make_provider(town.district), (topic,))
    double(make_municipality(town.district), topic)
    double(town, make_topic())
    make_slot(make_institution(town), make_offer(mine.provider, (topic,)))
    assert not [text for text in told(desk, new(town, offer=mine)) if "doppelt" in text]


def test_languages_that_the_other_does_not_speak_are_told(desk, town):
    topic = make_topic()
    other = double(town, topic)
    other.offer.languages.set([make_language("tr", "Türkisch", "Türkçe")])
    draft = new(town, offer=make_offer(make_provider(town.district), (topic,)))
    [hint] = [text for text in told(desk, draft) if "doppelt" in text]
    assert hint.endswith("vermutlich gewollt.")


# Coverage


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Damit wäre Beispielhausen abgedeckt. Und zwar ab heute, sobald der Termin veröffentlicht ist."),
        (
            {"first_day": "01.12.2026"},
            "Damit wäre Beispielhausen abgedeckt. Und zwar ab 1. Dezember 2026, sobald der Termin veröffentlicht ist.",
        ),
        (
            {"agreed_on": "01.09.2026", "published_on": "01.09.2026"},
            "Damit wäre Beispielhausen abgedeckt. Und zwar ab heute, wenn es so gespeichert wird.",
        ),
    ],
)
def test_a_new_slot_tells_which_municipality_it_would_cover(desk, town, target, typed, words):
    assert words in told(desk, new(town), **typed)


def test_where_others_cover_it_already_that_is_said(desk, town, target):
    make_slot(make_institution(town))
    assert "Beispielhausen ist auch ohne diesen Termin abgedeckt. Er macht die Abdeckung sicherer." in told(
        desk, new(town)
    )


@pytest.mark.parametrize("why", ["kind", "single"])
def test_what_the_target_does_not_count_is_told(desk, town, target, why):
    house = make_institution(town, kind="association" if why == "kind" else "school")
    single = {"rhythm": "single", "weekdays": [], "single_dates": "06.10.2026"}
    found = told(desk, new(town, institution=house), **single if why == "single" else {})
    assert "Zählt nicht für das Ziel. Es zählen Schule, Kita oder Familienzentrum mit einem festen Rhythmus." in found


def test_where_two_houses_are_needed_one_slot_does_not_do(desk, town):
    make_target(make_paper(town.district), minimum_institutions=2)
    found = told(desk, new(town))
    assert "Beispielhausen bleibt auch damit ohne Abdeckung. Nötig sind dort Termine in 2 Einrichtungen." in found


def test_the_page_of_the_only_slot_tells_that_the_coverage_hangs_on_it(desk, town, target):
    slot = make_slot(make_institution(town))
    make_slot(make_institution(town), last_day=date(2026, 11, 24))
    found = in_words(desk.get(address(slot)))
    assert (
        "Ohne diesen Termin verlöre Beispielhausen die Abdeckung ab 25. November 2026. Sie hängt an ihm allein."
        in found
    )
    assert found == told(desk, slot)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ({"last_day": "24.11.2026"}, "25. November 2026"),
        ({"withdrawn_on": "01.10.2026"}, "30. September 2026"),
        ({"published_on": ""}, "heute"),
    ],
)
def test_a_change_that_costs_the_coverage_is_told_before_it_is_saved(desk, town, target, typed, day):
    slot = make_slot(make_institution(town))
    found = told(desk, slot, **typed)
    assert any(text.startswith(f"Mit dieser Änderung verlöre Beispielhausen die Abdeckung ab {day}.") for text in found)


def test_a_move_to_another_town_tells_of_both(desk, town, target):
    slot = make_slot(make_institution(town))
    other = make_municipality(town.district, name="Beispielneustadt")
    found = told(desk, slot, institution=make_institution(other).pk)
    assert any("verlöre Beispielhausen die Abdeckung ab heute" in text for text in found)
    assert any("Damit wäre Beispielneustadt abgedeckt" in text for text in found)


def test_single_days_as_typed_count_for_the_coverage(desk, town, target):
    slot = make_slot(make_institution(town), first_day=TODAY, rule="RDATE;VALUE=DATE:20260908")
    assert any("Zählt nicht" in text for text in in_words(desk.get(address(slot))))


# Costs


@pytest.fixture
def purse(town):
    TravelRate.objects.create(
        jurisdiction="DE-NI", name="Beispielsatz", eur_per_km=Decimal("0.3000"), source="Beispiel"
    )
    return make_budget(town.district, ansatz_eur=Decimal(1000))


@pytest.fixture
def driver(town):
    return make_counsellor(service_point=make_service_point(town.district, latitude=52.4, longitude=10.2))


def test_a_slot_without_a_budget_says_so(desk, town):
    assert "Kosten 2026 nicht bekannt. Für 2026 ist noch kein Ansatz eingetragen." in told(desk, new(town))


def test_ways_nobody_planned_yet_are_priced_from_the_dates(desk, town, purse, driver):
    [text] = [text for text in told(desk, new(town), counsellors=[driver.pk]) if "Kosten" in text]
    # 0.1 degrees of latitude are 11.12 km, by road 14.46 km, both ways 28.91 km; 18 Tuesdays; 0.30 € a kilometre.
    assert text == "Kosten 2026: 156,12 €. 18 Termine in diesem Zeitraum. Danach bleiben 843,88 € vom Ansatz."


def test_two_villages_on_one_trip_cost_one_trip(desk, town, purse, driver):
    house = make_institution(town)
    other = make_slot(house, counsellors=[driver], start_time=time(9), end_time=time(10), first_day=TODAY)
    make_cost_line(purse, slot=other, kind="travel", basis="per_km", quantity=None, unit_likely_eur=Decimal("0.3"))
    [text] = [text for text in told(desk, new(town, institution=house), counsellors=[driver.pk]) if "Kosten" in text]
    assert text.startswith("Kosten 2026: 0 €. 18 Termine")


@pytest.mark.parametrize("missing", ["counsellor", "service_point", "point"])
def test_what_cannot_be_priced_says_why(desk, town, purse, missing):
    house = make_institution(town, **{"latitude": None, "longitude": None} if missing == "point" else {})
    base = make_service_point(town.district) if missing != "service_point" else None
    people = [] if missing == "counsellor" else [make_counsellor(label="Fachkraft C", service_point=base).pk]
    [text] = [text for text in told(desk, new(town, institution=house), counsellors=people) if "Kosten" in text]
    reasons = {
        "counsellor": "Es ist keine Fachkraft genannt, deren Weg sich rechnen ließe.",
        "service_point": "Von Fachkraft C ist nicht bekannt, wo der Weg beginnt (Dienststelle).",
        "point": "Die Einrichtung hat keine Koordinaten.",
    }
    assert text == f"Kosten 2026 nicht bekannt. {reasons[missing]}"


def test_a_change_tells_how_much_more_or_less_it_costs(desk, town, purse):
    slot = make_slot(make_institution(town), first_day=TODAY)
    line = {"kind": "travel", "basis": "per_date", "quantity": None, "unit_likely_eur": Decimal(60)}
    make_cost_line(purse, slot=slot, **line)
    assert any(text.startswith("Kosten 2026: 1.080 €. 18 Termine") for text in in_words(desk.get(address(slot))))
    [text] = [text for text in told(desk, slot, last_day="08.09.2026") if "Kosten" in text]
    assert text == (
        "Kosten 2026: 120 €. 2 Termine in diesem Zeitraum. Das sind 960 € weniger als bisher. "
        "Danach bleiben 880 € vom Ansatz."
    )


def test_more_than_there_is_is_a_warning(desk, town, purse):
    slot = make_slot(make_institution(town), first_day=TODAY)
    make_cost_line(purse, slot=slot, kind="travel", basis="per_date", quantity=None, unit_likely_eur=Decimal(60))
    [effect] = [one for one in desk.get(address(slot)).context["effects"] if "Kosten" in one.title]
    assert (effect.kind, effect.text[-18:].replace("\N{NO-BREAK SPACE}", " ")) == ("warning", "Damit fehlen 80 €.")


# Clashes of what is stored, whose business it is, and how much it takes


def test_a_stored_slot_shows_its_clashes_when_it_is_opened(desk, town):
    counsellor = make_counsellor()
    slot, other = (make_slot(make_institution(town), counsellors=[counsellor]) for _ in range(2))
    page = desk.get(address(slot)).content.decode()
    assert f"mit „{other}“" in page


def test_another_district_is_nobodys_business(client, town, target):
    account = get_user_model().objects.create_user("beispiel-redaktion", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__in=["change_slot", "view_slot", "add_slot"]))
    DistrictStaff.objects.create(user=account, district=make_municipality().district)
    client.force_login(account)
    response = client.post(ADD, form_of(new(town)))
    assert response.status_code in (200, 403)
    if response.status_code == 200:
        assert list(response.context["effects"]) == []


def test_the_page_of_a_slot_needs_few_queries_with_all_it_tells(desk, town, target, purse, driver):
    slot = make_slot(make_institution(town), counsellors=[driver])
    make_cost_line(purse, slot=slot, kind="travel", basis="per_km", quantity=None)
    for hour in range(8, 18):
        other = make_slot(make_institution(town), counsellors=[driver], start_time=time(hour), end_time=time(hour, 30))
        make_exception(other, date(2027, 1, 5))
        make_exception(slot, date(2027, 1, hour), "extra")
        make_cost_line(purse, slot=other, kind="travel", basis="per_km", quantity=None)
    with CaptureQueriesContext(connection) as queries:
        response = desk.get(address(slot))
    assert len(response.context["effects"]) >= 2
    assert response.context["check"].messages
    assert len(queries) <= 30
