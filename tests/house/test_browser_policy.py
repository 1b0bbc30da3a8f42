"""Does the administration work under the Content-Security-Policy, every form of it?"""

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import reverse

from locations.models import District
from tests.house.rights_world import one_of_each

POLICY = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]


@pytest.fixture
def complaints(page, live_server, client, transactional_db) -> list[str]:
    """Return the list to which the page of a logged-in superuser adds what the browser refused."""
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    refused: list[str] = []
    page.on("console", lambda message: "Content Security Policy" in message.text and refused.append(message.text))
    page.on("pageerror", lambda error: refused.append(f"{page.url}: {error}"))
    return refused


def addresses() -> list[str]:
    """Return the lists and the empty forms of everything staff can edit."""
    names = [f"admin:{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
    lists = [reverse(f"{name}_changelist") for name in names]
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_superuser=True)
    # What families, providers, the planner or an import write, nobody adds by hand.
    added = [one.has_add_permission(request) for one in admin.site._registry.values()]
    forms = [f"{page}add/" for page, is_added in zip(lists, added, strict=True) if is_added]
    return [reverse("admin:index"), reverse("admin:password_change"), *lists, *forms]


def test_the_browser_refuses_nothing_on_any_page_of_the_administration(page, live_server, complaints):
    for address in addresses():
        response = page.goto(live_server.url + address)
        assert response.status == 200, address
    assert complaints == []


def test_nor_on_a_row_to_change_its_history_a_file_to_load_the_planning_or_the_page_of_the_interface(
    page, live_server, complaints
):
    rows = one_of_each("Beispiel")
    changes = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[rows[model].pk])
        for model in admin.site._registry
        if model in rows
    ]
    others = [
        reverse("admin:locations_district_history", args=[rows[District].pk]),
        reverse("import_upload", args=["termine"]),
        reverse("archive"),
        reverse("new_plan", args=["beispiel"]),
        reverse("plans", args=["beispiel"]),
        reverse("api_docs"),
        reverse("account"),
        reverse("home"),
        reverse("district", args=["beispiel"]),
    ]
    for address in [*changes, *others]:
        response = page.goto(live_server.url + address)
        assert response.status == 200, address
    assert page.goto(f"{live_server.url}/gibt-es-nicht/").status == 404
    assert complaints == []


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    allowed = {source for sources in POLICY.values() for source in sources}
    assert allowed == {"'none'", "'self'", "data:"}
    assert "data:" not in POLICY["script-src"] + POLICY["style-src"]
