"""Can staff keep districts, houses and closures, and is every slip named at its field?"""

from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from locations.models import Closure, HelpLine, Institution, Room, SchoolHoliday
from tests.builders import (
    make_district,
    make_institution,
    make_locality,
    make_municipality,
    make_postal_code,
    make_service_point,
    make_slot,
)
from tests.typed import stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


def errors_of(response):
    return {name: list(messages) for name, messages in response.context["adminform"].form.errors.items()}


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def typed_house(house, **fields):
    return {
        "name": house.name,
        "slug": house.slug,
        "kind": house.kind,
        "municipality": house.municipality_id,
        "address_is_public": "on",
        "step_free": "unknown",
        "lift": "unknown",
        "accessible_toilet": "unknown",
        "parking": "unknown",
        "closes_in_school_holidays": "unknown",
        "first_day": "01.01.2020",
        "rooms-TOTAL_FORMS": "0",
        "rooms-INITIAL_FORMS": "0",
        "closures-TOTAL_FORMS": "0",
        "windows-TOTAL_FORMS": "0",
        "windows-INITIAL_FORMS": "0",
        "terms-TOTAL_FORMS": "0",
        "terms-INITIAL_FORMS": "0",
        "closures-INITIAL_FORMS": "0",
    } | fields


def typed_closure(number, first_day, last_day):
    return {
        f"closures-{number}-first_day": first_day,
        f"closures-{number}-last_day": last_day,
        f"closures-{number}-reason": "Studientag",
    }


# Written by the program alone: there is nothing in it for a desk.
NEVER_EDITED = {
    "locations.ForeignId",
    "locations.ImportChunk",
    "locations.ImportFinding",
    "locations.PublicVersion",
    "locations.RequestCount",
    "appointments.ProviderLetter",
}


def test_every_model_of_the_three_rooms_can_be_edited():
    inlines = {inline.model for model_admin in admin.site._registry.values() for inline in model_admin.inlines}
    for room in ("locations", "appointments", "budget"):
        for model in apps.get_app_config(room).get_models():
            # History is read, never edited.
            if not hasattr(model, "instance_type") and model._meta.label not in NEVER_EDITED:
                assert model in admin.site._registry or model in inlines, model


def test_a_closure_typed_with_its_house_belongs_to_the_houses_district(desk):
    house = make_institution()
    address = reverse("admin:locations_institution_change", args=[house.pk])
    fields = {"closures-TOTAL_FORMS": "1"} | typed_closure(0, "05.10.2026", "06.10.2026")
    response = desk.post(address, typed_house(house, **fields) | stand(desk, address))
    assert response.status_code == 302, errors_of(response)
    closure = Closure.objects.get()
    assert (closure.institution, closure.district) == (house, house.municipality.district)


@pytest.mark.parametrize(("first_day", "last_day"), [("06.10.2026", "07.10.2026"), ("04.10.2026", "05.10.2026")])
def test_closures_that_share_one_day_are_pointed_out_and_not_forbidden(desk, first_day, last_day):
    house = make_institution()
    district = house.municipality.district
    Closure.objects.create(
        district=district,
        institution=house,
        first_day=date(2026, 10, 5),
        last_day=date(2026, 10, 6),
        reason="Umbau",
    )
    fields = {
        "district": district.pk,
        "institution": house.pk,
        "first_day": first_day,
        "last_day": last_day,
        "reason": "Studientag",
    }
    response = desk.post("/admin/locations/closure/add/", fields)
    assert said(response)[0] == (
        "Die Schließzeit „Studientag“ überschneidet sich mit „Umbau“ (05.10.2026 bis 06.10.2026). "
        "Beide gelten; genannt wird der Grund, der früher beginnt."
    )
    assert Closure.objects.count() == 2


@pytest.mark.parametrize(("first_day", "last_day"), [("03.10.2026", "04.10.2026"), ("07.10.2026", "08.10.2026")])
def test_closures_that_only_touch_do_not_overlap(desk, first_day, last_day):
    house = make_institution()
    Closure.objects.create(
        district=house.municipality.district,
        institution=house,
        first_day=date(2026, 10, 5),
        last_day=date(2026, 10, 6),
        reason="Umbau",
    )
    address = reverse("admin:locations_institution_change", args=[house.pk])
    fields = {"closures-TOTAL_FORMS": "1", **typed_closure(0, first_day, last_day)}
    response = desk.post(address, typed_house(house, **fields) | stand(desk, address))
    assert len(said(response)) == 1
    assert Closure.objects.count() == 2


def test_a_locality_of_another_municipality_is_refused(desk):
    house, locality = make_institution(), make_locality()
    address = reverse("admin:locations_institution_change", args=[house.pk])
    response = desk.post(address, typed_house(house, locality=locality.pk) | stand(desk, address))
    assert errors_of(response) == {"locality": [f"Dieser Ortsteil gehört nicht zu {house.municipality}."]}


def test_a_postal_code_takes_only_localities_of_its_municipality(desk):
    code, stranger = make_postal_code(), make_locality()
    address = reverse("admin:locations_postalcode_change", args=[code.pk])
    fields = {"code": code.code, "municipality": code.municipality_id, "localities": [stranger.pk]}
    assert errors_of(desk.post(address, fields | stand(desk, address))) == {
        "localities": [f"Nicht in {code.municipality}: {stranger.name}."]
    }


def typed_municipality(municipality, **fields):
    return {
        "district": municipality.district_id,
        "kind": "municipality",
        "name": municipality.name,
        "ags": municipality.ags,
        "postal_codes-TOTAL_FORMS": "0",
        "postal_codes-INITIAL_FORMS": "0",
        "populations-TOTAL_FORMS": "0",
        "populations-INITIAL_FORMS": "0",
    } | fields


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ags": "1234567"}, "ags"),
        ({"ags": "99999999"}, "ags"),
        ({"first_day": "01.01.9999"}, "first_day"),
        ({"first_day": "31.02.2014"}, "first_day"),
        ({"boundary": '{"type": "Point", "coordinates": [1, 2]}'}, "boundary"),
        ({"boundary": "{"}, "boundary"),
        ({"boundary": '{"type": ["Polygon"]}'}, "boundary"),
        ({"first_day": "02.01.2015", "last_day": "01.01.2015"}, "__all__"),
    ],
)
def test_a_municipality_that_cannot_be_is_refused(desk, fields, field):
    municipality = make_municipality()
    address = reverse("admin:locations_municipality_change", args=[municipality.pk])
    assert list(errors_of(desk.post(address, typed_municipality(municipality, **fields) | stand(desk, address)))) == [
        field
    ]


def test_a_boundary_of_a_known_kind_is_kept(desk):
    municipality = make_municipality()
    address = reverse("admin:locations_municipality_change", args=[municipality.pk])
    boundary = '{"type": "Polygon", "coordinates": [[[10, 52], [11, 52], [11, 53], [10, 52]]]}'
    response = desk.post(address, typed_municipality(municipality, boundary=boundary) | stand(desk, address))
    assert response.status_code == 302, errors_of(response)


def test_a_house_with_slots_is_not_deleted_but_ended_and_the_page_says_so(desk):
    house = make_slot().institution
    address = reverse("admin:locations_institution_delete", args=[house.pk])
    page = desk.get(address, follow=True)
    assert page.redirect_chain[-1][0].endswith("/ende/")
    assert "Beenden: " in page.content.decode()
    assert desk.post(address, {"post": "yes"}).status_code < 500
    assert Institution.objects.filter(pk=house.pk).exists()


@pytest.fixture
def rows():
    district = make_district()
    for number in range(10):
        municipality = make_municipality(district, successor=None)
        locality = make_locality(municipality)
        make_postal_code(municipality).localities.add(locality)
        house = make_institution(municipality, locality=locality)
        Room.objects.create(institution=house, name="Raum 1")
        day = date(2026, 1, 1 + number)
        Closure.objects.create(district=district, institution=house, first_day=day, last_day=day, reason="Umbau")
        HelpLine.objects.create(district=district, name=f"Beispiel {number}", phone="030 23125 001")
        make_service_point(district)
        make_district()
        SchoolHoliday.objects.create(
            federal_state="DE-NI", name="Beispielferien", first_day=day, last_day=day, source="Beispiel"
        )


@pytest.mark.parametrize(
    "model",
    [
        "closure",
        "district",
        "helpline",
        "institution",
        "locality",
        "municipality",
        "postalcode",
        "room",
        "schoolholiday",
        "servicepoint",
    ],
)
def test_a_list_needs_few_queries_however_many_rows(desk, rows, model):
    with CaptureQueriesContext(connection) as queries:
        response = desk.get(reverse(f"admin:locations_{model}_changelist"))
    assert response.context["cl"].result_count >= 10
    assert len(queries) <= 12
