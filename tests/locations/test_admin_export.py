"""Does every list leave the administration as it stands on the screen, harmless and in few queries?"""

from io import BytesIO

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from locations.admin_export import ExportedList, exported_columns, exported_rows
from tests import builders

pytestmark = pytest.mark.django_db
LISTS = sorted(
    (model._meta.label_lower for model, desk in admin.site._registry.items() if isinstance(desk, ExportedList)), key=str
)


def export(client, model: str, ending: str = "csv", query: str = "") -> bytes:
    response = client.get(reverse(f"admin:{model}_export", args=[ending]) + query)
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def lines(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").splitlines()


def test_every_list_of_the_desk_can_be_taken_along(admin_client):
    assert len(LISTS) > 25
    for label in LISTS:
        name = label.replace(".", "_")
        assert lines(export(admin_client, name))[0].count(";") >= 1
        page = admin_client.get(reverse(f"admin:{name}_changelist")).content.decode()
        assert reverse(f"admin:{name}_export", args=["xlsx"]) in page


def test_filters_and_search_hold_for_the_file(admin_client):
    town = builders.make_municipality()
    builders.make_institution(town, name="Beispiel-Schule Nord")
    builders.make_institution(town, name="Beispiel-Kita Nord", kind="kita")
    found = lines(export(admin_client, "locations_institution", query="?kind__exact=kita&q=Nord"))
    assert len(found) == 2
    assert "Beispiel-Kita Nord" in found[1]


def test_the_link_keeps_the_filter_and_drops_the_page(admin_client):
    address = reverse("admin:locations_institution_changelist")
    page = admin_client.get(f"{address}?kind__exact=kita&p=1").content.decode()
    assert f'href="{address}export/csv/?kind__exact=kita"' in page


@pytest.mark.parametrize("name", ["=cmd|'/C calc'!A0", "+49 30", "-2", "@SUM(A1)", "=1+1"])
def test_a_formula_is_harmless_in_both_files(admin_client, name):
    builders.make_institution(name=name)
    assert f";'{name};" in lines(export(admin_client, "locations_institution"))[1]
    sheet = load_workbook(BytesIO(export(admin_client, "locations_institution", "xlsx"))).active
    cell = next(cell for cell in sheet[2] if cell.value == name)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_numbers_and_days_stay_numbers_and_days(admin_client):
    builders.make_institution(latitude=52.25)
    sheet = load_workbook(BytesIO(export(admin_client, "locations_institution", "xlsx"))).active
    values = {cell.value: row.value for cell, row in zip(sheet[1], sheet[2], strict=True)}
    assert values["Breite"] == 52.25
    assert values["In Betrieb seit"].year == 2020
    assert values["Stufenlos erreichbar"] == "nicht bekannt"


def test_who_may_not_see_the_list_does_not_get_the_file(client):
    user = get_user_model().objects.create_user("beispiel", password="x", is_staff=True)
    client.force_login(user)
    assert client.get(reverse("admin:locations_institution_export", args=["csv"])).status_code == 403


def test_another_ending_is_refused(admin_client):
    assert admin_client.get(reverse("admin:locations_institution_export", args=["exe"])).status_code == 403


@pytest.mark.parametrize("label", ["appointments.slot", "locations.institution", "appointments.confirmation"])
def test_the_queries_do_not_grow_with_the_rows(label, admin_user):
    desk = next(desk for model, desk in admin.site._registry.items() if model._meta.label_lower == label)
    request = RequestFactory().get("/")
    request.user = admin_user

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(exported_rows(desk.get_queryset(request), list(exported_columns(desk, request))))
        return len(queries)

    slots = [builders.make_slot() for _ in range(2)]
    for slot in slots:
        slot.confirmations.create(confirmed_on=slot.first_day)
    few = count()
    for _ in range(8):
        builders.make_slot().confirmations.create(confirmed_on=slots[0].first_day)
    assert count() <= few
