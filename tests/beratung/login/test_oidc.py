"""Does the login by an identity provider let in whom it vouches for, and nobody else? Against a real one on this machine."""

import re
import urllib.parse

import pytest
import requests
from django.core.exceptions import SuspiciousOperation
from django.urls import reverse
from oidc_provider_mock import User, run_server_in_thread

from beratung.login.oidc import DistrictAccounts
from tests.beratung.login.test_second_factor import CODE_PAGE, make_account

pytestmark = pytest.mark.django_db
MAIL = "beispiel@example.org"


@pytest.fixture(scope="module")
def server():
    people = [
        User(sub="beispiel", claims={"email": MAIL, "email_verified": True}),
        User(sub="unbestätigt", claims={"email": MAIL, "email_verified": False}),
        User(sub="fremd", claims={"email": "fremd@example.org", "email_verified": True}),
    ]
    with run_server_in_thread(user_claims=people) as server:
        address = f"http://localhost:{server.server_port}/.well-known/openid-configuration"
        yield requests.get(address, timeout=10).json()


@pytest.fixture
def provider(settings, server):
    settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = "beratung", "geheim"
    settings.OIDC_ISSUER = server["issuer"]
    settings.OIDC_VERIFY_KID = False  # its only key has no name
    settings.OIDC_OP_AUTHORIZATION_ENDPOINT = server["authorization_endpoint"]
    settings.OIDC_OP_TOKEN_ENDPOINT = server["token_endpoint"]
    settings.OIDC_OP_USER_ENDPOINT = server["userinfo_endpoint"]
    settings.OIDC_OP_JWKS_ENDPOINT = server["jwks_uri"]


def way_back(client, person="beispiel", wanted="/admin/"):
    """Go to the provider as this person and return the address it sends the browser back to."""
    start = client.get(reverse("oidc_authentication_init"), {"next": wanted})
    answer = requests.post(start.url, data={"sub": person}, allow_redirects=False, timeout=10)
    return answer.headers["Location"]


def token_for(client, application, settings) -> tuple[str, str]:
    """Return a token the provider really signed for this application, and the nonce it was asked for with."""
    settings.OIDC_RP_CLIENT_ID = application
    back = urllib.parse.parse_qs(urllib.parse.urlsplit(way_back(client)).query)
    begun = client.session["oidc_states"][back["state"][0]]
    given = {
        "grant_type": "authorization_code",
        "code": back["code"][0],
        "client_id": application,
        "client_secret": "geheim",
        "redirect_uri": "http://testserver/anmelden/kreis/zurueck/",
        "code_verifier": begun["code_verifier"],
    }
    answer = requests.post(settings.OIDC_OP_TOKEN_ENDPOINT, data=given, timeout=10)
    return answer.json()["id_token"], begun["nonce"]


def test_a_token_for_another_application_is_refused(client, provider, settings):
    token, nonce = token_for(client, "andere", settings)
    assert DistrictAccounts().verify_token(token, nonce=nonce)["aud"] in ("andere", ["andere"])
    settings.OIDC_RP_CLIENT_ID = "beratung"
    with pytest.raises(SuspiciousOperation, match="another application"):
        DistrictAccounts().verify_token(token, nonce=nonce)


def come_back(client, address):
    return client.get(urllib.parse.urlsplit(address).path + "?" + urllib.parse.urlsplit(address).query)


def test_whom_the_provider_vouches_for_is_logged_in_and_goes_on(client, provider):
    account = make_account(email=MAIL.upper())
    answer = come_back(client, way_back(client, wanted="/admin/appointments/slot/"))
    assert answer.url == "/admin/appointments/slot/"
    assert client.session["_auth_user_id"] == str(account.pk)


@pytest.mark.parametrize("person", ["unbestätigt", "fremd", "unbekannt"])
def test_nobody_else_is_logged_in_and_no_account_is_made(client, provider, person, django_user_model):
    make_account(email=MAIL)
    answer = come_back(client, way_back(client, person))
    assert answer.url == "/anmelden/?fehlgeschlagen"
    assert "_auth_user_id" not in client.session
    assert django_user_model.objects.count() == 1


def test_an_account_that_is_switched_off_stays_out(client, provider):
    make_account(email=MAIL, is_active=False)
    assert come_back(client, way_back(client)).url == "/anmelden/?fehlgeschlagen"


def test_two_accounts_with_one_address_stay_out(client, provider):
    make_account(email=MAIL)
    make_account("doppelt", email=MAIL)
    assert come_back(client, way_back(client)).url == "/anmelden/?fehlgeschlagen"


def test_a_way_back_works_once_and_only_for_the_browser_that_began(client, provider):
    make_account(email=MAIL)
    address = way_back(client)
    assert come_back(type(client)(), address).url == "/anmelden/?fehlgeschlagen"
    come_back(client, address)
    client.post("/abmelden/")
    assert come_back(client, address).url == "/anmelden/?fehlgeschlagen"


def test_a_token_of_another_provider_is_refused(client, provider, settings):
    make_account(email=MAIL)
    settings.OIDC_ISSUER = "https://example.org"
    assert come_back(client, way_back(client)).url == "/anmelden/?fehlgeschlagen"


def test_a_provider_that_is_gone_ends_in_a_sentence(client, provider, settings):
    make_account(email=MAIL)
    address = way_back(client)
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://localhost:9/token"
    answer = come_back(client, address)
    page = client.get(answer.url).content.decode()
    assert "Anmeldung mit dem Konto des Landkreises ist nicht gelungen" in page


def test_staff_still_owe_our_second_factor_unless_the_provider_asks_for_one(client, provider, settings):
    make_account(email=MAIL)
    settings.SECOND_FACTOR = True
    come_back(client, way_back(client))
    assert client.get("/admin/").url.startswith(CODE_PAGE)
    client.post("/abmelden/")
    settings.OIDC_HAS_SECOND_FACTOR = True
    come_back(client, way_back(client))
    assert client.get("/admin/").status_code == 200


def test_the_login_page_offers_the_provider_only_where_one_is_set(client, provider, settings):
    assert re.search(r'href="/anmelden/kreis/\?next=/admin/"', client.get("/anmelden/?next=/admin/").content.decode())
    settings.OIDC_RP_CLIENT_ID = ""
    assert "/anmelden/kreis/" not in client.get("/anmelden/").content.decode()
    assert client.get("/anmelden/kreis/").status_code == 404
    assert client.get("/anmelden/kreis/zurueck/?code=1&state=1").status_code == 404
