"""Does reading change nothing, and does nobody write without a token of our own page?

The administration and the planning are walked in tests/house/test_rights.py, as the wrong person and without a token; here
is the rest.
"""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from appointments.models import MistakeReport, SlotProposal
from tests.house.test_rights import differences, state
from tests.security.addresses import World, filled

pytestmark = pytest.mark.django_db
# Counted on the side, see docs/security.md; and the key that an account without a second factor is shown to set one up.
COUNTED = {"appointments.MissingDemand", "otp_totp.TOTPDevice"}


def opened(world) -> dict:
    found = filled(world, Client(raise_request_exception=False))
    return {route: address for route, address in found.items() if "/admin/" not in route.path}


@pytest.mark.parametrize("who", ["a stranger", "somebody who may do everything"])
def test_reading_every_open_address_changes_nothing(who):
    world, client = World(), Client(raise_request_exception=False)
    addresses = opened(world)
    if who != "a stranger":
        client.force_login(User.objects.create_superuser("beispiel-admin"))
    before = state()
    for address in addresses.values():
        for method in ("GET", "HEAD", "OPTIONS"):
            client.generic(method, address)
    client.get("/", {"ort": "31234", "thema": "Schulden", "tag": "so"})
    assert set(differences(before, state())) <= COUNTED


@pytest.mark.parametrize("who", ["a stranger", "somebody who may do everything"])
def test_writing_to_every_open_address_needs_a_token(who):
    world, client = World(), Client(raise_request_exception=False, enforce_csrf_checks=True)
    addresses = opened(world)
    if who != "a stranger":
        client.force_login(User.objects.create_superuser("beispiel-admin"))
    before, answered = state(), {}
    sent = {"kind": "closed", "text": "untergeschoben", "username": "beispiel", "password": "x", "code": "123456"}
    sent |= {f"{world.slot.uuid.hex}-answer": "anders", f"{world.slot.uuid.hex}-text": "untergeschoben"}
    for route, address in addresses.items():
        for origin in ("https://evil.example", "http://testserver"):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                status = client.generic(method, address, _typed(sent), _FORM, HTTP_ORIGIN=origin).status_code
                answered.setdefault(status, set()).add(f"{method} {route.name}")
    assert differences(before, state()) == {}
    # 400: our own page, but no token (a family's report).
    assert set(answered) <= {400, 403, 404, 405, 429}
    assert answered[400] == {"POST report"}
    assert not MistakeReport.objects.filter(text="untergeschoben").exists()
    assert not SlotProposal.objects.filter(text="untergeschoben").exists()


_FORM = "application/x-www-form-urlencoded"


def _typed(sent: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sent.items()).encode()


def test_nobody_is_logged_out_by_a_link():
    client = Client()
    client.force_login(User.objects.create_superuser("beispiel-admin"))
    assert client.get("/abmelden/").status_code == 405
    assert client.get("/konto/").status_code == 200


@pytest.mark.parametrize("change", ["password", "is_active"])
def test_a_new_password_or_an_account_put_out_of_use_ends_every_session_at_once(change):
    account = User.objects.create_superuser("beispiel-admin", password="ein langes Beispielwort")
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(account)
        assert client.get("/konto/").status_code == 200
    if change == "password":
        account.set_password("ein anderes langes Wort")
    account.is_active = change != "is_active"
    account.save()
    assert [client.get("/konto/").status_code for client in clients] == [302, 302]
